"""Answers that do not come through the Web API: acknowledgements and response URLs."""

from __future__ import annotations

from bot.workspace import seeds
from bot.workspace.limits import check_message
from bot.workspace.methods.chat import bot_body
from bot.workspace.methods.method import Context, flag
from bot.workspace.nouns import Json, Message, SlackError
from bot.workspace.tokens import ResponseUrl

KNOWN = {
    "text",
    "blocks",
    "attachments",
    "response_type",
    "replace_original",
    "delete_original",
    "thread_ts",
    "metadata",
    "mrkdwn",
    "parse",
    "link_names",
    "unfurl_links",
    "unfurl_media",
}


def check_reply(body: Json) -> None:
    """Refuse a reply that Slack would not show.

    Raises:
        SlackError: `invalid_payload` for unknown keys or a wrong response type, or what
            `check_message` finds.
    """
    unknown = sorted(body.keys() - KNOWN)
    if unknown:
        raise SlackError("invalid_payload", [f"unknown key: {key}" for key in unknown])
    if body.get("response_type") not in (None, "ephemeral", "in_channel"):
        raise SlackError("invalid_payload", ["response_type is ephemeral or in_channel"])
    check_message(body)


def reply(context: Context, leave: ResponseUrl, body: Json) -> None:
    """Show an answer where the payload came from.

    Raises:
        SlackError: the answer is not sound, or its original is gone.
    """
    if flag(body.get("delete_original")):
        if leave.original is not None:
            context.world.remove_message(original(context, leave))
        return
    check_reply(body)
    if flag(body.get("replace_original")) and leave.original is not None:
        message = original(context, leave)
        fresh = bot_body(context, body, message.ts)
        for key in ("text", "blocks", "attachments"):
            message.body.pop(key, None)
            if key in fresh:
                message.body[key] = fresh[key]
        message.body["edited"] = {"user": seeds.BOT_USER, "ts": context.world.next_ts()}
        context.world.change_message(message)
        return
    post(context, leave, body)


def post(context: Context, leave: ResponseUrl, body: Json) -> None:
    """Add a new message, for all or for the person alone."""
    world = context.world
    public = body.get("response_type") == "in_channel"
    if public and leave.typed is not None:
        echo = {
            "type": "message",
            "subtype": "slash_command",
            "user": leave.user,
            "text": leave.typed,
            "ts": world.next_ts(),
        }
        leave.typed = None
        world.add_message(Message(leave.channel, echo))
    fresh = bot_body(context, body, world.next_ts())
    if body.get("thread_ts"):
        fresh["thread_ts"] = str(body["thread_ts"])
    if not public:
        fresh["is_ephemeral"] = True
    world.add_message(Message(leave.channel, fresh, only_for=None if public else leave.user))


def original(context: Context, leave: ResponseUrl) -> Message:
    """The message that was pressed.

    Raises:
        SlackError: it has gone.
    """
    assert leave.original is not None
    world = context.world
    found = (
        world.ephemeral(leave.original)
        if leave.original_ephemeral
        else world.message(leave.channel, leave.original)
    )
    if found is None:
        raise SlackError("message_not_found")
    return found


def use_response_url(context: Context, key: str, body: Json) -> None:
    """One POST to a response URL.

    Raises:
        SlackError: `expired_url`, `used_url`, or what `reply` refuses.
    """
    leave = context.tokens.look_at_response(key)
    reply(context, leave, body)
    leave.uses += 1
