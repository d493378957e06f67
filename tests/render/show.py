"""A `Show` as commands.py makes one, with the real grammar."""

from datetime import UTC, datetime

from bot.domain.asking import Say
from bot.grammar.lines import compose
from bot.render import Show
from tests.grammar.usages import USAGES

NOW = datetime(2026, 11, 22, 8, 5, tzinfo=UTC)


def line(command: Say) -> str:
    """The command as one types it."""
    return compose(command.command, USAGES[command.command], command.values)


def show(again: str = "") -> Show:
    """What renderers get."""
    return Show(line, NOW, again)
