"""What an inventory passes on its way in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from bot.domain.codes import VmRole
    from bot.domain.estate import Server
    from bot.domain.inventory import (
        Batch,
        CloudLine,
        Header,
        HostLine,
        Item,
        Known,
        NetworkLine,
        UnreadableLine,
        VmLines,
        VmRows,
    )
    from bot.domain.pairs import Derived, Pair, VmObject
    from bot.domain.placements import Baseline
    from bot.domain.reports import VmNews


class InventorySource(Protocol):
    """One server's inventory, read once, as a stream."""

    header: Header
    names: str
    """The file or files it comes from, for messages."""
    kinds: frozenset[str]
    """Which of `KINDS` it speaks of; what it does not speak of stays as it was."""
    notes: tuple[str, ...]
    """Sentences for the person who imports, such as where server and time were taken from."""
    size: int
    """Bytes in all, for progress."""
    position: int
    """Bytes read so far."""

    def items(self) -> Iterator[Item]:
        """The lines in order; raises InventoryFault at the end if it is faulty."""
        ...

    def batches(self) -> Iterator[Batch]:
        """The same, VMs some hundred at a time; that it is faulty is left to `finish`."""
        ...

    @property
    def clean(self) -> bool:
        """Whether no fault was found so far."""
        ...

    def parse(self, item: Item) -> Any | None:
        """The line's CloudLine, HostLine, NetworkLine or VmLine; None if it is faulty.

        A fault is kept with its line number; `finish` raises them all at once.
        """
        ...

    def vms(self, lines: VmLines) -> Iterator[VmRows]:
        """What these lines say; faulty ones are left out."""
        ...

    def fault(self, number: int, text: str) -> None:
        """Keep a fault that somebody else found on this line."""
        ...

    def finish(self) -> None:
        """Raise InventoryFault with the first 100 faults, if there was any."""
        ...


class Staged(Protocol):
    """What stands on the stage in place of one server's VMs."""

    @property
    def server(self) -> int: ...
    @property
    def collected_at(self) -> str: ...
    @property
    def last_id(self) -> int: ...


class Draft(Protocol):
    """Which pairs are to be derived, and what came of it; stored at the end."""

    def affect(self, hyperv: Iterable[str]) -> None: ...

    def groups(self, staged: Any = None) -> Iterator[tuple[str, list[VmObject], list[Pair]]]: ...

    def put(self, derived: Iterable[Derived], change: int) -> None: ...

    def numbers(self) -> set[int]: ...

    def baseline(self, id: int) -> Baseline | None: ...

    def server_of(self, vm: int) -> int: ...

    def intern_baseline(self, baseline: Baseline) -> int: ...

    def store(self) -> set[int]: ...

    def discard(self) -> None: ...


class Stage(Protocol):
    """One file's content on its way in; temporary tables of one connection."""

    clouds: list[CloudLine]
    hosts: list[HostLine]
    networks: list[tuple[NetworkLine, bytes]]
    known: Known
    """What lines are compared with; nothing at first."""
    kept_networks: set[int]
    unreadable: list[tuple[int, UnreadableLine]]
    """Lines, by number, of VMs that could not be read."""

    @property
    def draft(self) -> Draft: ...
    @property
    def staged_as(self) -> Staged | None: ...
    @property
    def vm_count(self) -> int: ...

    def cloud(self, line: CloudLine) -> None: ...

    def host(self, line: HostLine) -> None: ...

    def network(self, line: NetworkLine, digest: bytes) -> None: ...

    def keep(self, vms: Sequence[int]) -> bool: ...

    def keep_network(self, network: int) -> None: ...

    def vms(self, rows: VmRows) -> None: ...

    def finish(self) -> None: ...

    def number(
        self,
        places: Sequence[tuple[int, int]],
        clouds: Sequence[int],
        hosts: Sequence[tuple[int, int]],
    ) -> None: ...


class Inventories(Protocol):
    """Servers, their clouds and hosts."""

    def known(self, server: int) -> Known: ...

    def put_server(
        self,
        guid: str,
        name: str,
        collected_at: datetime,
        imported_at: datetime,
        simulated: bool,
        kinds: frozenset[str],
    ) -> int: ...

    def replace_server(self, server: int, guid: str) -> None: ...

    def forget(self, server: int) -> None: ...

    def mark_vms_gone(self, server: int) -> None: ...

    def rehearse(self) -> None: ...

    def clear(self) -> None: ...

    def put_clouds(self, server: int, lines: Sequence[CloudLine]) -> tuple[list[int], bool]: ...

    def put_hosts(
        self, server: int, lines: Sequence[HostLine], clouds: dict[str, int]
    ) -> tuple[list[tuple[int, int]], set[int]]: ...

    def known_server(self, guid: str, name: str) -> tuple[Server | None, Server | None]: ...


class Arrivals(Protocol):
    """VMs on their way in."""

    def find(self, server: int, collected_at: str, stage: Any, lists_vms: bool) -> VmNews: ...

    def pairs_as_before(self) -> int: ...

    def lone(self) -> list[tuple[VmRole | None, bool]]: ...

    def put(self, stage: Any) -> None: ...

    def put_lone(self, stage: Any, role: VmRole | None, several: bool, pair: Pair) -> None: ...

    def dangling(self, server: int) -> list[tuple[str, str]]: ...
