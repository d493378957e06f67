"""What admins do: forget a server, say where a VM is at home."""

from collections.abc import Sequence

from bot.domain.answers.networks import Forgotten, HomeSet
from bot.domain.asking import Stamp, say
from bot.domain.codes import ChangeKind
from bot.domain.errors import Ambiguous, NotFound, Refused
from bot.domain.estate import Estate
from bot.domain.history import Detail
from bot.domain.vms import PairRow, VmRow
from bot.ports import Ports, Tables
from bot.usecases.importing.pairing import derive_again
from bot.usecases.placing import reference
from bot.usecases.resolving import Ask, choose, find_server


class Forget(Ask):
    server: str


class SetHome(Ask):
    vm: str
    server: str


def forget(ports: Ports, asks: Sequence[Forget], stamp: Stamp) -> Forgotten:
    """Drop everything known of a server.

    Raises:
        Refused: mappings from or to it exist; they are listed.
    """
    with ports.store.write() as tables:
        estate = tables.estate()
        server = find_server(estate, asks[0].server)
        mappings = tables.mappings.of_server(server.id)
        if mappings:
            refs = [reference(estate, m) for m in mappings]
            raise Refused(
                f"{server.name} cannot be forgotten: {_count(refs)} from or to it.",
                hint="Remove them first.",
                facts=[f"{r.id}: {r.source} ({r.on}) to {r.target} ({r.toward})" for r in refs],
                commands=[say("remove", mapping={"id": r.id}) for r in refs[:5]],
            )
        vms, _ = tables.vms.server_counts(server.id)
        networks = sum(not n.gone for n in estate.networks_of(server.id))
        once_mapped = [
            (source, toward)
            for source, toward in estate.removed
            if server.id in (toward, estate.networks[source].server)
        ]
        change = tables.changes.begin(ChangeKind.FORGET, stamp)
        affected = set(tables.pairs.all_of(server.id))
        derive_again(tables, affected, change, stamp.at, without=server.id)
        tables.inventories.forget(server.id)
        tables.changes.finish(
            change,
            Detail(text=f"forgot {server.name}: {networks} networks, {vms} VMs"),
            networks=once_mapped,  # which no undo may bring back
        )
        return Forgotten(server=server.name, change=f"C{change}", networks=networks, vms=vms)


def _count(mappings: Sequence[object]) -> str:
    return "1 mapping leads" if len(mappings) == 1 else f"{len(mappings)} mappings lead"


def set_home(ports: Ports, asks: Sequence[SetHome], stamp: Stamp) -> HomeSet:
    """Say which of a pair's two objects is its home."""
    with ports.store.write() as tables:
        estate = tables.estate()
        _, (pair, vm) = choose("home", asks, lambda a: _side(tables, estate, a))
        before = tables.vms.get(pair.home) if pair.home else None
        was = _where(estate, before, vm) if before else "unknown"
        now = _where(estate, vm, before)
        if pair.home == vm.id:
            return HomeSet(vm=vm.name, home=now, before=was, change=None)
        change = tables.changes.begin(ChangeKind.HOME, stamp)
        tables.pairs.set_home(pair.id, vm.id)
        if vm.hyperv:
            derive_again(tables, {vm.hyperv}, change, stamp.at)
        tables.changes.finish(change, Detail(text=f"{vm.name} is at home on {now} (before: {was})"))
        return HomeSet(vm=vm.name, home=now, before=was, change=f"C{change}")


def _side(tables: Tables, estate: Estate, ask: SetHome) -> tuple[PairRow, VmRow]:
    server = find_server(estate, ask.server)
    rows = tables.vms.named(ask.vm) or tables.vms.with_id(ask.vm)
    exact = [row for row in rows if row.name == ask.vm]
    pairs = {pair.id: pair for row in exact or rows for pair in tables.vms.pairs_of(row)}
    if not pairs:
        raise NotFound(f"I know no replicated VM {ask.vm}.", hint="Check its name with vm.")
    if len(pairs) > 1:
        those = {id for pair in pairs.values() for id in (pair.active, pair.passive)}
        ends = [side for id in sorted(those) if (side := tables.vms.get(id))]
        there = [side for side in ends if side.server == server.id]
        raise Ambiguous(
            f"{len(pairs)} replicated VMs are called {ask.vm}"
            f"{'' if there else f', none of them with a side on {server.name}'}.",
            hint="Name the one that is its home by its VMM id." if there else "",
            facts=[_told(estate, side) for side in there],
            commands=[say("home", vm=side.guid, server=server.name) for side in there],
        )
    (pair,) = pairs.values()
    sides = [side for id in (pair.active, pair.passive) if (side := tables.vms.get(id))]
    here = [side for side in sides if side.server == server.id]
    meant = [side for side in here if side.guid == ask.vm.lower()]
    if not here:
        names = " and ".join(sorted({estate.server_named(side.server) for side in sides}))
        raise Refused(f"{ask.vm} has no side on {server.name}; it is on {names}.")
    if len(here) > 1 and not meant:
        raise Refused(
            f"{ask.vm} has both sides on {server.name}.",
            hint="Name the one that is its home by its VMM id.",
            facts=[_told(estate, side) for side in here],
            commands=[say("home", vm=side.guid, server=server.name) for side in here],
        )
    return pair, (meant or here)[0]


def _where(estate: Estate, side: VmRow, other: VmRow | None) -> str:
    """The server of a side; with its cloud, where that alone tells it from the other."""
    cloud = estate.clouds.get(side.cloud)
    apart = f" in {cloud.name}" if cloud and other and other.server == side.server else ""
    return f"{estate.server_named(side.server)}{apart}"


def _told(estate: Estate, side: VmRow) -> str:
    cloud = estate.clouds.get(side.cloud)
    where = f" in {cloud.name}" if cloud else ""
    return f"{side.name}{where}, {side.role or 'role not listed'}, id {side.guid}"
