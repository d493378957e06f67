"""What is filled in: the `state.values` of views and messages.

Slack keeps what was typed where a view's new blocks have the same `block_id` and `action_id`.
"""

from __future__ import annotations

from typing import Any

from bot.workspace.nouns import Json, View
from bot.workspace.world import World

Values = dict[str, dict[str, Json]]

SINGLE = {
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "plain_text_input": "value",
    "number_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "rich_text_input": "rich_text_value",
}
"""Element type -> key of its value."""

MANY = {
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "file_input": "files",
}
"""Element type -> key of its list of values."""

INITIAL = {
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_user": "initial_user",
    "selected_users": "initial_users",
    "selected_conversation": "initial_conversation",
    "selected_conversations": "initial_conversations",
    "selected_channel": "initial_channel",
    "selected_channels": "initial_channels",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_date_time": "initial_date_time",
    "value": "initial_value",
    "rich_text_value": "initial_value",
}


def value_key(kind: str) -> str | None:
    """The key that holds the value of an element of type `kind`; None if it holds none."""
    return SINGLE.get(kind) or MANY.get(kind)


def stateful(blocks: list[Json]) -> list[tuple[str, Json]]:
    """Every element that holds a value, with its block id."""
    found: list[tuple[str, Json]] = []
    for block in blocks:
        elements = [block.get("element"), block.get("accessory")]
        if block.get("type") == "actions":
            elements += block.get("elements", [])
        if block.get("type") == "container":
            found += stateful(block.get("child_blocks", []))
        for element in elements:
            if isinstance(element, dict) and value_key(element.get("type", "")):
                found.append((block["block_id"], element))
    return found


def state_of(element: Json, value: Any) -> Json:
    """The state of one element holding `value`."""
    kind = element["type"]
    key = value_key(kind)
    assert key is not None
    return {"type": kind, key: value}


def initial_values(blocks: list[Json]) -> Values:
    """The state before anybody touched it."""
    values: Values = {}
    for block_id, element in stateful(blocks):
        key = value_key(element["type"])
        assert key is not None
        value = element.get(INITIAL.get(key, ""), [] if element["type"] in MANY else None)
        values.setdefault(block_id, {})[element["action_id"]] = state_of(element, value)
    return values


def current_conversations(
    world: World, blocks: list[Json], values: Values, looking: str | None, user: str
) -> None:
    """Fill in the channel they were looking at, where a picker wants that and offers it."""
    for block_id, element in stateful(blocks):
        kind = element["type"].removeprefix("multi_")
        state = values[block_id][element["action_id"]]
        key = value_key(element["type"])
        wants = kind == "conversations_select" and element.get("default_to_current_conversation")
        if not wants or looking is None or key is None or state[key]:
            continue
        if offers(world, element, looking, user):
            state[key] = [looking] if element["type"] in MANY else looking


def offers(world: World, element: Json, channel_id: str, user: str) -> bool:
    """Whether a picker of conversations offers this one to this person."""
    channel = world.channels[channel_id]
    if channel.is_private and user not in channel.members:
        return False
    if element["type"].endswith("channels_select"):
        return not channel.is_private and not channel.is_im and not channel.is_archived
    wanted = element.get("filter") or {}
    kind = "im" if channel.is_im else "private" if channel.is_private else "public"
    if kind not in wanted.get("include", (kind,)) or channel.is_archived:
        return False
    if channel.is_ext_shared and wanted.get("exclude_external_shared_channels"):
        return False
    return not (channel.is_im and wanted.get("exclude_bot_users"))  # all of them are with the bot


def kept_values(values: Values, before: View, blocks: list[Json]) -> None:
    """Carry over what was typed where block id, action id and type stayed the same."""
    for block_id, element in stateful(blocks):
        action_id = element["action_id"]
        old = before.values.get(block_id, {}).get(action_id)
        if old is not None and old["type"] == element["type"]:
            values[block_id][action_id] = old
