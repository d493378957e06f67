"""What runs by the clock, and the heartbeat that says the bot is well.

The running bot writes a small file beside its database every quarter of a minute; `netmap health`
reads it. A file and not a row: it must be readable when the database is not.
"""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.schedulers.background import (  # type: ignore[import-untyped]  # it has no types
    BackgroundScheduler,
)
from pydantic import BaseModel, ValidationError

from bot.domain.errors import NetmapError
from bot.ports import Store

BEAT_S = 15
LOOK_S = 10
"""Between two looks at what Slack shows: Homes, requests that have expired."""
MISSED = timedelta(seconds=4 * BEAT_S)
"""A heartbeat older than this is none."""

GRACE_S = 3600
"""A job that is late by less still runs: a digest that is late is still wanted."""


class Beat(BaseModel, frozen=True):
    """How the running bot was at one moment."""

    pid: int
    at: datetime
    door: str
    """`socket`, `http` or `workspace`."""
    connections: list[bool] = []
    """One a Socket Mode connection; empty for HTTP."""
    listening: bool = True
    """Whether the HTTP door still takes connections."""
    store: str = ""
    """Why the store could not be read; empty if it could."""
    inventories: dict[str, datetime] = {}
    """Server -> when its inventory was collected."""


class Jobs:
    """The scheduler and its fixed jobs. Memory only: schedules that must last are rows of ours."""

    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": GRACE_S},
        )

    def every(self, seconds: float, id: str, work: Callable[[], None]) -> None:
        """Run `work` so often, one at a time."""
        self._scheduler.add_job(
            work, "interval", seconds=seconds, id=id, replace_existing=True, timezone=UTC
        )

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def stop(self) -> None:
        """Let what runs finish, start nothing more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)


def beat(
    door: str, state: Mapping[str, Any], store: Store, now: Callable[[], datetime], pid: int
) -> Beat:
    """See how the bot is.

    Args:
        door: `socket`, `http` or `workspace`.
        state: what the Slack door says of itself: `connections`, `listening`.
        store: read once; a few rows.
        now: the time.
        pid: this process.
    """
    fault, inventories = "", {}
    try:
        with store.read() as tables:
            inventories = {one.name: one.collected_at for one in tables.estate().servers.values()}
    except NetmapError as error:
        fault = error.message
    return Beat(pid=pid, at=now(), door=door, store=fault, inventories=inventories, **state)


def beat_file(db: Path) -> Path:
    """Where the heartbeat of the bot on that database is."""
    return db.with_name(f"{db.name}.health.json")


def write_beat(db: Path, made: Beat) -> None:
    """Replace the heartbeat in one step, so that no reader sees half of it."""
    path = beat_file(db)
    half = path.with_name(f"{path.name}.new")
    half.write_text(made.model_dump_json(), encoding="utf-8")
    half.replace(path)


def remove_beat(db: Path) -> None:
    """Say that this bot has stopped of its own will; another one's heartbeat stays."""
    found = read_beat(db)
    if found is None or found.pid == os.getpid():
        with suppress(OSError):
            beat_file(db).unlink()


def read_beat(db: Path) -> Beat | None:
    """The last heartbeat; None where there is none to be read."""
    try:
        return Beat.model_validate(json.loads(beat_file(db).read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        return None


def ailments(found: Beat | None, at: datetime) -> list[str]:
    """What is wrong with the running bot, a sentence each; empty if it is well."""
    if found is None:
        return ["netmap is not running on this database: it has left no heartbeat."]
    wrong = []
    late = int((at - found.at).total_seconds())
    if abs(at - found.at) > MISSED:
        state = "hangs, or its scheduler does" if _alive(found.pid) else "has gone"
        age = f"{late} s old" if late > 0 else f"{-late} s ahead of the clock"
        wrong.append(f"The last heartbeat is {age}: process {found.pid} {state}.")
    if found.door != "http" and not any(found.connections):
        wrong.append("No connection to Slack is open; it is trying again.")
    if not found.listening:
        wrong.append("The HTTP door does not take connections.")
    if found.store:
        wrong.append(f"The database could not be read: {found.store}")
    return wrong


def stale(found: Beat, at: datetime, limit_h: float) -> list[str]:
    """Inventories too old to act on, a sentence each. A restart would not help."""
    limit = timedelta(hours=limit_h)
    return [
        f"The inventory of {server} is {(at - collected) / timedelta(hours=1):.0f} h old."
        for server, collected in sorted(found.inventories.items())
        if at - collected > limit
    ]


def _alive(pid: int) -> bool:
    if os.name != "posix":
        return True  # signal 0 would end the process there
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
