"""Long reconnections: one message that is edited, and that a restart goes on with."""

import csv
import io
import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.domain.estate import Server
from bot.domain.orders import Receipt
from bot.domain.placements import Move
from bot.slack.door import Door
from bot.wiring import House
from bot.workspace.nouns import Message, View
from tests.doors.bench import HELD_S
from tests.doors.office import ANA, ONCALL, Office, office
from tests.doors.test_forms import choose, press_ok

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


def bars(desk: Office, where: str = ONCALL) -> list[Message]:
    """Messages there that say how far it is."""
    return [m for m in desk.ws.messages(where) if "reconnecting" in m.text]


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
        [file] = desk.ws.world.files.values()
        rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))[1:]
        with house.store.read() as tables:
            vms = tables.vms.names(move.pair for move in [*first.done, *second.done])
        assert f"{len(vms)} replica VMs reconnected" in answer.text
        assert "all 20 sent as a file to who asked" in answer.text
        assert {(vm, nic) for vm, nic, _, what in rows if " · " not in what} == {
            (vms[move.pair], f"NIC {move.slot}") for move in [*first.done, *second.done]
        }
        assert len(rows) == 20
        assert [way for _, _, way, _ in rows if way.startswith("DR-Old")] == []


def test_where_netmap_is_not_it_is_said_in_a_direct_message(house: House, way: str) -> None:
    slow = with_applier(house, Slow(first=8))
    with office(house, way, preview_over=100) as desk:
        act = desk.ws.slash("ana", "#facilities", f"/netmap {WIDE}")
        assert slow.waiting.wait(120)
        [bar] = desk.ws.wait_for(lambda: bars(desk, "@ana") or None)
        assert "of 16 adapters done" in bar.text

        slow.go_on.set()
        desk.settle()

        tried = desk.ws.calls_of("chat.postMessage")
        assert [call.error for call in tried] == ["not_in_channel", None]
        assert "is now mapped to DR-Old" in act.reply().text
        answer, file = desk.ws.messages("@ana")
        assert (answer.ts, "is now mapped to DR-Old" in answer.text) == (bar.ts, True)
        assert file.files


def test_a_form_says_how_far_it_is_too(house: House, way: str) -> None:
    slow = with_applier(house, Slow(first=8))
    with office(house, way, preview_over=100) as desk:
        press_ok(desk, "ana", wide_form(desk))
        assert slow.waiting.wait(120)
        [bar] = desk.ws.wait_for(lambda: bars(desk) or None)
        assert "of 16 adapters done" in desk.ws.views("ana")[-1].words()

        slow.go_on.set()
        desk.settle()

        assert "is now mapped to DR-Old" in desk.ws.views("ana")[-1].words()
        [answer] = [m for m in desk.ws.messages(ONCALL) if "is now mapped" in m.text]
        assert answer.ts == bar.ts
        assert desk.faults() == []


def test_a_form_that_is_closed_meanwhile_answers_directly(house: House, way: str) -> None:
    slow = with_applier(house, Slow(first=8))
    with office(house, way, preview_over=100) as desk:
        press_ok(desk, "ana", wide_form(desk))
        assert slow.waiting.wait(120)
        desk.ws.close_view("ana", desk.ws.views("ana")[-1])

        slow.go_on.set()
        desk.settle()

        told, file = desk.ws.messages("@ana")
        assert "is now mapped to DR-Old" in told.text
        assert file.files
        [public] = [m for m in desk.ws.messages(ONCALL) if "is now mapped" in m.text]
        assert public.only_for is None


def test_a_form_that_was_opened_nowhere_says_it_directly(house: House, way: str) -> None:
    slow = with_applier(house, Slow(first=8))
    with office(house, way, preview_over=100) as desk:
        view = wide_form(desk)
        meta = json.loads(view.body["private_metadata"])
        view.body["private_metadata"] = json.dumps([meta[0], "", *meta[2:]])  # as from Home
        press_ok(desk, "ana", view)
        assert slow.waiting.wait(120)
        [bar] = desk.ws.wait_for(lambda: bars(desk, "@ana") or None)

        slow.go_on.set()
        desk.settle()

        told, file = desk.ws.messages("@ana")
        assert (told.ts, "is now mapped to DR-Old" in told.text) == (bar.ts, True)
        assert file.files


def test_a_table_that_is_handed_in_says_how_far_it_is(house: House, way: str) -> None:
    slow = with_applier(house, Slow(first=8))
    with office(house, way, preview_over=100) as desk:
        columns = b"source_server,source,target_server,target"
        table = columns + b"\nVMM-NewYork,Prod-App,VMM-Chicago,DR-Old\n"
        desk.ws.upload("ana", "@ana", "maps.csv", table, "apply change")
        assert slow.waiting.wait(120)
        [bar] = desk.ws.wait_for(lambda: bars(desk, "@ana") or None)

        slow.go_on.set()
        desk.settle()

        [told] = [m for m in desk.ws.messages("@ana") if m.ts == bar.ts]
        assert "1 mapping" in told.text


def wide_form(desk: Office) -> View:
    """The form, filled in so that OK does what `WIDE` says."""
    desk.press("ana", desk.private("ana", "show Prod-App"), "Change…")
    desk.settle()
    return choose(desk, "ana", "target", "DR-Old")
