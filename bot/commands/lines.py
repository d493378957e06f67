"""Lines: which command one says, and what of it."""

from collections.abc import Sequence
from functools import cached_property

from bot.commands.command import Command
from bot.domain.asking import Say
from bot.domain.codes import Role
from bot.grammar.lines import compose, split_verb
from bot.grammar.tokens import Token, tokenize
from bot.usecases.resolving import Ask


class Said:
    """A line that was read as far as its command."""

    def __init__(self, command: Command, words: Sequence[Token]) -> None:
        self.command = command
        self._words = words

    @cached_property
    def asks(self) -> list[Ask]:
        """Every reading of it.

        Raises:
            Misread: there is none.
        """
        return self.command.read(self._words)

    @property
    def only_reads(self) -> bool:
        """Whether saying it again changes nothing.

        Raises:
            Misread: it cannot be read.
        """
        return not self.command.writes or all(getattr(ask, "dry_run", False) for ask in self.asks)


class Table:
    """Commands, found by what one says."""

    def __init__(self, commands: Sequence[Command]) -> None:
        self.commands = commands
        self.by_name = {command.name: command for command in commands}
        self.spoken = {said: c.name for c in commands for said in (c.name, *c.aliases)}
        """What can be said -> the command's name."""

    def read(self, line: str, escaped: bool = False) -> Said:
        """The command of a line; an empty one asks for help.

        Args:
            escaped: the line comes from Slack, with `&`, `<` and `>` as entities.

        Raises:
            Misread: there is no such command.
        """
        name, words = split_verb(tokenize(line, escaped=escaped), self.spoken)
        return Said(self.by_name[name or "help"], words)

    def write(self, say: Say) -> str:
        """The line, without `/netmap`, that says just that."""
        return compose(say.command, self.by_name[say.command].usage, say.values)

    def open_to(self, role: Role) -> list[Command]:
        """What somebody of that role may say."""
        return [command for command in self.commands if role.allows(command.role)]


def compose_again(line: str) -> str:
    """The line as it can be run again, without the bot's own name."""
    words = line.strip().split(maxsplit=1)
    if words and words[0].casefold() in ("netmap", "/netmap", "@netmap"):
        return words[1] if len(words) > 1 else ""
    return line.strip()
