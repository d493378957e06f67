"""What must hold under load, under repetition, and when Slack refuses."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from bot.domain.estate import Server
from bot.domain.orders import Receipt
from bot.domain.placements import Move
from bot.slack.door import Door
from bot.wiring import House
from tests.doors.bench import HELD_S
from tests.doors.office import ANA, ONCALL, Office, office
from tests.doors.office import CHANGES as BOARD
from tests.doors.test_forms import choose, choose_servers, press_ok
from tests.doors.test_holding import WEB

CHANGES = [
    "change Kiosk to DR-Print",
    "change Print to DR-Kiosk",
    "change Backup to DR-Batch",
    "change Batch to DR-Backup",
    "change DMZ to DR-Dev",
]


class Stuck:
    """An applier that does not come back until it is let go."""

    name = "stuck"
    takes_time = False

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.inside = threading.Semaphore(0)
        self.ended = 0

    def reaches(self, server: Server) -> bool:
        return server.simulated

    def apply(self, server: Server, moves: Iterable[Move]) -> Iterator[Receipt]:
        self.inside.release()
        self.go_on.wait(HELD_S)
        self.ended += 1
        yield from map(Receipt, moves)


@pytest.fixture
def desk(way: str, house: House) -> Iterator[Office]:
    with office(house, way, preview_over=100) as made:
        yield made
        assert made.faults() == []


MORE = [("vm web01", "list", "help", "drift", "add")[n % 5] for n in range(50)]


@pytest.fixture
def stuck(desk: Office) -> Iterator[Stuck]:
    """Five changes under way, none of which ends before it is let go."""
    made = Stuck()
    desk.house.ports = replace(desk.house.ports, appliers=(made,))
    acts = [desk.ws.slash("ana", ONCALL, f"/netmap {line}") for line in CHANGES]
    for _ in CHANGES:
        assert made.inside.acquire(timeout=120)
    assert sum(act.acknowledged for act in acts) == 5

    yield made

    made.go_on.set()
    desk.settle()
    said = [m.text for m in desk.ws.messages(ONCALL)]
    assert sum("is now mapped to" in text for text in said) == 5


def test_with_five_slow_operations_fifty_more_commands_are_acknowledged(
    desk: Office, stuck: Stuck
) -> None:
    more = [desk.ws.slash("ben", ONCALL, f"/netmap {line}") for line in MORE]

    assert sum(act.acknowledged for act in more) == 50
    assert stuck.ended == 0


@pytest.mark.parametrize("close", [True, False], ids=["closes at once", "warns, stays open"])
def test_fifty_commands_amid_renewed_sockets_are_answered_before_any_slow_one_ends(
    desk: Office, stuck: Stuck, way: str, close: bool
) -> None:
    desk.ws.clock.hold()  # what counts is the order, however slow the machine is
    acts = []
    for nth, line in enumerate(MORE):
        if way == "socket" and nth in (15, 35):
            desk.ws.faults.refresh_sockets(close=close, which=0)
        acts.append(desk.ws.slash("ben", ONCALL, f"/netmap {line}", wait=False))

    for act, line in zip(acts, MORE, strict=True):
        act.wait()
        assert act.acknowledged, act.error
        if line != "add":  # which opens a form
            assert act.reply().text
    forms = MORE.count("add")
    desk.ws.wait_for(lambda: len(desk.ws.calls_of("views.open")) == forms or None)
    assert stuck.ended == 0


def test_a_change_by_mention_that_is_delivered_again_is_made_once(desk: Office) -> None:
    act = desk.ws.mention("ana", ONCALL, "change Kiosk to DR-Print")
    act.reply()
    desk.settle()
    assert act.delivery is not None
    restarted = Door(desk.house.settings, desk.house.answer, desk.house.now, house=desk.house)

    restarted.conversation.words(act.delivery.payload)

    assert restarted.pool.wait_idle(120)
    restarted.close()
    with desk.house.store.read() as tables:
        mine = [c for c in tables.changes.recent(10) if c.by == ANA]
    assert len(mine) == 1


def test_a_command_that_is_delivered_again_is_done_once(board: Office) -> None:
    act = board.ws.slash("ana", ONCALL, f"/netmap {WEB}")
    assert act.delivery is not None

    board.door.conversation.command(act.delivery.payload)

    board.settle()
    assert len(board.ws.messages(BOARD)) == 1
    assert len(act.replies()) == 1


def test_a_form_that_is_submitted_again_is_done_once(board: Office) -> None:
    choose_servers(board)
    choose(board, "ana", "source", "Prod-Web")
    act = press_ok(board, "ana", choose(board, "ana", "target", "DR-Web"))
    assert act.delivery is not None

    again = board.door.conversation.submitted(act.delivery.payload)

    assert again == {}
    board.settle()
    assert len(board.ws.messages(BOARD)) == 1


def test_what_waits_already_is_not_asked_for_twice(board: Office) -> None:
    board.ws.faults.slow("chat.postMessage", 0.5)  # the second comes while the first is posted

    first, again = board.private("ana", WEB), board.private("ana", WEB)
    other = board.private("ben", WEB)

    assert ["R1" in said.words() for said in (first, again, other)] == [True, True, False]
    board.settle()
    assert len(board.ws.messages(BOARD)) == 2


def test_a_rate_limit_of_updates_is_waited_out_after_acknowledging(desk: Office) -> None:
    desk.ws.faults.rate_limited("views.update", retry_after=0)

    act = desk.ws.slash("ana", ONCALL, "/netmap add")

    assert act.acknowledged
    desk.settle()
    assert "Source VMM server" in desk.ws.views("ana")[-1].words()


def test_a_press_whose_response_url_is_spent_is_answered_all_the_same(desk: Office) -> None:
    answer = desk.private("ana", "vm sql09")
    desk.ws.faults.refuse("response_url", "expired_url", times=10)

    reply = desk.press("ana", answer, "Where else?").reply()

    assert reply.only_for == ANA
    assert "NOT MAPPED" in reply.text
