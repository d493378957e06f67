"""What is not known since a copy was put in the place of the database."""

from datetime import datetime, timedelta

from bot.domain.answers.shared import Restored
from bot.domain.asking import Say
from bot.domain.errors import NotFound
from bot.ports import Tables

TOLD = timedelta(days=7)
"""So long answers warn of it; by then what was lost is mapped again."""


def lately(tables: Tables, at: datetime) -> Restored | None:
    """The copy that was put back in the last days."""
    found = tables.lives.restored()
    return found if found is not None and at - found.at <= TOLD else None


def no_such(tables: Tables, what: str, label: str, hint: str, command: Say) -> NotFound:
    """That there is nothing of that number, such as a change; where it may have gone, too."""
    found = tables.lives.restored()
    if found is not None and label.lstrip("CFMRcfmr").isdigit():
        done = "" if what == "finding" else "; what it did in VMM stands"
        hint = (
            f"If it is from before {found.at:%Y-%m-%d %H:%M} UTC, it was lost when a copy of the"
            f" database was put back then{done}. {hint}"
        )
    return NotFound(f"There is no {what} {label}.", hint=hint, commands=[command])
