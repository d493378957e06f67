"""What Slack refuses is refused with Slack's string; what it takes passes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.workspace import Workspace
from tests.workspace.bench import (
    MANIFEST,
    actions,
    button,
    client_of,
    field,
    modal,
    option,
    plain,
    section,
)

Json = dict[str, Any]


@pytest.fixture(scope="module")
def shared() -> Iterator[Workspace]:
    """One workspace for the whole table, as starting one costs more than a check."""
    with Workspace(MANIFEST) as made:
        made.clock.hold()
        yield made


@pytest.fixture
def ws(shared: Workspace) -> Workspace:
    """The shared workspace, with its rate limits forgotten and nothing said or refused."""
    shared.clock.advance(120)
    shared.world.messages.clear()
    shared.world.violations.clear()
    return shared


@pytest.fixture
def client(ws: Workspace) -> WebClient:
    """A client with the bot's token."""
    return client_of(ws)


def cell(text: str = "x") -> Json:
    return {"type": "raw_text", "text": text}


def table(rows: int = 2, columns: int = 2, text: str = "x", **more: Any) -> Json:
    return {"type": "table", "rows": [[cell(text)] * columns] * rows, **more}


def data_table(*rows: list[Json], **more: Any) -> Json:
    return {"type": "data_table", "caption": "c", "rows": list(rows), **more}


def select(**more: Any) -> Json:
    return {"type": "static_select", "action_id": "s", **more}


def options(count: int) -> list[Json]:
    return [option(f"v{at}") for at in range(count)]


RICH = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "r"}]}],
}
CONFIRM = {"title": plain("T"), "text": plain("X"), "confirm": plain("Y"), "deny": plain("N")}

