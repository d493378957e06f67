"""views.*: open, push, update and publish; the stack of a person's modals."""

from __future__ import annotations

import secrets
from typing import Any

from bot.workspace import seeds
from bot.workspace.ids import token_of
from bot.workspace.limits import check_view, finished
from bot.workspace.methods.method import Context, Method, require
from bot.workspace.nouns import Json, SlackError, View
from bot.workspace.state import current_conversations, initial_values, kept_values
from bot.workspace.world import World

STACK = 3


def new_hash(world: World) -> str:
    """A new view hash."""
    return f"{int(world.clock.now())}.{secrets.token_hex(4)}"


def filled(
    world: World,
    given: Json,
    view_id: str,
    user: str,
    before: View | None,
    looking: str | None = None,
) -> Json:
    """A whole view out of what the app sent; typed values survive where both ids stay.

    Args:
        looking: the channel they were looking at when it was opened.
    """
    blocks = finished(given.get("blocks", []))
    values = initial_values(blocks)
    current_conversations(world, blocks, values, looking, user)
    if before is not None:
        kept_values(values, before, blocks)
    body: Json = {
        "id": view_id,
        "team_id": seeds.TEAM,
        "type": given["type"],
        "blocks": blocks,
        "private_metadata": given.get("private_metadata", ""),
        "callback_id": given.get("callback_id", ""),
        "external_id": given.get("external_id", ""),
        "state": {"values": values},
        "hash": new_hash(world),
        "title": text_of(given.get("title")),
        "submit": text_of(given.get("submit")),
        "close": text_of(given.get("close")),
        "clear_on_close": bool(given.get("clear_on_close", False)),
        "notify_on_close": bool(given.get("notify_on_close", False)),
        "submit_disabled": bool(given.get("submit_disabled", False)),
        "root_view_id": view_id,
        "previous_view_id": None,
        "app_id": seeds.APP,
        "app_installed_team_id": seeds.TEAM,
        "bot_id": seeds.BOT,
    }
    if before is not None:
        body["root_view_id"] = before.body["root_view_id"]
        body["previous_view_id"] = before.body["previous_view_id"]
    return body


def text_of(text: Json | None) -> Json | None:
    """A plain text object with its default written out."""
    return {"emoji": True, **text} if text else None


def checked(context: Context, view: Any, kind: str, keep: str | None = None) -> Json:
    """A sound view of the right type whose external id is free.

    Raises:
        SlackError: `invalid_arguments`, `view_too_large`, `duplicate_external_id`.
    """
    given = check_view(view, kind)
    external = given.get("external_id")
    if external:
        for other in context.world.views.values():
            if other.body["external_id"] == external and other.id != keep:
                raise SlackError("duplicate_external_id")
    return given


def put_on_stack(
    context: Context, user: str, given: Json, on: str | None, looking: str | None = None
) -> View:
    """Show a new modal to `user`, on top of view `on` or alone.

    Raises:
        SlackError: `push_limit_reached`, `not_found`.
    """
    world = context.world
    stack = world.stacks[user]
    if on is not None and on not in stack:
        raise SlackError("not_found")
    if on is not None and len(stack) >= STACK:
        raise SlackError("push_limit_reached")
    looking = world.views[on].looking if on is not None else looking
    body = filled(world, given, f"V{token_of(10)}", user, None, looking)
    view = View(user, body, looking)
    if on is not None:
        body["root_view_id"] = world.views[on].body["root_view_id"]
        body["previous_view_id"] = on
    else:
        for gone in stack:
            world.views.pop(gone, None)
        stack.clear()
    world.views[view.id] = view
    stack.append(view.id)
    world.tell({"type": "views", "user": user})
    return view


def replace(context: Context, view: View, given: Json) -> None:
    """Give a view new contents, and a new hash."""
    body = filled(context.world, given, view.id, view.user, view, view.looking)
    view.body.clear()
    view.body.update(body)
    kind = "home" if body["type"] == "home" else "views"
    context.world.tell({"type": kind, "user": view.user})


def views_open(context: Context, args: Json) -> Json:
    """Open a modal with a fresh trigger."""
    require(args, "trigger_id", "view")
    trigger = context.tokens.look_at_trigger(str(args["trigger_id"]))
    given = checked(context, args["view"], "modal")
    if trigger.view in context.world.stacks[trigger.user]:
        view = put_on_stack(context, trigger.user, given, trigger.view)
    else:
        view = put_on_stack(context, trigger.user, given, None, trigger.channel)
    trigger.used = True
    return {"view": view.body}


def views_push(context: Context, args: Json) -> Json:
    """Put a modal on top of the one the trigger came from."""
    require(args, "trigger_id", "view")
    trigger = context.tokens.look_at_trigger(str(args["trigger_id"]))
    given = checked(context, args["view"], "modal")
    if trigger.view is None:
        raise SlackError("not_found")
    view = put_on_stack(context, trigger.user, given, trigger.view)
    trigger.used = True
    return {"view": view.body}


def views_update(context: Context, args: Json) -> Json:
    """Change a modal that is open, found by `view_id` or `external_id`."""
    require(args, "view")
    world = context.world
    if bool(args.get("view_id")) == bool(args.get("external_id")):
        raise SlackError("invalid_arguments", ["give exactly one of view_id, external_id"])
    found = world.views.get(str(args.get("view_id")))
    for view in world.views.values():
        if args.get("external_id") and view.body["external_id"] == args["external_id"]:
            found = view
    if found is None or found.body["type"] != "modal":
        raise SlackError("not_found")
    if args.get("hash") and args["hash"] != found.body["hash"]:
        raise SlackError("hash_conflict")
    given = checked(context, args["view"], "modal", keep=found.id)
    replace(context, found, given)
    return {"view": found.body}


def views_publish(context: Context, args: Json) -> Json:
    """Set a person's Home tab."""
    require(args, "user_id", "view")
    world, user = context.world, str(args["user_id"])
    if user not in world.people:
        raise SlackError("user_not_found")
    home = world.manifest.get("features", {}).get("app_home", {})
    if not home.get("home_tab_enabled", False):
        raise SlackError("not_enabled")
    known = world.homes.get(user)
    if args.get("hash") and (known is None or world.views[known].body["hash"] != args["hash"]):
        raise SlackError("hash_conflict")
    given = checked(context, args["view"], "home", keep=known)
    if known is None:
        view = View(user, filled(world, given, f"V{token_of(10)}", user, None))
        world.views[view.id] = view
        world.homes[user] = view.id
        world.tell({"type": "home", "user": user})
    else:
        view = world.views[known]
        replace(context, view, given)
    return {"view": view.body}


METHODS = {
    "views.open": Method(views_open, 4),
    "views.push": Method(views_push, 4),
    "views.update": Method(views_update, 4),
    "views.publish": Method(views_publish, 4),
}
