"""Read a mapping table as CSV: what `netmap export` writes, or a spreadsheet makes of it."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.domain.bulk import COLUMNS, End, LeftOut, Wanted, WantedTable
from bot.domain.errors import InventoryFault
from bot.importers.lines import encoding_of

MOST = 100_000
"""Lines; a table of more is none that somebody made."""
_NEEDED = ("source", "target")
_SEPARATOR = re.compile(r"sep=.\r?\n", re.IGNORECASE)
"""A first line by which Excel is told what stands between cells."""


def open_table(path: Path) -> WantedTable:
    """The mappings that a table asks for; lines that say nothing usable are left out and said.

    Raises:
        InventoryFault: it is no such table.
    """
    try:
        data = path.read_bytes()
        encoding, mark = encoding_of(data[:64])
        text = data[mark:].decode(encoding)
    except OSError as error:
        raise InventoryFault(f"{path} cannot be read: {error.strerror}.") from error
    except InventoryFault as fault:
        raise InventoryFault(f"{path}: {fault.message}", fault.hint) from fault
    except UnicodeDecodeError as error:
        raise InventoryFault(
            f"{path} is not valid {error.encoding.upper()}.",
            hint='Save it as "CSV UTF-8" where the program offers that.',
        ) from error
    rows: list[Wanted] = []
    left: list[LeftOut] = []
    columns: set[str] = set()
    for number, cells in _lines(path, text, columns):
        if isinstance(cells, str):
            left.append(LeftOut(place=f"line {number}", why=cells))
            continue
        source = _end(cells, "source", cells["source_server"])
        target = _end(cells, "target", cells["target_server"])
        test = _end(cells, "test", cells["target_server"])
        missing = [
            word
            for word, end in (("source", source), ("target", target))
            if not (end.name or end.id)
        ]
        if missing:
            why = f"names no {' and no '.join(missing)}."
            left.append(LeftOut(place=f"line {number}", why=why))
            continue
        has_test = bool(test.name or test.id)
        rows.append(
            Wanted(f"line {number}", source, target, test if has_test else None, "test" in columns)
        )
    return WantedTable(path.name, rows, left, [])


def is_table(head: str) -> bool:
    """Whether a file that begins so is a mapping table."""
    first = _SEPARATOR.sub("", head).partition("\n")[0].lower()
    return all(word in first for word in _NEEDED) and any(sign in first for sign in ",;\t")


def _lines(path: Path, text: str, named: set[str]) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Each line with its number, as cells by column, or as what is wrong with it."""
    if not text.strip():
        raise InventoryFault(f"{path} is empty.")
    told = _SEPARATOR.match(text)
    above = 1 if told else 0
    text = text[told.end() :] if told else text
    first = text.partition("\n")[0]
    sign = max(",;\t", key=first.count)  # spreadsheets of many countries write semicolons
    lines = list(io.StringIO(text, newline=""))
    try:
        reader = _reader(lines, 0, sign)
        header = [cell.strip().lower() for cell in next(reader, [])]
    except csv.Error as error:
        raise InventoryFault(
            f"{path} is no table that can be read.", facts=[f"line {1 + above}: {error}"]
        ) from error
    columns = _columns(path, header)
    named |= {name.removesuffix("_id") for name in columns}
    needed = 1 + max(_first(columns, word) for word in _NEEDED)
    if len(lines) > MOST:
        raise InventoryFault(f"{path} has more than {MOST:,} lines.")
    begun = 0
    """Lines before those that `reader` was given."""
    while True:
        start = begun + reader.line_num
        number = start + 1 + above
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield (
                number,
                f"has a quote that is not closed, or something after one that is: {error}.",
            )
            begun = start + 1  # what follows it is looked at by itself
            reader = _reader(lines, begun, sign)
            continue
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) < needed or any(cell.strip() for cell in cells[len(header) :]):
            count = f"{len(cells)} cell{'s' * (len(cells) != 1)}"
            yield number, f"has {count}, and the first line has {len(header)}."
            continue
        # A spreadsheet leaves out cells at the end that are empty, or adds some.
        found = {name: cells[at].strip() for name, at in columns.items() if at < len(cells)}
        yield number, {name: found.get(name, "") for name in COLUMNS}


def _reader(lines: list[str], start: int, sign: str) -> Any:
    rest = map(lines.__getitem__, range(start, len(lines)))
    return csv.reader(rest, delimiter=sign, strict=True)


def _first(columns: dict[str, int], word: str) -> int:
    """Where the first cell stands that can name this end."""
    return min(columns[name] for name in (word, f"{word}_id") if name in columns)


def _columns(path: Path, header: list[str]) -> dict[str, int]:
    named = [name for name in header if name]
    twice = sorted({name for name in named if named.count(name) > 1})
    strange = [name for name in named if name not in COLUMNS]
    if not all({word, f"{word}_id"} & set(named) for word in _NEEDED) or twice or strange:
        facts = [f"{name} stands there twice" for name in twice]
        facts += [f"{name} is no column of it" for name in strange]
        raise InventoryFault(
            f"The first line of {path} does not name the columns of a mapping table.",
            hint=f"They are: {', '.join(COLUMNS)}; source and target, or their ids, must be there.",
            facts=facts,
        )
    return {name: at for at, name in enumerate(header) if name}


def _end(cells: dict[str, str], word: str, server: str) -> End:
    name, plain = cells[word], _plain(cells[word])
    return End(name, _plain(cells[f"{word}_id"]), _plain(server), plain if plain != name else "")


def _plain(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from taking a name for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("'", "=", "+", "-", "@") else cell
