"""SQLite's refusals as sentences that say what to do."""

import sqlite3
from pathlib import Path

from bot.domain.errors import StoreFault


class Explained:
    """What SQLite refuses in this block is raised as a StoreFault that names the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        fault = _fault(self._path, error) if isinstance(error, sqlite3.DatabaseError) else None
        if fault is not None:
            raise fault from error


def _fault(path: Path, error: sqlite3.DatabaseError) -> StoreFault | None:
    text = str(error)
    if not isinstance(error, sqlite3.OperationalError):
        if "not a database" in text or "malformed" in text or "encrypted" in text:
            return StoreFault(
                f"{path} is not a database, or is damaged.",
                "Set NETMAP_DB to netmap's file, or restore a backup: netmap restore <file>.",
            )
        return None
    if "locked" in text or "busy" in text:
        return StoreFault(
            f"{path} is locked by another program.",
            "Nothing was changed. Try again in a moment; if it stays, see who has it open.",
        )
    if "readonly" in text or "read-only" in text:
        return StoreFault(
            f"{path} is read-only.", "Give the bot's user write access to it and its folder."
        )
    if "full" in text:
        return StoreFault(
            f"The disk that holds {path} is full.", "Nothing was changed. Free some space."
        )
    if "unable to open" in text:
        return StoreFault(f"{path} cannot be opened.", "Check the path and its rights.")
    if "disk I/O" in text:
        return StoreFault(
            f"{path} cannot be read or written: the disk fails.",
            "Look at the disk and at the system's log.",
        )
    return None
