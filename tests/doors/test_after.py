"""What follows an answer is the same whichever door it went through."""

from collections.abc import Callable, Iterator

import pytest

from bot.slack.after import UNSHOWN
from bot.wiring import House
from tests.doors.office import CHANGES, ONCALL, Office, office
from tests.doors.test_forms import choose, choose_servers, press_ok

WEB = "add Prod-Web to DR-Web"
TABLE = (
    b"source_server,source,target_server,target,test\r\n"
    b"VMM-NewYork,Prod-Web,VMM-Chicago,DR-Web,\r\n"
)


@pytest.fixture
def nowhere(way: str, house: House) -> Iterator[Office]:
    """Changes have to be approved, and no channel is named where."""
    with office(house, way, approval=True) as made:
        yield made
        assert made.faults() == []


def typed(desk: Office) -> None:
    desk.ws.slash("ana", ONCALL, f"/netmap {WEB}")


def mentioned(desk: Office) -> None:
    desk.ws.mention("ana", ONCALL, WEB)


def filled_in(desk: Office) -> None:
    choose_servers(desk)
    choose(desk, "ana", "source", "Prod-Web")
    view = choose(desk, "ana", "target", "DR-Web")
    press_ok(desk, "ana", view)


def handed(desk: Office) -> None:
    desk.ws.upload("ana", "@ana", "maps.csv", TABLE, "apply")


def told(desk: Office, user: str) -> list[str]:
    """What somebody was told in private of requests that are not shown."""
    direct = f"@{user}"
    where = [one for at in (ONCALL, CHANGES, direct) for one in desk.ws.ephemerals(user, at)]
    where += desk.ws.messages(direct)
    return [one.text for one in where if "where changes are approved" in one.text]


@pytest.mark.parametrize("ask", [typed, mentioned, filled_in, handed])
def test_a_request_that_cannot_be_posted_is_said_at_every_door(
    nowhere: Office, ask: Callable[[Office], None]
) -> None:
    ask(nowhere)
    nowhere.settle()

    assert told(nowhere, "ana") == [UNSHOWN.format("R1")]
    assert "1 change waits" in nowhere.private("ben", "pending").text


@pytest.mark.parametrize("way_in", ["pressed", "typed"])
def test_a_card_that_cannot_be_edited_is_said_at_every_door(board: Office, way_in: str) -> None:
    board.private("ana", WEB)
    board.settle()
    [card] = board.ws.messages(CHANGES)
    board.ws.faults.refuse("chat.update", "cant_update_message", times=9)

    if way_in == "pressed":
        board.press("ben", card, "Approve")
    else:
        board.ws.slash("ben", ONCALL, "/netmap approve R1")
    board.settle()

    assert told(board, "ben") == [UNSHOWN.format("R1")]


def test_a_refusal_names_the_request_whose_card_cannot_be_edited(board: Office) -> None:
    board.private("ana", WEB)
    board.settle()
    board.ws.faults.refuse("chat.update", "cant_update_message", times=9)

    board.private("ana", "approve R1")
    board.settle()

    assert told(board, "ana") == [UNSHOWN.format("R1")]
