"""Rows 5, 6, 7 and 10: what a person waits for, through the whole Bolt app."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread

from bot.domain.intake import Intake
from bot.settings import Settings
from bot.slack import manifest
from bot.slack.app import dispatch
from bot.slack.door import Door
from bot.slack.payloads import Address
from bot.wiring import House
from bot.workspace import Workspace
from tests.bench.estate import Shape, vm_count
from tests.bench.made import BY, after, copy, open_house
from tests.bench.rounds import TRIES, Ratio, Row, in_turns, latencies, percentile, ratio
from tests.bench.signed import signed, through_bolt, through_web

EACH = 200
"""Commands a round."""
SLOW, SLOW_S = 20, 2.0
Talk = Callable[[], object]


def talking(path: Path, small: Path, shape: Shape, least: Shape, rounds: int) -> Iterator[Row]:
    """Rows 5 and 6."""
    with ExitStack() as stack:
        one = stack.enter_context(conversation(open_house(path)))
        other = stack.enter_context(conversation(open_house(small)))
        vm, noop = _signed(one, shape, EACH * (rounds + 1) * TRIES)
        found = in_turns(lambda: latencies(noop, EACH), {"vm": lambda: latencies(vm, EACH)}, rounds)
        there = in_turns(_asks(other, least), {"vm": _asks(one, shape)}, rounds)["vm"]
    what = "`/netmap vm` through Bolt, signed, role check included / Bolt's no-op"
    yield _row("5", what, 3, found["vm"])
    yield _row("6", f"`/netmap vm` at {shape.adapters:,} / at {least.adapters:,}", 1.3, there)


def acknowledging(path: Path, shape: Shape) -> Iterator[Row]:
    """Row 7: while slow operations run."""
    release = threading.Event()

    def slow() -> None:
        release.wait(SLOW_S)

    with conversation(open_house(path)) as door:
        ask = _vm(door, shape)
        idle = latencies(ask, EACH)
        for _ in range(SLOW):
            door.conversation.later(Address(""), slow)
        started, busy = time.perf_counter(), []
        while time.perf_counter() - started < SLOW_S - 0.5:
            busy += latencies(ask, 5)
        release.set()
    times = percentile(busy, 50) / percentile(idle, 50)
    facts = {"idle_ms": _ms(idle), "busy_ms": _ms(busy)}
    longest = 1000 * max(busy)
    yield Row("7", f"Acknowledgement while {SLOW} slow operations run / idle; the longest",
              "≤ 10; ≤ 100 ms", f"{times:.2f}; {longest:.0f} ms",
              times <= 10 and longest <= 100, facts)  # fmt: skip


def while_importing(
    path: Path, shape: Shape, files: tuple[Path, Path], rounds: int
) -> Iterator[Row]:
    """Row 10: imports as the bot has them made, by its refresh, its folder and in Slack."""
    house = open_house(copy(path, "imported.db"))
    beside = house.serve()
    with conversation(house) as door:
        ask = _vm(door, shape)
        latencies(ask, EACH)
        idle: list[float] = []
        busy: list[float] = []
        for number in range(rounds):
            idle += latencies(ask, 5 * EACH)
            file, at = files[number % 2], after(3 + number)
            intake = Intake(paths=(file.absolute(),), by=BY, at=at, force=True)
            importing = Thread(target=beside.take, args=(intake,))
            importing.start()
            while importing.is_alive():
                busy += latencies(ask, 20)
        with house.store.read() as tables:
            assert {server.imported_at for server in tables.estate().servers.values()} & {at}
    times = percentile(busy, 99) / percentile(idle, 99)
    longest = 1000 * max(busy)
    facts = {"idle_ms": _ms(idle), "busy_ms": _ms(busy), "asked": len(busy)}
    yield Row("10", "`/netmap vm` during an import, p99 / idle p99; the longest",
              "≤ 3; ≤ 250 ms", f"{times:.2f}; {longest:.0f} ms",
              times <= 3 and longest <= 250, facts)  # fmt: skip


def against_errbot(path: Path, shape: Shape, python: str, rounds: int) -> Iterator[Row]:
    """Row 13: errbot on its test backend, with one command that does nothing."""
    words = [python, str(Path(__file__).with_name("errbot_side.py"))]
    what = "`/netmap vm` / errbot's no-op on its test backend"
    theirs: list[float] = []
    ours: list[float] = []
    with conversation(open_house(path)) as door:
        ask = _vm(door, shape)
        latencies(ask, EACH)
        for _ in range(rounds):
            said = subprocess.run(
                [*words, "many", str(EACH)],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                check=False,
            )
            if said.returncode:
                yield Row("13", what, "≤ 1", "errbot is not installed", None, {})
                return
            theirs.append(percentile(json.loads(said.stdout.splitlines()[-1]), 50))
            ours.append(percentile(latencies(ask, EACH), 50))
    found = ratio(ours, theirs)
    yield _row("13", what, 1, found)
    first = [sys.executable, "-m", "tests.bench.children", "first", f'"{path}"']
    started = in_turns(lambda: _run([*words, "first"]), {"first": lambda: _run(first)}, rounds)[
        "first"
    ]
    yield _row("13", "Start to first answer / errbot's", 0.6, started)


@contextmanager
def conversation(house: House) -> Iterator[Door]:
    """The Slack door of a house, with the local workspace as Slack."""
    with Workspace(manifest.load()) as ws:
        given = {"bot_token": ws.bot_token, "app_token": ws.app_token, "api_url": ws.api_url}
        house.settings = Settings.model_validate({"db": house.settings.db, "local": True, **given})
        door = Door(house.settings, house.answer, house.now, house=house)
        try:
            _say(door, "vm vm000001")  # who asks is looked up once
            time.sleep(0.5)
            yield door
        finally:
            door.close()
            house.close()


def _asks(door: Door, shape: Shape) -> Talk:
    ask = _vm(door, shape)
    return lambda: latencies(ask, EACH)


def _vm(door: Door, shape: Shape) -> Talk:
    """Asks for another VM every time."""
    count, asked = vm_count(shape), 0

    def ask() -> None:
        nonlocal asked
        asked += 1
        said = _say(door, f"vm vm{asked * 7919 % count:06}")
        assert "NIC" in said, said

    return ask


def _say(door: Door, text: str) -> str:
    answered = dispatch(door.app, door.conversation, _fields(text))
    assert answered.status == 200
    return str(answered.body)


def _fields(text: str) -> dict[str, str]:
    return {
        "token": "x", "team_id": "T1", "team_domain": "t", "channel_id": "C0ONCALL1",
        "channel_name": "dr", "user_id": "U0ANA0001", "user_name": "ana", "command": "/netmap",
        "text": text, "api_app_id": "A1", "response_url": "http://127.0.0.1:9/response",
        "trigger_id": "1.1",
    }  # fmt: skip


def _signed(door: Door, shape: Shape, times: int) -> tuple[Talk, Talk]:
    """The same as Slack posts it, another VM every time, and Bolt's no-op, so many times."""
    secret, count = "secret", vm_count(shape)
    asks = [
        signed(_fields(f"vm vm{nth * 7919 % count:06}") | {"trigger_id": str(nth)}, secret)
        for nth in range(1, times + 1)
    ]
    web = through_web(door, secret, asks)

    def vm() -> None:
        said = web()
        assert b"NIC" in said, said

    return vm, through_bolt(asks, secret)


def _run(words: list[str]) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _row(number: str, what: str, bound: float, found: Ratio) -> Row:
    return Row(number, what, f"≤ {bound:g}", str(found), found.median <= bound, found._asdict())


def _ms(values: list[float]) -> dict[str, float]:
    return {f"p{p}": 1000 * percentile(values, p) for p in (50, 99)} | {"max": 1000 * max(values)}
