"""Changes that are looked at first, that wait for another person, that break the glass."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.wiring import House
from tests.doors.office import ANA, BEN, CHANGES, CHANGES_ID, ONCALL, Office, labels, office
from tests.doors.test_forms import press_ok

WEB = "add Prod-Web to DR-Web"
"""Reconnects 12 VMs and disconnects none."""


@pytest.fixture
def desk(way: str, house: House) -> Iterator[Office]:
    with office(house, way, preview_over=5) as made:
        yield made
        assert made.faults() == []


def targets(desk: Office) -> dict[str, str]:
    """Source -> target of all mappings in force."""
    with desk.house.store.read() as tables:
        estate = tables.estate()
        return {
            estate.networks[m.source].name: estate.networks[m.target].name
            for m in estate.mappings.values()
        }


# Looked at first


def test_a_large_change_is_shown_and_done_as_shown(desk: Office) -> None:
    shown = desk.private("ana", WEB)
    assert shown.only_for == ANA
    assert shown.text.startswith("Nothing is changed yet: Prod-Web (VMM-NewYork) would be mapped")
    assert "Prod-Web" not in targets(desk)

    done = desk.press("ana", shown, "Apply").reply()

    assert done.only_for is None
    assert "is now mapped to DR-Web (VMM-Chicago). 12 replica VMs reconnected" in done.text
    assert done.text.endswith(" · by Ana Ferreira")
    assert "by Ana Ferreira" in done.words()
    assert targets(desk)["Prod-Web"] == "DR-Web"


def test_what_is_shown_first_can_be_shared_and_had_as_a_file(desk: Office) -> None:
    shown = desk.private("ana", "remove Prod-App")
    assert labels(shown) == ["Apply", "All as CSV", "Share in channel"]

    shared = desk.press("ana", shown, "Share in channel").reply()
    desk.press("ana", shown, "All as CSV")
    desk.settle()

    assert shared.only_for is None
    assert shared.text.startswith("Dry run, nothing is changed")
    assert labels(shared) == ["More", "All as CSV"]
    [file] = desk.ws.world.files.values()
    assert len(file.content.decode().splitlines()) == 15  # 14 VMs and the headings
    assert targets(desk)["Prod-App"] == "DR-App"


def test_a_small_change_is_done_at_once_unless_it_disconnects(house: House, way: str) -> None:
    with office(house, way, preview_over=12) as desk:
        assert "is now mapped" in desk.private("ana", WEB).text

        removed = desk.private("ana", "remove Prod-Web")

        assert "Nothing is changed yet" in removed.text
        assert "disconnected" in removed.text


def test_apply_is_refused_with_the_difference_when_the_plan_has_changed(desk: Office) -> None:
    shown = desk.private("ana", WEB)
    desk.house.answer("add Prod-Web to DR-Old", "local:somebody")
    desk.house.answer("remove Prod-Web", "local:somebody")

    refused = desk.press("ana", shown, "Apply").reply()

    assert "is not the plan any more, so nothing was done" in refused.text
    assert "Connected elsewhere by now: web01, web02, web03, web05" in refused.text
    assert "Prod-Web" not in targets(desk)


def test_a_mapping_that_leads_elsewhere_by_now_is_a_difference(desk: Office) -> None:
    desk.house.ports = replace(desk.house.ports, appliers=())  # so that no adapter moves meanwhile
    shown = desk.private("ana", "change Kiosk to DR-Print")
    desk.house.answer("change Kiosk to DR-Batch", "local:somebody")

    refused = desk.press("ana", shown, "Apply").reply()

    ends = "Kiosk (VMM-NewYork) to DR-Print (VMM-Chicago)"
    assert (
        f"It was to lead {ends} instead of DR-Kiosk, and would lead {ends} instead of DR-Batch now."
    ) in refused.text
    assert "12 VMs, and would" not in refused.text
    assert targets(desk)["Kiosk"] == "DR-Batch"


def test_replicas_that_are_elsewhere_by_now_are_a_difference(desk: Office) -> None:
    shown = desk.private("ana", "change Kiosk to DR-Print")
    desk.house.answer("change Kiosk to DR-Batch", "local:somebody")

    refused = desk.press("ana", shown, "Apply").reply()

    assert "Connected elsewhere by now: kiosk01, kiosk02" in refused.text
    assert "Now as well" not in refused.text


def test_replicas_that_need_not_move_any_more_are_a_difference(desk: Office) -> None:
    shown = desk.private("ana", WEB)
    desk.house.answer(WEB, "local:somebody")
    desk.house.ports = replace(desk.house.ports, appliers=())  # so that they stay connected
    desk.house.answer("remove Prod-Web", "local:somebody")

    refused = desk.press("ana", shown, "Apply").reply()

    assert "No longer: web" in refused.text
    assert "It was 12 VMs, and would be 0 VMs now." in refused.text


def test_a_plan_that_is_another_one_by_now_says_what_it_is(desk: Office) -> None:
    plan = desk.private("ana", "plan")
    desk.house.ports = replace(desk.house.ports, appliers=())  # so that it is not done at once
    desk.house.answer("change Kiosk to DR-Batch", "local:somebody")
    moved = last(desk)
    desk.house.answer("ack F1", "local:somebody")  # which moves nobody

    refused = desk.press("ana", plan, "Apply").reply()

    now = desk.house.answer("plan", "local:somebody").result
    size = f"{now['total']['vms']} VMs with {now['total']['adapters']} adapters"
    assert f"Now it is {now['fingerprint']}, for {size}." in refused.text
    assert f"The last change was C{moved}, " in refused.text
    assert " UTC: Kiosk: DR-Kiosk to DR-Batch." in refused.text


def test_apply_pressed_twice_is_done_once(desk: Office) -> None:
    shown = desk.private("ana", WEB)
    desk.press("ana", shown, "Apply").reply()

    again = desk.press("ana", shown, "Apply").reply()

    assert "is done already" in again.text
    assert again.only_for == ANA


def test_apply_is_authorised_when_it_is_pressed(house: House, way: str) -> None:
    with office(house, way, preview_over=5, editors=ANA) as desk:
        public = desk.ws.mention("ana", ONCALL, WEB).reply()

        refused = desk.press("ben", public, "Apply").reply()

        assert "is for editors" in refused.text
        assert f"<@{ANA}>" in refused.words()
        assert "Prod-Web" not in targets(desk)


def test_it_can_be_typed_too(desk: Office) -> None:
    shown = desk.private("ana", WEB)
    assert "/netmap apply R1" in shown.words()

    assert "is now mapped" in desk.private("ana", "apply R1").text


def test_the_form_carries_what_was_seen(desk: Office) -> None:
    card = desk.private("ana", "show Kiosk")
    desk.press("ana", card, "Change…")
    desk.settle()
    view = desk.ws.views("ana")[-1]
    offered = desk.ws.options("ana", view.id, "netmap.form.target", "DR-Print")
    desk.ws.press("ana", view.id, "netmap.form.target", offered[0]["value"])
    desk.settle()

    press_ok(desk, "ana", desk.ws.views("ana")[-1])
    desk.settle()

    assert targets(desk)["Kiosk"] == "DR-Print"
    assert "is now mapped to DR-Print" in desk.ws.views("ana")[-1].words()


# Approval


def test_a_change_becomes_a_request_that_another_person_approves(board: Office) -> None:
    asked = board.private("ana", f"{WEB} --reason CAB-1042")
    assert asked.text.startswith("Another person has to approve it")
    board.settle()
    [card] = board.ws.messages(CHANGES)
    assert labels(card) == ["Approve", "Reject", "Preview"]
    assert "map Prod-Web (VMM-NewYork) to DR-Web (VMM-Chicago)" in card.text
    assert "CAB-1042" in card.words()

    own = board.press("ana", card, "Approve").reply()
    assert "nobody approves what they asked for themselves" in own.text
    assert "Prod-Web" not in targets(board)

    board.press("ben", card, "Approve")
    board.settle()

    assert targets(board)["Prod-Web"] == "DR-Web"
    [card, *_] = board.ws.messages(CHANGES)
    assert labels(card) == []
    assert f"Approved by <@{BEN}>" in card.words()
    with board.house.store.read() as tables:
        assert tables.changes.recent(1)[0].by == ANA


def test_a_request_says_all_that_it_asks_for(board: Office) -> None:
    board.private("ana", "change Kiosk to DR-Print --test Test-Bubble")
    board.settle()

    [card] = board.ws.messages(CHANGES)

    assert card.text.startswith(
        "R1: Ana Ferreira asks to lead Kiosk (VMM-NewYork) to DR-Print (VMM-Chicago)"
        " instead of DR-Kiosk, for test failovers to Test-Bubble."
    )


def test_a_request_can_be_rejected_and_taken_back(board: Office) -> None:
    board.private("ana", WEB)
    board.settle()
    [card] = board.ws.messages(CHANGES)

    board.private("ben", "reject R1 --reason 'not today'")
    board.settle()

    [card] = board.ws.messages(CHANGES)
    assert f"Rejected by <@{BEN}>" in card.words()
    assert "not today" in card.words()
    assert "was rejected" in board.private("chloe", "approve R1").text
    withdrawn = board.private("ana", "remove M12")
    board.press("ana", withdrawn, "Withdraw")
    board.settle()
    assert any("Taken back by" in m.words() for m in board.ws.messages(CHANGES))


def test_who_asked_is_told_once_what_became_of_it(board: Office) -> None:
    for line in (WEB, "remove Kiosk"):
        board.private("ana", line)
        board.settle()
    first, second = board.ws.messages(CHANGES)

    board.press("ben", first, "Approve")
    board.press("ben", second, "Reject")
    board.settle()
    board.door.look_after()

    told = sorted(m.text.splitlines()[0] for m in board.ws.messages("@ana"))
    assert [text.split(". ")[1] for text in told] == [
        f"Approved by Ben Okafor, done as C{last(board)}.",
        "Rejected by Ben Okafor.",
    ]
    rejected = [m for m in board.ws.messages(CHANGES) if "Rejected by" in m.words()]
    assert [m.ts for m in rejected] == [second.ts]  # its card says it, and nothing beside it


def last(board: Office) -> int:
    """The number of the newest change by anybody."""
    with board.house.store.read() as tables:
        return tables.changes.recent(1)[0].id


def test_the_same_approval_twice_is_done_once(board: Office) -> None:
    board.private("ana", WEB)
    board.settle()
    [card] = board.ws.messages(CHANGES)

    board.ws.faults.refuse("chat.update", "cant_update_message", times=9)  # it keeps its buttons
    acts = [board.press(who, card, "Approve") for who in ("ben", "chloe", "ben")]

    assert all(act.acknowledged for act in acts)
    board.settle()
    with board.house.store.read() as tables:
        adds = [c for c in tables.changes.recent(10) if c.kind == "add" and c.by == ANA]
    assert len(adds) == 1


def test_a_request_expires(house: House, way: str) -> None:
    start = house.now()
    moment = [start]
    house.now = lambda: moment[0]
    with office(house, way, approval=True, changes_channel=CHANGES_ID) as board:
        board.private("ana", WEB)
        board.settle()
        [card] = board.ws.messages(CHANGES)
        moment[0] = start + timedelta(hours=25)

        refused = board.press("ben", card, "Approve").reply()

        assert "has expired" in refused.text
        board.settle()
        [card] = board.ws.messages(CHANGES)
        assert "EXPIRED" in card.words()
        assert labels(card) == []


def test_broken_glass_goes_through_is_announced_and_waits_for_review(board: Office) -> None:
    assert "needs a reason" in board.private("ana", f"{WEB} --break-glass").text

    done = board.private("ana", f"{WEB} --reason fire --break-glass")
    board.settle()

    assert "is now mapped" in done.text
    card = board.ws.messages(CHANGES)[0]
    assert "went through with --break-glass" in card.text
    assert "fire" in card.words()
    assert labels(card) == ["Reviewed", "Undo"]
    waiting = board.private("ben", "pending")
    assert "1 change waits" in waiting.text
    assert "your own" in board.press("ana", card, "Reviewed").reply().text
    board.press("ben", card, "Reviewed")
    board.settle()
    assert "Nothing waits" in board.private("ben", "pending").text
    assert f"Reviewed by <@{BEN}>" in board.ws.messages(CHANGES)[0].words()


def test_a_request_that_cannot_be_posted_is_said_and_listed(house: House, way: str) -> None:
    with office(house, way, approval=True) as board:
        act = board.ws.slash("ana", ONCALL, f"/netmap {WEB}")
        board.settle()

        assert any("NETMAP_CHANGES_CHANNEL" in m.text for m in act.replies())
        assert "1 change waits" in board.private("ben", "pending").text
