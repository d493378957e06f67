"""A real Bolt app talks to the workspace; every story runs over both transports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from slack_bolt import App

from bot.workspace import Workspace
from tests.workspace.bench import (
    Listeners,
    actions,
    button,
    field,
    modal,
    on_http,
    on_socket,
    option,
    plain,
    section,
)

Bench = Callable[[Listeners], Workspace]


@pytest.fixture(params=[on_socket, on_http], ids=["socket", "http"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Build a workspace with an app, in Socket Mode and again over signed HTTP."""
    opened: list[AbstractContextManager[Workspace]] = []

    def build(listeners: Listeners) -> Workspace:
        opened.append(request.param(listeners))
        return opened[0].__enter__()

    yield build
    for one in opened:
        one.__exit__(None, None, None)


def test_a_command_is_answered_privately_by_its_acknowledgement(bench: Bench) -> None:
    def listeners(app: App) -> None:
        @app.command("/netmap")
        def netmap(ack: Any, command: Any) -> None:
            ack(text=f"heard {command['text']}")

    ws = bench(listeners)

    act = ws.slash("ana", "#dr-oncall", "/netmap list")

    assert act.acknowledged
    assert act.reply().text == "heard list"
    assert [one.text for one in ws.ephemerals("ana", "dr-oncall")] == ["heard list"]
    assert ws.messages("dr-oncall") == []
    assert ws.violations == []


def test_an_answer_in_the_channel_shows_the_command_above_itself(bench: Bench) -> None:
    def listeners(app: App) -> None:
        @app.command("/netmap")
        def netmap(ack: Any, respond: Any) -> None:
            ack()
            respond(text="one", response_type="in_channel")
            respond(text="two", response_type="in_channel")

    ws = bench(listeners)

    ws.slash("ana", "dr-oncall", "/netmap add a to b").reply(after=1)

    texts = [one.text for one in ws.messages("dr-oncall")]
    assert texts == ["/netmap add a to b", "one", "two"]


def test_typed_names_become_ids_and_the_rest_is_escaped(bench: Bench) -> None:
    heard: list[dict[str, Any]] = []

    def listeners(app: App) -> None:
        @app.command("/netmap")
        @app.command("/plain")
        def netmap(ack: Any, command: Any) -> None:
            heard.append(command)
            ack()

    ws = bench(listeners)
    line = "R&D <prod> @ben #general #dr-leads vmm01.corp.example https://a.example/x"

    ws.slash("ana", "dr-leads", f"/netmap {line}")
    ws.slash("ana", "@ana", f"/plain {line}")

    assert heard[0]["text"] == (
        "R&amp;D &lt;prod&gt; <@U0BEN0001> <#C0GENERAL|general> <#C0LEADS01|> "
        "<http://vmm01.corp.example|vmm01.corp.example> <https://a.example/x>"
    )
    assert heard[1]["text"] == line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert (heard[0]["channel_name"], heard[1]["channel_name"]) == ("privategroup", "directmessage")
    assert heard[0]["is_enterprise_install"] == "false"


def test_a_mention_in_a_thread_is_answered_in_that_thread(bench: Bench) -> None:
    def listeners(app: App) -> None:
        @app.event("app_mention")
        def mentioned(event: Any, say: Any) -> None:
            say(text="here", thread_ts=event.get("thread_ts") or event["ts"])

    ws = bench(listeners)
    parent = ws.say("ben", "dr-oncall", "it burns").message
    assert parent is not None

    ws.mention("ben", "dr-oncall", "web01", thread_ts=parent.ts).reply()

    assert [one.text for one in ws.thread("dr-oncall", parent.ts)] == [
        "<@U0NETMAP1> web01",
        "here",
    ]
    assert ws.messages("dr-oncall")[0].body["reply_count"] == 2


def test_a_direct_message_and_the_home_tab_reach_the_app(bench: Bench) -> None:
    def listeners(app: App) -> None:
        @app.event("message")
        def message(event: Any, say: Any) -> None:
            say(text=f"you said {event['text']}")

        @app.event("app_home_opened")
        def home(event: Any, client: Any) -> None:
            view = {"type": "home", "blocks": [section("hello *Home*")]}
            client.views_publish(user_id=event["user"], view=view)

    ws = bench(listeners)

    reply = ws.dm("ben", "status").reply()
    ws.open_home("ben")

    assert reply.text == "you said status"
    home = ws.wait_for(lambda: ws.home("ben"))
    assert home.words() == "hello *Home*"
    assert ws.home("ana") is None