FAULTY_BLOCKS: dict[str, tuple[list[Any], str, str]] = {
    "51 blocks": ([{"type": "divider"}] * 51, "invalid_blocks", "no more than 50 items"),
    "long section": ([section("x" * 3001)], "invalid_blocks", "less than 3001 characters"),
    "long confirm title": (
        [
            actions(
                {
                    **button("a"),
                    "confirm": {
                        "title": plain("x" * 101),
                        "text": plain("x"),
                        "confirm": plain("x"),
                        "deny": plain("x"),
                    },
                }
            )
        ],
        "invalid_blocks",
        "less than 101 characters",
    ),
    "long option description": (
        [
            actions(
                {
                    "type": "static_select",
                    "action_id": "a",
                    "options": [{**option("x"), "description": plain("x" * 76)}],
                }
            )
        ],
        "invalid_blocks",
        "less than 76 characters",
    ),
    "101 option groups": (
        [
            actions(
                {
                    "type": "static_select",
                    "action_id": "a",
                    "option_groups": [{"label": plain("x"), "options": [option("x")]}] * 101,
                }
            )
        ],
        "invalid_blocks",
        "no more than 100 items",
    ),
    "11 cards": (
        [{"type": "carousel", "elements": [{"type": "card", "title": plain("x")}] * 11}],
        "invalid_blocks",
        "no more than 10 items",
    ),
    "empty section text": ([section("")], "invalid_blocks", "more than 0 characters"),
    "section without text": ([{"type": "section"}], "invalid_blocks", "must define either"),
    "11 fields": (
        [{"type": "section", "fields": [plain("x")] * 11}],
        "invalid_blocks",
        "no more than 10 items",
    ),
    "long field": (
        [{"type": "section", "fields": [plain("x" * 2001)]}],
        "invalid_blocks",
        "less than 2001",
    ),
    "long header": (
        [{"type": "header", "text": plain("x" * 151)}],
        "invalid_blocks",
        "less than 151",
    ),
    "mrkdwn header": (
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        "invalid_blocks",
        "unsupported type: mrkdwn",
    ),
    "header level 5": (
        [{"type": "header", "text": plain("x"), "level": 5}],
        "invalid_blocks",
        "less than or equal to 4",
    ),
    "11 context elements": (
        [{"type": "context", "elements": [plain("x")] * 11}],
        "invalid_blocks",
        "no more than 10 items",
    ),
    "26 buttons": (
        [actions(*(button(f"b{at}") for at in range(26)))],
        "invalid_blocks",
        "no more than 25 items",
    ),
    "same action id twice": (
        [actions(button("b"), button("b"))],
        "invalid_blocks",
        "`action_id` b already exists",
    ),
    "same block id twice": (
        [section("a", block_id="i"), section("b", block_id="i")],
        "invalid_blocks",
        "`block_id` i already exists",
    ),
    "long block id": ([section("a", block_id="i" * 256)], "invalid_blocks", "less than 256"),
    "long action id": ([actions(button("b" * 256))], "invalid_blocks", "less than 256"),
    "long button text": (
        [actions(button("b", text=plain("x" * 76)))],
        "invalid_blocks",
        "less than 76",
    ),
    "long button value": ([actions(button("b", value="x" * 2001))], "invalid_blocks", "2001"),
    "long button url": (
        [actions(button("b", url="https://a.example/" + "x" * 3000))],
        "invalid_blocks",
        "less than 3001",
    ),
    "unknown button style": ([actions(button("b", style="big"))], "invalid_blocks", "one of"),
    "long confirm": (
        [actions(button("b", confirm={**CONFIRM, "text": plain("x" * 301)}))],
        "invalid_blocks",
        "less than 301",
    ),
    "long confirm button": (
        [actions(button("b", confirm={**CONFIRM, "deny": plain("x" * 31)}))],
        "invalid_blocks",
        "less than 31",
    ),
    "101 options": ([actions(select(options=options(101)))], "invalid_blocks", "100 items"),
    "no options": ([actions(select(options=[]))], "invalid_blocks", "no fewer than 1"),
    "select without options": ([actions(select())], "invalid_blocks", "exactly one of"),
    "long option text": (
        [actions(select(options=[{"text": plain("x" * 76), "value": "v"}]))],
        "invalid_blocks",
        "less than 76",
    ),
    "long option value": (
        [actions(select(options=[{"text": plain("x"), "value": "v" * 151}]))],
        "invalid_blocks",
        "less than 151",
    ),
    "same option twice": (
        [actions(select(options=[option("a"), option("a")]))],
        "invalid_blocks",
        "must be unique",
    ),
    "foreign initial option": (
        [actions(select(options=options(2), initial_option=option("z")))],
        "invalid_blocks",
        "initial option",
    ),
    "long placeholder": (
        [actions(select(options=options(2), placeholder=plain("x" * 151)))],
        "invalid_blocks",
        "less than 151",
    ),
    "6 overflow options": (
        [section("x", accessory={"type": "overflow", "action_id": "o", "options": options(6)})],
        "invalid_blocks",
        "no more than 5 items",
    ),
    "text input in actions": (
        [actions({"type": "plain_text_input", "action_id": "p"})],
        "invalid_blocks",
        "unsupported type: plain_text_input",
    ),
    "unknown block": ([{"type": "marquee"}], "invalid_blocks", "unsupported type: marquee"),
    "unknown key": ([section("x", colour="red")], "invalid_blocks", "additional property: colour"),
    "alert in a message": (
        [{"type": "alert", "text": plain("x")}],
        "invalid_blocks",
        "unsupported type: alert",
    ),
    "image without alt text": (
        [{"type": "image", "image_url": "https://a.example/i.png"}],
        "invalid_blocks",
        "missing required field: alt_text",
    ),
    "image on this host": (
        [{"type": "image", "image_url": "http://127.0.0.1/i.png", "alt_text": "x"}],
        "invalid_blocks",
        "downloading image failed",
    ),
    "101 table rows": ([table(rows=101, columns=1)], "invalid_blocks", "no more than 100 items"),
    "21 table columns": ([table(columns=21)], "invalid_blocks", "no more than 20 items"),
    "empty cell": ([table(text="")], "invalid_blocks", "more than 0 characters"),
    "10,001 characters in a table": (
        [table(rows=11, columns=1, text="x" * 910)],
        "invalid_blocks",
        "less than 10001 characters in all cells",
    ),
    "two tables": ([table(), table()], "invalid_attachments", "only_one_table_allowed"),
    "ragged data table": (
        [data_table([cell(), cell()], [cell()])],
        "invalid_blocks",
        "same number of cells",
    ),
    "rich header in a data table": (
        [data_table([RICH], [cell()])],
        "invalid_blocks",
        "unsupported type: rich_text",
    ),
    "data table without rows": ([data_table([cell()])], "invalid_blocks", "no fewer than 2"),
    "page of 101": (
        [data_table([cell()], [cell()], page_size=101)],
        "invalid_blocks",
        "less than or equal to 100",
    ),
    "long markdown": (
        [{"type": "markdown", "text": "x" * 6001}, {"type": "markdown", "text": "x" * 6001}],
        "invalid_blocks",
        "12001 characters of markdown",
    ),
    "11 child blocks": (
        [{"type": "container", "title": plain("c"), "child_blocks": [{"type": "divider"}] * 11}],
        "invalid_blocks",
        "no more than 10 items",
    ),
    "long card body": (
        [{"type": "card", "title": plain("t"), "body": plain("x" * 201)}],
        "invalid_blocks",
        "less than 201",
    ),
    "too much text": ([section("x" * 2700)] * 5, "msg_blocks_too_long", ""),
    "blocks that are text": (["x"], "invalid_blocks_format", ""),
}


