"""Build every room once. The only place that reads the clock and knows the store.

What not every start needs is imported where it is used.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import commands
from bot.appliers.simulated import SimulatedApplier
from bot.commands import Caller, Said
from bot.domain.answers import Process
from bot.domain.asking import Gate, Stamp
from bot.domain.codes import Role
from bot.domain.errors import Forbidden, InventoryFault, NetmapError, SetupFault, Stopped
from bot.domain.names import name_key
from bot.domain.replies import Reply
from bot.domain.requests import HANDED_IN
from bot.render import Show
from bot.render.errors import error as render_error
from bot.render.sheets import Sheet
from bot.render.steps import about, steps
from bot.running import serving
from bot.settings import Settings
from bot.usecases.people import Names
from storage.store import Store
from storage.store import restore as restore_store

if TYPE_CHECKING:
    from bot.appliers.vmm.remoting import Remote
    from bot.beside import Beside
    from bot.domain.intake import Intake
    from bot.domain.orders import Order
    from bot.domain.placements import Move
    from bot.domain.reports import ImportReport
    from bot.importers.kinds import Kind
    from bot.ports import Applier, Collector, InventorySource, Poster
    from bot.usecases.imports import Options

log = logging.getLogger("netmap")

Progress = Callable[[str, int, int], None]
Files = Sequence[tuple[str, bytes]]
"""Names and contents."""


def clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def _quiet(what: str, done: int, of: int) -> None:
    """Nobody watches."""


@dataclass
class Outside:
    """The real things behind `bot.ports.Ports`."""

    store: Store
    appliers: Sequence[Applier] = field(default_factory=lambda: (SimulatedApplier(),))
    collectors: Sequence[Collector] = ()
    stale_hours: float = 24
    progress: Progress = _quiet
    processes: Callable[[], Sequence[Process]] = tuple
    beside: Beside | None = None
    """Where a bot serves: inventories are taken in by processes of their own."""

    def bring(self, intake: Intake) -> list[ImportReport]:
        """Take inventory files in; what was taken in before a refusal stays."""
        return self.beside.take(intake) if self.beside else list(take_files(self, intake))


class _Collector:
    """Fetches a server's inventory by remoting."""

    def __init__(self, remote: Remote) -> None:
        self.name = remote.name
        self.standing = remote.standing
        self._remote = remote

    @contextmanager
    def collect(self) -> Iterator[Path]:
        from bot.appliers.vmm.collecting import collected
        from bot.importers import open_inventory

        with collected(self._remote) as path:
            [source] = open_inventory([path])  # which reads its first and last lines
            found = source.header["server"]["name"]
            if name_key(found) != name_key(self.name):
                raise SetupFault(
                    f"The server at {self._remote.server.host} calls itself {found}, and"
                    f" NETMAP_VMM calls it {self.name}.",
                    "Call it there as it calls itself.",
                )
            yield path


