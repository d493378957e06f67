"""What use cases need from outside, as Protocols; the wiring puts the real things in."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from bot.domain.addresses import PoolView
from bot.domain.asking import Lease, Stamp
from bot.domain.codes import ChangeKind
from bot.domain.estate import Estate, Mapping, Server
from bot.domain.history import Change, Detail
from bot.domain.inventory import CloudLine, Header, HostLine, Item, NetworkLine, VmLine
from bot.domain.orders import Receipt
from bot.domain.pairs import KnownPair, Pair, VmObject
from bot.domain.placements import Baseline, Move, Segment, SegmentKey
from bot.domain.remotes import RemoteStanding
from bot.domain.reports import NetworkNews, VmNews
from bot.domain.vms import AdapterRow, PairAdapterRow, PairRow, VmRow


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
        """The lines in order; raises InventoryFault at the end if it was cut off or malformed."""
        ...

    def parse(self, item: Item) -> Any | None:
        """The line's CloudLine, HostLine, NetworkLine or VmLine; None if it is faulty.

        A fault is kept with its line number; `finish` raises them all at once.
        """
        ...

    def fault(self, number: int, text: str) -> None:
        """Keep a fault that somebody else found on this line."""
        ...

    def finish(self) -> None:
        """Raise InventoryFault with the first 100 faults, if there was any."""
        ...


class Changes(Protocol):
    """Change C204 is the row 204."""

    def last(self) -> int: ...

    def begin(
        self, kind: ChangeKind, stamp: Stamp, reason: str = "", part_of: int = 0, undoes: int = 0
    ) -> int: ...

    def finish(
        self,
        id: int,
        detail: Detail,
        networks: Iterable[tuple[int, int]] = (),
        affected: Iterable[Move] = (),
    ) -> None: ...

    def get(self, id: int) -> Change | None: ...

    def recent(
        self,
        limit: int,
        networks: Iterable[int] = (),
        by: str | None = None,
        since: datetime | None = None,
    ) -> list[Change]: ...

    def later(self, than: int, pairs: Iterable[tuple[int, int]]) -> Change | None: ...

    def affected(self, id: int) -> list[tuple[int, int]]: ...


class Findings(Protocol):
    """Counts and examples; what they mean is said elsewhere."""

    def faulty(self) -> list[tuple[int, int, str, int]]: ...

    def partner_hosts(self, pairs: Iterable[int]) -> list[tuple[str, int]]: ...

    def examples(self, segments: Iterable[int], limit: int) -> list[str]: ...

    def active_sides(
        self, segments: Iterable[int], limit: int
    ) -> list[tuple[int, int, int, list[str]]]: ...


class Stage(Protocol):
    """One file's content on its way in; temporary tables of one connection."""

    clouds: list[CloudLine]
    hosts: list[HostLine]
    networks: list[tuple[NetworkLine, bytes]]
    vm_count: int

    def cloud(self, line: CloudLine) -> None: ...

    def host(self, line: HostLine) -> None: ...

    def network(self, line: NetworkLine, digest: bytes) -> None: ...

    def keep(self, vm: int) -> None: ...

    def vm(self, line: VmLine, digest: bytes) -> None: ...

    def finish(self) -> None: ...

    def discard(self) -> None: ...

    def place_number(self, network: str, subnet: str) -> int: ...


class Inventories(Protocol):
    """Servers and what was retrieved from them."""

    def digests(self, guid: str) -> dict[bytes, int]: ...

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

    def clear(self) -> None: ...

    def put_clouds(self, server: int, lines: Sequence[CloudLine]) -> list[int]: ...

    def put_hosts(
        self, server: int, lines: Sequence[HostLine], clouds: dict[str, int]
    ) -> tuple[list[int], set[int]]: ...

    def put_networks(self, server: int, stage: Any) -> list[NetworkNews]: ...

    def adopt(self, network: int) -> None: ...

    def count_vms(self, server: int) -> int: ...

    def vanishing(self, server: int) -> int: ...

    def duplicates(self, server: int) -> list[str]: ...

    def dangling(self, server: int) -> list[tuple[str, str]]: ...

    def put_vms(self, server: int, clouds: list[int], hosts: list[int]) -> VmNews: ...

    def on_hosts(self, hosts: set[int]) -> set[str]: ...

    def known_server(self, guid: str, name: str) -> tuple[Server | None, Server | None]: ...


class Leases(Protocol):
    """Who is reconnecting replicas at a server; one at a time."""

    def take(self, server: int, by: str, at: datetime, until: datetime) -> Lease | None: ...

    def give_back(self, server: int) -> None: ...


class Mappings(Protocol):
    """Rows are never deleted: a removed mapping still says where its replicas may stand."""

    def get(self, id: int) -> Mapping | None: ...

    def of_server(self, server: int) -> list[Mapping]: ...

    def put(self, mapping: Mapping) -> Mapping: ...


