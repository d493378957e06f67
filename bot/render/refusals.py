"""What Slack's refusals to take a digest mean, for whoever can mend them."""

MEND = {
    "not_in_channel": ("I am not in the channel", "Invite me there: /invite @netmap"),
    "channel_not_found": (
        "the channel is private and I am not in it, or it is gone",
        "Invite me there with /invite @netmap, or move the digest to another channel",
    ),
    "is_archived": (
        "the channel is archived",
        "Unarchive it, or move the digest to another channel",
    ),
    "token_revoked": (
        "Slack has revoked my token",
        "Reinstall the app and give netmap its new SLACK_BOT_TOKEN",
    ),
    "account_inactive": (
        "Slack has deactivated my account",
        "Reinstall the app and give netmap its new SLACK_BOT_TOKEN",
    ),
    "invalid_auth": ("Slack does not accept my token", "Give netmap a valid SLACK_BOT_TOKEN"),
    "missing_scope": (
        "the app lacks a permission",
        "Take app.yaml over again and reinstall the app",
    ),
    "restricted_action": (
        "the workspace does not let me post there",
        "Ask whoever manages the workspace, or move the digest to another channel",
    ),
}
"""Slack's word -> why, and what to do."""
