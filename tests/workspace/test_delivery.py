"""Acknowledgements, redelivery, refreshed and dropped sockets, signatures."""

from __future__ import annotations

import copy
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk.errors import SlackApiError

from bot.workspace import Workspace
from tests.workspace.bench import (
    MANIFEST,
    actions,
    app_of,
    button,
    client_of,
    http_server,
    on_http,
    on_socket,
    section,
    socket_mode,
)

COMMANDS = 200


def counting(counts: Counter[str]) -> Any:
    """Listeners that answer every command with its text, and count it."""

    def listeners(app: App) -> None:
        @app.command("/netmap")
        def netmap(ack: Any, command: Any) -> None:
            counts[command["text"]] += 1
            ack(text=command["text"])

    return listeners


@pytest.mark.parametrize(
    ("close", "refreshes"), [(True, 3), (False, 1)], ids=["closes at once", "warns, stays open"]
)
def test_a_refresh_amid_200_commands_answers_each_once(close: bool, refreshes: int) -> None:
    counts: Counter[str] = Counter()
    with on_socket(counting(counts), connections=2) as ws:
        # The SDK reads its new socket only after up to 3 s on one left open, and a busy machine may
        # be slow: being in time is not the question here, whether anything is lost or run twice is.
        ws.clock.hold()
        acts = []
        for at in range(COMMANDS):
            acts.append(ws.slash("ana", "general", f"/netmap {at}", wait=False))
            if at in [50, 100, 150][:refreshes]:
                # One connection stays while the other goes, as two handlers give in production.
                ws.faults.refresh_sockets(close=close, which=0)
                ws.wait_connected(2)
        for act in acts:
            act.wait()

        assert all(act.acknowledged for act in acts)
        assert counts == Counter(str(at) for at in range(COMMANDS))
        answers = Counter(one.text for one in ws.ephemerals("ana", "general"))
        assert answers == counts
        assert all(act.delivery and act.delivery.times_acknowledged == 1 for act in acts)
        assert ws.sockets.opened == 2 + refreshes


def test_a_dropped_socket_is_opened_again() -> None:
    counts: Counter[str] = Counter()
    with on_socket(counting(counts)) as ws:
        ws.faults.drop_socket()
        ws.wait_for(lambda: ws.sockets.opened == 2)

        assert ws.slash("ana", "general", "/netmap back").reply().text == "back"


def test_a_command_is_held_while_the_only_socket_is_renewed() -> None:
    counts: Counter[str] = Counter()
    with on_socket(counting(counts)) as ws:
        ws.faults.refresh_sockets(close=True)
        act = ws.slash("ana", "general", "/netmap held", wait=False)

        assert act.reply().text == "held"
        assert counts == Counter(["held"])


def test_without_an_app_a_command_fails_at_once(ws: Workspace) -> None:
    act = ws.slash("ana", "general", "/netmap list")

    assert act.error == "dispatch_failed"
    assert act.reply().text == '/netmap failed with the error "dispatch_failed"'


def test_three_seconds_without_acknowledgement_show_slacks_failure() -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def listeners(app: App) -> None:
        @app.command("/netmap")
        def netmap(ack: Any) -> None:
            arrived.set()
            go_on.wait(120)
            ack(text="too late")

    with on_socket(listeners, leeway_s=0) as ws:
        ws.clock.hold()
        act = ws.slash("ana", "general", "/netmap list", wait=False)
        assert arrived.wait(120)
        assert act.error is None
        ws.clock.advance(3)
        failure = act.reply()
        go_on.set()
        ws.wait_for(lambda: act.delivery is not None and act.delivery.late)

        assert failure.text == '/netmap failed with the error "operation_timeout"'
        assert act.error == "operation_timeout"
        assert len(ws.ephemerals("ana", "general")) == 1


def test_an_event_without_acknowledgement_comes_again_three_times() -> None:
    headers: list[dict[str, str]] = []

    def answer(body: bytes, given: dict[str, str]) -> tuple[int, str, str]:
        headers.append(given)
        return 500, "text/plain", "no"

    with http_server(answer) as url, Workspace(MANIFEST, interaction_url=url) as ws:
        ws.clock.hold()
        ws.mention("ana", "general", "hello")

        def failed(count: int) -> Callable[[], bool]:
            """So many tries came, and the last was seen to fail: the next one counts from then."""
            return lambda: len(headers) == count and not ws._deliveries.pending()

        ws.wait_for(failed(2))
        ws.clock.advance(59)
        ws.clock.advance(1)
        ws.wait_for(failed(3))
        ws.clock.advance(300)
        ws.wait_for(failed(4))

        numbers = [one.get("X-Slack-Retry-Num") for one in headers]
        assert numbers == [None, "1", "2", "3"]
        assert headers[1]["X-Slack-Retry-Reason"] == "http_timeout"


def test_a_redelivered_event_keeps_its_id_and_tells_its_number() -> None:
    seen: list[tuple[str, Any]] = []

    def listeners(app: App) -> None:
        @app.event("app_mention")
        def mentioned(body: Any, request: Any) -> None:
            seen.append((body["event_id"], request.headers.get("x-slack-retry-num")))

    with on_socket(listeners) as ws:
        delivery = ws.mention("ana", "general", "hello").delivery
        assert delivery is not None
        again = ws.redeliver(delivery)
        ws.wait_for(lambda: again.done)

    assert seen[0][0] == seen[1][0]
    assert [number for _, number in seen] == [["0"], ["1"]]


