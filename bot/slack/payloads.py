"""What Slack sends: which kind it is, who it is from, and where an answer can go."""

import re
from enum import StrEnum
from typing import Any, NamedTuple

Body = dict[str, Any]
"""A payload, parsed."""


class Kind(StrEnum):
    COMMAND = "command"
    EVENT = "event"
    ACTION = "action"
    SUBMISSION = "submission"
    CLOSED = "closed"
    OPTIONS = "options"
    SHORTCUT = "shortcut"
    OTHER = "other"


_BY_TYPE = {
    "event_callback": Kind.EVENT,
    "block_actions": Kind.ACTION,
    "interactive_message": Kind.ACTION,
    "view_submission": Kind.SUBMISSION,
    "view_closed": Kind.CLOSED,
    "block_suggestion": Kind.OPTIONS,
    "dialog_suggestion": Kind.OPTIONS,
    "shortcut": Kind.SHORTCUT,
    "message_action": Kind.SHORTCUT,
}

_SPOKEN = ("app_mention", "message")
"""Events that are somebody's words."""


class Address(NamedTuple):
    """A person, and the ways to answer them; empty where there is none."""

    user: str
    channel: str = ""
    thread_ts: str = ""
    response_url: str = ""


def kind_of(body: Body) -> Kind:
    """The kind of a payload."""
    if "command" in body and "type" not in body:
        return Kind.COMMAND
    return _BY_TYPE.get(str(body.get("type", "")), Kind.OTHER)


def address_of(body: Body) -> Address | None:
    """Who to answer and where; None where nobody spoke. Takes a payload of any shape."""
    match kind_of(body):
        case Kind.COMMAND:
            return Address(
                str(body.get("user_id", "")),
                str(body.get("channel_id", "")),
                response_url=str(body.get("response_url", "")),
            )
        case Kind.EVENT:
            event = part(body, "event")
            if event.get("type") not in _SPOKEN or not event.get("user") or is_from_a_bot(body):
                return None
            thread = event.get("thread_ts", "")
            if event["type"] == "app_mention":
                thread = thread or event.get("ts", "")
            return Address(str(event["user"]), str(event.get("channel", "")), str(thread))
        case Kind.CLOSED | Kind.OTHER:
            return None
    message, container = part(body, "message"), part(body, "container")
    thread = str(container.get("thread_ts") or message.get("thread_ts") or "")
    return Address(
        str(part(body, "user").get("id", "")),
        str(part(body, "channel").get("id", "")),
        "" if thread == message.get("ts") else thread,  # it stands above its thread
        str(body.get("response_url") or ""),
    )


def part(body: Body, name: str) -> Body:
    """An object in a payload; empty where there is none, or something else stands there."""
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def is_from_a_bot(body: Body) -> bool:
    """Whether a bot said it: this one, another, or Slack itself."""
    event = part(body, "event")
    return bool(event.get("bot_id")) or event.get("user") in ("USLACKBOT", bot_user(body))


def bot_user(body: Body) -> str:
    """This bot's own user id, which every event names."""
    found = body.get("authorizations")
    for one in found if isinstance(found, list) else ():
        if isinstance(one, dict) and one.get("is_bot"):
            return str(one.get("user_id", ""))
    return ""


def spoken(body: Body) -> str:
    """The line that was said to the bot: what follows its mention, or what precedes it."""
    text = str(part(body, "event").get("text") or "")
    user = re.escape(bot_user(body)) or "[UW][A-Z0-9]+"
    mention = re.search(rf"<@{user}(?:\|[^<>]*)?>", text)
    if mention is None:
        return text.strip()
    return text[mention.end() :].strip() or text[: mention.start()].strip()
