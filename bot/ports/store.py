"""The database, and everything inside one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection
    from contextlib import AbstractContextManager

    from bot.domain.estate import Estate, Server
    from bot.ports.digests import Answers, Digests, Findings, Lives, Outbox
    from bot.ports.estate import (
        Changes,
        Leases,
        Mappings,
        Networks,
        Pairs,
        People,
        Pools,
        Requests,
        Segments,
        Unreadable,
        Vms,
    )
    from bot.ports.intake import Arrivals, Inventories, Stage


class Tables(Protocol):
    """Everything inside one transaction."""

    @property
    def answers(self) -> Answers: ...
    @property
    def arrivals(self) -> Arrivals: ...
    @property
    def changes(self) -> Changes: ...
    @property
    def digests(self) -> Digests: ...
    @property
    def findings(self) -> Findings: ...
    @property
    def inventories(self) -> Inventories: ...
    @property
    def leases(self) -> Leases: ...
    @property
    def lives(self) -> Lives: ...
    @property
    def mappings(self) -> Mappings: ...
    @property
    def networks(self) -> Networks: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def pairs(self) -> Pairs: ...
    @property
    def people(self) -> People: ...
    @property
    def pools(self) -> Pools: ...
    @property
    def requests(self) -> Requests: ...
    @property
    def segments(self) -> Segments: ...
    @property
    def unreadable(self) -> Unreadable: ...
    @property
    def vms(self) -> Vms: ...

    def servers(self) -> Collection[Server]:
        """The servers alone, where nothing else of the estate is needed."""
        ...

    def estate(self) -> Estate:
        """Servers, networks, clouds and mappings as they stand in this transaction."""
        ...

    def around(self) -> Estate:
        """The same, where no more than a few of its networks will be asked for in here."""
        ...

    def version(self) -> tuple[int, str]:
        """Another one after every write to the estate, whoever wrote."""
        ...


class Store(Protocol):
    """The database."""

    def names(self) -> dict[str, str]:
        """Id -> name of people and groups; in a transaction that is under way, or in none."""
        ...

    def read(self, stages: bool = False) -> AbstractContextManager[Tables]:
        """One snapshot; nothing can be written in it but, if it `stages`, a stage."""
        ...

    def beside(self) -> AbstractContextManager[Tables]:
        """One snapshot beside a transaction of this thread: what that writes is not in it."""
        ...

    def write(self) -> AbstractContextManager[Tables]:
        """Lock, commit at the end of the block, roll back on any error."""
        ...

    def rehearse(self) -> AbstractContextManager[Tables]:
        """Lock, and take all of it back at the end of the block."""
        ...

    def stage(self) -> AbstractContextManager[Stage]:
        """Temporary tables for an inventory on its way in."""
        ...