def test_a_press_replaces_its_message(bench: Bench) -> None:
    pressed: list[dict[str, Any]] = []

    def listeners(app: App) -> None:
        @app.command("/netmap")
        def netmap(ack: Any, say: Any) -> None:
            ack()
            say(text="sure?", blocks=[section("sure?"), actions(button("yes", value="v1"))])

        @app.action("yes")
        def yes(ack: Any, body: Any, respond: Any) -> None:
            ack()
            pressed.append(body)
            respond(text="done", replace_original=True)

    ws = bench(listeners)
    asked = ws.slash("ana", "dr-oncall", "/netmap add").reply()

    reply = ws.press("ana", asked, "yes").reply()

    assert reply.ts == asked.ts
    assert [one.words() for one in ws.messages("dr-oncall")] == ["done"]
    assert pressed[0]["actions"][0]["value"] == "v1"
    assert pressed[0]["container"]["is_ephemeral"] is False
    assert pressed[0]["message"]["ts"] == asked.ts


def test_an_ephemeral_press_carries_no_message_and_can_delete_it(bench: Bench) -> None:
    pressed: list[dict[str, Any]] = []

    def listeners(app: App) -> None:
        @app.command("/netmap")
        def netmap(ack: Any) -> None:
            ack(text="menu", blocks=[actions(button("gone"))])

        @app.action("gone")
        def gone(ack: Any, body: Any, respond: Any) -> None:
            ack()
            pressed.append(body)
            respond(delete_original=True)

    ws = bench(listeners)
    menu = ws.slash("ana", "dr-oncall", "/netmap").reply()

    ws.press("ana", menu, "gone")

    ws.wait_for(lambda: not ws.ephemerals("ana", "dr-oncall"))
    assert "message" not in pressed[0]
    assert pressed[0]["container"]["is_ephemeral"] is True


def form(*more: dict[str, Any]) -> dict[str, Any]:
    network = {"type": "external_select", "action_id": "network", "min_query_length": 0}
    picker = {"type": "input", "block_id": "net", "label": plain("N"), "element": network}
    return modal(picker, field("reason"), *more, notify_on_close=True)


def test_a_form_from_shortcut_to_errors_to_success(bench: Bench) -> None:
    submitted: list[dict[str, Any]] = []

    def listeners(app: App) -> None:
        @app.shortcut("new")
        def new(ack: Any, body: Any, client: Any) -> None:
            client.views_open(trigger_id=body["trigger_id"], view=form())
            ack()

        @app.options("network")
        def network(ack: Any, payload: Any) -> None:
            names = [name for name in ("Prod-Web", "Prod-DB") if payload["value"] in name]
            ack(options=[option(name) for name in names])

        @app.view("form")
        def submit(ack: Any, view: Any) -> None:
            values = view["state"]["values"]
            submitted.append(values)
            if values["b-reason"]["reason"]["value"] == "no":
                ack(response_action="errors", errors={"b-reason": "Say more."})
            else:
                ack()

    ws = bench(listeners)
    view = ws.shortcut("ana", "new").view()

    offered = ws.options("ana", view, "network", "Web")
    empty = ws.submit("ana", view, {"network": "Prod-Web"})
    refused = ws.submit("ana", view, {"reason": "no"})
    done = ws.submit("ana", view, {"reason": "because"})

    assert [one["value"] for one in offered] == ["Prod-Web"]
    assert empty.errors == {"b-reason": "Please complete this required field."}
    assert empty.delivery is None
    assert refused.errors == {"b-reason": "Say more."}
    assert done.acknowledged
    assert ws.views("ana") == []
    assert submitted[1]["net"]["network"]["selected_option"]["value"] == "Prod-Web"