class House:
    """A running bot without its doors."""

    def __init__(
        self,
        settings: Settings,
        now: Callable[[], datetime] = clock,
        progress: Progress = _quiet,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """Open the store.

        Args:
            environ: holds the secrets that NETMAP_VMM names.

        Raises:
            StoreFault: it cannot be used.
        """
        self.settings = settings
        self.now = now
        self.poster: Poster | None = None
        """Brings digests to Slack; None where there is none."""
        self._environ = environ
        self.store = Store(settings.db)
        appliers: list[Applier] = [SimulatedApplier()]
        collectors: list[Collector] = []
        if settings.vmm:
            from bot.appliers.vmm.applier import RemoteApplier
            from bot.appliers.vmm.remoting import Remote

            remotes = [Remote(server, environ, now) for server in settings.vmm]
            by_name = {name_key(one.name): one for one in remotes}
            appliers.append(RemoteApplier(by_name, self._orders))
            collectors += [_Collector(one) for one in remotes]
        self.ports = Outside(
            self.store,
            appliers,
            collectors,
            stale_hours=settings.stale_hours,
            progress=progress,
            processes=partial(_processes, settings.db),
        )

    def _orders(self, moves: Sequence[Move]) -> list[Order]:
        from bot.usecases.orders import orders

        with self.store.read() as tables:
            return orders(tables, moves)

    def answer(
        self,
        line: str | Said,
        by: str,
        page: int | None = 12,
        where: str = "",
        zone: str = "UTC",
        sheet: Sheet | None = None,
    ) -> Reply:
        """Answer a line as this person.

        Args:
            page: how many rows of a long list; None: all.
            sheet: takes all rows; the answer shows the first of them.
        """
        caller = Caller(
            by,
            self.settings.role_of(by),
            self.now(),
            page,
            where,
            zone,
            lambda role: self.settings.remedy(by, role),
            sheet=sheet,
            gate=self.gate(),
        )
        said = commands.read(line)
        reply = commands.answer(self.ports, said, caller)
        if self.poster is None and reply.ok and said.may_change:
            self.look()  # where a scheduler runs, it does
        return reply

    def gate(self, reason: str = "", glass: bool = False) -> Gate | None:
        """What has to be passed by changes made at this machine: approval, where it is wanted."""
        return Gate(approval=True, reason=reason, glass=glass) if self.settings.approval else None

    def show(self, at: datetime | None = None) -> Show:
        """What renderers need."""
        return Show(commands.write_line, at or self.now(), name=Names(self.store))

    def serve(self) -> Beside:
        """Import in processes of their own from now on, as whoever asks must not wait."""
        from bot.beside import Beside

        self.ports.beside = Beside(self.settings.db, self._environ)
        return self.ports.beside

    def look(self) -> None:
        """Give numbers to findings that arose, and end those that are gone."""
        from bot.usecases.findings import look

        try:
            look(self.ports, Stamp("local:look", self.now()))
        except NetmapError as fault:
            log.warning("findings could not be kept: %s", fault.message)

    def watched(self, progress: Progress) -> Outside:
        """The same ports, with somebody told how far long work is."""
        return replace(self.ports, progress=progress)

    def take(self, files: Files, caller: Caller, change: bool) -> Reply:
        """Take in files that came through a door together, as this person."""
        return take_given(
            self, files, caller.by, False, change, caller.role, caller.gate, caller.where
        )

    def is_empty(self) -> bool:
        """Whether no inventory was ever taken in."""
        with self.store.read() as tables:
            return not tables.estate().servers and tables.changes.last() == 0

    def close(self) -> None:
        """Close the store."""
        self.store.close()


def _processes(db: Path) -> list[Process]:
    return [Process(pid=one.pid, door=one.door, since=one.since) for one in serving(db)]


def build(settings: Settings, progress: Progress = _quiet) -> House:
    """The house, with the real clock."""
    return House(settings, clock, progress)


def load_sample(house: House) -> None:
    """Fill an empty store with the sample estate: its inventories and its history."""
    from bot.importers.sample import sample_days
    from bot.usecases.findings import look
    from bot.usecases.imports import Options

    for day in sample_days(house.now()):
        take_in(house, day.inventories, "local:sample", day.at, Options(simulated=True))
        for line in day.commands:
            caller = Caller("local:sample", Role.ADMIN, day.at, where=day.where)
            reply = commands.answer(house.ports, line, caller)
            if not reply.ok:
                raise RuntimeError(f"the sample cannot say {line!r}: {reply.text}")
        look(house.ports, Stamp("local:sample", day.at))


def take_files(ports: Outside, intake: Intake) -> Iterator[ImportReport]:
    """Import inventory files one after the other, in this process."""
    from bot.importers import open_inventory
    from bot.usecases.imports import Options, import_inventory

    options = Options(force=intake.force, replace_server=intake.replace_server)
    for source in open_inventory(intake.paths, intake.server, intake.collected_at):
        command = intake.command or HANDED_IN + source.names
        stamp = Stamp(intake.by, intake.at, command=command)
        yield import_inventory(ports, source, stamp, options)


def take_in(
    house: House,
    sources: Sequence[InventorySource],
    by: str,
    at: datetime,
    options: Options,
) -> Reply:
    """Import these sources one after the other; what was taken in before a refusal stays."""
    from bot.usecases.imports import import_inventory

    reports = [
        import_inventory(
            house.ports, source, Stamp(by, at, command=f"import {source.names}"), options
        )
        for source in sources
    ]
    return _brought(house, reports, at, options.simulated)


def _brought(
    house: House, reports: list[ImportReport], at: datetime, simulated: bool = False
) -> Reply:
    from bot.render.imports import import_report

    if house.poster is None and not simulated:
        house.look()
    reply = import_report(reports, house.show(at))
    reply.found = reports
    return reply


def rehearsal(settings: Settings) -> Path:
    """Copy the database to rehearse on: in the copy every reconnection is simulated.

    Raises:
        SetupFault: there is no database to copy.
    """
    if not settings.db.exists():
        raise SetupFault(
            f"There is no database {settings.db} to rehearse on.",
            "Without --rehearse, netmap run makes one with the sample estate.",
        )
    at = clock()
    copy = settings.db.with_name(f"{settings.db.stem}.rehearsal-{at:%Y%m%d-%H%M%S}.db")
    original = Store(settings.db)
    original.backup(copy)
    original.close()
    store = Store(copy)
    with store.write() as tables:
        tables.inventories.rehearse()
    store.close()
    return copy


def restore(copy: Path, path: Path) -> Path | None:
    """Put a backup in the place of the database; where the replaced file was kept, if any."""
    return restore_store(copy, path)


def import_files(
    house: House,
    paths: Sequence[Path],
    by: str,
    server: str | None = None,
    collected_at: datetime | None = None,
    force: bool = False,
    replace_server: bool = False,
    dry_run: bool = False,
    change: bool = False,
    plan: str = "",
    gate: Gate | None = None,
    where: str = "",
) -> Reply:
    """Read what somebody gave and take it in; a refusal is a reply too.

    Inventories, what a run of Connect-NetmapReplicas.ps1 put out, a mapping table as CSV, or the
    mappings of an Azure vault.

    Args:
        dry_run: for mappings: only say what would happen.
        change: for mappings: lead those mapped elsewhere to the target in the file.
        plan: for mappings: only if it is what this fingerprint showed.
        gate: for mappings: what has to be looked at before it is done.
        where: the channel it came from.
    """
    from bot.domain.intake import Intake
    from bot.importers.kinds import Kind, kind_of

    show = house.show()
    try:
        kind = kind_of(paths)
        names = " ".join(path.name for path in paths)
        stamp = Stamp(by, house.now(), command=HANDED_IN + names, where=where, gate=gate)
        if kind is not Kind.INVENTORY and (server or collected_at or force or replace_server):
            raise InventoryFault(
                f"{paths[0]} is no inventory.",
                hint="--server, --collected-at, --force and --replace-server are for inventories.",
            )
        if kind in (Kind.VAULT, Kind.TABLE):
            return _take_mappings(house, kind, paths, stamp, dry_run, change, plan)
        if dry_run or change or plan:
            raise InventoryFault(
                f"{paths[0]} holds no mappings.",
                hint="--dry-run, --plan and --change are for mapping tables and vaults.",
            )
        if kind is Kind.ANSWERS:
            return _take_answers(house, paths[0], stamp)
        intake = Intake(
            paths=tuple(path.absolute() if house.ports.beside else path for path in paths),
            by=by,
            at=stamp.at,
            server=server,
            collected_at=collected_at,
            force=force,
            replace_server=replace_server,
        )
        return _brought(house, house.ports.bring(intake), intake.at)
    except NetmapError as error:
        return render_error(error, show)


def _take_mappings(
    house: House,
    kind: Kind,
    paths: Sequence[Path],
    stamp: Stamp,
    dry_run: bool,
    change: bool,
    plan: str,
) -> Reply:
    from bot.importers.kinds import Kind
    from bot.importers.table import open_table
    from bot.importers.vault import open_vault
    from bot.render.bulk import brought
    from bot.usecases.bulk import bring

    strict = kind is Kind.TABLE
    wanted = open_table(paths[0]) if strict else open_vault(paths)
    wanted = wanted._replace(strict=strict, change=change)
    result = bring(house.ports, wanted, stamp, dry_run, plan)
    show = house.show()
    reply = brought(result, show)
    reply.found, reply.steps, reply.about = result, steps(result, reply, show), about(result)
    return reply


def _take_answers(house: House, path: Path, stamp: Stamp) -> Reply:
    from bot.importers.answers import open_answers
    from bot.render.remotes import answers_taken
    from bot.usecases.orders import take_answers

    result = take_answers(house.ports, open_answers(path), stamp)
    reply = answers_taken(result, house.show())
    reply.found = result
    return reply


def take_file(house: House, name: str, data: bytes, by: str, **how: Any) -> Reply:
    """Take in one file; see `take_given`."""
    return take_given(house, [(name, data)], by, **how)


def take_given(
    house: House,
    files: Files,
    by: str,
    dry_run: bool = False,
    change: bool = False,
    role: Role | None = None,
    gate: Gate | None = None,
    where: str = "",
) -> Reply:
    """Take in files that came through a door, as this person, who has to be an editor.

    Args:
        files: as they were called there, and all of each; what belongs together is read together.
        by: who.
        dry_run: for mappings: only say what would happen.
        change: for mappings: lead those mapped elsewhere to the target in the file.
        role: theirs, where the door knows better than the settings.
        gate: for mappings: what has to be looked at before it is done.
        where: the channel it came from.
    """
    role = role or house.settings.role_of(by)
    if not role.allows(Role.EDITOR):
        fault = Forbidden(
            f"Only an editor may hand in files; you are a {role}.",
            hint=house.settings.remedy(by, Role.EDITOR),
            commands=["whoami"],
        )
        return render_error(fault, house.show())
    with tempfile.TemporaryDirectory(prefix="netmap-") as folder:
        paths: list[Path] = []
        for name, data in files:
            path = Path(folder) / _plain(name)
            while path in paths:
                path = path.with_name(f"2-{path.name}")
            path.write_bytes(data)
            paths.append(path)
        reply = import_files(
            house, paths, by, dry_run=dry_run, change=change, gate=gate, where=where
        )
    return _without_folder(reply, folder)


def _plain(name: str) -> str:
    """The name without what a folder could take amiss."""
    kept = "".join(c if c.isalnum() or c in "-_. " else "_" for c in name)
    return kept.strip(". ")[-100:] or "file"


def _without_folder(reply: Reply, folder: str) -> Reply:
    """The reply without the temporary folder: the person knows the file by its own name."""
    text = reply.model_dump_json()
    cut = json.loads(text.replace(json.dumps(f"{folder}{os.sep}")[1:-1], ""))
    kept = {"files": reply.files, "steps": reply.steps, "about": reply.about}  # not in the JSON
    return Reply.model_validate(cut | kept | {"found": cut["result"]})


def take_inbox(house: House) -> list[Reply]:
    """Take in what lies ready in NETMAP_INBOX, and put it away; one reply for each delivery."""
    from bot.importers.inbox import deliveries, put_away
    from bot.importers.kinds import Kind, kind_of
    from bot.usecases.import_failures import INBOX, remember, settle_inbox

    folder = house.settings.inbox
    replies: list[Reply] = []
    if folder is None:
        return replies
    for path, files in list(deliveries(folder, house.now())):
        try:
            if kind_of(files) in (Kind.VAULT, Kind.TABLE):
                raise InventoryFault(
                    "Mappings are not taken from a folder: somebody has to see what would change.",
                    hint="Look with netmap import --dry-run, then take them with netmap import.",
                )
            reply = import_files(house, files, by="local:inbox")
        except NetmapError as fault:
            reply = render_error(fault, house.show())
        if reply.error is not None and reply.error.code == Stopped.code:
            break  # it lies there still when netmap runs again
        kept = put_away(folder, path, reply.ok, reply.text, house.now())
        log.info("inbox: %s %s", kept.name, "taken in" if reply.ok else "refused")
        if reply.ok:
            settle_inbox(house.ports)
        elif reply.error is not None:
            failed = InventoryFault(f"{kept.name}: {reply.error.message}")
            remember(house.ports, INBOX, failed, house.now())
        replies.append(reply)
    return replies


def scheduled(house: House) -> list[tuple[str, float, Callable[[], None]]]:
    """What is to run by the clock besides the heartbeat: (id, seconds between, what to do)."""
    work: list[tuple[str, float, Callable[[], None]]] = []
    if house.settings.inbox is not None:
        work.append(("inbox", 30, lambda: _quietly("inbox", lambda: take_inbox(house))))
    for server in house.settings.vmm:
        if server.refresh:
            name = f"refresh {server.name}"
            work.append((name, 60 * server.refresh, _refresher(house, name, server.name)))
    work.append(("digests", TICK_S, lambda: _quietly("digests", lambda: tick(house))))
    return work


TICK_S = 5
"""Between two looks at what is due; looking when nothing is takes less than a millisecond."""


def tick(house: House) -> tuple[int, int]:
    """Run the digests that are due and deliver what waits: (digests run, messages delivered)."""
    from bot.render.letters import letter
    from bot.usecases import ticking

    draw = partial(letter, commands.write_line, name=Names(house.store))
    return ticking.tick(house.ports, house.poster, draw, house.now)


def _refresher(house: House, name: str, server: str) -> Callable[[], None]:
    from bot.usecases.import_failures import remember
    from bot.usecases.refreshing import AskRefresh, refresh

    def ask() -> object:
        stamp = Stamp("local:schedule", house.now(), command=name)
        try:
            return refresh(house.ports, [AskRefresh(server=server)], stamp)
        except Stopped:
            raise  # the next start asks again
        except NetmapError as fault:
            remember(house.ports, server, fault, house.now())
            raise

    return lambda: _quietly(name, ask)


def _quietly(name: str, work: Callable[[], object]) -> None:
    """Do it; what can be explained is logged in a line, and the next time is another chance."""
    try:
        work()
    except NetmapError as fault:
        log.warning("%s: %s", name, fault.message)


def check_vmm(
    settings: Settings, environ: Mapping[str, str] = os.environ
) -> list[tuple[str, bool, str]]:
    """Try every VMM server that is set up: (about, whether it is well, what to say)."""
    from bot.appliers.vmm.remoting import Remote

    found = []
    for server in settings.vmm:
        remote = Remote(server, environ, clock)
        where = f"{server.name} ({server.host})"
        try:
            said = list(remote.run(TRIAL))
        except NetmapError as fault:
            found.append(("vmm", False, f"{fault.message} {fault.hint}".strip()))
        else:
            found.append(("vmm", True, f"{where} answers, as {said[-1] if said else 'nobody'}"))
    if settings.inbox is not None:
        usable = settings.inbox.is_dir() and os.access(settings.inbox, os.R_OK | os.W_OK)
        words = "is watched" if usable else "cannot be read and written: make it, or set another"
        found.append(("inbox", usable, f"{settings.inbox} {words}"))
    return found


TRIAL = """Import-Module -Name VirtualMachineManager
$server = Get-SCVMMServer -ComputerName 'localhost'
"$($server.FullyQualifiedDomainName)"
"""
"""What `netmap check` runs at a server."""
