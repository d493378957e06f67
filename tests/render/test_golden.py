"""Whole messages, as they are; their blocks go into Block Kit Builder as they stand."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.answers.findings import DriftReport, Finding
from bot.domain.answers.history import History
from bot.domain.answers.mappings import MappingList, Plan
from bot.domain.answers.networks import Forgotten, HomeSet, MappingCard, NetworkList, ServerList
from bot.domain.answers.operation import Help, HelpEntry, Status, Who
from bot.domain.answers.shared import Spot, UnreadableVm
from bot.domain.answers.vms import VmAnswer
from bot.domain.checks import Standing
from bot.domain.codes import FindingKind, Note, Role, Rule, Severity
from bot.domain.errors import Conflict
from bot.domain.replies import Reply
from bot.domain.reports import ImportReport, MovedPlacement, NetworkNews
from bot.render.errors import error
from bot.render.findings import drift_report
from bot.render.history import forgotten, history, home_set
from bot.render.imports import import_report
from bot.render.lists import mapping_card, mapping_list
from bot.render.mappings import mapping_changed
from bot.render.networks import network_list, server_list
from bot.render.plans import plan
from bot.render.status import help_, status, who
from bot.render.vms import vm_answer
from bot.workspace.limits import check_message
from tests.conftest import Compare
from tests.render.build import (
    AGES,
    CH,
    FINDING,
    NY,
    adapter,
    at,
    changed,
    pair,
    ref,
    tally,
    unmapped,
)
from tests.render.show import show

NETWORK: dict[str, Any] = {
    "id": "n1",
    "name": "Prod-Web",
    "server": NY,
    "logical_network": "LogicalNetwork1-NewYork",
    "logical_known": True,
    "isolation": "VLANNetwork",
    "vms": 13,
    "adapters": 14,
    "subnets": [
        {"name": "Web", "ranges": ["10.1.0.0/24 VLAN 110"], "pools": 1},
        {"name": "Batch", "ranges": ["10.1.8.0/24 VLAN 118", "10.1.9.0/24 untagged"], "pools": 0},
    ],
    "mapped": [ref()],
}
BLANK: dict[str, Any] = {"id": "n2", "name": "Prod-DB", "server": NY, "vms": 1, "reordered": True}
CHANGE: dict[str, Any] = {
    "id": "C204",
    "kind": "add",
    "by": "U0ANA",
    "at": at(6, 10),
    "text": "mapped Prod-Web (VMM-NewYork) to DR-Web (VMM-Chicago)",
    "reason": "CAB-1042",
    "undoable": True,
}
IMPORTED: dict[str, Any] = {"kind": "import", "by": "local:ana", "id": "C203", "at": at(6, day=21)}

CASES: dict[str, Reply] = {
    "mapping_added": mapping_changed(changed(), show("add Prod-Web to DR-Web")),
    "vm_connected": vm_answer(VmAnswer(asked=["web01"], pairs=[pair(adapter())]), show("vm web01")),
    "vm_unmapped": vm_answer(
        VmAnswer(asked=["sql09"], pairs=[pair(unmapped(), vm="sql09")]), show("vm sql09")
    ),
    "vm_several": vm_answer(
        VmAnswer(
            asked=["web01", "sql09", "web99"],
            pairs=[pair(adapter()), pair(unmapped(), vm="sql09")],
            unknown={"web99": ["web09"]},
        ),
        show("vm web01, sql09, web99"),
    ),
    "network_list": network_list(
        NetworkList.model_validate({"networks": [NETWORK, BLANK], "ages": AGES[:1]}),
        show("networks VMM-NewYork"),
    ),
    "server_list": server_list(
        ServerList.model_validate(
            {
                "servers": [
                    {
                        "id": "s1",
                        "name": NY,
                        "networks": 24,
                        "vms": 303,
                        "replicated": 301,
                        "clouds": ["GoldCloud1", "SilverCloud1"],
                        "mapped_from": 18,
                        "mapped_to": 3,
                        "not_checked": [],
                        "age": AGES[0],
                    },
                    {
                        "id": "s2",
                        "name": CH,
                        "networks": 1,
                        "vms": 1,
                        "replicated": 0,
                        "clouds": [],
                        "mapped_from": 0,
                        "mapped_to": 1,
                        "not_checked": ["clouds", "hosts"],
                        "age": replace(AGES[1], stale=True, collected_at=at(4, day=19)),
                    },
                ]
            }
        ),
        show("servers"),
    ),
    "mapping_list": mapping_list(
        MappingList.model_validate(
            {
                "groups": [
                    {
                        "source": NY,
                        "target": CH,
                        "rows": [
                            {
                                "network": "Prod-Web",
                                "certain": "Prod-Web",
                                "mapping": ref(test="Bubble"),
                                "vms": 13,
                            },
                            {"network": "Prod-DB", "certain": "Prod-DB", "vms": 1},
                        ],
                        "more": 2,
                    },
                    {
                        "source": CH,
                        "target": "",
                        "rows": [{"network": "DR-Old", "certain": "DR-Old", "vms": 4}],
                    },
                ],
                "mapped": 1,
                "unmapped": 2,
                "ages": AGES,
            }
        ),
        show("list"),
    ),
    "mapping_card": mapping_card(
        MappingCard.model_validate(
            {
                "network": NETWORK,
                "mappings": [
                    {
                        "mapping": ref(),
                        "by": "U0ANA",
                        "at": at(6, 10),
                        "subnets": changed().subnets,
                        "target_subnets": [{"name": "Mgmt"}, {"name": "Web"}, {"name": "App"}],
                        "availability": [
                            {
                                "cloud": "GoldCloud1",
                                "protecting": "GoldCloud2",
                                "standing": "ok",
                                "vms": 10,
                            },
                            {
                                "cloud": "SilverCloud1",
                                "protecting": "SilverCloud2",
                                "standing": "broken",
                                "vms": 2,
                            },
                            {"cloud": "", "protecting": "", "standing": "not_checked"},
                        ],
                        "vms": 13,
                        "adapters": 14,
                        "connected": 12,
                        "pending": 1,
                        "left_alone": 1,
                    }
                ],
                "preconditions": [
                    {
                        "kind": FindingKind.NO_LOGICAL_NETWORK,
                        "network": "Prod-Web",
                        "server": NY,
                        "standing": Standing.BROKEN,
                    },
                    {
                        "kind": FindingKind.CLOUD_LACKS_NETWORK,
                        "network": "Prod-Web",
                        "server": NY,
                        "cloud": "GoldCloud1",
                        "standing": Standing.NOT_CHECKED,
                    },
                ],
                "history": [CHANGE],
                "ages": AGES,
            }
        ),
        show("show Prod-Web"),
    ),
    "drift_report": drift_report(
        DriftReport(
            findings=[
                FINDING,
                Finding(
                    kind=FindingKind.DRIFTED,
                    severity=Severity.HIGH,
                    key="drifted:1",
                    subject="Prod-File",
                    server=NY,
                    toward=CH,
                    adapters=1,
                    vms=1,
                    examples=["file04"],
                    facts={"now": "DR-Old / Web", "wish": "DR-File / Files"},
                    fix=("plan", {"server": CH}),
                ),
                Finding(
                    kind=FindingKind.INVENTORY_STALE,
                    severity=Severity.UNKNOWN,
                    key="stale:1",
                    subject=CH,
                    server=CH,
                    facts={"collected_at": at(4, day=19).isoformat()},
                ),
            ],
            counts={"high": 2, "unknown": 1},
            vms_at_risk=14,
            checked=AGES,
        ),
        show("drift"),
    ),
    "drift_clean": drift_report(DriftReport(findings=[], checked=AGES), show("drift")),
    "plan": plan(
        Plan(
            fingerprint="5f0c1a2b",
            total=tally(12),
            disconnects=1,
            moves=changed().moves,
            more=10,
            waiting=3,
            left_alone=1,
            without_applier=[CH],
            ages=AGES,
        ),
        show("plan"),
    ),
    "history": history(
        History.model_validate(
            {"changes": [CHANGE, {**IMPORTED, "text": "inventory of VMM-Chicago"}], "more": True}
        ),
        show("history"),
    ),
    "import_report": import_report(
        [
            ImportReport(
                server=CH,
                change="C205",
                collected_at=at(7),
                clouds=2,
                hosts=4,
                networks=22,
                vms=315,
                news=[
                    NetworkNews(network="DR-Voice", event="gone"),
                    NetworkNews(network="DR-Web", subnet="Web2", was="Web", event="renamed"),
                    NetworkNews(network="DR-DMZ", event="reordered"),
                ],
                vms_new=3,
                failed_over=["app03"],
                vms_failed_over=1,
                adapters_moved=2_000,
                adapters_confirmed=1_000,
                pairs=4,
                adapters_elsewhere=9,
                moved=[
                    MovedPlacement(
                        source="Prod-Web / Web",
                        was="DR-Web / Web",
                        now="DR-Web / Mgmt",
                        rule=Rule.FIRST_SUBNET,
                        adapters=9,
                    )
                ],
            )
        ],
        show(),
    ),
    "import_unreadable": import_report(
        ImportReport(
            server=CH,
            collected_at=at(7),
            unreadable=[
                UnreadableVm(vm="old03", server=CH, as_of=at(1), why="Error ID: 801"),
                UnreadableVm(vm="new<1>", server=CH, as_of=None, why="Error ID: 801"),
            ],
        ),
        show(),
    ),
    "vm_unreadable": vm_answer(
        VmAnswer(
            asked=["web01"],
            pairs=[
                pair(
                    adapter(),
                    power=None,
                    readiness="unknown",
                    unreadable=[
                        UnreadableVm(vm="web01", server=CH, as_of=at(1), why="Error ID: 801")
                    ],
                )
            ],
        ),
        show(),
    ),
    "import_unchanged": import_report(
        ImportReport(server=CH, collected_at=at(7), unchanged=True), show()
    ),
    "status": status(
        Status(
            version="0.1.0",
            sample=True,
            servers=AGES,
            mappings=21,
            last_change="C205",
            pending=2,
            appliers=["simulated"],
        ),
        show("status"),
    ),
    "who": who(Who(by="U0ANA", role=Role.EDITOR, may=["add", "list"]), show("whoami")),
    "help": help_(
        Help(
            commands=[
                HelpEntry(
                    name="add",
                    usage="<source> to <target>",
                    summary="Map a network",
                    example="add Prod-Web to DR-Web",
                    role=Role.EDITOR,
                ),
                HelpEntry(
                    name="vm",
                    usage="<name>",
                    summary="Where a VM comes up",
                    example="vm web01",
                    role=Role.READER,
                ),
            ]
        ),
        show("help"),
    ),
    "help_of_one": help_(
        Help(
            commands=[
                HelpEntry(
                    name="vm",
                    usage="<name>[, <name>…] [on <server>] [--test]",
                    summary="Where a VM comes up",
                    example="vm web01",
                    role=Role.READER,
                    aliases=["subnet", "where"],
                )
            ],
            about="vm",
        ),
        show("help vm"),
    ),
    "home_set": home_set(HomeSet(vm="web01", home=NY, before=CH, change="C206"), show()),
    "forgotten": forgotten(
        Forgotten(server="VMM-Denver", change="C207", networks=2, vms=13), show()
    ),
    "refused": error(
        Conflict(
            "Prod-Web is mapped to DR-Web already (M12).",
            hint="To change it:",
            commands=["change M12 to DR-Old"],
        ),
        show(),
    ),
    "bug": error("3f9a1c20", show()),
    "strange_names": vm_answer(
        VmAnswer(
            asked=["x"],
            pairs=[
                pair(
                    unmapped(source=Spot("<@U1>", "R&D `to` *go*", "\u202ex")),
                    vm="<!channel> :fire:",
                    passive="_VMM_",
                )
            ],
        ),
        show(),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_message_is_as_it_was_accepted(name: str, golden: Compare) -> None:
    reply = CASES[name]

    golden(name, {"text": reply.text.splitlines(), "blocks": reply.blocks})


@pytest.mark.parametrize("name", CASES)
def test_slack_takes_the_message(name: str) -> None:
    reply = CASES[name]

    check_message({"text": reply.text, "blocks": reply.blocks})


@pytest.mark.parametrize("name", CASES)
def test_the_first_line_stands_alone(name: str) -> None:
    first = CASES[name].text.splitlines()[0]

    assert first[0] != " "
    assert first[-1] in ".:?`" or first.endswith("DR-Old")


def test_the_note_of_several_subnets_is_told_in_the_card() -> None:
    assert Note.SEVERAL_SUBNETS in changed().subnets[1].notes
    assert "first subnet, of several" in CASES["mapping_card"].text