@pytest.mark.parametrize("name", FAULTY_BLOCKS)
def test_faulty_blocks_are_refused(name: str, ws: Workspace, client: WebClient) -> None:
    blocks, error, sentence = FAULTY_BLOCKS[name]

    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel="C0GENERAL", text="x", blocks=blocks)

    response = refused.value.response
    assert response["error"] == error
    assert sentence in " ".join(response.get("errors", []))
    assert ws.messages("general") == []
    assert [one.error for one in ws.violations] == [error]


FAULTY_VIEWS: dict[str, tuple[Json, str]] = {
    "101 blocks": (modal(*[{"type": "divider"}] * 101), "no more than 100 items"),
    "long title": (modal(title=plain("x" * 25)), "less than 25"),
    "long submit": (modal(submit=plain("x" * 25)), "less than 25"),
    "long close": (modal(close=plain("x" * 25)), "less than 25"),
    "mrkdwn title": (modal(title={"type": "mrkdwn", "text": "x"}), "unsupported type"),
    "long private metadata": (modal(private_metadata="x" * 3001), "less than 3001"),
    "long callback id": (modal(callback_id="x" * 256), "less than 256"),
    "input without submit": (
        {"type": "modal", "title": plain("F"), "blocks": [field("a")]},
        "missing required field: submit",
    ),
    "long label": (modal(field("a", label=plain("x" * 2001))), "less than 2001"),
    "long hint": (modal(field("a", hint=plain("x" * 2001))), "less than 2001"),
    "table": (modal(table()), "unsupported type: table"),
    "unknown key": (modal(colour="red"), "additional property: colour"),
    "two focused fields": (
        modal(
            *(
                field(
                    name,
                    element={"type": "plain_text_input", "action_id": name, "focus_on_load": True},
                )
                for name in ("a", "b")
            )
        ),
        "focus_on_load",
    ),
    "max_length 3001": (
        modal(
            field("a", element={"type": "plain_text_input", "action_id": "a", "max_length": 3001})
        ),
        "less than or equal to 3000",
    ),
    "bad date": (
        modal(
            field("a", element={"type": "datepicker", "action_id": "a", "initial_date": "1.2.26"})
        ),
        "YYYY-MM-DD",
    ),
}


@pytest.mark.parametrize("name", FAULTY_VIEWS)
def test_faulty_views_are_refused(name: str, client: WebClient) -> None:
    view, sentence = FAULTY_VIEWS[name]

    with pytest.raises(SlackApiError) as refused:
        client.api_call("blocks.validate", json={"view": view})

    assert refused.value.response["error"] == "invalid_arguments"
    assert sentence in " ".join(refused.value.response["response_metadata"]["messages"])


FAULTY_MESSAGES: dict[str, tuple[Json, str]] = {
    "nothing to say": ({}, "no_text"),
    "markdown and text": ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
    "long markdown text": ({"markdown_text": "x" * 12_001}, "msg_too_long"),
    "metadata without type": (
        {"text": "x", "metadata": {"event_payload": {}}},
        "invalid_metadata_format",
    ),
    "unknown thread": ({"text": "x", "thread_ts": "1.2"}, "thread_not_found"),
    "blocks no JSON": ({"text": "x", "blocks": "[{"}, "invalid_blocks_format"),
}


