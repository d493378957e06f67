"""Buttons: what a step becomes in a message, and what a press says.

A value starts with the version of its form, so that a button in an old message, which outlives the
program that made it, is known for what it is.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from bot.domain.replies import Reply, Step, StepKind, Visibility
from bot.render.blocks import BUTTONS, Block, actions, plain
from bot.slack.payloads import Body

PREFIX = "netmap."
VERSION = "1"
VALUE = 2_000
OPTION_VALUE = 150
LABEL = 75
CHOICES = 5
"""Of a menu beside a paragraph."""
MOST_BLOCKS = 50


def is_ours(action_id: str) -> bool:
    """Whether a press is of one of our buttons, of whatever version."""
    return action_id.startswith(PREFIX)


def buttons(steps: Sequence[Step], line: str) -> Block | None:
    """A row of buttons; one whose value Slack would not take is left out.

    Args:
        steps: what they do.
        line: what the message answers, which some of them say again.
    """
    made: list[Block] = []
    for step in steps:
        value = written(step, line)
        if len(value) <= VALUE:
            made.append(_button(step, value, len(made)))
    return actions(made[:BUTTONS]) if made else None


def _button(step: Step, value: str, number: int) -> Block:
    made: dict[str, Any] = {
        "type": "button",
        "action_id": f"{PREFIX}{step.kind}.{number}",
        "text": plain(step.label, LABEL),
        "value": value,
    }
    if step.main:
        made["style"] = "primary"
    if step.confirm:
        made["confirm"] = {
            "title": plain(step.label.rstrip("…"), 100),
            "text": plain(step.confirm, 300),
            "confirm": plain(step.label.rstrip("…"), 30),
            "deny": plain("Cancel", 30),
        }
    return made


def _menu(steps: Sequence[Step], line: str, number: int) -> Block | None:
    """A menu beside a paragraph: shorter values than in buttons, and no step that asks first."""
    options = [
        {"text": plain(step.label, LABEL), "value": value}
        for step in steps
        if not step.confirm and len(value := written(step, line)) <= OPTION_VALUE
    ]
    if not options:
        return None
    return {
        "type": "overflow",
        "action_id": f"{PREFIX}menu.{number}",
        "options": options[:CHOICES],
    }


def written(step: Step, line: str) -> str:
    """The value of a button: a version and what is needed to do the step."""
    again = step.kind in (StepKind.PAGE, StepKind.SHEET, StepKind.SHARE)
    said: dict[str, Any] = {"k": str(step.kind), "l": (step.line or line) if again else step.line}
    if step.skip:
        said["s"] = step.skip
    if step.values:
        said["v"] = dict(step.values)
    return VERSION + to_json(said).decode()


def read(value: object) -> Step | None:
    """The step of a button's value; None for one of another version, or none of ours."""
    if not isinstance(value, str) or not value.startswith(f"{VERSION}{{"):
        return None
    try:
        said = json.loads(value[len(VERSION) :])
        kind, line = StepKind(said["k"]), said["l"]
        skip, values = said.get("s", 0), said.get("v", {})
        words = [line, *values.keys(), *values.values()]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if not isinstance(skip, int) or not all(isinstance(word, str) for word in words):
        return None
    return Step(kind, "", line, skip=skip, values=values)


def action_of(body: Body) -> dict[str, Any]:
    """The press itself."""
    found: dict[str, Any] = (body.get("actions") or [{}])[0]
    return found


def value_of(action: Mapping[str, Any]) -> object:
    """The value of what was pressed: a button, or an entry of a menu."""
    return (action.get("selected_option") or action).get("value")


def with_buttons(
    blocks: Sequence[Block],
    steps: Sequence[Step],
    menus: Mapping[int, Sequence[Step]],
    line: str = "",
) -> list[Block]:
    """Blocks with menus beside them, and with buttons above the small print."""
    blocks = list(blocks)
    for number, choices in menus.items():
        menu = _menu(choices, line, number)
        if menu is not None:
            blocks[number] = {**blocks[number], "accessory": menu}
    row = buttons(steps, line)
    if row is None or not blocks or len(blocks) >= MOST_BLOCKS:
        return blocks
    last = blocks[-1].get("type") == "context" and len(blocks) > 1
    return [*blocks[:-1], row, blocks[-1]] if last else [*blocks, row]


def can_be_shared(reply: Reply) -> bool:
    """Whether a reply is a private answer; whether its line only reads is asked elsewhere."""
    private = reply.visibility is Visibility.EPHEMERAL
    return private and reply.ok and reply.error is None and bool(reply.command)
