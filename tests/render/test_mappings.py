"""How changes to the mapping table are told."""

from typing import Any

import pytest

from bot.domain.answers.mappings import SubnetChoice
from bot.domain.answers.shared import Tally
from bot.domain.checks import Availability, Standing
from bot.domain.codes import Rule
from bot.domain.replies import Visibility
from bot.render.mappings import mapping_changed
from tests.render.build import CH, NY, changed, here, ref, tally, there
from tests.render.show import show

WEB = "Prod-Web (VMM-NewYork)"
DR = "DR-Web (VMM-Chicago)"
NONE_MOVES: dict[str, Any] = {"reconnected": Tally(), "running": Tally(), "by_rule": {}}


def first(**changes: Any) -> str:
    return mapping_changed(changed(**changes), show()).text.splitlines()[0]


def test_the_answer_to_add_is_the_one_of_the_design() -> None:
    result = changed(
        at_risk={"SilverCloud2": ["web11", "web12"]},
        availability=[
            Availability(
                cloud="SilverCloud1",
                protecting="SilverCloud2",
                standing=Standing.BROKEN,
                vms=2,
            )
        ],
    )

    assert mapping_changed(result, show()).text == (
        f"{WEB} is now mapped to {DR}."
        " 12 replica VMs reconnected, 1 left alone because it is running.\n"
        "  9 join the subnet of the same name"
        " · 3 join the first subnet, Mgmt: DR-Web has no subnet called Batch\n"
        "  batch07  NIC 0  no network → DR-Web / Mgmt   first subnet\n"
        "  web01    NIC 0  DR-Old / Web → DR-Web / Web  same name\n"
        "  … and 10 more\n"
        "  ! SilverCloud2 cannot reach DR-Web:"
        " 2 VMs of SilverCloud1 are at risk (web11, web12)\n"
        "  C204 · undo: /netmap undo C204 · only simulated"
        " · VMM-NewYork as of 06:00, VMM-Chicago as of 06:05 UTC"
    )


PENDING: dict[str, Any] = {"applier": None, "reconnected": Tally(), "running": Tally()}


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        (
            {**PENDING, "pending": tally(12)},
            f"{WEB} is now mapped to {DR}. 12 replica VMs are to be reconnected; none is"
            " confirmed until VMM-Chicago's next inventory.",
        ),
        (
            {**PENDING, "pending": tally(1), "waiting": tally(2)},
            f"{WEB} is now mapped to {DR}. 1 replica VM is to be reconnected, 2 wait for their"
            " initial replication; none is confirmed until VMM-Chicago's next inventory.",
        ),
        (
            {"reconnected": tally(1), "running": tally(2), "power_unknown": tally(1)},
            f"{WEB} is now mapped to {DR}. 1 replica VM reconnected, 2 left alone because they are"
            " running, 1 left alone because its power state is unknown.",
        ),
        (
            {"reconnected": tally(3), "failed": tally(1), "running": Tally()},
            f"{WEB} is now mapped to {DR}. 3 replica VMs reconnected, 1 failed.",
        ),
        (
            {**NONE_MOVES, "waiting": tally(1)},
            f"{WEB} is now mapped to {DR}. 1 replica VM waits for its initial replication.",
        ),
        (NONE_MOVES, f"{WEB} is now mapped to {DR}. No replica VM is affected."),
        (
            {**NONE_MOVES, "already": Tally(adapters=4)},
            f"{WEB} is now mapped to {DR}. No replica VM is to be reconnected: all 4 adapters"
            " stand where they belong already.",
        ),
        (
            {"dry_run": True, "change": None, **PENDING, "pending": tally(12), "running": tally(1)},
            f"Dry run, nothing is changed: {WEB} would be mapped to {DR}. 12 replica VMs would be"
            " reconnected, 1 would be left alone because it is running.",
        ),
        (
            {"verb": "changed", "previous": "DR-Old", "running": Tally()},
            f"{WEB} is now mapped to {DR} instead of DR-Old. 12 replica VMs reconnected.",
        ),
        (
            {"verb": "changed", "mappings": [ref(test="Bubble")], **NONE_MOVES},
            f"{WEB}, mapped to {DR}, now has the test network Bubble. No replica VM is affected.",
        ),
        (
            {"verb": "removed", "disconnects": tally(12), "running": Tally()},
            f"{WEB} is no longer mapped to {DR}. 12 replica VMs disconnected.",
        ),
        (
            {"verb": "undone", "undone": "C200", "mappings": [ref(removed=True)], **NONE_MOVES},
            f"C200 is taken back: {WEB} is no longer mapped to {DR}. No replica VM is affected.",
        ),
        (
            {"verb": "undone", "undone": "C200", "previous": "DR-Old", "running": Tally()},
            f"C200 is taken back: {WEB} is mapped to {DR} again instead of DR-Old. 12 replica VMs"
            " reconnected.",
        ),
        (
            {"verb": "applied", "mappings": [], "running": Tally()},
            "The plan is carried out. 12 replica VMs reconnected.",
        ),
        (
            {"verb": "adopted", "adopted": there("DR-Web"), "mappings": [], "running": Tally()},
            f"The subnets of {DR} now count in the order VMM lists them."
            " 12 replica VMs reconnected.",
        ),
        (
            {"verb": "unchanged", **NONE_MOVES},
            f"Nothing changed: {WEB} is mapped to {DR} already.",
        ),
        (
            {"verb": "unchanged", **PENDING, "pending": tally(3)},
            f"Nothing changed: {WEB} is mapped to {DR} already. 3 replica VMs are still to be"
            " reconnected; none is confirmed until VMM-Chicago's next inventory.",
        ),
        (
            {
                "mappings": [ref(), ref(source="DR-Web", on=CH, target="Prod-Web", toward=NY)],
                "running": Tally(),
            },
            f"{WEB} and {DR} are now mapped to each other. 12 replica VMs reconnected.",
        ),
    ],
)
def test_the_first_line_says_what_happened(changes: dict[str, Any], answer: str) -> None:
    assert first(**changes) == answer


