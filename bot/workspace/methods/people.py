"""users.* and usergroups.*: who is who, and in which group."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.workspace import seeds
from bot.workspace.methods.method import Context, Method, flag, require
from bot.workspace.nouns import Group, Json, Person, SlackError
from bot.workspace.world import World


def described(world: World, person: Person, locale: bool) -> Json:
    """A person as `users.info` shows them."""
    moment, scopes = world.clock.now(), world.scopes
    label = datetime.fromtimestamp(moment, UTC).astimezone(ZoneInfo(person.tz)).strftime("%Z")
    profile: Json = {
        "real_name": person.real_name,
        "display_name": person.name,
        "title": person.title,
        "real_name_normalized": person.real_name,
        "display_name_normalized": person.name,
        "team": person.team_id,
    }
    if "users:read.email" in scopes and not person.is_bot:
        profile["email"] = f"{person.name}@northwind.example"
    shown: Json = {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "deleted": person.deleted,
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": label,
        "tz_offset": person.offset(moment),
        "profile": profile,
        "is_admin": person.is_admin,
        "is_owner": person.is_owner,
        "is_primary_owner": person.is_owner,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": 1_700_000_000,
    }
    if person.is_stranger:  # to Slack somebody with whom the bot shares a channel is none
        met = any({person.id, seeds.BOT_USER} <= one.members for one in world.channels.values())
        shown["is_stranger"] = not met
    if locale:
        shown["locale"] = person.locale
    return shown


def users_info(context: Context, args: Json) -> Json:
    """Describe one person; `include_locale` adds the locale."""
    require(args, "user")
    world = context.world
    person = world.people.get(str(args["user"]))
    if person is None:
        raise SlackError("user_not_found")
    locale = flag(args.get("include_locale"))
    return {"user": described(world, person, locale)}


def users_list(context: Context, args: Json) -> Json:
    """Describe everybody, on one page."""
    world = context.world
    locale = flag(args.get("include_locale"))
    members = [described(world, one, locale) for one in world.people.values()]
    return {"members": members, "response_metadata": {"next_cursor": ""}}


def described_group(group: Group, users: bool) -> Json:
    """A group as `usergroups.list` shows it."""
    shown: Json = {
        "id": group.id,
        "handle": group.handle,
        "name": group.name,
        "is_usergroup": True,
        "user_count": len(group.members),
        "date_delete": 0,
    }
    if users:
        shown["users"] = list(group.members)
    return shown


def usergroups_list(context: Context, args: Json) -> Json:
    """All groups; `include_users` adds their members."""
    users = flag(args.get("include_users"))
    return {"usergroups": [described_group(one, users) for one in context.world.groups.values()]}


def usergroups_users_list(context: Context, args: Json) -> Json:
    """The members of one group."""
    require(args, "usergroup")
    group = context.world.groups.get(str(args["usergroup"]))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.members)}


METHODS = {
    "users.info": Method(users_info, 4, ("users:read",)),
    "users.list": Method(users_list, 2, ("users:read",)),
    "usergroups.list": Method(usergroups_list, 2, ("usergroups:read",)),
    "usergroups.users.list": Method(usergroups_users_list, 2, ("usergroups:read",)),
}
