"""A list too long for an answer goes into a file, all of it, and is never held as a whole."""

import csv
import io
import sqlite3
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.commands import Caller, answer
from bot.domain.asking import Gate, Stamp
from bot.domain.codes import ChangeKind, Role
from bot.render.sheets import Sheet
from tests.builders import CH, NY, Site, Town, on, protect


def fill(town: Town, vms: int) -> tuple[Site, Site]:
    """So many replicated VMs on two subnets, some off, some running, one where it should not be."""
    ny, ch = Site(NY), Site(CH)
    ny.net("Prod", "Web", "App")
    ch.net("DR-A", "Web", "Mgmt")
    ch.net("DR-B", "Mgmt", "App")
    for n in range(vms):
        power = "running" if n % 5 == 0 else "off"
        here = on("Prod", "Web" if n % 2 else "App")
        protect(ny, ch, f"vm{n:05}", here, on(None), power=power)
    ny.vm("six", *(on("Prod", "Web", slot) for slot in range(6)))
    ch.vm("six", *(on(None, None, slot) for slot in range(6)), role="replica")
    town.takes(ny, ch)
    return ny, ch


def listed(town: Town, line: str) -> list[tuple[str, ...]]:
    """The rows that go into a file."""
    out = io.StringIO(newline="")
    reply = town.house.answer(line, "local:ana", sheet=Sheet(out))
    assert reply.ok, reply.text
    rows = csv.reader(io.StringIO(out.getvalue()[1:], newline=""))
    return [tuple(row) for row in rows][1:]


def held(town: Town, line: str) -> list[tuple[str, ...]]:
    """The same as the result of an answer that holds all of them."""
    moves = town.says(line, page=None).result["moves"]
    state = {"running": " · left alone: it is running"}
    words = {"same_name": "same name", "first_subnet": "first subnet", "not_mapped": "not mapped"}

    def spot(at: dict[str, str]) -> str:
        return f"{at['network']} / {at['subnet']}" if at["network"] else "no network"

    return [
        (
            move["vm"],
            f"NIC {move['slot']}",
            f"{spot(move['was'])} → {spot(move['to'])}",
            words[move["rule"]] + state.get(move["state"], ""),
        )
        for move in moves
    ]


@pytest.mark.parametrize("vms", [8, 600])
@pytest.mark.parametrize(
    ("before", "line"),
    [
        ([], "add Prod to DR-A --dry-run"),
        (["add Prod to DR-A"], "change Prod to DR-B --dry-run"),
        (["add Prod to DR-A"], "plan"),
    ],
)
def test_the_file_has_every_row_that_the_answer_would_hold(
    tmp_path: Path, vms: int, before: list[str], line: str
) -> None:
    town = Town(tmp_path)
    fill(town, vms)
    for said in before:
        town.does(said)

    rows = listed(town, line)

    assert rows
    assert sorted(rows) == sorted(held(town, line))


def test_the_rows_of_a_removal_are_those_that_stand_on_what_was_removed(tmp_path: Path) -> None:
    town = Town(tmp_path)
    _ny, ch = fill(town, 600)
    town.does("add Prod to DR-A")
    for n in range(0, 600, 2):
        ch.vms[f"vm{n:05}"]["adapters"] = [on("DR-A", "Mgmt")]
    town.takes(ch)

    rows = listed(town, "remove Prod")

    assert sorted(vm for vm, *_ in rows) == [f"vm{n:05}" for n in range(0, 600, 2)]
    assert {way for _, _, way, _ in rows} == {"DR-A / Mgmt → no network"}


def test_the_worst_come_first(tmp_path: Path) -> None:
    town = Town(tmp_path)
    fill(town, 600)

    rows = listed(town, "add Prod to DR-A --dry-run")

    rules = [rule for *_, rule in rows]
    order = ["first subnet", "same name"]
    order += [f"{rule} · left alone: it is running" for rule in order]
    assert rules == sorted(rules, key=order.index)


def test_a_renamed_vm_is_listed_by_its_new_name(tmp_path: Path) -> None:
    town = Town(tmp_path)
    _ny, ch = fill(town, 4)
    town.does("add Prod to DR-A")
    ch.vms["vm00001"]["name"] = "web01"
    town.takes(ch)

    rows = listed(town, "plan")

    names = {vm for vm, *_ in rows}
    assert "web01" in names
    assert "vm00001" not in names


def test_a_refused_line_writes_nothing(tmp_path: Path) -> None:
    town = Town(tmp_path)
    fill(town, 4)
    out = io.StringIO(newline="")

    reply = town.house.answer("add Prod to Nowhere", "local:ana", sheet=Sheet(out))

    assert not reply.ok
    assert out.getvalue() == ""


class Away(io.StringIO):
    """Takes what is written, and keeps nothing of it."""

    def write(self, text: str) -> int:
        return len(text)


def peak(folder: Path, vms: int, line: str, before: str = "list", gate: Gate | None = None) -> int:
    """Bytes at most while the whole list of an answer was written."""
    folder.mkdir()
    town = Town(folder)
    fill(town, vms)
    town.does(before)
    caller = Caller("local:ana", Role.ADMIN, town.at, sheet=Sheet(Away()), gate=gate)
    answer(
        town.house.ports, line if line == "plan" else f"{line} --dry-run", caller
    )  # what is kept is kept now
    tracemalloc.start()
    answer(town.house.ports, line, caller)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


