"""Every command has an accepted message, and so has every turn that a change can take."""

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest

from bot.commands import COMMANDS
from bot.domain.answers.digests import DigestCard, DigestChanged, DigestRun
from bot.domain.answers.findings import Explained, Hushed
from bot.domain.answers.mappings import Precondition
from bot.domain.bulk import Brought, LeftOut, LineOutcome, LineTaken, MappingTable, TableRow
from bot.domain.checks import Standing
from bot.domain.codes import FindingKind, LineState, Rule
from bot.domain.maps import EstateMap, MapLine, MapPanel
from bot.domain.orders import AnswersTaken, PlanScript, ServerOrders
from bot.domain.replies import Reply
from bot.domain.reports import ImportReport, Refreshed
from bot.render import remotes
from bot.workspace.limits import check_message
from tests.conftest import GOLDEN, Compare
from tests.render.build import AGES, CH, DIGEST, FINDING, NY, at, changed, move, ref, tally, there
from tests.render.show import show

KEPT = replace(
    FINDING,
    id="F7",
    since=at(6, day=20),
    fix=("add", {"source": "Prod-DB", "source_on": NY, "target": "<network>"}),
)
DRY: dict[str, Any] = {
    "dry_run": True,
    "change": None,
    "applier": None,
    "reconnected": tally(0),
    "pending": tally(12),
}
"""As a change is that was not made."""
LOST = [move("app01", there("DR-App", "App"), there(None), Rule.NOT_MAPPED)]
BROUGHT = Brought(
    what="maps.csv",
    added=2,
    present=1,
    left=[LeftOut(place="line 4", why="there is no network Nowhere on VMM-Chicago.")],
    lines=[
        LineTaken(place="line 2", source="Prod-Web", target="DR-Web", outcome=LineOutcome.ADDED),
        LineTaken(place="line 3", source="Prod-DB", target="DR-DB", outcome=LineOutcome.ADDED),
    ],
    pairs=[(f"Prod-Web ({NY})", f"DR-Web ({CH})"), (f"Prod-DB ({NY})", f"DR-DB ({CH})")],
    mapping=changed(),
)
MATCHED = BROUGHT.model_copy(
    update={
        "what": f"{NY} and {CH}",
        "dry_run": True,
        "fingerprint": "5f0c1a2b",
        "source_server": NY,
        "target_server": CH,
        "left": [],
        "lines": [],
        "mapping": changed(**DRY),
    }
)
PANEL = MapPanel(
    source=NY,
    target=CH,
    lines=[
        MapLine(source="Prod-Web", target="DR-Web", mapping="M12", state=LineState.WELL, vms=13),
        MapLine(source="Prod-DB", state=LineState.BROKEN, vms=1),
    ],
)
ROW = TableRow(NY, "Prod-Web", CH, "DR-Web", "Bubble", "n1", "n2", "n3")

