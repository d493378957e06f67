"""auth.test, api.test, team.info, bots.info, apps.connections.open, blocks.validate."""

from __future__ import annotations

from bot.workspace import seeds
from bot.workspace.limits import check_message, check_view
from bot.workspace.methods.method import Context, Method
from bot.workspace.nouns import Json, SlackError

TEAM_URL = f"https://{seeds.TEAM_DOMAIN}.slack.com/"


def api_test(context: Context, args: Json) -> Json:
    """Answer with what was sent."""
    if args.get("error"):
        raise SlackError(str(args["error"]), args=args)
    return {"args": args}


def auth_test(context: Context, args: Json) -> Json:
    """Say whose token this is."""
    bot = context.world.people[seeds.BOT_USER]
    return {
        "url": TEAM_URL,
        "team": seeds.TEAM_NAME,
        "user": bot.name,
        "team_id": seeds.TEAM,
        "user_id": bot.id,
        "bot_id": seeds.BOT,
        "is_enterprise_install": False,
    }


def team_info(context: Context, args: Json) -> Json:
    """Describe the team."""
    return {"team": {"id": seeds.TEAM, "name": seeds.TEAM_NAME, "domain": seeds.TEAM_DOMAIN}}


def bots_info(context: Context, args: Json) -> Json:
    """Describe the bot."""
    if args.get("bot") not in (None, seeds.BOT):
        raise SlackError("bot_not_found")
    bot = context.world.people[seeds.BOT_USER]
    made = {"id": seeds.BOT, "app_id": seeds.APP, "user_id": bot.id, "name": bot.name}
    return {"bot": {**made, "deleted": False, "updated": 1_700_000_000, "icons": {}}}


def connections_open(context: Context, args: Json) -> Json:
    """Hand out the address of a new websocket."""
    settings = context.world.manifest.get("settings", {})
    if not settings.get("socket_mode_enabled", False):
        raise SlackError("socket_mode_not_enabled")
    return {"url": context.sockets.ticket()}


def blocks_validate(context: Context, args: Json) -> Json:
    """Check one of `blocks`, `view` or `message` without posting it."""
    given = [key for key in ("blocks", "view", "message") if args.get(key)]
    if len(given) != 1:
        raise SlackError("invalid_arguments", ["give exactly one of blocks, view, message"])
    if given == ["view"]:
        check_view(args["view"])
    else:
        check_message({"blocks": args["blocks"]} if given == ["blocks"] else args["message"])
    return {}


METHODS = {
    "api.test": Method(api_test, 4, token="none"),
    "auth.test": Method(auth_test, 5),
    "team.info": Method(team_info, 3, ("team:read",)),
    "bots.info": Method(bots_info, 3, ("users:read",)),
    "apps.connections.open": Method(connections_open, 3, token="app"),
    "blocks.validate": Method(blocks_validate, 4, token="none"),
}
