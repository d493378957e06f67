"""What a Web API method is made of, and what all of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from bot.workspace import seeds
from bot.workspace.deliver import Deliveries
from bot.workspace.nouns import Channel, Json, SlackError
from bot.workspace.rates import Rates
from bot.workspace.sockets import Sockets
from bot.workspace.tokens import Tokens
from bot.workspace.world import World


@dataclass(frozen=True)
class Context:
    """The parts of the workspace that methods use."""

    world: World
    tokens: Tokens
    rates: Rates
    deliveries: Deliveries
    sockets: Sockets


@dataclass(frozen=True)
class Method:
    """One method: any of `scopes` is enough, no scope named means none is needed."""

    run: Callable[[Context, Json], Json]
    tier: int
    scopes: tuple[str, ...] = ()
    token: Literal["bot", "app", "none"] = "bot"


def require(args: Json, *names: str) -> None:
    """Refuse a call that lacks an argument.

    Raises:
        SlackError: `invalid_arguments`, naming each.
    """
    missing = [name for name in names if args.get(name) in (None, "")]
    if missing:
        raise SlackError(
            "invalid_arguments",
            [f"missing required field: {name} [json-pointer:/{name}]" for name in missing],
        )


def flag(value: Any) -> bool:
    """A boolean argument, as JSON or as form text."""
    return value is True or str(value).lower() in ("true", "1")


def readable_channel(world: World, name: str) -> Channel:
    """The channel of that id as far as the bot can know of it.

    Raises:
        SlackError: `channel_not_found`, also for private channels the bot is not in.
    """
    found = world.channels.get(name)
    if found is None or ((found.is_private or found.is_im) and seeds.BOT_USER not in found.members):
        raise SlackError("channel_not_found")
    return found
