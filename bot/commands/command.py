"""What one can say: a row of the table, and how its words become a request.

A usage line is the grammar of its command: help shows it, README copies it, the parser reads it.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from bot.domain.asking import Stamp
from bot.domain.codes import Role
from bot.domain.errors import Misread
from bot.domain.replies import Reply
from bot.grammar.tokens import Token
from bot.grammar.usage import readings
from bot.ports import Ports
from bot.render import Show
from bot.usecases.resolving import Ask


@cache
def named(name: str) -> Any:
    """What is called so, such as `usecases.vms.where`; its module is loaded if it was not."""
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(f"bot.{module}"), attribute)


class Command(NamedTuple):
    """One thing one can say."""

    name: str
    usage: str
    summary: str
    example: str
    """A line that runs on the sample estate."""
    asks: str
    """Names the model of what one asks, such as `usecases.vms.AskVms`."""
    does: str
    """Names what does it: (ports, every reading, stamp) -> result."""
    shows: str
    """Names what makes a reply of the result."""
    role: Role = Role.READER
    aliases: tuple[str, ...] = ()
    quick: bool = False
    """Index seeks only: may be answered before the acknowledgement."""
    reads: Mapping[str, str] = {}
    """Key -> names what makes a value of the words that were said for it; raises Misread."""

    @property
    def writes(self) -> bool:
        return self.role is not Role.READER and self.name not in ("plan", "script")

    def read(self, words: Sequence[Token]) -> list[Ask]:
        """Every reading of what follows the command's name, as requests; at least one.

        Raises:
            Misread: there is none.
        """
        faults: list[Misread] = []
        asks: list[Ask] = []
        model = named(self.asks)
        for reading in readings(self.usage, words, name=self.name, example=self.example):
            try:
                read = {key: self._value(key, value) for key, value in reading.items()}
                asks.append(model.model_validate(read))
            except Misread as fault:
                faults.append(fault)
        if not asks:
            raise faults[0]
        return asks

    def do(self, ports: Ports, asks: Sequence[Ask], stamp: Stamp) -> Any:
        """Do it; the result."""
        return named(self.does)(ports, asks, stamp)

    def show(self, result: Any, show: Show) -> Reply:
        """The reply to a result."""
        reply: Reply = named(self.shows)(result, show)
        return reply

    def _value(self, key: str, value: object) -> object:
        read = self.reads.get(key)
        if read is None or not isinstance(value, str):
            return value
        try:
            return named(read)(value)
        except Misread as fault:
            usage = f"usage: {self.name} {self.usage}"
            raise Misread(fault.message, fault.hint, [self.example], [usage]) from fault
