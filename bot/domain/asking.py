"""Who asks, when, and how much of an answer fits through the door."""

from datetime import datetime
from typing import NamedTuple

from bot.domain.codes import Role


class Stamp(NamedTuple):
    """The person and the moment; travels into every use case."""

    by: str
    """A Slack user id, or `local:<login>`."""
    at: datetime
    role: Role = Role.ADMIN
    command: str = ""
    """The line as it was asked, for the history."""
    page: int | None = 12
    """How many rows of a long list to resolve; None: all of them."""
    where: str = ""
    """The channel it was asked in; empty outside Slack."""
    zone: str = "UTC"


class Lease(NamedTuple):
    """Who is reconnecting replicas at a server; nobody else may until it ends."""

    by: str
    at: datetime
    until: datetime
    """When it ends by itself, should the work have broken off."""


class Say(NamedTuple):
    """A command that could be run next, not yet written as a line."""

    command: str
    values: dict[str, object]


def say(command: str, /, **values: object) -> Say:
    """A command to suggest; values as the grammar reads them, empty ones left out."""
    return Say(command, {key: value for key, value in values.items() if value not in (None, "")})
