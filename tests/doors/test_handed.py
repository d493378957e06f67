"""Files handed to the bot in a direct message."""

from collections.abc import Iterator

import pytest

from bot.wiring import House
from bot.workspace.nouns import Message
from tests.doors.office import ANA, BEN, CHANGES, CHANGES_ID, Office, labels, office

TABLE = (
    b"source_server,source,target_server,target,test\r\n"
    b"VMM-NewYork,Prod-Web,VMM-Chicago,DR-Web,\r\n"
)


@pytest.fixture
def place(way: str, house: House) -> Iterator[Office]:
    with office(house, way, editors=frozenset({ANA})) as opened:
        yield opened


@pytest.fixture
def board(way: str, house: House) -> Iterator[Office]:
    both = frozenset({ANA, BEN})
    with office(house, way, editors=both, approval=True, changes_channel=CHANGES_ID) as opened:
        yield opened


def hand(place: Office, user: str, name: str, data: bytes, text: str = "") -> Message:
    """Hand a file over; what the bot says."""
    return place.ws.upload(user, f"@{user_name(user)}", name, data, text).reply()


def user_name(user: str) -> str:
    return {ANA: "ana", BEN: "ben"}[user]


def mapped(place: Office) -> bool:
    reply = place.house.answer("show Prod-Web", "local:test")
    return bool(reply.result["mappings"])


def test_a_table_is_shown_first_and_taken_as_it_was_shown(place: Office) -> None:
    shown = hand(place, ANA, "maps.csv", TABLE)

    assert shown.text.startswith("Nothing is changed yet: 1 mapping would be added (maps.csv).")
    assert "SilverCloud2 cannot reach DR-Web: 2 VMs" in shown.text
    assert not mapped(place)

    done = place.press(ANA, shown, "Apply").reply()

    assert done.text.startswith("1 mapping is added (maps.csv).")
    assert labels(done) == ["Undo"]
    assert mapped(place)
    assert place.faults() == []


def test_the_word_apply_asks_for_it_at_once(place: Office) -> None:
    said = hand(place, ANA, "maps.csv", TABLE, "apply")

    assert said.text.startswith("1 mapping is added (maps.csv).")
    assert mapped(place)


def test_the_word_change_leads_networks_elsewhere(place: Office) -> None:
    elsewhere = TABLE.replace(b"DR-Web", b"DR-Old")
    hand(place, ANA, "maps.csv", TABLE, "apply")
    place.settle()  # the list of what it moved comes after it

    assert "is mapped to DR-Web already (M" in hand(place, ANA, "maps.csv", elsewhere).text
    assert "1 mapping would be changed" in hand(place, ANA, "maps.csv", elsewhere, "change").text


def test_what_was_shown_is_not_taken_when_it_is_another_thing_by_now(place: Office) -> None:
    two = TABLE + b"VMM-NewYork,VMNetwork2-NewYork,VMM-Chicago,VMNetwork2-Chicago,\r\n"
    shown = hand(place, ANA, "maps.csv", two)
    place.house.answer("add VMNetwork2-NewYork to VMNetwork2-Chicago", "local:bea")

    refused = place.press(ANA, shown, "Apply").reply()

    assert "maps.csv would not do what was shown any more, so nothing was done." in refused.text
    assert (
        "No longer: VMNetwork2-NewYork (VMM-NewYork) → VMNetwork2-Chicago (VMM-Chicago)"
        in refused.text
    )
    assert not mapped(place)


def test_that_only_the_test_network_was_to_change_is_told_as_that(place: Office) -> None:
    table = TABLE.split(b"\r\n")[0] + b"\r\nVMM-NewYork,Prod-App,VMM-Chicago,DR-App,Test-Bubble\r\n"
    shown = hand(place, ANA, "maps.csv", table, "change")
    place.house.answer("change Prod-App to DR-App --test Test-Bubble", "local:bea")

    refused = place.press(ANA, shown, "Apply").reply()

    assert (
        "No longer: Prod-App (VMM-NewYork) → DR-App (VMM-Chicago), test network Test-Bubble"
        " instead of none" in refused.text
    )


def test_more_lines_than_are_shown_come_as_a_file(place: Office) -> None:
    again = b"VMM-NewYork,Prod-Web,VMM-Chicago,DR-Web,\r\n" * 13

    said = hand(place, ANA, "maps.csv", TABLE + again)
    place.settle()

    assert said.text.startswith("Nothing is changed yet: 1 mapping would be added")
    [sent] = [m for m in place.ws.messages("@ana") if m.files and m.user != ANA]
    lines = place.ws.world.files[sent.files[0]["id"]].content.decode().splitlines()
    assert lines[1] == "line 2,Prod-Web,DR-Web,added,"
    assert lines[2] == "line 3,Prod-Web,DR-Web,present,as in line 2."
    assert len(lines) == 15


