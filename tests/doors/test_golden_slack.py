"""Messages with their buttons, forms and Home as Slack gets them, and that Slack takes them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from bot.commands import own
from bot.domain.answers.history import ChangeLine
from bot.domain.answers.operation import Help
from bot.domain.answers.vms import VmAnswer
from bot.domain.asking import Stamp
from bot.domain.codes import Role
from bot.domain.forms import NO_TEST, Choice, ChoiceGroup, Draft, Form, Present
from bot.domain.home import Glance, PairGlance
from bot.domain.replies import Reply, Step, StepKind
from bot.domain.requests import LASTS, PendingList, RequestKind, RequestLine, RequestState
from bot.ports import Ports
from bot.render import forms, home, requests
from bot.render.mappings import mapping_changed
from bot.render.status import menu
from bot.render.steps import SHARE, ask_again, steps
from bot.render.vms import vm_answer
from bot.slack.after import UNSHOWN
from bot.slack.app import BUSY, INTERRUPTED, STOPPING
from bot.slack.buttons import buttons
from bot.slack.forms import BROKEN_OFF, LATE, LOOK, NO_ANSWER, NOT_OPENED, RESTARTED
from bot.slack.handed import NOT_FETCHED, NOT_SLACKS, ONE_TOO_LARGE, TOO_LARGE
from bot.slack.incidents import MOST, NO_VM, TOO_MANY
from bot.slack.messages import message, notice
from bot.slack.presses import NOT_HERE, OUTDATED, SENT, SHARED
from bot.slack.progress import bar
from bot.slack.replies import NO_FILES
from bot.workspace.limits import check_message, check_view
from bot.workspace.limits.surfaces import check_suggestions
from tests.conftest import Compare
from tests.render.build import AGES, CH, DIGEST, NY, at, changed, pair, ref, tally, unmapped
from tests.render.show import show

STRANGE = "<!channel> R&D `to` *go* " + "x" * 80


def with_steps(result: Any, reply: Reply, line: str, shared: bool = False) -> Reply:
    """A reply as the Slack door has it."""
    reply.command = line
    reply.steps = [*steps(result, reply, show()), *([SHARE] * shared)]
    return reply


def asked(**more: Any) -> RequestLine:
    """A request of Ana's."""
    given: dict[str, Any] = {
        "id": "R12",
        "kind": RequestKind.APPROVAL,
        "state": RequestState.OPEN,
        "line": "add Prod-Web to DR-Web --reason CAB-1042",
        "by": "U0ANA0001",
        "at": at(6),
        "expires": at(6) + LASTS,
        "text": "map Prod-Web (VMM-NewYork) to DR-Web (VMM-Chicago)",
        "reason": "CAB-1042",
        "vms": 12,
    }
    return RequestLine.model_validate(given | more)


def card(**more: Any) -> Reply:
    result = asked(**more)
    return with_steps(result, requests.request(result, show()), "approve R12")


def help_of(role: Role) -> Help:
    """What this role may say."""
    nothing = cast(Ports, None)  # it asks nothing of them
    return own.help_(nothing, [own.AskHelp()], Stamp("U0ANA0001", at(8), role))


HELD = changed(dry_run=True, change=None, held="look", request="R12")
WAITING = changed(dry_run=True, change=None, held="approval", request="R12")
BLANK = VmAnswer(asked=["sql09"], pairs=[pair(unmapped(), vm="sql09")])
AGAIN = ask_again("add Prod-Web to DR-Web --reason CAB-1042")
GLASS = {"kind": RequestKind.GLASS, "change": "C204", "vms": 0}

MESSAGES: dict[str, Reply] = {
    "slack_changed": with_steps(
        changed(), mapping_changed(changed(), show()), "add Prod-Web to DR-Web"
    ),
    "slack_held": with_steps(HELD, mapping_changed(HELD, show()), "add Prod-Web to DR-Web"),
    "slack_waiting": with_steps(
        WAITING, mapping_changed(WAITING, show()), "add Prod-Web to DR-Web"
    ),
    "slack_vm": with_steps(BLANK, vm_answer(BLANK, show()), "vm sql09", shared=True),
    "slack_request": card(),
    "slack_request_that_disconnects": card(vms=22, disconnects=3),
    "slack_request_approved": card(
        state=RequestState.DONE, decided_by="U0BEN0001", change="C204", vms=12
    ),
    "slack_request_rejected": card(
        state=RequestState.REJECTED, decided_by="U0BEN0001", said="not today"
    ),
    "slack_request_expired": card(state=RequestState.EXPIRED),
    "slack_request_overdue": replace(
        requests.expired(asked(state=RequestState.EXPIRED), show()), steps=[AGAIN], command=""
    ),
    "slack_glass": card(**GLASS, state=RequestState.OPEN),
    "slack_glass_reviewed": card(**GLASS, state=RequestState.REVIEWED, decided_by="U0BEN0001"),
    "slack_pending": with_steps(
        PendingList(requests=[asked(), asked(**GLASS)]),
        requests.pending(PendingList(requests=[asked(), asked(**GLASS)]), show()),
        "pending",
    ),
}

