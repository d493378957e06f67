"""Lines: which command one says, and what of it."""

from collections.abc import Sequence
from functools import cached_property
from itertools import takewhile

from bot.commands.command import Command
from bot.domain.asking import Say
from bot.domain.codes import Role
from bot.domain.errors import NetmapError
from bot.grammar.lines import compose, split_verb
from bot.grammar.tokens import Kind, Token, tokenize, unescaped
from bot.usecases.resolving import Ask


class Table:
    """Commands, found by what one says."""

    def __init__(self, commands: Sequence[Command]) -> None:
        self.commands = commands
        self.by_name = {command.name: command for command in commands}
        self.spoken = {said: c.name for c in commands for said in (c.name, *c.aliases)}
        """What can be said -> the command's name."""

    def read(self, line: "str | Said", escaped: bool = False) -> "Said":
        """A line to be read as far as somebody asks; one that is read already stays.

        Args:
            escaped: it comes from Slack, with `&`, `<` and `>` as entities.
        """
        return line if isinstance(line, Said) else Said(self, line, escaped)

    def write(self, say: Say) -> str:
        """The line, without `/netmap`, that says just that."""
        return compose(say.command, self.by_name[say.command].usage, say.values)

    def open_to(self, role: Role) -> list[Command]:
        """What somebody of that role may say."""
        return [command for command in self.commands if role.allows(command.role)]


class Said:
    """A line as somebody said it, read once for all who ask about it."""

    def __init__(self, table: Table, typed: str, escaped: bool) -> None:
        self.typed = typed
        self._table = table
        self._line = unescaped(typed) if escaped else typed
        self.again = _without_name(self._line)
        """The line as it can be run again."""

    @property
    def command(self) -> Command:
        """The command; an empty line asks for help.

        Raises:
            Misread: there is none of that name.
        """
        return self._split[0]

    @cached_property
    def asks(self) -> list[Ask]:
        """Every reading of what is said of it; at least one.

        Raises:
            Misread: there is none.
        """
        command, words = self._split
        return command.read(words)

    @property
    def words(self) -> str:
        """What follows the command's name, up to the flags.

        Raises:
            Misread: there is no such command.
        """
        return " ".join(
            t.text for t in takewhile(lambda t: t.kind is not Kind.FLAG, self._split[1])
        )

    @property
    def quick(self) -> bool:
        """Whether the answer is index seeks only: it may come before the acknowledgement."""
        try:
            return self.command.quick
        except NetmapError:
            return True

    @property
    def may_change(self) -> bool:
        """Whether it can leave the estate other than it was."""
        try:
            return self.command.writes
        except NetmapError:
            return False

    @property
    def only_reads(self) -> bool:
        """Whether saying it again changes nothing; what cannot be read changes nothing."""
        try:
            dry = not self.command.writes or all(getattr(a, "dry_run", False) for a in self.asks)
        except NetmapError:
            return True
        return dry

    @property
    def rehearsed(self) -> str:
        """The line that says what this one would do; empty where the command has none."""
        return f"{self.again} --dry-run" if "[--dry-run]" in self.command.usage else ""

    @cached_property
    def _split(self) -> tuple[Command, tuple[Token, ...]]:
        name, words = split_verb(tokenize(self._line, escaped=False), self._table.spoken)
        return self._table.by_name[name or "help"], words


def _without_name(line: str) -> str:
    """The line without the bot's own name."""
    words = line.strip().split(maxsplit=1)
    if words and words[0].casefold() in ("netmap", "/netmap", "@netmap"):
        return words[1] if len(words) > 1 else ""
    return line.strip()