@pytest.mark.parametrize(
    ("changes", "visibility"),
    [
        ({}, Visibility.IN_CHANNEL),
        ({"dry_run": True}, Visibility.EPHEMERAL),
        ({"verb": "unchanged"}, Visibility.EPHEMERAL),
    ],
)
def test_only_what_was_written_is_told_to_the_channel(
    changes: dict[str, Any], visibility: Visibility
) -> None:
    assert mapping_changed(changed(**changes), show()).visibility is visibility


def test_the_only_subnet_is_not_called_the_first() -> None:
    lone = SubnetChoice(source="Batch", target="Mgmt", rule=Rule.FIRST_SUBNET, adapters=1)
    text = mapping_changed(changed(subnets=[lone], by_rule={"first_subnet": 1}), show()).text

    assert "1 joins the only subnet, Mgmt: DR-Web has no subnet called Batch" in text


def test_a_dry_run_ends_with_the_line_that_does_it() -> None:
    reply = mapping_changed(
        changed(dry_run=True, change=None), show("add Prod-Web to DR-Web --dry-run")
    )

    assert "to do it: /netmap add Prod-Web to DR-Web ·" in reply.text
    assert "undo" not in reply.text


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        ({"no_host_reaches": ["SilverCloud2"]}, "No host of SilverCloud2 can reach DR-Web"),
        ({"no_pool": 1}, "1 adapter gets NO ADDRESS: the target subnet has no pool"),
        (
            {"same_source_targets": ["A", "B"]},
            "A and B are mapped to DR-Web too: on the way back DR-Web can lead to one of them only",
        ),
        (
            {"availability": [Availability(cloud="", protecting="", standing="not_checked")]},
            "Not checked: whether the protecting clouds can reach DR-Web",
        ),
        ({"unreachable_hosts": 2}, "2 adapters of replicas on hosts that cannot reach DR-Web"),
    ],
)
def test_warnings(changes: dict[str, Any], warning: str) -> None:
    lines = mapping_changed(changed(**changes), show()).text.splitlines()

    assert f"  ! {warning}" in lines


def test_what_an_applier_refused_is_told_in_its_own_words() -> None:
    result = changed(failed=tally(1))
    result.moves = [
        result.moves[1].model_copy(update={"state": "failed", "said": "host hv21 is down"}),
        result.moves[1].model_copy(update={"was": here(None), "state": "running"}),
    ]

    text = mapping_changed(result, show()).text

    assert "same name · FAILED: host hv21 is down" in text
    assert "same name · left alone: it is running" in text


def test_where_nothing_is_to_be_done_nothing_is_offered() -> None:
    reply = mapping_changed(
        changed(verb="unchanged", dry_run=True), show(again="add a to b --dry-run")
    )

    assert reply.text.startswith("Nothing changed:")
    assert "to do it" not in reply.text
