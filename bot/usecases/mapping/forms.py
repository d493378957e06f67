"""Fill in the form of a mapping: servers, networks to choose from, what it comes to as a line.

What is chosen is named by row and by a digest of VMM's id, so that a choice made before an import
replaced a network is not taken for another one.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable

from bot.domain.asking import Say, Stamp, say
from bot.domain.errors import NetmapError
from bot.domain.estate import Estate, Mapping, Network
from bot.domain.forms import (
    BOTH,
    NO_TEST,
    SOURCE,
    TARGET,
    TEST,
    Choice,
    ChoiceGroup,
    Draft,
    Form,
    Present,
)
from bot.domain.names import name_key
from bot.domain.numbers import plural
from bot.ports import Ports, Tables
from bot.usecases.mapping.mappings import allow
from bot.usecases.placing import ages, reference
from bot.usecases.resolving import certain, find_network, find_server

OFFERED = 100
"""Choices that Slack shows at once."""
TOLD = 2
"""Subnets that tell a network from another one of its name."""


def fill(ports: Ports, draft: Draft, stamp: Stamp, write: Callable[[Say], str]) -> Form:
    """The form as it stands: what is chosen, what is wrong with it, what OK would say."""
    with ports.store.read() as tables:
        return _fill(ports, tables.estate(), draft, stamp, write)


def begin(ports: Ports, values: dict[str, str], stamp: Stamp, write: Callable[[Say], str]) -> Form:
    """The form filled in from names: `source`, `on`, `toward`, or `mapping`.

    What is not known any more is left out, as the form is there to choose it.
    """
    with ports.store.read() as tables:
        estate = tables.estate()
        draft = Draft()
        mapping = _labelled(estate, values.get("mapping", ""))
        if mapping is not None:
            source, target = estate.networks[mapping.source], estate.networks[mapping.target]
            draft = Draft(
                source_server=source.server,
                target_server=mapping.server,
                source=value_of(source),
                target=value_of(target),
                mapping=mapping.label,
            )
        elif values.get("source"):
            try:
                source = find_network(estate, values["source"], values.get("on"))
                draft = Draft(source_server=source.server, source=value_of(source))
                toward = find_server(estate, values["toward"]).id if values.get("toward") else 0
                draft = draft.model_copy(update={"target_server": toward})
            except NetmapError:
                draft = draft.model_copy(update={"target_server": 0})
        return _fill(ports, estate, _with_servers(estate, draft), stamp, write)


def _with_servers(estate: Estate, draft: Draft) -> Draft:
    """Where there is but one pair of servers, nobody has to choose it."""
    servers = sorted(estate.servers)
    source, target = draft.source_server, draft.target_server
    pairs = {(estate.networks[m.source].server, m.server) for m in estate.mappings.values()}
    if len(servers) == 1:
        source, target = source or servers[0], target or servers[0]
    elif len(servers) == 2:
        forth = sum(
            estate.networks[m.source].server == servers[0] for m in estate.mappings.values()
        )
        first, second = servers if 2 * forth >= len(estate.mappings) else servers[::-1]
        source = source or (first if target != first else second)
        target = target or (second if source == first else first)
    elif not source and len(pairs) == 1:
        source, target = next(iter(pairs))
    elif source and not target:
        ways = {there for here, there in pairs if here == source}
        target = ways.pop() if len(ways) == 1 else 0
    return draft.model_copy(update={"source_server": source, "target_server": target})


def _fill(
    ports: Ports, estate: Estate, draft: Draft, stamp: Stamp, write: Callable[[Say], str]
) -> Form:
    form = Form(draft=draft)
    form.servers = [
        Choice(value=str(s.id), name=s.name)
        for s in sorted(estate.servers.values(), key=lambda s: (s.name, s.id))
    ]
    here, there = draft.source_server, draft.target_server
    form.same_server = bool(here) and here == there
    form.ages = ages(ports, estate, [here, there], stamp)
    source = _chosen(form, SOURCE, estate, draft.source, here)
    target = _chosen(form, TARGET, estate, draft.target, there)
    test = None
    if draft.test != NO_TEST:
        test = _chosen(form, TEST, estate, draft.test, there)
    if source is not None:
        form.source = _choice(source)
    if target is not None:
        form.target = _choice(target)
    if source is None or not there:
        return form
    mapping = estate.mappings.get((source.id, there))
    if mapping is not None:
        form.present = Present(ref=reference(estate, mapping), by=mapping.by, at=mapping.at)
        if not draft.test and mapping.test:
            test = estate.networks[mapping.test]
    form.test = _choice(test) if test is not None else None
    if draft.test == NO_TEST:
        form.test = Choice(value=NO_TEST, name="")
    if target is None or form.faults:
        return form
    _refuse(form, estate, source, target, test, mapping)
    if not form.faults:
        form.line = write(_say(estate, source, target, test, mapping, draft))
    return form


def _refuse(
    form: Form,
    estate: Estate,
    source: Network,
    target: Network,
    test: Network | None,
    mapping: Mapping | None,
) -> None:
    """Say under its field what stands against these networks."""
    for field, trial in ((TARGET, None), (TEST, test)):
        try:
            allow(estate, source, target, trial)
        except NetmapError as error:
            form.faults[field] = f"{error.message} {error.hint}".strip()
            return
    wanted = target.id, test.id if test else None
    if mapping is not None and (mapping.target, mapping.test) == wanted:
        form.faults[TARGET] = f"{source.name} is mapped to {target.name} already."
    back = estate.mappings.get((target.id, source.server))
    if form.draft.both and mapping is None and back is not None and back.target != source.id:
        there = estate.networks[back.target].name
        form.faults[BOTH] = f"{target.name} is mapped to {there} already ({back.label})."


def _say(
    estate: Estate,
    source: Network,
    target: Network,
    test: Network | None,
    mapping: Mapping | None,
    draft: Draft,
) -> Say:
    name, there = certain(estate, target)
    trial = certain(estate, test)[0] if test else ""
    if mapping is not None:
        changes = (mapping.test or 0) != (test.id if test else 0)
        return say(
            "change",
            mapping={"id": mapping.label},
            target=name,
            test=trial if changes else "",
            no_test=(changes and not test) or "",
            reason=draft.reason,
        )
    own, here = certain(estate, source)
    return say(
        "add",
        source=own,
        source_on=here,
        target=name,
        target_on=there,
        test=trial,
        both=draft.both or "",
        reason=draft.reason,
    )


def _chosen(form: Form, field: str, estate: Estate, value: str, server: int) -> Network | None:
    """The network that was chosen; None with a fault where it is not there any more."""
    if not value:
        return None
    network = _find(estate, value)
    if network is None or network.gone:
        form.faults[field] = "It is not there any more: an inventory came in. Choose again."
        return None
    if network.server != server:
        form.faults[field] = f"It is on {estate.server_named(network.server)}. Choose again."
        return None
    return network


def _labelled(estate: Estate, label: str) -> Mapping | None:
    return next((m for m in estate.mappings.values() if m.label == label), None)


def value_of(network: Network) -> str:
    """What names a network in the form."""
    return f"{network.id}.{hashlib.blake2b(network.guid.encode(), digest_size=4).hexdigest()}"


def _find(estate: Estate, value: str) -> Network | None:
    number = value.partition(".")[0]
    network = estate.networks.get(int(number)) if number.isdigit() else None
    return network if network is not None and value_of(network) == value else None


def _choice(network: Network, vms: int | None = None, twin: bool = False) -> Choice:
    """A choice, with what tells it from another network of its name."""
    notes = [] if vms is None else [plural(vms, "VM")]
    if twin:
        names = ", ".join(subnet.name for subnet in network.subnets[:TOLD])
        notes += filter(None, [network.logical, names and f"subnets {names}", network.guid[:8]])
    return Choice(value=value_of(network), name=network.name, note=" · ".join(notes))


def offer(
    ports: Ports, field: str, server: int, other: int, text: str, counts: "Counts"
) -> list[ChoiceGroup]:
    """Networks of a server to choose from, those not mapped first.

    Args:
        field: SOURCE, TARGET or TEST.
        server: whose networks.
        other: the server on the other side; 0 while none is chosen.
        text: part of a name.
        counts: VMs per network.
    """
    with ports.store.read() as tables:
        estate = tables.estate()
        vms = counts.of(tables, server)
        key = name_key(text)
        found = [n for n in estate.networks_of(server) if not n.gone and key in n.key]
        names = Counter(n.key for n in found)
        if field == TEST:
            none = Choice(value=NO_TEST, name="")
            choices = [none, *_shown(found, OFFERED - 1, vms, key, names)]
            return [ChoiceGroup(mapped=None, total=len(choices), choices=choices)]
        if field == SOURCE:
            mapped = {s for s, toward in estate.mappings if not other or toward == other}
        else:
            mapped = {
                m.target
                for m in estate.mappings.values()
                if not other or estate.networks[m.source].server == other
            }
    blank = [n for n in found if n.id not in mapped]
    taken = [n for n in found if n.id in mapped]
    room = OFFERED - min(len(taken), OFFERED // 4)
    first = _shown(blank, room, vms, key, names)
    second = _shown(taken, OFFERED - len(first), vms, key, names)
    groups = [
        ChoiceGroup(mapped=False, total=len(blank), choices=first),
        ChoiceGroup(mapped=True, total=len(taken), choices=second),
    ]
    return [group for group in groups if group.choices]


def _shown(
    networks: Iterable[Network],
    most: int,
    vms: dict[int, tuple[int, int]],
    key: str,
    names: Counter[str],
) -> list[Choice]:
    """The first of them, those that begin with what was typed before all others.

    Args:
        names: how many networks are called so.
    """
    ordered = sorted(networks, key=lambda n: (not n.key.startswith(key), n.key, n.id))
    return [_choice(n, vms.get(n.id, (0, 0))[0], names[n.key] > 1) for n in ordered[:most]]


class Counts:
    """VMs per network, counted again after a change only: a picker asks at every letter."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[int, dict[int, tuple[int, int]]]] = {}

    def of(self, tables: Tables, server: int) -> dict[int, tuple[int, int]]:
        """Network -> (VMs, adapters)."""
        version = tables.changes.last()
        kept = self._kept.get(server)
        if kept is None or kept[0] != version:
            kept = (version, tables.vms.counts_by_network(server))
            self._kept[server] = kept
        return kept[1]