CHANGE = "render.mappings.mapping_changed"
CASES: dict[str, tuple[str, Any]] = {
    "change_led_elsewhere": (CHANGE, changed(verb="changed", previous="DR-Old")),
    "change_of_the_test_network": (
        CHANGE,
        changed(
            verb="changed", mappings=[ref(test="Bubble")], reconnected=tally(0), moves=[], more=0
        ),
    ),
    "change_removed": (
        CHANGE,
        changed(
            verb="removed",
            mappings=[ref(removed=True)],
            reconnected=tally(14),
            running=tally(0),
            by_rule={"disconnected": 14},
            disconnects=tally(14),
            moves=LOST,
            more=13,
        ),
    ),
    "change_taken_back": (CHANGE, changed(verb="undone", undone="C203", previous="DR-Old")),
    "change_both_ways": (
        CHANGE,
        changed(
            mappings=[ref(), ref(id="M13", source="DR-Web", on=CH, target="Prod-Web", toward=NY)]
        ),
    ),
    "change_of_order": (CHANGE, changed(verb="adopted", adopted=there("DR-Web"), mappings=[])),
    "change_dry_run": (CHANGE, changed(**DRY)),
    "change_of_nothing": (
        CHANGE,
        changed(
            verb="unchanged",
            change=None,
            reconnected=tally(0),
            running=tally(0),
            by_rule={},
            moves=[],
            more=0,
        ),
    ),
    "change_with_everything_wrong": (
        CHANGE,
        changed(
            failed=tally(2),
            waiting=tally(3),
            power_unknown=tally(1),
            at_risk={"SilverCloud2": ["web11", "web12"]},
            no_host_reaches=["GoldCloud2"],
            unreachable_hosts=4,
            no_pool=1,
            same_source_targets=["Prod-Old"],
            replication_not_checked=5,
            preconditions=[
                Precondition(
                    kind=FindingKind.NO_LOGICAL_NETWORK,
                    network="Prod-Web",
                    server=NY,
                    standing=Standing.BROKEN,
                )
            ],
            moves=[
                move(
                    "web01",
                    there("DR-Old", "Web"),
                    there("DR-Web", "Web"),
                    state="failed",
                    said="no such port",
                )
            ],
        ),
    ),
    "change_without_an_applier": (
        CHANGE,
        changed(applier=None, reconnected=tally(0), pending=tally(12), running=tally(0)),
    ),
    "plan_applied": (
        "render.bulk.agreed",
        changed(verb="applied", mappings=[], by_rule={"same_name": 2}, reconnected=tally(2)),
    ),
    "plan_waits_for_approval": (
        "render.bulk.agreed",
        changed(**DRY, verb="applied", mappings=[], held="approval", request="R12"),
    ),
    "plan_as_a_script": (
        "render.remotes.script",
        PlanScript(fingerprint="5f0c1a2b", adapters={CH: 2}, parts=[ServerOrders(CH, "s2", [])]),
    ),
    "many_brought": ("render.bulk.agreed", BROUGHT),
    "many_proposed": ("render.bulk.matched", MATCHED),
    "many_exported": ("render.bulk.exported", MappingTable(rows=[ROW], ages=AGES)),
    "servers_refreshed": (
        "render.remotes.refreshed",
        Refreshed(
            reports=[ImportReport(server=CH, collected_at=at(7), unchanged=True)],
            failed={NY: "vmm1.example.org does not answer."},
        ),
    ),
    "estate_map": ("render.maps.estate_map", EstateMap(panels=[PANEL], ages=AGES)),
    "finding_hushed": (
        "render.lives.hushed",
        Hushed(verb="snoozed", findings=[KEPT], until=at(6, day=24), reason="CAB", change="C8"),
    ),
    "finding_explained": (
        "render.lives.explained",
        Explained(finding=KEPT, seen_at=at(6)),
    ),
    "digest_on": ("render.digests.changed", DigestChanged(verb="on", digest=DIGEST, change="C9")),
    "digest_card": (
        "render.digests.card",
        DigestCard(
            digest=DIGEST,
            runs=[DigestRun(due=at(7, 30), at=at(7, 30), step="open", findings=3)],
        ),
    ),
}
ELSEWHERE = {
    "render.digests.listing": "digest_list",
    "render.findings.drift_report": "drift_report",
    "render.history.forgotten": "forgotten",
    "render.history.history": "history",
    "render.history.home_set": "home_set",
    "render.lists.mapping_card": "mapping_card",
    "render.lists.mapping_list": "mapping_list",
    "render.networks.network_list": "network_list",
    "render.networks.server_list": "server_list",
    "render.plans.plan": "plan",
    "render.requests.pending": "slack_pending",
    "render.requests.request": "slack_request",
    "render.status.help_": "help",
    "render.status.status": "status",
    "render.status.who": "who",
    "render.vms.vm_answer": "vm_connected",
}
"""Renderer -> a golden file of another test."""


def shown(path: str, result: Any) -> Reply:
    """What the renderer of that name makes of it."""
    module, _, name = path.rpartition(".")
    reply = getattr(import_module(f"bot.{module}"), name)(result, show())
    assert isinstance(reply, Reply)
    return reply


def accepted(name: str, reply: Reply, golden: Compare) -> None:
    golden(name, {"text": reply.text.splitlines(), "blocks": reply.blocks})
    check_message({"text": reply.text, "blocks": reply.blocks})


@pytest.mark.parametrize("name", CASES)
def test_the_message_is_as_it_was_accepted_and_slack_takes_it(name: str, golden: Compare) -> None:
    accepted(name, shown(*CASES[name]), golden)


@pytest.mark.parametrize("name", CASES)
def test_the_first_line_stands_alone(name: str) -> None:
    first = shown(*CASES[name]).text.splitlines()[0]

    assert first[0] != " "
    assert first[-1] in ".:"


@pytest.mark.parametrize(
    "case",
    [
        AnswersTaken(server=CH, plan="5f0c1a2b", at=at(7), change="C9", confirmed=1,
                     outcomes={"connected": 1, "failed": 1},
                     said=[("web01", 0, "failed", "no such port")]),
    ],
)  # fmt: skip
def test_the_answer_to_a_scripts_output_too(case: AnswersTaken, golden: Compare) -> None:
    accepted("script_answers_taken", remotes.answers_taken(case, show()), golden)


def test_no_command_is_without_an_accepted_message() -> None:
    here_ = {path for path, _ in CASES.values()}

    assert sorted({str(command.shows) for command in COMMANDS} - here_ - set(ELSEWHERE)) == []
    assert missing(list(ELSEWHERE.values())) == []


def missing(names: Sequence[str]) -> list[str]:
    """Golden files that are not there."""
    return [name for name in names if not (GOLDEN / f"{name}.json").exists()]
