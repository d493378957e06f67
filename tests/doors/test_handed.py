"""Files handed to the bot in a direct message."""

from collections.abc import Iterator

import pytest

from bot.wiring import House
from tests.doors.office import ANA, BEN, Office, office

TABLE = (
    b"source_server,source,target_server,target,test\r\n"
    b"VMM-NewYork,Prod-Web,VMM-Chicago,DR-Web,\r\n"
)


@pytest.fixture(params=["socket", "http"])
def place(request: pytest.FixtureRequest, house: House) -> Iterator[Office]:
    with office(house, request.param, editors=frozenset({ANA})) as opened:
        yield opened


def hand(place: Office, user: str, name: str, data: bytes, text: str = "") -> str:
    """Hand a file over; what the bot says."""
    act = place.ws.upload(user, f"@{user_name(user)}", name, data, text)
    return act.reply().text


def user_name(user: str) -> str:
    return {ANA: "ana", BEN: "ben"}[user]


def mapped(place: Office) -> bool:
    reply = place.house.answer("show Prod-Web", "local:test")
    return bool(reply.result["mappings"])


def test_a_table_is_shown_first_and_taken_with_the_word_for_it(place: Office) -> None:
    shown = hand(place, ANA, "maps.csv", TABLE)

    assert "send the file again with the word apply" in shown
    assert not mapped(place)

    hand(place, ANA, "maps.csv", TABLE, "apply")

    assert mapped(place)
    assert place.faults() == []


def test_a_reader_hands_in_nothing(place: Office) -> None:
    said = hand(place, BEN, "maps.csv", TABLE, "apply")

    assert "Only an editor may hand in files" in said
    assert not mapped(place)


def test_what_is_no_inventory_is_said_so_by_its_own_name(place: Office) -> None:
    said = hand(place, ANA, "holiday.txt", b"We went to the sea.\n")

    assert "holiday.txt" in said
