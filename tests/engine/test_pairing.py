"""Which objects are pairs, which side is which, where home is, and what each adapter's class is."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.codes import Power, Readiness, VmRole
from bot.domain.pairs import Pair, PairFault, VmNic, VmObject
from bot.domain.placements import Baseline, SegmentKey
from bot.engine.pairing import WAITING_STATES, derive, find_sides, readiness

NY, CH, DEN = 1, 2, 3
P, R, T, N = VmRole.PRIMARY, VmRole.REPLICA, VmRole.TEST, VmRole.NONE


def machine(id: int, role: VmRole | None = P, server: int = NY, **over: Any) -> VmObject:
    nics = tuple(VmNic(slot, 100 * id + slot, 0, 1) for slot in over.pop("slots", (0,)))
    made = VmObject(
        id=id,
        server=server,
        role=role,
        state="Replicating",
        power=Power.OFF if role is R else Power.RUNNING,
        cloud=0,
        reach=0,
        collected_at="2026-11-22T06:00",
        nics=nics,
    )
    return made._replace(**over)


class Book:
    """Remembers baselines and pairs as the store does."""

    def __init__(self, mapped: Callable[[int, int], int] = lambda *_: 0) -> None:
        self.mapped = mapped
        self.baselines: list[Baseline] = []
        self.known: list[Pair] = []
        self.servers: dict[int, int] = {}
        self.change = self.newest = 0

    def derive(self, *objects: VmObject, protected: Any = frozenset()) -> list[Pair]:
        self.change += 1
        self.servers |= {machine.id: machine.server for machine in objects}
        pairs = derive(
            objects,
            self.known,
            self.change,
            self.mapped,
            self._intern,
            protected,
            lambda id: self.baselines[id - 1],
            self.servers.__getitem__,
        )
        stored = []
        for pair in pairs:
            self.newest += not pair.id
            stored.append(pair._replace(id=pair.id or self.newest))
        self.known = sorted(stored)
        return pairs

    def baseline(self, pair: Pair, slot: int = 0) -> Baseline | None:
        [nic] = [nic for nic in pair.nics if nic.slot == slot]
        return self.baselines[nic.key.baseline - 1] if nic.key.baseline else None

    def _intern(self, baseline: Baseline) -> int:
        if baseline not in self.baselines:
            self.baselines.append(baseline)
        return self.baselines.index(baseline) + 1


def sides(*objects: VmObject) -> list[tuple[int, int]]:
    return [(s.active.id if s.active else 0, s.passive.id if s.passive else 0)
            for s in find_sides(objects)]  # fmt: skip


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ([P, R], [(1, 2)]),
        ([R, P], [(2, 1)]),
        ([P], [(1, 0)]),
        ([R], [(0, 1)]),
        # a role that was not listed is the opposite of the other's
        ([P, None], [(1, 2)]),
        ([None, P], [(2, 1)]),
        ([R, None], [(2, 1)]),
        ([None, R], [(1, 2)]),
        # and of none at all nothing is known
        ([None], []),
        ([None, None], []),
        # test replicas and unreplicated VMs are in no pair
        ([T], []),
        ([N], []),
        ([P, R, T], [(1, 2)]),
        ([P, T], [(1, 0)]),
        ([P, N], [(1, 0)]),
        ([T, N], []),
        # an extended replica makes a second one
        ([P, R, R], [(1, 2), (1, 3)]),
        ([R, P, R], [(2, 1), (2, 3)]),
    ],
)
def test_which_objects_are_pairs(
    roles: Sequence[VmRole | None], expected: list[tuple[int, int]]
) -> None:
    found = sides(*(machine(n, role, n) for n, role in enumerate(roles, start=1)))

    assert found == expected


@pytest.mark.parametrize(
    ("role", "older_active"),
    [(P, False), (R, True)],
    ids=["both primary", "both replica"],
)
def test_the_newer_inventory_is_right_about_its_own_side(role: VmRole, older_active: bool) -> None:
    old = machine(1, role, NY, collected_at="2026-11-22T06:00")
    new = machine(2, role, CH, collected_at="2026-11-22T06:05")

    [found] = find_sides([old, new])
    [swapped] = find_sides([new, old])

    assert found == swapped
    assert (found.active, found.passive) == ((old, new) if older_active else (new, old))
    assert found.both_primary is (role is P)


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ((R, Power.OFF), (R, Power.OFF), (1, 2)),
        ((P, Power.RUNNING), (P, Power.OFF), (1, 2)),
        ((P, Power.RUNNING), (P, Power.RUNNING), (2, 1)),
    ],
)
def test_of_two_on_one_server_neither_inventory_is_newer(
    one: tuple[VmRole, Power], two: tuple[VmRole, Power], expected: tuple[int, int]
) -> None:
    first, second = machine(1, one[0], power=one[1]), machine(2, two[0], power=two[1])

    assert sides(first, second) == sides(second, first) == [expected]


def test_two_primaries_are_a_fault_and_a_pair_of_one_is_half_known() -> None:
    [both] = Book().derive(machine(1), machine(2, server=CH))
    [half] = Book().derive(machine(1))
    [whole] = Book().derive(machine(1), machine(2, R, CH))

    assert both.faults & PairFault.BOTH_PRIMARY
    assert half.faults == PairFault.OTHER_SIDE_UNKNOWN
    assert half.nics == ()
    assert whole.faults == PairFault(0)


@given(st.permutations([1, 2, 3, 4]), st.lists(st.sampled_from([P, R, T, N, None]), min_size=4))
def test_pairs_do_not_depend_on_the_order_objects_are_read_in(
    order: list[int], roles: list[VmRole | None]
) -> None:
    objects = [machine(n, roles[n - 1], n % 2 + 1) for n in range(1, 5)]
    known = [o for o in objects if o.role in (P, R)]
    if len([o for o in objects if o.role is None]) > 1 or not known:
        return  # which of several unsaid roles is the primary's is anybody's guess

    assert sides(*objects) == sides(*(objects[n - 1] for n in order))


# -- readiness -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "power", "expected"),
    [
        ("Replicating", Power.OFF, Readiness.READY),
        ("Suspended", Power.OFF, Readiness.READY),
        (None, Power.OFF, Readiness.READY),
        ("Disabled", Power.OFF, Readiness.WAITING),
        ("ReadyForInitialReplication", Power.OFF, Readiness.WAITING),
        ("Initial replication in progress", Power.OFF, Readiness.WAITING),
        ("WAITINGFORINITIALREPLICATION", Power.OFF, Readiness.WAITING),
        ("Replicating", Power.RUNNING, Readiness.RUNNING),
        ("Replicating", Power.PAUSED, Readiness.RUNNING),
        ("Replicating", Power.SAVED, Readiness.RUNNING),
        ("Replicating", None, Readiness.UNKNOWN),
        (None, None, Readiness.UNKNOWN),
    ],
)
def test_only_a_replica_known_to_be_off_and_replicated_may_be_touched(
    state: str | None, power: Power | None, expected: Readiness
) -> None:
    replica = machine(2, R, CH, state=state, power=power)

    assert readiness(replica, failed_over=False, away=False) is expected


def test_the_states_of_a_vm_that_has_not_replicated_are_the_documented_four() -> None:
    assert len(WAITING_STATES) == 4


# -- home ----------------------------------------------------------------------------------


def test_home_is_the_primary_when_first_seen_and_stays_there() -> None:
    book = Book()
    [first] = book.derive(machine(1), machine(2, R, CH))

    [away] = book.derive(machine(1, R), machine(2, P, CH))
    [back] = book.derive(machine(1), machine(2, R, CH))

    assert [(p.home, p.away) for p in (first, away, back)] == [(1, False), (1, True), (1, False)]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_either_side_of_a_pair_may_come_first(order: tuple[int, int]) -> None:
    book = Book()
    both = {1: machine(1), 2: machine(2, R, CH)}
    book.derive(both[order[0]])

    [pair] = book.derive(*both.values())

    assert (pair.active, pair.passive, pair.home, pair.away) == (1, 2, 1, False)


@pytest.mark.parametrize(
    ("protected", "home"),
    [
        ({(7, 8)}, 2),  # the active one's cloud, 8, protects 7
        ({(8, 7)}, 1),
        ({(7, 8), (8, 7)}, 1),  # each the other: says nothing
        (set(), 1),
    ],
)
def test_what_an_inventory_states_about_clouds_wins(
    protected: set[tuple[int, int]], home: int
) -> None:
    active, passive = machine(1, P, CH, cloud=8), machine(2, R, NY, cloud=7)

    [pair] = Book().derive(active, passive, protected=frozenset(protected))

    assert (pair.home, pair.away) == (home, home == 2)


def test_an_admins_word_on_home_wins_over_everything() -> None:
    book = Book()
    book.derive(machine(1, cloud=7), machine(2, R, CH, cloud=8))
    book.known = [book.known[0]._replace(home=2, home_set=True)]

    [pair] = book.derive(
        machine(1, cloud=7), machine(2, R, CH, cloud=8), protected=frozenset({(7, 8)})
    )

    assert (pair.home, pair.away, pair.home_set) == (2, True, True)


def test_home_is_kept_while_one_side_is_unknown_and_forgotten_with_replication() -> None:
    book = Book()
    book.derive(machine(1), machine(2, R, CH))
    book.derive(machine(1, R), machine(2, P, CH))

    [half] = book.derive(machine(2, P, CH))
    [again] = book.derive(machine(1, R), machine(2, P, CH))
    book.derive(machine(1, N), machine(2, N, CH))
    [anew] = book.derive(machine(1, R), machine(2, P, CH))

    assert (half.home, again.home, again.away) == (1, 1, True)
    assert (anew.home, anew.away) == (2, False)


def test_a_pair_that_is_gone_altogether_keeps_what_it_was_and_no_adapter() -> None:
    book = Book()
    book.derive(machine(1), machine(2, R, NY))
    [away] = book.derive(machine(1, R), machine(2, P, NY))

    [gone] = book.derive()
    [back] = book.derive(machine(1, R), machine(2, P, NY))

    assert away.away
    assert gone.nics == ()
    assert gone[:6] == away[:6]  # all but faults and adapters
    assert book.baseline(back) == book.baseline(away)


def test_on_one_server_with_two_clouds_home_is_one_of_the_two_objects() -> None:
    book = Book()
    book.derive(machine(1, cloud=7), machine(2, R, NY, cloud=8))

    [away] = book.derive(machine(1, R, cloud=7), machine(2, P, NY, cloud=8))

    assert (away.home, away.away, away.nics[0].key.server) == (1, True, NY)


@pytest.mark.parametrize("missing", [False, True], ids=["at once", "after an inventory without it"])
def test_home_is_the_object_that_comes_in_the_place_of_the_one_at_home(missing: bool) -> None:
    book = Book()
    book.derive(machine(1), machine(2, R, CH))
    [away] = book.derive(machine(1, R), machine(2, P, CH))
    if missing:
        book.derive(machine(2, P, CH))

    [again] = book.derive(machine(3, R), machine(2, P, CH))
    [back] = book.derive(machine(3), machine(2, R, CH))

    assert (again.home, again.away, book.baseline(again)) == (3, True, book.baseline(away))
    assert (back.home, back.away) == (3, False)


def test_so_it_is_while_the_other_side_is_missing() -> None:
    book = Book()
    book.derive(machine(1), machine(2, R, CH))
    book.derive(machine(1, R), machine(2, P, CH))

    book.derive(machine(3, R))
    [pair] = book.derive(machine(3, R), machine(2, P, CH))

    assert (pair.home, pair.away) == (3, True)


def test_so_it_is_where_both_came_anew_and_where_an_admin_said_so() -> None:
    book, said = Book(), Book()
    for one in (book, said):
        one.derive(machine(1), machine(2, R, CH))
    book.derive(machine(1, R), machine(2, P, CH))
    said.known = [pair._replace(home=2, home_set=True) for pair in said.known]

    [both] = book.derive(machine(3, R), machine(4, P, CH))
    [set_] = said.derive(machine(1), machine(4, R, CH))

    assert (both.home, both.away) == (3, True)
    assert (set_.home, set_.away, set_.home_set) == (4, True, True)


@pytest.mark.parametrize(
    "objects",
    [
        pytest.param((machine(2, P, CH), machine(3, R, DEN)), id="at a third server"),
        pytest.param((machine(3, P, CH), machine(4, R, DEN)), id="at two other objects"),
    ],
)
def test_home_is_nowhere_else_than_at_its_server(objects: tuple[VmObject, ...]) -> None:
    book = Book()
    book.derive(machine(1), machine(2, R, CH))
    book.derive(machine(1, R), machine(2, P, CH))

    [pair] = book.derive(*objects)

    assert (pair.home, pair.away) == (pair.active, False)


def test_on_one_server_the_object_that_is_new_is_home() -> None:
    book = Book()
    book.derive(machine(1, cloud=7), machine(2, R, NY, cloud=8))
    book.derive(machine(1, R, cloud=7), machine(2, P, NY, cloud=8))

    [pair] = book.derive(machine(3, R, cloud=7), machine(2, P, NY, cloud=8))

    assert (pair.home, pair.away) == (3, True)


# -- adapters ------------------------------------------------------------------------------


def test_of_two_found_again_at_once_the_one_in_the_cloud_of_home_is_home() -> None:
    book = Book()
    book.derive(machine(1, P, cloud=7), machine(2, R, cloud=8))
    book.derive(machine(1, R, cloud=7), machine(2, P, cloud=8))

    [away] = book.derive(machine(4, P, cloud=8), machine(3, R, cloud=7))
    frozen = book.baseline(away)
    [home] = book.derive(machine(6, P, cloud=7), machine(5, R, cloud=8))

    assert (away.home, away.away) == (3, True)
    assert frozen == Baseline(100, 200, 0)
    assert (home.home, home.away) == (6, False)


@pytest.mark.parametrize("first", [NY, CH])
def test_what_was_at_home_is_frozen_though_home_comes_anew_before_the_failover_is_seen(
    first: int,
) -> None:
    book = Book()
    book.derive(machine(1, P, NY), machine(2, R, CH))
    built, there = machine(3, R, NY, nics=(VmNic(0, 0, 0, 1),)), machine(2, P, CH)

    if first == NY:
        book.derive(built, machine(2, R, CH, collected_at="2026-11-22T05:00"))
    else:
        book.derive(machine(1, P, NY, collected_at="2026-11-22T05:00"), there)
    [pair] = book.derive(built, there)

    assert (pair.home, pair.away) == (3, True)
    assert book.baseline(pair) == Baseline(100, 200, 0)


def test_adapters_are_paired_by_slot_and_what_is_left_over_is_a_fault() -> None:
    [pair] = Book().derive(machine(1, slots=(0, 2, 3)), machine(2, R, CH, slots=(2, 3, 5)))

    assert [(n.slot, n.key.source, n.observed) for n in pair.nics] == [
        (2, 102, 202),
        (3, 103, 203),
    ]
    assert pair.faults == PairFault.ADAPTER_MISMATCH


def test_sides_of_other_slots_altogether_have_nothing_in_common() -> None:
    [pair] = Book().derive(machine(1, slots=(0, 1)), machine(2, R, CH, slots=(2, 3)))

    assert pair.nics == ()
    assert pair.faults & PairFault.ADAPTER_MISMATCH


def test_several_addresses_and_an_unobserved_replica_are_faults() -> None:
    active = machine(1, nics=(VmNic(0, 101, 1, 2),))
    passive = machine(2, R, CH, nics=(VmNic(0, -1, 0, 0),))

    [pair] = Book().derive(active, passive)

    assert pair.faults == PairFault.SEVERAL_ADDRESSES | PairFault.NOT_OBSERVED


def test_the_class_of_an_adapter_is_all_the_rule_asks_for() -> None:
    active = machine(1, cloud=7, nics=(VmNic(0, 101, 2, 1),))
    passive = machine(2, R, CH, cloud=8, reach=9, state="Disabled")

    [pair] = Book().derive(active, passive)

    assert pair.nics[0].key == SegmentKey(101, CH, 0, Readiness.WAITING, 7, 8, 9, 2)


def test_when_it_was_seen_to_move_and_when_it_got_its_class() -> None:
    book = Book()
    book.derive(machine(1), machine(2, R, CH))  # 1
    book.derive(machine(1), machine(2, R, CH))  # 2: nothing
    [moved] = book.derive(machine(1), machine(2, R, CH, nics=(VmNic(0, 999, 0, 1),)))  # 3
    [started] = book.derive(
        machine(1), machine(2, R, CH, nics=(VmNic(0, 999, 0, 1),), power=Power.RUNNING)
    )  # 4: another class, the same wish
    [other] = book.derive(
        machine(1, nics=(VmNic(0, 555, 0, 1),)), machine(2, R, CH, nics=(VmNic(0, 999, 0, 1),))
    )  # 5: another source

    assert [(p.nics[0].observed_since, p.nics[0].joined) for p in (moved, started, other)] == [
        (3, 1),
        (3, 1),
        (3, 5),
    ]


# -- away from home ------------------------------------------------------------------------


def test_the_baseline_is_frozen_when_the_pair_is_first_seen_away() -> None:
    book = Book(mapped=lambda at, server: 77 if (at, server) == (200, NY) else 0)
    book.derive(machine(1), machine(2, R, CH))

    [away] = book.derive(machine(1, R), machine(2, P, CH, nics=(VmNic(0, 299, 0, 1),)))
    [later] = book.derive(
        machine(1, R, nics=(VmNic(0, 0, 0, 1),)), machine(2, P, CH, nics=(VmNic(0, 0, 0, 1),))
    )

    # where the replica was last seen as one, not where the failover's import shows it
    assert book.baseline(away) == Baseline(home=100, away=200, mapped=77)
    assert book.baseline(later) == book.baseline(away)


def test_the_placement_counts_where_the_failover_shows_it_or_nobody_saw_the_replica() -> None:
    moved, blind = Book(), Book()
    moved.derive(machine(1), machine(2, R, CH, nics=(VmNic(0, 0, 0, 1),)))
    blind.derive(machine(1), machine(2, R, CH, nics=(VmNic(0, -1, 0, 1),)))
    for book in (moved, blind):
        book.known = [
            pair._replace(nics=tuple(nic._replace(desired=200) for nic in pair.nics))
            for pair in book.known
        ]

    [pair] = moved.derive(machine(1, R), machine(2, P, CH))
    [other] = blind.derive(machine(1, R), machine(2, P, CH, nics=(VmNic(0, 299, 0, 1),)))

    assert moved.baseline(pair) == Baseline(100, 200, 0)
    assert blind.baseline(other) == Baseline(100, 200, 0)


def test_a_pair_first_seen_away_has_its_present_connections_as_baseline() -> None:
    book = Book()
    [pair] = book.derive(
        machine(1, R, NY, cloud=7), machine(2, P, CH, cloud=8), protected=frozenset({(7, 8)})
    )

    assert pair.away
    assert book.baseline(pair) == Baseline(100, 200, 0)


def test_setting_home_back_does_not_take_one_side_for_the_other() -> None:
    book = Book()
    book.derive(machine(1, R), machine(2, P, CH))  # first seen, at home at Chicago
    book.known = [book.known[0]._replace(home=1, home_set=True)]

    [pair] = book.derive(machine(1, R), machine(2, P, CH))

    assert pair.away
    assert book.baseline(pair) == Baseline(home=100, away=200, mapped=0)


def test_running_after_a_failover_that_was_not_reversed_is_already_being_away() -> None:
    book = Book()
    book.derive(machine(1), machine(2, R, CH))
    runs = {"power": Power.RUNNING, "state": "Failed Over"}

    [over] = book.derive(machine(1), machine(2, R, CH, **runs))
    [moved] = book.derive(machine(1), machine(2, R, CH, nics=(VmNic(0, 299, 0, 1),), **runs))
    [reversed_] = book.derive(machine(1, R), machine(2, P, CH, nics=(VmNic(0, 299, 0, 1),)))

    assert (over.active, over.failed_over, over.away) == (1, True, False)
    assert over.nics[0].key.readiness == Readiness.FAILED_OVER
    assert book.baseline(over) == Baseline(100, 200, 0)
    assert book.baseline(moved) == book.baseline(reversed_) == book.baseline(over)


def test_a_failover_is_not_forgotten_while_nobody_can_tell_whether_the_vm_runs() -> None:
    book = Book()
    over = machine(2, R, CH, state="Failed over", power=Power.RUNNING)
    book.derive(machine(1), machine(2, R, CH))
    [seen] = book.derive(machine(1), over)
    frozen = book.baseline(seen)

    [unread] = book.derive(machine(1, nics=(VmNic(0, 0, 0, 1),)), over._replace(power=None))
    [again] = book.derive(machine(1, nics=(VmNic(0, 0, 0, 1),)), over)
    [off] = book.derive(machine(1), over._replace(power=Power.OFF))
    [unknown] = book.derive(machine(1), over._replace(power=None))

    assert (unread.failed_over, unread.nics[0].key.readiness) == (True, Readiness.FAILED_OVER)
    assert frozen == book.baseline(unread) == book.baseline(again) == Baseline(100, 200, 0)
    assert not off.failed_over
    assert not unknown.failed_over


def test_a_failover_that_was_cancelled_leaves_nothing_behind() -> None:
    book = Book()
    book.derive(machine(1), machine(2, R, CH))
    book.derive(machine(1), machine(2, R, CH, power=Power.RUNNING, state="FailedOver"))

    [pair] = book.derive(machine(1), machine(2, R, CH))

    assert book.baseline(pair) is None
    assert pair.nics[0].key.readiness == Readiness.READY


def test_a_replica_again_where_it_was_before_has_not_moved() -> None:
    book = Book()
    book.derive(machine(1), machine(2, R, CH))
    book.derive(machine(1, R), machine(2, P, CH))

    [back] = book.derive(machine(1), machine(2, R, CH))
    book.derive(machine(1, R), machine(2, P, CH))
    [moved] = book.derive(machine(1), machine(2, R, CH, nics=(VmNic(0, 299, 0, 1),)))

    assert back.nics[0].observed_since == 0
    assert moved.nics[0].observed_since == book.change


def test_extended_replicas_keep_their_own_histories_through_a_failover() -> None:
    book = Book()
    book.derive(machine(5), machine(6, R, CH))
    # its object is older than the one of the VM's home, its pair is newer
    two = book.derive(machine(5), machine(6, R, CH), machine(2, R, DEN))
    assert {p.passive: p.id for p in two} == {6: 1, 2: 0}

    pairs = book.derive(machine(5, R), machine(6, P, CH), machine(2, R, DEN))

    assert {(p.active, p.passive): (p.home, p.away) for p in pairs} == {
        (6, 5): (5, True),
        (6, 2): (6, False),
    }
    [home] = [p for p in pairs if p.passive == 5]
    assert book.baseline(home) == Baseline(home=500, away=600, mapped=0)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([P, R, T, N, None]),
            st.sampled_from([P, R, T, N, None]),
            st.sampled_from([None, *Power]),
            st.sampled_from([None, "Replicating", "FailedOver", "Disabled"]),
        ),
        max_size=6,
    )
)
def test_whatever_inventories_say_a_pair_is_consistent_and_deriving_again_changes_nothing(
    days: list[tuple[VmRole | None, VmRole | None, Power | None, str | None]],
) -> None:
    book = Book()
    for here, there, power, state in days:
        objects = machine(1, here), machine(2, there, CH, power=power, state=state)
        pairs = book.derive(*objects)

        for pair in pairs:
            assert pair.home in (0, 1, 2)
            assert pair.away is bool(pair.active and pair.home and pair.active != pair.home)
            for nic in pair.nics:
                failed_over = nic.key.readiness == Readiness.FAILED_OVER
                assert bool(nic.key.baseline) is (pair.away or failed_over)
        again = book.derive(*objects)
        assert [p._replace(id=0) for p in again] == [p._replace(id=0) for p in pairs]