MESSAGES |= {
    "slack_menu": menu(help_of(Role.EDITOR), show()),
    "slack_menu_of_a_reader": menu(help_of(Role.READER), show()),
}
SERVERS = [Choice(value="1", name=NY), Choice(value="2", name=CH)]
CHOSEN = Draft(source_server=1, target_server=2, source="7.ab", target="9.cd")
FULL = Form(
    draft=CHOSEN,
    servers=SERVERS,
    source=Choice(value="7.ab", name="Prod-Web"),
    target=Choice(value="9.cd", name="DR-Web"),
    line="add Prod-Web to DR-Web",
    ages=AGES,
)
DRY = changed(dry_run=True, change=None)
RISKY = changed(
    dry_run=True,
    change=None,
    at_risk={f"SilverCloud2 {STRANGE}": ["web11", "web12"]},
    no_pool=1,
    disconnects=tally(2),
)
CHANGING = FULL.model_copy(
    update={
        "draft": CHOSEN.model_copy(update={"mapping": "M12"}),
        "present": Present(ref=ref(), by="U0ANA0001", at=at(6)),
    }
)
ODD = FULL.model_copy(
    update={
        "servers": [Choice(value="1", name=STRANGE), Choice(value="2", name="")],
        "source": Choice(value="7.ab", name=STRANGE, note=STRANGE),
        "same_server": True,
        "present": Present(ref=ref(source=STRANGE, target=STRANGE), by="U0ANA0001", at=at(6)),
        "draft": CHOSEN.model_copy(update={"mapping": "M12"}),
    }
)


VIEWS: dict[str, dict[str, Any]] = {
    "form_loading": forms.loading(),
    "form_empty": forms.mapping_form(Form(draft=Draft(), servers=SERVERS), 0, "[]"),
    "form_without_inventory": forms.mapping_form(Form(draft=Draft()), 0, "[]"),
    "form_preview": forms.mapping_form(FULL, 2, "[]", forms.preview(DRY, show())),
    "form_warnings": forms.mapping_form(FULL, 2, "[]", forms.preview(RISKY, show())),
    "form_change": forms.mapping_form(
        CHANGING,
        0,
        "[]",
        notice="Meanwhile <@U0BEN0001> mapped Prod-Web to DR-Old (M12).",
    ),
    "form_faults": forms.mapping_form(
        FULL.model_copy(update={"same_server": True, "line": ""}),
        2,
        "[]",
        forms.Shown(forms.faults([f"{STRANGE} is mapped to DR-Web already."])),
    ),
    "form_options": forms.mapping_form(
        FULL.model_copy(
            update={
                "draft": CHOSEN.model_copy(update={"both": True}),
                "test": Choice(value=NO_TEST, name=""),
            }
        ),
        2,
        "[]",
        forms.preview(DRY, show()),
    ),
    "form_look": forms.mapping_form(FULL, 2, "[]", notice=LOOK),
    "form_saving": forms.working(),
    "form_restarted": forms.working(RESTARTED),
    "form_broken_off": forms.working(BROKEN_OFF),
    "form_fix": forms.outcome(
        MESSAGES["slack_held"],
        buttons([Step(StepKind.RUN, "Do it", "remove M12", main=True)], "remove M12 --dry-run"),
        "Fix F7",
    ),
    "form_done": forms.outcome(mapping_changed(changed(), show())),
    "form_refused": forms.outcome(
        Reply(
            ok=False, text="No.", blocks=requests.pending(PendingList(requests=[]), show()).blocks
        )
    ),
    "form_outdated": notice("This is from another version of netmap."),
    "form_strange_names": forms.mapping_form(ODD, 0, "[]"),
    "home_editor": home.home(
        Glance(
            role=Role.EDITOR,
            pairs=[
                PairGlance(
                    source=NY, target=CH, mapped=18, blanks=5, pending=2, drifted=1, left_alone=1
                ),
                PairGlance(source=CH, target=NY, mapped=3),
            ],
            changes=[
                ChangeLine(
                    id="C204",
                    kind="add",
                    by="U0ANA0001",
                    at=at(6, 10),
                    text=f"mapped {STRANGE} to DR-Web",
                    reason="CAB-1042",
                )
            ],
            waiting=[asked()],
            digests=[DIGEST],
            ages=AGES,
        ),
        show(),
    ),
    "form_without_servers_chosen": forms.mapping_form(
        Form(draft=Draft(source_server=1), servers=SERVERS), 0, "[]"
    ),
    "form_answer_with_a_table": forms.outcome(MESSAGES["slack_changed"]),
    "home_with_what_waits": home.home(
        Glance(
            role=Role.EDITOR,
            by="U0ANA0001",
            waiting=[asked(), asked(id="R13", by="U0BEN0001"), asked(**GLASS, by="U0BEN0001")],
            more_waiting=7,
            pairs=[PairGlance(source=f"VMM-{n}", target=CH, mapped=n) for n in range(20)],
            ages=AGES,
        ),
        show(),
    ),
    "home_reader_with_what_waits": home.home(
        Glance(role=Role.READER, by="U0CHLOE01", waiting=[asked()]), show()
    ),
    "home_reader": home.home(Glance(role=Role.READER, ages=AGES[:1]), show()),
    "home_admin_of_an_empty_estate": home.home(Glance(role=Role.ADMIN), show()),
    "home_of_nobody": home.home(Glance(role=Role.NOBODY), show()),
}