# Where another person has to agree


def test_a_table_becomes_one_request_that_another_person_approves(board: Office) -> None:
    shown = hand(board, ANA, "maps.csv", TABLE)
    asked = board.press(ANA, shown, "Apply").reply()
    board.settle()

    assert asked.text.startswith("Another person has to approve it, nothing is changed yet: 1 map")
    assert labels(asked) == ["Withdraw"]
    [card] = board.ws.messages(CHANGES)
    assert "asks to map Prod-Web (VMM-NewYork) to DR-Web (VMM-Chicago)" in card.text
    assert "Asked with the file maps.csv" in card.text
    assert not mapped(board)

    assert labels(card) == ["Approve", "Reject", "Preview"]
    assert "is your own" in board.private("ana", "approve R1").text
    seen = board.private("ben", "approve R1 --dry-run")
    assert seen.text.startswith("Dry run, nothing is changed: 1 mapping would be added (maps.csv).")
    assert not mapped(board)

    done = board.private("ben", "approve R1")
    board.settle()

    assert done.text.startswith("1 mapping is added (maps.csv).")
    assert mapped(board)
    [card] = board.ws.messages(CHANGES)[:1]
    assert "Approved by" in card.text
    history = board.house.answer("history Prod-Web", "local:test").result["changes"][0]
    assert (history["by"], history["text"]) == (ANA, "1 mapping from maps.csv")
    assert board.faults() == []


def test_with_the_word_apply_it_is_a_request_at_once(board: Office) -> None:
    asked = hand(board, ANA, "maps.csv", TABLE, "apply")

    assert asked.text.startswith("Another person has to approve it")
    assert not mapped(board)
    assert board.private("ben", "approve R1").text.startswith("1 mapping is added (maps.csv).")


def test_a_request_whose_lines_fit_no_longer_is_refused_whole(board: Office) -> None:
    two = TABLE + b"VMM-NewYork,VMNetwork2-NewYork,VMM-Chicago,VMNetwork2-Chicago,\r\n"
    hand(board, ANA, "maps.csv", two, "apply")
    glass = "--reason fire --break-glass"
    board.house.answer(f"add VMNetwork2-NewYork to DR-Old {glass}", "local:bea")

    refused = board.private("ben", "approve R1")

    assert "line 3: VMNetwork2-NewYork is mapped to DR-Old already" in refused.text
    assert not mapped(board)


def test_a_request_of_a_file_that_was_taken_back_is_not_done(board: Office) -> None:
    hand(board, ANA, "maps.csv", TABLE, "apply")
    board.private("ana", "reject R1")

    assert "R1 was rejected" in board.private("ben", "approve R1").text
    assert not mapped(board)


def test_matching_names_become_one_request_too(board: Office) -> None:
    board.house.answer("add Prod-Web to DR-Web --reason fire --break-glass", "local:bea")
    shown = board.private("ana", "match VMM-NewYork to VMM-Chicago")
    asked = board.press(ANA, shown, "Apply").reply()

    assert asked.text.startswith("Another person has to approve it, nothing is changed yet: ")
    done = board.private("ben", "approve R2")

    assert "mappings are added (VMM-NewYork and VMM-Chicago)" in done.text
    assert board.house.answer("show Prod-DB", "local:test").result["mappings"]


BOSTON = (
    (
        "Get-SCVMMServer.json",
        b'{"ems": {"Guid": "7"}, "clusters": [], "ServerConnection": {"FQDN": "bos.example.org"}}',
    ),
    (
        "Get-SCVMNetwork.json",
        b'[{"ID": "1", "Name": "front", "IsolationType": "NoIsolation", "VMSubnet": []}]',
    ),
)


def test_what_belongs_together_is_taken_from_one_message(place: Office) -> None:
    said = place.ws.upload_all(ANA, "@ana", BOSTON).reply()

    assert "1 network" in said.text
    servers = place.house.answer("servers", "local:test").result["servers"]
    assert "bos" in [server["name"] for server in servers]
    assert place.faults() == []


def test_files_of_several_kinds_are_taken_one_after_the_other(place: Office) -> None:
    said = place.ws.upload_all(ANA, "@ana", [("maps.csv", TABLE), BOSTON[1]]).reply()

    assert said.text.startswith("maps.csv and Get-SCVMNetwork.json are of two kinds.")
    assert not mapped(place)


def test_a_reader_hands_in_nothing(place: Office) -> None:
    said = hand(place, BEN, "maps.csv", TABLE, "apply")

    assert "Only an editor may hand in files" in said.text
    assert not mapped(place)


def test_what_is_no_inventory_is_said_so_by_its_own_name(place: Office) -> None:
    said = hand(place, ANA, "holiday.txt", b"We went to the sea.\n")

    assert "holiday.txt" in said.text
