"""Small forms: until when, and why; for a finding that somebody knows of, or a digest muted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.render.blocks import Block, clip_mrkdwn, mrkdwn, plain, said
from bot.render.findings import what

if TYPE_CHECKING:
    from bot.domain.answers.findings import Finding

CALLBACK = "netmap.hush"
ACTION = "netmap.hush."
WHEN, DAY, CLOCK, REASON = "when", "day", "clock", "reason"

_SPANS = {
    "1d": "1 day",
    "tomorrow": "Until tomorrow 08:00",
    "monday": "Until Monday 08:00",
    "7d": "1 week",
    "30d": "30 days",
}
_INSTEAD = (
    "Counts instead of the choice above; at most 30 days from now. It ends as the day begins."
)
_WORSE = {"worse": "Until it gets worse"}
TITLES = {"ack": "Acknowledge", "snooze": "Snooze", "digest mute": "Mute"}


def hush_form(command: str, about: str, metadata: str, finding: Finding | None) -> Block:
    """The form.

    Args:
        command: `ack`, `snooze` or `digest mute`.
        about: `F7` or `D3`.
        metadata: what the submission has to bring back.
        finding: what it is about, for a finding.
    """
    spans = (_WORSE if command == "ack" else {}) | _SPANS
    options = [{"text": plain(text, 75), "value": value} for value, text in spans.items()]
    blocks: list[Block] = []
    if finding is not None:
        blocks.append({"type": "section", "text": said(clip_mrkdwn(mrkdwn(what(finding)), 2_900))})
    blocks.append(
        _input(
            WHEN,
            "Until when",
            {
                "type": "static_select",
                "action_id": ACTION + WHEN,
                "options": options,
                "initial_option": options[0],
            },
        )
    )
    day = _input(
        DAY,
        "Or until a day",
        {
            "type": "datepicker",
            "action_id": ACTION + DAY,
            "placeholder": plain("Choose a day", 150),
        },
        optional=True,
    )
    blocks.append({**day, "hint": plain(_INSTEAD, 2_000)})
    clock: Block = {
        "type": "timepicker",
        "action_id": ACTION + CLOCK,
        "placeholder": plain("Choose a time", 150),
    }
    hint = "By your clock. Without a day: when it is that time next."
    blocks.append({**_input(CLOCK, "At", clock, optional=True), "hint": plain(hint, 2_000)})
    if finding is not None:
        reason: Block = {
            "type": "plain_text_input",
            "action_id": ACTION + REASON,
            "max_length": 500,
            "placeholder": plain("For the history, such as a ticket", 150),
        }
        blocks.append(_input(REASON, "Reason", reason, optional=True))
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain(f"{TITLES[command]} {about}", 24),
        "submit": plain(TITLES[command], 24),
        "close": plain("Cancel", 24),
        "private_metadata": metadata,
        "blocks": blocks,
    }


def _input(name: str, label: str, element: Block, optional: bool = False) -> Block:
    made = {"type": "input", "block_id": name, "label": plain(label, 2_000), "element": element}
    return {**made, "optional": True} if optional else made
