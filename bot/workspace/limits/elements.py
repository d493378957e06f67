"""Block elements: buttons, selects, inputs, images."""

from __future__ import annotations

from bot.workspace.limits.objects import (
    ACTION_ID,
    CONFIRM,
    DISPATCH,
    FILTER,
    GROUP,
    SLACK_FILE,
    option,
    plain,
    unique_values,
)
from bot.workspace.limits.rules import (
    Faults,
    Rule,
    anything,
    boolean,
    choice,
    fault,
    items,
    matching,
    number,
    one_of,
    picture,
    record,
    string,
    url,
)
from bot.workspace.nouns import Json

DATE = matching(r"\d{4}-\d{2}-\d{2}", "a date as YYYY-MM-DD")
TIME = matching(r"([01]\d|2[0-3]):[0-5]\d", "a time as HH:mm")
NUMBER = matching(r"-?\d+(\.\d+)?", "a number as text")
ID = string(255)


def element(kind: str, required: dict[str, Rule], optional: dict[str, Rule], *more: Rule) -> Rule:
    """A rule for one element type; every one may have an action id."""
    return record({"type": choice(kind), **required}, {"action_id": ACTION_ID, **optional}, *more)


def chooser(kind: str, optional: dict[str, Rule], *more: Rule, many: bool = False) -> Rule:
    """A select menu."""
    common: dict[str, Rule] = {
        "placeholder": plain(150),
        "confirm": CONFIRM,
        "focus_on_load": boolean,
    }
    if many:
        common["max_selected_items"] = number(1)
    return element(kind, {}, {**common, **optional}, *more)


def ordered_lengths(value: Json, at: str, faults: Faults) -> None:
    """min_length must not exceed max_length, nor the initial value break them."""
    least, most = value.get("min_length"), value.get("max_length")
    initial = value.get("initial_value")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        fault(faults, at, "min_length must be less than or equal to max_length")
    if isinstance(initial, str) and isinstance(most, int) and len(initial) > most:
        fault(faults, f"{at}/initial_value", f"must be less than {most + 1} characters")


IMAGE = record(
    {"type": choice("image"), "alt_text": string(2000)},
    {"image_url": picture, "slack_file": SLACK_FILE},
    one_of("image_url", "slack_file"),
)

CHOICES: dict[str, Rule] = {
    "options": items(option(), 100),
    "option_groups": items(GROUP, 100),
}
FIELD: dict[str, Rule] = {"placeholder": plain(150), "focus_on_load": boolean}
ENTRY: dict[str, Rule] = {**FIELD, "dispatch_action_config": DISPATCH}
STYLE = choice("primary", "danger")

