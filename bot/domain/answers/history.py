"""Who did what."""

from datetime import datetime

from bot.domain.answers.shared import Long, Restored
from bot.domain.model import Model


class ChangeLine(Model, frozen=True):
    """A row of the history."""

    id: str
    kind: str
    by: str
    at: datetime
    text: str
    reason: str = ""
    undone_by: str | None = None
    undoable: bool = False


class History(Long):
    """Answer to `history`."""

    changes: list[ChangeLine]
    about: str = ""
    more: bool = False
    restored: Restored | None = None
