"""A reply under way: what is to be said is said once and comes out as text and as Block Kit."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from bot.domain.answers import Age
from bot.domain.asking import Say
from bot.domain.replies import Reply, Visibility
from bot.render import blocks
from bot.render.blocks import Block, clip_middle, clip_mrkdwn, mrkdwn, tidy

Line = Callable[[Say], str]
"""Writes a command as a line that runs, without `/netmap`."""


class Show(NamedTuple):
    """What a renderer needs besides the result."""

    line: Line
    now: datetime
    again: str = ""
    """The line that asks the same again, without `/netmap`."""


class At(NamedTuple):
    """A moment, in Slack in the reader's own time zone."""

    when: datetime
    ago: bool = False
    """How long ago is said too, where the text stays what it is."""
    day: bool = False
    """Only the day."""
    zone: bool = True
    """False: the text leaves out "UTC", which follows soon."""


class Run(NamedTuple):
    """A command to copy."""

    command: Say | str


class Person(NamedTuple):
    """Who did something: a Slack user, or `local:<login>`."""

    by: str


class Prose(NamedTuple):
    """Sentences that may hold code spans of their own; names in them are still escaped."""

    text: str


Piece = str | At | Run | Person | Prose

_SLACK_USER = re.compile(r"[UW][A-Z0-9]{2,20}")
_LINES = 6_000
"""Characters of sentences in the blocks; the rest is for the table."""
_WIDE = 60
"""Characters of a name in a column."""


class _Table(NamedTuple):
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]
    more: int
    lines: list[str]


class Page:
    """A reply under way. The first line is the answer and stands alone."""

    def __init__(self, show: Show, *answer: Piece) -> None:
        self._show = show
        self._answer = answer
        self._body: list[tuple[str, tuple[Piece, ...]] | _Table] = []
        self._foot: list[tuple[Piece, ...]] = []

    def fact(self, *pieces: Piece) -> None:
        """A line below the answer."""
        self._body.append(("", pieces))

    def warn(self, *pieces: Piece) -> None:
        """A line that wants attention."""
        self._body.append(("! ", pieces))

    def run(self, lead: str, command: Say | str) -> None:
        """A command to copy, after a few words on what it does."""
        self.fact(f"{lead}: ", Run(command))

    def table(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[str]],
        more: int = 0,
        lines: Sequence[str] = (),
    ) -> None:
        """Rows in columns.

        Args:
            headings: shown in Slack.
            rows: cells, as many as there are headings.
            more: how many rows were left out.
            lines: what the text says instead of the rows.
        """
        cells = [tuple(tidy(cell) for cell in row) for row in rows]
        if cells:
            self._body.append(_Table(tuple(headings), cells, more, list(lines) or aligned(cells)))
        elif more:
            self.fact(_more(more))

    def foot(self, *pieces: Piece) -> None:
        """One part of the last line."""
        self._foot.append(pieces)

    def run_in_foot(self, lead: str, command: Say | str) -> None:
        """A command in the last line."""
        self.foot(f"{lead}: ", Run(command))

    def ages(self, ages: Sequence[Age]) -> None:
        """How old the facts are, server by server."""
        if not ages:
            return
        pieces: list[Piece] = []
        for nth, age in enumerate(ages, 1):
            last = nth == len(ages)
            pieces += [f"{age.server} as of ", At(age.collected_at, zone=last or age.stale)]
            pieces.append(", TOO OLD to rely on" if age.stale else "")
            pieces.append("" if last else ", ")
        self._foot.append(tuple(pieces))

    def reply(self, visibility: Visibility = Visibility.EPHEMERAL, ok: bool = True) -> Reply:
        """The finished reply."""
        return Reply(ok=ok, text=self._text(), blocks=self._blocks(), visibility=visibility)

    def _text(self) -> str:
        lines = [self._plain(self._answer)]
        for item in self._body:
            if isinstance(item, _Table):
                lines += [f"  {line}" for line in item.lines]
                lines += [f"  {_more(item.more)}"] * bool(item.more)
            else:
                mark, pieces = item
                lines.append(f"  {mark}{self._plain(pieces)}")
        if self._foot:
            lines.append("  " + " · ".join(map(self._plain, self._foot)))
        return "\n".join(line.rstrip() for line in lines)

    def _plain(self, pieces: Sequence[Piece]) -> str:
        return "".join(map(self._plain_piece, pieces))

    def _plain_piece(self, piece: Piece) -> str:
        match piece:
            case At():
                return _clock(piece, self._show.now)
            case Run(command):
                return f"/netmap {self._line(command)}"
            case Person(by):
                return tidy(by.removeprefix("local:"))
            case Prose(text):
                return tidy(text)
        return tidy(piece)

    def _line(self, command: Say | str) -> str:
        return command if isinstance(command, str) else self._show.line(command)

    def _blocks(self) -> list[Block]:
        made = [blocks.section(self._slack(self._answer, blocks.SECTION))]
        foot = self._slack_foot()
        left = blocks.MOST_TEXT - _size(made) - _size(foot)
        texts, tabled = self._slack_body(min(_LINES, left))
        left -= sum(len(text) + 1 for text in texts if isinstance(text, str))
        paragraph: list[str] = []
        for text in [*texts, None]:
            if isinstance(text, str):
                if sum(map(len, paragraph)) + len(paragraph) + len(text) > blocks.SECTION:
                    made.append(blocks.section("\n".join(paragraph)))
                    paragraph = []
                paragraph.append(text)
                continue
            if paragraph:
                made.append(blocks.section("\n".join(paragraph)))
                paragraph = []
            if text is not None and tabled is text:
                made += _slack_table(text, left)
        return [*made, *foot][: blocks.MOST_BLOCKS]

    def _slack_body(self, room: int) -> tuple[list[str | _Table], _Table | None]:
        """Lines escaped and within `room`; the first table stays one, others become lines."""
        made: list[str | _Table] = []
        table: _Table | None = None
        lines: list[str | _Table] = []
        for item in self._body:
            if isinstance(item, _Table):
                if table is None:
                    table = item
                    lines.append(item)
                else:
                    lines += [mrkdwn(line) for line in item.lines]
                    lines += [_more(item.more)] * bool(item.more)
            else:
                mark, pieces = item
                text = self._slack(pieces, blocks.SECTION - 10)
                lines.append(f"⚠️ {text}" if mark else text)
        for nth, line in enumerate(lines):
            if isinstance(line, str):
                if len(line) + 1 > room - 60:
                    left = sum(isinstance(other, str) for other in lines[nth:])
                    made.append(f"… and {left} more {'line' if left == 1 else 'lines'}")
                    made += [other for other in lines[nth:] if not isinstance(other, str)]
                    break
                room -= len(line) + 1
            made.append(line)
        return made, table

    def _slack_foot(self) -> list[Block]:
        parts = list(self._foot)
        if self._show.again:
            parts.insert(0, (Run(self._show.again),))
        text = ""
        for part in parts:
            said = self._slack(part, blocks.CONTEXT)
            if len(text) + len(said) + 3 <= blocks.CONTEXT:
                text = f"{text} · {said}" if text else said
        return [blocks.context(text)] if text else []

    def _slack(self, pieces: Sequence[Piece], limit: int) -> str:
        text = ""
        for piece in pieces:
            said = self._slack_piece(piece)
            if len(text) + len(said) <= limit:
                text += said
            elif isinstance(piece, str | Prose):
                return text + clip_mrkdwn(said, limit - len(text)) if len(text) < limit else text
            else:
                text += "…" if len(text) < limit else ""
        return text

    def _slack_piece(self, piece: Piece) -> str:
        match piece:
            case At(when, day=day):
                form = "{date_short}" if day else "{date_short_pretty} {time}"
                utc = _utc(when)
                iso = f"{utc:%Y-%m-%d}" if day else f"{utc:%Y-%m-%dT%H:%M}Z"
                return f"<!date^{int(utc.timestamp())}^{form}|{iso}>"
            case Run(command):
                return blocks.code(f"/netmap {self._line(command)}")
            case Person(by) if _SLACK_USER.fullmatch(by):
                return f"<@{by}>"
            case Person(by):
                return mrkdwn(tidy(by.removeprefix("local:")))
            case Prose(text):
                return blocks.prose(tidy(text))
        return mrkdwn(tidy(piece))


