"""Bring digests to Slack: one call each, nothing waited for, every refusal handed back by name.

Rate limits are not slept through here: whoever sends writes down when to try again, and a stop
meanwhile loses nothing.
"""

import http.client
import logging
import re
import urllib.error
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.domain.delivery import Undelivered
from bot.slack.buttons import with_buttons
from bot.slack.messages import ALONE, BESIDE_BLOCKS, cut, escape
from bot.slack.people import reason

if TYPE_CHECKING:
    from bot.domain.posts import Letter

log = logging.getLogger(__name__)

T = TypeVar("T")

EVENT = "netmap_digest"
_SKEW = timedelta(minutes=5)
"""So far from when it was sent a message is looked for; clocks differ."""
_PAGE, _PAGES = 200, 10
_ID = re.compile(r"[UWS][A-Z0-9]{2,20}")
_REFUSED_BEFORE = (ConnectionRefusedError,)


class SlackPoster:
    """Posts with the bot's token.

    Args:
        client: a plain client: it retries nothing but a broken connection, and never sleeps long.
    """

    def __init__(self, client: WebClient) -> None:
        client.retry_handlers.clear()  # a message sent twice is worse than one sent later
        self._client = client

    def post(
        self,
        channel: str,
        letter: "Letter",
        mark: str,
        thread: str = "",
        broadcast: bool = False,
    ) -> str:
        """Say something new; its `ts`."""
        answer = _call(
            lambda: self._client.chat_postMessage(
                channel=channel,
                **body(letter),
                thread_ts=thread or None,
                reply_broadcast=True if broadcast else None,
                metadata=_metadata(mark),
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        return str(answer.get("ts", ""))

    def edit(self, channel: str, message: str, letter: "Letter", mark: str) -> None:
        """Replace what a message says."""
        _call(
            lambda: self._client.chat_update(
                channel=channel,
                ts=message,
                **body(letter),
                metadata=_metadata(mark),
            )
        )

    def upload(self, channel: str, letter: "Letter", thread: str) -> None:
        """Put a file into a thread."""
        _call(
            lambda: self._client.files_upload_v2(
                channel=channel,
                content=letter.content,
                filename=letter.name,
                title=letter.name,
                alt_txt=letter.alt or None,
                initial_comment=cut(escape(letter.text), BESIDE_BLOCKS) or None,
                thread_ts=thread or None,
            )
        )

    def direct(self, person: str) -> str:
        """The direct message with this person."""
        answer = _call(lambda: self._client.conversations_open(users=person))
        return str((answer.get("channel") or {}).get("id", ""))

    def find(self, channel: str, mark: str, around: datetime, thread: str = "") -> str | None:
        """The `ts` of the message with this mark, sent about then.

        Raises:
            Undelivered: the app may not read there, or there is too much to read.
        """
        when: dict[str, Any] = {
            "oldest": str((around - _SKEW).timestamp()),
            "latest": str((around + _SKEW).timestamp()),
            "include_all_metadata": True,
            "limit": _PAGE,
        }
        cursor = ""
        for _ in range(_PAGES):
            answer = _call(partial(self._page, channel, thread, cursor, when))
            for message in answer.get("messages") or []:
                if (message.get("metadata") or {}).get("event_payload", {}).get("id") == mark:
                    return str(message["ts"])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None
        raise Undelivered("too_many_messages")

    def _page(self, channel: str, thread: str, cursor: str, when: dict[str, Any]) -> SlackResponse:
        if thread:
            return self._client.conversations_replies(
                channel=channel, ts=thread, cursor=cursor or None, **when
            )
        return self._client.conversations_history(channel=channel, cursor=cursor or None, **when)


def body(letter: "Letter") -> dict[str, Any]:
    """What it says, with its buttons."""
    blocks = with_buttons(letter.blocks, letter.steps, letter.menus)
    text = cut(escape(letter.text), BESIDE_BLOCKS if blocks else ALONE)
    if _ID.fullmatch(letter.calls):  # whoever is known in Slack
        kind = "!subteam^" if letter.calls.startswith("S") else "@"
        text = f"<{kind}{letter.calls}> {text}"
    return {"text": text, "blocks": blocks or None}


def _metadata(mark: str) -> dict[str, Any]:
    """Every app and member can read it, so it holds nothing but an opaque id."""
    return {"event_type": EVENT, "event_payload": {"id": mark}}


def _call(call: Callable[[], T]) -> T:
    """Make one call.

    Raises:
        Undelivered: Slack refused it, or could not be reached.
    """
    try:
        return call()
    except SlackApiError as error:
        code = reason(error)
        if error.response.status_code == 429:
            wait = {k.lower(): v for k, v in error.response.headers.items()}.get("retry-after")
            raise Undelivered(code, wait_s=_seconds(wait)) from error
        raise Undelivered(code, unsure=error.response.status_code >= 500) from error
    except (SlackClientError, OSError, http.client.HTTPException) as error:
        cause = error.reason if isinstance(error, urllib.error.URLError) else error
        never = isinstance(cause, _REFUSED_BEFORE)
        raise Undelivered(type(cause).__name__, unsure=not never) from error


def _seconds(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return 30.0
