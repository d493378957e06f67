"""What the set-up on Slack's side lacks, in sentences."""

from typing import NamedTuple

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.settings import Settings
from bot.slack import manifest
from bot.slack.clients import Clients
from bot.slack.people import reason
from bot.slack.refusals import what_to_do


class Check(NamedTuple):
    """One line of `netmap check`."""

    about: str
    ok: bool
    text: str
    """How it is; what to do where it is not well."""


def check_slack(settings: Settings) -> list[Check]:
    """Ask Slack about the tokens."""
    if not settings.for_slack:
        text = "no tokens are set: `netmap run` starts the local workspace"
        return [Check("slack", True, text)]
    found: list[Check] = []
    lacking = settings.lacking("bot_token")
    if lacking:
        found.append(Check("bot token", False, f"set {lacking[0]}"))
    else:
        found += _bot_token(settings)
    if settings.secret("app_token"):
        found.append(_app_token(settings))
    elif settings.secret("signing_secret"):
        text = "signing secret set; `netmap run --http <port>` can be used"
        found.append(Check("way in", True, text))
    else:
        text = "set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for --http"
        found.append(Check("way in", False, text))
    return found


def _bot_token(settings: Settings) -> list[Check]:
    try:
        answer = Clients(settings).web().auth_test()
    except (SlackClientError, OSError) as error:
        return [Check("bot token", False, _trouble(error, "SLACK_BOT_TOKEN"))]
    who = f"{answer.get('user')} in {answer.get('team')}"
    # Slack names the scopes of the token in a header of every answer.
    named = {key.lower(): value for key, value in answer.headers.items()}.get("x-oauth-scopes")
    if named is None:
        return [Check("bot token", True, who)]
    has = {one.strip() for one in str(named).split(",") if one.strip()}
    wants = set(manifest.load()["oauth_config"]["scopes"]["bot"])
    missing = ", ".join(sorted(wants - has))
    if missing:
        text = f"missing: {missing}. Take app.yaml over again and reinstall the app"
        return [Check("bot token", True, who), Check("scopes", False, text)]
    return [Check("bot token", True, who), Check("scopes", True, "all those of app.yaml")]


def _app_token(settings: Settings) -> Check:
    try:
        Clients(settings).web().apps_connections_open(app_token=settings.secret("app_token"))
    except (SlackClientError, OSError) as error:
        return Check("app token", False, _trouble(error, "SLACK_APP_TOKEN"))
    return Check("app token", True, "Slack gives out Socket Mode connections")


def _trouble(error: Exception, variable: str) -> str:
    if isinstance(error, SlackApiError):
        return f"Slack says {reason(error)}: {what_to_do(variable, reason(error))}"
    return f"Slack cannot be reached ({reason(error)}): check the network and SLACK_PROXY"
