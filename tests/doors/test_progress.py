"""Long reconnections: one message that is edited, and that a restart goes on with."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.domain.estate import Server
from bot.domain.orders import Receipt
from bot.domain.placements import Move
from bot.slack.door import Door
from bot.wiring import House
from bot.workspace.nouns import Message
from tests.doors.bench import HELD_S
from tests.doors.office import ANA, ONCALL, Office, office

WIDE = "change Prod-App to DR-Old"
"""Moves 16 adapters and disconnects none."""


class Slow:
    """Reconnects as a test lets it: so many adapters, then it waits, or breaks off for good."""

    name = "slow"
    takes_time = True

    def __init__(self, first: int, fails: int = 0, stops: bool = False) -> None:
        self.first = first
        self.fails = fails
        self.stops = stops
        self.waiting = threading.Event()
        self.go_on = threading.Event()
        self.done: list[Move] = []

    def reaches(self, server: Server) -> bool:
        return server.simulated

    def apply(self, server: Server, moves: Iterable[Move]) -> Iterator[Receipt]:
        for nth, move in enumerate(moves):
            if nth == self.first:
                if self.stops:
                    raise ConnectionError("the process was stopped")
                self.waiting.set()
                self.go_on.wait(HELD_S)
            self.done.append(move)
            yield Receipt(move, "failed", "no such port") if nth < self.fails else Receipt(move)


def with_applier(house: House, applier: Slow) -> Slow:
    """Let the house reconnect with it."""
    house.ports = replace(house.ports, appliers=(applier,))
    return applier


def bars(desk: Office) -> list[Message]:
    """Messages in the channel that say how far it is."""
    return [m for m in desk.ws.messages(ONCALL) if "reconnecting" in m.text]


def test_one_message_says_how_far_it_is_and_becomes_the_answer(house: House, way: str) -> None:
    slow = with_applier(house, Slow(first=8, fails=2))
    with office(house, way, preview_over=100) as desk:
        act = desk.ws.slash("ana", ONCALL, f"/netmap {WIDE}")
        assert act.acknowledged
        desk.ws.wait_for(lambda: bars(desk) or None)
        assert slow.waiting.wait(120)
        [bar] = bars(desk)
        ts = bar.ts
        assert "of 16 adapters done" in bar.text
        assert "░" in bar.words()

        slow.go_on.set()
        desk.settle()

        assert bars(desk) == []
        [answer] = [m for m in desk.ws.messages(ONCALL) if "is now mapped to DR-Old" in m.text]
        assert answer.ts == ts
        assert "2 failed" in answer.text
        assert desk.faults() == []


def test_a_short_one_needs_no_bar(house: House, way: str) -> None:
    with_applier(house, Slow(first=100))
    with office(house, way, preview_over=100) as desk:
        desk.private("ana", "change Prod-CRM to DR-Old --dry-run")
        desk.private("ana", "add Prod-File to DR-Old")
        desk.settle()

        assert desk.ws.calls_of("chat.update") == []


def test_what_a_stop_broke_off_is_gone_on_with_after_a_restart(house: House, way: str) -> None:
    first = with_applier(house, Slow(first=5, stops=True))
    with office(house, way, preview_over=100) as desk:
        desk.ws.slash("ana", ONCALL, f"/netmap {WIDE}")
        desk.settle()
        assert len(first.done) == 5
        [bar] = bars(desk)
        with house.store.read() as tables:
            [(_, by, adapters, channel, ts)] = tables.requests.owed()
        assert (by, adapters, channel, ts) == (ANA, 16, bar.channel, bar.ts)

        second = with_applier(house, Slow(first=100))
        restarted = Door(house.settings, house.answer, house.now, house=house)
        restarted.resume()
        assert restarted.pool.wait_idle(120)
        restarted.close()

        both = {(m.pair, m.slot) for m in first.done} | {(m.pair, m.slot) for m in second.done}
        assert (len(second.done), len(both)) == (11, 16)
        with house.store.read() as tables:
            assert tables.requests.owed() == []
        [answer] = [m for m in desk.ws.messages(ONCALL) if "is now mapped to DR-Old" in m.text]
        assert answer.ts == bar.ts
