"""Rows 1-4 and 12: drift, digest and changes against what SQLite itself needs for the same rows."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot import commands
from bot.cli.paper import Paper
from bot.commands import Caller
from bot.domain.asking import Stamp
from bot.domain.codes import Role
from bot.ports import Tables
from bot.render.sheets import Sheet
from bot.usecases.placing import ask_again
from bot.usecases.watching.drift import AskDrift, drift
from bot.usecases.watching.findings import look
from bot.wiring import House
from tests.bench.estate import BIG
from tests.bench.made import BY, after, copy, open_house, stand_as_wished
from tests.bench.rounds import Row, child, in_turns, ratio, timed

SCAN = "SELECT count(*), sum(pair), sum(slot), sum(segment), sum(observed) FROM {table} NOT INDEXED"
PAGE = 12


def drifting(path: Path, rounds: int) -> Iterator[Row]:
    """Rows 1, 2, 3 and 12."""
    with scanned(path) as (house, scan, bare):
        found = in_turns(
            scan,
            {
                "bare": bare,
                "placement": lambda: placement_drift(house),
                "all": lambda: drift(house.ports, [AskDrift()], _stamp()),
                "page": lambda: first_page(house),
                "count": lambda: count(house),
                "digest": lambda: look(house.ports, _stamp()),
            },
            rounds,
        )
        wider = in_turns(bare, {"scan": scan}, rounds)["scan"]
        ids = placement_drift(house)
    facts = {"drifted": ids, "scan_ms": wider.ms} | {name: r._asdict() for name, r in found.items()}
    one, every, page, number, digest = (
        found[name] for name in ("placement", "all", "page", "count", "digest")
    )
    yield Row("1", "Placement drift, rule included, ids in hand / scan of its table", "≤ 0.25",
              str(one), one.median <= 0.25, facts)  # fmt: skip
    yield Row("1", "that scan / scan of a bare table of four integers", "≤ 2",
              str(wider), wider.median <= 2, {})  # fmt: skip
    yield Row("1", "the whole `drift` answer, every other finding included / scan", "",
              str(every), None, {})  # fmt: skip
    yield Row("2", "Drift with the names of the first page / scan", "≤ 0.5",
              str(page), page.median <= 0.5, {})  # fmt: skip
    yield Row("2", "Drift, only counted / scan", "≤ 0.1",
              str(number), number.median <= 0.1, {})  # fmt: skip
    yield Row("3", "Digest: findings, what is new against the last, stored / scan", "≤ 0.4",
              str(digest), digest.median <= 0.4, {})  # fmt: skip
    memory = child("drift_memory", path)
    more = memory["after"] - memory["before"]
    yield Row("12", "Memory that drift adds to the open, scanned store", "≤ 30 MB",
              f"{more:.0f} MB", more <= 30, memory)  # fmt: skip


@contextmanager
def scanned(path: Path) -> Iterator[tuple[House, Callable[[], object], Callable[[], object]]]:
    """A house, one sequential scan of its pair adapters, and one of a bare table of as many."""
    house = open_house(path)
    with closing(sqlite3.connect(path.with_name("bare.db"))) as other:
        other.executescript(
            "DROP TABLE IF EXISTS bare;"
            "CREATE TABLE bare (pair INTEGER, slot INTEGER, segment INTEGER, observed INTEGER);"
        )
        with house.store.read():
            rows = house.store._connection().execute(
                "SELECT pair, slot, segment, observed FROM pair_adapter"
            )
            other.executemany("INSERT INTO bare VALUES (?, ?, ?, ?)", rows)
        other.commit()
        own = house.store._connection()
        yield (
            house,
            lambda: own.execute(SCAN.format(table="pair_adapter")).fetchone(),
            lambda: other.execute(SCAN.format(table="bare")).fetchone(),
        )
    house.close()
    path.with_name("bare.db").unlink()


def placement_drift(house: House) -> int:
    """Ask the rule about every class, and list the adapters that are not where they belong."""
    with house.store.read() as tables:
        ask_every_class(tables)
        return len(list(tables.segments.moves()))


def ask_every_class(tables: Tables) -> None:
    """The rule, once a class; nothing is written, as all have their answers."""
    assert not ask_again(tables, tables.estate(), tables.segments.all(), 0)


def first_page(house: House) -> list[str]:
    """The same with names for the first page."""
    with house.store.read() as tables:
        ask_every_class(tables)
        moves = list(tables.segments.moves())
        names = tables.vms.names(move.pair for move in moves[:PAGE])
        return [names[move.pair] for move in moves[:PAGE]]


def count(house: House) -> int:
    """Only how many could be reconnected."""
    with house.store.read() as tables:
        return tables.segments.open_count()


def changing(path: Path, rounds: int, folder: Path) -> Iterator[Row]:
    """Row 4: a mapping of the network that carries a tenth of all adapters."""
    house = open_house(copy(path, "changed.db"))
    source = f"src-{BIG:03}"
    first, second, third = "dst-001", "dst-002", "dst-003"
    floor: list[float] = []
    taken: dict[str, list[float]] = {name: [] for name in ("add", "change", "remove", "file")}
    say(house, f"add {source} to {first}")
    stand_as_wished(house, source)
    listed = folder / "moves.csv"
    with house.store.read() as tables:
        (network,) = tables.estate().called(source)
        adapters = sum(s.adapters for s in tables.segments.of(network.id, 2))
    for _ in range(rounds + 1):
        floor.append(insert_select(house, source))
        taken["remove"].append(timed(lambda: say(house, f"remove {source}")))
        taken["add"].append(timed(lambda: say(house, f"add {source} to {second}")))
        taken["change"].append(timed(lambda: say(house, f"change {source} to {third}")))
        listed.unlink(missing_ok=True)
        taken["file"].append(timed(lambda: list_to_file(house, source, second, listed)))
        say(house, f"change {source} to {first}")
    house.close()
    with listed.open(encoding="utf-8") as lines:
        assert sum(1 for _ in lines) == adapters + 1
    listed.unlink()
    ratios = {name: ratio(times[1:], floor[1:]) for name, times in taken.items()}
    for name in ("add", "change", "remove"):
        found = ratios[name]
        yield Row("4", f"`{name}` over {adapters:,} pair adapters / bare INSERT…SELECT of those",
                  "≤ 1.3", str(found), found.median <= 1.3, found._asdict())  # fmt: skip
    found = ratios["file"]
    yield Row("4", "`change` with the whole list written to a file / the same", "≤ 3",
              str(found), found.median <= 3, found._asdict())  # fmt: skip


def say(house: House, line: str) -> None:
    """Say a line that has to be answered."""
    caller = Caller(BY, Role.ADMIN, after(2, 2))
    reply = commands.answer(house.ports, line, caller)
    assert reply.ok, reply.text


def list_to_file(house: House, source: str, target: str, path: Path) -> None:
    """Change it with every move written to a file, as `netmap say --csv` does."""
    with Paper(path, house.settings.db) as paper:
        caller = Caller(BY, Role.ADMIN, after(2, 2), sheet=Sheet(paper))
        reply = commands.answer(house.ports, f"change {source} to {target}", caller)
        paper.keep()
    assert reply.ok, reply.text


def insert_select(house: House, source: str) -> float:
    """Seconds of storing the adapters of a network as bare rows, in key order, committed."""
    own = house.store._connection()
    own.execute("DROP TABLE IF EXISTS bench_moves")
    own.execute(
        "CREATE TABLE bench_moves (change INTEGER, pair INTEGER, slot INTEGER, wish INTEGER,"
        " PRIMARY KEY (change, pair, slot)) STRICT, WITHOUT ROWID"
    )

    def work() -> None:
        own.execute("BEGIN IMMEDIATE")
        own.execute(
            "INSERT INTO bench_moves SELECT 1, pa.pair, pa.slot, pa.observed FROM network n"
            " CROSS JOIN place p ON p.network = n.id CROSS JOIN segment s ON s.source = p.id"
            " CROSS JOIN pair_adapter pa ON pa.segment = s.id WHERE n.name = ?"
            " ORDER BY pa.pair, pa.slot",
            (source,),
        )
        own.execute("COMMIT")

    taken = timed(work)
    own.execute("DROP TABLE bench_moves")
    return taken


def _stamp() -> Stamp:
    return Stamp(BY, after(2, 2))
