"""Whatever happens in which order: netmap answers as the rule says, read slowly.

The rule is written down here a second time, adapter by adapter and from names alone, after the
sentences of the field and not after the code: no classes, no numbers, nothing kept but what a
person with a pencil would note. Imports, changes and undos come in any order; after each of them
every VM and the plan are compared with what the pencil says.
"""

import tempfile
import unicodedata
from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.domain.errors import NetmapError
from bot.usecases.admin import SetHome, set_home
from bot.usecases.applying.plans import AskPlan, plan
from bot.usecases.importing.imports import Options
from bot.usecases.mapping.mappings import (
    AddMapping,
    ChangeMapping,
    RemoveMapping,
    add_mapping,
    change_mapping,
    remove_mapping,
)
from bot.usecases.mapping.undoing import Undo, undo
from bot.usecases.networks import Adopt, adopt
from bot.usecases.resolving import MappingName
from bot.usecases.vms import AskVms, where
from tests.storage.build import open_store, stamp, take_in

SITES = ("one", "two")
NETWORKS = ("m1", "m2", "n1", "n2")


class Homes(dict[str, str]):
    """Network id -> its server; one that was made anew has a mark behind its first id."""

    def __missing__(self, id: str) -> str:
        return "one" if id.startswith("n") else "two"


HOME_OF = Homes({id: "one" if id.startswith("n") else "two" for id in NETWORKS})
SUBNETS = ("Web", "web", "WEB ", "Straße", "STRASSE", "DB")
SIDES = {"a": ("one", "two"), "b": ("one", "two"), "c": ("one", "one")}
"""VM -> the servers of its two objects; c is replicated between two clouds of one server."""
SLOTS = (0, 3)

networks = st.sampled_from(NETWORKS)
vms = st.sampled_from(sorted(SIDES))
orders = st.sampled_from((SITES, SITES[::-1], ("one",), ("two",), ()))
"""Which servers' inventories come in, in which order."""

Sites = tuple[str, ...]
At = tuple[str, str | None] | None
"""Network and subnet by id; None: connected to nothing."""
NOT_OBSERVED = ("?", None)
Wish = tuple[At | str, str]
"""Where it belongs, or `no opinion`; by which rule."""
Key = tuple[str, str]
"""Source network and target server."""


def folded(name: str) -> str:
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    return unicodedata.normalize("NFC", plain.casefold())


@dataclass
class Machine:
    """One VMM object."""

    role: str
    power: str
    state: str
    nics: dict[int, At]
    id: int
    """Its VMM id: VMM gives a VM that it finds again another one, higher than all before."""


@dataclass
class Network:
    name: str
    subnets: list[tuple[str, str]]
    """Id and name in order: as listed, and in what is known as adopted."""
    gone: bool = False
    lost: dict[str, str] = field(default_factory=dict)
    """Of what is known, subnets that are gone: id and name."""


@dataclass
class Server:
    networks: dict[str, Network] = field(default_factory=dict)
    vms: dict[str, Machine] = field(default_factory=dict)
    """Object -> what it is. Objects are called `a1` and `a2`."""
    at: int = 0
    """When its inventory was collected."""


@dataclass
class Pair:
    """What was noted of a VM while it was replicated."""

    home: str
    home_set: bool = False
    away: bool = False
    over: int = 0
    """The VMM id of the replica that runs after a failover."""
    baselines: dict[int, tuple[At, At, str | None]] = field(default_factory=dict)
    was: dict[int, tuple[int, At]] = field(default_factory=dict)
    """Slot -> the VMM id of home and where it was, if it was home when last seen."""
    stood: dict[int, tuple[int, At, int]] = field(default_factory=dict)
    """Slot -> the replica's VMM id, where it was seen, and since which step."""


@dataclass
class Step:
    """A change of the mapping table."""

    change: str
    before: dict[Key, str | None]
    after: dict[Key, str | None]
    undoes: str = ""
    undone_by: str = ""
    stood: set[tuple[Any, int]] = field(default_factory=set)
    """Adapters that were connected when a mapping came to them."""


FIRST = (("n1", "m1"), ("n1", "n2"), ("n1", "m2"), ("n2", "m1"))
"""What is mapped first."""
OPENINGS = (
    *("", "o", "or", "oR", "od", "oc", "ob", "obr", "obrAM", "obrAL", "orHRH"),
    *("rP", "rPc", "rPd", "oB"),
)
"""What happens then, each letter something; it is told in `open`."""


