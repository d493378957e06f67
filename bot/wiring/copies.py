"""Copies of the database: to rehearse on, and to put back."""

from pathlib import Path

from bot.domain.answers.shared import Restored
from bot.domain.errors import SetupFault
from bot.settings import Settings
from bot.wiring.house import clock
from storage.store import Store
from storage.store import restore as restore_store


def rehearsal(settings: Settings) -> Path:
    """Copy the database to rehearse on: in the copy every reconnection is simulated.

    Raises:
        SetupFault: there is no database to copy.
    """
    if not settings.db.exists():
        raise SetupFault(
            f"There is no database {settings.db} to rehearse on.",
            "Without --rehearse, netmap run makes one with the sample estate.",
        )
    at = clock()
    copy = settings.db.with_name(f"{settings.db.stem}.rehearsal-{at:%Y%m%d-%H%M%S}.db")
    original = Store(settings.db)
    original.backup(copy)
    original.close()
    store = Store(copy)
    with store.write() as tables:
        tables.inventories.rehearse()
    store.close()
    return copy


def restore(copy: Path, path: Path) -> tuple[Path | None, Restored]:
    """Put a backup in the place of the database.

    Returns:
        Where the replaced file was kept, if any; what the backup holds.
    """
    return restore_store(copy, path, clock())
