"""Failback: each row of the table, an oracle for all small worlds, and ending where it began."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.codes import Note, Power, Rule, VmRole
from bot.domain.estate import DISCONNECTED, NO_OPINION, NOT_OBSERVED, Estate
from bot.domain.pairs import Pair, VmNic, VmObject
from bot.domain.placements import Baseline, Placement
from bot.engine.failback import failback
from bot.engine.pairing import derive
from bot.engine.placing import decide, join
from tests.engine.estates import CH, NY, make_estate, make_network

HOME, OTHER_HOME = make_network(1, NY, "Web", "Db"), make_network(2, NY, "Mgmt", "Web")
AWAY, ELSEWHERE = make_network(7, CH, "Web", "Db"), make_network(8, CH, "Web")
NETWORKS = (HOME, OTHER_HOME, AWAY, ELSEWHERE)
BASELINE = Baseline(home=101, away=701, mapped=0)


def answer(
    now: int, mapped: dict[int, int], baseline: Baseline = BASELINE, estate: Estate | None = None
) -> Placement:
    return failback(now, baseline, NY, estate or make_estate(*NETWORKS, mapped=mapped), join)


REMOVED, OTHER_SUBNET = frozenset({Note.MAPPING_REMOVED}), frozenset({Note.OTHER_SUBNET})


@pytest.mark.parametrize(
    ("now", "mapped", "frozen", "placement"),
    [
        # where the baseline has it; its mapping home absent, as then, or to its own network
        (701, {}, 0, Placement(101, Rule.UNCHANGED)),
        (701, {7: 1}, 0, Placement(101, Rule.UNCHANGED)),
        (701, {7: 1}, 1, Placement(101, Rule.UNCHANGED)),
        (701, {7: 2}, 2, Placement(101, Rule.UNCHANGED)),
        (701, {7: 1}, 2, Placement(101, Rule.UNCHANGED)),
        # where the baseline has it; its mapping home leads elsewhere now
        (701, {7: 2}, 0, Placement(202, Rule.SAME_NAME)),
        (701, {7: 2}, 1, Placement(202, Rule.SAME_NAME)),
        # where the baseline has it; its mapping was removed meanwhile
        (701, {}, 1, Placement(101, Rule.UNCHANGED, REMOVED)),
        (701, {}, 2, Placement(101, Rule.UNCHANGED, REMOVED)),
        # disconnected
        (DISCONNECTED, {7: 1}, 1, Placement(DISCONNECTED, Rule.SOURCE_DISCONNECTED)),
        # on another network, unmapped and mapped
        (801, {7: 1}, 1, Placement(DISCONNECTED, Rule.NOT_MAPPED)),
        (801, {7: 1, 8: 2}, 1, Placement(202, Rule.SAME_NAME)),
        (800, {8: 2}, 1, Placement(201, Rule.FIRST_SUBNET, frozenset({Note.SEVERAL_SUBNETS}))),
        # on another subnet of the same network
        (702, {7: 1}, 1, Placement(102, Rule.SAME_NAME)),
        (702, {}, 0, Placement(101, Rule.UNCHANGED, OTHER_SUBNET)),
        # nobody could tell
        (NOT_OBSERVED, {7: 1}, 1, Placement(NO_OPINION, Rule.NOT_CHECKED)),
    ],
)
def test_each_row_of_the_table(
    now: int, mapped: dict[int, int], frozen: int, placement: Placement
) -> None:
    assert answer(now, mapped, BASELINE._replace(mapped=frozen)) == placement


def test_an_adapter_that_came_up_disconnected_and_still_is_goes_home_as_it_was() -> None:
    assert answer(0, {}, Baseline(101, 0, 0)) == Placement(101, Rule.UNCHANGED)


@pytest.mark.parametrize("lost", ["network", "subnet"])
def test_a_connection_at_home_that_is_gone_is_not_wished_for(lost: str) -> None:
    if lost == "network":
        home = HOME._replace(gone=True)
    else:
        gone = HOME.subnets[0]._replace(gone=True)
        home = HOME._replace(subnets=HOME.subnets[1:], lost=(gone,))
    estate = make_estate(home, OTHER_HOME, AWAY, ELSEWHERE)

    assert answer(701, {}, estate=estate) == Placement(NO_OPINION, Rule.TARGET_GONE)


@pytest.mark.parametrize(
    ("now", "mapped", "home", "placement"),
    [
        (701, {1: 7}, 101, Placement(101, Rule.UNCHANGED)),
        (701, {1: 7, 7: 1}, 101, Placement(101, Rule.UNCHANGED)),
        (701, {1: 7, 7: 2}, 101, Placement(202, Rule.SAME_NAME)),
        # that is not where its mapping leads, or it had no network at home either
        (702, {1: 7}, 101, Placement(DISCONNECTED, Rule.NOT_MAPPED)),
        (701, {1: 8}, 101, Placement(DISCONNECTED, Rule.NOT_MAPPED)),
        (701, {1: 7}, DISCONNECTED, Placement(DISCONNECTED, Rule.NOT_MAPPED)),
    ],
)
def test_one_that_came_up_on_nothing_and_was_connected_as_mapped_was_not_moved_elsewhere(
    now: int, mapped: dict[int, int], home: int, placement: Placement
) -> None:
    assert answer(now, mapped, Baseline(home, DISCONNECTED, 0)) == placement


HOME_GONE, AWAY_GONE = HOME._replace(gone=True), AWAY._replace(gone=True)
HOME_ANEW = make_network(3, NY, "New", "Web")._replace(name=HOME.name, key=HOME.key)
AWAY_ANEW = make_network(9, CH, "Mgmt", "Web")._replace(name=AWAY.name, key=AWAY.key)
SAID = frozenset({Note.MADE_ANEW})


@pytest.mark.parametrize(
    ("now", "mapped", "frozen", "placement"),
    [
        # the network it runs on was made anew: the VM was not moved
        (902, {}, 0, Placement(302, Rule.UNCHANGED, SAID)),
        (902, {7: 1}, 1, Placement(302, Rule.UNCHANGED, SAID)),
        (902, {7: 3}, 1, Placement(302, Rule.UNCHANGED, SAID)),
        (902, {7: 1, 9: 3}, 1, Placement(302, Rule.UNCHANGED, SAID)),
        (902, {}, 1, Placement(302, Rule.UNCHANGED, SAID | REMOVED)),
        (902, {7: 1, 9: 2}, 1, Placement(202, Rule.SAME_NAME)),
        (902, {7: 2}, 1, Placement(202, Rule.SAME_NAME)),
        # it is on another subnet of it
        (901, {}, 0, Placement(302, Rule.UNCHANGED, SAID | OTHER_SUBNET)),
        (901, {7: 2}, 0, Placement(201, Rule.SAME_NAME)),
        # it was moved all the same
        (801, {7: 1}, 1, Placement(DISCONNECTED, Rule.NOT_MAPPED)),
        (DISCONNECTED, {7: 1}, 1, Placement(DISCONNECTED, Rule.SOURCE_DISCONNECTED)),
    ],
)
def test_what_was_made_anew_under_its_name_counts_as_what_it_was(
    now: int, mapped: dict[int, int], frozen: int, placement: Placement
) -> None:
    networks = (HOME_GONE, HOME_ANEW, OTHER_HOME, AWAY_GONE, AWAY_ANEW, ELSEWHERE)
    estate = make_estate(*networks, mapped=mapped)

    assert answer(now, {}, BASELINE._replace(mapped=frozen), estate) == placement


def test_of_two_made_anew_under_one_name_neither_counts_as_it() -> None:
    twin = AWAY_ANEW._replace(id=10)
    estate = make_estate(HOME, AWAY_GONE, AWAY_ANEW, twin)

    assert answer(902, {}, estate=estate) == Placement(DISCONNECTED, Rule.NOT_MAPPED)


@pytest.mark.parametrize("names", [("Web",), ("web",), ("Web", "Web")])
def test_a_subnet_made_anew_counts_if_it_alone_bears_exactly_that_name(names: tuple[str]) -> None:
    lost = tuple(subnet._replace(gone=True) for subnet in HOME.subnets)
    anew = make_network(4, NY, *names).subnets
    estate = make_estate(HOME._replace(subnets=anew, lost=lost), AWAY)

    found = answer(701, {}, estate=estate)

    one = Placement(401, Rule.UNCHANGED, SAID)
    assert found == (one if names == ("Web",) else Placement(NO_OPINION, Rule.TARGET_GONE))


def test_a_connection_at_home_that_nobody_saw_is_no_opinion() -> None:
    assert answer(701, {}, Baseline(NOT_OBSERVED, 701, 0)).rule is Rule.NOT_CHECKED


# -- the table, for every small world ------------------------------------------------------


def oracle(now: int, baseline: Baseline, mapped: dict[int, int]) -> str:
    """The table of DOMAIN.md read row by row; what it does not cover is not asked here."""
    network = now // 100
    home_network = baseline.home // 100
    mapping = mapped.get(network)
    if now == baseline.away:
        absent = mapping is None
        if absent and baseline.mapped:
            return "unchanged, with a warning"
        if absent or mapping == baseline.mapped or mapping == home_network:
            return "unchanged"
        return f"by the rule in {mapping}"
    if now == DISCONNECTED:
        return "disconnected"
    if mapping is not None:
        return f"by the rule in {mapping}"
    return "disconnected"


def test_the_table_holds_in_every_small_world() -> None:
    places = (DISCONNECTED, 701, 801)
    asked = 0
    for now, away, home, frozen, of_away, of_elsewhere in product(
        places, places, (DISCONNECTED, 101, 202), (0, 1, 2), (0, 1, 2), (0, 1, 2)
    ):
        if away == DISCONNECTED and frozen:
            continue  # no network, so it cannot have been mapped
        mapped = {n: t for n, t in ((7, of_away), (8, of_elsewhere)) if t}
        baseline = Baseline(home, away, frozen)
        estate = make_estate(*NETWORKS, mapped=mapped)

        found = failback(now, baseline, NY, estate, join)

        said = "disconnected"
        if found.rule is Rule.UNCHANGED:
            assert found.at == home
            warned = Note.MAPPING_REMOVED in found.notes
            said = "unchanged, with a warning" if warned else "unchanged"
        elif found.at != DISCONNECTED:
            target = found.at // 100
            said = f"by the rule in {target}"
            assert found.at == {1: 101, 2: 202}[target]
        assert said == oracle(now, baseline, mapped), (now, baseline, mapped)
        asked += 1
    assert asked == 567


# -- ending where it began -----------------------------------------------------------------


class World:
    """One pair away from home, its inventories imported again and again."""

    def __init__(self, mapped: dict[int, int]) -> None:
        self.mapped = mapped
        self.baselines: list[Baseline] = []
        self.active, self.passive = 701, 101
        self.known: list[Pair] = []
        self.change = 0
        self.imports(home_is_primary=True)
        self.imports()

    def imports(self, home_is_primary: bool = False) -> None:
        self.change += 1
        new_york = VmRole.PRIMARY if home_is_primary else VmRole.REPLICA
        chicago = VmRole.REPLICA if home_is_primary else VmRole.PRIMARY
        [pair] = derive(
            [
                _machine(11, NY, new_york, self.passive),
                _machine(22, CH, chicago, self.active),
            ],
            self.known,
            self.change,
            lambda at, _: self.mapped.get(at // 100, 0),
            self._intern,
            frozen=lambda id: self.baselines[id - 1],
        )
        self.known = [pair._replace(id=1)]

    def wish(self) -> Placement:
        [nic] = self.known[0].nics
        estate = make_estate(*NETWORKS, mapped=self.mapped)
        return decide(nic.key, self.baselines[nic.key.baseline - 1], estate)

    def _intern(self, baseline: Baseline) -> int:
        if baseline not in self.baselines:
            self.baselines.append(baseline)
        return self.baselines.index(baseline) + 1


def _machine(id: int, server: int, role: VmRole, at: int) -> VmObject:
    power = Power.RUNNING if role is VmRole.PRIMARY else Power.OFF
    nics = (VmNic(0, at, 0, 1),)
    return VmObject(id, server, role, "Replicating", power, 0, 0, "2026-11-22", nics)


STEPS = st.lists(
    st.sampled_from(
        (
            *("apply", "import", "map 7 1", "map 7 2", "unmap 7", "map 8 1", "unmap 8"),
            *("disconnect", "move 801", "move 702", "move 701"),
        )
    ),
    max_size=12,
)


@given(mapped=st.sampled_from([{}, {7: 1}, {7: 2}, {8: 1}]), steps=STEPS)
def test_failback_ends_where_it_began_whatever_happened_in_between(
    mapped: dict[int, int], steps: list[str]
) -> None:
    world = World(dict(mapped))
    began = world.wish()

    for step in steps:
        verb, *numbers = step.split()
        if verb == "apply":
            world.passive = max(world.wish().at, 0)
        elif verb == "map":
            world.mapped[int(numbers[0])] = int(numbers[1])
        elif verb == "unmap":
            world.mapped.pop(int(numbers[0]), None)
        elif verb == "disconnect":
            world.active = DISCONNECTED
        elif verb == "move":
            world.active = int(numbers[0])
        world.imports()
    world.active = 701
    world.mapped = dict(mapped)
    world.imports()

    assert world.wish() == began


def test_coming_home_clears_the_baseline_and_going_away_again_takes_a_new_one() -> None:
    world = World({})

    world.active = 702
    world.imports(home_is_primary=True)
    at_home = world.known[0].nics[0].key.baseline
    world.imports()

    assert at_home == 0
    assert world.baselines[world.known[0].nics[0].key.baseline - 1] == Baseline(101, 702, 0)