@pytest.mark.parametrize("gate", [None, Gate(over=100_000)])
def test_a_list_takes_little_memory_however_long_it_is(tmp_path: Path, gate: Gate | None) -> None:
    small = peak(tmp_path / "small", 500, "add Prod to DR-A", gate=gate)
    large = peak(tmp_path / "large", 10_000, "add Prod to DR-A", gate=gate)

    assert large - small < 250 * 9_500


def test_a_plan_takes_little_memory_however_much_it_moves(tmp_path: Path) -> None:
    small = peak(tmp_path / "small", 500, "plan", "add Prod to DR-A")
    large = peak(tmp_path / "large", 6_000, "plan", "add Prod to DR-A")

    assert large - small < 100 * 5_500


def test_a_history_is_written_to_its_beginning(tmp_path: Path) -> None:
    town = Town(tmp_path)
    fill(town, 4)
    town.does("add Prod to DR-A")
    with town.house.store.write() as tables:
        for _ in range(1_200):
            tables.changes.begin(ChangeKind.APPLY, Stamp("U0ANA", town.at))
    numbers = [row[0] for row in listed(town, "history")]

    assert numbers[-3:] == ["C3", "C2", "C1"]
    assert len(set(numbers)) == len(numbers) == 1_203


class Slow(io.StringIO):
    """Paper on which somebody else does something before each line is written."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__(newline="")
        self._meanwhile = meanwhile

    def write(self, text: str) -> int:
        self._meanwhile()
        return super().write(text)


def test_nobody_waits_for_the_disk_that_a_list_is_written_to(tmp_path: Path) -> None:
    town = Town(tmp_path)
    fill(town, 600)

    def write_something() -> None:
        with closing(sqlite3.connect(town.path, timeout=0)) as other, other:
            other.execute("BEGIN IMMEDIATE")

    for line in ("add Prod to DR-A --dry-run", "add Prod to DR-A", "undo C3"):
        out = Slow(write_something)
        reply = town.house.answer(line, "local:ana", sheet=Sheet(out))

        assert reply.ok, reply.text
        assert "NIC 0" in out.getvalue() or line.startswith("undo")


def test_a_list_is_of_the_moment_of_its_change_whatever_is_written_meanwhile(
    tmp_path: Path,
) -> None:
    town = Town(tmp_path)
    _ny, ch = fill(town, 600)
    wanted = listed(town, "add Prod to DR-A --dry-run")
    for n in range(600):
        ch.vms[f"vm{n:05}"]["adapters"] = [on("DR-B", "App")]
    other = Town(tmp_path)
    moved: list[bool] = []

    def move_them() -> None:
        if not moved:
            moved.append(True)
            other.at = town.at
            other.takes(ch)

    out = Slow(move_them)
    reply = town.house.answer("add Prod to DR-A", "local:ana", sheet=Sheet(out))

    rows = csv.reader(io.StringIO(out.getvalue()[1:], newline=""))
    assert reply.ok
    assert [tuple(row) for row in rows][1:] == wanted


def test_who_was_connected_by_hand_is_in_no_list_of_what_taking_back_moves(tmp_path: Path) -> None:
    town = Town(tmp_path)
    _ny, ch = fill(town, 8)
    ch.vms["vm00001"]["adapters"] = [on("DR-A", "Web")]
    town.takes(ch)
    change = town.does("add Prod to DR-A")["change"]
    ch.vms["vm00003"]["adapters"] = [on("DR-A", "Web")]
    town.takes(ch)

    rows = listed(town, f"undo {change}")

    assert [vm for vm, *_ in rows] == ["vm00003"]


def test_a_program_gets_the_first_thousand_and_how_many_more(tmp_path: Path) -> None:
    town = Town(tmp_path)
    fill(town, 1_300)

    added = town.says("add Prod to DR-A --dry-run", page=None).result
    town.does("add Prod to DR-A")
    plan = town.says("plan", page=None).result

    assert (len(added["moves"]), added["more"]) == (1_000, 306)
    assert (len(plan["moves"]), plan["more"]) == (1_000, plan["total"]["adapters"] - 1_000)


class OfWhatIsDone(Sheet):
    """Takes lists of more than a dozen, of changes that are done."""

    def wants(self, number: int, done: bool) -> bool:
        return done and number > 12


@pytest.mark.parametrize(
    ("vms", "over", "line", "rows"),
    [
        (600, 1_000, "add Prod to DR-A", 606),
        (600, 25, "add Prod to DR-A", -1),
        (600, 1_000, "add Prod to DR-A --dry-run", -1),
        (3, 25, "add Prod to DR-A", -1),
    ],
)
def test_a_list_that_is_not_wanted_is_not_made(
    tmp_path: Path, vms: int, over: int, line: str, rows: int
) -> None:
    town = Town(tmp_path)
    fill(town, vms)
    sheet = OfWhatIsDone(io.StringIO(newline=""))
    caller = Caller("U0ANA", Role.ADMIN, town.at, gate=Gate(over), pages=True, sheet=sheet)

    reply = answer(town.house.ports, line, caller)

    assert reply.ok, reply.text
    assert sheet.rows == rows
