"""When Slack does not take a token."""

from bot.domain.errors import SetupFault

REFUSED = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "not_allowed_token_type",
        "missing_scope",
        "socket_mode_not_enabled",
        "no_permission",
        "org_login_required",
    }
)
"""Slack's words for a token that will not do; trying again would not help."""


def refused(variable: str, word: str) -> SetupFault:
    """What to say when Slack does not take a token."""
    return SetupFault(
        f"Slack refuses {variable}: {word}.",
        "Copy it again from the app's page at https://api.slack.com/apps. Then: netmap check",
    )