class Pairs(Protocol):
    """Derived from the VM objects of both sides; an import writes those it touched."""

    def groups(
        self, hyperv: Iterable[str]
    ) -> Iterator[tuple[str, list[VmObject], list[KnownPair]]]: ...

    def replace(
        self,
        hyperv: str,
        known: Sequence[KnownPair],
        pairs: Sequence[Pair],
        segment_ids: dict[SegmentKey, int],
        change: int,
    ) -> None: ...

    def set_home(self, pair: int, vm: int) -> None: ...

    def disputed(self, server: int) -> list[str]: ...

    def all_of(self, server: int) -> Iterator[str]: ...


class Pools(Protocol):
    """Addresses are stored packed, so that they sort as numbers."""

    def view(self, place: int, address: str | None, adapter: str) -> PoolView: ...


class Segments(Protocol):
    """The classes and their wishes."""

    def all(self) -> list[Segment]: ...

    def of(self, network: int, server: int) -> list[Segment]: ...

    def get(self, ids: Iterable[int]) -> dict[int, Segment]: ...

    def intern(self, key: SegmentKey) -> int: ...

    def put(self, segments: Iterable[Segment]) -> None: ...

    def recount(self, ids: Iterable[int]) -> None: ...

    def baseline(self, id: int) -> Baseline | None: ...

    def intern_baseline(self, baseline: Baseline) -> int: ...

    def moves(
        self, segments: Iterable[int] | None = None, server: int | None = None
    ) -> Iterator[Move]: ...

    def open_count(self) -> int: ...

    def standing(self, ids: Iterable[int]) -> dict[int, dict[int, int]]: ...

    def connected(self, ids: Iterable[int]) -> dict[int, dict[int, int]]: ...

    def pairs_standing(self, ids: Iterable[int], connected: bool) -> set[int]: ...

    def pairs(self, ids: Iterable[int]) -> int: ...

    def confirm(self, moves: Iterable[Move], change: int) -> int: ...


class Vms(Protocol):
    """VMs by name, and what belongs to them."""

    def named(self, name: str) -> list[VmRow]: ...

    def with_id(self, guid: str) -> list[VmRow]: ...

    def get(self, id: int) -> VmRow | None: ...

    def near(self, name: str, limit: int) -> list[str]: ...

    def pairs_of(self, vm: int) -> list[PairRow]: ...

    def pair(self, id: int) -> PairRow | None: ...

    def adapters(self, vm: int) -> list[AdapterRow]: ...

    def pair_adapters(self, pair: int) -> list[PairAdapterRow]: ...

    def names(self, pairs: Iterable[int]) -> dict[int, str]: ...

    def counts(self, places: Iterable[int]) -> tuple[int, int]: ...

    def unknown(self, server: int) -> tuple[int, list[str]]: ...

    def unknown_on(self, server: int, places: Iterable[int]) -> int: ...

    def counts_by_network(self, server: int) -> dict[int, tuple[int, int]]: ...

    def server_counts(self, server: int) -> tuple[int, int]: ...

    def server_of_host(self, name: str) -> int | None: ...


class Tables(Protocol):
    """Everything inside one transaction."""

    @property
    def changes(self) -> Changes: ...
    @property
    def findings(self) -> Findings: ...
    @property
    def inventories(self) -> Inventories: ...
    @property
    def leases(self) -> Leases: ...
    @property
    def mappings(self) -> Mappings: ...
    @property
    def pairs(self) -> Pairs: ...
    @property
    def pools(self) -> Pools: ...
    @property
    def segments(self) -> Segments: ...
    @property
    def vms(self) -> Vms: ...

    def estate(self) -> Estate:
        """Servers, networks, clouds and mappings as they stand in this transaction."""
        ...


class Store(Protocol):
    """The database."""

    def read(self) -> AbstractContextManager[Tables]:
        """One snapshot; nothing can be written in it."""
        ...

    def write(self) -> AbstractContextManager[Tables]:
        """Lock, commit at the end of the block, roll back on any error."""
        ...

    def stage(self) -> AbstractContextManager[Stage]:
        """Temporary tables for an inventory on its way in."""
        ...


class Applier(Protocol):
    """Carries a plan to the outside world."""

    name: str
    takes_time: bool
    """It works on something outside, so one person at a time may use it on a server."""

    def reaches(self, server: Server) -> bool:
        """Whether it can reconnect replicas at this server."""
        ...

    def apply(self, server: Server, moves: Iterable[Move]) -> Iterator[Receipt]:
        """Reconnect them; one receipt each."""
        ...


class Collector(Protocol):
    """Fetches the inventory of one server that netmap talks to itself."""

    name: str
    """The server, as its inventories call it."""

    def collect(self) -> AbstractContextManager[InventorySource]:
        """Ask the server now; raises Unreachable."""
        ...

    def standing(self) -> RemoteStanding:
        """How talking to it goes."""
        ...


class Ports(Protocol):
    """Everything a use case may use."""

    @property
    def store(self) -> Store: ...
    @property
    def appliers(self) -> Sequence[Applier]: ...
    @property
    def collectors(self) -> Sequence[Collector]:
        """One for each server that is set up for remoting."""
        ...

    @property
    def stale_hours(self) -> float:
        """An inventory older than this is a finding."""
        ...

    @property
    def progress(self) -> Callable[[str, int, int], None]:
        """Told (what, done, of) during long work."""
        ...
