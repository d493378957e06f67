"""app.yaml against Slack's schemas, against the command table, against what the code calls."""

import ast
import json
import os
from pathlib import Path

import jsonschema
import pytest

from bot.commands import COMMANDS
from bot.slack import manifest

ROOT = Path(__file__).parents[2]
SCHEMAS = Path(
    os.environ.get("NETMAP_MANIFEST_SCHEMAS", ROOT.parent / "shared" / "data" / "slack-manifest")
)

SCOPES = {
    "auth_test": None,
    "apps_connections_open": None,
    "chat_postMessage": "chat:write",
    "chat_postEphemeral": "chat:write",
    "conversations_open": "im:write",
    # Asked where a message was left in doubt; in channels the app may not read, it goes without.
    "conversations_history": "im:history",
    "conversations_replies": "im:history",
    "chat_update": "chat:write",
    "files_completeUploadExternal": "files:write",
    "files_getUploadURLExternal": "files:write",
    "files_upload_v2": "files:write",
    "usergroups_list": "usergroups:read",
    "usergroups_users_list": "usergroups:read",
    "views_open": None,
    "views_publish": None,
    "views_update": None,
    "users_info": "users:read",
}
"""What the code calls -> the scope Slack asks for it."""

HEARD = {"app_home_opened": None, "app_mention": "app_mentions:read", "message.im": "im:history"}
"""What the app is told of -> the scope Slack asks for it."""


@pytest.mark.parametrize(
    "name",
    [
        "manifest.schema.1.0.0.json",
        "manifest.schema.2.0.0.json",
        "slack-app-manifest.schemastore.json",
    ],
)
@pytest.mark.parametrize("url", ["", "https://netmap.example/slack/events"])
def test_the_manifest_satisfies_slacks_schema(name: str, url: str) -> None:
    path = SCHEMAS / name
    if not path.exists():
        pytest.skip(f"{name} is not there; set NETMAP_MANIFEST_SCHEMAS to the folder that has it")
    schema = json.loads(path.read_text(encoding="utf-8"))

    jsonschema.validate(manifest.load(request_url=url), schema)


def test_its_scopes_are_those_of_the_calls_and_events_and_no_more() -> None:
    made = manifest.load()

    wanted = {SCOPES[name] for name in called()} | set(HEARD.values()) - {None}
    wanted |= {"commands", "files:read"}  # the latter to fetch what is handed over
    wanted.discard(None)
    assert set(made["oauth_config"]["scopes"]["bot"]) == wanted
    assert set(made["settings"]["event_subscriptions"]["bot_events"]) == set(HEARD)


def test_the_usage_hint_speaks_of_commands_that_exist() -> None:
    hint = manifest.load()["features"]["slash_commands"][0]["usage_hint"]
    usages = {command.name: command.usage for command in COMMANDS}

    for said in hint.split(" | "):
        name, _, rest = said.partition(" ")
        assert name in usages
        for slot in rest.split():
            assert slot in usages[name], f"{name} has no {slot}"


def test_it_asks_for_escaped_text_and_a_conversation() -> None:
    features = manifest.load()["features"]

    assert features["slash_commands"][0]["should_escape"] is True
    assert features["app_home"]["messages_tab_enabled"] is True
    assert features["app_home"]["messages_tab_read_only_enabled"] is False


def test_another_command_and_an_address_find_their_places() -> None:
    made = manifest.load("/dr", "https://netmap.example/slack/events")

    assert made["features"]["slash_commands"][0]["command"] == "/dr"
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["interactivity"]["request_url"].startswith("https://")


def test_the_file_says_what_it_is_in_its_first_lines() -> None:
    first = manifest.path().read_text(encoding="utf-8").splitlines()[:2]

    assert all(line.startswith("#") for line in first)
    assert "App Engine" in " ".join(first)


def called() -> set[str]:
    """Every client method that the Slack door calls."""
    found = set()
    for path in (ROOT / "bot" / "slack").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                head = node.func.attr.partition("_")[0]
                heads = {"auth", "apps", "chat", "conversations", "users", "views", "files"}
                if head in heads | {"usergroups", "reactions", "pins", "team", "bots"}:
                    found.add(node.func.attr)
    return found
