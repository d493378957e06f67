"""What the page shows of the workspace to one person."""

from __future__ import annotations

from bot.workspace import seeds
from bot.workspace.nouns import Call, Channel, Json, Message, Person, Violation
from bot.workspace.world import World

RECENT = 300
"""Messages of a channel that the page gets at first."""


def person(one: Person, moment: float) -> Json:
    """A person for the page."""
    return {
        "id": one.id,
        "name": one.name,
        "real_name": one.real_name,
        "title": one.title,
        "tz": one.tz,
        "tz_offset": one.offset(moment),
        "locale": one.locale,
        "is_bot": one.is_bot,
        "is_admin": one.is_admin,
        "is_guest": one.is_restricted or one.is_ultra_restricted,
        "is_stranger": one.is_stranger,
    }


def channel(world: World, one: Channel, user: str) -> Json:
    """A channel for the page."""
    return {
        "id": one.id,
        "name": one.name,
        "topic": one.topic,
        "is_private": one.is_private,
        "is_archived": one.is_archived,
        "is_ext_shared": one.is_ext_shared,
        "is_im": one.is_im,
        "is_member": user in one.members,
        "has_bot": seeds.BOT_USER in one.members,
        "members": len(one.members),
    }


def message(one: Message) -> Json:
    """A message for the page."""
    return {"channel": one.channel, "body": one.body, "private": one.only_for is not None}


def violation(one: Violation) -> Json:
    """A refusal for the page's list of them."""
    return {"method": one.method, "error": one.error, "messages": list(one.messages)}


def everything(world: World, user: str) -> Json:
    """All that the page needs to begin, as `user` sees it."""
    now = world.clock.now()
    world.dm(user)
    visible = [
        one
        for one in world.channels.values()
        if world.sees(user, one) and (not one.is_im or one.im_user == user)
    ]
    messages = [message(one) for place in visible for one in world.messages[place.id][-RECENT:]]
    messages += [message(one) for one in world.ephemerals if one.only_for == user]
    return {
        "me": user,
        "bot": seeds.BOT_USER,
        "team": seeds.TEAM_NAME,
        "app": {
            "name": world.people[seeds.BOT_USER].real_name,
            "about": world.manifest.get("display_information", {}),
        },
        "now": now,
        "people": [person(one, now) for one in world.people.values()],
        "groups": [
            {"id": one.id, "handle": one.handle, "name": one.name} for one in world.groups.values()
        ],
        "channels": [channel(world, one, user) for one in visible],
        "messages": messages,
        "views": stack(world, user),
        "home": home(world, user),
        "commands": world.commands,
        "shortcuts": world.shortcuts,
        "violations": [violation(one) for one in world.violations],
    }


def stack(world: World, user: str) -> list[Json]:
    """A person's modals, the topmost last."""
    return [world.views[one].body for one in world.stacks[user]]


def home(world: World, user: str) -> Json | None:
    """A person's Home tab."""
    known = world.homes.get(user)
    return world.views[known].body if known else None


def change(world: World, user: str, what: Json) -> Json | None:
    """A change as `user` gets to see it, None if it is none of theirs."""
    kind = what["type"]
    if kind in ("message", "message_deleted"):
        found: Message = what["message"]
        place = world.channels[found.channel]
        mine = found.only_for in (None, user) and world.sees(user, place)
        if place.is_im and place.im_user != user:
            mine = False
        return {"type": kind, **message(found)} if mine else None
    if kind == "channel":
        place = world.channels[what["channel"]]
        if not world.sees(user, place) or (place.is_im and place.im_user != user):
            return None
        return {"type": kind, "channel": channel(world, place, user)}
    if kind == "views" and what["user"] == user:
        return {"type": kind, "views": stack(world, user)}
    if kind == "home" and what["user"] == user:
        return {"type": kind, "home": home(world, user)}
    if kind in ("errors", "trouble") and what["user"] == user:
        return what
    if kind == "call":
        call: Call = what["call"]
        if not call.ok and not call.injected:
            errors = call.answer.get("errors", [])
            return {
                "type": "violation",
                "method": call.method,
                "error": call.error,
                "messages": errors,
            }
    if kind == "clock":
        return {"type": kind, "now": world.clock.now()}
    return None
