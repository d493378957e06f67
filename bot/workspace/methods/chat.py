"""chat.*: post, show to one person, edit, delete, link."""

from __future__ import annotations

from bot.workspace import seeds
from bot.workspace.limits import check_message, check_update, finished
from bot.workspace.methods.method import Context, Method, flag, readable_channel, require
from bot.workspace.nouns import Channel, Json, Message, SlackError

TEXT_KEPT = 40_000


def bot_body(context: Context, args: Json, ts: str) -> Json:
    """A message of the bot's, as Slack stores it."""
    world = context.world
    bot = world.people[seeds.BOT_USER]
    body: Json = {
        "type": "message",
        "user": bot.id,
        "bot_id": seeds.BOT,
        "app_id": seeds.APP,
        "team": seeds.TEAM,
        "text": str(args.get("text") or "")[:TEXT_KEPT],
        "ts": ts,
        "bot_profile": {
            "id": seeds.BOT,
            "app_id": seeds.APP,
            "user_id": bot.id,
            "name": bot.name,
            "deleted": False,
            "updated": 1_700_000_000,
            "team_id": seeds.TEAM,
        },
    }
    if args.get("markdown_text"):
        block = {"type": "markdown", "text": args["markdown_text"]}
        body["blocks"] = finished([block])
        body["text"] = str(args["markdown_text"])[:TEXT_KEPT]
    if args.get("blocks"):
        body["blocks"] = finished(args["blocks"])
    for key in ("attachments", "metadata"):
        if args.get(key):
            body[key] = args[key]
    return body


def writable(context: Context, name: str) -> Channel:
    """The channel a call wants to write to; a user id stands for the direct message with them.

    Raises:
        SlackError: `channel_not_found`, `is_archived`.
    """
    world = context.world
    if name in world.people and name != seeds.BOT_USER:
        return world.dm(name)
    channel = readable_channel(world, name)
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel


def post_message(context: Context, args: Json) -> Json:
    """Post to a channel, a thread or a direct message."""
    require(args, "channel")
    world = context.world
    channel = writable(context, str(args["channel"]))
    public = not channel.is_private and not channel.is_im
    if seeds.BOT_USER not in channel.members and not (
        public and "chat:write.public" in world.scopes
    ):
        raise SlackError("not_in_channel")
    check_message(args)
    thread_ts = args.get("thread_ts")
    if thread_ts and world.message(channel.id, str(thread_ts)) is None:
        raise SlackError("thread_not_found")
    context.rates.post(channel.id)
    body = bot_body(context, args, world.next_ts())
    if thread_ts:
        body["thread_ts"] = str(thread_ts)
        if flag(args.get("reply_broadcast")):
            body["subtype"] = "thread_broadcast"
    world.add_message(Message(channel.id, body))
    kind = "im" if channel.is_im else "group" if channel.is_private else "channel"
    context.deliveries.emit({**body, "channel": channel.id, "channel_type": kind})
    return {"channel": channel.id, "ts": body["ts"], "message": body}


def post_ephemeral(context: Context, args: Json) -> Json:
    """Show a message to one person in a channel; it cannot be edited later."""
    require(args, "channel", "user")
    world = context.world
    channel = writable(context, str(args["channel"]))
    if seeds.BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    user = str(args["user"])
    if user not in world.people:
        raise SlackError("user_not_found")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    check_message(args)
    body = bot_body(context, args, world.next_ts())
    body["is_ephemeral"] = True
    if args.get("thread_ts"):
        body["thread_ts"] = str(args["thread_ts"])
    world.add_message(Message(channel.id, body, only_for=user))
    return {"message_ts": body["ts"]}


def own_message(context: Context, args: Json, refusal: str) -> Message:
    """The bot's own message that a call names.

    Raises:
        SlackError: `channel_not_found`, `message_not_found`, or `refusal` for somebody else's.
    """
    require(args, "channel", "ts")
    channel = readable_channel(context.world, str(args["channel"]))
    message = context.world.message(channel.id, str(args["ts"]))
    if message is None:
        raise SlackError("message_not_found")
    if message.user != seeds.BOT_USER:
        raise SlackError(refusal)
    if channel.is_archived:
        raise SlackError("is_archived")
    return message


def update(context: Context, args: Json) -> Json:
    """Edit a message in place; what is not given keeps its value, save blocks beside a new text."""
    message = own_message(context, args, "cant_update_message")
    check_update(args)
    kept = {key: value for key, value in message.body.items() if key not in ("edited",)}
    for key in ("text", "attachments", "metadata"):
        if args.get(key) is not None:
            kept[key] = args[key]
    if args.get("blocks") is not None:
        kept["blocks"] = finished(args["blocks"])
    elif args.get("text") is not None:
        kept.pop("blocks", None)
    kept["edited"] = {"user": seeds.BOT_USER, "ts": context.world.next_ts()}
    message.body.clear()
    message.body.update(kept)
    context.world.change_message(message)
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": message.text,
        "message": message.body,
    }


def delete(context: Context, args: Json) -> Json:
    """Delete one of the bot's own messages."""
    message = own_message(context, args, "cant_delete_message")
    context.world.remove_message(message)
    return {"channel": message.channel, "ts": message.ts}


def get_permalink(context: Context, args: Json) -> Json:
    """The address of a message on the workspace's page."""
    require(args, "channel", "message_ts")
    channel = readable_channel(context.world, str(args["channel"]))
    message = context.world.message(channel.id, str(args["message_ts"]))
    if message is None:
        raise SlackError("message_not_found")
    spot = message.ts.replace(".", "")
    return {
        "channel": channel.id,
        "permalink": f"{context.world.url}/archives/{channel.id}/p{spot}",
    }


METHODS = {
    "chat.postMessage": Method(post_message, 5, ("chat:write",)),
    "chat.postEphemeral": Method(post_ephemeral, 4, ("chat:write",)),
    "chat.update": Method(update, 3, ("chat:write",)),
    "chat.delete": Method(delete, 3, ("chat:write",)),
    "chat.getPermalink": Method(get_permalink, 5),
}
