"""What use cases need from outside, as Protocols; the wiring puts the real things in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # no noun is loaded for being named
    from bot.domain.addresses import PoolView
    from bot.domain.answers import Finding, Process
    from bot.domain.asking import Lease, Stamp
    from bot.domain.codes import ChangeKind, VmRole
    from bot.domain.digests import (
        DayCount,
        Digest,
        DigestRun,
        Happening,
        Hush,
        ImportFailure,
        LastSeen,
        Letter,
        Life,
        Outgoing,
        Part,
        Post,
        Said,
        Settle,
        Step,
    )
    from bot.domain.estate import Estate, Mapping, Server
    from bot.domain.history import Change, Detail
    from bot.domain.intake import Intake
    from bot.domain.inventory import (
        Batch,
        CloudLine,
        Header,
        HostLine,
        Item,
        Known,
        NetworkLine,
        VmLine,
    )
    from bot.domain.orders import Receipt
    from bot.domain.pairs import Derived, KnownPair, Pair, VmObject
    from bot.domain.placements import Astray, Baseline, Group, Move, Segment
    from bot.domain.remotes import RemoteStanding
    from bot.domain.reports import ImportReport, NetworkNews, VmNews
    from bot.domain.requests import Request, RequestState
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

    def batches(self) -> Iterator[Batch]:
        """The same, VMs some hundred at a time."""
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
        affected: Iterable[int] = (),
        stood: Iterable[int] = (),
    ) -> None: ...

    def get(self, id: int) -> Change | None: ...

    def moment(self, id: int) -> datetime | None: ...

    def recent(
        self,
        limit: int,
        networks: Iterable[int] = (),
        by: str | None = None,
        since: datetime | None = None,
    ) -> list[Change]: ...

    def later(self, than: int, pairs: Iterable[tuple[int, int]]) -> Change | None: ...

    def affected(self, id: int) -> list[tuple[int, int]]: ...

    def stood(self, id: int) -> list[int]: ...


class Digests(Protocol):
    """Digest D3 is the row 3; a run is claimed before anything of it is posted."""

    def add(self, digest: Digest) -> Digest: ...

    def put(self, digest: Digest) -> None: ...

    def get(self, id: int) -> Digest | None: ...

    def all(self) -> list[Digest]: ...

    def due(self, at: datetime) -> list[int]: ...

    def claim(self, id: int, due: datetime, at: datetime) -> bool: ...

    def note(self, id: int, due: datetime, step: Step, findings: int) -> None: ...

    def runs(self, id: int, limit: int) -> list[DigestRun]: ...

    def said(self, id: int) -> list[Said]: ...

    def say(self, id: int, said: Iterable[Said]) -> None: ...

    def forget_before(self, at: datetime) -> None: ...


class FindingsLife(Protocol):
    """Finding F7 is the row 7, from first sight to resolution."""

    def open(self) -> dict[str, Life]: ...

    def get(self, id: int) -> Life | None: ...

    def begin(self, finding: Finding, at: datetime, change: int) -> Life: ...

    def last_seen(self) -> dict[str, LastSeen]: ...

    def see(self, those: Iterable[tuple[int, str]], at: datetime, change: int) -> None: ...

    def resolve(self, id: int, at: datetime, by: str, change: str) -> None: ...

    def hush(self, id: int, hush: Hush | None) -> None: ...

    def count(self, day: date, counts: dict[str, int]) -> None: ...

    def trend(self, since: date) -> list[DayCount]: ...

    def happened(self, things: Iterable[Happening]) -> None: ...

    def happenings(self, since: datetime) -> list[Happening]: ...

    def import_failed(self, failure: ImportFailure) -> None: ...

    def import_succeeded(self, server: str) -> None: ...

    def failed_imports(self) -> list[ImportFailure]: ...

    def changed_outside(self) -> list[tuple[int, int]]: ...

    def pulse(self, name: str, at: datetime, note: str = "") -> None: ...

    def rest(self, name: str) -> None: ...

    def pulses(self) -> dict[str, tuple[datetime, str]]: ...

    def forget_before(self, at: datetime) -> None: ...

    def clear(self) -> None: ...


class Outbox(Protocol):
    """Messages on their way out."""

    def put(
        self,
        digest: int,
        part: Part,
        channel: str,
        post: Post,
        at: datetime,
        settle: Settle | None = None,
    ) -> None: ...

    def next(self, at: datetime) -> Outgoing | None: ...

    def stuck(self, before: datetime) -> list[Outgoing]: ...

    def waiting(self, digest: int) -> list[Outgoing]: ...

    def last(self, digest: int) -> Post | None: ...

    def claim(self, id: int, at: datetime) -> bool: ...

    def again(self, id: int, not_before: datetime, error: str) -> None: ...

    def done(self, id: int, at: datetime, error: str = "") -> None: ...

    def hold(self, channel: str, until: datetime) -> None: ...

    def drop(self, digest: int, at: datetime, why: str) -> None: ...

    def backlog(self) -> tuple[int, datetime | None]: ...

    def forget_before(self, at: datetime) -> None: ...


class Findings(Protocol):
    """Counts and examples; what they mean is said elsewhere."""

    def faulty(self) -> list[tuple[int, int, str, int]]: ...

    def partner_hosts(self, pairs: Iterable[int]) -> list[tuple[str, int]]: ...

    def examples(self, segments: Iterable[int], limit: int) -> list[str]: ...

    def pairs(self, segments: Iterable[int]) -> dict[int, tuple[str | None, str | None]]: ...

    def some_pairs(self, segments: Iterable[int], limit: int) -> dict[int, str | None]: ...

    def active_sides(
        self, segments: Iterable[int], limit: int
    ) -> list[tuple[int, int, int, list[str]]]: ...


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

    def groups(
        self, staged: Any = None
    ) -> Iterator[tuple[str, list[VmObject], list[KnownPair]]]: ...

    def put(self, derived: Iterable[Derived], change: int) -> None: ...

    def baseline(self, id: int) -> Baseline | None: ...

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

    def vm(self, line: VmLine, digest: bytes) -> None: ...

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


class Networks(Protocol):
    """Networks and their subnets, as retrieved."""

    def put(self, server: int, stage: Any) -> tuple[list[NetworkNews], list[tuple[int, int]]]: ...

    def adopt(self, network: int) -> None: ...


class Arrivals(Protocol):
    """VMs on their way in."""

    def find(self, server: int, collected_at: str, stage: Any, lists_vms: bool) -> VmNews: ...

    def pairs_as_before(self) -> int: ...

    def lone(self) -> list[tuple[VmRole | None, bool]]: ...

    def put(self, stage: Any) -> None: ...

    def put_lone(
        self, stage: Any, role: VmRole | None, several: bool, pair: Pair, change: int
    ) -> None: ...

    def dangling(self, server: int) -> list[tuple[str, str]]: ...


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
    """Derived from the VM objects of both sides."""

    def draft(self) -> Draft: ...

    def set_home(self, pair: int, vm: int) -> None: ...

    def disputed(self, server: int) -> list[str]: ...

    def all_of(self, server: int) -> Iterator[str]: ...

    def on_hosts(self, server: int, hosts: set[int]) -> Iterator[str]: ...


class Pools(Protocol):
    """Addresses are stored packed, so that they sort as numbers."""

    def view(self, place: int, address: str | None, adapter: str) -> PoolView: ...


class Requests(Protocol):
    """Changes that wait for somebody, and reconnections that are owed."""

    def add(self, request: Request, moves: Iterable[Move] = (), given: str = "") -> Request: ...

    def get(self, id: int) -> Request | None: ...

    def overdue(self, asked_until: datetime) -> list[Request]: ...

    def expire(self, id: int, at: datetime) -> None: ...

    def of_change(self, change: int) -> Request | None: ...

    def open(self) -> list[Request]: ...

    def decide(
        self,
        id: int,
        state: RequestState,
        by: str,
        at: datetime,
        change: int = 0,
        said: str = "",
    ) -> None: ...

    def hand_over(self, id: int) -> None: ...

    def posted(self, id: int, channel: str, ts: str) -> None: ...

    def moves(self, id: int) -> set[tuple[int, int, int, int]]: ...

    def given(self, id: int) -> str: ...

    def first(self, key: str, at: datetime) -> bool: ...

    def owe(self, change: int, by: str, at: datetime, adapters: int) -> None: ...

    def owed(self) -> list[tuple[int, str, int, str, str]]: ...

    def show_owed(self, change: int, channel: str, ts: str) -> None: ...

    def settle(self, change: int) -> None: ...


class Segments(Protocol):
    """The classes and their wishes."""

    def all(self) -> list[Segment]: ...

    def of(self, network: int, server: int) -> list[Segment]: ...

    def get(self, ids: Iterable[int]) -> dict[int, Segment]: ...

    def put(self, segments: Iterable[Segment]) -> None: ...

    def baseline(self, id: int) -> Baseline | None: ...

    def moves(
        self,
        segments: Iterable[int] | None = None,
        server: int | None = None,
        limit: int | None = None,
    ) -> Iterator[Move]: ...

    def astray(self) -> list[Astray]: ...

    def out_of_place(self, segments: Iterable[int]) -> list[Group]: ...

    def numbers(self, segments: Iterable[int]) -> list[int]: ...

    def names_at(self, group: Group) -> Iterator[tuple[int, str]]: ...

    def numbers_at(self, segment: int, at: int, after: int) -> list[int]: ...

    def leave(self, numbers: Iterable[int], segments: Iterable[int], change: int) -> list[int]: ...

    def open_count(self) -> int: ...

    def settled(self, ids: Iterable[int]) -> int: ...

    def standing(self, ids: Iterable[int]) -> dict[int, dict[int, int]]: ...

    def connected(self, ids: Iterable[int]) -> dict[int, dict[int, int]]: ...

    def pairs(self, ids: Iterable[int]) -> int: ...

    def confirm(self, moves: Iterable[Move], change: int) -> int: ...


class Vms(Protocol):
    """VMs by name, and what belongs to them."""

    def named(self, name: str) -> list[VmRow]: ...

    def with_id(self, guid: str) -> list[VmRow]: ...

    def get(self, id: int) -> VmRow | None: ...

    def near(self, name: str, limit: int) -> list[str]: ...

    def pairs_of(self, *vms: int) -> list[PairRow]: ...

    def pair(self, id: int) -> PairRow | None: ...

    def adapters(self, *vms: int) -> list[dict[int, AdapterRow]]: ...

    def pair_adapters(self, pair: int) -> list[PairAdapterRow]: ...

    def names(self, pairs: Iterable[int]) -> dict[int, str]: ...

    def counts(self, places: Iterable[int]) -> tuple[int, int]: ...

    def unknown(self, server: int) -> tuple[int, list[str]]: ...

    def unknown_on(self, server: int, places: Iterable[int]) -> int: ...

    def counts_by_network(self, server: int) -> dict[int, tuple[int, int]]: ...

    def server_counts(self, server: int) -> tuple[int, int]: ...

    def server_of_host(self, name: str) -> int | None: ...


class People(Protocol):
    """What people and groups are called."""

    def call(self, id: str, name: str, at: datetime) -> None: ...


class Tables(Protocol):
    """Everything inside one transaction."""

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
    def lives(self) -> FindingsLife: ...
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
    def vms(self) -> Vms: ...

    def servers(self) -> Collection[Server]:
        """The servers alone, where nothing else of the estate is needed."""
        ...

    def estate(self) -> Estate:
        """Servers, networks, clouds and mappings as they stand in this transaction."""
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

    def write(self) -> AbstractContextManager[Tables]:
        """Lock, commit at the end of the block, roll back on any error."""
        ...

    def rehearse(self) -> AbstractContextManager[Tables]:
        """Lock, and take all of it back at the end of the block."""
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

    def collect(self) -> AbstractContextManager[Path]:
        """Ask the server now: its inventory as a file; raises Unreachable."""
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

    def bring(self, intake: Intake) -> list[ImportReport]:
        """Take inventory files in, in this process or beside it."""
        ...

    @property
    def stale_hours(self) -> float:
        """An inventory older than this is a finding."""
        ...

    @property
    def processes(self) -> Callable[[], Sequence[Process]]:
        """Which processes serve the database now."""
        ...

    @property
    def progress(self) -> Callable[[str, int, int], None]:
        """Told (what, done, of) during long work."""
        ...


class Poster(Protocol):
    """Brings messages to a chat; every method raises Undelivered."""

    def post(
        self,
        channel: str,
        letter: Letter,
        mark: str,
        thread: str = "",
        broadcast: bool = False,
    ) -> str:
        """Say something new; its id there. `mark` goes with it, for `find`."""
        ...

    def edit(self, channel: str, message: str, letter: Letter, mark: str) -> None:
        """Replace what a message says."""
        ...

    def upload(self, channel: str, letter: Letter, thread: str) -> None:
        """Put a file into a thread."""
        ...

    def direct(self, person: str) -> str:
        """Where one writes to this person alone."""
        ...

    def find(self, channel: str, mark: str, around: datetime, thread: str = "") -> str | None:
        """The id of the message with this mark, sent about then; None if there is none.

        Raises:
            Undelivered: one may not look.
        """
        ...
