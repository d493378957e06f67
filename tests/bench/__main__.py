"""Measure the product, and say how each ratio stands to its bound.

python -m tests.bench                      all of it, a million pair adapters
python -m tests.bench --pairs 20000        a smoke run
python -m tests.bench --only 1,2,4 --json
python -m tests.bench --plot tests/bench/growth.svg
"""

import argparse
import json
import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import engine, growth, start, takein, talk
from tests.bench.estate import Shape, write
from tests.bench.made import make
from tests.bench.rounds import CPU, Row

SMALL = 10_000


def main(given: list[str]) -> int:
    """Run; 0 when every bound holds."""
    asked = _asked(given)
    if asked.cpu:
        os.environ[CPU] = "1"
    with tempfile.TemporaryDirectory(prefix="netmap-bench-") as made:
        folder = Path(asked.folder or made)
        folder.mkdir(parents=True, exist_ok=True)
        if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):  # an installed netmap has its own
            os.environ["PYTHONPYCACHEPREFIX"] = str(folder.absolute() / "bytecode")
        if asked.plot:
            found = growth.panels(folder, asked.pairs, asked.rounds, _say)
            Path(asked.plot).write_text(growth.draw(found), encoding="utf-8")
            return 0
        rows = []
        for row in measured(asked, folder):
            rows.append(row)
            if not asked.json:
                _print(row)
    if asked.json:
        print(json.dumps({"about": _about(asked), "rows": [row._asdict() for row in rows]}))
    missed = [row for row in rows if row.holds is False]
    return 1 if missed else 0


def measured(asked: argparse.Namespace, folder: Path) -> Iterator[Row]:
    """The rows of the table, in its order."""
    only = set(asked.only.split(",")) if asked.only else None
    shape, least = Shape(asked.pairs), Shape(min(SMALL, asked.pairs))

    def wants(*numbers: str) -> bool:
        return only is None or bool(only & set(numbers))

    parts: list[tuple[tuple[str, ...], Callable[[Path], Iterator[Row]]]] = [
        (("1", "2", "3", "12"), lambda path: engine.drifting(path, asked.rounds)),
        (("4",), lambda path: engine.changing(path, asked.rounds, folder)),
        (
            ("5", "6"),
            lambda path: talk.talking(path, make(folder, least, _say), shape, least, asked.rounds),
        ),
        (("7",), lambda path: talk.acknowledging(path, shape)),
        (("8", "9"), lambda _: takein.importing(folder, asked.rounds, asked.vms)),
        (("10",), lambda path: talk.while_importing(path, shape, _files(folder, shape), 2)),
        (("11",), lambda path: start.starting(path, asked.rounds)),
        (("13",), lambda path: talk.against_errbot(path, shape, asked.errbot, asked.rounds)),
    ]
    for numbers, rows in parts:
        if wants(*numbers):
            path = make(folder, shape, _say) if numbers != ("8", "9") else folder
            yield from rows(path)


def _say(text: str) -> None:
    print(f"  {text} …", file=sys.stderr, flush=True)


def _files(folder: Path, shape: Shape) -> tuple[Path, Path]:
    """Two files of the source server, a hundredth apart."""
    return write(folder, shape, 3)[0], write(folder, shape, 4)[0]


def _asked(given: list[str]) -> argparse.Namespace:
    reads = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    reads.add_argument("--pairs", type=int, default=1_000_000, help="pair adapters of the estate")
    reads.add_argument("--vms", type=int, help="VMs of the imported file; 100,000 at full size")
    reads.add_argument("--rounds", type=int, default=5)
    reads.add_argument("--only", help="rows to measure, such as 1,2,4")
    reads.add_argument("--json", action="store_true")
    reads.add_argument(
        "--cpu", action="store_true", help="time on the processor, where others use it too"
    )
    reads.add_argument("--plot", metavar="FILE", help="measure how cost grows, and draw it")
    reads.add_argument(
        "--errbot", metavar="PYTHON", default=sys.executable, help="a Python that has errbot"
    )
    reads.add_argument("--folder", help="where estates are kept for the next run; temporary if not")
    asked = reads.parse_args(given)
    asked.vms = asked.vms or min(takein.VMS, asked.pairs * 2 // 5)
    return asked


def _about(asked: argparse.Namespace) -> dict[str, object]:
    return {
        "pair_adapters": asked.pairs,
        "rounds": asked.rounds,
        "clock": "processor" if asked.cpu else "wall",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def _print(row: Row) -> None:
    mark = {True: "holds", False: "MISSED", None: ""}[row.holds]
    print(f"{row.number:>3}  {row.what:<78} {row.found:>22}  {row.bound:<16} {mark}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
