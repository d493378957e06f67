"""Take an inventory in: all of it, or nothing.

What is long (reading, parsing, staging) happens before the lock; inside one write the server's rows
are replaced, the pairs of what changed are derived anew, and the rule is asked again.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import NamedTuple

from bot.domain.asking import Stamp
from bot.domain.codes import ChangeKind, Readiness
from bot.domain.errors import InventoryFault, Refused
from bot.domain.estate import NO_OPINION, Estate, Server
from bot.domain.history import Detail
from bot.domain.inventory import Header
from bot.domain.pairs import Derived, KnownPair, Pair, PairFault, VmObject
from bot.domain.reports import ImportReport, MovedPlacement, NetworkNews, VmNews
from bot.engine.pairing import derive
from bot.ports import InventorySource, Ports, Stage, Tables
from bot.usecases.happenings import Newcomers, keep_moved, keep_newcomers
from bot.usecases.judging import stated_protector
from bot.usecases.placing import Replaced, ask_again, spot

AHEAD = timedelta(minutes=5)
"""How far ahead of our clock a collection time may be."""
VANISHING = 0.2
"""A file that makes a larger share of the networks or VMs vanish is refused."""
_SHOWN = 100
_TRIES = 3
"""So often a file is read again because another import of its server was faster."""
_BATCH = 1000
"""Hyper-V ids derived between two writes."""


class Options(NamedTuple):
    """What the person who imports insists on."""

    force: bool = False
    """Take an inventory that is older, ahead of the clock, or much smaller."""
    replace_server: bool = False
    """A known name under a new id is the same server, set up anew."""
    simulated: bool = False
    """It is of the sample estate."""


def import_inventory(
    ports: Ports, source: InventorySource, stamp: Stamp, options: Options
) -> ImportReport:
    """Replace what is known of one server, in one transaction.

    Raises:
        InventoryFault: the file is faulty; the first 100 faults are listed.
        Refused: it is older, from the future, much smaller, or of another server of that name.
    """
    for _ in range(_TRIES):
        with ports.store.stage() as stage:
            with ports.store.read() as tables:
                before = _stored(tables, source, options)
                if before is not None:
                    stage.known = tables.inventories.known(before.id)
            _stage(ports, source, stage)
            with ports.store.write() as tables:
                if _stored(tables, source, options) == before:
                    return _apply(tables, source, stage, stamp, options)
    raise Refused(
        f"Other inventories of {source.header['server']['name']} are being imported.",
        hint="Import this one again when they are through.",
    )


def _stored(tables: Tables, source: InventorySource, options: Options) -> Server | None:
    """The server that the inventory is compared with line by line, as it is now."""
    if not options.simulated and _simulated(tables):
        return None  # it is of the sample, which is set aside
    header = source.header
    known, same_name = tables.inventories.known_server(
        header["server"]["id"], header["server"]["name"]
    )
    return known or (same_name if options.replace_server else None)


def _stage(ports: Ports, source: InventorySource, stage: Stage) -> None:
    clean = True
    vms, networks = stage.known.vms, stage.known.networks
    for count, item in enumerate(source.items()):
        if item.kind == "vm" and (vm := vms.get(item.digest)):
            try:
                stage.keep(vm)
            except KeyError:
                source.fault(item.number, "lists a VM that was listed before")
        elif item.kind == "network" and (network := networks.get(item.digest)):
            stage.keep_network(network)
        else:
            line = source.parse(item)
            clean = clean and line is not None
            if line is None or not clean:
                continue  # nothing of it is taken in, and what follows may refer to that line
            if item.kind == "vm":
                stage.vm(line, item.digest)
            elif item.kind == "network":
                stage.network(line, item.digest)
            elif item.kind == "host":
                stage.host(line)
            else:
                stage.cloud(line)
        if count % 2000 == 0:
            ports.progress("reading", source.position, source.size)
    source.finish()
    stage.finish()
    ports.progress("reading", source.size, source.size)


def _apply(
    tables: Tables, source: InventorySource, stage: Stage, stamp: Stamp, options: Options
) -> ImportReport:
    header = source.header
    known, same_name = tables.inventories.known_server(
        header["server"]["id"], header["server"]["name"]
    )
    report = ImportReport(
        server=header["server"]["name"],
        collected_at=header["collected_at"],
        first=known is None,
        notes=list(source.notes),
    )
    if not options.simulated and _simulated(tables):
        tables.inventories.clear()
        tables.lives.clear()
        known = same_name = None
        report.first = report.set_aside = True
    if known is None and same_name is not None:
        known = _replaced(tables, same_name, header, options)
        report.first = False
    if known is not None:
        _refuse_time(known, header, stamp, options)
        if known.name != header["server"]["name"]:
            report.server_renamed = known.name
    elif header["collected_at"] > stamp.at + AHEAD and not options.force:
        raise _ahead(header, stamp)
    server = tables.inventories.put_server(
        header["server"]["id"],
        header["server"]["name"],
        header["collected_at"],
        stamp.at,
        options.simulated,
        source.kinds | (known.kinds if known else frozenset()),
    )
    before = tables.estate()
    if known is not None and not options.force:
        _refuse_shrinking(tables, before, source, stage, known)
    change = tables.changes.begin(ChangeKind.IMPORT, stamp)
    report.change = f"C{change}"
    affected, vm_news = _put(tables, source, stage, server, report)
    after = tables.estate()
    affected.update(tables.pairs.disputed(server))
    moved_home = _protected(before) != _protected(after)
    if moved_home or _cloud_names(before, server) != _cloud_names(after, server):
        affected.update(tables.pairs.all_of(server))
    newcomers = Newcomers() if known is not None and "vms" in known.kinds else None
    segments = _derive(tables, after, affected, change, report, newcomers)
    same_rules = replace(before, servers={}) == replace(after, servers={})
    moved = _place(tables, after, segments, change, report, only=same_rules)
    keep_moved(tables, moved, report.news, change, stamp.at)
    if newcomers is not None:
        keep_newcomers(tables, newcomers, change, stamp.at)
    tables.lives.import_succeeded(report.server)
    report.vms_new, report.vms_gone = vm_news.new, vm_news.gone
    report.vms_changed, report.vms_renamed = vm_news.changed, vm_news.renamed
    report.unchanged = not (
        report.first
        or report.news
        or vm_news.new
        or vm_news.gone
        or vm_news.changed
        or report.server_renamed
        or moved
        or not same_rules
    )
    _write_history(tables, report, moved, change)
    return report


def _simulated(tables: Tables) -> bool:
    return any(
        server.simulated and not server.rehearsal for server in tables.estate().servers.values()
    )


def _replaced(tables: Tables, known: Server, header: Header, options: Options) -> Server:
    if not options.replace_server:
        raise Refused(
            f"{known.name} is known under another id ({known.guid},"
            f" and this inventory says {header['server']['id']}).",
            hint="If it is the same server, set up anew: import again with --replace-server."
            " If it is another one, give it another name.",
        )
    tables.inventories.replace_server(known.id, header["server"]["id"])
    return known


def _refuse_time(known: Server, header: Header, stamp: Stamp, options: Options) -> None:
    if options.force:
        return
    if header["collected_at"] < known.collected_at:
        raise Refused(
            f"This inventory of {known.name} was collected at"
            f" {header['collected_at']:%Y-%m-%d %H:%M %Z}, before the one already taken in"
            f" ({known.collected_at:%Y-%m-%d %H:%M %Z}).",
            hint="To go back to it all the same: import again with --force.",
        )
    if header["collected_at"] > stamp.at + AHEAD:
        raise _ahead(header, stamp)


def _ahead(header: Header, stamp: Stamp) -> Refused:
    return Refused(
        f"This inventory says it was collected at {header['collected_at']:%Y-%m-%d %H:%M %Z},"
        f" and here it is {stamp.at:%Y-%m-%d %H:%M %Z}.",
        hint="Check both clocks; to take it all the same: import again with --force.",
    )


def _refuse_shrinking(
    tables: Tables, estate: Estate, source: InventorySource, stage: Stage, known: Server
) -> None:
    if "networks" in source.kinds:
        before = [n for n in estate.networks_of(known.id) if not n.gone]
        listed = {line["id"] for line, _ in stage.networks}
        kept = stage.kept_networks
        lost = [n for n in before if n.guid not in listed and n.id not in kept]
        if len(lost) > VANISHING * len(before):
            raise _shrunken(known, len(lost), len(before), "networks")
    if "vms" in source.kinds:
        vanishing, count = tables.inventories.vanishing(known.id, stage)
        if vanishing > VANISHING * count:
            raise _shrunken(known, vanishing, count, "VMs")


def _shrunken(server: Server, lost: int, before: int, what: str) -> Refused:
    return Refused(
        f"This inventory would make {lost} of the {before} {what} of {server.name} vanish.",
        hint="An account that sees one cloud only gives such a file. If they are really gone:"
        " import again with --force.",
    )


def _put(
    tables: Tables, source: InventorySource, stage: Stage, server: int, report: ImportReport
) -> tuple[set[str], VmNews]:
    """Store what was staged; the Hyper-V ids whose pairs it touches."""
    rows = tables.inventories
    affected: set[str] = set()
    clouds: list[int] = []
    hosts: list[int] = []
    if "clouds" in source.kinds:
        clouds = rows.put_clouds(server, stage.clouds)
        report.clouds = len(clouds)
    if "hosts" in source.kinds:
        names = {line["name"]: id for line, id in zip(stage.clouds, clouds, strict=True)}
        hosts, changed = rows.put_hosts(server, stage.hosts, names)
        affected |= rows.on_hosts(changed)
        report.hosts = len(hosts)
    if "networks" in source.kinds:
        report.news = rows.put_networks(server, stage)
        report.networks = len(stage.networks) + len(stage.kept_networks)
    news = VmNews()
    if "vms" in source.kinds:
        twice = rows.duplicates(server, stage)
        if twice:
            raise InventoryFault(
                f"{source.names} lists VMs twice.",
                facts=[f"{name}, under one id" for name in twice],
            )
        news = rows.put_vms(server, stage, clouds, hosts)
        affected |= news.affected
        report.vms = stage.vm_count
    dangling = rows.dangling(server) if any(n.event == "gone" for n in report.news) else []
    if dangling:
        raise InventoryFault(
            f"{source.names} lists VMs on networks or subnets that it does not list.",
            hint="Export everything at once, then import again.",
            facts=[f"{vm} is on {network}, which is gone" for vm, network in dangling],
        )
    return affected, news


def _derive(
    tables: Tables,
    estate: Estate,
    affected: set[str],
    change: int,
    report: ImportReport,
    newcomers: Newcomers | None = None,
) -> set[int]:
    """Derive the pairs of these Hyper-V ids anew; the segments that gained or lost adapters."""
    intern = cache(tables.segments.intern)
    baseline = cache(tables.segments.baseline)
    intern_baseline = cache(tables.segments.intern_baseline)
    protected = _protected(estate)

    def mapped(at: int, server: int) -> int:
        network = estate.network_at(at)
        mapping = estate.mappings.get((network.id, server)) if network else None
        return mapping.target if mapping else 0

    def derived(group: tuple[str, Sequence[VmObject], Sequence[KnownPair]]) -> Derived:
        hyperv, objects, known = group
        pairs = derive(objects, known, change, mapped, intern_baseline, protected, baseline)
        return Derived(hyperv, known, pairs)

    touched: set[int] = set()
    groups = tables.pairs.groups(affected)
    while batch := [derived(group) for group in islice(groups, _BATCH)]:
        touched |= tables.pairs.replace(batch, intern, change)
        for _, known, pairs in batch:
            before = {old.id: old for old in known}
            for pair in pairs:
                report.pairs += bool(pair.active and pair.passive)
                _notice(tables, report, pair, before.get(pair.id))
                if newcomers is not None:
                    newcomers.notice(estate, pair, before.get(pair.id))
    return touched


def derive_again(
    tables: Tables, hyperv: set[str], change: int, at: datetime, without: int | None = None
) -> None:
    """Derive these pairs anew outside an import.

    Args:
        without: as if this server's VMs were gone.
    """
    report = ImportReport(server="", collected_at=at)
    if without is not None:
        tables.inventories.mark_vms_gone(without)
    estate = tables.estate()
    segments = _derive(tables, estate, hyperv, change, report)
    _place(tables, estate, segments, change, report)


def _notice(tables: Tables, report: ImportReport, pair: Pair, before: KnownPair | None) -> None:
    """Count what an operator wants to hear about one pair."""
    if before is None:
        return
    disputed = pair.faults & PairFault.BOTH_PRIMARY
    settled = before.faults & PairFault.BOTH_PRIMARY  # who won was not told then
    changed = pair.active != before.active or settled
    if changed and pair.active and before.active and not disputed:
        names = report.failed_over if pair.away else report.came_home
        row = tables.vms.get(pair.active)
        if row is not None and len(names) < _SHOWN:
            names.append(row.name)
    ran = any(nic.key.readiness == Readiness.FAILED_OVER for nic in before.nics)
    runs = any(nic.key.readiness == Readiness.FAILED_OVER for nic in pair.nics)
    if runs and not ran:
        row = tables.vms.get(pair.passive)
        if row is not None and len(report.failed_over) < _SHOWN:
            report.failed_over.append(row.name)
    seen = {nic.slot: nic for nic in before.nics}
    for nic in pair.nics:
        old = seen.get(nic.slot)
        if old is not None and before.passive == pair.passive and old.observed != nic.observed:
            report.adapters_moved += 1
            report.adapters_confirmed += nic.observed == old.desired


def _cloud_names(estate: Estate, server: int) -> dict[str, int]:
    return {c.name: c.id for c in estate.clouds.values() if c.server == server and not c.gone}


def _protected(estate: Estate) -> frozenset[tuple[int, int]]:
    found = set()
    for cloud in estate.clouds.values():
        protector = None if cloud.gone else stated_protector(estate, cloud)
        if protector is not None:
            found.add((cloud.id, protector.id))
    return frozenset(found)


def _place(
    tables: Tables,
    estate: Estate,
    touched: set[int],
    change: int,
    report: ImportReport,
    only: bool = False,
) -> list[Replaced]:
    """Ask the rule about every class; placements that moved because of the import are told.

    Args:
        only: about those touched; nothing that the rule knows of the estate has changed.
    """
    classes = tables.segments.get(touched)
    if not only:
        classes = {s.id: s for s in tables.segments.all()} | classes
    changed = ask_again(tables, estate, classes.values(), change)
    told: Counter[tuple[str, str, str, str]] = Counter()
    moved = []
    for replaced in changed:
        before, after = replaced
        if before.since == 0 or not after.adapters:
            continue  # a class nobody asked about before
        if (before.desired, before.former) == (after.desired, after.former):
            continue
        moved.append(replaced)
        told[
            _words(estate, after.key.source),
            _words(estate, before.desired),
            _words(estate, after.desired),
            str(after.rule),
        ] += after.adapters
    report.moved = [
        MovedPlacement(source=source, was=was, now=now, rule=rule, adapters=count)
        for (source, was, now, rule), count in told.most_common(_SHOWN)
    ]
    return moved


def _words(estate: Estate, at: int) -> str:
    if at == NO_OPINION:
        return "no opinion"
    found = spot(estate, at)
    if found.network is None:
        return "no network" if found.observed else "not observed"
    return f"{found.network} / {found.subnet}" if found.subnet else found.network


def _write_history(
    tables: Tables, report: ImportReport, moved: list[Replaced], change: int
) -> None:
    said = "as before" if report.unchanged else _summary(report)
    tables.changes.finish(
        change,
        Detail(
            text=f"inventory of {report.server}: {said}",
            segments=[(r.after.id, r.before.desired, r.after.desired) for r in moved],
            adapters=report.adapters_moved,
        ),
    )


def _summary(report: ImportReport) -> str:
    if report.first:
        return f"{report.networks or 0} networks, {report.vms or 0} VMs, for the first time"
    events = Counter(_event(news) for news in report.news)
    parts = [f"{_counted(count, noun)} {event}" for (noun, event), count in events.items()]
    for count, what in (
        (report.vms_new, "new"),
        (report.vms_gone, "gone"),
        (report.vms_changed, "changed"),
        (len(report.failed_over), "failed over"),
    ):
        if count:
            parts.append(f"{_counted(count, 'VM')} {what}")
    return ", ".join(parts) or "as before"


def _event(news: NetworkNews) -> tuple[str, str]:
    if news.event == "reordered":
        return "network", "with its subnets in another order"
    return "subnet" if news.subnet else "network", news.event


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
