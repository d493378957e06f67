"""What an inventory says besides its VMs: whether it may be taken in, clouds, hosts, networks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.domain.asking import Stamp
from bot.domain.codes import AHEAD, ChangeKind
from bot.domain.errors import InventoryFault, Refused
from bot.domain.estate import Estate, Server
from bot.domain.inventory import Header
from bot.domain.reports import ImportReport, VmNews
from bot.ports import InventorySource, Stage, Tables
from bot.usecases.applying.judging import stated_protector

VANISHING = 0.2
"""A file that makes a larger share of the networks or VMs vanish is refused."""


class Options(NamedTuple):
    """What the person who imports insists on."""

    force: bool = False
    """Take an inventory that is older, ahead of the clock, or much smaller."""
    replace_server: bool = False
    """A known name under a new id is the same server, set up anew."""
    simulated: bool = False
    """It is of the sample estate."""


@dataclass(frozen=True)
class Arrival:
    """A server's rows as this import leaves them, VMs aside."""

    version: tuple[int, str]
    """Of the estate that it came to."""
    server: int
    change: int
    known: Server | None
    """The server as it was."""
    before: Estate
    after: Estate
    report: ImportReport
    places: Sequence[tuple[int, int]]
    """(number on the stage, id) of the places of networks that changed."""
    clouds: Sequence[int]
    hosts: Sequence[tuple[int, int]]
    """(id, reach class)."""
    on_hosts: frozenset[int]
    """Hosts whose VMs have to be looked at again."""
    calm: bool
    """What follows for the VMs can be read before this is written: those that the file leaves as
    they were stay on their clouds and hosts."""


def stored(tables: Tables, source: InventorySource, options: Options) -> Server | None:
    """The server that the inventory is compared with line by line, as it is now."""
    if not options.simulated and _simulated(tables):
        return None  # it is of the sample, which is set aside
    header = source.header
    known, same_name = tables.inventories.known_server(
        header["server"]["id"], header["server"]["name"]
    )
    return known or (same_name if options.replace_server else None)


def arrive(
    tables: Tables,
    source: InventorySource,
    stage: Stage,
    stamp: Stamp,
    options: Options,
    looks: bool = False,
) -> Arrival:
    """Write all but the VMs.

    Args:
        looks: write nothing, not even that it came.

    Raises:
        WouldWrite: it looks, and something is other than it was.
        Refused: it is older, from the future, much smaller, or of another server of that name.
    """
    header = source.header
    version = tables.version()
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
            _refuse_name(known, same_name, header, options)
            report.server_renamed = known.name
    elif header["collected_at"] > stamp.at + AHEAD and not options.force:
        raise _ahead(header, stamp)
    if looks and known is not None and not report.server_renamed:
        server = known.id
    else:
        server = tables.inventories.put_server(
            header["server"]["id"],
            header["server"]["name"],
            header["collected_at"],
            stamp.at,
            options.simulated,
            source.kinds | (known.kinds if known else frozenset()),
        )
    before = tables.estate()
    if known is not None and not options.force and "networks" in source.kinds:
        _refuse_fewer_networks(before, stage, known)
    changes = tables.changes
    change = changes.last() + 1 if looks else changes.begin(ChangeKind.IMPORT, stamp)
    report.change = f"C{change}"
    clouds: list[int] = []
    hosts: list[tuple[int, int]] = []
    on_hosts: set[int] = set()
    places: list[tuple[int, int]] = []
    moved = False
    if "clouds" in source.kinds:
        clouds, moved = tables.inventories.put_clouds(server, stage.clouds)
        report.clouds = len(clouds)
    if "hosts" in source.kinds:
        names = {line["name"]: id for line, id in zip(stage.clouds, clouds, strict=True)}
        hosts, on_hosts = tables.inventories.put_hosts(server, stage.hosts, names)
        report.hosts = len(hosts)
    if "networks" in source.kinds:
        report.news, places = tables.networks.put(server, stage)
        report.networks = len(stage.networks) + len(stage.kept_networks)
    return Arrival(
        version=version,
        server=server,
        change=change,
        known=known,
        before=before,
        after=tables.estate(),
        report=report,
        places=places,
        clouds=clouds,
        hosts=hosts,
        on_hosts=frozenset(on_hosts),
        calm="vms" in source.kinds and not (report.set_aside or moved or on_hosts),
    )


