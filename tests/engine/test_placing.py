"""The placement rule, clause by clause, and against an oracle that knows only its text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.codes import Isolation, Note, Readiness, Rule
from bot.domain.estate import DISCONNECTED, NO_OPINION, NOT_OBSERVED, Cloud, Subnet
from bot.domain.placements import DHCP, STATIC, Baseline, Placement
from bot.engine.placing import decide, forward, join
from tests.engine.estates import CH, NY, make_estate, make_key, make_network

SEVERAL, OTHER, CASE = Note.SEVERAL_SUBNETS, Note.OTHER_CASE, Note.CASE_AMBIGUOUS


@pytest.mark.parametrize(
    ("subnet", "target", "joins", "rule", "notes"),
    [
        # 2: the same name
        ("Web", ["Web"], "Web", Rule.SAME_NAME, set()),
        ("Db", ["Web", "Db"], "Db", Rule.SAME_NAME, set()),
        # 3: the first, with a warning where it chose
        ("App", ["Web", "Db"], "Web", Rule.FIRST_SUBNET, {SEVERAL}),
        ("App", ["Web"], "Web", Rule.FIRST_SUBNET, set()),
        ("Web", ["Web-1", "We"], "Web-1", Rule.FIRST_SUBNET, {SEVERAL}),
        # 4: no subnet there, or here
        ("App", [], None, Rule.NO_SUBNETS, set()),
        (None, [], None, Rule.NO_SUBNETS, set()),
        (None, ["Web", "Db"], "Web", Rule.FIRST_SUBNET, {SEVERAL}),
        (None, ["Web"], "Web", Rule.FIRST_SUBNET, set()),
        # 5: letter case
        ("Web", ["WEB", "Web"], "Web", Rule.SAME_NAME, set()),
        ("web", ["Db", "WEB"], "WEB", Rule.SAME_NAME, {OTHER}),
        ("web", ["Db", "WEB", "Web"], "WEB", Rule.SAME_NAME, {OTHER, CASE}),
        ("STRASSE", ["Db", "Straße"], "Straße", Rule.SAME_NAME, {OTHER}),
    ],
)
def test_each_case_of_the_rule_within_a_target(
    subnet: str | None, target: list[str], joins: str | None, rule: Rule, notes: set[Note]
) -> None:
    network = make_network(7, CH, *target)
    source = make_network(1, NY, subnet).subnets[0] if subnet else None

    placement = join(source, network)

    at = next((s.at for s in network.subnets if s.name == joins), network.at)
    assert placement == Placement(at, rule, frozenset(notes))


def test_the_name_decides_and_never_the_address_range() -> None:
    source = Subnet(101, "a", "App", "app", ranges_text="10.1.0.0/24@110")
    target = make_network(7, CH, "Web", "App")
    alike = target.subnets[0]._replace(ranges_text="10.1.0.0/24@110")
    target = target._replace(subnets=(alike, target.subnets[1]))

    placement = join(source, target)

    assert placement.at == target.subnets[1].at


@pytest.mark.parametrize(
    ("source", "mapped", "removed", "placement"),
    [
        # 0: on no network, mapped or not
        (DISCONNECTED, True, False, Placement(NO_OPINION, Rule.SOURCE_DISCONNECTED)),
        (DISCONNECTED, False, False, Placement(NO_OPINION, Rule.SOURCE_DISCONNECTED)),
        # nobody could tell
        (NOT_OBSERVED, True, False, Placement(NO_OPINION, Rule.NOT_CHECKED)),
        # 1: not mapped, never or not any more
        (101, False, False, Placement(NO_OPINION, Rule.NOT_MAPPED)),
        (101, False, True, Placement(NO_OPINION, Rule.NOT_MAPPED, former=7)),
        (100, False, True, Placement(NO_OPINION, Rule.NOT_MAPPED, former=7)),
        # mapped again
        (101, True, True, Placement(701, Rule.SAME_NAME)),
        (100, True, False, Placement(701, Rule.FIRST_SUBNET)),
    ],
)
def test_what_a_source_without_a_mapping_comes_to(
    source: int, mapped: bool, removed: bool, placement: Placement
) -> None:
    networks = (make_network(1, NY, "Web"), make_network(7, CH, "Web"))
    ends = [(1, 7)]
    estate = make_estate(
        *networks, mapped=ends if mapped else (), removed=ends if removed and not mapped else ()
    )

    assert forward(source, CH, estate) == placement


def test_a_mapping_toward_another_server_counts_for_nothing_here() -> None:
    estate = make_estate(
        make_network(1, NY, "Web"), make_network(7, CH, "Web"), make_network(8, 3), mapped={1: 8}
    )

    assert forward(101, CH, estate).rule is Rule.NOT_MAPPED
    assert forward(101, 3, estate) == Placement(800, Rule.NO_SUBNETS)


def test_a_target_that_is_gone_leaves_no_opinion() -> None:
    gone = make_network(7, CH, "Web", gone=True)
    estate = make_estate(make_network(1, NY, "Web"), gone, mapped={1: 7})

    assert forward(101, CH, estate) == Placement(NO_OPINION, Rule.TARGET_GONE)
    assert join(None, None) == Placement(NO_OPINION, Rule.TARGET_GONE)


def test_a_subnet_that_is_gone_is_no_subnet() -> None:
    kept = make_network(7, CH, "Mgmt", "App")
    lost = kept._replace(subnets=kept.subnets[:1], lost=(kept.subnets[1]._replace(gone=True),))
    estate = make_estate(make_network(1, NY, "App"), lost, mapped={1: 7})

    assert forward(101, CH, estate) == Placement(701, Rule.FIRST_SUBNET)


@pytest.mark.parametrize(
    ("addressing", "isolation", "pools", "warned"),
    [
        (STATIC, Isolation.VLAN, 0, True),
        (STATIC, Isolation.VLAN, 1, False),
        (STATIC, Isolation.VLAN, None, False),
        (DHCP, Isolation.VLAN, 0, False),
        (DHCP, Isolation.NONE, 0, False),
        (DHCP, Isolation.VIRTUALIZED, 0, True),
        (0, Isolation.VIRTUALIZED, 0, True),
        (0, Isolation.VLAN, 0, False),
        (0, None, 0, False),
    ],
)
def test_a_missing_pool_is_noted_where_one_is_needed(
    addressing: int, isolation: Isolation | None, pools: int | None, warned: bool
) -> None:
    target = make_network(7, CH, "Web", isolation=isolation)
    target = target._replace(subnets=(target.subnets[0]._replace(pools=pools),))
    estate = make_estate(make_network(1, NY, "Web"), target, mapped={1: 7})

    placement = decide(make_key(101, addressing=addressing), None, estate)

    assert (Note.NO_POOL in placement.notes) is warned


@pytest.mark.parametrize(
    ("known", "cloud", "host", "notes"),
    [
        (True, {"L7"}, {"L7"}, set()),
        (True, {"L7"}, {"L8"}, {Note.UNREACHABLE_HOST}),
        (True, {"L8"}, {"L7"}, {Note.UNREACHABLE_CLOUD}),
        (True, {"L8"}, {"L8"}, {Note.UNREACHABLE_CLOUD}),
        (True, None, None, set()),
        (True, None, {"L8"}, {Note.UNREACHABLE_HOST}),
        (False, {"L8"}, {"L8"}, set()),
    ],
)
def test_who_cannot_reach_the_target_is_noted(
    known: bool, cloud: set[str] | None, host: set[str] | None, notes: set[Note]
) -> None:
    target = make_network(7, CH, "Web", logical="L7", logical_known=known)
    logical = None if cloud is None else frozenset(cloud)
    estate = make_estate(
        make_network(1, NY, "Web"),
        target,
        mapped={1: 7},
        clouds=[Cloud(5, CH, "c5", "Silver", "silver", logical)],
        reach={3: None if host is None else frozenset(host)},
    )

    placement = decide(make_key(101, toward=5, reach=3), None, estate)

    assert placement.notes == notes


@pytest.mark.parametrize(
    ("mapped", "placement"),
    [
        ([(1, 7)], Placement(701, Rule.SAME_NAME)),
        ([], Placement(NO_OPINION, Rule.NOT_MAPPED)),  # failback would say: disconnected
    ],
)
def test_a_failed_over_replica_that_was_not_reversed_is_judged_by_the_way_out(
    mapped: list[tuple[int, int]], placement: Placement
) -> None:
    estate = make_estate(make_network(1, NY, "Web"), make_network(7, CH, "Web"), mapped=mapped)
    key = make_key(101, baseline=4, readiness=Readiness.FAILED_OVER)

    assert decide(key, Baseline(101, 701, 0), estate) == placement


# -- against the text ----------------------------------------------------------------------

NAMES = st.text("aAbBßK", min_size=1, max_size=3)


def oracle(
    source: str | None, target: list[str] | None, mapped: bool, removed: bool
) -> tuple[str, str]:
    """Rules 1 to 5 as DOMAIN.md has them, word by word; (where, rule)."""
    if not mapped:
        return ("leave former" if removed else "no opinion"), "not_mapped"
    if target is None:
        return "no opinion", "target_gone"
    if len(target) == 0:
        return "network", "no_subnets"
    for position in range(len(target)):
        if source is not None and target[position] == source:
            return f"subnet {position}", "same_name"
    for position in range(len(target)):
        if source is not None and folded(target[position]) == folded(source):
            return f"subnet {position}", "same_name"
    return "subnet 0", "first_subnet"


def folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


@given(
    source=st.none() | NAMES,
    target=st.none() | st.lists(NAMES, max_size=6),
    mapped=st.booleans(),
    removed=st.booleans(),
)
def test_the_rule_is_what_the_text_says(
    source: str | None, target: list[str] | None, mapped: bool, removed: bool
) -> None:
    here = make_network(1, NY, *([source] if source is not None else []))
    there = make_network(7, CH, *(target or []), gone=target is None)
    estate = make_estate(
        here,
        there,
        mapped=[(1, 7)] if mapped else [],
        removed=[(1, 7)] if removed and not mapped else [],
    )

    placement = forward(101 if source is not None else 100, CH, estate)

    where = "no opinion"
    if placement.former:
        where = "leave former"
    elif placement.at == there.at:
        where = "network"
    elif placement.at > 0:
        where = f"subnet {placement.at - 701}"
    assert (where, str(placement.rule)) == oracle(source, target, mapped, removed)


@given(
    name=st.none() | NAMES,
    target=st.lists(NAMES, min_size=1, max_size=6),
    added=st.lists(NAMES, max_size=4),
)
def test_subnets_added_last_never_move_what_found_its_name_or_none(
    name: str | None, target: list[str], added: list[str]
) -> None:
    source = make_network(1, NY, name).subnets[0] if name is not None else None
    before = join(source, make_network(7, CH, *target))

    after = join(source, make_network(7, CH, *target, *added))

    exact = name in target
    named_now = name is not None and folded(name) in {folded(n) for n in added}
    assert after.at == before.at or (named_now and not exact)


@given(name=st.none() | NAMES, target=st.lists(NAMES, max_size=6))
def test_a_warning_stands_wherever_the_rule_picked_among_several(
    name: str | None, target: list[str]
) -> None:
    source = make_network(1, NY, name).subnets[0] if name is not None else None

    placement = join(source, make_network(7, CH, *target))

    fits = [n for n in target if n == name]
    if not fits and name is not None:
        fits = [n for n in target if folded(n) == folded(name)]
    chose = len(fits) > 1 or (not fits and len(target) > 1)
    assert bool(placement.notes & {SEVERAL, CASE}) is chose
