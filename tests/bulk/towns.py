"""Two sites with networks of awkward names, known from files."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.psrp.sites import HERE, NOW, THERE, Town, write


def guid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-{number:012x}"


def networks(server: str, first: int, names: Sequence[str], at: str = NOW.isoformat()) -> list[str]:
    rows: list[dict[str, Any]] = [
        {
            "format": "netmap/inventory/1",
            "server": {"id": f"{server.lower()}.corp.example.org", "name": server},
            "collected_at": at,
        },
        *(
            {"network": {"id": guid(first + n), "name": name, "subnets": []}}
            for n, name in enumerate(names)
        ),
        {"end": {"clouds": 0, "hosts": 0, "networks": len(names), "vms": 0}},
    ]
    return [json.dumps(row) for row in rows]


NAMES = (
    "Prod-Web",
    "Prod-DB",
    "DMZ",
    "Shared",
    'A "b", c; d',
    "=SUM(1)",
    "'-x",
    "''y",
    "Lab",
    "Lab",
)
TARGETS = ("DR-Web", "DR-DB", "DMZ", "Shared", "Zürich ✓", "@home", "Bubble", "DR-Lab")


class Twins(Town):
    """No VMs, no remoting: networks only. Ids are `guid(100…)` here and `guid(200…)` there."""

    def __init__(self, folder: Path, names: Sequence[str] = NAMES, **over: Any) -> None:
        super().__init__(folder, 0, **over)
        self.say(f"forget {HERE}")
        self.take(
            write(folder / "ny.jsonl", networks(HERE, 100, names)),
            write(folder / "chi.jsonl", networks(THERE, 200, TARGETS)),
        )

    def table(self) -> list[list[str]]:
        return [list(row) for row in self.does("export")["rows"]]

    def mapped(self) -> dict[str, str]:
        return {row[1]: row[3] for row in self.table()}
