"""With NETMAP_APPROVAL=on, every way of changing the mapping table passes the same gate."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.slack.door import Door
from bot.wiring import House
from bot.wiring.taking import import_files
from tests.doors.office import ANA, BEN, CHANGES, CHANGES_ID, ONCALL, Clock, Office, labels, office

WEB = "add Prod-Web to DR-Web"
FIRE = "--reason fire --break-glass"
TABLE = "source_server,source,target_server,target\r\nVMM-NewYork,Prod-Web,VMM-Chicago,DR-Web\r\n"


@pytest.fixture
def board(way: str, house: House, clock: Clock) -> Iterator[Office]:
    with office(house, way, approval=True, changes_channel=CHANGES_ID) as made:
        yield made
        assert made.faults() == []


def last(house: House) -> int:
    """The number of the newest change."""
    with house.store.read() as tables:
        return tables.changes.last()


def plan_of(house: House) -> str:
    return str(house.answer("plan", "local:test").result["fingerprint"])


def proposal_of(house: House) -> str:
    found = house.answer("match VMM-NewYork to VMM-Chicago", "local:test")
    return str(found.result["fingerprint"])


def lines(house: House) -> dict[str, str]:
    """A line for every command that changes the mapping table or reconnects."""
    return {
        "add": WEB,
        "change": "change Kiosk to DR-Print",
        "remove": "remove Kiosk",
        "undo": "undo C48",
        "adopt": "adopt DR-Reports",
        "apply": f"apply {plan_of(house)}",
        "match": f"match VMM-NewYork to VMM-Chicago --apply {proposal_of(house)}",
    }


WRITES = ["add", "change", "remove", "undo", "adopt", "apply", "match"]


@pytest.mark.parametrize("name", WRITES)
def test_each_waits_for_another_person_and_is_done_when_approved(board: Office, name: str) -> None:
    line, before = lines(board.house)[name], last(board.house)

    asked = board.private("ana", line)
    board.settle()

    assert asked.text.startswith("Another person has to approve it, nothing is changed yet: ")
    assert last(board.house) == before
    [card] = board.ws.messages(CHANGES)
    assert labels(card)[:2] == ["Approve", "Reject"]
    board.press("ben", card, "Approve")
    board.settle()
    assert last(board.house) > before
    with board.house.store.read() as tables:
        assert tables.changes.recent(1)[0].by == ANA
    assert f"Approved by <@{BEN}>" in board.ws.messages(CHANGES)[0].words()


@pytest.mark.parametrize("name", WRITES)
def test_each_goes_through_with_broken_glass_and_waits_for_review(board: Office, name: str) -> None:
    before = last(board.house)

    board.private("ana", f"{lines(board.house)[name]} {FIRE}")
    board.settle()

    assert last(board.house) > before
    [card] = board.ws.messages(CHANGES)
    assert "went through with --break-glass" in card.text
    with board.house.store.read() as tables:
        assert tables.changes.recent(1)[0].reason == "fire"


@pytest.mark.parametrize("name", WRITES)
def test_none_is_done_from_the_machine_itself_either(board: Office, name: str) -> None:
    before = last(board.house)

    said = board.house.answer(lines(board.house)[name], "local:operator")

    assert said.text.startswith("Another person has to approve it")
    assert last(board.house) == before


def test_a_table_from_the_machine_waits_too_unless_the_glass_is_broken(
    board: Office, tmp_path: Path
) -> None:
    path = tmp_path / "maps.csv"
    path.write_text(TABLE, encoding="utf-8")
    before = last(board.house)

    asked = import_files(board.house, [path], "local:operator", gate=board.house.gate())
    assert asked.text.startswith("Another person has to approve it")
    assert last(board.house) == before

    glass = board.house.gate("fire", glass=True)
    import_files(board.house, [path], "local:operator", gate=glass)
    assert last(board.house) > before


def test_what_was_asked_for_elsewhere_is_shown_where_it_can_be_approved(board: Office) -> None:
    board.house.answer(WEB, "local:operator")
    assert board.ws.messages(CHANGES) == []

    for _ in range(3):
        board.door.look_after()

    [card] = board.ws.messages(CHANGES)
    assert "operator asks to map Prod-Web" in card.text
    board.press("ben", card, "Approve")
    board.settle()
    with board.house.store.read() as tables:
        assert tables.changes.recent(1)[0].by == "local:operator"


def test_a_card_that_a_stop_left_unposted_is_posted_later_and_once(
    board: Office, clock: Clock
) -> None:
    board.ws.faults.refuse("chat.postMessage", "cant_post", times=1)
    board.private("ana", WEB)
    board.settle()
    board.door.look_after()
    assert board.ws.messages(CHANGES) == []  # its own worker may be about to show it

    clock.at += timedelta(minutes=2)
    for _ in range(3):
        board.door.look_after()

    assert len(board.ws.messages(CHANGES)) == 1


def test_what_was_decided_elsewhere_is_shown_on_its_card(board: Office) -> None:
    board.private("ana", WEB)
    board.settle()
    board.door.look_after()

    board.house.answer("reject R1 --reason 'not today'", "local:operator")
    board.door.look_after()

    [card] = board.ws.messages(CHANGES)
    assert "Rejected by operator" in card.words()
    assert labels(card) == []


def test_what_was_decided_while_the_bot_was_down_is_shown_and_told_once(
    board: Office, way: str
) -> None:
    board.private("ana", WEB)
    board.settle()
    board.door.close()
    board.house.answer("reject R1 --reason 'not today'", "local:operator")

    for _ in range(2):
        door = Door(board.house.settings, board.house.answer, board.house.now, house=board.house)
        door.look_after()
        door.look_after()
        door.close()

    [card] = board.ws.messages(CHANGES)
    assert "Rejected by operator" in card.words()
    assert labels(card) == []
    [told] = board.ws.messages("@ana")
    assert "Rejected by operator" in told.words()


def test_a_card_that_slack_did_not_let_us_edit_is_edited_later(board: Office, clock: Clock) -> None:
    board.private("ana", WEB)
    board.settle()
    board.ws.faults.refuse("chat.update", "cant_update_message", times=2)
    board.house.answer("reject R1", "local:operator")

    for _ in range(3):
        board.door.look_after()
        clock.at += timedelta(minutes=11)

    [card] = board.ws.messages(CHANGES)
    assert "Rejected by operator" in card.words()
    assert len(board.ws.messages("@ana")) == 1


def test_what_was_asked_for_in_slack_is_not_approved_at_the_machine(board: Office) -> None:
    board.private("ana", WEB)
    board.settle()

    said = board.house.answer("approve R1", "local:ana")

    assert "was asked for in Slack, where it is known who is who" in said.text
    assert "Prod-Web" not in str(board.house.answer("list Prod-Web", "local:ana").result["mapped"])


def test_a_plan_that_is_another_one_by_now_is_not_approved(board: Office) -> None:
    board.private("ana", f"apply {plan_of(board.house)}")
    board.settle()
    board.house.answer(f"change Prod-App to DR-Old {FIRE}", "local:operator")
    [card] = [m for m in board.ws.messages(CHANGES) if "carry out a plan" in m.text]

    refused = board.press("ben", card, "Approve").reply()

    assert "is not the plan any more" in refused.text


def test_without_approval_a_plan_that_was_shown_is_done_at_once(house: House, way: str) -> None:
    with office(house, way, preview_over=0) as desk:
        done = desk.private("ana", f"apply {plan_of(house)}")
        assert done.text.startswith("The plan is carried out.")

        done = desk.private("ana", lines(house)["match"])
        assert "Nothing is changed yet" not in done.text
        assert desk.ws.messages(ONCALL) != []