def test_a_payload_in_an_event_acknowledgement_is_a_violation(ws: Workspace) -> None:
    counts: Counter[str] = Counter()
    with socket_mode(ws, app_of(ws, counting(counts))):
        act = ws.slash("ana", "general", "/netmap x")
        assert act.acknowledged

    def listeners(app: App) -> None:
        @app.action("b")
        def pressed(ack: Any) -> None:
            ack({"text": "Slack shows this to nobody"})

    with on_socket(listeners) as other:
        client_of(other).chat_postMessage(
            channel="C0GENERAL", text="x", blocks=[section("x"), actions(button("b"))]
        )
        other.press("ana", other.messages("general")[0], "b")

        assert [one.error for one in other.violations] == ["response_payload_not_accepted"]


def test_a_wrong_secret_is_turned_away_by_the_app() -> None:
    counts: Counter[str] = Counter()
    with on_http(counting(counts), secret="another") as ws:
        act = ws.slash("ana", "general", "/netmap list")

        assert act.error == "http_client_error"
        assert counts == Counter()


def test_an_address_nobody_listens_on_fails_the_dispatch() -> None:
    with http_server(lambda body, headers: (200, "text/plain", "")) as url:
        gone = url
    with Workspace(MANIFEST, interaction_url=gone) as ws:
        assert ws.slash("ana", "general", "/netmap").error == "dispatch_failed"


def test_events_need_subscription_and_scope() -> None:
    manifest = copy.deepcopy(MANIFEST)
    manifest["settings"]["event_subscriptions"]["bot_events"] = ["message.im"]
    manifest["oauth_config"]["scopes"]["bot"].remove("im:history")
    with Workspace(manifest) as ws:
        assert ws.mention("ana", "general", "hello").deliveries == []
        assert ws.dm("ana", "hello").deliveries == []
        assert ws.open_home("ana").deliveries == []


def test_presses_need_interactivity() -> None:
    manifest = copy.deepcopy(MANIFEST)
    manifest["settings"]["interactivity"]["is_enabled"] = False
    with Workspace(manifest) as ws:
        ws.sockets.ticket()

        assert ws.shortcut("ana", "new").error == "dispatch_failed"


def test_slacks_own_refusals_of_what_people_type(ws: Workspace) -> None:
    said = ws.say("ana", "general", "hello").message
    assert said is not None

    thread = ws.slash("ana", "general", "/netmap list", thread_ts=said.ts)
    unknown = ws.slash("ana", "general", "/nope")
    absent = ws.mention("ana", "facilities", "hello")
    archived = ws.slash("ana", "dr-exercise-2024", "/netmap list")

    assert thread.refusal == "/netmap is not supported in threads. Sorry!"
    assert unknown.refusal == "/nope is not a valid command."
    assert absent.refusal == "@netmap is not in this channel. Invite it first."
    assert archived.refusal == "This channel is archived."


def test_faults_come_once_and_are_no_violations(ws: Workspace) -> None:
    client = client_of(ws)
    ws.faults.rate_limited("auth.test", retry_after=7)
    ws.faults.broken("auth.test")
    ws.faults.refuse("auth.test", "fatal_error")
    ws.faults.slow("auth.test", 0.01)

    statuses = []
    for _ in range(3):
        with pytest.raises(SlackApiError) as refused:
            client.auth_test()
        statuses.append((refused.value.response.status_code, refused.value.response["error"]))

    assert statuses == [(429, "ratelimited"), (500, "internal_error"), (200, "fatal_error")]
    assert client.auth_test()["ok"]
    assert client.auth_test()["ok"]
    assert ws.violations == []
    assert len(ws.calls_of("auth.test")) == 5


def test_what_an_admin_may_do_to_a_bot() -> None:
    events: list[dict[str, Any]] = []

    def listeners(app: App) -> None:
        for kind in ("channel_archive", "member_left_channel", "tokens_revoked", "user_change"):

            @app.event(kind)
            def happened(event: Any) -> None:
                events.append(event)

    with on_socket(listeners) as ws:
        client = client_of(ws)
        ws.faults.archive("general")
        ws.faults.remove_bot("dr-leads")
        ws.wait_for(lambda: len(events) == 2)
        with pytest.raises(SlackApiError, match="is_archived"):
            client.chat_postMessage(channel="C0GENERAL", text="x")
        with pytest.raises(SlackApiError, match="channel_not_found"):
            client.chat_postMessage(channel="C0LEADS01", text="x")
        ws.faults.revoke_token()
        with pytest.raises(SlackApiError, match="token_revoked"):
            client.auth_test()
        ws.faults.uninstall()
        with pytest.raises(SlackApiError, match="account_inactive"):
            client.auth_test()
        ws.faults.restore_token()
        ws.faults.unarchive("general")
        assert client.chat_postMessage(channel="C0GENERAL", text="x")["ok"]

        first = {one["type"] for one in events[:2]}  # in whatever order threads took them up
        assert first == {"channel_archive", "member_left_channel"}
