"""What was done, by whom, and what it touched."""

from datetime import datetime

from bot.domain.codes import ChangeKind
from bot.domain.model import Model


class MappingState(Model, frozen=True):
    """A mapping before or after a change; None fields where there was none."""

    id: int
    source: int
    target: int
    server: int
    test: int | None = None
    removed: bool = False


class Detail(Model):
    """What a change did, as stored with it."""

    text: str = ""
    """One line for the history, with names as they were then."""
    before: list[MappingState] = []
    after: list[MappingState] = []
    segments: list[tuple[int, int, int]] = []
    """(segment, wish before, wish after)."""
    order: list[int] = []
    """Adopt: the places in their order before."""
    adapters: int = 0
    vms: int = 0
    left_alone: int = 0
    seen: datetime | None = None
    """When VMM had done what this confirms; None: it confirms nothing."""


class Change(Model, frozen=True):
    """A row of the history."""

    id: int
    kind: ChangeKind
    by: str
    at: datetime
    reason: str = ""
    command: str = ""
    part_of: int = 0
    """The change this one carried out; 0: it stands by itself."""
    undone_by: int = 0
    undoes: int = 0
    detail: Detail

    @property
    def label(self) -> str:
        return f"C{self.id}"