def plural(number: int, noun: str, nouns: str = "") -> str:
    """A number and its noun: `1 VM`, `1,200 VMs`."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def listed(names: Sequence[str], most: int = 3, last: str = "and", of: int = 0) -> str:
    """`a`, `a and b`, `a, b and 4 more`; `of` says how many there are where not all are given.

    With no `last` they are but separated by commas.
    """
    shown = [clip_middle(name, _WIDE) for name in names[:most]]
    left = max(of, len(names)) - len(shown)
    if left:
        shown.append(f"{left:,} more")
    if not last:
        return ", ".join(shown)
    return f" {last} ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def _clock(at: At, now: datetime) -> str:
    when, now = _utc(at.when), _utc(now)
    date = f"{when.day} {when:%b}" + (f" {when.year}" if when.year != now.year else "")
    if at.day:
        return date
    clock = f"{when:%H:%M}" if when.date() == now.date() else f"{date} {when:%H:%M}"
    clock += " UTC" * at.zone
    return f"{clock} ({since(now - when)})" if at.ago else clock


def since(passed: timedelta) -> str:
    """How long ago, in the largest unit that fits."""
    minutes = int(passed.total_seconds() // 60)
    if minutes < 0:
        return "in the future"
    if minutes < 1:
        return "just now"
    for size, unit in ((1440, "d"), (60, "h"), (1, "min")):
        if minutes >= size:
            return f"{minutes // size:,} {unit} ago"
    return "just now"


def _utc(when: datetime) -> datetime:
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def _more(number: int) -> str:
    return f"… and {number:,} more"


def aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows as lines, their cells in columns; a column without content takes no room."""
    cells = [[clip_middle(tidy(cell), 2 * _WIDE) for cell in row] for row in rows]
    columns = [column for column in zip(*cells, strict=True) if any(column)]
    widths = [max(map(len, column)) for column in columns]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in zip(*columns, strict=True)
    ]


def _slack_table(table: _Table, room: int) -> list[Block]:
    shown: list[tuple[str, ...]] = [table.headings]
    room -= sum(map(len, table.headings)) + 40
    for row in table.rows[: blocks.ROWS - 1]:
        room -= sum(min(len(cell), blocks.CELL) or 1 for cell in row)
        if room < 0:
            break
        shown.append(row)
    more = table.more + len(table.rows) - (len(shown) - 1)
    made = [blocks.table(shown)] if len(shown) > 1 else []
    return made + [blocks.context(_more(more))] * bool(more)


def _size(made: Sequence[Block]) -> int:
    return sum(len(one["text"]["text"]) for one in made if "text" in one) + sum(
        len(element["text"]) for one in made for element in one.get("elements", [])
    )
