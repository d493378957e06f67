"""An answer that Slack did not take."""

from datetime import datetime
from typing import Any

from bot.domain.model import Model


class KeptAnswer(Model, frozen=True):
    """What is to be said, and to whom."""

    id: int = 0
    """0 before it is stored."""
    user: str
    """Empty where nobody in Slack asked."""
    channel: str = ""
    """Where it belongs; empty: to who asked alone."""
    thread: str = ""
    ts: str = ""
    """A message there that it takes the place of."""
    body: dict[str, Any]
    """Text and blocks, drawn as they were then."""
    at: datetime
    """When it was to be said."""
    tries: int = 0
