"""A `Show` as bot.commands makes one, with the real grammar."""

from datetime import UTC, datetime

from bot.commands import write_line
from bot.render import Show

NOW = datetime(2026, 11, 22, 8, 5, tzinfo=UTC)


def show(again: str = "") -> Show:
    """What renderers get."""
    return Show(write_line, NOW, again)
