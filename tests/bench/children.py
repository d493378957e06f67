"""What is measured in a process of its own: memory, imports, starting."""

import gc
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.settings import Settings


def load_whole(file: str) -> dict[str, float]:
    """Load every line, without keeping them and then keeping them all."""
    from tests.bench.rounds import now, peak_mb

    started = now()
    with open(file, "rb") as lines:
        for line in lines:
            json.loads(line)
    by_line = now() - started
    with open(file, "rb") as lines:
        kept = [json.loads(line) for line in lines]
    return {"by_line_s": by_line, "peak_mb": peak_mb(), "lines": len(kept)}


def take_in(db: str, file: str, day: int) -> dict[str, float]:
    """Import one file as of this day; how long it took and held the write lock."""
    from bot.domain.asking import Stamp
    from bot.importers.jsonl import open_lines
    from bot.usecases.importing.imports import Options, import_inventory
    from bot.wiring import Outside
    from storage.store import Store
    from storage.tables import Tables
    from tests.bench.made import BY, after
    from tests.bench.rounds import now, peak_mb

    locked = 0.0

    class Watched(Store):
        """Says how long its write lock was held."""

        @contextmanager
        def write(self) -> Iterator[Tables]:
            nonlocal locked
            with super().write() as tables:
                started = now()
                yield tables
            locked += now() - started

        @contextmanager
        def rehearse(self) -> Iterator[Tables]:
            nonlocal locked
            with super().rehearse() as tables:
                started = now()
                yield tables
            locked += now() - started

    ports = Outside(Watched(Path(db)), appliers=())
    started = now()
    import_inventory(ports, open_lines(Path(file)), Stamp(BY, after(day)), Options(force=True))
    taken = now() - started
    return {"s": taken, "locked_s": locked, "peak_mb": peak_mb()}


def drift_memory(db: str) -> dict[str, float]:
    """Memory of an open, scanned store, and the most during drift."""
    from bot.domain.asking import Stamp
    from bot.usecases.watching.drift import AskDrift, drift
    from tests.bench.engine import SCAN
    from tests.bench.made import BY, after, open_house
    from tests.bench.rounds import peak_mb

    house = open_house(Path(db))
    house.store._connection().execute(SCAN.format(table="pair_adapter")).fetchone()
    before = peak_mb()
    drift(house.ports, [AskDrift()], Stamp(BY, after(2, 2)))
    return {"before": before, "after": peak_mb()}


def ready(db: str) -> dict[str, float]:
    """Build all that `netmap run` builds, but for the connection to Slack."""
    from bot.cli.serving import standing
    from tests.bench.rounds import memory_mb

    with standing(_for_slack(db), "socket"):
        return {"mb": memory_mb("VmRSS")}


def first(db: str) -> None:
    """Start, answer one command through Bolt, and stop at once."""
    from bot.cli.houses import opened
    from bot.slack.app import dispatch
    from bot.slack.door import Door

    with opened(_for_slack(db)) as house:
        door = Door(house.settings, house.answer, house.now)  # nobody to ask who U1 is
        body = {"command": "/netmap", "text": "vm vm000001", "user_id": "U1", "team_id": "T1"}
        said = dispatch(door.app, door.conversation, body)
        assert "NIC" in str(said.body)
        os._exit(0)  # as its counterpart; how long a stop takes is another question


def _for_slack(db: str) -> "Settings":
    from bot.settings import Settings

    return Settings.model_validate(
        {"db": db, "bot_token": "xoxb-1", "app_token": "xapp-1", "api_url": "http://127.0.0.1:9/"}
    )


def main(function: str, *arguments: str) -> None:
    """Print what it returns as the last line."""
    gc.disable()  # as `bot.__main__` does; the house lets it run again
    known: dict[str, Any] = {
        f.__name__: f for f in (load_whole, take_in, drift_memory, ready, first)
    }
    print(json.dumps(known[function](*map(json.loads, arguments))))


if __name__ == "__main__":
    main(*sys.argv[1:])
