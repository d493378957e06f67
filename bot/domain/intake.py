"""Inventory files to be taken in, and what comes of it, as a process tells it to another."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from bot.domain.errors import NetmapError
from bot.domain.model import Model
from bot.domain.reports import ImportReport


class Intake(Model, frozen=True):
    """What is given, by whom."""

    paths: tuple[Path, ...]
    by: str
    at: datetime
    command: str = ""
    """Empty: said of each file by itself."""
    server: str | None = None
    """Whose they are, if the files do not say."""
    collected_at: datetime | None = None
    force: bool = False
    replace_server: bool = False

    @property
    def names(self) -> str:
        return " ".join(path.name for path in self.paths)


class Fault(Model, frozen=True):
    """A NetmapError on its way to another process."""

    code: str
    message: str
    hint: str
    facts: tuple[str, ...]

    @classmethod
    def of(cls, error: NetmapError) -> "Fault":
        return cls(
            code=error.code, message=error.message, hint=error.hint, facts=tuple(error.facts)
        )

    def error(self) -> NetmapError:
        """What it was."""
        kinds = {kind.code: kind for kind in NetmapError.__subclasses__()}
        return kinds.get(self.code, NetmapError)(self.message, hint=self.hint, facts=self.facts)


class Taken(Model, frozen=True):
    """One line of what the process says: an inventory was taken in, or why none is any more."""

    report: ImportReport | None = None
    fault: Fault | None = None


def taken_before(servers: Iterable[str]) -> tuple[str, ...]:
    """What a refusal says of inventories that were taken in before it, and stay."""
    return tuple(f"{server} was taken in before that" for server in servers)


def read_taken(text: str) -> list[Taken]:
    """The lines; those that are none are left out."""
    found: list[Taken] = []
    for line in text.splitlines():
        try:
            found.append(Taken.model_validate_json(line))
        except ValueError:
            continue
    return found