ELEMENTS: dict[str, Rule] = {
    "image": IMAGE,
    "button": element(
        "button",
        {"text": plain(75)},
        {
            "value": string(2000, 0),
            "url": url,
            "style": STYLE,
            "confirm": CONFIRM,
            "accessibility_label": string(75),
        },
    ),
    "workflow_button": element(
        "workflow_button",
        {"text": plain(75), "workflow": anything},
        {"style": STYLE, "accessibility_label": string(75)},
    ),
    "icon_button": element(
        "icon_button",
        {"icon": choice("trash"), "text": plain(75)},
        {
            "value": string(2000, 0),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
            "visible_to_user_ids": items(ID, 100),
        },
    ),
    "feedback_buttons": element(
        "feedback_buttons",
        {
            "positive_button": record({"text": plain(75), "value": string(2000)}, {}),
            "negative_button": record({"text": plain(75), "value": string(2000)}, {}),
        },
        {},
    ),
    "overflow": element(
        "overflow",
        {"options": items(option(with_url=True), 5)},
        {"confirm": CONFIRM},
        unique_values,
    ),
    "static_select": chooser(
        "static_select",
        {**CHOICES, "initial_option": option()},
        one_of("options", "option_groups"),
        unique_values,
    ),
    "multi_static_select": chooser(
        "multi_static_select",
        {**CHOICES, "initial_options": items(option(), 100)},
        one_of("options", "option_groups"),
        unique_values,
        many=True,
    ),
    "external_select": chooser(
        "external_select", {"min_query_length": number(0), "initial_option": option()}
    ),
    "multi_external_select": chooser(
        "multi_external_select",
        {"min_query_length": number(0), "initial_options": items(option(), 100)},
        many=True,
    ),
    "users_select": chooser("users_select", {"initial_user": ID}),
    "multi_users_select": chooser(
        "multi_users_select", {"initial_users": items(ID, 100)}, many=True
    ),
    "conversations_select": chooser(
        "conversations_select",
        {
            "initial_conversation": ID,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": FILTER,
        },
    ),
    "multi_conversations_select": chooser(
        "multi_conversations_select",
        {
            "initial_conversations": items(ID, 100),
            "default_to_current_conversation": boolean,
            "filter": FILTER,
        },
        many=True,
    ),
    "channels_select": chooser(
        "channels_select", {"initial_channel": ID, "response_url_enabled": boolean}
    ),
    "multi_channels_select": chooser(
        "multi_channels_select", {"initial_channels": items(ID, 100)}, many=True
    ),
    "datepicker": element("datepicker", {}, {**FIELD, "initial_date": DATE, "confirm": CONFIRM}),
    "timepicker": element(
        "timepicker",
        {},
        {**FIELD, "initial_time": TIME, "confirm": CONFIRM, "timezone": string(100)},
    ),
    "datetimepicker": element(
        "datetimepicker",
        {},
        {"initial_date_time": number(0), "confirm": CONFIRM, "focus_on_load": boolean},
    ),
    "checkboxes": element(
        "checkboxes",
        {"options": items(option(rich=True), 10)},
        {
            "initial_options": items(option(rich=True), 10),
            "confirm": CONFIRM,
            "focus_on_load": boolean,
        },
        unique_values,
    ),
    "radio_buttons": element(
        "radio_buttons",
        {"options": items(option(rich=True), 10)},
        {"initial_option": option(rich=True), "confirm": CONFIRM, "focus_on_load": boolean},
        unique_values,
    ),
    "plain_text_input": element(
        "plain_text_input",
        {},
        {
            **ENTRY,
            "initial_value": string(3000, 0),
            "multiline": boolean,
            "min_length": number(0, 3000),
            "max_length": number(1, 3000),
        },
        ordered_lengths,
    ),
    "number_input": element(
        "number_input",
        {"is_decimal_allowed": boolean},
        {**ENTRY, "initial_value": NUMBER, "min_value": NUMBER, "max_value": NUMBER},
    ),
    "email_text_input": element(
        "email_text_input", {}, {**ENTRY, "initial_value": string(3000, 0)}
    ),
    "url_text_input": element("url_text_input", {}, {**ENTRY, "initial_value": string(3000, 0)}),
    "rich_text_input": element("rich_text_input", {}, {**ENTRY, "initial_value": anything}),
    "file_input": element(
        "file_input", {}, {"filetypes": items(string(20), 100), "max_files": number(1, 10)}
    ),
}
"""Element type -> rule."""

SELECTS = frozenset(
    f"{many}{kind}_select"
    for many in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
)
PICKERS = frozenset({"datepicker", "timepicker", "checkboxes", "radio_buttons"})
IN_ACTIONS = SELECTS | PICKERS | {"button", "overflow", "datetimepicker", "workflow_button"}
IN_SECTION = SELECTS | PICKERS | {"button", "overflow", "image", "workflow_button"}
IN_INPUT = (
    SELECTS
    | PICKERS
    | {
        "datetimepicker",
        "plain_text_input",
        "number_input",
        "email_text_input",
        "url_text_input",
        "rich_text_input",
        "file_input",
    }
)
MODAL_INPUTS = frozenset({"file_input"})
"""Inputs that only modals take."""
