"""What digests send, part by part, as Slack gets it; and that Slack takes it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.commands import write_line
from bot.domain.answers.digests import DigestChanged, DigestLine, DigestList
from bot.domain.answers.findings import Finding, Hushed
from bot.domain.answers.shared import Age
from bot.domain.codes import FindingKind, LineState, Severity
from bot.domain.digests import Step
from bot.domain.maps import DayCount, MapLine, MapPanel
from bot.domain.posts import Gone, Letter, Part, Post, Worse
from bot.domain.subscribing import DigestDraft
from bot.render.digests import listing
from bot.render.findings import what
from bot.render.hushing import hush_form
from bot.render.letters import letter
from bot.render.subscribing import digest_form
from bot.slack.posting import body
from bot.workspace.limits import check_message, check_view
from tests.conftest import Compare
from tests.render.build import CH, NY, at
from tests.render.show import NOW, show

ROUTE = f"{NY} → {CH}"
STRANGE = "<!channel> R&D `to` *go* " + "x" * 170


def finding(number: int, **more: Any) -> Finding:
    given: dict[str, Any] = {
        "kind": FindingKind.UNMAPPED,
        "severity": Severity.HIGH,
        "key": f"unmapped:mapping:{number}:2",
        "id": f"F{number}",
        "subject": "Prod-DB",
        "server": NY,
        "toward": CH,
        "adapters": 3,
        "vms": 3,
        "examples": ["sql09", "sql10", "sql11"],
        "since": at(6),
        "fix": ("add", {"source": "Prod-DB", "source_on": NY, "target": "<network>"}),
    }
    return Finding(**given | more)


def test_too_many_to_count_their_vms_come_up_all_the_same() -> None:
    many = finding(1, vms=0, adapters=1_988)

    assert what(many).endswith(
        "it is not mapped. The VMs of 1,988 adapters come up WITHOUT A NETWORK"
        " (such as sql09, sql10, sql11)."
    )


UNMAPPED = finding(1)
SUBNET = finding(
    2,
    kind=FindingKind.WRONG_SUBNET,
    severity=Severity.MEDIUM,
    subject="Prod-Web",
    vms=1,
    adapters=1,
    examples=["web02"],
    fix=("plan", {"server": CH}),
)
STALE = finding(
    3,
    kind=FindingKind.INVENTORY_STALE,
    severity=Severity.UNKNOWN,
    subject=CH,
    server=CH,
    toward="",
    vms=None,
    adapters=0,
    examples=[],
    fix=None,
)
CHECKED = [Age(server=NY, collected_at=at(6)), Age(server=CH, collected_at=at(6, 5))]

PANELS = [
    MapPanel(
        source=NY,
        target=CH,
        lines=[
            MapLine(source="Web", target="DR-Web", mapping="M1", state=LineState.WELL, vms=2),
            MapLine(
                source="Lab", target="DR-Lab", mapping="M2", state=LineState.BROKEN,
                subnets=2, same=1, vms=4,
            ),
            MapLine(source="DB", state=LineState.BROKEN, vms=3),
        ],
    )
]  # fmt: skip


def post(step: Step, *findings: Finding, **more: Any) -> Post:
    given: dict[str, Any] = {
        "step": step,
        "digest": "D3",
        "channel": "C0ONCALL1",
        "owner": "U0ANA0001",
        "due": at(8),
        "at": at(8),
        "next_run": at(7, 30, day=23),
        "route": ROUTE,
        "findings": list(findings),
        "vms_at_risk": sum(one.vms or 0 for one in findings),
        "checked": CHECKED,
    }
    return Post.model_validate(given | more)


LINE = DigestLine(
    id="D3",
    channel="C0ONCALL1",
    owner="U0ANA0001",
    schedule="weekdays 08:30",
    zone="Europe/Amsterdam",
    quiet="22:00-07:00",
    least=Severity.LOW,
    heartbeat=0,
    picture=True,
    holidays=[at(0).date() + timedelta(days=33)],
    next_run=at(7, 30, day=23),
    off=False,
    paused="",
    delivered_at=at(8),
    last_error="",
    error_at=None,
)
GONE = Gone(id="F1", finding=UNMAPPED, at=at(7, 12), by="U0BEN0001", change="C204")
MANY = [finding(n, subject=f"Prod-{n:02}", vms=n) for n in range(12, 0, -1)]
ODD = [finding(n, subject=STRANGE, examples=[STRANGE] * 3) for n in range(1, 13)]
HUSHED = Hushed(
    verb="acknowledged",
    findings=[replace(UNMAPPED, state="acknowledged", reason="CAB-1042")],
    until=at(8, day=29),
    reason="CAB-1042",
    change="C205",
    told=["D3"],
)
KNOWN = replace(UNMAPPED, state="acknowledged", until=at(8, day=29), reason="CAB-1042")
DAYS = [DayCount(at(0, day=day).date(), Severity.HIGH, day % 5) for day in range(1, 23)]

LETTERS: dict[str, tuple[Part, Post]] = {
    "first_look": (Part.PARENT, post(Step.BASELINE, UNMAPPED, SUBNET)),
    "new_with_mention": (
        Part.PARENT,
        post(Step.OPEN, UNMAPPED, new=["F1"], mention="U0ANA0001"),
    ),
    "new_for_a_group": (Part.PARENT, post(Step.OPEN, UNMAPPED, new=["F1"], mention="S0EDITOR1")),
    "still": (
        Part.EDIT,
        post(Step.EDIT, UNMAPPED, SUBNET, opened_at=at(8, day=19), acked=1, milder=2),
    ),
    "more_parent": (
        Part.EDIT,
        post(
            Step.ADD,
            UNMAPPED,
            SUBNET,
            new=["F2"],
            worse=[Worse(id="F1", was=1, now=3)],
            opened_at=at(8, day=21),
        ),
    ),
    "more_reply": (
        Part.BROADCAST,
        post(
            Step.ADD,
            UNMAPPED,
            SUBNET,
            new=["F2"],
            worse=[Worse(id="F1", was=1, now=3)],
            mention="U0ANA0001",
        ),
    ),
    "fewer_reply": (Part.REPLY, post(Step.LESS, SUBNET, gone=[GONE])),
    "resolved": (Part.EDIT, post(Step.CLOSE, gone=[GONE], opened_at=at(8, day=20))),
    "resolved_reply": (Part.REPLY, post(Step.CLOSE, gone=[GONE])),
    "all_clean": (Part.PARENT, post(Step.HEARTBEAT, acked=1)),
    "not_checked": (Part.PARENT, post(Step.OPEN, STALE, new=["F3"])),
    "no_inventory": (Part.PARENT, post(Step.ASKED, checked=[], asked_by="U0BEN0001")),
    "late": (Part.PARENT, post(Step.OPEN, UNMAPPED, new=["F1"], due=at(4))),
    "more_than_five": (
        Part.PARENT,
        post(Step.OPEN, *MANY, new=[one.id for one in MANY], snoozed=1),
    ),
    "strange_names": (Part.PARENT, post(Step.OPEN, *ODD, new=[one.id for one in ODD])),
    "table": (Part.TABLE, post(Step.OPEN, UNMAPPED, SUBNET, STALE)),
    "known_parent": (Part.EDIT, post(Step.HUSHED, KNOWN, SUBNET, hushed=HUSHED)),
    "known_word": (Part.WORD, post(Step.HUSHED, hushed=HUSHED, asked_by="U0BEN0001")),
    "paused_notice": (Part.DIRECT, post(Step.PAUSED, error="not_in_channel")),
    "unsure_notice": (Part.DIRECT, post(Step.UNSURE)),
    "test": (Part.TEST, post(Step.TEST, asked_by="U0BEN0001")),
    **{
        f"{verb}_notice": (
            Part.NOTICE,
            post(
                Step.CHANGED,
                asked_by="U0BEN0001",
                changed=DigestChanged(
                    verb=verb,
                    digest=LINE.model_copy(update={"muted_until": at(8, day=29)}),
                    change="C206",
                ),
            ),
        )
        for verb in ("on", "edited", "off", "muted", "unmuted")
    },
}
FIRST_LINES_END = (".", ":")


def drawn(name: str) -> Letter:
    part, wanted = LETTERS[name]
    return letter(write_line, part, wanted, NOW)


@pytest.mark.parametrize("name", LETTERS)
def test_the_letter_is_as_it_was_accepted(name: str, golden: Compare) -> None:
    made = body(drawn(name))

    golden(f"digest_{name}", {"text": made["text"].splitlines(), "blocks": made["blocks"]})
    check_message(made)
    assert len(made["blocks"]) <= 12


@pytest.mark.parametrize("name", LETTERS)
def test_its_first_line_stands_alone(name: str) -> None:
    first = drawn(name).text.splitlines()[0]

    assert first == first.strip()
    assert first.endswith(FIRST_LINES_END)
    assert "U0" not in first


@pytest.mark.parametrize("part", [Part.FILE, Part.MAP, Part.PICTURE])
def test_a_file_has_a_name_and_words(part: Part) -> None:
    told = post(Step.OPEN, UNMAPPED, STALE, trend=DAYS, panels=PANELS)

    made = letter(write_line, part, told, NOW)

    assert made.name.startswith("netmap-D3-2026-11-22")
    assert made.text
    if part is Part.FILE:
        rows = made.content.decode("utf-8-sig").splitlines()
        assert rows[1].startswith("F1,high,unmapped,it is not mapped,Prod-DB,")
        assert rows[1].endswith(',"/netmap add ""Prod-DB"" on VMM-NewYork to <network>"')
    elif part is Part.MAP:
        assert made.alt == "2 mappings: 1 well, 1 broken; 1 network with 3 VMs not mapped."
        assert made.text.splitlines()[1:] == [
            "Lab (VMM-NewYork) → DR-Lab (VMM-Chicago): M2 · 4 VMs · 1 of 2 subnets match · broken",
            "DB (VMM-NewYork) → not mapped (VMM-Chicago): 3 VMs",
            "All of it: /netmap map",
        ]
    else:
        assert made.alt.startswith("Open findings on 22 Nov: 2 (2 high)")


def test_what_nobody_could_check_is_never_called_clean() -> None:
    for name in ("not_checked", "no_inventory"):
        assert "no findings" not in drawn(name).text
    assert "Could not check VMM-Chicago" in drawn("not_checked").text


VIEWS = {
    "digest_form_new": digest_form(
        DigestDraft(channel="C0ONCALL1", zone="Europe/Amsterdam", owner="U0ANA0001"), "[]"
    ),
    "digest_form_edit": digest_form(
        DigestDraft(
            id="D3",
            channel="C0ONCALL1",
            schedule="mon,thu 09:00",
            zone="America/New_York",
            quiet="22:00-07:00",
            least=Severity.HIGH,
            heartbeat=None,
            holidays="2026-12-25, 2027-01-01",
            picture=True,
            owner="S0EDITOR1",
        ),
        "[]",
    ),
    "digest_form_from_home": digest_form(DigestDraft(), "[]"),
    "form_acknowledge": hush_form("ack", "F1", "[]", UNMAPPED),
    "form_snooze_strange": hush_form("snooze", "F123456", "[]", ODD[0]),
    "form_mute": hush_form("digest mute", "D3", "[]", None),
}


@pytest.mark.parametrize("name", VIEWS)
def test_the_form_is_as_it_was_accepted(name: str, golden: Compare) -> None:
    golden(name, VIEWS[name])
    check_view(VIEWS[name], "modal")


def test_the_list_says_what_is_wrong_with_each(golden: Compare) -> None:

    paused = {"paused": "is_archived", "next_run": None, "last_error": "is_archived"}
    failed = {"id": "D5", "last_error": "ratelimited", "error_at": at(8)}
    muted = {"id": "D6", "muted_until": at(8, day=29), "muted_by": "U0BEN0001"}
    lines = [
        LINE,
        LINE.model_copy(update={"id": "D4", **paused}),
        LINE.model_copy(update=failed),
        LINE.model_copy(update=muted),
    ]

    reply = listing(DigestList(digests=lines), show())

    golden("digest_list", {"text": reply.text.splitlines(), "blocks": reply.blocks})
