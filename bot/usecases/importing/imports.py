"""Take an inventory in: all of it, or nothing.

What is long happens without the write lock: the file is read into temporary tables, its VMs are
looked for among those known, and the pairs of what changed are derived. Inside one write the rows
that differ are replaced and the rule is asked again, so that nobody ever sees half an inventory.

What is derived before the lock needs to know what clouds, hosts and networks will be called there:
where one of them is other than it was, they are written once for trial and taken back. If anybody
else writes meanwhile, it is derived again, at last under the lock.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from bot.domain.asking import Stamp
from bot.domain.codes import IMPORTING
from bot.domain.errors import InventoryFault, NetmapError, Refused, WouldWrite
from bot.domain.history import Detail
from bot.domain.inventory import Batch, Item, VmLines
from bot.domain.placements import Confirmed
from bot.domain.reports import ImportReport, VmNews
from bot.engine.pairing import lone_pair
from bot.ports import InventorySource, Ports, Stage, Tables
from bot.usecases.importing import unreadable
from bot.usecases.importing.arriving import Arrival, Options, arrive, look_for_vms, stored
from bot.usecases.importing.happenings import Newcomers, keep_moved, keep_newcomers
from bot.usecases.importing.pairing import PairNews, derive_pairs
from bot.usecases.importing.placements import place_again, write_history

__all__ = ["Options", "import_inventory"]

_TRIES = 3
"""So often a file is read again because another import of its server was faster."""
_TOGETHER = 64
"""So many lines of VMs are read together: fewer, or one by one, take longer each."""
_AHEAD = 2
"""So often what follows is derived before the lock; somebody who writes without end may not keep
an import waiting."""


@dataclass(frozen=True)
class _Ready:
    """What can be known before the lock."""

    version: tuple[int, str]
    """Of the estate that it follows from."""
    vms: VmNews
    pairs: PairNews
    newer: Sequence[Confirmed]
    """What VMM said to have connected after it was asked for this inventory, among what follows."""


def import_inventory(
    ports: Ports, source: InventorySource, stamp: Stamp, options: Options
) -> ImportReport:
    """Replace what is known of one server, in one transaction.

    Raises:
        InventoryFault: the file is faulty; the first 100 faults are listed.
        Refused: it is older, from the future, much smaller, or of another server of that name.
    """
    _load(ports)
    with _no_collection(), _announced(ports, source, stamp):
        for _ in range(_TRIES):
            report = _try(ports, source, stamp, options)
            if report is not None:
                return report
        raise Refused(
            f"Other inventories of {source.header['server']['name']} are being imported.",
            hint="Import this one again when they are through.",
        )


def _load(ports: Ports) -> None:
    """Load what would else be loaded and built at its first use, which is under the lock."""
    ImportReport.model_rebuild()
    Detail.model_rebuild()
    with ports.store.read() as tables:
        for room in ("arrivals", "changes", "inventories", "lives", "networks", "unreadable"):
            getattr(tables, room)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Look for no garbage: there is none to find, and the look would come under the lock."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@contextmanager
def _announced(ports: Ports, source: InventorySource, stamp: Stamp) -> Iterator[None]:
    """Let those who find the store locked be told by what."""
    server = source.header["server"]["name"]
    with ports.store.write() as tables:
        tables.lives.pulse(IMPORTING + server, stamp.at, server)
    try:
        yield
    except BaseException:
        with suppress(NetmapError), ports.store.write() as tables:
            tables.lives.rest(IMPORTING + server)
        raise


def _try(
    ports: Ports, source: InventorySource, stamp: Stamp, options: Options
) -> ImportReport | None:
    """Once through the file; None if another import of its server was faster."""
    with ports.store.stage() as stage:
        with ports.store.read() as tables:
            before = stored(tables, source, options)
            if before is not None:
                stage.known = tables.inventories.known(before.id)
        _stage(ports, source, stage)
        unreadable.keep_known(ports, source, stage, before, options)
        for ahead in range(_AHEAD, -1, -1):
            ready = _prepare(ports, source, stage, stamp, options) if ahead else None
            with ports.store.write() as tables:
                if stored(tables, source, options) != before:
                    return None
                if ready is None or ready.version == tables.version():
                    return _apply(tables, source, stage, stamp, options, ready)
    raise AssertionError("the last try is made under the lock")


def _stage(ports: Ports, source: InventorySource, stage: Stage) -> None:
    others = VmLines([], [], [])
    for batch in source.batches():
        if batch.kind == "vm":
            _keep_vms(source, stage, batch, others)
            if len(others.raws) >= _TOGETHER:
                others = _stage_vms(source, stage, others)
        else:
            others = _stage_vms(source, stage, others)
            for item in batch.items():
                _stage_other(source, stage, item)
        ports.progress("reading", source.position, source.size)
    _stage_vms(source, stage, others)
    source.finish()
    stage.finish()
    ports.progress("reading", source.size, source.size)


def _keep_vms(source: InventorySource, stage: Stage, batch: Batch, others: VmLines) -> None:
    """Keep those that are as they were; the lines of the others are still to be read."""
    vms = list(map(stage.known.vms.get, batch.digests))
    same = [vm for vm in vms if vm is not None]
    if not stage.keep(same):  # as they were, as most of most days are
        for place, vm in enumerate(vms):
            if vm is not None and not stage.keep([vm]):
                source.fault(batch.number + place, "lists a VM that was listed before")
    if len(same) < len(vms):
        places = [place for place, vm in enumerate(vms) if vm is None]
        others.numbers.extend([batch.number + place for place in places])
        others.digests.extend([batch.digests[place] for place in places])
        others.raws.extend([batch.raws[place] for place in places])


def _stage_vms(source: InventorySource, stage: Stage, lines: VmLines) -> VmLines:
    """Read lines and put what they say on the stage; no lines, which are left to be read."""
    for rows in source.vms(lines) if lines.raws else ():
        if source.clean:
            stage.vms(rows)
    return VmLines([], [], [])


def _stage_other(source: InventorySource, stage: Stage, item: Item) -> None:
    if item.kind == "network" and (network := stage.known.networks.get(item.digest)):
        stage.keep_network(network)
        return
    line = source.parse(item)
    if line is None or not source.clean:
        return  # nothing of it is taken in, and what follows may refer to that line
    if item.kind == "network":
        stage.network(line, item.digest)
    elif item.kind == "host":
        stage.host(line)
    elif item.kind == "unreadable":
        stage.unreadable.append((item.number, line))
    else:
        stage.cloud(line)


def _prepare(
    ports: Ports, source: InventorySource, stage: Stage, stamp: Stamp, options: Options
) -> _Ready | None:
    """See what it would come to; None where that can only be seen as it is written."""
    try:
        with ports.store.read(stages=True) as tables:
            arrival = arrive(tables, source, stage, stamp, options, looks=True)
            return _follow(tables, source, stage, arrival, options) if arrival.calm else None
    except WouldWrite:
        with ports.store.rehearse() as tables:
            arrival = arrive(tables, source, stage, stamp, options)
    if not arrival.calm:
        return None
    with ports.store.read(stages=True) as tables:
        return _follow(tables, source, stage, arrival, options)


def _follow(
    tables: Tables, source: InventorySource, stage: Stage, arrival: Arrival, options: Options
) -> _Ready:
    """Look for the VMs and derive the pairs; writes nothing but temporary tables."""
    known = arrival.known
    newcomers = Newcomers() if known is not None and "vms" in known.kinds else None
    pairs = PairNews(newcomers)
    vms = look_for_vms(tables, source, stage, arrival, options)
    derive_pairs(arrival.after, stage.draft, arrival.change, pairs, stage.staged_as)
    pairs.pairs += tables.arrivals.pairs_as_before()
    newer = tables.segments.confirmed_after(arrival.server, source.header["collected_at"])
    if newer:
        differ = stage.draft.numbers()
        newer = [one for one in newer if one.number in differ]
    return _Ready(arrival.version, vms, pairs, newer)


def _apply(
    tables: Tables,
    source: InventorySource,
    stage: Stage,
    stamp: Stamp,
    options: Options,
    ready: _Ready | None,
) -> ImportReport:
    arrival = arrive(tables, source, stage, stamp, options)
    if ready is None:
        ready = _follow(tables, source, stage, arrival, options)
    report, change = arrival.report, arrival.change
    before, after = arrival.before, arrival.after
    if "vms" in source.kinds:
        report.vms = stage.vm_count
        tables.arrivals.put(stage)
        report.unreadable = unreadable.write(tables, stage, arrival)
    touched = stage.draft.store()
    for role, several in tables.arrivals.lone():
        pair = lone_pair(role, several)
        if pair is not None:
            tables.arrivals.put_lone(stage, role, several, pair)
    ready.pairs.tell(tables, report)
    report.adapters_newer = tables.segments.confirm_again(ready.newer)
    report.adapters_moved -= report.adapters_newer
    _refuse_dangling(tables, source, arrival)
    same_rules = replace(before, servers={}) == replace(after, servers={})
    moved = place_again(tables, after, touched, change, report, only=same_rules)
    unreadable.place_anew(tables, arrival, stamp)
    keep_moved(tables, moved, report.news, change, stamp.at)
    if ready.pairs.newcomers is not None:
        keep_newcomers(tables, ready.pairs.newcomers, change, stamp.at)
    tables.lives.import_succeeded(report.server)
    tables.lives.rest(IMPORTING + report.server)
    news = ready.vms
    report.vms_new, report.vms_gone = news.new, news.gone
    report.vms_changed, report.vms_renamed = news.changed, news.renamed
    report.vms_other_name = news.other_name
    report.unchanged = not (
        report.first
        or report.news
        or news.new
        or news.gone
        or news.changed
        or report.server_renamed
        or report.unreadable
        or moved
        or not same_rules
    )
    write_history(tables, report, moved, change)
    return report


def _refuse_dangling(tables: Tables, source: InventorySource, arrival: Arrival) -> None:
    if not any(news.event == "gone" for news in arrival.report.news):
        return
    dangling = tables.arrivals.dangling(arrival.server)
    if dangling:
        raise InventoryFault(
            f"{source.names} lists VMs on networks or subnets that it does not list.",
            hint="Export everything at once, then import again.",
            facts=[f"{vm} is on {network}, which is gone" for vm, network in dangling],
        )
