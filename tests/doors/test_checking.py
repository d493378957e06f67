import pytest

from bot.settings import Settings
from bot.slack import manifest
from bot.slack.checking import Check, check_slack
from bot.workspace import Workspace
from tests.doors.bench import settings_for


def by_name(settings: Settings) -> dict[str, Check]:
    return {one.about: one for one in check_slack(settings)}


def test_without_tokens_nothing_is_asked() -> None:
    assert by_name(Settings())["slack"].ok


def test_sound_tokens_are_well() -> None:
    with Workspace(manifest.load()) as ws:
        found = by_name(settings_for(ws))

    assert found["bot token"].text == "netmap in Northwind"
    assert found["app token"].ok
    assert found["scopes"].text == "all those of app.yaml"
    assert all(one.ok for one in found.values())


def test_an_app_that_was_installed_with_fewer_scopes_is_told() -> None:
    older = manifest.load()
    older["oauth_config"]["scopes"]["bot"].remove("files:write")
    older["oauth_config"]["scopes"]["bot"].remove("usergroups:read")

    with Workspace(older) as ws:
        found = by_name(settings_for(ws))

    assert not found["scopes"].ok
    assert found["scopes"].text == (
        "missing: files:write, usergroups:read. Take app.yaml over again and reinstall the app"
    )


def test_wrong_tokens_are_named_with_slacks_word() -> None:
    with Workspace(manifest.load()) as ws:
        found = by_name(settings_for(ws, bot_token="xoxb-wrong", app_token="xapp-wrong"))

    assert found["bot token"].text.startswith("Slack says invalid_auth: copy SLACK_BOT_TOKEN")
    assert found["app token"].text.startswith("Slack says invalid_auth: copy SLACK_APP_TOKEN")


@pytest.mark.parametrize("word", ["internal_error", "ratelimited", "fatal_error"])
def test_what_ails_slack_itself_is_no_reason_for_another_token(word: str) -> None:
    with Workspace(manifest.load()) as ws:
        ws.faults.refuse("auth.test", word)
        ws.faults.refuse("apps.connections.open", word)
        found = by_name(settings_for(ws))

    for about in ("bot token", "app token"):
        assert not found[about].ok
        assert found[about].text == (
            f"Slack says {word}: that is not for want of a token; check again later, and see"
            " status.slack.com"
        )


def test_an_app_that_was_uninstalled_is_to_be_installed_again() -> None:
    with Workspace(manifest.load()) as ws:
        ws.faults.uninstall()
        found = by_name(settings_for(ws))

    assert found["bot token"].text == (
        "Slack says account_inactive: install the app again from its page, then copy"
        " SLACK_BOT_TOKEN from there"
    )


def test_half_a_set_up_says_what_to_add() -> None:
    only_app = by_name(Settings.read({"SLACK_APP_TOKEN": "xapp-1", "SLACK_API_URL": nowhere()}))
    assert only_app["bot token"].text == "set SLACK_BOT_TOKEN"
    assert "cannot be reached" in only_app["app token"].text

    only_bot = by_name(Settings.read({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_API_URL": nowhere()}))
    assert not only_bot["way in"].ok


def nowhere() -> str:
    """An address where nobody listens."""
    with Workspace(manifest.load()) as ws:
        return ws.api_url
