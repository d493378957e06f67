"""Files that somebody hands to the bot in a direct message: inventories, tables, old vaults.

Mappings are shown first, with a button that has them done as shown; with the word `apply` beside
the file they are asked for at once, as a typed change is. The word `change` leads networks
elsewhere that are mapped. Bytes are fetched with the bot's token, so only from where Slack keeps
files.
"""

import logging
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from bot.domain.codes import Role
from bot.domain.replies import Reply
from bot.settings import Settings
from bot.slack.after import After
from bot.slack.desk import Desk
from bot.slack.payloads import Address, Body
from bot.slack.people import reason
from bot.slack.replies import Replies

log = logging.getLogger(__name__)

MOST = 256_000_000
"""Bytes of a file that is taken."""
TIMEOUT_S = 60
TOO_LARGE = "These files are too large for Slack together: import them where netmap runs."
ONE_TOO_LARGE = "{} is too large for Slack: import it where netmap runs."
NOT_SLACKS = "{} is not kept by Slack: import it where netmap runs."
NOT_FETCHED = "{} could not be fetched from Slack."
TAKE = "apply"
CHANGE = "change"


class Handed:
    """Takes files in; those of one message together, as several can make one inventory."""

    def __init__(
        self,
        desk: Desk,
        replies: Replies,
        later: Callable[[Address, Callable[[], None]], object],
        after: After,
    ) -> None:
        self._desk = desk
        self._replies = replies
        self._later = later
        self._after = after

    def given(self, body: Body, to: Address) -> bool:
        """Take the files of a direct message in; False where there are none."""
        event = body.get("event", {})
        files = event.get("files") or []
        if event.get("subtype") != "file_share" or event.get("channel_type") != "im" or not files:
            return False
        words = str(event.get("text", "")).casefold().split()
        self._later(to, partial(self._take, files, to, words))
        return True

    def _take(self, files: list[dict[str, Any]], to: Address, words: list[str]) -> None:
        said = self._not_theirs(to) or next(filter(None, map(self._refusal, files)), "")
        if not said and sum(int(file.get("size") or 0) for file in files) > MOST:
            said = TOO_LARGE
        given: list[tuple[str, bytes]] = []
        for file in files if not said else ():
            try:
                data = _fetch(str(file["url_private_download"]), self._desk.settings)
            except OSError as error:
                log.warning("a file could not be fetched: %s", reason(error))
                said = NOT_FETCHED.format(_name(file))
                break
            given.append((_name(file), data))
        if said:
            self._replies.say(to, Reply(ok=False, text=said))
            return
        progress = self._after.progress(to)
        reply = self._desk.take(given, to, TAKE in words, CHANGE in words, progress)
        progress.finish(reply, lambda: self._replies.say(to, reply))
        self._after(to, reply)

    def _not_theirs(self, to: Address) -> str:
        if not self._desk.access.role_of(to.user).allows(Role.EDITOR):
            remedy = self._desk.settings.remedy(to.user, Role.EDITOR)
            return f"Only an editor may hand in files. {remedy}"
        return ""

    def _refusal(self, file: dict[str, Any]) -> str:
        name = _name(file)
        if int(file.get("size") or 0) > MOST:
            return ONE_TOO_LARGE.format(name)
        url = urlsplit(str(file.get("url_private_download") or ""))
        here = urlsplit(self._desk.settings.api_url).netloc
        if url.netloc != here and not (
            url.scheme == "https" and (url.hostname or "").endswith(".slack.com")
        ):
            return NOT_SLACKS.format(name)
        return ""


def _name(file: dict[str, Any]) -> str:
    return str(file.get("name") or "file")


def _fetch(url: str, settings: Settings) -> bytes:
    """The bytes of a file that Slack keeps."""
    request = urllib.request.Request(
        url, headers={"Authorization": f"Bearer {settings.secret('bot_token')}"}
    )
    handlers: list[urllib.request.BaseHandler] = []
    if settings.proxy:
        handlers.append(urllib.request.ProxyHandler({"https": settings.proxy}))
    elif urlsplit(url).scheme == "http":
        handlers.append(urllib.request.ProxyHandler({}))
    with urllib.request.build_opener(*handlers).open(request, timeout=TIMEOUT_S) as answer:
        data: bytes = answer.read(MOST + 1)
    if len(data) > MOST:
        raise OSError("larger than it said")
    return data
