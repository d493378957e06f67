"""What is seen to by the clock: Homes that an import made old, requests that nobody approved."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from bot.slack.desk import CLAIM
from bot.slack.door import Door
from bot.wiring import House
from bot.workspace.nouns import View
from tests.doors.office import ANA, CHANGES, CHANGES_ID, Clock, Office, labels, office

WEB = "add Prod-Web to DR-Web"


@pytest.fixture
def desk(way: str, house: House, clock: Clock) -> Iterator[Office]:
    with office(house, way, approval=True, changes_channel=CHANGES_ID) as made:
        yield made
        assert made.faults() == []


def home(desk: Office, user: str) -> View:
    """Open it and wait until it is drawn."""
    desk.ws.open_home(user)
    found = desk.ws.wait_for(lambda: desk.ws.home(user))
    desk.settle()
    return found


def drawn(desk: Office) -> int:
    return len(desk.ws.calls_of("views.publish"))


def looked(desk: Office) -> None:
    """What the job does, and what comes of it."""
    desk.door.look_after()
    desk.settle()


def test_a_home_is_drawn_again_when_another_program_wrote_into_the_store(
    desk: Office,
) -> None:
    home(desk, "ana")
    looked(desk)
    before = drawn(desk)
    looked(desk)
    assert drawn(desk) == before

    desk.house.answer(f"{WEB} --reason fire --break-glass", "local:elsewhere")
    looked(desk)

    found = desk.ws.home("ana")
    assert found is not None
    assert "mapped Prod-Web (VMM-NewYork) to DR-Web (VMM-Chicago)" in found.words()
    assert drawn(desk) == before + 1


def test_a_home_is_drawn_again_when_an_inventory_grows_too_old(desk: Office, clock: Clock) -> None:
    old = home(desk, "ana").words().count("TOO OLD")
    with desk.house.store.read() as tables:
        last = max(one.collected_at for one in tables.estate().servers.values())
    clock.at = last + timedelta(hours=23, minutes=55)
    assert home(desk, "ana").words().count("TOO OLD") == old
    clock.at += timedelta(minutes=10)

    looked(desk)

    found = desk.ws.home("ana")
    assert found is not None
    assert found.words().count("TOO OLD") > old


def test_homes_opened_long_ago_are_left_alone(desk: Office, clock: Clock) -> None:
    home(desk, "ana")
    clock.at += timedelta(hours=2)
    before = drawn(desk)

    desk.house.answer(f"{WEB} --reason fire --break-glass", "local:elsewhere")
    looked(desk)

    assert drawn(desk) == before


def test_no_more_than_sixty_are_drawn_in_a_minute_and_the_rest_later(
    desk: Office, clock: Clock
) -> None:
    for user in ("ana", "ben", "chloe"):
        home(desk, user)
    before = drawn(desk)
    for nth in range(40):
        desk.house.answer(f"ack F{nth % 9 + 1} --reason {nth}", "local:elsewhere")
        looked(desk)
    assert drawn(desk) == before + 60

    clock.at += timedelta(seconds=61)
    looked(desk)

    assert drawn(desk) == before + 63
    looked(desk)
    assert drawn(desk) == before + 63


def test_a_home_that_slack_does_not_take_now_is_drawn_at_the_next_look(desk: Office) -> None:
    home(desk, "ana")
    looked(desk)
    desk.ws.faults.refuse("views.publish", "ratelimited", times=1)
    desk.house.answer(f"{WEB} --reason fire --break-glass", "local:elsewhere")
    looked(desk)
    assert "mapped Prod-Web" not in desk.ws.home("ana").words()  # type: ignore[union-attr]

    looked(desk)

    assert "mapped Prod-Web" in desk.ws.home("ana").words()  # type: ignore[union-attr]


def test_an_expired_request_says_so_by_itself_and_who_asked_is_told_once(
    desk: Office, clock: Clock
) -> None:
    desk.private("ana", WEB)
    desk.settle()
    clock.at += timedelta(hours=23)
    looked(desk)
    assert labels(desk.ws.messages(CHANGES)[0]) == ["Approve", "Reject", "Preview"]

    clock.at += timedelta(hours=2)
    for _ in range(3):
        looked(desk)

    [card] = desk.ws.messages(CHANGES)
    assert "EXPIRED" in card.words()
    assert labels(card) == []
    [told] = desk.ws.messages("@ana")
    assert told.text.startswith("R1 has EXPIRED, nothing was changed")
    assert labels(told) == ["Ask again"]
    assert "Nothing waits" in desk.private("ben", "pending").text
    assert "has expired" in desk.private("ben", "approve R1").text

    desk.press("ana", told, "Ask again")
    desk.settle()
    assert len(desk.ws.messages(CHANGES)) == 2
    assert f"<@{ANA}> asks to map Prod-Web" in desk.ws.messages(CHANGES)[1].words()


def test_a_card_that_slack_does_not_take_now_is_edited_at_the_next_look(
    desk: Office, clock: Clock
) -> None:
    desk.private("ana", WEB)
    desk.settle()
    clock.at += timedelta(hours=24, minutes=1)
    desk.ws.faults.refuse("chat.update", "cant_update_message", times=1)
    looked(desk)
    assert desk.ws.messages("@ana") == []

    looked(desk)

    assert "EXPIRED" in desk.ws.messages(CHANGES)[0].words()
    assert len(desk.ws.messages("@ana")) == 1


def test_a_card_that_was_deleted_does_not_keep_who_asked_from_being_told(
    desk: Office, clock: Clock
) -> None:
    desk.private("ana", WEB)
    desk.settle()
    clock.at += timedelta(hours=25, minutes=1)
    desk.ws.faults.refuse("chat.update", "message_not_found", times=9)

    for _ in range(3):
        looked(desk)

    assert len(desk.ws.messages("@ana")) == 1


def test_what_was_only_looked_at_is_forgotten_without_a_word(
    house: House, way: str, clock: Clock
) -> None:
    with office(house, way, preview_over=5) as desk:
        desk.private("ana", WEB)
        clock.at += timedelta(hours=25)

        looked(desk)

        assert desk.ws.messages("@ana") == []
        with house.store.read() as tables:
            found = tables.requests.get(1)
            assert found is not None
            assert (found.state, tables.requests.moves(1)) == ("expired", set())
        assert "has expired" in desk.private("ana", "apply R1").text


def test_an_expired_file_is_to_be_handed_in_again(desk: Office, clock: Clock) -> None:
    table = b"source_server,source,target\r\nVMM-NewYork,Prod-Web,DR-Web\r\n"
    desk.ws.upload("ana", "@ana", "maps.csv", table, "apply").reply()
    desk.settle()

    clock.at += timedelta(hours=25)
    looked(desk)

    told = desk.ws.messages("@ana")[-1]
    assert "To ask again, hand maps.csv in once more." in told.text
    assert labels(told) == []
    assert "Hand the file in again." in desk.private("ben", "approve R1").text


@contextmanager
def beside(desk: Office) -> Iterator[Door]:
    """Another bot on the same database and in the same workspace."""
    house = House(desk.house.settings, now=desk.house.now)
    door = Door(house.settings, house.answer, house.now, house=house)
    try:
        yield door
    finally:
        door.close()
        house.close()


def test_of_two_bots_on_one_database_one_posts_a_card(desk: Office) -> None:
    desk.house.answer(WEB, "local:somebody")
    desk.ws.faults.slow("chat.postMessage", 0.5, times=2)  # so that neither finds it posted

    with beside(desk) as other:
        looks = [threading.Thread(target=door.look_after) for door in (desk.door, other)]
        for look in looks:
            look.start()
        for look in looks:
            look.join()
        other.look_after()

    looked(desk)
    [card] = desk.ws.messages(CHANGES)
    assert labels(card) == ["Approve", "Reject", "Preview"]


def test_a_card_that_a_bot_died_over_is_posted_by_the_next_that_looks(
    desk: Office, clock: Clock
) -> None:
    desk.house.answer(WEB, "local:somebody")
    with beside(desk) as other:
        rooms = other.conversation.rooms
        assert rooms is not None
        assert rooms.desk.claim(rooms.desk.waiting()[0])  # and that is the last of it

    looked(desk)
    assert desk.ws.messages(CHANGES) == []
    clock.at += CLAIM
    looked(desk)

    [card] = desk.ws.messages(CHANGES)
    assert labels(card) == ["Approve", "Reject", "Preview"]
    desk.private("ben", "approve R1 --dry-run")
    looked(desk)
    assert len(desk.ws.messages(CHANGES)) == 1
