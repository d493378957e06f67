"""The form of a digest as a modal; every text of it is plain, where nothing is escaped."""

import re
from collections.abc import Sequence

from bot.domain.codes import Severity
from bot.domain.subscribing import DigestDraft
from bot.render.blocks import Block, plain
from bot.render.words import DAYS

CALLBACK = "netmap.digest"
ACTION = "netmap.digest."
LEAST = {
    Severity.LOW: "Everything",
    Severity.MEDIUM: "Medium and high",
    Severity.HIGH: "High only",
}
NEVER = "never"
SLACK_USER = re.compile(r"[UW][A-Z0-9]{2,20}")
SLACK_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")


def title(id: str) -> str:
    """What stands above the form."""
    return f"Digest {id}" if id else "New drift digest"


def digest_form(draft: DigestDraft, metadata: str) -> Block:
    """The form, filled in with what is known."""
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain(title(draft.id), 24),
        "submit": plain("Save" if draft.id else "Turn on", 24),
        "close": plain("Cancel", 24),
        "private_metadata": metadata,
        "blocks": [
            _input("channel", "Channel", _channel(draft)),
            _input(
                "schedule",
                "When",
                _text("schedule", draft.schedule, "weekdays 08:30", 200),
                hint="daily 08:30 · weekdays 8:30,16:00 · mon,thu 9:00 · every 4h",
            ),
            _input("zone", "Time zone", _zone(draft)),
            _input(
                "quiet",
                "Quiet hours",
                _text("quiet", draft.quiet, "22:00-07:00", 40),
                hint="What is high is told all the same.",
                optional=True,
            ),
            _input("least", "Tell of", _select("least", LEAST, draft.least)),
            _input("heartbeat", "When all is well, one line on", _heartbeat(draft)),
            _input("owner", "Owner", _owner(draft), hint=_OWNER, optional=True),
            _input(
                "holidays",
                "Holidays",
                _text("holidays", draft.holidays, "2026-12-25, 2027-01-01", 1_000),
                hint="Days without a digest.",
                optional=True,
            ),
            _input("picture", "Picture", _picture(draft), optional=True),
        ],
    }


_OWNER = "Called when something high appears, and told when the digest cannot be delivered."


def zones(names: Sequence[str]) -> Block:
    """The answer of the picker of zones."""
    return {"options": [_option(name, name) for name in names[:100]]}


def _input(name: str, label: str, element: Block, hint: str = "", optional: bool = False) -> Block:
    made: Block = {
        "type": "input",
        "block_id": name,
        "label": plain(label, 2_000),
        "element": {**element, "action_id": ACTION + name},
    }
    if hint:
        made["hint"] = plain(hint, 2_000)
    return {**made, "optional": True} if optional else made


def _channel(draft: DigestDraft) -> Block:
    """Slack's own picker: the channel it is opened in, where there is one."""
    element: Block = {
        "type": "conversations_select",
        "placeholder": plain("Choose a channel", 150),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if SLACK_CHANNEL.fullmatch(draft.channel):
        return {**element, "initial_conversation": draft.channel}
    return {**element, "default_to_current_conversation": True}


def _zone(draft: DigestDraft) -> Block:
    return {
        "type": "external_select",
        "placeholder": plain("Search a city", 150),
        "min_query_length": 0,
        "initial_option": _option(draft.zone, draft.zone),
    }


def _heartbeat(draft: DigestDraft) -> Block:
    days = {str(number): name for number, name in enumerate(DAYS)} | {NEVER: "No day: be silent"}
    return _select("heartbeat", days, NEVER if draft.heartbeat is None else str(draft.heartbeat))


def _owner(draft: DigestDraft) -> Block:
    element: Block = {"type": "users_select", "placeholder": plain("As it is", 150)}
    if SLACK_USER.fullmatch(draft.owner):
        element["initial_user"] = draft.owner
    return element


def _picture(draft: DigestDraft) -> Block:
    options = [_option("The map and the trend of findings, with every new message", "picture")]
    element: Block = {"type": "checkboxes", "options": options}
    return {**element, "initial_options": options} if draft.picture else element


def _select(name: str, texts: dict[Severity, str] | dict[str, str], chosen: str) -> Block:
    options = [_option(text, str(value)) for value, text in texts.items()]
    initial = next(option for option in options if option["value"] == str(chosen))
    return {"type": "static_select", "options": options, "initial_option": initial}


def _text(name: str, value: str, placeholder: str, longest: int) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "max_length": longest,
        "placeholder": plain(placeholder, 150),
    }
    return {**element, "initial_value": value} if value else element


def _option(text: str, value: str) -> Block:
    return {"text": plain(text, 75), "value": value}
