"""Which processes serve a database, and how each of them is.

Whoever serves takes a seat: a lock on a small file beside the database, which the system gives back
whatever ends the process. So it is known for certain who runs, and a crash leaves nothing in the
way. Each writes its heartbeat beside its seat every quarter of a minute; `netmap health` reads
them. Files and not rows: they must be readable when the database is not.
"""

import errno
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from bot.domain.errors import NetmapError
from bot.domain.model import Model
from bot.ports import Store

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

log = logging.getLogger(__name__)

BEAT_S = 15
MISSED = timedelta(seconds=4 * BEAT_S)
"""A heartbeat older than this is none."""

_FAR = 1 << 30
"""The byte that is locked on Windows, where nobody could read a locked one."""


class Beat(Model, frozen=True):
    """How a running bot was at one moment."""

    pid: int
    at: datetime
    since: datetime
    door: str
    """`socket`, `http` or `workspace`."""
    connections: list[bool] = []
    """One a Socket Mode connection; empty for HTTP."""
    listening: bool = True
    """Whether the HTTP door still takes connections."""
    trouble: str = ""
    """Why Slack does not take the token, and what to do; empty if it does."""
    store: str = ""
    """Why the store could not be read; empty if it could."""
    inventories: dict[str, datetime] = {}
    """Server -> when its inventory was collected."""


class Seat:
    """This process among those that serve a database, until it ends."""

    def __init__(self, db: Path, door: str, now: Callable[[], datetime]) -> None:
        """Take the first seat that is free.

        Args:
            db: the database.
            door: `socket`, `http` or `workspace`.
            now: the time.
        """
        self._db, self._door, self._now = db, door, now
        self._since = now()
        self._number, self._file = _sit(db)
        self._write(Beat(pid=os.getpid(), at=self._since, since=self._since, door=door))

    def others(self) -> list[Beat]:
        """The other processes that serve the same database now."""
        return [beat for number, beat in _taken(self._db) if number != self._number]

    def beat(self, state: Mapping[str, Any], store: Store) -> Beat:
        """See how the bot is, and write it down.

        Args:
            state: what the Slack door says of itself: `connections`, `listening`, `trouble`.
            store: read once; a few rows.
        """
        fault, inventories = "", {}
        try:
            with store.read() as tables:
                inventories = {one.name: one.collected_at for one in tables.servers()}
        except NetmapError as error:
            fault = error.message
        found = Beat(
            pid=os.getpid(),
            at=self._now(),
            since=self._since,
            door=self._door,
            store=fault,
            inventories=inventories,
            **state,
        )
        self._write(found)
        return found

    def leave(self) -> None:
        """Say that this bot has stopped of its own will."""
        with suppress(OSError):
            _beat_file(self._db, self._number).unlink()
        with suppress(OSError):  # Windows keeps the file while it is open
            _seat_file(self._db, self._number).unlink()
        self._file.close()

    def _write(self, made: Beat) -> None:
        """Replace the heartbeat in one step, so that no reader sees half of it."""
        path = _beat_file(self._db, self._number)
        half = path.with_name(f"{path.name}.new")
        half.write_text(made.model_dump_json(), encoding="utf-8")
        half.replace(path)


def serving(db: Path) -> list[Beat]:
    """The last heartbeat of every process that serves that database now."""
    return [beat for _, beat in _taken(db)]


def ailments(db: Path, at: datetime) -> list[str]:
    """What is wrong with the bot that runs there, a sentence each; empty if it is well."""
    living = serving(db)
    if living:
        return [line for beat in living for line in ills(beat, at)]
    left = _read(_beat_file(db, 1))
    if left is None:
        return ["netmap is not running on this database: it has left no heartbeat."]
    age = _age(left, at)
    return [f"netmap is not running on this database: process {left.pid} has gone, {age}."]


def ills(found: Beat, at: datetime) -> list[str]:
    """The same of one process that lives."""
    wrong = []
    if abs(at - found.at) > MISSED:
        wrong.append(f"Process {found.pid} hangs, or its scheduler does: {_age(found, at)}.")
    if found.door != "http" and not any(found.connections):
        wrong.append("No connection to Slack is open; it is trying again.")
    if not found.listening:
        wrong.append("The HTTP door does not take connections.")
    if found.trouble:
        wrong.append(found.trouble)
    if found.store:
        wrong.append(f"The database could not be read: {found.store}")
    return wrong


def stale(found: Sequence[Beat], at: datetime, limit_h: float) -> list[str]:
    """Inventories too old to act on, a sentence each. A restart would not help."""
    limit = timedelta(hours=limit_h)
    inventories = {name: at for beat in found for name, at in beat.inventories.items()}
    return [
        f"The inventory of {server} is {(at - collected) / timedelta(hours=1):.0f} h old."
        for server, collected in sorted(inventories.items())
        if at - collected > limit
    ]


def _age(beat: Beat, at: datetime) -> str:
    late = int((at - beat.at).total_seconds())
    how = f"{late} s old" if late > 0 else f"{-late} s ahead of the clock"
    return f"its last heartbeat is {how}"


def _seat_file(db: Path, number: int) -> Path:
    return db.with_name(f"{db.name}.seat-{number}")


def _beat_file(db: Path, number: int) -> Path:
    return db.with_name(f"{db.name}.health{'' if number == 1 else f'-{number}'}.json")


def _read(path: Path) -> Beat | None:
    try:
        return Beat.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        return None


def _taken(db: Path) -> Iterator[tuple[int, Beat]]:
    """The seats that somebody sits on, in order, with their heartbeats."""
    start = _seat_file(db, 1).name.removesuffix("1")
    ends = []
    with suppress(OSError):
        ends = [one.name.removeprefix(start) for one in db.absolute().parent.iterdir()]
    for number in sorted(int(end) for end in ends if end.isdecimal()):
        with suppress(OSError), _seat_file(db, number).open("rb") as file:
            found = None if _lock(file, alone=False) else _read(_beat_file(db, number))
            if found is not None:
                yield number, found


def _sit(db: Path) -> tuple[int, IO[bytes]]:
    """The first seat that is free, and the file whose lock keeps it."""
    for number in count(1):
        path = _seat_file(db, number)
        file = path.open("ab")
        with suppress(FileNotFoundError):
            # Whoever had it may have taken it away between our opening and our locking it.
            if _lock(file) and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                break
        file.close()
    return number, file


def _lock(file: IO[bytes], alone: bool = True) -> bool:
    """Lock it without waiting; False if another process has it.

    Args:
        alone: False: only to see whether one could, beside others who look.
    """
    try:
        if sys.platform == "win32":
            file.seek(_FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        return alone  # a file system without locks: heartbeats are all there is to go by
    return True