def test_a_form_can_be_updated_pushed_and_closed(bench: Bench) -> None:
    closed: list[dict[str, Any]] = []

    def listeners(app: App) -> None:
        @app.shortcut("new")
        def new(ack: Any, body: Any, client: Any) -> None:
            ack()
            client.views_open(trigger_id=body["trigger_id"], view=form())

        @app.view("form")
        def submit(ack: Any, view: Any) -> None:
            if view["state"]["values"]["b-reason"]["reason"]["value"] == "push":
                ack(response_action="push", view=modal(section("second"), callback_id="second"))
            else:
                ack(response_action="update", view=modal(section("Saving…"), callback_id="saving"))

        @app.view("second")
        def second(ack: Any) -> None:
            ack(response_action="clear")

        @app.view_closed("form")
        def gone(ack: Any, body: Any) -> None:
            ack()
            closed.append(body)

    ws = bench(listeners)
    view = ws.shortcut("ana", "new").view()

    missing = ws.submit("ana", view, {"reason": "push"})
    assert list(missing.errors) == ["net"]
    act = ws.close_view("ana", view)

    assert act.acknowledged
    assert closed[0]["is_cleared"] is False
    assert closed[0]["view"]["state"]["values"]["b-reason"]["reason"]["value"] == "push"


def test_a_message_shortcut_carries_the_message(bench: Bench) -> None:
    got: list[dict[str, Any]] = []

    def listeners(app: App) -> None:
        @app.shortcut("subnets")
        def subnets(ack: Any, body: Any, client: Any) -> None:
            ack()
            got.append(body)
            client.chat_postMessage(
                channel=body["channel"]["id"], thread_ts=body["message"]["ts"], text="none"
            )

    ws = bench(listeners)
    said = ws.say("ben", "dr-oncall", "web01 is down").message
    assert said is not None

    ws.message_shortcut("ben", "subnets", "dr-oncall", said.ts).reply()

    assert got[0]["type"] == "message_action"
    assert got[0]["message"]["text"] == "web01 is down"
    assert [one.text for one in ws.thread("dr-oncall", said.ts)] == ["none"]


def test_choices_in_a_message_arrive_with_its_state(bench: Bench) -> None:
    got: list[dict[str, Any]] = []
    select = {"type": "static_select", "action_id": "pick", "options": [option("a"), option("b")]}
    more = {"type": "overflow", "action_id": "more", "options": [option("x")]}
    boxes = {"type": "checkboxes", "action_id": "tick", "options": [option("1"), option("2")]}

    def listeners(app: App) -> None:
        @app.command("/netmap")
        def netmap(ack: Any) -> None:
            ack(text="choose", blocks=[actions(select, boxes, more, block_id="row")])

        for name in ("pick", "tick", "more"):

            @app.action(name)
            def chosen(ack: Any, body: Any) -> None:
                ack()
                got.append(body)

    ws = bench(listeners)
    asked = ws.slash("ana", "dr-oncall", "/netmap").reply()

    ws.press("ana", asked, "pick", "b")
    ws.press("ana", asked, "tick", ["2", "1"])
    ws.press("ana", asked, "more", "x")

    assert got[0]["actions"][0]["selected_option"]["value"] == "b"
    assert [one["value"] for one in got[1]["actions"][0]["selected_options"]] == ["2", "1"]
    assert got[2]["actions"][0]["selected_option"]["value"] == "x"
    assert got[2]["state"]["values"]["row"]["pick"]["selected_option"]["value"] == "b"
    with pytest.raises(LookupError, match="offers no 'z'; there are: a, b"):
        ws.press("ana", asked, "pick", "z")


def test_an_unsound_acknowledgement_is_refused_before_the_persons_eyes(bench: Bench) -> None:
    def listeners(app: App) -> None:
        @app.command("/netmap")
        def netmap(ack: Any) -> None:
            ack(text="x", blocks=[{"type": "header", "text": {"type": "mrkdwn", "text": "*no*"}}])

    ws = bench(listeners)

    act = ws.slash("ana", "dr-oncall", "/netmap")

    assert act.reply().text == '/netmap failed with the error "invalid_blocks"'
    assert [(one.method, one.error) for one in ws.violations] == [
        ("acknowledgement", "invalid_blocks")
    ]
