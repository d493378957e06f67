"""What people meet in Slack, over Socket Mode and over signed HTTP alike."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient

from bot import wiring
from bot.commands import COMMANDS
from bot.slack import manifest
from bot.slack.door import is_quick
from bot.workspace import Act, Message
from bot.workspace.deliver import Delivery
from tests.doors.bench import HELD_S, ONCALL, Bench, Echo, Held, bot

CHANNEL, ANA, BEN = "C0ONCALL1", "U0ANA0001", "U0BEN0001"


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def bench(way: str, echo: Echo) -> Iterator[Bench]:
    with bot(echo, way, made=with_shortcuts()) as made:
        yield made
        assert made.ws.violations == []


def with_shortcuts() -> dict[str, Any]:
    """The manifest of an app whose owner added shortcuts by hand."""
    made = manifest.load()
    made["features"]["shortcuts"] = [
        {"name": "Old", "type": "global", "callback_id": "old", "description": "Gone"},
        {"name": "Old one", "type": "message", "callback_id": "old_one", "description": "Gone"},
    ]
    return made


def acknowledged(bench: Bench, delivery: Delivery) -> None:
    """Wait until the bot has acknowledged it."""
    bench.ws.wait_for(lambda: delivery.acknowledged or None)


def said(bench: Bench, act: Act, text: str) -> Message:
    """Wait for an answer with that text."""
    return bench.ws.wait_for(lambda: next((one for one in act.replies() if text in one.text), None))


def test_a_quick_command_is_answered_in_its_acknowledgement(bench: Bench, echo: Echo) -> None:
    act = bench.ws.slash("ana", ONCALL, "/netmap vm A&B")

    assert act.answer == {"response_type": "ephemeral", "text": "You said vm A&amp;amp;B"}
    asked = echo.asked[0]
    assert (asked.line, asked.by, asked.where, asked.again) == (
        "vm A&amp;B",
        ANA,
        CHANNEL,
        "vm A&B",
    )
    assert bench.ws.calls_of("response_url") == []


def test_a_slow_command_is_answered_through_its_response_url(bench: Bench) -> None:
    act = bench.ws.slash("ana", ONCALL, "/netmap slow list")

    assert act.acknowledged
    assert act.answer is None
    reply = act.reply()
    assert reply.text == "You said slow list"
    assert reply.only_for == ANA


def test_a_change_is_said_in_the_channel(bench: Bench) -> None:
    act = bench.ws.slash("ana", ONCALL, "/netmap public add")

    bench.ws.wait_for(lambda: act.replies() or None)
    assert act.replies()[-1].only_for is None


def test_a_mention_is_answered_in_its_thread_for_all_to_see(bench: Bench, echo: Echo) -> None:
    act = bench.ws.mention("ben", ONCALL, "vm web01")

    assert act.acknowledged
    assert act.message is not None
    reply = act.reply()
    assert (reply.text, reply.thread_ts, reply.only_for) == (
        "You said vm web01",
        act.message.ts,
        None,
    )
    assert echo.asked[0].zone == "America/New_York"


def test_a_mention_in_a_thread_stays_in_it(bench: Bench) -> None:
    first = bench.ws.say("ana", ONCALL, "web01 is down").message
    assert first is not None

    reply = bench.ws.mention("ben", ONCALL, "vm web01", thread_ts=first.ts).reply()

    assert reply.thread_ts == first.ts


def test_what_precedes_a_mention_counts_where_nothing_follows(bench: Bench, echo: Echo) -> None:
    bench.ws.say("ben", ONCALL, "vm web01 @netmap").reply()

    assert echo.asked[0].line == "vm web01"


def test_a_direct_message_needs_no_prefix(bench: Bench, echo: Echo) -> None:
    act = bench.ws.dm("ben", "vm web01")

    assert act.reply().text == "You said vm web01"
    assert act.reply().thread_ts is None
    assert echo.asked[0].line == "vm web01"


def test_nobody_answers_the_bot_itself_or_what_was_edited(bench: Bench, echo: Echo) -> None:
    act = bench.ws.dm("ben", "vm web01")
    act.reply()
    dm = bench.ws.channel("@ben").id
    edited = {
        "type": "message",
        "subtype": "message_changed",
        "channel": dm,
        "channel_type": "im",
        "message": {"type": "message", "user": BEN, "text": "vm web02", "ts": "1.1"},
    }
    other_bot = {
        "type": "message",
        "channel": dm,
        "channel_type": "im",
        "user": "U0OTHER01",
        "bot_id": "B0OTHER01",
        "text": "hello",
        "ts": "1.2",
    }

    for event in (edited, other_bot):
        delivery = bench.ws.emit(event)
        assert delivery is not None
        acknowledged(bench, delivery)

    assert [asked.line for asked in echo.asked] == ["vm web01"]


def test_an_event_delivered_again_is_answered_once(bench: Bench, echo: Echo) -> None:
    act = bench.ws.mention("ben", ONCALL, "vm web01")
    act.reply()
    assert act.delivery is not None

    again = bench.ws.redeliver(act.delivery)
    acknowledged(bench, again)
    bench.ws.dm("ben", "vm web02").reply()

    assert [asked.line for asked in echo.asked] == ["vm web01", "vm web02"]


def test_events_nobody_waits_for_are_acknowledged(way: str, echo: Echo) -> None:
    made = manifest.load()
    made["settings"]["event_subscriptions"]["bot_events"] += ["app_home_opened"]
    with bot(echo, way, made=made) as bench:
        assert bench.ws.open_home("ana").acknowledged


def button(action_id: str = "from_last_year") -> list[dict[str, Any]]:
    press = {
        "type": "button",
        "action_id": action_id,
        "text": {"type": "plain_text", "text": "Do it"},
        "value": "v0",
    }
    choose = {
        "type": "external_select",
        "action_id": "pick",
        "placeholder": {"type": "plain_text", "text": "Network"},
        "min_query_length": 0,
    }
    return [{"type": "actions", "elements": [press, choose]}]


def test_an_unknown_button_is_acknowledged_and_answered_kindly(way: str) -> None:
    with bot(Echo(blocks=button()), way) as bench:
        message = bench.ws.mention("ben", ONCALL, "x").reply()

        act = bench.ws.press("ana", message, "from_last_year")

        assert act.acknowledged
        reply = act.reply()
        assert "another version" in reply.text
        assert reply.only_for == ANA
        assert bench.ws.violations == []


def test_an_unknown_select_offers_nothing(way: str) -> None:
    with bot(Echo(blocks=button()), way) as bench:
        message = bench.ws.mention("ben", ONCALL, "x").reply()

        assert bench.ws.options("ana", message, "pick", "web") == []
        assert bench.ws.violations == []


def open_form(bench: Bench) -> str:
    """Open a form of some other version; returns its id."""
    act = bench.ws.slash("ana", ONCALL, "/netmap x")
    assert act.delivery is not None
    field = {"type": "plain_text_input", "action_id": "text"}
    view = {
        "type": "modal",
        "callback_id": "from_last_year",
        "notify_on_close": True,
        "title": {"type": "plain_text", "text": "Old"},
        "submit": {"type": "plain_text", "text": "OK"},
        "blocks": [
            {
                "type": "input",
                "block_id": "text",
                "label": {"type": "plain_text", "text": "Name"},
                "element": field,
            }
        ],
    }
    client = WebClient(token=bench.ws.bot_token, base_url=bench.ws.api_url)
    opened = client.views_open(trigger_id=act.delivery.payload["trigger_id"], view=view)
    return str(opened["view"]["id"])


def test_an_unknown_form_says_that_it_is_outdated(bench: Bench) -> None:
    form = open_form(bench)

    act = bench.ws.submit("ana", form, {"text": "x"})

    assert act.acknowledged
    assert "another version" in bench.ws.views("ana")[-1].words()


def test_closing_an_unknown_form_is_acknowledged(bench: Bench) -> None:
    assert bench.ws.close_view("ana", open_form(bench)).acknowledged


def test_unknown_shortcuts_are_acknowledged_and_answered(bench: Bench) -> None:
    written = bench.ws.say("ana", ONCALL, "web01 is down").message
    assert written is not None

    anywhere = bench.ws.shortcut("ana", "old")
    on_message = bench.ws.message_shortcut("ana", "old_one", ONCALL, written.ts)

    assert anywhere.acknowledged
    assert on_message.acknowledged
    assert "another version" in on_message.reply().text
    bench.ws.wait_for(lambda: bench.ws.messages("@ana") or None)
    assert "another version" in bench.ws.messages("@ana")[-1].text


def test_a_bug_is_acknowledged_with_a_reference(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    act = bench.ws.slash("ana", ONCALL, "/netmap fail now")

    assert act.acknowledged
    assert act.answer is not None
    assert "Tell an operator `" in act.answer["text"]
    reference = act.answer["text"].split("`")[1]
    assert reference in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "fail now" not in caplog.text


def test_a_bug_in_a_worker_still_reaches_the_person(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    act = bench.ws.mention("ana", ONCALL, "fail later")

    assert act.acknowledged
    assert "Tell an operator `" in act.reply().text
    assert act.reply().text.split("`")[1] in caplog.text


def test_with_twenty_slow_commands_under_way_the_next_is_acknowledged(way: str) -> None:
    held = Held()
    with bot(held, way, workers=4) as bench:
        slow = [bench.ws.slash("ana", ONCALL, f"/netmap wait {n}") for n in range(20)]

        assert all(act.acknowledged for act in slow)
        assert bench.door.pool.pending == 20
        assert bench.ws.slash("ben", ONCALL, "/netmap vm web01").acknowledged
        assert slow[-1].answer is not None
        assert "16 requests before yours" in slow[-1].answer["text"]
        assert bench.ws.mention("ben", ONCALL, "wait too").acknowledged

        held.release.set()
        for act in slow:
            said(bench, act, "You said")
        assert bench.ws.violations == []


def test_a_spent_response_url_gives_way_to_a_message_in_the_channel(bench: Bench) -> None:
    bench.ws.faults.refuse("response_url", "expired_url")

    reply = bench.ws.slash("ana", ONCALL, "/netmap slow list").reply()

    assert (reply.text, reply.only_for) == ("You said slow list", ANA)
    assert bench.ws.calls_of("chat.postEphemeral") != []


def test_a_public_answer_stays_public_without_a_response_url(bench: Bench) -> None:
    bench.ws.faults.refuse("response_url", "used_url")

    reply = bench.ws.slash("ana", ONCALL, "/netmap public add").reply()

    assert reply.only_for is None


def test_where_the_bot_is_not_a_member_a_direct_message_is_left(way: str, echo: Echo) -> None:
    with bot(echo, way) as bench:
        bench.ws.faults.refuse("response_url", "expired_url")

        bench.ws.slash("ana", "#facilities", "/netmap slow list")

        said = bench.ws.wait_for(lambda: bench.ws.messages("@ana") or None)
        assert said[0].text == "You said slow list"


def test_a_message_slack_finds_malformed_goes_as_text(way: str) -> None:
    with bot(Echo(blocks=[{"type": "no_such_block"}]), way) as bench:
        reply = bench.ws.slash("ana", ONCALL, "/netmap slow list").reply()

        assert (reply.text, reply.blocks) == ("You said slow list", [])


def test_a_rate_limit_is_waited_out(bench: Bench) -> None:
    bench.ws.faults.rate_limited("chat.postMessage", retry_after=0)

    assert bench.ws.mention("ana", ONCALL, "vm web01").reply().text == "You said vm web01"


def test_an_answer_under_way_is_finished_before_the_bot_stops(way: str) -> None:
    held = Held()
    with bot(held, way) as bench:
        act = bench.ws.slash("ana", ONCALL, "/netmap wait")
        assert held.begun.wait(HELD_S)
        held.release.set()
        bench.door.close()

        assert act.reply().text == "You said wait"


def test_whoever_waits_when_the_bot_stops_is_told(way: str) -> None:
    held = Held()
    with bot(held, way, workers=1) as bench:
        acts = [bench.ws.slash("ana", ONCALL, f"/netmap wait {n}") for n in range(2)]
        bench.door.pool.close(patience_s=0.05)

        for act in acts:
            assert said(bench, act, "was stopped").only_for == ANA
        held.release.set()


def test_while_it_stops_new_slow_commands_are_put_off(bench: Bench) -> None:
    bench.door.pool.close(patience_s=0)

    act = bench.ws.slash("ana", ONCALL, "/netmap slow list")

    assert act.answer is not None
    assert "being restarted" in act.answer["text"]


def test_the_example_of_every_command_passes_slacks_rules(house: wiring.House, way: str) -> None:
    with bot(house.answer, way, quick=is_quick) as bench:
        for command in COMMANDS:
            act = bench.ws.slash("ana", ONCALL, f"/netmap {command.example}")
            assert act.acknowledged, command.example
            assert act.reply().text

        assert bench.ws.violations == []


def test_the_log_holds_no_words_and_no_tokens(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "bot")

    bench.ws.slash("ana", ONCALL, "/netmap vm secret-name")
    bench.ws.slash("ana", ONCALL, "/netmap slow secret-name").reply()
    bench.ws.mention("ana", ONCALL, "vm secret-name").reply()

    assert "secret-name" not in caplog.text
    assert bench.ws.bot_token not in caplog.text
    assert bench.ws.app_token not in caplog.text