NOTICES = {
    "slack_late_form": LATE,
    "slack_unshown": UNSHOWN.format("R12"),
    "slack_stopping": STOPPING,
    "slack_interrupted": INTERRUPTED,
    "slack_outdated_button": OUTDATED,
    "slack_shared_already": SHARED,
    "slack_not_here": NOT_HERE,
    "slack_file_sent": SENT,
    "slack_no_files": NO_FILES,
    "slack_busy": BUSY.format("3 requests"),
    "slack_not_opened": NOT_OPENED,
    "slack_no_answer": NO_ANSWER,
    "slack_no_vm": f"{NO_VM} Near it: web01.",
    "slack_too_many_vms": TOO_MANY.format(1_200, MOST),
    "slack_files_too_large": TOO_LARGE,
    "slack_file_too_large": ONE_TOO_LARGE.format("maps.csv"),
    "slack_file_elsewhere": NOT_SLACKS.format("maps.csv"),
    "slack_file_not_fetched": NOT_FETCHED.format("maps.csv"),
}
"""What is said in one sentence or two."""


@pytest.mark.parametrize("name", NOTICES)
def test_what_is_said_by_the_way_is_as_it_was_accepted(name: str, golden: Compare) -> None:
    made = message(Reply(text=NOTICES[name]))

    golden(name, made)
    check_message(made)


def test_how_far_it_is_is_as_it_was_accepted(golden: Compare) -> None:
    made = {"early": bar("C204", 40, 1_600), "late": bar("C204", 1_599, 1_600, failed=7)}

    golden("slack_progress", made)
    for one in made.values():
        check_message(one)


@pytest.mark.parametrize("name", MESSAGES)
def test_the_message_is_as_it_was_accepted(name: str, golden: Compare) -> None:
    made = message(MESSAGES[name])

    golden(name, {"text": made["text"].splitlines(), "blocks": made["blocks"]})
    check_message(made)


@pytest.mark.parametrize("name", MESSAGES)
def test_the_first_line_stands_alone(name: str) -> None:
    first = MESSAGES[name].text.splitlines()[0]

    assert first[0] != " "
    assert first[-1] in ".:"


@pytest.mark.parametrize("name", VIEWS)
def test_the_view_is_as_it_was_accepted(name: str, golden: Compare) -> None:
    golden(name, VIEWS[name])
    check_view(VIEWS[name])
    assert "<!channel>" not in str([b for b in VIEWS[name]["blocks"] if "text" in b])


def test_what_a_picker_offers_is_as_it_was_accepted(golden: Compare) -> None:
    mapped = [Choice(value="8.ab", name="Prod-App", note="17 VMs")]
    blank = [
        Choice(value="5.ab", name="Lab", note="12 VMs · LogicalNetwork1 · subnets Lab · da5e5c4f"),
        Choice(value="6.ab", name=STRANGE, note="1 VM"),
    ]

    made = forms.options(
        [
            ChoiceGroup(mapped=False, total=120, choices=blank),
            ChoiceGroup(mapped=True, total=1, choices=mapped),
        ]
    )

    golden("form_picker", made)
    check_suggestions(made)


def test_pickers_offer_at_most_a_hundred_of_whatever_name() -> None:
    names = [f"{STRANGE} {n}" for n in range(100)]
    choices = [Choice(value=f"{n}.ab", name=name, note="1 VM") for n, name in enumerate(names)]

    made = forms.options(
        [
            ChoiceGroup(mapped=False, total=5_000, choices=choices[:75]),
            ChoiceGroup(mapped=True, total=25, choices=choices[75:]),
        ]
    )

    check_suggestions(made)
    labels = [group["label"]["text"] for group in made["option_groups"]]
    assert labels == ["Not mapped yet (75 of 5,000; type to search)", "Already mapped (25)"]
    check_suggestions(forms.options([]))


def test_a_request_lasts_a_day() -> None:
    assert timedelta(hours=24) == LASTS
