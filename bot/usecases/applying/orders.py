"""A plan in ids that VMM knows, and what came back of it."""

from collections import Counter
from collections.abc import Iterable

from bot.domain.asking import Stamp
from bot.domain.codes import AHEAD, ChangeKind
from bot.domain.errors import NotFound, Refused
from bot.domain.estate import DISCONNECTED, Estate
from bot.domain.history import Detail
from bot.domain.numbers import plural
from bot.domain.orders import Answer, Answers, AnswersTaken, Ids, Order
from bot.domain.placements import Move
from bot.ports import Ports, Tables
from bot.usecases.applying.confirming import confirm
from bot.usecases.placing import spot

_SAID = 100


def orders(tables: Tables, moves: Iterable[Move]) -> list[Order]:
    """The moves as somebody outside can carry them out; those of unknown replicas left out."""
    estate = tables.estate()
    found = []
    passive: dict[int, int] = {}
    for move in moves:
        if move.pair not in passive:
            pair = tables.vms.pair(move.pair)
            passive[move.pair] = pair.passive if pair else 0
        vm = tables.vms.get(passive[move.pair])
        if vm is None:
            continue
        nic = tables.vms.adapters(vm.id)[0].get(move.slot)
        found.append(
            Order(
                move,
                vm.guid,
                vm.name,
                nic.guid if nic else "",
                move.slot,
                ids_of(estate, move.observed),
                ids_of(estate, move.wish),
                f"{_words(estate, move.observed)} -> {_words(estate, move.wish)}",
            )
        )
    return found


def ids_of(estate: Estate, at: int) -> Ids:
    """A place in VMM's ids."""
    if at not in estate.places:
        return Ids()
    network, subnet = estate.places[at]
    return Ids(network.guid, subnet.guid if subnet else None)


def _words(estate: Estate, at: int) -> str:
    found = spot(estate, at)
    if found.network is None:
        return "no network"
    return f"{found.network} / {found.subnet}" if found.subnet else found.network


def take_answers(ports: Ports, answers: Answers, stamp: Stamp) -> AnswersTaken:
    """Believe what a run of the script says it has done; the rest is told, nothing else moves.

    Raises:
        Refused: it is from the future, where no inventory could say otherwise until then.
        NotFound: its server is not known here.
    """
    if answers.at > stamp.at + AHEAD:
        raise Refused(
            f"{answers.names} says it was run at {answers.at:%Y-%m-%d %H:%M %Z},"
            f" and here it is {stamp.at:%Y-%m-%d %H:%M %Z}.",
            hint="Put the clock right that is wrong and run the script again; it says what is done"
            " already. An inventory shows it too.",
        )
    with ports.store.write() as tables:
        estate = tables.estate()
        server = next((s for s in estate.servers.values() if s.guid == answers.server), None)
        if server is None:
            raise NotFound(
                f"{answers.names} is of {answers.server_name}, which is not known here.",
                hint="Import its inventory first.",
            )
        taken = AnswersTaken(
            server=server.name, plan=answers.plan, at=answers.at, complete=answers.complete
        )
        taken.outcomes = dict(Counter(str(row.outcome) for row in answers.rows))
        told = [row for row in answers.rows if not row.outcome.done]
        taken.said = [(r.name, r.slot, str(r.outcome), r.said) for r in told[:_SAID]]
        taken.more = max(0, len(told) - _SAID)
        if answers.at < server.collected_at:
            taken.older = True
            return taken
        newer = {one.number for one in tables.segments.confirmed_after(server.id, answers.at)}
        places = {ids_of(estate, at): at for at in estate.places} | {Ids(): DISCONNECTED}
        moves = []
        for row in answers.rows:
            if not row.outcome.done:
                continue
            found = _move(tables, server.id, row, places.get(row.to))
            if found is None and _replicates_back(tables, server.id, row):
                taken.failed_over.append(f"{row.name}, NIC {row.slot}")
            elif found is None:
                taken.unknown.append(f"{row.name}, NIC {row.slot}")
            elif found.observed == found.wish:
                taken.known += 1
            elif found.number in newer:
                taken.overtaken += 1
            else:
                moves.append(found)
        if moves:
            change = tables.changes.begin(ChangeKind.APPLY, stamp)
            taken.confirmed = confirm(tables, moves, change)
            tables.changes.finish(
                change,
                Detail(
                    text=f"plan {answers.plan}, carried out at {server.name}:"
                    f" {plural(taken.confirmed, 'adapter')} reconnected",
                    adapters=taken.confirmed,
                    vms=len({m.pair for m in moves}),
                    seen=answers.at,
                ),
                affected=[move.number for move in moves],
            )
            taken.change = f"C{change}"
        return taken


def _move(tables: Tables, server: int, row: Answer, place: int | None) -> Move | None:
    """The adapter of a line, as a move from where it was thought to be."""
    if place is None:
        return None
    for vm in tables.vms.with_id(row.vm):
        if vm.server != server:
            continue
        for pair in tables.vms.pairs_of(vm):
            if pair.passive != vm.id:
                continue
            for nic in tables.vms.pair_adapters(pair.id):
                if nic.slot == row.slot:
                    return Move(pair.id, nic.slot, nic.segment, nic.observed, place, pending=True)
    return None


def _replicates_back(tables: Tables, server: int, row: Answer) -> bool:
    """Whether the VM of a line is no replica any more by what is known here."""
    return any(
        pair.active == vm.id
        for vm in tables.vms.with_id(row.vm)
        if vm.server == server
        for pair in tables.vms.pairs_of(vm)
    )
