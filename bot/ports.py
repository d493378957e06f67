"""What use cases need from outside, as Protocols; the wiring puts the real things in."""

from collections.abc import Iterator
from typing import Any, Protocol

from bot.domain.inventory import Header, Item


class InventorySource(Protocol):
    """One server's inventory, read once, as a stream."""

    header: Header
    names: str
    """The file or files it comes from, for messages."""
    kinds: frozenset[str]
    """Which of `KINDS` it speaks of; what it does not speak of stays as it was."""
    notes: tuple[str, ...]
    """Sentences for the person who imports, such as where server and time were taken from."""
    size: int
    """Bytes in all, for progress."""
    position: int
    """Bytes read so far."""

    def items(self) -> Iterator[Item]:
        """The lines in order; raises InventoryFault at the end if it was cut off or malformed."""
        ...

    def parse(self, item: Item) -> Any | None:
        """The line's CloudLine, HostLine, NetworkLine or VmLine; None if it is faulty.

        A fault is kept with its line number; `finish` raises them all at once.
        """
        ...

    def fault(self, number: int, text: str) -> None:
        """Keep a fault that somebody else found on this line."""
        ...

    def finish(self) -> None:
        """Raise InventoryFault with the first 100 faults, if there was any."""
        ...
