"""Add, change and remove mappings."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import TypeVar

from bot.domain.answers.mappings import MappingChanged
from bot.domain.asking import Say, Stamp, say
from bot.domain.codes import ChangeKind
from bot.domain.errors import Ambiguous, Conflict, NotFound, Refused
from bot.domain.estate import Estate, Mapping, Network
from bot.engine.checks import may_share_a_server
from bot.ports import Ports, Tables
from bot.usecases.applying.changing import Edit, carry_out, write_down
from bot.usecases.applying.moves import Moves
from bot.usecases.applying.reconnecting import Done
from bot.usecases.placing import ages, reference
from bot.usecases.resolving import (
    Ask,
    MappingName,
    certain,
    choose,
    describe,
    find_mapping,
    find_network,
    meant,
)

OFFERED = 12
"""Commands to choose from where names are in doubt."""


class AddMapping(Ask):
    source: str
    target: str
    source_on: str | None = None
    target_on: str | None = None
    test: str | None = None
    both: bool = False
    reason: str = ""
    break_glass: bool = False
    dry_run: bool = False


class ChangeMapping(Ask):
    mapping: MappingName
    target: str
    test: str | None = None
    no_test: bool = False
    reason: str = ""
    break_glass: bool = False
    dry_run: bool = False


class RemoveMapping(Ask):
    mapping: MappingName
    reason: str = ""
    break_glass: bool = False
    dry_run: bool = False


Mapped = TypeVar("Mapped", ChangeMapping, RemoveMapping)


def add_mapping(ports: Ports, asks: Sequence[AddMapping], stamp: Stamp) -> MappingChanged:
    """Map a network to the one its VMs join after failover; twice is as good as once.

    Raises:
        Conflict: it is mapped to another network at that server.
        Refused: one server with one cloud on both sides, or the test network is the target.
    """

    def write(tables: Tables) -> Done | MappingChanged:
        estate = tables.estate()
        ask, (source, target, test) = choose("add", asks, lambda a: _ends(estate, a))
        allow(estate, source, target, test)
        wanted = [(source, target, test)]
        if ask.both and source.id != target.id:
            allow(estate, target, source, None)
            wanted.append((target, source, None))
        new: list[Mapping] = []
        present: list[Mapping] = []
        for one, other, trial in wanted:
            known = estate.mappings.get((one.id, other.server))
            if known is None:
                new.append(
                    Mapping(
                        0,
                        one.id,
                        other.id,
                        other.server,
                        trial.id if trial else None,
                        stamp.by,
                        stamp.at,
                        0,
                    )
                )
            elif known.target != other.id:
                led = estate.networks[known.target]
                which = f"{led.name}, which is GONE from VMM," if led.gone else led.name
                raise Conflict(
                    f"{one.name} is mapped to {which} already ({known.label}).",
                    hint="To change it:",
                    commands=[_as_change(estate, known, other, trial, ask)],
                )
            elif trial is not None and known.test != trial.id:
                raise Conflict(
                    f"{one.name} is mapped to {other.name} already, with "
                    + (
                        f"the test network {estate.networks[known.test].name}."
                        if known.test
                        else "no test network."
                    ),
                    hint="To set its test network:",
                    commands=[_as_change(estate, known, other, trial, ask)],
                )
            else:
                present.append(known)
        if not new:
            return _unchanged(ports, tables, estate, present, stamp)
        text = "; ".join(_arrow(estate, m) for m in new)
        return write_down(
            ports,
            tables,
            stamp,
            Edit(ChangeKind.ADD, f"mapped {text}", after=new, reason=ask.reason),
        )

    return carry_out(ports, stamp, any(a.dry_run for a in asks), write)


def change_mapping(ports: Ports, asks: Sequence[ChangeMapping], stamp: Stamp) -> MappingChanged:
    """Lead a mapping to another network of the same server; its replicas are reconnected.

    Raises:
        Refused: the new target is on another server, or is the test network.
    """

    def write(tables: Tables) -> Done | MappingChanged:
        estate = tables.estate()

        def ends(ask: ChangeMapping) -> tuple[Mapping, Network]:
            mapping = find_mapping(
                tables,
                ask.mapping,
                lambda m: _meaning(ask, m).as_say("change"),
            )
            return mapping, _target_of_change(estate, mapping, ask)

        ask, (mapping, target) = choose("change", asks, ends)
        test = mapping.test
        if ask.no_test:
            test = None
        elif ask.test is not None:
            test = find_network(estate, ask.test, estate.server_named(mapping.server)).id
        source = estate.networks[mapping.source]
        allow(estate, source, target, estate.networks[test] if test else None)
        if (target.id, test) == (mapping.target, mapping.test):
            return _unchanged(ports, tables, estate, [mapping], stamp)
        after = replace(mapping, target=target.id, test=test)
        old = estate.networks[mapping.target].name
        text = f"{source.name}: {old} to {target.name}"
        if target.id == mapping.target:
            name = estate.networks[test].name if test else "none"
            text = f"{source.name} to {old}: test network {name}"
        return write_down(
            ports, tables, stamp, Edit(ChangeKind.CHANGE, text, [mapping], [after], ask.reason)
        )

    return carry_out(ports, stamp, any(a.dry_run for a in asks), write)


def remove_mapping(ports: Ports, asks: Sequence[RemoveMapping], stamp: Stamp) -> MappingChanged:
    """Unmap a network; replicas that stand on its target are disconnected."""

    def write(tables: Tables) -> Done | MappingChanged:
        estate = tables.estate()
        ask, mapping = choose(
            "remove",
            asks,
            lambda a: find_mapping(tables, a.mapping, lambda m: _meaning(a, m).as_say("remove")),
        )
        text = f"unmapped {_arrow(estate, mapping, 'from')}"
        return write_down(
            ports,
            tables,
            stamp,
            Edit(ChangeKind.REMOVE, text, [mapping], [replace(mapping, removed=True)], ask.reason),
        )

    return carry_out(ports, stamp, any(a.dry_run for a in asks), write)


def _ends(estate: Estate, ask: AddMapping) -> tuple[Network, Network, Network | None]:
    """The networks that are meant.

    Raises:
        NotFound: one of them is not known; said even if another one is in doubt, as each command
            that is offered then has to run.
        Ambiguous: several are meant; every choice is offered.
    """
    found: list[tuple[Network, Network, Network | None]] = []
    unknown: NotFound | None = None
    for source, target in product(
        meant(estate, ask.source, ask.source_on), meant(estate, ask.target, ask.target_on)
    ):
        if ask.test is None:
            found.append((source, target, None))
            continue
        try:
            tests = meant(estate, ask.test, estate.server_named(target.server))
        except NotFound as error:
            unknown = unknown or error
        else:
            found += [(source, target, test) for test in tests]
    if len(found) == 1:
        return found[0]
    if not found:
        assert unknown is not None
        raise unknown
    ends = [{network.id: network for network in end if network} for end in zip(*found, strict=True)]
    name, several = next(
        (name, end)
        for name, end in zip((ask.source, ask.target, ask.test), ends, strict=True)
        if len(end) > 1
    )
    apart = [choice for choice in found if choice[0].id != choice[1].id]
    raise Ambiguous(
        f"{len(several)} networks are called {name}.",
        hint="Say which one you mean.",
        facts=[describe(estate, network) for network in several.values()],
        commands=[_exactly(estate, ask, *choice) for choice in (apart or found)[:OFFERED]],
    )


def _exactly(
    estate: Estate, ask: AddMapping, source: Network, target: Network, test: Network | None
) -> Say:
    """The same request with its networks named for certain."""
    values = ask.model_dump(exclude_defaults=True)
    for end, network in (("source", source), ("target", target)):
        name, server = certain(estate, network)
        values |= {end: name, f"{end}_on": server}
    if test is not None:
        values["test"] = certain(estate, test)[0]
    return Say("add", values)


def allow(estate: Estate, source: Network, target: Network, test: Network | None) -> None:
    """Raise Refused if these two may not be mapped, or not with that test network."""
    if source.server == target.server:
        server = estate.servers[source.server]
        clouds = [c for c in estate.clouds.values() if c.server == server.id]
        if not may_share_a_server(clouds, "clouds" in server.kinds):
            raise Refused(
                f"{source.name} and {target.name} are both on {server.name}, which has one cloud:"
                " nothing can be replicated from it to itself.",
                hint="Map to a network of another server, or import an inventory with both clouds.",
            )
    if test is not None and test.id == target.id:
        raise Refused(
            f"{target.name} is where the VMs fail over to, so it cannot be the test network:"
            " two machines with one identity would meet on it.",
            hint=_ANOTHER_TEST,
        )
    if test is not None and test.id == source.id:
        raise Refused(
            f"{source.name} is where the VMs run, so it cannot be the test network:"
            " two machines with one identity would meet on it.",
            hint=_ANOTHER_TEST,
        )


_ANOTHER_TEST = "Name another network, best one created for the test."


def _as_change(
    estate: Estate, known: Mapping, target: Network, test: Network | None, ask: AddMapping
) -> Say:
    """The change of the mapping there is that comes to what was asked for."""
    return say(
        "change",
        mapping={"id": known.label},
        target=certain(estate, target)[0],
        test=certain(estate, test)[0] if test is not None else None,
        reason=ask.reason,
        break_glass=ask.break_glass,
        dry_run=ask.dry_run,
    )


def _meaning(ask: Mapped, mapping: Mapping) -> Mapped:
    """The same request with its mapping named for certain."""
    return ask.model_copy(update={"mapping": MappingName(id=mapping.label)})


def _target_of_change(estate: Estate, mapping: Mapping, ask: ChangeMapping) -> Network:
    server = estate.servers[mapping.server]

    def again(network: Network) -> Say:
        found = _meaning(ask, mapping).model_copy(update={"target": certain(estate, network)[0]})
        return found.as_say("change")

    try:
        return find_network(estate, ask.target, server.guid, again)
    except NotFound as error:
        try:
            elsewhere = find_network(estate, ask.target)
        except NotFound:
            raise error from None
        source, on = certain(estate, estate.networks[mapping.source])
        target, there = certain(estate, elsewhere)
        raise Refused(
            f"{elsewhere.name} is on {there}, and {mapping.label} leads to {server.name}:"
            " a change stays on its server.",
            hint="To map it there as well, use add:",
            commands=[
                say(
                    "add",
                    source=source,
                    source_on=on,
                    target=target,
                    target_on=there,
                    reason=ask.reason,
                    break_glass=ask.break_glass,
                    dry_run=ask.dry_run,
                )
            ],
        ) from None


def _arrow(estate: Estate, mapping: Mapping, to: str = "to") -> str:
    source, target = estate.networks[mapping.source], estate.networks[mapping.target]
    return (
        f"{source.name} ({estate.server_named(source.server)}) {to}"
        f" {target.name} ({estate.server_named(target.server)})"
    )


def _unchanged(
    ports: Ports, tables: Tables, estate: Estate, mappings: list[Mapping], stamp: Stamp
) -> MappingChanged:
    """Nothing to do, which is said, with what is still open."""
    result = MappingChanged(verb="unchanged", mappings=[reference(estate, m) for m in mappings])
    ids = [s.id for m in mappings for s in tables.segments.of(m.source, m.server)]
    result.pending = Moves(tables, {}, ids).tally(ids)
    result.ages = ages(
        ports,
        estate,
        [id for m in mappings for id in (estate.networks[m.source].server, m.server)],
        stamp,
    )
    return result
