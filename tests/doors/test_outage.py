"""Slack goes away while a change is made: what it came to is told once Slack is back."""

import csv
import io
from datetime import timedelta

import pytest

from bot.slack.door import Door
from bot.slack.payloads import Address
from bot.wiring import House
from tests.doors.office import ANA, BEN, CHANGES_ID, ONCALL, Clock, Office, office
from tests.doors.test_forms import press_ok
from tests.doors.test_progress import WIDE, Slow, bars, wide_form, with_applier

ALL = (
    "chat.update",
    "chat.postMessage",
    "chat.postEphemeral",
    "conversations.open",
    "files.getUploadURLExternal",
    "response_url",
    "views.update",
)
NARROW = "change Prod-CRM to DR-Old"
LATE = "told late: Slack did not take it then"


def goes(desk: Office) -> None:
    """Slack fails whatever is asked."""
    for method in ALL:
        desk.ws.faults.broken(method, times=100)


def comes_back(desk: Office, clock: Clock) -> None:
    """Slack answers again, and the bot has its next look."""
    for method in ALL:
        while desk.ws.faults.take(method):
            pass
    clock.at += timedelta(minutes=20)
    desk.door.look_after()
    desk.settle()


def told(desk: Office, where: str = ONCALL) -> list[str]:
    return [m.text for m in desk.ws.messages(where) if "is now mapped to DR-Old" in m.text]


def test_what_says_how_far_it_is_becomes_the_answer_after_an_outage(
    house: House, way: str, clock: Clock
) -> None:
    slow = with_applier(house, Slow(first=8))
    with office(house, way, preview_over=100) as desk:
        desk.ws.slash("ana", ONCALL, f"/netmap {WIDE}")
        assert slow.waiting.wait(120)
        [bar] = bars(desk)

        goes(desk)
        slow.go_on.set()
        desk.settle()
        assert bars(desk) == [bar]
        comes_back(desk, clock)

        assert bars(desk) == []
        [answer] = told(desk)
        assert LATE in answer
        [file] = desk.ws.world.files.values()
        assert len(list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))) == 21
        desk.door.look_after()
        assert len(told(desk)) == 1


def test_no_message_says_for_ever_how_far_it_was_although_the_answer_stands_elsewhere(
    house: House, way: str, clock: Clock
) -> None:
    slow = with_applier(house, Slow(first=8))
    with office(house, way, preview_over=100) as desk:
        desk.ws.slash("ana", ONCALL, f"/netmap {WIDE}")
        assert slow.waiting.wait(120)
        desk.ws.faults.broken("chat.update", times=100)
        slow.go_on.set()
        desk.settle()
        comes_back(desk, clock)

        assert bars(desk) == []
        assert len(told(desk)) == 1


def test_slack_being_slow_does_not_hold_up_what_is_reconnected(
    house: House, way: str, clock: Clock
) -> None:
    """To say how far it is takes ten seconds each time, an adapter one."""
    said: list[str] = []

    def slowly(text: str) -> None:
        said.append(text)
        clock.at += timedelta(seconds=10)

    with office(house, way) as desk:
        rooms = desk.door.conversation.rooms
        assert rooms is not None
        progress = rooms.after.progress(Address(ANA, desk.ws.channel(ONCALL).id), also=slowly)

        for nth in range(1, 201):
            clock.at += timedelta(seconds=1)
            progress("reconnecting C1", nth, 200)

        assert said == ["C1: reconnecting, 1 of 200 adapters done, none failed."]


@pytest.mark.parametrize("where", ["line", "mention", "direct", "form"])
def test_a_change_is_told_once_slack_is_back_however_it_was_asked_for(
    house: House, way: str, clock: Clock, where: str
) -> None:
    with office(house, way, preview_over=100) as desk:
        view = wide_form(desk) if where == "form" else None
        desk.private("ana", "whoami")  # who she is, is known
        goes(desk)
        match where:
            case "line":
                desk.ws.slash("ana", ONCALL, f"/netmap {WIDE}")
            case "mention":
                desk.ws.mention("ana", ONCALL, WIDE)
            case "direct":
                desk.ws.dm("ana", WIDE)
            case "form":
                assert view is not None
                press_ok(desk, "ana", view)
        desk.settle()
        comes_back(desk, clock)

        [answer] = told(desk, "@ana" if where == "direct" else ONCALL)
        assert LATE in answer


@pytest.mark.parametrize("line", ["approve R1", "reject R1"])
def test_who_asked_is_told_what_was_decided_while_slack_was_away(
    house: House, way: str, clock: Clock, line: str
) -> None:
    with office(house, way, approval=True, changes_channel=CHANGES_ID) as desk:
        desk.private("ana", "add Prod-Web to DR-Web")
        desk.settle()
        goes(desk)
        rooms = desk.door.conversation.rooms
        assert rooms is not None
        assert rooms.desk.answer(line, BEN).ok
        desk.door.look_after()
        assert desk.ws.messages("@ana") == []
        comes_back(desk, clock)

        [told] = desk.ws.messages("@ana")
        assert told.text.startswith("R1")
        assert LATE in told.text


def test_where_slack_stays_away_it_is_tried_for_a_day(house: House, way: str, clock: Clock) -> None:
    with office(house, way, preview_over=100) as desk:
        desk.private("ana", "whoami")
        goes(desk)
        desk.ws.slash("ana", ONCALL, f"/netmap {NARROW}")
        desk.settle()
        for _ in range(3):
            clock.at += timedelta(hours=9)
            desk.door.look_after()
        with house.store.read() as tables:
            assert tables.answers.due(clock.at + timedelta(days=9)) is None


def test_another_process_tells_what_one_that_died_could_not(
    house: House, way: str, clock: Clock
) -> None:
    slow = with_applier(house, Slow(first=8))
    with office(house, way, preview_over=100) as desk:
        desk.ws.slash("ana", ONCALL, f"/netmap {WIDE}")
        assert slow.waiting.wait(120)
        goes(desk)
        slow.go_on.set()
        desk.settle()

        restarted = Door(house.settings, house.answer, house.now, house=house)
        for method in ALL:
            while desk.ws.faults.take(method):
                pass
        restarted.resume()
        clock.at += timedelta(hours=2)
        restarted.look_after()
        restarted.close()

        assert len(told(desk)) == 1
        lost = [m.text for m in desk.ws.messages("@ana")]
        assert lost == [
            "The file netmap-C54.csv was lost before Slack took it. What it lists was done all"
            " the same."
        ]


def test_a_kill_before_it_was_told_is_told_by_the_next_start(
    house: House, way: str, clock: Clock
) -> None:
    with office(house, way, preview_over=100) as desk:
        slow = with_applier(house, Slow(first=100))
        rooms = desk.door.conversation.rooms
        assert rooms is not None
        rooms.desk.answer(WIDE, ANA, desk.ws.channel(ONCALL).id)  # and nobody brings the answer
        assert len(slow.done) == 16

        restarted = Door(house.settings, house.answer, house.now, house=house)
        restarted.resume()
        restarted.pool.wait_idle(120)
        restarted.resume()
        restarted.close()

        assert len(slow.done) == 16
        [answer] = told(desk)
        assert "16 replica VMs reconnected" in answer
        with house.store.read() as tables:
            assert tables.requests.owed() == []
