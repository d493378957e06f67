"""When Slack does not take a token."""

from bot.domain.errors import SetupFault

_NO_TOKEN = frozenset({"invalid_auth", "not_authed", "not_allowed_token_type", "token_expired"})
_TAKEN_BACK = frozenset({"account_inactive", "token_revoked"})
REFUSED = (
    _NO_TOKEN
    | _TAKEN_BACK
    | {"missing_scope", "socket_mode_not_enabled", "no_permission", "org_login_required"}
)
"""Slack's words for a token that will not do; trying again would not help."""


def refused(variable: str, word: str) -> SetupFault:
    """What to say when Slack does not take a token."""
    way_out = what_to_do(variable, word)
    return SetupFault(
        f"Slack refuses {variable}: {word}.",
        f"{way_out[0].upper()}{way_out[1:]}. Then: netmap check",
    )


def trouble(variable: str, word: str) -> str:
    """The same of a bot that runs."""
    mend = what_to_do(variable, word)
    return f"Slack refuses {variable}: {word}. To mend it, {mend}; then start netmap again."


def what_to_do(variable: str, word: str) -> str:
    """What to do about a refusal; a token is not to be blamed for what is Slack's own trouble."""
    if word in _NO_TOKEN:
        return f"copy {variable} again from the app's page at https://api.slack.com/apps"
    if word in _TAKEN_BACK:
        return f"install the app again from its page, then copy {variable} from there"
    if word == "missing_scope":
        return f"give the token its scopes on the app's page, then copy {variable} again"
    if word == "socket_mode_not_enabled":
        return "turn Socket Mode on, on the app's page"
    if word in REFUSED:
        return "ask whoever manages the workspace"
    return "that is not for want of a token; check again later, and see status.slack.com"
