"""Preconditions, availability, test failover, severities."""

import pytest

from bot.domain.checks import Standing, Trial
from bot.domain.codes import Addressing, FindingKind, Isolation, Severity
from bot.domain.estate import Cloud
from bot.engine.checks import carries, linked, may_share_a_server, place_for_test
from bot.engine.severity import ORDER, severity
from tests.engine.estates import CH, NY, make_network

OK, BROKEN, UNCHECKED = Standing.OK, Standing.BROKEN, Standing.NOT_CHECKED
PLAIN, VLAN, VIRTUAL = Isolation.NONE, Isolation.VLAN, Isolation.VIRTUALIZED
UNLISTED = "unlisted"
DHCP, STATIC = Addressing.DHCP, Addressing.STATIC


@pytest.mark.parametrize(
    ("known", "logical", "standing"),
    [(True, "L1", OK), (True, None, BROKEN), (False, None, UNCHECKED)],
)
def test_a_network_is_linked_or_not_or_nobody_said(
    known: bool, logical: str | None, standing: Standing
) -> None:
    assert linked(make_network(1, NY, logical=logical, logical_known=known)) is standing


@pytest.mark.parametrize(
    ("listed", "cloud", "standing"),
    [
        (True, {"L1", "L2"}, OK),
        (True, {"L2"}, BROKEN),
        (True, set(), BROKEN),
        (True, None, UNCHECKED),
        (False, {"L1"}, UNCHECKED),
    ],
)
def test_a_cloud_carries_a_network_or_not_or_nobody_said(
    listed: bool, cloud: set[str] | None, standing: Standing
) -> None:
    network = make_network(1, CH, logical="L1", logical_known=listed)
    logical = None if cloud is None else frozenset(cloud)

    assert carries(Cloud(1, CH, "c", "Gold", "gold", logical), network) is standing


def test_an_unknown_cloud_is_not_checked() -> None:
    network = make_network(1, CH, logical="L1", logical_known=True)

    assert carries(None, network) is UNCHECKED


@pytest.mark.parametrize(
    ("clouds", "gone", "listed", "may"),
    [(2, 0, True, True), (1, 0, True, False), (2, 1, True, False), (0, 0, False, True)],
)
def test_one_server_needs_two_clouds_where_clouds_were_listed(
    clouds: int, gone: int, listed: bool, may: bool
) -> None:
    those = [Cloud(n, NY, f"c{n}", "C", "c", gone=n < gone) for n in range(clouds)]

    assert may_share_a_server(those, listed) is may


@pytest.mark.parametrize(
    ("replica", "addressing", "test", "trial"),
    [
        (VLAN, STATIC, None, Trial(network=None)),
        (VLAN, STATIC, VLAN, Trial(network="N9", subnet="App")),
        (VLAN, DHCP, VLAN, Trial(network="N9", subnet="App")),
        (PLAIN, STATIC, VLAN, Trial(network="N9", subnet="App")),
        (PLAIN, STATIC, VIRTUAL, Trial(network=None, refusal="virtualized_without_isolation")),
        (PLAIN, DHCP, VIRTUAL, Trial(network=None, refusal="virtualized_without_isolation")),
        (VLAN, DHCP, VIRTUAL, Trial(network=None, refusal="dhcp_with_vlan")),
        (VLAN, STATIC, VIRTUAL, Trial(network="N9", subnet="App")),
        (VLAN, None, VIRTUAL, Trial(network="N9", subnet="App", unsure=True)),
        (VIRTUAL, DHCP, VIRTUAL, Trial(network="N9", subnet="App")),
        (None, DHCP, VIRTUAL, Trial(network="N9", subnet="App", unsure=True)),
        # nor is it known of the test network
        (VLAN, STATIC, UNLISTED, Trial(network="N9", subnet="App")),
        (VIRTUAL, DHCP, UNLISTED, Trial(network="N9", subnet="App")),
        (VLAN, DHCP, UNLISTED, Trial(network="N9", subnet="App", unsure=True)),
        (VLAN, None, UNLISTED, Trial(network="N9", subnet="App", unsure=True)),
        (PLAIN, STATIC, UNLISTED, Trial(network="N9", subnet="App", unsure=True)),
        (None, STATIC, UNLISTED, Trial(network="N9", subnet="App", unsure=True)),
    ],
)
def test_where_a_test_failover_puts_an_adapter_or_why_not(
    replica: Isolation | None,
    addressing: Addressing | None,
    test: Isolation | str | None,
    trial: Trial,
) -> None:
    isolation = None if test == UNLISTED else test
    bubble = make_network(9, CH, "Web", "App", isolation=isolation) if test else None
    source = make_network(1, NY, "app").subnets[0]

    found = place_for_test(make_network(7, CH, isolation=replica), addressing, source, bubble)

    assert found == trial


def test_a_test_network_that_is_gone_connects_nothing() -> None:
    gone = make_network(9, CH, "Web", gone=True)

    assert place_for_test(None, STATIC, None, gone) == Trial(network=None, gone=True)


def test_a_test_network_of_other_subnets_is_joined_at_its_first_and_one_of_none_without() -> None:
    source = make_network(1, NY, "App").subnets[0]

    assert place_for_test(None, STATIC, source, make_network(9, CH, "T1", "T2")).subnet == "T1"
    assert place_for_test(None, STATIC, source, make_network(9, CH)).subnet is None


def test_what_could_not_be_checked_is_never_low_and_comes_before_what_is_merely_odd() -> None:
    unchecked = {kind for kind in FindingKind if severity(kind) is Severity.UNKNOWN}

    assert unchecked == {
        FindingKind.INVENTORY_STALE,
        FindingKind.OTHER_SIDE_UNKNOWN,
        FindingKind.NOT_OBSERVED,
        FindingKind.POWER_UNKNOWN,
        FindingKind.CLOUD_NOT_CHECKED,
        FindingKind.REPLICATION_NOT_CHECKED,
        FindingKind.IMPORT_FAILED,
        FindingKind.NO_INVENTORY,
        FindingKind.CHECK_FAILED,
        FindingKind.VMS_UNREADABLE,
    }
    assert set(ORDER) == set(Severity)
    assert ORDER.index(Severity.UNKNOWN) < ORDER.index(Severity.MEDIUM)


def test_a_wrong_subnet_is_milder_than_drift() -> None:
    drifted = severity(FindingKind.DRIFTED)

    assert ORDER.index(drifted) < ORDER.index(severity(FindingKind.WRONG_SUBNET))
