"""Small inventories, of which a test says only what matters to it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.domain.inventory import Item
from bot.importers import open_inventory
from bot.ports import InventorySource

Row = dict[str, Any]
Rows = list[Row | str]
"""Text stands for itself."""


def header(**over: Any) -> Row:
    return {
        "format": "netmap/inventory/1",
        "server": {"id": "S-1", "name": "VMM-NewYork"},
        "collected_at": "2026-11-22T06:00:00Z",
        **over,
    }


def cloud(name: str = "Gold", **over: Any) -> Row:
    return {"cloud": {"id": f"c-{name}", "name": name, **over}}


def host(name: str = "hv01", **over: Any) -> Row:
    return {"host": {"id": f"h-{name}", "name": name, **over}}


def network(name: str = "Prod", subnets: Sequence[str | Row] = ("Web",), **over: Any) -> Row:
    listed = [
        subnet if isinstance(subnet, dict) else {"id": f"s-{name}-{subnet}", "name": subnet}
        for subnet in subnets
    ]
    return {"network": {"id": f"n-{name}", "name": name, "subnets": listed, **over}}


def adapter(slot: int = 0, net: str | None = "Prod", sub: str | None = "Web", **over: Any) -> Row:
    return {
        "slot": slot,
        "network": net and f"n-{net}",
        "subnet": sub and f"s-{net}-{sub}",
        **over,
    }


def vm(name: str = "web01", *adapters: Row, **over: Any) -> Row:
    return {"vm": {"id": f"v-{name}", "name": name, "adapters": list(adapters), **over}}


def end(rows: Sequence[Mapping[str, Any]], **over: int) -> Row:
    counts = {f"{kind}s": sum(kind in row for row in rows) for kind in _KINDS}
    return {"end": {**counts, **over}}


_KINDS = ("cloud", "host", "network", "vm")


def whole(*rows: Row) -> list[Row]:
    """The rows with a header and the last line."""
    return [header(), *rows, end(rows)]


def text(rows: Sequence[Row | str], newline: str = "\n") -> str:
    return "".join(
        (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + newline
        for row in rows
    )


def write(folder: Path, rows: Sequence[Row | str], name: str = "ny.jsonl") -> Path:
    path = folder / name
    path.write_text(text(rows), encoding="utf-8")
    return path


def open_one(
    *paths: Path, server: str | None = None, collected_at: datetime | None = None
) -> InventorySource:
    [source] = open_inventory(paths, server, collected_at)
    return source


def read(source: InventorySource) -> list[tuple[Item, Any]]:
    """Every line with what it says; raises all faults."""
    rows = [(item, source.parse(item)) for item in source.items()]
    source.finish()
    return rows
