"""Tables as CSV, for a file: row by row, so that nobody has to hold a long one."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from bot.render.blocks import tidy
from bot.render.pieces import login

if TYPE_CHECKING:
    from bot.domain.answers.mappings import Reconnection

_FORMULA = ("=", "+", "-", "@")
_MARK = "\ufeff"
"""By which spreadsheets know UTF-8."""


class Paper(Protocol):
    """What a table is written on."""

    def write(self, text: str, /) -> int: ...


class Sheet:
    """A table written into a file as CSV, row by row or by the ten thousand.

    Nothing in it is taken for a formula by a spreadsheet.

    Args:
        out: leaves the ends of lines as they are: a file opened with `newline=""`.
    """

    def __init__(self, out: Paper) -> None:
        self.rows = -1
        """Those written, headings left out; -1: nothing was."""
        self.name: Callable[[str], str] = login
        """What somebody is called."""
        self._out = out

    def wants(self, number: int, done: bool) -> bool:
        """Whatever there is, whether it is done or only shown."""
        return True

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """A whole table, or more of one; its headings come first."""
        for row in rows:
            if self.rows < 0:
                self._out.write(_MARK)
            self._out.write(_line(row))
            self.rows += 1

    def part(self, answer: object) -> None:
        """Rows of an answer that comes in parts, all of one kind; none where it is no table."""
        from bot.render.tables import table_of

        rows = table_of(answer, self.name) or []
        self.table(rows[1:] if self.rows >= 0 else rows)

    def moves(self, like: "Reconnection", names: str) -> None:
        """Reconnections that are alike but for their VM.

        Args:
            names: of the VMs, as a JSON array.
        """
        from bot.render.mappings import MOVES, move_rows

        if self.rows < 0:
            self.table([MOVES])
        ((_, *rest),) = move_rows([like])
        if not _is_plain(names):
            self.table((name, *rest) for name in json.loads(names))
            return
        tail = f",{_line(rest)}"
        self._out.write(names[2:-2].replace('","', tail))
        self._out.write(tail)
        self.rows += names.count('","') + 1


def fill(into: Sheet, result: Any) -> None:
    """All rows of an answer, unless it wrote them itself as it read them."""
    if into.rows < 0:
        into.part(result)


def as_csv(rows: Sequence[Sequence[str]]) -> str:
    """The table as the text of a file."""
    out = io.StringIO()
    Sheet(out).table(rows)
    return out.getvalue()


def _line(row: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(map(_cell, row))
    return out.getvalue()


def _cell(text: str) -> str:
    text = tidy(text)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _is_plain(names: str) -> bool:
    """Whether every string of this JSON array stands in CSV as it stands there, quotes aside."""
    return (
        "\\" not in names
        and names.isprintable()
        and names.count(",") == names.count('","')
        and not any(sign in names and f'"{sign}' in names for sign in _FORMULA)
    )
