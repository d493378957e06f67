"""conversations.*: channels, their members, and opening a direct message."""

from __future__ import annotations

from bot.workspace import seeds
from bot.workspace.methods.method import Context, Method, readable_channel, require
from bot.workspace.nouns import Channel, Json, SlackError

READ = ("channels:read", "groups:read", "im:read")
HISTORY = ("channels:history", "groups:history", "im:history")
OPEN = ("im:write",)


def kind_of(channel: Channel) -> str:
    """The word its scopes begin with."""
    return "im" if channel.is_im else "groups" if channel.is_private else "channels"


def need(context: Context, channel: Channel, right: str) -> None:
    """Refuse without the scope for this kind of channel, such as `groups:read`.

    Raises:
        SlackError: `missing_scope`.
    """
    scope, scopes = f"{kind_of(channel)}:{right}", context.world.scopes
    if scope not in scopes:
        raise SlackError("missing_scope", needed=scope, provided=",".join(scopes))


def described(channel: Channel) -> Json:
    """A channel as `conversations.info` shows it."""
    if channel.is_im:
        return {
            "id": channel.id,
            "created": channel.created,
            "is_im": True,
            "is_archived": channel.is_archived,
            "user": channel.im_user,
            "is_user_deleted": False,
        }
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "created": channel.created,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": channel.name == "general",
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_member": seeds.BOT_USER in channel.members,
        "num_members": len(channel.members),
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def info(context: Context, args: Json) -> Json:
    """Describe one channel."""
    require(args, "channel")
    channel = readable_channel(context.world, str(args["channel"]))
    need(context, channel, "read")
    return {"channel": described(channel)}


def members(context: Context, args: Json) -> Json:
    """The ids of a channel's members, on one page."""
    require(args, "channel")
    channel = readable_channel(context.world, str(args["channel"]))
    need(context, channel, "read")
    return {"members": sorted(channel.members), "response_metadata": {"next_cursor": ""}}


def listing(context: Context, args: Json) -> Json:
    """The channels of the given `types` that the bot can know of, on one page."""
    names = {"public_channel": "channels", "private_channel": "groups", "im": "im"}
    types = str(args.get("types") or "public_channel").split(",")
    wanted = {names[kind.strip()] for kind in types if kind.strip() in names}
    for kind in sorted(wanted):
        if f"{kind}:read" not in context.world.scopes:
            scopes = ",".join(context.world.scopes)
            raise SlackError("missing_scope", needed=f"{kind}:read", provided=scopes)
    shown = [
        described(one)
        for one in context.world.channels.values()
        if kind_of(one) in wanted
        and (kind_of(one) == "channels" or seeds.BOT_USER in one.members)
        and not (str(args.get("exclude_archived")).lower() == "true" and one.is_archived)
    ]
    return {"channels": shown, "response_metadata": {"next_cursor": ""}}


def opening(context: Context, args: Json) -> Json:
    """Open the direct message with one person."""
    users = [one for one in str(args.get("users") or "").split(",") if one]
    if args.get("channel"):
        channel = readable_channel(context.world, str(args["channel"]))
        return {"channel": {"id": channel.id}}
    if len(users) != 1:
        raise SlackError("users_list_not_supplied" if not users else "not_enough_users")
    person = context.world.people.get(users[0])
    if person is None:
        raise SlackError("user_not_found")
    if person.deleted:
        raise SlackError("user_disabled")
    if person.is_bot:
        raise SlackError("cannot_dm_bot")
    return {"channel": {"id": context.world.dm(person.id).id}, "no_op": False}


def join(context: Context, args: Json) -> Json:
    """Join a public channel."""
    require(args, "channel")
    channel = readable_channel(context.world, str(args["channel"]))
    if channel.is_private or channel.is_im:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    channel.members.add(seeds.BOT_USER)
    context.world.tell({"type": "channel", "channel": channel.id})
    return {"channel": described(channel)}


def replies(context: Context, args: Json) -> Json:
    """A thread: its parent and the replies, oldest first."""
    require(args, "channel", "ts")
    channel = readable_channel(context.world, str(args["channel"]))
    need(context, channel, "history")
    if seeds.BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    there = [
        message
        for message in context.world.messages[channel.id]
        if args["ts"] in (message.ts, message.thread_ts)
    ]
    if not there:
        raise SlackError("thread_not_found")
    parent = [message.body for message in there if message.ts == args["ts"]]
    below = [m.body for m in there if m.ts != args["ts"] and _within(m.ts, args)]
    return _page([*parent, *below], args)


def history(context: Context, args: Json) -> Json:
    """A channel's messages outside threads, newest first."""
    require(args, "channel")
    channel = readable_channel(context.world, str(args["channel"]))
    need(context, channel, "history")
    if seeds.BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    found = [
        message.body
        for message in reversed(context.world.messages[channel.id])
        if message.thread_ts in (None, message.ts) and _within(message.ts, args)
    ]
    return _page(found, args)


def _within(ts: str, args: Json) -> bool:
    """Whether a message is of the time that is asked for; the ends count if `inclusive`."""
    at = float(ts)
    oldest, latest = float(args.get("oldest") or 0), float(args.get("latest") or "inf")
    if args.get("inclusive") in (True, "true", "1", 1):
        return oldest <= at <= latest
    return oldest < at < latest


def _page(found: list[Json], args: Json) -> Json:
    """One page of messages, and where the next one begins."""
    limit, cursor = int(args.get("limit") or 100), str(args.get("cursor") or "0")
    if not cursor.isdigit():
        raise SlackError("invalid_cursor")
    end = int(cursor) + limit
    more = end < len(found)
    shown: Json = {"messages": found[int(cursor) : end], "has_more": more}
    return {**shown, "response_metadata": {"next_cursor": str(end)}} if more else shown


METHODS = {
    "conversations.info": Method(info, 3, READ),
    "conversations.members": Method(members, 4, READ),
    "conversations.list": Method(listing, 2, READ),
    "conversations.open": Method(opening, 3, OPEN),
    "conversations.join": Method(join, 3, ("channels:join",)),
    "conversations.replies": Method(replies, 3, HISTORY),
    "conversations.history": Method(history, 3, HISTORY),
}
