"""table, data_table and data_visualization; one of the family a message, 10,000 characters."""

from __future__ import annotations

from typing import Any

from bot.workspace.limits.objects import BLOCK_ID
from bot.workspace.limits.richtext import rich_text
from bot.workspace.limits.rules import (
    Faults,
    boolean,
    choice,
    fault,
    items,
    number,
    record,
    string,
    typed,
)
from bot.workspace.nouns import Json

TABLE_TEXT = 10_000
FAMILY = ("table", "data_table", "data_visualization")


def real(value: Any, at: str, faults: Faults) -> None:
    """Any number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        fault(faults, at, "must be a number")


RAW_TEXT = record({"type": choice("raw_text"), "text": string(TABLE_TEXT)}, {})
RAW_NUMBER = record({"type": choice("raw_number"), "value": real}, {"text": string(100)})
CELL = typed({"raw_text": RAW_TEXT, "raw_number": RAW_NUMBER, "rich_text": rich_text})
HEADING = typed({"raw_text": RAW_TEXT, "raw_number": RAW_NUMBER})

COLUMN = record({}, {"align": choice("left", "center", "right"), "is_wrapped": boolean})


def column(value: Any, at: str, faults: Faults) -> None:
    """Column settings; null skips a column."""
    if value is not None:
        COLUMN(value, at, faults)


def cell_text(cell: Any) -> str:
    """The characters of a cell."""
    if isinstance(cell, list):
        return "".join(map(cell_text, cell))
    if not isinstance(cell, dict):
        return ""
    if cell.get("type") == "raw_number":
        return str(cell.get("text", cell.get("value", "")))
    own = cell.get("text")
    return (own if isinstance(own, str) else "") + cell_text(cell.get("elements", []))


def table_text(block: Json) -> int:
    """Characters in all cells of a table."""
    rows = block.get("rows")
    return sum(len(cell_text(row)) for row in rows) if isinstance(rows, list) else 0


def not_too_much(block: Json, at: str, faults: Faults) -> None:
    """10,000 characters in all cells of one table."""
    if table_text(block) > TABLE_TEXT:
        fault(faults, f"{at}/rows", f"must be less than {TABLE_TEXT + 1} characters in all cells")


def rectangular(block: Json, at: str, faults: Faults) -> None:
    """Every row of a data table has as many cells as the first."""
    rows = [row for row in block.get("rows") or [] if isinstance(row, list)]
    for index, row in enumerate(rows):
        if len(row) != len(rows[0]):
            fault(faults, f"{at}/rows/{index}", "every row must have the same number of cells")


def headed(block: Json, at: str, faults: Faults) -> None:
    """The header row of a data table has no rich text."""
    rows = block.get("rows") or [[]]
    for index, cell in enumerate(rows[0] if isinstance(rows[0], list) else []):
        HEADING(cell, f"{at}/rows/0/{index}", faults)


TABLE = record(
    {"type": choice("table"), "rows": items(items(CELL, 20), 100)},
    {"block_id": BLOCK_ID, "column_settings": items(column, 20, 0)},
    not_too_much,
)

DATA_TABLE = record(
    {
        "type": choice("data_table"),
        "caption": string(2000),
        "rows": items(items(CELL, 20), 101, 2),
    },
    {
        "block_id": BLOCK_ID,
        "page_size": number(1, 100),
        "row_header_column_index": number(0, 19),
    },
    not_too_much,
    rectangular,
    headed,
)

POINT = record({"label": string(20), "value": real}, {})
SERIES = record({"name": string(20), "data": items(POINT, 20)}, {})
CHART = record(
    {"type": choice("bar", "line", "area"), "series": items(SERIES, 6)},
    {
        "axis_config": record(
            {},
            {
                "x_label": string(50),
                "y_label": string(50),
                "categories": items(string(20), 20),
            },
        )
    },
)
PIE = record({"type": choice("pie"), "segments": items(POINT, 6)}, {})

DATA_VISUALIZATION = record(
    {
        "type": choice("data_visualization"),
        "title": string(50),
        "chart": typed(dict.fromkeys(("bar", "line", "area"), CHART) | {"pie": PIE}),
    },
    {"block_id": BLOCK_ID},
)
