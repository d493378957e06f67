"""Elements a person can press or fill in: find them, and turn a choice into Slack's words."""

from __future__ import annotations

import re
from typing import Any

from bot.workspace.nouns import Json
from bot.workspace.state import MANY, stateful, value_key

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
ADDRESS = re.compile(r"https?://\S+")


def interactive(blocks: list[Json]) -> list[tuple[Json, Json]]:
    """Every element that can be acted on, with its block."""
    found: list[tuple[Json, Json]] = []
    for block in blocks:
        elements: list[Any] = [block.get("accessory"), block.get("element")]
        if block.get("type") in ("actions", "context_actions"):
            elements += block.get("elements", [])
        elements += block.get("actions", []) if block.get("type") == "card" else []
        there = [one for one in elements if isinstance(one, dict) and "action_id" in one]
        found += [(block, element) for element in there]
        nested = block.get("child_blocks", []) if block.get("type") == "container" else []
        nested = block.get("elements", []) if block.get("type") == "carousel" else nested
        found += interactive(nested)
    return found


def find(blocks: list[Json], action_id: str, block_id: str | None = None) -> tuple[Json, Json]:
    """The block and element of that action id.

    Raises:
        LookupError: there is none, with those there are.
    """
    there = interactive(blocks)
    for block, element in there:
        if element["action_id"] == action_id and block_id in (None, block["block_id"]):
            return block, element
    names = ", ".join(element["action_id"] for _, element in there) or "nothing to press"
    raise LookupError(f"no element {action_id} here; there are: {names}")


def options_of(element: Json) -> list[Json]:
    """The options of a select, those of its groups included."""
    grouped = [one for group in element.get("option_groups", []) for one in group["options"]]
    return [*element.get("options", []), *grouped]


def pick(element: Json, value: Any, offered: list[Json]) -> Any:
    """A person's choice as Slack stores it: an option, a list of options, an id, a text.

    Args:
        value: the option's value (or a list of them), an id, a date, a text; None clears.
        offered: the options the app offered for an external select.

    Raises:
        LookupError: there is no such option.
    """
    kind = element["type"]
    if kind in MANY:
        return [one_of(element, item, offered) for item in value or []]
    return None if value in (None, "") else one_of(element, value, offered)


def one_of(element: Json, value: Any, offered: list[Json]) -> Any:
    """One choice of `pick`."""
    kind = element["type"]
    if kind in ("datetimepicker",):
        return int(value)
    chooses = ("static_select", "external_select", "radio_buttons", "checkboxes", "overflow")
    if kind.removeprefix("multi_") not in chooses:
        return value
    known = offered if "external" in kind else options_of(element)
    initial = element.get("initial_option"), *element.get("initial_options", [])
    wanted = value.get("value") if isinstance(value, dict) else value
    for option in [*known, *(one for one in initial if one)]:
        if option.get("value") == wanted:
            return option
    names = ", ".join(str(option.get("value")) for option in known) or "none"
    raise LookupError(f"{element['action_id']} offers no {wanted!r}; there are: {names}")


def action_of(block: Json, element: Json, chosen: Any, ts: str) -> Json:
    """The entry of `actions` in a block_actions payload."""
    action: Json = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": ts,
    }
    if element["type"] in ("button", "workflow_button"):
        action["text"] = element["text"]
        for key in ("value", "style", "url"):
            if key in element:
                action[key] = element[key]
        return action
    if element["type"] == "overflow":
        return {**action, "selected_option": chosen}
    holds = value_key(element["type"])
    if holds is None:
        return {**action, "value": element.get("value")}
    action[holds] = chosen
    for name in ("placeholder", "initial_option", "initial_options", "initial_date"):
        if name in element:
            action[name] = element[name]
    return action


def complaints(blocks: list[Json], values: dict[str, dict[str, Json]]) -> dict[str, str]:
    """What Slack's client objects to before it submits a form: block id -> sentence."""
    found: dict[str, str] = {}
    inputs = {block["block_id"]: block for block in blocks if block.get("type") == "input"}
    for block_id, element in stateful(blocks):
        block = inputs.get(block_id)
        if block is None:
            continue
        key = value_key(element["type"])
        assert key is not None
        value = values.get(block_id, {}).get(element["action_id"], {}).get(key)
        sentence = complaint(element, value, bool(block.get("optional", False)))
        if sentence is not None:
            found[block_id] = sentence
    return found


def complaint(element: Json, value: Any, optional: bool) -> str | None:
    """What is wrong with one field, None if nothing is."""
    if value in (None, "", []):
        return None if optional else "Please complete this required field."
    kind = element["type"]
    if kind == "plain_text_input":
        if len(value) < element.get("min_length", 0):
            return f"Must be at least {element['min_length']} characters"
        if len(value) > element.get("max_length", 3000):
            return f"Must be no more than {element.get('max_length', 3000)} characters"
    if kind == "number_input":
        try:
            number = float(value)
        except ValueError:
            return "Must be a number"
        if not element["is_decimal_allowed"] and not number.is_integer():
            return "Must be a whole number"
        if "min_value" in element and number < float(element["min_value"]):
            return f"Must be at least {element['min_value']}"
        if "max_value" in element and number > float(element["max_value"]):
            return f"Must be no more than {element['max_value']}"
    if kind == "email_text_input" and not EMAIL.fullmatch(value):
        return "Must be an email address"
    if kind == "url_text_input" and not ADDRESS.fullmatch(value):
        return "Must be a URL"
    limit = element.get("max_selected_items")
    if isinstance(value, list) and limit is not None and len(value) > limit:
        return f"Choose no more than {limit}"
    return None