@pytest.mark.parametrize("name", FAULTY_MESSAGES)
def test_faulty_messages_are_refused(name: str, client: WebClient) -> None:
    args, error = FAULTY_MESSAGES[name]

    with pytest.raises(SlackApiError) as refused:
        client.api_call("chat.postMessage", json={"channel": "C0GENERAL", **args})

    assert refused.value.response["error"] == error


def test_an_edit_takes_less_text_than_a_message(ws: Workspace, client: WebClient) -> None:
    posted = client.chat_postMessage(channel="C0GENERAL", text="x" * 41_000)

    with pytest.raises(SlackApiError, match="msg_too_long"):
        client.chat_update(channel="C0GENERAL", ts=posted["ts"], text="x" * 4001)

    assert len(ws.messages("general")[0].text) == 40_000


def inputs() -> list[Json]:
    kinds: list[Json] = [
        {"type": "plain_text_input", "multiline": True, "min_length": 1, "max_length": 3000},
        {"type": "number_input", "is_decimal_allowed": False, "min_value": "1"},
        {"type": "email_text_input"},
        {"type": "url_text_input"},
        select(option_groups=[{"label": plain("G"), "options": options(100)}]),
        {"type": "external_select", "min_query_length": 0},
        {"type": "multi_users_select", "max_selected_items": 3},
        {"type": "conversations_select", "filter": {"include": ["public", "private"]}},
        {"type": "channels_select", "response_url_enabled": True},
        {"type": "datepicker", "initial_date": "2026-11-22"},
        {"type": "timepicker", "initial_time": "08:30"},
        {"type": "checkboxes", "options": options(10)},
        {"type": "radio_buttons", "options": options(10), "initial_option": option("v3")},
        {"type": "file_input", "filetypes": ["csv"], "max_files": 1},
    ]
    return [
        field(f"f{at}", f"i{at}", element={**kind, "action_id": f"f{at}"}, optional=True)
        for at, kind in enumerate(kinds)
    ]


SOUND_BLOCKS: list[list[Json]] = [
    [{"type": "divider"}] * 50,
    [section("x" * 3000, expand=True, fields=[plain("x" * 2000)] * 3)],
    [{"type": "header", "text": plain("x" * 150), "level": 2}],
    [actions(*(button(f"b{at}", style="danger", confirm=CONFIRM) for at in range(25)))],
    [actions(select(options=options(100), initial_option=option("v7")))],
    [section("x", accessory={"type": "overflow", "action_id": "o", "options": options(5)})],
    [table(rows=100, columns=20, column_settings=[None, {"align": "right", "is_wrapped": True}])],
    [data_table([cell()] * 3, *[[cell(), {"type": "raw_number", "value": 1}, RICH]] * 100)],
    [{"type": "markdown", "text": "# x"}, RICH, {"type": "context", "elements": [plain("x")]}],
    [{"type": "image", "slack_file": {"id": "F1"}, "alt_text": "map", "title": plain("Map")}],
    [{"type": "container", "title": plain("c"), "child_blocks": [section("x"), table()]}],
    [{"type": "task_card", "task_id": "1", "title": "t", "status": "in_progress"}],
    [section("x" * 2600)] * 5,
]


@pytest.mark.parametrize("blocks", SOUND_BLOCKS)
def test_sound_messages_pass(blocks: list[Json], ws: Workspace, client: WebClient) -> None:
    client.chat_postMessage(channel="C0GENERAL", text="x", blocks=blocks)

    assert len(ws.messages("general")[0].blocks) == len(blocks)
    assert all(one["block_id"] for one in ws.messages("general")[0].blocks)
    assert ws.violations == []


def test_a_modal_with_every_input_passes(client: WebClient) -> None:
    levels = ("default", "info", "warning", "error", "success")
    alerts = [{"type": "alert", "level": level, "text": plain("x")} for level in levels]

    answer = client.api_call("blocks.validate", json={"view": modal(*alerts, *inputs())})

    assert answer["ok"]