def look_for_vms(
    tables: Tables, source: InventorySource, stage: Stage, arrival: Arrival, options: Options
) -> VmNews:
    """Find the staged VMs among those known; the pairs to derive anew are affected in the draft.

    Raises:
        Refused: too many would vanish.
        InventoryFault: one is listed twice.
    """
    stage.number(arrival.places, arrival.clouds, arrival.hosts)
    collected_at = source.header["collected_at"].isoformat()
    news = tables.arrivals.find(arrival.server, collected_at, stage, "vms" in source.kinds)
    known = arrival.known
    if known is not None and not options.force and news.gone > VANISHING * news.known:
        raise _shrunken(known, news.gone, news.known, "VMs")
    if news.twice:
        raise InventoryFault(
            f"{source.names} lists VMs twice.",
            facts=[f"{name}, under one id" for name in news.twice],
        )
    pairs, draft, server = tables.pairs, stage.draft, arrival.server
    if arrival.on_hosts:
        draft.affect(pairs.on_hosts(server, set(arrival.on_hosts - {0})))
    draft.affect(pairs.disputed(server))
    before, after = arrival.before, arrival.after
    if protected(before) != protected(after) or (
        _cloud_names(before, server) != _cloud_names(after, server)
    ):
        draft.affect(pairs.all_of(server))
    return news


def protected(estate: Estate) -> frozenset[tuple[int, int]]:
    """(protected cloud, protecting cloud), where inventories state it."""
    found = set()
    for cloud in estate.clouds.values():
        protector = None if cloud.gone else stated_protector(estate, cloud)
        if protector is not None:
            found.add((cloud.id, protector.id))
    return frozenset(found)


def _cloud_names(estate: Estate, server: int) -> dict[str, int]:
    return {c.name: c.id for c in estate.clouds.values() if c.server == server and not c.gone}


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


def _refuse_name(known: Server, same_name: Server | None, header: Header, options: Options) -> None:
    """Two servers of one name could only be told apart by their ids, in every answer."""
    if same_name is None or same_name.id == known.id or options.force:
        return
    name = header["server"]["name"]
    raise Refused(
        f"{known.name} calls itself {name} now, which is what another server is called"
        f" ({same_name.guid}).",
        hint="If that one is gone: forget it first. If both were renamed, or they are to be called"
        " alike: import again with --force.",
    )


def _refuse_time(known: Server, header: Header, stamp: Stamp, options: Options) -> None:
    if options.force:
        return
    if header["collected_at"] < known.collected_at:
        raise Refused(
            f"This inventory of {known.name} was collected at"
            f" {header['collected_at']:%Y-%m-%d %H:%M %Z}, before the one already taken in"
            f" ({known.collected_at:%Y-%m-%d %H:%M %Z}).",
            hint="That one is dated ahead of the clock here: check both clocks; to take this one:"
            " import again with --force."
            if known.collected_at > stamp.at + AHEAD
            else "To go back to it all the same: import again with --force.",
        )
    if header["collected_at"] > stamp.at + AHEAD:
        raise _ahead(header, stamp)


def _ahead(header: Header, stamp: Stamp) -> Refused:
    return Refused(
        f"This inventory says it was collected at {header['collected_at']:%Y-%m-%d %H:%M %Z},"
        f" and here it is {stamp.at:%Y-%m-%d %H:%M %Z}.",
        hint="Check both clocks; to take it all the same: import again with --force.",
    )


def _refuse_fewer_networks(estate: Estate, stage: Stage, known: Server) -> None:
    before = [n for n in estate.networks_of(known.id) if not n.gone]
    listed = {line["id"] for line, _ in stage.networks}
    kept = stage.kept_networks
    lost = [n for n in before if n.guid not in listed and n.id not in kept]
    if len(lost) > VANISHING * len(before):
        raise _shrunken(known, len(lost), len(before), "networks")


def _shrunken(server: Server, lost: int, before: int, what: str) -> Refused:
    return Refused(
        f"This inventory would make {lost} of the {before} {what} of {server.name} vanish.",
        hint="An account that sees one cloud only gives such a file. If they are really gone:"
        " import again with --force.",
    )
