"""Lists that are too long for a message: row by row into a file that nobody has to clear away."""

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import TextIO

from bot.domain.replies import Attachment
from bot.render.sheets import Sheet

PAGE = 12
"""Adapters of a change that its answer names."""
BLOCK = 1 << 20
"""Bytes that are written at once."""


class Spool:
    """Takes text into a file without a name, which is gone when nobody holds it any more.

    A disk that takes no more is no reason to leave undone what is being told, so it is noted.
    """

    def __init__(self) -> None:
        self.why = ""
        """Why it is not whole, if it is not."""
        self._file: TextIO | None = None

    def write(self, text: str) -> int:
        """Write, unless it failed before."""
        with self._noting():
            return 0 if self.why else self._out.write(text)
        return 0

    def attached(self, name: str) -> Attachment | None:
        """All that was written, under this name; None where it is not whole."""
        with self._noting():
            self._out.flush()
        return None if self.why else Attachment(name=name, kept=self._file)

    @property
    def _out(self) -> TextIO:
        if self._file is None:
            self._file = TemporaryFile(  # noqa: SIM115 - it ends with whoever holds it last
                "w+", encoding="utf-8", newline="", buffering=BLOCK, prefix="netmap-"
            )
        return self._file

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.why = self.why or error.strerror or type(error).__name__


class Moved(Sheet):
    """Every reconnection of a change that is done, where its answer names only some."""

    def __init__(self) -> None:
        self.spool = Spool()
        super().__init__(self.spool)

    def wants(self, number: int, done: bool) -> bool:
        """What is only shown can be had as a file when somebody asks for it."""
        return done and number > PAGE
