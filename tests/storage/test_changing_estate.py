"""Whatever is imported, mapped and moved in which order: what is kept agrees with itself.

Imports derive only the pairs they touched and ask the rule only about what may have changed. After
every step, all of it is derived and asked again from what the tables say, and must be the same.
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.domain.errors import NetmapError
from bot.domain.estate import Server
from bot.domain.orders import Receipt
from bot.domain.placements import Move
from bot.engine.pairing import derive
from bot.engine.placing import decide
from bot.usecases.admin import SetHome, set_home
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
from bot.wiring import Outside
from storage.estates import load_estate
from storage.store import Store
from tests.storage.build import machine, network, nic, stamp, take_in

SITES = ("one", "two")
NETWORKS = {"one": ("Prod", "Lab"), "two": ("DR", "Old")}
SUBNETS = ("Web", "web", "DB")
NAMES = ("a", "b", "c")

sites = st.sampled_from(SITES)
names = st.sampled_from(NAMES)
roles = st.sampled_from(["primary", "replica", "replica", None, "none", "test"])
powers = st.sampled_from(["running", "off", None])
orders = st.lists(st.sampled_from(SUBNETS), unique=True)
any_network = st.sampled_from([name for those in NETWORKS.values() for name in those])


MAYBE = suppress(NetmapError)
"""What is refused may change nothing; the invariants look."""


class Hands:
    """Reconnects every other adapter and fails at the rest."""

    name = "hands"
    takes_time = True

    def reaches(self, server: Server) -> bool:
        return server.name == "two"

    def apply(self, server: Server, moves: Iterable[Move]) -> Iterator[Receipt]:
        for count, move in enumerate(moves):
            yield Receipt(move, "failed" if count % 2 else "reconnected")


@dataclass
class Side:
    """A VM on one server."""

    role: str | None
    power: str | None
    state: str
    at: list[tuple[str, int] | None]
    """Per adapter: network and which of its subnets, counted around; None: nothing."""
    anew: str | None = ""
    """What its Hyper-V id ends with, as that of a replica that was made anew; None: it has none."""
    listed: str = ""
    """What its VMM id ends with, as that of a VM that VMM lost and found again."""
    called: str = ""
    """Its name, if that was changed."""
    unreadable: bool = False


@dataclass
class Site:
    subnets: dict[str, list[str]] = field(default_factory=dict)
    vms: dict[str, Side] = field(default_factory=dict)


class Estate(RuleBasedStateMachine):
    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "netmap.db"
        self.ports = Outside(Store(path), appliers=(Hands(),))
        self.sites = {name: Site() for name in SITES}
        for name, site in self.sites.items():
            site.subnets = {network: ["Web", "DB"] for network in NETWORKS[name]}
            role = "primary" if name == "one" else "replica"
            for vm in NAMES[:2]:
                site.vms[vm] = Side(role, None if role == "primary" else "off", "", [None])
        self.hour = 0.0

    def teardown(self) -> None:
        self.ports.store.close()
        self.folder.cleanup()

    # -- what happens outside ------------------------------------------------------------

    @rule(site=sites, which=st.integers(0, 1), subnets=orders)
    def change_subnets(self, site: str, which: int, subnets: list[str]) -> None:
        self.sites[site].subnets[NETWORKS[site][which]] = subnets

    @rule(site=sites, name=names, role=roles, power=powers, failed=st.booleans(), data=st.data())
    def change_vm(
        self,
        site: str,
        name: str,
        role: str | None,
        power: str | None,
        failed: bool,
        data: st.DataObject,
    ) -> None:
        here = st.sampled_from(NETWORKS[site])
        at = data.draw(st.lists(st.none() | st.tuples(here, st.integers(-1, 2)), max_size=3))
        state = "Failed over" if failed else ""
        self.sites[site].vms[name] = Side(role, power, state, at)

    @rule(site=sites, name=names)
    def delete_vm(self, site: str, name: str) -> None:
        self.sites[site].vms.pop(name, None)

    @rule(site=sites, name=names, listed=st.sampled_from(["", "-again"]))
    def register_anew(self, site: str, name: str, listed: str) -> None:
        if side := self.sites[site].vms.get(name):
            side.listed = listed

    @rule(site=sites, name=names, called=names)
    def rename(self, site: str, name: str, called: str) -> None:
        if side := self.sites[site].vms.get(name):
            side.called = called

    @rule(site=sites, name=names, anew=st.sampled_from(["", "-anew", None]))
    def replicate_anew(self, site: str, name: str, anew: str | None) -> None:
        if side := self.sites[site].vms.get(name):
            side.anew = anew

    @rule(site=sites, name=names, unreadable=st.booleans())
    def break_vm(self, site: str, name: str, unreadable: bool) -> None:
        if side := self.sites[site].vms.get(name):
            side.unreadable = unreadable

    @rule(name=names)
    def fail_over_or_back(self, name: str) -> None:
        one, two = (self.sites[site].vms.get(name) for site in SITES)
        if one and two:
            one.role, two.role = two.role, one.role
            one.power, two.power = two.power, one.power

    # -- what is asked of netmap ---------------------------------------------------------

    @rule(site=sites)
    def take_in(self, site: str) -> None:
        self.hour += 1
        known = self.sites[site]
        vms, unreadable = [], []
        for name, side in known.vms.items():
            if side.unreadable:
                unreadable.append(f"{site}-{name}{side.listed}")
                continue
            nics = [self._nic(known, slot, at) for slot, at in enumerate(side.at)]
            more = {"replication_state": side.state} if side.state else {}
            vm = machine(site, name, side.role, *nics, **more)
            vm["id"] += side.listed
            vm["name"] = side.called or name
            vm["hyperv_id"] = None if side.anew is None else vm["hyperv_id"] + side.anew
            del vm["power"]
            vms.append(vm if side.power is None else {**vm, "power": side.power})
        networks = [network(name, *subnets) for name, subnets in known.subnets.items()]
        forced = Options(force=True)
        take_in(self.ports, site, networks, vms, self.hour, forced, unreadable)

    @staticmethod
    def _nic(site: Site, slot: int, at: tuple[str, int] | None) -> dict[str, object]:
        if at is None:
            return nic(slot, None)
        subnets = site.subnets[at[0]]
        return nic(slot, at[0], subnets[at[1] % len(subnets)] if subnets and at[1] >= 0 else None)

    @rule(source=any_network, to=any_network, both=st.booleans(), dry_run=st.booleans())
    def add(self, source: str, to: str, both: bool, dry_run: bool) -> None:
        ask = AddMapping(source=source, target=to, both=both, dry_run=dry_run)
        with MAYBE:
            add_mapping(self.ports, [ask], stamp(self.hour))

    @rule(source=any_network, to=any_network)
    def change(self, source: str, to: str) -> None:
        ask = ChangeMapping(mapping=MappingName(source=source), target=to)
        with MAYBE:
            change_mapping(self.ports, [ask], stamp(self.hour))

    @rule(source=any_network)
    def remove(self, source: str) -> None:
        ask = RemoveMapping(mapping=MappingName(source=source))
        with MAYBE:
            remove_mapping(self.ports, [ask], stamp(self.hour))

    @rule(back=st.integers(0, 3))
    def take_back(self, back: int) -> None:
        with self.ports.store.read() as tables:
            last = tables.changes.last()
        with MAYBE:
            undo(self.ports, [Undo(change=f"C{last - back}")], stamp(self.hour))

    @rule(name=any_network)
    def adopt_order(self, name: str) -> None:
        with MAYBE:
            adopt(self.ports, [Adopt(network=name)], stamp(self.hour))

    @rule(name=names, site=sites)
    def set_home(self, name: str, site: str) -> None:
        with MAYBE:
            set_home(self.ports, [SetHome(vm=name, server=site)], stamp(self.hour))

    # -- what must hold ------------------------------------------------------------------

    @invariant()
    def counts_are_those_of_the_rows(self) -> None:
        connection = self.ports.store._connection()
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        wrong = connection.execute(
            "SELECT s.id FROM segment s WHERE s.adapters <>"
            " (SELECT count(*) FROM pair_adapter pa WHERE pa.segment = s.id)"
        ).fetchall()
        assert wrong == []
        lost = connection.execute(
            "SELECT pa.pair FROM pair_adapter pa LEFT JOIN pair p ON p.id = pa.pair"
            " LEFT JOIN segment s ON s.id = pa.segment WHERE p.id IS NULL OR s.id IS NULL"
        ).fetchall()
        assert lost == []

    @invariant()
    def observed_is_where_the_replica_is(self) -> None:
        wrong = self.ports.store._connection().execute(
            "SELECT pa.pair, pa.slot, pa.observed, a.at FROM pair_adapter pa"
            " JOIN pair p ON p.id = pa.pair"
            " LEFT JOIN adapter a ON a.vm = p.passive AND a.slot = pa.slot"
            " WHERE a.at IS NOT pa.observed"
        )
        assert wrong.fetchall() == []

    @invariant()
    def wishes_are_what_the_rule_says(self) -> None:
        with self.ports.store.read() as tables:
            estate = tables.estate()
            assert estate == load_estate(self.ports.store._connection())
            for segment in tables.segments.all():
                baseline = tables.segments.baseline(segment.key.baseline)
                assert decide(segment.key, baseline, estate) == segment.placement

    @invariant()
    def pairs_are_what_pairing_says(self) -> None:
        with self.ports.store.read() as tables:
            estate = tables.estate()
            every = {id for server in estate.servers for id in tables.pairs.all_of(server)}

            def mapped(at: int, server: int) -> int:
                found = estate.network_at(at)
                mapping = estate.mappings.get((found.id, server)) if found else None
                return mapping.target if mapping else 0

            draft = tables.pairs.draft()
            draft.affect(every)
            for hyperv, objects, known in draft.groups():
                fresh = derive(
                    objects, known, 10**6, mapped, lambda baseline: -1, server_of=draft.server_of
                )
                assert {(p.id, p.active, p.passive, p.home, p.away, p.home_set) for p in fresh} == {
                    (k.id, k.active, k.passive, k.home, k.away, k.home_set) for k in known
                }, hyperv
                stored = {
                    (k.id, nic.slot): (nic.key, nic.observed) for k in known for nic in k.nics
                }
                assert {
                    (p.id, nic.slot): (nic.key, nic.observed) for p in fresh for nic in p.nics
                } == stored, hyperv
                if not objects:
                    assert not any(k.nics or k.faults for k in known), hyperv
                    continue
                from_scratch = derive(objects, (), 10**6, mapped, lambda baseline: -1)
                assert {(p.active, p.passive) for p in from_scratch} == {
                    (k.active, k.passive) for k in known
                }, hyperv
                for vm in objects:
                    row = tables.vms.get(vm.id)
                    assert row is not None
                    assert [pair.id for pair in tables.vms.pairs_of(row)] == sorted(
                        k.id for k in known if vm.id in (k.active, k.passive)
                    ), hyperv


Estate.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=25,
)
TestEstate = Estate.TestCase
