"""What to do when a message is not taken, by the word that Slack gives for it."""

from datetime import datetime, timedelta

from bot.domain.delivery import Outcome, Undelivered
from bot.domain.posts import Part

PATIENCE = timedelta(hours=24)
"""What could not be delivered for so long needs a person."""
OWNER_PATIENCE = timedelta(days=7)
SENDING = timedelta(minutes=2)
"""Whoever began to send a message so long ago has stopped; no call takes that long."""

_FIRST_WAIT_S, _LONGEST_WAIT_S = 30, 900

NO_TOKEN = frozenset(
    {"token_revoked", "token_expired", "account_inactive", "invalid_auth", "not_authed"}
)
"""Slack takes nothing at all; what waits for it goes on by itself once it does."""

_PAUSE = NO_TOKEN | frozenset(
    {
        "not_in_channel",
        "channel_not_found",
        "is_archived",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "restricted_action_non_threadable_channel",
        "missing_scope",
        "no_permission",
        "ekm_access_denied",
        "access_denied",
        "team_access_not_granted",
        "org_login_required",
        "user_not_found",
        "users_not_found",
        "cannot_dm_bot",
        "messages_tab_disabled",
    }
)
_FORM = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_attachments",
        "invalid_arguments",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
    }
)
_LOST = frozenset(
    {
        "message_not_found",
        "thread_not_found",
        "cant_update_message",
        "edit_window_closed",
        "is_inactive",
        "parent_is_an_unfurl",
        "cannot_reply_to_message",
    }
)
FILES = (Part.FILE, Part.MAP, Part.PICTURE)
"""The message says it all; these only spare typing."""


def passes(code: str) -> bool:
    """Whether a refusal may pass by itself, so that the same can be tried again."""
    return code not in _PAUSE | _FORM | _LOST


def outcome(fault: Undelivered, part: Part) -> Outcome:
    """What a refusal of this part calls for; an unknown word may pass by itself."""
    channel_is_lost = fault.code in ("not_in_channel", "channel_not_found", "is_archived")
    if part in FILES and fault.wait_s is None and not channel_is_lost:
        return Outcome.SKIP
    if fault.code in _PAUSE:
        return Outcome.PAUSE
    if fault.code in _FORM:
        return Outcome.FORM
    return Outcome.LOST if fault.code in _LOST else Outcome.LATER


def try_again_at(fault: Undelivered, attempts: int, at: datetime) -> datetime:
    """When: as Slack says, else after twice as long as the last time."""
    if fault.wait_s is not None:
        return at + timedelta(seconds=max(1.0, fault.wait_s))
    wait = min(_FIRST_WAIT_S * 2 ** min(attempts - 1, 10), _LONGEST_WAIT_S)
    return at + timedelta(seconds=wait)


def gives_up(part: Part, created_at: datetime, at: datetime) -> bool:
    """Whether it was tried for long enough."""
    return at - created_at >= (OWNER_PATIENCE if part is Part.DIRECT else PATIENCE)
