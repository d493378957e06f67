"""A reply under way: what is to be said is said once and comes out as text and as Block Kit."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.answers.shared import Age
from bot.domain.asking import Say
from bot.domain.replies import Reply, Step, Visibility
from bot.render.blocks import CONTEXT, SECTION, clip_middle, tidy
from bot.render.layout import FACT, Break, Fact, Item, Table, lay_out
from bot.render.phrases import NAME, TOO_OLD, more
from bot.render.pieces import At, Piece, Run, Show, Spelled, spelled


class Page:
    """A reply under way. The first line is the answer and stands alone."""

    def __init__(self, show: Show, *answer: Piece) -> None:
        self._show = show
        self._answer = spelled(answer, show, SECTION)
        self._body: list[Item] = []
        self._foot: list[Spelled] = []

    @property
    def now(self) -> datetime:
        """When it is read."""
        return self._show.now

    def fact(self, *pieces: Piece) -> None:
        """A line below the answer."""
        self._body.append(Fact(spelled(pieces, self._show, FACT)))

    def warn(self, *pieces: Piece) -> None:
        """A line that wants attention."""
        self._body.append(Fact(spelled(pieces, self._show, FACT), warning=True))

    def said(self, warning: bool) -> list[str]:
        """The lines below the answer, those that want attention or the others, as text."""
        facts = [item for item in self._body if isinstance(item, Fact)]
        return [fact.line.text for fact in facts if fact.warning is warning]

    def part(self, *menu: Step) -> None:
        """What follows is a paragraph of its own in Slack, with a menu of its own."""
        self._body.append(Break(menu))

    def run(self, lead: str, command: Say | str) -> None:
        """A command to copy, after a few words on what it does."""
        self.fact(f"{lead}: ", Run(command))

    def table(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[str]],
        left_out: int = 0,
        lines: Sequence[str] = (),
        whole: Iterable[int] = (),
    ) -> None:
        """Rows in columns.

        Args:
            headings: shown in Slack.
            rows: cells, as many as there are headings.
            left_out: how many rows there are beyond these.
            lines: what the text says instead of the rows.
            whole: columns that are not broken over lines.
        """
        cells = [tuple(tidy(cell) for cell in row) for row in rows]
        if cells:
            text = list(lines) or aligned(cells)
            self._body.append(Table(tuple(headings), cells, left_out, text, frozenset(whole)))
        elif left_out:
            self.fact(more(left_out))

    def adapters(
        self, headings: Sequence[str], rows: Iterable[Sequence[str]], left_out: int = 0
    ) -> None:
        """A table of adapters, `NIC 0` second in each row: under its heading, `0` is enough."""
        cells = [tuple(tidy(cell) for cell in row) for row in rows]
        bare = [(row[0], row[1].removeprefix("NIC "), *row[2:]) for row in cells]
        self.table(headings, bare, left_out, aligned(cells))

    def foot(self, *pieces: Piece) -> None:
        """One part of the last line."""
        self._foot.append(spelled(pieces, self._show, CONTEXT))

    def run_in_foot(self, lead: str, command: Say | str) -> None:
        """A command in the last line."""
        self.foot(f"{lead}: ", Run(command))

    def ages(self, ages: Sequence[Age]) -> None:
        """How old the facts are, server by server."""
        pieces: list[Piece] = []
        for nth, age in enumerate(ages, 1):
            last = nth == len(ages)
            pieces += [f"{age.server} as of ", At(age.collected_at, zone=last or age.stale)]
            pieces.append(f" ({TOO_OLD})" if age.stale else "")
            pieces.append("" if last else ", ")
        if pieces:
            self.foot(*pieces)

    def reply(self, visibility: Visibility = Visibility.EPHEMERAL, ok: bool = True) -> Reply:
        """The finished reply."""
        foot = [*self._again(), *self._foot]
        blocks, menus = lay_out(self._answer, self._body, foot)
        return Reply(ok=ok, text=self._text(), blocks=blocks, menus=menus, visibility=visibility)

    def _again(self) -> list[Spelled]:
        """The line that asks the same again, which Slack shows and a terminal still has."""
        again = self._show.again
        return [spelled([Run(again)], self._show, CONTEXT)] if again else []

    def _text(self) -> str:
        lines = [self._answer.text.strip()]
        for item in self._body:
            match item:
                case Table():
                    lines += [f"  {line}" for line in item.lines]
                    lines += [f"  {more(item.left_out)}"] * bool(item.left_out)
                case Fact(line, warning):
                    lines.append(f"  {'! ' * warning}{line.text}")
        if self._foot:
            lines.append("  " + " · ".join([part.text for part in self._foot]))
        return "\n".join(line.rstrip() for line in lines)


def named(text: str) -> str:
    """What stands in a line among others: on one line, and not too long."""
    return clip_middle(tidy(text), 2 * NAME)


def aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows as lines, their cells in columns; a column without content takes no room."""
    cells = [[named(cell) for cell in row] for row in rows]
    columns = [column for column in zip(*cells, strict=True) if any(column)]
    widths = [max(map(len, column)) for column in columns]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in zip(*columns, strict=True)
    ]
