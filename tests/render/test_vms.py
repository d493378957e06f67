"""How it is told where a VM comes up."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.addresses import Expectation, Outlook
from bot.domain.answers.shared import Spot
from bot.domain.answers.vms import AdapterAnswer, LoneAnswer, PairAnswer, VmAnswer
from bot.domain.checks import Trial
from bot.domain.codes import Note, Rule
from bot.render.vms import vm_answer
from tests.render.build import AGES, CH, NY, adapter, at, here, pair, there, unmapped
from tests.render.show import show

KEEPS = Expectation(outlook=Outlook.KEEPS, address="10.1.0.21")
UNSEEN = Spot(observed=False)


def text(*pairs: PairAnswer, **more: Any) -> str:
    return vm_answer(VmAnswer(asked=["web01"], pairs=list(pairs), **more), show()).text


def test_a_connected_vm_is_answered_as_in_the_design() -> None:
    assert text(pair(adapter(expected=KEEPS))) == (
        "web01 comes up on DR-Web / Web at VMM-Chicago.\n"
        "  NIC 0  Prod-Web / Web → DR-Web / Web, because DR-Web has a subnet of the same name."
        " Keeps 10.1.0.21.\n"
        "  Connected there now. Replicating, healthy, as of 06:05 UTC (2 h ago)."
    )


def test_an_unmapped_vm_is_answered_with_the_command_that_maps_it() -> None:
    lines = text(pair(unmapped(), vm="sql09")).splitlines()

    assert lines[0] == (
        "sql09 comes up WITHOUT A NETWORK: Prod-DB (VMM-NewYork) is not mapped toward VMM-Chicago."
    )
    assert lines[-1] == "  To map it: /netmap add Prod-DB to <network>"


def test_a_failed_over_vm_is_answered_as_in_the_design() -> None:
    home = adapter(
        source=there("DR-App", "App"),
        target=here("Prod-App", "App"),
        now=here("Prod-App", "App"),
        rule=Rule.UNCHANGED,
    )
    away = pair(home, vm="app03", active=CH, passive=NY, away=True, since=at(3, day=21))

    assert text(away).splitlines()[0] == (
        "app03 RUNS at VMM-Chicago on DR-App / App (failed over 21 Nov, home is VMM-NewYork)."
        " Going home it returns to Prod-App / App, where it was."
    )


@pytest.mark.parametrize(
    ("one", "more", "answer"),
    [
        (
            adapter(standing="pending", since="C204", now=there(None)),
            {},
            "is to come up on DR-Web / Web at VMM-Chicago, but nobody has seen it connected there"
            " yet (pending since C204).",
        ),
        (
            adapter(standing="pending", now=there(None)),
            {"readiness": "waiting"},
            "is to come up on DR-Web / Web at VMM-Chicago, but is not connected there: it waits for"
            " its initial replication.",
        ),
        (
            adapter(standing="pending", now=there(None)),
            {"readiness": "unknown", "power": None},
            "is to come up on DR-Web / Web at VMM-Chicago, but is not connected there: its power"
            " state is not known, so nothing touches it.",
        ),
        (
            adapter(standing="drifted", now=there("DR-Old", "Web")),
            {},
            "comes up on DR-Old / Web at VMM-Chicago, NOT on DR-Web / Web where it belongs.",
        ),
        (
            adapter(standing="drifted", now=there(None)),
            {},
            "comes up WITHOUT A NETWORK: it was connected to DR-Web / Web at VMM-Chicago and is not"
            " any more.",
        ),
        (
            adapter(standing="wrong_subnet", now=there("DR-Web", "Mgmt")),
            {},
            "comes up on the wrong subnet of DR-Web at VMM-Chicago: Mgmt instead of Web.",
        ),
        (
            unmapped(standing="by_hand", now=there("DR-Old", "Web")),
            {},
            "comes up on DR-Old / Web at VMM-Chicago, connected by hand: Prod-DB (VMM-NewYork) is"
            " not mapped toward VMM-Chicago.",
        ),
        (
            unmapped(standing="disconnect_pending", since="C9", now=there("DR-Web", "Web")),
            {},
            "is to come up WITHOUT A NETWORK (pending since C9), but is still on DR-Web / Web at"
            " VMM-Chicago: Prod-DB (VMM-NewYork) is not mapped toward VMM-Chicago.",
        ),
        (
            adapter(standing="not_observed", now=UNSEEN),
            {},
            "is to come up on DR-Web / Web at VMM-Chicago, but where it is connected now was NOT"
            " observed.",
        ),
        (
            unmapped(rule=Rule.NOT_CHECKED, source=UNSEEN, now=UNSEEN),
            {},
            "comes up where it could NOT be CHECKED: nobody could tell where it is connected at"
            " VMM-NewYork, and where its replica is connected was not observed.",
        ),
        (
            unmapped(rule=Rule.TARGET_GONE),
            {},
            "comes up WITHOUT A NETWORK: the network that Prod-DB (VMM-NewYork) is mapped to is"
            " gone.",
        ),
        (
            unmapped(rule=Rule.SOURCE_DISCONNECTED, source=here(None)),
            {},
            "comes up WITHOUT A NETWORK: its own adapter at VMM-NewYork is on no network.",
        ),
        (
            adapter(expected=Expectation(outlook=Outlook.FAILS)),
            {},
            "comes up on DR-Web / Web at VMM-Chicago, WITHOUT AN ADDRESS.",
        ),
        (
            adapter(notes=[Note.UNREACHABLE_HOST]),
            {},
            "comes up on DR-Web / Web at VMM-Chicago, which its replica's host CANNOT REACH.",
        ),
        (
            adapter(),
            {"adapters": []},
            "comes up WITHOUT A NETWORK: it has no network adapters.",
        ),
        (
            adapter(now=None),
            {"passive": "", "partner_host": "hv41"},
            "comes up where it could NOT be CHECKED: its replica, on host hv41, is in no"
            " inventory.",
        ),
        (
            adapter(now=there("DR-Web", "Web"), rule=Rule.SAME_NAME),
            {"failed_over": True, "power": "running", "since": at(5, day=21)},
            "RUNS at VMM-Chicago on DR-Web / Web (failed over 21 Nov, home is VMM-NewYork). Nothing"
            " is placed at VMM-NewYork until replication is reversed.",
        ),
    ],
)
def test_the_first_line_tells_every_standing_apart(
    one: AdapterAnswer, more: dict[str, Any], answer: str
) -> None:
    assert text(pair(one, **more)).splitlines()[0] == f"web01 {answer}"


@pytest.mark.parametrize(
    ("adapters", "answer"),
    [
        (
            [adapter(), adapter(slot=1, target=there("DR-B", "B"), now=there("DR-B", "B"))],
            "comes up with both NICs at VMM-Chicago: DR-Web / Web and DR-B / B.",
        ),
        (
            [adapter(), unmapped(slot=1), adapter(slot=2)],
            "comes up PARTLY CONNECTED at VMM-Chicago: of 3 NICs 1 without a network (NIC 1),"
            " 2 where the mapping wants it (NIC 0 and NIC 2).",
        ),
        (
            [unmapped(), unmapped(slot=1)],
            "comes up WITHOUT A NETWORK on any of its 2 NICs: Prod-DB (VMM-NewYork) is not mapped"
            " toward VMM-Chicago.",
        ),
        (
            [adapter(), adapter(slot=1, standing="drifted", now=there("DR-Old"))],
            "comes up at VMM-Chicago: of 2 NICs 1 on the WRONG network (NIC 1), 1 where the mapping"
            " wants it (NIC 0).",
        ),
    ],
)
def test_several_adapters_are_summed_up_worst_first(
    adapters: list[AdapterAnswer], answer: str
) -> None:
    assert text(pair(*adapters)).splitlines()[0] == f"web01 {answer}"


def test_why_the_first_subnet_was_taken() -> None:
    first = adapter(
        source=here("Prod-Web", "Batch"),
        target=there("DR-Web", "Mgmt"),
        now=there("DR-Web", "Mgmt"),
        rule=Rule.FIRST_SUBNET,
        notes=[Note.SEVERAL_SUBNETS],
        missing="Batch",
    )

    assert "because DR-Web has no subnet called Batch: Mgmt is its first one." in text(pair(first))


@pytest.mark.parametrize(
    ("trial", "answer"),
    [
        (Trial(network="Bubble", subnet="Web"), "starts on Bubble / Web."),
        (Trial(network=None), "starts UNCONNECTED: the mapping has no test network."),
        (
            Trial(network=None, gone=True),
            "starts UNCONNECTED: the test network of the mapping is GONE from VMM.",
        ),
        (
            Trial(network="Bubble", subnet="Web", unsure=True),
            "starts on Bubble / Web, unless it is refused, which was NOT CHECKED.",
        ),
        (
            Trial(network=None, refusal="dhcp_with_vlan"),
            "is REFUSED: the test network is virtualized and the VM gets its address by DHCP on a"
            " VLAN.",
        ),
    ],
)
def test_a_test_failover_is_answered_in_the_first_line(trial: Trial, answer: str) -> None:
    found = text(pair(adapter(test=trial)), test=True)

    assert found.splitlines()[0] == f"In a test failover web01 {answer}"


STARTS = adapter(test=Trial(network="Bubble", subnet="Web"))
OFF = adapter(test=Trial(network=None))
REFUSED = adapter(test=Trial(network=None, refusal="dhcp_with_vlan"))
UNREAD = adapter(test=None)


@pytest.mark.parametrize(
    ("vms", "answer"),
    [
        ([[STARTS], [STARTS]], "2 VMs would start connected."),
        ([[STARTS], [OFF]], "1 of 2 VMs would start unconnected, at least in part."),
        ([[STARTS, OFF], [OFF, UNREAD]], "2 of 2 VMs would start unconnected, at least in part."),
        ([[STARTS], [REFUSED, UNREAD]], "1 of 2 VMs would be refused, at least in part."),
        ([[UNREAD], []], "1 of 2 VMs would start unconnected and 1 could not be checked, at least"
         " in part."),
        ([[UNREAD], [OFF], [REFUSED], [STARTS]], "1 of 4 VMs would start unconnected, 1 would be"
         " refused and 1 could not be checked, at least in part."),
    ],
)  # fmt: skip
def test_what_was_not_checked_of_several_trials_is_not_called_unconnected(
    vms: list[list[AdapterAnswer]], answer: str
) -> None:
    named = [pair(*adapters, vm=f"web{number:02}") for number, adapters in enumerate(vms)]

    assert text(*named, test=True).splitlines()[0] == f"In a test failover {answer}"


def test_a_test_on_the_failover_network_is_warned_of() -> None:
    found = text(pair(adapter(test=Trial(network="DR-Web", subnet="Web"))), test=True)

    assert "! A network that VMs fail over to must not be used for a test" in found


@pytest.mark.parametrize(
    ("role", "answer"),
    [
        (None, "whether it is replicated could NOT be CHECKED: the inventory does not say."),
        ("none", "is not replicated: it comes up nowhere else."),
        ("test", "as a test replica: no mapping reaches it."),
    ],
)
def test_a_vm_without_a_pair(role: str | None, answer: str) -> None:
    alone = LoneAnswer(vm="vm1", server=NY, role=role, adapters=[unmapped(now=None)])
    found = vm_answer(VmAnswer(asked=["vm1"], alone=[alone]), show()).text

    assert found.splitlines()[0].endswith(answer)


def test_several_vms_are_a_table_with_the_worst_first() -> None:
    found = text(
        pair(adapter()),
        pair(unmapped(), vm="sql09"),
        unknown={"web99": ["web09", "web19"]},
    ).splitlines()

    assert found[0] == (
        "3 VMs: 1 comes up WITHOUT A NETWORK or only partly connected, 1 is where the mapping wants"
        " it, 1 is unknown."
    )
    assert [line.split()[0] for line in found[1:3]] == ["sql09", "web01"]
    assert "  ! I know no VM called web99. Did you mean web09 or web19?" in found
    assert "  /netmap vm web09" in found


def test_two_pairs_of_one_name_are_told_apart() -> None:
    found = text(pair(adapter()), pair(adapter(), passive="VMM-Denver"))

    assert "web01 (VMM-NewYork → VMM-Chicago)" in found
    assert "web01 (VMM-NewYork → VMM-Denver)" in found


def test_an_unknown_vm_is_answered_with_near_ones() -> None:
    found = text(unknown={"web0": ["web01"]})

    assert found == "I know no VM called web0. Did you mean web01?\n  /netmap vm web01"


def test_both_primary_and_uneven_adapters_are_warned_of() -> None:
    found = text(pair(adapter(), adapter(slot=1, now=None), both_primary=True, only_here=[1]))

    assert "! Both sides claim to be primary" in found
    assert "! NIC 1 of web01 has no counterpart on the replica" in found


def test_an_inventory_that_is_too_old_is_warned_of_not_noted_in_small_print() -> None:
    old = [AGES[0], replace(AGES[1], stale=True, collected_at=at(4, day=19))]

    found = vm_answer(VmAnswer(asked=["web01"], pairs=[pair(adapter(), ages=old)]), show())

    warning = "VMM-Chicago's inventory is TOO OLD to rely on: it is of"
    assert f"  ! {warning} 19 Nov 04:00 UTC" in found.text.splitlines()
    assert f"⚠️ {warning}" in found.blocks[1]["text"]["text"]
    assert "VMM-NewYork's inventory" not in found.text


@pytest.mark.parametrize(
    ("one", "other", "names"),
    [
        ({"cloud": "Gold"}, {"cloud": "Silver"}, ["Gold", "Silver"]),
        ({"cloud": "Gold", "host": "hv1"}, {"cloud": "Gold", "host": "hv2"}, ["Gold, hv1", "hv2"]),
        ({"pair": 7}, {"pair": 12}, ["pair 7", "pair 12"]),
    ],
    ids=["clouds", "hosts", "nothing that was listed"],
)
def test_namesakes_between_the_same_servers_are_told_apart(
    one: dict[str, Any], other: dict[str, Any], names: list[str]
) -> None:
    found = text(pair(adapter(), **one), pair(adapter(), **other), pair(adapter(), vm="db01"))

    assert f"web01 (VMM-NewYork → VMM-Chicago, {names[0]})" in found
    assert f"{names[1]})" in found
    assert "db01 (" not in found
