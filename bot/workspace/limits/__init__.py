"""Slack's limits: what a message, a view or a list of options may hold.

Sources: SLACK.md 3.2 of this project's notes and docs.slack.dev as of 2026; where they give two
values, the smaller. Sentences and error strings are worded as Slack words them.
"""

from bot.workspace.limits.finish import finished
from bot.workspace.limits.surfaces import (
    check_message,
    check_suggestions,
    check_update,
    check_view,
)

__all__ = ["check_message", "check_suggestions", "check_update", "check_view", "finished"]
