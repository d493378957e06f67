"""Tokens, scopes, channels, rates: who may call what, and how often."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.workspace import Workspace
from tests.workspace.bench import client_of, manifest_without

GENERAL = {"channel": "C0GENERAL"}

REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    ("chat.postMessage", {"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
    ("chat.postMessage", {"channel": "C0PAYROLL", "text": "x"}, "channel_not_found"),
    ("chat.postMessage", {"channel": "C0ARCHIVE", "text": "x"}, "is_archived"),
    ("chat.postMessage", {"text": "x"}, "invalid_arguments"),
    (
        "chat.postEphemeral",
        {"channel": "C0FACILIT", "user": "U0ANA0001", "text": "x"},
        "not_in_channel",
    ),
    ("chat.postEphemeral", {**GENERAL, "user": "U0VERA001", "text": "x"}, "user_not_in_channel"),
    ("chat.update", {**GENERAL, "ts": "1.000001", "text": "x"}, "message_not_found"),
    ("chat.delete", {**GENERAL, "ts": "1.000001"}, "message_not_found"),
    ("chat.getPermalink", {**GENERAL, "message_ts": "1.000001"}, "message_not_found"),
    ("users.info", {"user": "U0NOBODY1"}, "user_not_found"),
    ("usergroups.users.list", {"usergroup": "S0NONE001"}, "no_such_subteam"),
    ("conversations.info", {"channel": "C0PAYROLL"}, "channel_not_found"),
    ("conversations.open", {"users": "U0NOBODY1"}, "user_not_found"),
    ("views.publish", {"user_id": "U0ANA0001"}, "invalid_arguments"),
    ("views.update", {"view_id": "V1", "view": {}}, "not_found"),
    ("files.completeUploadExternal", {"files": [{"id": "F1"}]}, "file_not_found"),
    ("apps.connections.open", {}, "not_allowed_token_type"),
    ("chat.shout", {}, "unknown_method"),
]


@pytest.mark.parametrize(("method", "args", "error"), REFUSALS)
def test_calls_that_cannot_be_granted(
    ws: Workspace, method: str, args: dict[str, Any], error: str
) -> None:
    with pytest.raises(SlackApiError) as refused:
        client_of(ws).api_call(method, json=args)

    assert refused.value.response["error"] == error
    assert [(one.method, one.error) for one in ws.violations] == [(method, error)]


@pytest.mark.parametrize(
    ("scope", "method", "args"),
    [
        ("chat:write", "chat.postMessage", {**GENERAL, "text": "x"}),
        ("users:read", "users.info", {"user": "U0ANA0001"}),
        ("usergroups:read", "usergroups.users.list", {"usergroup": "S0EDITOR1"}),
        ("channels:read", "conversations.info", GENERAL),
        ("groups:read", "conversations.info", {"channel": "C0LEADS01"}),
        ("im:write", "conversations.open", {"users": "U0ANA0001"}),
        ("files:write", "files.getUploadURLExternal", {"filename": "a.csv", "length": 1}),
    ],
)
def test_a_missing_scope_is_named(scope: str, method: str, args: dict[str, Any]) -> None:
    with Workspace(manifest_without(scope)) as ws:
        with pytest.raises(SlackApiError) as refused:
            client_of(ws).api_call(method, json=args)

        response = refused.value.response
        assert response["error"] == "missing_scope"
        assert scope in response["needed"]
        assert scope not in response["provided"].split(",")


def test_a_public_channel_needs_membership_or_its_own_scope(ws: Workspace) -> None:
    assert client_of(ws).chat_postMessage(channel="C0FACILIT", text="x")["ok"]

    with (
        Workspace(manifest_without("chat:write.public")) as other,
        pytest.raises(SlackApiError, match="not_in_channel"),
    ):
        client_of(other).chat_postMessage(channel="C0FACILIT", text="x")


@pytest.mark.parametrize(("token", "error"), [("", "not_authed"), ("xoxb-no", "invalid_auth")])
def test_a_wrong_token_is_refused(ws: Workspace, token: str, error: str) -> None:
    with pytest.raises(SlackApiError) as refused:
        WebClient(token=token, base_url=ws.api_url).auth_test()

    assert refused.value.response["error"] == error


def test_auth_test_says_who_and_with_which_scopes(ws: Workspace) -> None:
    answer = client_of(ws).auth_test()

    assert (answer["user_id"], answer["team_id"]) == ("U0NETMAP1", "T0LOCAL01")
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


def test_people_differ_as_slack_tells_them_apart(ws: Workspace) -> None:
    client = client_of(ws)

    people = {
        name: client.users_info(user=ws.person(name).id, include_locale=True)["user"]
        for name in ("ana", "gus", "vera", "chloe")
    }

    assert people["ana"]["tz"] == "Europe/Amsterdam"
    assert people["ana"]["locale"] == "en-GB"
    assert people["gus"]["is_restricted"] is True
    assert people["vera"]["is_stranger"] is False  # she is in a channel that the bot is in
    assert people["vera"]["team_id"] != people["ana"]["team_id"]
    assert people["chloe"]["is_admin"] is True
    ws.channel("#dr-oncall").members.discard(ws.person("vera").id)
    vera = client.users_info(user=ws.person("vera").id)["user"]
    assert vera["is_stranger"] is True


def test_a_channel_takes_one_message_a_second(ws: Workspace) -> None:
    client = client_of(ws)
    client.chat_postMessage(channel="C0GENERAL", text="1")

    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel="C0GENERAL", text="2")
    elsewhere = client.chat_postMessage(channel="C0CHANGES", text="2")
    ws.clock.advance(1)
    later = client.chat_postMessage(channel="C0GENERAL", text="2")

    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["retry-after"] == "1"
    assert refused.value.response["error"] == "ratelimited"
    assert elsewhere["ok"]
    assert later["ok"]


def test_a_method_has_its_calls_a_minute(ws: Workspace) -> None:
    client = client_of(ws)
    for _ in range(20):
        client.usergroups_users_list(usergroup="S0EDITOR1")

    with pytest.raises(SlackApiError, match="ratelimited"):
        client.usergroups_users_list(usergroup="S0EDITOR1")
    ws.clock.advance(60)

    assert client.usergroups_users_list(usergroup="S0EDITOR1")["ok"]


def test_others_messages_and_ephemeral_ones_cannot_be_edited(ws: Workspace) -> None:
    client = client_of(ws)
    said = ws.say("ana", "general", "mine").message
    assert said is not None
    shown = client.chat_postEphemeral(channel="C0GENERAL", user="U0ANA0001", text="x")

    with pytest.raises(SlackApiError, match="cant_update_message"):
        client.chat_update(channel="C0GENERAL", ts=said.ts, text="x")
    with pytest.raises(SlackApiError, match="message_not_found"):
        client.chat_update(channel="C0GENERAL", ts=shown["message_ts"], text="x")


def test_messages_are_edited_deleted_and_linked(ws: Workspace) -> None:
    client = client_of(ws)
    ts = client.chat_postMessage(channel="C0GENERAL", text="1")["ts"]

    link = client.chat_getPermalink(channel="C0GENERAL", message_ts=ts)["permalink"]
    client.chat_update(channel="C0GENERAL", ts=ts, text="2")

    assert link == f"{ws.url}/archives/C0GENERAL/p{ts.replace('.', '')}"
    assert ws.messages("general")[0].text == "2"
    client.chat_delete(channel="C0GENERAL", ts=ts)
    assert ws.messages("general") == []


def test_a_file_goes_up_in_three_steps(ws: Workspace) -> None:
    client = client_of(ws)
    parent = client.chat_postMessage(channel="C0GENERAL", text="findings")["ts"]

    client.files_upload_v2(
        channel="C0GENERAL", thread_ts=parent, filename="a.csv", content="vm\nweb01\n", title="All"
    )

    reply = ws.thread("general", parent)[0]
    assert (reply.files[0]["title"], reply.files[0]["size"]) == ("All", 9)


def test_an_upload_must_be_as_long_as_announced(ws: Workspace) -> None:
    client = client_of(ws)
    made = client.files_getUploadURLExternal(filename="a.csv", length=5)

    with pytest.raises(SlackApiError, match="file_upload_incomplete"):
        client.files_completeUploadExternal(files=[{"id": made["file_id"]}])
