"""No statement walks a table that grows with the VMs, but for those named here.

The statements are those that the product sends while the sample estate is loaded and every command
runs on it; SQLite is asked how it would carry out each. A new scan fails here: give it an index, or
a CROSS JOIN in the order that has one, or name it below with the reason why it may stay.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest

from bot.commands import COMMANDS
from bot.domain.inventory import UnreadableLine
from bot.render.sheets import Sheet
from bot.settings import Settings
from bot.wiring import House
from bot.wiring.taking import load_sample
from storage.lives import CHANGED_OUTSIDE

GROWING = (
    "vm", "adapter", "pair", "pair_name", "pair_adapter", "taken", "change", "change_network"
)  # fmt: skip

ALLOWED = {
    "SELECT c.id, c.kind, c.by, c.at, c.reason, c.command, c.part_of, c.undone_by, c.undoes,"
    " c.detail FROM change c WHERE c.part_of = 0": "the newest first, until the page is full",
    CHANGED_OUTSIDE: "the networks of every change that people made: 30 ms for 100,000, and to seek"
    " the newest of each would take half of that, and longer in every smaller history",
}
"""Beginning of a statement -> why it may walk."""

OF_A_FEW = ("pair_faults",)
"""Indexes that hold only rows with something wrong about them; they may be walked."""

LINES = (
    "drift --server VMM-Chicago",
    "vm web0",
    "vm nobody",
    "vm web01 on VMM-Chicago",
    "vm web01 --test",
    "history Prod-App",
    "show Prod-App",
    "show M1",
    "list App",
    "add Prod-Web to DR-Web",
    "change Prod-Web to DR-Old",
    "remove Prod-Web",
    "plan --server VMM-Chicago",
    "adopt DR-Reports",
    "forget VMM-Denver",
)
HOT = {
    "a VM by its name": r"FROM vm v .* WHERE v.key = ",
    "its pairs": r"FROM pair WHERE hyperv = ",
    "its adapters": r"FROM adapter WHERE vm = ",
    "what does not stand where it belongs": r"UNION ALL.*pa.observed > s.desired",
    "what is astray, for findings": r"group_concat\(pa.pair\) FROM segment .* UNION ALL",
    "who stands on former targets": r"CROSS JOIN former f .* s.former > 0",
    "who is connected where nothing is mapped": r"FROM json_each.* pa.observed > 0 GROUP BY",
    "the VMs of a finding": r"group_concat\(pair\) FROM pair_adapter .* observed <= 0",
    "a few VMs of a finding": r"SELECT pair FROM pair_adapter .* LIMIT",
    "who was connected before": r"SELECT group_concat\(pair \* 256 \+ slot\) FROM pair_adapter",
    "names of a page": r"FROM json_each.* JOIN pair_name n ON n.id = j.value",
    "names of a whole list": r"json_group_array.* JOIN pair_name n ON n.id = pa.pair",
    "names that were imported": r"INSERT INTO pair_name",
    "near names": r"SELECT DISTINCT name FROM vm WHERE key >= ",
    "the classes of a mapping": r"FROM segment s JOIN place p ON p.id = s.source",
    "pools": r"FROM taken WHERE place = ",
    "history of a network": r"SELECT change FROM change_network WHERE network IN",
    "objects to pair": r"CROSS JOIN vm v ON v.hyperv = a.hyperv\s+CROSS JOIN server s",
    "pairs known": r"CROSS JOIN pair p ON p.hyperv = a.hyperv",
    "what VMM said to have connected": r"FROM segment s .* AND pa.observed_since IN",
    "what was connected stands again": r"UPDATE pair_adapter SET observed = .* AND observed <> ",
    "who stays as connected by hand": r"UPDATE pair_adapter SET observed_since = .* RETURNING",
    "VMs that could not be read": r"FROM json_each.* JOIN vm v\s+ON v.server = .* v.guid = g.value",
    "what is not known of them": r"UPDATE vm SET power = NULL",
    "where they are not known to be": r"UPDATE adapter SET at = -1 WHERE vm IN",
    "VMs of hosts that moved": r"FROM vm WHERE server = .* AND host IN",
    "what goes with a server": r"DELETE FROM pair WHERE id IN",
    "what was changed past netmap": r"WITH last AS",
    "what a change concerned": r"SELECT affected FROM change WHERE id = ",
    "digests of a server": r"SELECT json_group_array\(id\), .* FROM vm WHERE server",
}
"""Statements that must be among those sent, or this test looks at nothing."""

SEEKS = {
    "a VM by its name": "vm_key (key=?)",
    "its adapters": "adapter USING PRIMARY KEY (vm=?)",
    "what does not stand where it belongs": "(segment=? AND observed>? AND observed<?)",
    "what is astray, for findings": "(segment=? AND observed>? AND observed<?)",
    "who is connected where nothing is mapped": "(segment=? AND observed>?)",
    "the VMs of a finding": "(segment=? AND observed<?)",
    "who was connected before": "(segment=? AND observed=? AND observed_since>?)",
    "what was connected stands again": "pair_adapter USING PRIMARY KEY (pair=? AND slot=?)",
    "who stays as connected by hand": "pair_adapter USING PRIMARY KEY (pair=? AND slot=?)",
    "VMs that could not be read": "(server=? AND guid=?)",
    "where they are not known to be": "vm=?)",
    "pools": "taken USING PRIMARY KEY (place=?",
}
"""How they seek: less of an index is a search too, one through all of a server or a class."""

_ALIAS = re.compile(
    rf"\b(?:FROM|JOIN|INTO|UPDATE)\s+({'|'.join(GROWING)})\b(?:\s+(?!ON\b|WHERE\b|SET\b)(\w+))?"
)
_SCAN = re.compile(
    r"(?:SCAN|SEARCH(?= \w+ USING AUTOMATIC)) (\w+)(?: USING (?:COVERING )?INDEX (\w+))?"
)
"""An automatic index is made by walking the table."""
_EXPLAINED = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, set[str]]]:
    """A house with the sample in it, and every statement that was sent until then."""
    path = tmp_path_factory.mktemp("plans") / "netmap.db"
    now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    house = House(Settings.read({"NETMAP_DB": str(path)}), lambda: now)
    sent: set[str] = set()
    with traced(house, sent):
        load_sample(house)
        for command in COMMANDS:
            house.answer(command.example, "local:test")
            house.answer(command.example, "local:test", page=None)
            house.answer(command.example, "local:test", sheet=Sheet(StringIO()))
        for line in LINES:
            house.answer(line, "local:test")
        seldom(house)
    yield house, sent
    house.close()


def seldom(house: House) -> None:
    """What an import does where VMs could not be read or VMM was faster than it, and the like."""
    before = house.now() - timedelta(hours=1)
    with house.store.rehearse() as tables:
        servers = tables.estate().servers
        for server, about in servers.items():
            newer = tables.segments.confirmed_after(server, before)
            tables.segments.confirm_again(newer)
            found = tables.vms.named("web01")
            broken = [UnreadableLine(id=vm.guid, name=vm.name, why="?") for vm in found]
            tables.unreadable.put(server, about.name, broken, before)
            tables.unreadable.hyperv(server)
            assert list(tables.pairs.all_of(server))
            list(tables.pairs.on_hosts(server, {1, 2}))
            classes = [segment.id for segment in tables.segments.all()]
            moves = list(tables.segments.moves())
            tables.segments.leave([move.number for move in moves], classes, tables.changes.last())
            tables.segments.confirm(moves[:3], tables.changes.last())
        tables.pairs.set_home(1, 1)
        tables.changes.affected(tables.changes.last())
        for server in servers:
            tables.inventories.mark_vms_gone(server)
            tables.inventories.forget(server)


@contextmanager
def traced(house: House, sent: set[str]) -> Iterator[None]:
    connection = house.store._connection()
    connection.set_trace_callback(sent.add)
    try:
        yield
    finally:
        connection.set_trace_callback(None)


def scans(connection: sqlite3.Connection, statement: str) -> list[str]:
    """The growing tables that this statement walks from end to end."""
    aliases = {alias or table: table for table, alias in _ALIAS.findall(statement)}
    found = []
    for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement}"):
        walked = _SCAN.match(step)
        if walked and walked[1] in aliases and walked[2] not in OF_A_FEW:
            found.append(aliases[walked[1]])
    return found


def test_no_statement_walks_a_table_that_grows(spoken: tuple[House, set[str]]) -> None:
    house, sent = spoken

    walking = {}
    with house.store.stage():  # some of the statements are about temporary tables
        for statement in filter(_EXPLAINED.match, sent):
            if not statement.startswith(tuple(ALLOWED)):
                found = scans(house.store._connection(), statement)
                if found:
                    walking[statement] = found

    assert walking == {}


@pytest.mark.parametrize("what", HOT)
def test_every_hot_statement_was_looked_at(spoken: tuple[House, set[str]], what: str) -> None:
    _, sent = spoken

    assert any(re.search(HOT[what], statement, re.DOTALL) for statement in sent)


@pytest.mark.parametrize("what", SEEKS)
def test_a_hot_statement_seeks_by_all_it_knows(spoken: tuple[House, set[str]], what: str) -> None:
    house, sent = spoken
    connection = house.store._connection()

    plans = [
        [step for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
        for statement in sent
        if re.search(HOT[what], statement, re.DOTALL) and "temp." not in statement
    ]

    assert plans
    assert [plan for plan in plans if not any(SEEKS[what] in step for step in plan)] == []


def test_where_a_vm_comes_up_takes_a_handful_of_statements(
    spoken: tuple[House, set[str]],
) -> None:
    house, _ = spoken
    house.answer("vm web01", "local:test")
    connection = house.store._connection()
    sent: list[str] = []

    connection.set_trace_callback(sent.append)
    try:
        house.answer("vm web01", "local:test")
    finally:
        connection.set_trace_callback(None)

    of_pools = [s for s in sent if re.search("FROM (place|pool|taken) ", s)]
    assert len(sent) - len(of_pools) <= 8, sent  # the transaction and the state it is of included
    assert len(of_pools) <= 4


@pytest.mark.parametrize("index", ["pair_adapter_segment", "vm_key", "vm_hyperv", "adapter_at"])
def test_a_missing_index_would_be_noticed(spoken: tuple[House, set[str]], index: str) -> None:
    house, sent = spoken
    connection = house.store._connection()
    connection.execute("BEGIN")
    connection.execute(f"DROP INDEX {index}")

    walking = 0
    for statement in sent:
        if _EXPLAINED.match(statement) and "temp." not in statement:
            walking += bool(scans(connection, statement))
    connection.execute("ROLLBACK")

    assert walking > 1
