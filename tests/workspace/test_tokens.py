"""Trigger ids and response URLs: short, few, and by the workspace's clock."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.workspace import Workspace
from bot.workspace.deliver import Delivery
from tests.workspace.bench import (
    MANIFEST,
    actions,
    button,
    client_of,
    field,
    http_server,
    modal,
    plain,
    section,
)


def post(url: str, body: dict[str, Any]) -> tuple[int, str]:
    """POST JSON; the status and text of the answer."""
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def delivered(ws: Workspace, line: str = "/netmap") -> dict[str, Any]:
    """The payload of a command, from a workspace whose app never answers."""
    found = ws.slash("ana", "general", line, wait=False).delivery
    assert isinstance(found, Delivery)
    return found.payload


def said(ws: Workspace) -> list[str]:
    """What the app, not Slackbot, has shown ana alone."""
    bot = ws.person("netmap").id
    return [one.text for one in ws.ephemerals("ana", "general") if one.user == bot]


def test_a_trigger_opens_one_view_within_three_seconds(ws: Workspace) -> None:
    client = client_of(ws)
    first, second = delivered(ws), delivered(ws)

    client.views_open(trigger_id=first["trigger_id"], view=modal(section("x")))
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        client.views_open(trigger_id=first["trigger_id"], view=modal(section("x")))
    ws.clock.advance(3)
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        client.views_open(trigger_id=second["trigger_id"], view=modal(section("x")))
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        client.views_open(trigger_id="1.2.made-up", view=modal(section("x")))


def test_a_faulty_view_does_not_use_up_its_trigger(ws: Workspace) -> None:
    client, payload = client_of(ws), delivered(ws)

    with pytest.raises(SlackApiError, match="invalid_arguments"):
        client.views_open(trigger_id=payload["trigger_id"], view=modal(title=plain("x" * 25)))

    assert client.views_open(trigger_id=payload["trigger_id"], view=modal())["ok"]


def test_a_response_url_works_five_times_within_thirty_minutes(ws: Workspace) -> None:
    url, other = delivered(ws)["response_url"], delivered(ws)["response_url"]

    answers = [post(url, {"text": f"{at}", "response_type": "ephemeral"}) for at in range(6)]
    ws.clock.advance(30 * 60)
    late = post(other, {"text": "late"})

    assert answers == [(200, "ok")] * 5 + [(404, "used_url")]
    assert late == (404, "expired_url")
    assert said(ws) == list("01234")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"text": "x", "channel": "C0GENERAL"}, "invalid_payload"),
        ({"text": "x", "response_type": "public"}, "invalid_payload"),
        ({}, "no_text"),
        ({"text": "x", "blocks": [section("x" * 3001)]}, "invalid_blocks"),
    ],
)
def test_an_unsound_answer_is_refused_and_not_counted(
    ws: Workspace, body: dict[str, Any], error: str
) -> None:
    url = delivered(ws)["response_url"]

    assert post(url, body) == (400, error)
    assert [post(url, {"text": "x"})[0] for _ in range(5)] == [200] * 5


def test_an_ephemeral_original_stays_ephemeral_when_replaced(ws: Workspace) -> None:
    client = client_of(ws)
    blocks = [section("x"), actions(button("b"))]
    client.chat_postEphemeral(channel="C0GENERAL", user="U0ANA0001", text="x", blocks=blocks)
    shown = ws.ephemerals("ana", "general")[0]
    pressed = ws.press("ana", shown, "b", wait=False).delivery
    assert pressed is not None

    answer = {"text": "new", "replace_original": True, "response_type": "in_channel"}
    assert post(pressed.payload["response_url"], answer)[0] == 200

    assert [one.words() for one in ws.ephemerals("ana", "general")] == ["new"]
    assert ws.messages("general") == []


def test_a_command_has_no_original_to_replace(ws: Workspace) -> None:
    url = delivered(ws)["response_url"]

    post(url, {"text": "one"})
    post(url, {"text": "two", "replace_original": True})

    assert said(ws) == ["one", "two"]


def test_views_stack_three_high_and_know_their_root(ws: Workspace) -> None:
    client = client_of(ws)
    opened = client.views_open(trigger_id=delivered(ws)["trigger_id"], view=modal(pusher()))["view"]

    def push() -> Any:
        pressed = ws.press("ana", ws.views("ana")[-1], "more", wait=False).delivery
        assert pressed is not None
        trigger = pressed.payload["trigger_id"]
        return client.views_push(trigger_id=trigger, view=modal(pusher()))["view"]

    second = push()
    third = push()
    with pytest.raises(SlackApiError, match="push_limit_reached"):
        push()

    assert len(ws.views("ana")) == 3
    assert third["root_view_id"] == opened["id"]
    assert third["previous_view_id"] == second["id"]


def pusher() -> dict[str, Any]:
    return actions(button("more"))


def test_an_update_with_an_old_hash_conflicts(ws: Workspace) -> None:
    client = client_of(ws)
    trigger = delivered(ws)["trigger_id"]
    opened = client.views_open(trigger_id=trigger, view=modal(section("1")))["view"]

    client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal(section("2")))
    with pytest.raises(SlackApiError, match="hash_conflict"):
        client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal(section("3")))
    assert ws.violations == []  # the app asked to hear of it
    ws.close_view("ana", opened["id"])
    with pytest.raises(SlackApiError, match="not_found"):
        client.views_update(view_id=opened["id"], view=modal(section("4")))


def test_an_external_id_is_unique(ws: Workspace) -> None:
    client = client_of(ws)
    client.views_open(trigger_id=delivered(ws)["trigger_id"], view=modal(external_id="e"))
    other = ws.slash("ben", "general", "/netmap", wait=False).delivery
    assert other is not None

    with pytest.raises(SlackApiError, match="duplicate_external_id"):
        client.views_open(trigger_id=other.payload["trigger_id"], view=modal(external_id="e"))

    assert client.views_update(external_id="e", view=modal(section("x")))["ok"]


def test_typed_values_survive_an_update_only_where_both_ids_stay(ws: Workspace) -> None:
    client = client_of(ws)
    trigger = delivered(ws)["trigger_id"]
    view = client.views_open(trigger_id=trigger, view=modal(field("a"), field("b")))["view"]
    ws.submit("ana", view["id"], {"a": "kept", "b": "lost"}, wait=False)

    fresh = modal(field("a"), field("b", "another-block"))
    after = client.views_update(view_id=view["id"], view=fresh)["view"]

    assert after["state"]["values"]["b-a"]["a"]["value"] == "kept"
    assert after["state"]["values"]["another-block"]["b"]["value"] is None


def test_errors_for_an_unknown_block_are_refused() -> None:
    answer = json.dumps({"response_action": "errors", "errors": {"nowhere": "x"}})

    with (
        http_server(lambda body, headers: (200, "application/json", answer)) as url,
        Workspace(MANIFEST, interaction_url=url) as ws,
    ):
        client = client_of(ws)
        trigger = ws.shortcut("ana", "new").delivery
        assert trigger is not None
        view = client.views_open(trigger_id=trigger.payload["trigger_id"], view=modal(field("a")))
        ws.submit("ana", view["view"]["id"], {"a": "x"})

        assert ("view_submission", "invalid_arguments") in [
            (one.method, one.error) for one in ws.violations
        ]