class Pencil(RuleBasedStateMachine):
    @initialize(
        first=st.sampled_from(FIRST),
        opening=st.sampled_from(OPENINGS),
    )
    def open(self, first: tuple[str, str], opening: str) -> None:
        """Begin in the midst of things, as whoever begins at the beginning seldom gets there."""
        self.folder = tempfile.TemporaryDirectory()
        self.ports = open_store(Path(self.folder.name) / "netmap.db")
        self.ids = 0
        self.now_called = {id: id for id in NETWORKS}
        """First id of a network -> its id, since it was made anew."""
        self.world = {site: Server() for site in SITES}
        for network, site in HOME_OF.items():
            self.world[site].networks[network] = Network(
                network, [(f"{network}-Web", "Web"), (f"{network}-DB", "DB")]
            )
        self.world["two"].networks["m2"].subnets = [("m2-DB", "DB"), ("m2-Web", "web")]
        self.world["one"].networks["n2"].subnets = [("n2-Web", "WEB "), ("n2-New", "Straße")]
        for vm, sites in SIDES.items():
            for number, site in enumerate(sites, start=1):
                role, power = ("primary", "running") if number == 1 else ("replica", "off")
                nics: dict[int, At] = {0: None, 3: None}
                if number == 1:
                    nics = {0: ("n1", "n1-Web"), 3: ("n2", "n2-New") if vm == "a" else ("n1", None)}
                self.ids += 1
                self.world[site].vms[f"{vm}{number}"] = Machine(role, power, "", nics, self.ids)
        self.known = {site: Server() for site in SITES}
        self.mapped: dict[Key, str] = {}
        self.led: dict[Key, dict[str, int]] = defaultdict(dict)
        """Where mappings led to, until which step."""
        self.ever: set[Key] = set()
        self.pairs: dict[str, Pair] = {}
        self.steps: list[Step] = []
        self.lost: dict[str, Machine] = {}
        """Objects that were deleted, as they were."""
        self.listed: dict[str, list[str]] = {}
        """Network -> its subnets in the order of the last inventory."""
        self.before: dict[tuple[str, int], tuple[int, At, Any]] = {}
        """VM and slot -> the replica's VMM id, where it was seen and belonged, a moment ago."""
        self.now = 0
        self.take_in(SITES)
        self.add(*first, both="b" in opening)
        for move in opening:
            if move == "o":
                self.obey(SITES)
            elif move in "rR":
                for vm in SIDES:
                    self.reverse(vm, SITES if move == "r" else SITES[::-1])
            elif move == "d":
                self._remove((first[0], HOME_OF[first[1]]))
            elif move == "c":
                others = {n for n, site in HOME_OF.items() if site == HOME_OF[first[1]]}
                [other] = others - {first[1]}
                self._change((first[0], HOME_OF[first[1]]), other)
            elif move in "AH":
                self._make_anew(first[1] if move == "A" else first[0], SITES, follow=True)
            elif move == "M":
                self._remove((self.now_called[first[0]], HOME_OF[first[1]]))
            elif move == "B":
                self._build_anew(first[0])
            elif move == "P":
                self._connect_as_mapped()
            elif move == "L":
                self._change((first[1], HOME_OF[first[0]]), "n2" if first[0] == "n1" else "n1")

    def _build_anew(self, network: str) -> None:
        """All are failed over, their home is built anew, and its inventory comes first."""
        for vm in SIDES:
            self.reverse(vm, ())
            self.ids += 1
            home = self.world[SIDES[vm][0]].vms[f"{vm}1"]
            home.id, home.nics = self.ids, dict.fromkeys(home.nics)
        self._make_anew(network, SITES, follow=True)

    def _connect_as_mapped(self) -> None:
        """Who runs away from home is connected where the mapping leads its connection there."""
        for vm in SIDES:
            active, passive, _ = self.roles(vm)
            for slot, at in self.sides(self.world, vm)[passive].nics.items():
                wish, _ = self.forward(at, self.site_of(active))
                if not isinstance(wish, str):
                    self.sides(self.world, vm)[active].nics[slot] = wish
        self.take_in(SITES)

    def teardown(self) -> None:
        self.ports.store.close()
        self.folder.cleanup()

    # -- what happens outside ------------------------------------------------------------

    @rule(network=networks, then=orders, data=st.data())
    def change_network(self, network: str, then: Sites, data: st.DataObject) -> None:
        """Subnets are renamed, reordered, added and taken away; now and then the name changes."""
        id = self.now_called[network]
        found = self.world[HOME_OF[id]].networks.setdefault(id, Network(network, []))
        names = data.draw(st.lists(st.sampled_from(SUBNETS), unique=True, max_size=3))
        ids = data.draw(st.permutations([f"{id}-{x}" for x in ("Web", "DB", "New")]))
        found.subnets = list(zip(ids, names, strict=False))
        found.name = data.draw(st.sampled_from((network, f"{network} renamed")))
        self.take_in(then)

    @rule(network=networks, then=orders)
    def delete_network(self, network: str, then: Sites) -> None:
        self.world[HOME_OF[network]].networks.pop(self.now_called[network], None)
        self.take_in(then)

    @rule(network=networks, then=orders, follow=st.booleans())
    def make_anew(self, network: str, then: Sites, follow: bool) -> None:
        """A network is deleted and made again under its name; its VMs are put on it, or not."""
        self._make_anew(network, then, follow)

    def _make_anew(self, network: str, then: Sites, follow: bool) -> None:
        old, server = self.now_called[network], self.world[HOME_OF[network]]
        before = server.networks.pop(old, None)
        if before is None:
            return
        self.ids += 1
        id = self.now_called[network] = f"{network}+{self.ids}"
        subnets = [(f"{id}-{n}", name) for n, (_, name) in enumerate(before.subnets)]
        server.networks[id] = Network(before.name, subnets)
        anew = {was: now for (was, _), (now, _) in zip(before.subnets, subnets, strict=True)}
        for machine in server.vms.values() if follow else ():
            for slot, at in machine.nics.items():
                if at is not None and at[0] == old:
                    machine.nics[slot] = id, anew.get(at[1] or "")
        self.take_in(then)

    @rule(vm=vms, number=st.sampled_from((1, 2)), then=orders, data=st.data())
    def connect(self, vm: str, number: int, then: Sites, data: st.DataObject) -> None:
        """Somebody connects an adapter by hand, adds one or takes one away."""
        site = SIDES[vm][number - 1]
        machine = self.world[site].vms.get(f"{vm}{number}")
        if machine is None:
            return
        places: list[At] = [None, NOT_OBSERVED]
        for id, network in self.world[site].networks.items():
            places += [(id, None), *((id, subnet) for subnet, _ in network.subnets)]
        slot = data.draw(st.sampled_from((*SLOTS[:1], *SLOTS)))
        if slot in machine.nics and data.draw(st.integers(0, 9)) == 9:
            del machine.nics[slot]
        else:
            machine.nics[slot] = data.draw(st.sampled_from(places))
        self.take_in(then)

    @rule(vm=vms, then=orders)
    def reverse(self, vm: str, then: Sites) -> None:
        """Fail over with replication reversed, or back."""
        found = self.sides(self.world, vm)
        if len(found) == 2 and {m.role for m in found.values()} == {"primary", "replica"}:
            one, two = found.values()
            one.role, two.role = two.role, one.role
            for machine in (one, two):
                machine.power = "running" if machine.role == "primary" else "off"
                machine.state = ""
        self.take_in(then)

    @rule(
        vm=vms,
        power=st.sampled_from(("off", "running", "")),
        state=st.sampled_from(("", "Failed over", "Disabled", "Replicating")),
        then=orders,
    )
    def run_replica(self, vm: str, power: str, state: str, then: Sites) -> None:
        for machine in self.sides(self.world, vm).values():
            if machine.role == "replica":
                machine.power, machine.state = power, state
        self.take_in(then)

    @rule(vm=vms, replicate=st.booleans())
    def replication(self, vm: str, replicate: bool) -> None:
        """It is removed, or set up with the first object as primary."""
        for object, machine in self.sides(self.world, vm).items():
            if replicate:
                machine.role = "primary" if object.endswith("1") else "replica"
                machine.power = "running" if machine.role == "primary" else "off"
            else:
                machine.role = "none"

    @rule(vm=vms, number=st.sampled_from((1, 2)), then=orders)
    def delete_or_bring_back(self, vm: str, number: int, then: Sites) -> None:
        object, vms = f"{vm}{number}", self.world[SIDES[vm][number - 1]].vms
        if object in vms:
            self.lost[object] = vms.pop(object)
        elif object in self.lost:
            vms[object] = self.lost.pop(object)
        self.take_in(then)

    @rule(vm=vms, number=st.sampled_from((1, 2)), then=orders)
    def find_again(self, vm: str, number: int, then: Sites) -> None:
        """VMM lost the VM and found it; seen at once, or nobody could tell two on one server."""
        site = SIDES[vm][number - 1]
        both = [self.sides(where, vm) for where in (self.world, self.known)]
        if any(len(sides) < 2 for sides in both):
            return
        self.ids += 1
        self.world[site].vms[f"{vm}{number}"].id = self.ids
        self._take_in(site)
        self.take_in(then)

    @rule(then=orders)
    def obey(self, then: Sites) -> None:
        """Somebody does what the plan says."""
        for vm, slot, _, wish in self.expected_plan():
            _, passive, _ = self.roles(vm)
            machine = self.world[self.site_of(passive)].vms.get(passive)
            if machine is not None and slot in machine.nics:
                machine.nics[slot] = wish
        self.take_in(then)

    # -- what is asked of netmap ---------------------------------------------------------

    @rule(sites=orders)
    def take_in(self, sites: Sites) -> None:
        for site in sites:
            self._take_in(site)

    def _take_in(self, site: str) -> None:
        self.now += 1
        server = deepcopy(self.world[site])
        for machine in server.vms.values():
            for slot, at in machine.nics.items():
                machine.nics[slot] = self._there(server, at)
        vms = []
        for object, m in server.vms.items():
            nics = []
            for slot, at in m.nics.items():
                network, subnet = at if at and at != NOT_OBSERVED else (None, None)
                nic = {"slot": slot, "network": network, "subnet": subnet}
                nics.append({**nic, "observed": False} if at == NOT_OBSERVED else nic)
            vm = {"id": f"id-{m.id}", "hyperv_id": f"h-{object[0]}", "name": object[0]}
            more = {"power": m.power, "replication_state": m.state}
            vms.append(
                {**vm, "role": m.role, "adapters": nics, **{k: v for k, v in more.items() if v}}
            )
        networks = [
            {
                "id": id,
                "name": network.name,
                "subnets": [{"id": subnet, "name": name} for subnet, name in network.subnets],
            }
            for id, network in server.networks.items()
        ]
        take_in(self.ports, site, networks, vms, self.now, Options(force=True))
        self.see(site, server)

    @staticmethod
    def _there(server: Server, at: At) -> At:
        """Who is on what is no more is on nothing."""
        if at is None or at == NOT_OBSERVED:
            return at
        network = server.networks.get(at[0])
        if network is None:
            return None
        return at if at[1] in (None, *dict(network.subnets)) else (at[0], None)

    @rule(
        source=st.sampled_from(("n1", "n1", "n1", "n2", "m1", "m2")),
        to=st.sampled_from(("m1", "m1", "m2", "n2", "n1")),
        both=st.booleans(),
    )
    def add(self, source: str, to: str, both: bool) -> None:
        source, target = self.now_called[source], self.now_called[to]
        ask = AddMapping(
            source=self.name_of(source),
            source_on=HOME_OF[source],
            target=self.name_of(target),
            target_on=HOME_OF[target],
            both=both,
        )
        wanted = {(source, HOME_OF[target]): target}
        if both and source != target:
            wanted[target, HOME_OF[source]] = source
        fine = self.is_there(source) and self.is_there(target)
        fine &= all(self.mapped.get(key, end) == end for key, end in wanted.items())
        new = {key: end for key, end in wanted.items() if key not in self.mapped}
        self.attempt(add_mapping, ask, fine, dict(new))

    @precondition(lambda self: self.mapped)
    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.mapped)))
        self._change(key, data.draw(st.sampled_from([n for n in NETWORKS if HOME_OF[n] == key[1]])))

    def _change(self, key: Key, to: str) -> None:
        target = self.now_called[to]
        ask = ChangeMapping(mapping=self.mapping_of(key), target=self.name_of(target))
        fine = key in self.mapped and self.is_there(target)
        self.attempt(change_mapping, ask, fine, {key: target} if self.mapped.get(key) != target
                     else {})  # fmt: skip

    @precondition(lambda self: self.mapped)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        self._remove(data.draw(st.sampled_from(sorted(self.mapped))))

    def _remove(self, key: Key) -> None:
        ask = RemoveMapping(mapping=self.mapping_of(key))
        self.attempt(remove_mapping, ask, key in self.mapped, {key: None})

    @rule(back=st.integers(1, 4))
    def take_back(self, back: int) -> None:
        if len(self.steps) < back:
            return
        step = self.steps[-back]
        later = self.steps[len(self.steps) - back + 1 :]
        counts = [s for s in later if s.change not in self.cancelled(later)]
        fine = not step.undone_by and not any(set(s.after) & set(step.after) for s in counts)
        self.attempt(undo, Undo(change=step.change), fine, dict(step.before), step)

    @staticmethod
    def cancelled(later: list[Step]) -> set[str]:
        """Changes among these that were taken back, and those that did so, and so on."""
        gone: set[str] = set()
        for step in reversed(later):
            among = {other.change for other in later}
            if step.change not in gone and step.undoes in among:
                gone |= {step.change, step.undoes}
        return gone

    @rule(network=networks)
    def adopt_order(self, network: str) -> None:
        network = self.now_called[network]
        known = self.known[HOME_OF[network]].networks.get(network)
        try:
            adopt(self.ports, [Adopt(network=self.name_of(network))], stamp(self.now))
        except NetmapError:
            return
        self.now += 1
        assert known is not None
        known.subnets.sort(key=lambda s: self.listed[network].index(s[0]))

    @rule(vm=st.sampled_from(("a", "b")), site=st.sampled_from(SITES))
    def set_home(self, vm: str, site: str) -> None:
        try:
            set_home(self.ports, [SetHome(vm=vm, server=site)], stamp(self.now))
        except NetmapError:
            return
        object = f"{vm}{SIDES[vm].index(site) + 1}"
        pair = self.pairs[vm]
        if pair.home != object:
            self.now += 1
            pair.home, pair.home_set = object, True
            self.note(vm)

    def attempt(
        self, use_case: Any, ask: Any, fine: bool, after: dict[Key, str | None],
        undoes: Step | None = None,
    ) -> None:  # fmt: skip
        """Say it; it has to be refused or done as was foreseen."""
        try:
            result = use_case(self.ports, [ask], stamp(self.now))
        except NetmapError as error:
            if fine:
                raise AssertionError(ask) from error
            return
        assert fine, ask
        if not after:
            assert result.change is None
            return
        self.now += 1
        before = {key: self.mapped.get(key) for key in after}
        step = Step(result.change, before, after, undoes.change if undoes else "")
        self.steps.append(step)
        for key, target in after.items():
            if before[key] is not None and before[key] != target:
                self.led[key][before[key] or ""] = self.now
            self.ever.add(key)
            if target is None:
                self.mapped.pop(key, None)
            else:
                self.mapped[key] = target
        new = {key for key in after if before[key] is None and after[key] is not None}
        for vm, slot, key, at, since in self.replicas():
            if key not in new or at is None or at == NOT_OBSERVED:
                continue
            if since > self.led[key].get(at[0], 0):
                step.stood.add((id(self.pairs[vm]), slot))
        if undoes is not None:
            undoes.undone_by = step.change
            for vm, slot, key, at, _ in self.replicas():
                unmapped = key in after and after[key] is None and at and at != NOT_OBSERVED
                if unmapped and (id(self.pairs[vm]), slot) in undoes.stood:
                    replica, *_ = self.pairs[vm].stood[slot]
                    self.pairs[vm].stood[slot] = replica, at, self.now + 1
            self.now += 1

    # -- the pencil ----------------------------------------------------------------------

    def see(self, site: str, server: Server) -> None:
        """Note what an inventory says."""
        old = self.known[site].networks
        for id, network in server.networks.items():
            self.listed[id] = [subnet for subnet, _ in network.subnets]
            names = dict(network.subnets)
            kept = [s for s, _ in old[id].subnets if s in names] if id in old else []
            order = kept + [s for s in self.listed[id] if s not in kept]
            network.subnets = [(s, names[s]) for s in order]
            if id in old:
                lost = {**old[id].lost, **dict(old[id].subnets)}
                network.lost = {s: name for s, name in lost.items() if s not in names}
        for id, network in old.items():
            if id not in server.networks:
                network.gone = True
                server.networks[id] = network
        server.at = self.now
        self.known[site] = server
        for vm in SIDES:
            self.note(vm)

    def sides(self, where: dict[str, Server], vm: str) -> dict[str, Machine]:
        """The objects of a VM that are there."""
        found = {}
        for number, site in enumerate(SIDES[vm], start=1):
            if f"{vm}{number}" in where[site].vms:
                found[f"{vm}{number}"] = where[site].vms[f"{vm}{number}"]
        return found

    @staticmethod
    def site_of(object: str) -> str:
        return SIDES[object[0]][int(object[1]) - 1]

    def roles(self, vm: str) -> tuple[str, str, bool]:
        """The active object, the passive one, and whether that runs after a failover.

        Of two on one server neither inventory is newer: of two primaries the running one is
        active, else the second; of two replicas the first.
        """
        found = {o: m for o, m in self.sides(self.known, vm).items() if m.role != "none"}
        primaries = [
            (self.known[self.site_of(o)].at, m.power == "running", m.id, o)
            for o, m in found.items()
            if m.role == "primary"
        ]
        oldest = sorted(found, key=lambda o: (self.known[self.site_of(o)].at, found[o].id))
        active = max(primaries)[-1] if primaries else oldest[0] if len(oldest) == 2 else ""
        passive = next((o for o in oldest if o != active), "")
        return active, passive, bool(passive) and self.is_over(vm, found[passive])

    def is_over(self, vm: str, replica: Machine) -> bool:
        """It runs after a failover, or nobody can tell whether it still does."""
        if replica.state != "Failed over":
            return False
        was = vm in self.pairs and self.pairs[vm].over == replica.id
        return replica.power == "running" or (replica.power == "" and was)

    def note(self, vm: str) -> None:
        """Note where it is at home, and what is frozen while it is away."""
        active, passive, over = self.roles(vm)
        if not active and not passive:
            if self.sides(self.known, vm):
                self.pairs.pop(vm, None)  # replication was removed
            return
        pair = self.pairs.get(vm)
        if pair is None:
            pair = self.pairs[vm] = Pair(active)
        if not pair.home:
            pair.home = active
        pair.away = bool(active) and active != pair.home
        was, pair.was = pair.was, {}
        pair.over = self.sides(self.known, vm)[passive].id if active and over else 0
        if not (active and passive):
            return
        here, there = self.sides(self.known, vm)[active], self.sides(self.known, vm)[passive]
        for slot in here.nics.keys() & there.nics.keys():
            at = there.nics[slot]
            frozen = pair.baselines.get(slot)
            last = pair.stood.get(slot)
            if not pair.away and not over:
                pair.baselines.pop(slot, None)
            elif frozen is None:
                home, away = (there, here) if pair.away else (here, there)
                replica = away.id
                left = self.last_seen(vm, slot, replica, away.nics[slot])
                network = left[0] if left else ""
                key = network, self.site_of(passive if pair.away else active)
                own = home.nics[slot]
                if own is None and pair.away and slot in was and was[slot][0] not in (
                    here.id, there.id
                ):  # fmt: skip
                    _, own = was[slot]  # home came anew, on nothing
                pair.baselines[slot] = own, left, self.mapped.get(key)
            if not pair.away:
                pair.was[slot] = here.id, here.nics[slot]
            if last is None or last[:2] != (there.id, at):
                unmoved = frozen and last and last[0] == here.id and not pair.away
                since = 0 if unmoved and frozen and frozen[1] == at else self.now
                pair.stood[slot] = there.id, at, since
        for slot in SLOTS:  # an adapter that is not there
            if not pair.away and not over and (slot not in here.nics or slot not in there.nics):
                pair.baselines.pop(slot, None)

    def last_seen(self, vm: str, slot: int, replica: int, at: At) -> At:
        """Where a replica was when it was last seen as one; at its placement, if it is there."""
        seen = self.before.get((vm, slot))
        if seen is None or seen[0] != replica:
            return at
        _, observed, wish = seen
        if observed == NOT_OBSERVED or at == wish:
            return at if wish == "no opinion" else wish
        return observed

    @invariant()
    def remember(self) -> None:
        """Where each replica was seen and belonged, for the next failover."""
        self.before.clear()
        for vm in SIDES:
            active, passive, _ = self.roles(vm)
            if active and passive:
                replica = self.sides(self.known, vm)[passive].id
                for slot, (at, wish, _) in self.placements(vm).items():
                    self.before[vm, slot] = replica, at, wish

    def replicas(self) -> list[tuple[str, int, Key, At, int]]:
        """Every adapter of a pair: VM, slot, its mapping's key, where it stands, since when."""
        found = []
        for vm in SIDES:
            active, passive, _ = self.roles(vm)
            for slot in self.placements(vm):
                source = self.sides(self.known, vm)[active].nics[slot]
                _, at, since = self.pairs[vm].stood[slot]
                key = (source[0] if source else ""), self.site_of(passive)
                found.append((vm, slot, key, at, since))
        return found

    def placements(self, vm: str) -> dict[int, tuple[At, At | str, str]]:
        """Slot -> where the replica stands, where it belongs, by which rule."""
        active, passive, _ = self.roles(vm)
        if not (active and passive):
            return {}
        pair = self.pairs[vm]
        here, there = self.sides(self.known, vm)[active], self.sides(self.known, vm)[passive]
        found = {}
        for slot in sorted(here.nics.keys() & there.nics.keys()):
            source, server = here.nics[slot], self.site_of(passive)
            if pair.away:
                wish, why = self.failback(source, server, pair.baselines[slot])
            else:
                wish, why = self.forward(source, server)
            found[slot] = there.nics[slot], wish, why
        return found

    def forward(self, source: At, server: str) -> Wish:
        if source is None:
            return "no opinion", "source_disconnected"
        if source == NOT_OBSERVED:
            return "no opinion", "not_checked"
        if (source[0], server) not in self.mapped:
            return "no opinion", "not_mapped"
        return self.join(source, self.mapped[source[0], server])

    def join(self, source: At, target: str) -> Wish:
        network = self.known[HOME_OF[target]].networks[target]
        if network.gone:
            return "no opinion", "target_gone"
        if not network.subnets:
            return (target, None), "no_subnets"
        name = self.subnet_name(source)
        if name is not None:
            exact = [s for s, other in network.subnets if other == name]
            alike = [s for s, other in network.subnets if folded(other) == folded(name)]
            if exact or alike:
                return (target, (exact or alike)[0]), "same_name"
        return (target, network.subnets[0][0]), "first_subnet"

    def failback(self, now: At, server: str, frozen: tuple[At, At, str | None]) -> Wish:
        home, away, led = frozen
        if now == NOT_OBSERVED:
            return "no opinion", "not_checked"
        leads = self.mapped.get((now[0], server)) if now else None
        same = now and away and self.network_now(now[0]) == self.network_now(away[0])
        if same and away and leads is None:
            leads = self.mapped.get((away[0], server))
        wish, _ = self.forward(self.place_now(home), HOME_OF[now[0]]) if now else (None, "")
        if away is None and now and wish == now:
            away, led = now, None  # it came up on nothing, and was connected as it is mapped
        if self.place_now(now) == self.place_now(away):
            as_it_was = {self.network_now(one) for one in (led, home and home[0]) if one}
            if leads is None or self.network_now(leads) in as_it_was:
                return self.as_it_was(home)
            return self.join(now, leads)
        if now is None:
            return None, "source_disconnected"
        if leads is not None:
            return self.join(now, leads)
        if away == NOT_OBSERVED:
            return "no opinion", "not_checked"
        if same:
            return self.as_it_was(home)
        return None, "not_mapped"

    def as_it_was(self, home: At) -> Wish:
        if home == NOT_OBSERVED:
            return "no opinion", "not_checked"
        home = self.place_now(home)
        if home is not None:
            network = self.known[HOME_OF[home[0]]].networks[home[0]]
            if network.gone or home[1] not in (None, *dict(network.subnets)):
                return "no opinion", "target_gone"
        return home, "unchanged"

    def network_now(self, id: str) -> str:
        """The network; where it is gone the one that bears its name, if there is just one."""
        networks = self.known[HOME_OF[id]].networks
        if id == NOT_OBSERVED[0] or not networks[id].gone:
            return id
        same = [o for o, n in networks.items() if n.name == networks[id].name and not n.gone]
        return same[0] if len(same) == 1 else id

    def place_now(self, at: At) -> At:
        if at is None or at == NOT_OBSERVED:
            return at
        network = self.known[HOME_OF[at[0]]].networks[at[0]]
        if not network.gone and at[1] not in network.lost:
            return at
        id = self.network_now(at[0])
        if at[1] is None:
            return id, None
        name = {**network.lost, **dict(network.subnets)}[at[1]]
        now = self.known[HOME_OF[id]].networks[id]
        same = [s for s, other in now.subnets if other == name]
        return (id, same[0]) if len(same) == 1 else at

    def expected_plan(self) -> set[tuple[str, int, At, At]]:
        """(VM, slot, from, to) of whatever may be reconnected now."""
        found: set[tuple[str, int, At, At]] = set()
        for vm in SIDES:
            _, passive, _ = self.roles(vm)
            for slot, (at, wish, why) in self.placements(vm).items():
                replica = self.known[self.site_of(passive)].vms[passive]
                if replica.power != "off" or replica.state == "Disabled" or at == NOT_OBSERVED:
                    continue
                if isinstance(wish, str):
                    if why == "not_mapped" and at and self.was_led(vm, slot, at):
                        found.add((vm, slot, at, None))
                elif at != wish:
                    found.add((vm, slot, at, wish))
        return found

    def was_led(self, vm: str, slot: int, at: At) -> bool:
        """It stands since then where its mapping led before it was removed."""
        for name, number, key, _, since in self.replicas():
            if (name, number) == (vm, slot) and at is not None:
                return since <= self.led[key].get(at[0], -1)
        return False

    # -- names ---------------------------------------------------------------------------

    def is_there(self, network: str) -> bool:
        found = self.known[HOME_OF[network]].networks.get(network)
        return found is not None and not found.gone

    def name_of(self, network: str) -> str:
        found = self.known[HOME_OF[network]].networks.get(network)
        return found.name if found else network

    def mapping_of(self, key: Key) -> MappingName:
        """By its number: a network that was made anew bears its name too."""
        with self.ports.store.read() as tables:
            estate = tables.estate()
        for (source, server), mapping in estate.mappings.items():
            if (estate.networks[source].guid, estate.server_named(server)) == key:
                return MappingName(id=mapping.label)
        raise AssertionError(key)

    def subnet_name(self, at: At) -> str | None:
        """A subnet that is gone is still called what it was called."""
        if at is None or at[1] is None:
            return None
        network = self.known[HOME_OF[at[0]]].networks[at[0]]
        return {**network.lost, **dict(network.subnets)}[at[1]]

    def words(self, at: At | str) -> Any:
        if at is None or isinstance(at, str):
            return at
        if at == NOT_OBSERVED:
            return "not observed"
        return self.name_of(at[0]), self.subnet_name(at)

    # -- what must hold ------------------------------------------------------------------

    @invariant()
    def every_vm_is_answered_as_the_pencil_says(self) -> None:
        for vm in SIDES:
            if not self.sides(self.known, vm):
                continue
            answer = where(self.ports, [AskVms(names=(vm,))], stamp(self.now))
            active, passive, over = self.roles(vm)
            if not active and not passive:
                assert answer.pairs == []
                continue
            [found] = answer.pairs
            pair = self.pairs[vm]
            assert (found.active, found.passive) == (
                self.site_of(active) if active else "",
                self.site_of(passive) if passive else "",
            )
            if not (active and passive):
                continue
            assert (found.away, found.failed_over) == (pair.away, over)
            assert found.home == self.site_of(pair.home)
            seen = {}
            for nic in found.adapters:
                if nic.slot in found.only_here:
                    continue
                target = "no opinion" if nic.target is None else _spot(nic.target)
                assert nic.now is not None
                seen[nic.slot] = _spot(nic.now), target, str(nic.rule)
            expected = self.placements(vm)
            assert seen == {
                slot: (self.words(at), self.words(wish), why)
                for slot, (at, wish, why) in expected.items()
            }, vm

    @invariant()
    def the_plan_is_what_the_pencil_says(self) -> None:
        found = plan(self.ports, [AskPlan()], stamp(self.now))
        assert {(m.vm, m.slot, _spot(m.was), _spot(m.to)) for m in found.moves} == {
            (vm, slot, self.words(at), self.words(wish))
            for vm, slot, at, wish in self.expected_plan()
        }


def _spot(spot: Any) -> Any:
    if not spot.observed:
        return "not observed"
    return None if spot.network is None else (spot.network, spot.subnet)


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("opening", OPENINGS)
def test_every_opening_ends_as_the_pencil_says(first: tuple[str, str], opening: str) -> None:
    pencil = Pencil()
    try:
        pencil.open(first, opening)
        pencil.every_vm_is_answered_as_the_pencil_says()
        pencil.the_plan_is_what_the_pencil_says()
    finally:
        pencil.teardown()


Pencil.TestCase.settings = settings(max_examples=50, stateful_step_count=20)
TestPencil = Pencil.TestCase
