"""The mapping table as CSV: out and back without loss, every bad line with its number."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.bulk import COLUMNS, End, MappingTable, TableRow
from bot.domain.replies import Reply
from bot.importers.table import open_table
from bot.render.bulk import mappings_csv
from tests.bulk.towns import NAMES, TARGETS, Twins, guid, networks
from tests.psrp.sites import HERE, THERE, write


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Twins]:
    town = Twins(tmp_path)
    yield town
    town.house.close()


def bring(town: Twins, text: str, encoding: str = "utf-8", **options: Any) -> Reply:
    path = town.folder / "maps.csv"
    path.write_bytes(text.encode(encoding))
    return town.take(path, **options)


ALL = "".join(
    f"{HERE},{cell},{THERE},{TARGETS[nth % len(TARGETS)]}\n"
    for nth, name in enumerate(NAMES[:-2])
    for cell in ['"' + name.replace('"', '""') + '"']
)
HEAD = "source_server,source,target_server,target\n"


def test_what_is_exported_comes_back_as_it_was(town: Twins, tmp_path: Path) -> None:
    assert bring(town, HEAD + ALL).ok
    town.does("change Prod-DB to DR-DB --test Bubble")
    before = town.table()
    text = town.say("export").files[0].text
    (tmp_path / "other").mkdir()
    other = Twins(tmp_path / "other")

    reply = bring(other, text)

    assert reply.ok, reply.text
    assert other.table() == before
    assert len(before) == 8
    assert bring(other, text).result["present"] == 8
    other.house.close()


def test_the_same_table_again_changes_nothing(town: Twins) -> None:
    bring(town, HEAD + ALL)
    last = town.does("status")["last_change"]

    again = bring(town, HEAD + ALL)

    assert again.text.startswith("Nothing was changed, 8 are in force already (maps.csv).")
    shown = bring(town, HEAD + ALL, dry_run=True)
    assert shown.text.startswith("Nothing would be changed, 8 are in force already (maps.csv).")
    assert town.does("status")["last_change"] == last


def test_a_dry_run_shows_and_does_nothing(town: Twins) -> None:
    reply = bring(town, HEAD + ALL, dry_run=True)

    assert reply.text.startswith(
        "Dry run, nothing is changed: 8 mappings would be added (maps.csv)."
    )
    assert f"Prod-Web ({HERE}) → DR-Web ({THERE})" in reply.text
    assert town.table() == []


def test_it_is_one_change_that_can_be_undone(town: Twins) -> None:
    change = bring(town, HEAD + ALL).result["mapping"]["change"]

    town.does(f"undo {change}")

    assert town.table() == []


def test_every_bad_line_is_named_and_none_is_taken(town: Twins) -> None:
    reply = bring(
        town,
        HEAD
        + f"{HERE},Prod-Web,{THERE},DR-Web\n"
        + f"{HERE},Nothing,{THERE},DR-Web\n"
        + "\n"
        + f"{HERE},Lab,{THERE},DR-Lab\n"
        + f"VMM-Boston,Prod-DB,{THERE},DR-DB\n"
        + f"{HERE},Prod-DB\n"
        + f"{HERE},,{THERE},DR-DB\n"
        + f"{HERE},Prod-Web,{THERE},DR-DB\n",
    )

    assert not reply.ok
    assert reply.error is not None
    facts = reply.error.facts
    assert [fact.partition(":")[0] for fact in facts] == [
        "line 3", "line 5", "line 6", "line 7", "line 8", "line 9",
    ]  # fmt: skip
    assert "there is no network Nothing on VMM-NewYork." in facts[0]
    assert guid(108) in facts[1]
    assert "the server VMM-Boston is not known" in facts[2]
    assert "has 2 cells, and the first line has 4." in facts[3]
    assert "names no source." in facts[4]
    assert "Prod-Web is in line 2 already, with something else." in facts[5]
    assert town.table() == []


def test_an_id_tells_apart_what_a_name_does_not(town: Twins) -> None:
    reply = bring(town, f"source_id,target_id\n{guid(108).upper()},{guid(207)}\n")

    assert reply.ok, reply.text
    assert town.mapped() == {"Lab": "DR-Lab"}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("DR-DB", f"the name is that of DR-DB, and the id {guid(200)} that of DR-Web."),
        ("DR-Wbe", f"nothing is called DR-Wbe on {THERE}, and the id {guid(200)} is DR-Web's."),
    ],
)
def test_a_name_that_was_edited_beside_its_id_is_not_lost(town: Twins, name: str, why: str) -> None:
    """Whoever edits an export writes over a name and leaves the id where it was."""
    bring(town, HEAD + f"{HERE},Prod-Web,{THERE},DR-Web\n")
    text = town.say("export").files[0].text.replace("DR-Web", name)

    reply = bring(town, text, change=True)

    assert reply.error is not None
    [fact] = reply.error.facts
    assert fact.startswith(f"line 2: {why}")
    assert fact.endswith("Keep one of the two, and leave the other cell empty.")


def test_an_edited_export_leads_networks_elsewhere_without_the_id(town: Twins) -> None:
    bring(town, HEAD + f"{HERE},Prod-Web,{THERE},DR-Web\n")
    text = town.say("export").files[0].text.replace("DR-Web", "DR-DB").replace(guid(200), "")

    assert bring(town, text, change=True).ok
    assert town.mapped() == {"Prod-Web": "DR-DB"}


@pytest.mark.parametrize("test", ["", " --test Bubble"])
def test_a_mapping_whose_network_is_gone_comes_back_too(town: Twins, test: str) -> None:
    town.does(f"add Prod-Web to DR-Web{test}")
    text = town.say("export").files[0].text
    fewer = networks(THERE, 200, TARGETS, at="2026-11-22T06:30:00Z")
    kept = [line for line in fewer if '"DR-Web"' not in line and '"Bubble"' not in line]
    kept[-1] = kept[-1].replace(f'"networks": {len(TARGETS)}', f'"networks": {len(kept) - 2}')
    assert town.take(write(town.folder / "fewer.jsonl", kept), force=True).ok

    assert bring(town, text).result["present"] == 1
    assert bring(town, text, change=True).result["changed"] == 0
    assert bring(town, "source,target\nProd-Web,DR-Web\n").result["present"] == 1
    assert not bring(town, "source,target\nProd-DB,DR-Web\n").ok
    assert not bring(town, "source,target,test\nProd-Web,DR-Web,DR-DB\n").ok


def test_cells_at_the_end_that_a_spreadsheet_leaves_out_are_empty(town: Twins) -> None:
    """Excel looks at sixteen rows at a time, and ends them where the last of them does."""
    lines = [
        "source,target,test,test_id,,",
        "Prod-Web,DR-Web",
        "Prod-DB,DR-DB,,,,,,",
        "DMZ,DMZ,,,,,,more",
        "Prod-Web",
    ]

    reply = bring(town, "\n".join(lines[:3]))
    refused = bring(town, "\n".join(lines))

    assert reply.ok, reply.text
    assert town.mapped() == {"Prod-Web": "DR-Web", "Prod-DB": "DR-DB"}
    assert refused.error is not None
    assert refused.error.facts == [
        "line 4: has 8 cells, and the first line has 6.",
        "line 5: has 1 cell, and the first line has 6.",
    ]


def test_a_quote_that_is_not_closed_is_found_where_it_opens(town: Twins) -> None:
    lines = [
        "source,target",
        '"Prod-Web,DR-Web',
        "Prod-DB,DR-DB",
        '"=SUM(1)",Bubble',
        "Nothing,Bubble",
        '"Lab"x,DR-Lab',
        "",
        '"DMZ,Bubble',
        "Nobody,Bubble",
    ]

    reply = bring(town, "\n".join(lines))

    assert reply.error is not None
    assert [fact.partition(":")[0] for fact in reply.error.facts] == [
        "line 2", "line 5", "line 6", "line 8", "line 9",
    ]  # fmt: skip
    assert "a quote that is not closed, or something after one that is" in reply.error.facts[0]
    assert town.table() == []


def test_another_target_is_refused_unless_change_is_asked_for(town: Twins) -> None:
    bring(town, HEAD + f"{HERE},Prod-Web,{THERE},DR-Web\n")
    wanted = HEAD + f"{HERE},Prod-Web,{THERE},DR-DB\n"

    refused = bring(town, wanted)
    taken = bring(town, wanted, change=True)

    assert refused.error is not None
    assert refused.error.facts == ["line 2: Prod-Web is mapped to DR-Web already (M1)."]
    assert taken.text.startswith("1 mapping is changed (maps.csv).")
    assert town.mapped() == {"Prod-Web": "DR-DB"}
    town.does(f"undo {taken.result['mapping']['change']}")
    assert town.mapped() == {"Prod-Web": "DR-Web"}


def test_an_empty_test_column_takes_the_test_network_away_only_with_change(town: Twins) -> None:
    town.does("add Prod-Web to DR-Web --test Bubble")
    wanted = "source,target,test\nProd-Web,DR-Web,\n"

    assert bring(town, HEAD + f"{HERE},Prod-Web,{THERE},DR-Web\n").result["present"] == 1
    assert not bring(town, wanted).ok
    bring(town, wanted, change=True)

    assert town.table()[0][4] == ""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_what_spreadsheets_write_is_read(town: Twins, encoding: str, sign: str) -> None:
    text = sign.join(("Target", "SOURCE")) + "\r\n" + sign.join(("Zürich ✓", "Prod-DB")) + "\r\n"

    reply = bring(town, text, encoding)

    assert reply.ok, reply.text
    assert town.mapped() == {"Prod-DB": "Zürich ✓"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("source,target,colour\na,b,c\n", "colour is no column of it"),
        ("source,target,source\na,b,c\n", "source stands there twice"),
        ("source,destination,target_server\na,b,c\n", "does not name the columns"),
        ('source,target\n"a,b\n', "line 2: has a quote that is not closed"),
        ('source,"target\na,b\n', "line 1: unexpected end of data"),
        ("source,target\n\xff\n", "is not valid UTF-8"),
    ],
)
def test_a_table_that_is_none_is_refused_in_words(town: Twins, text: str, words: str) -> None:
    (town.folder / "bad.csv").write_bytes(text.encode("latin-1"))

    reply = town.take(town.folder / "bad.csv")

    assert not reply.ok
    assert words in reply.text


def test_nobody_types_dry_run_for_an_inventory_unheard(town: Twins) -> None:
    reply = town.take(town.folder / "ny.jsonl", dry_run=True)

    assert "holds no mappings" in reply.text


def test_what_is_for_inventories_is_refused_for_a_table(town: Twins) -> None:
    reply = bring(town, HEAD + ALL, force=True)

    assert "is no inventory" in reply.text
    assert town.table() == []


def test_only_reading_is_open_to_readers(town: Twins) -> None:
    assert town.say("export", by="U0READER").ok
    assert not town.say(f"match {HERE} to {THERE}", by="U0READER").ok


cells = (
    st.text(
        st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs"))
        | st.sampled_from("'=+-@\",; "),
        min_size=1,
        max_size=12,
    )
    .map(str.strip)
    .filter(bool)
)


@given(st.lists(st.tuples(*([cells] * len(COLUMNS))), max_size=5))
def test_any_name_survives_the_way_out_and_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]
) -> None:
    table = MappingTable(rows=[TableRow(*row) for row in rows])
    path = tmp_path_factory.mktemp("csv") / "maps.csv"
    path.write_bytes(mappings_csv(table).encode())

    wanted = open_table(path)

    assert wanted.left == []
    assert [
        (w.source.server, _name(w.source), w.target.server, _name(w.target), _name(w.test))
        for w in wanted.rows
    ] == [row[:5] for row in rows]


def _name(end: End | None) -> str:
    return "" if end is None else end.plain or end.name


def test_no_cell_is_a_formula() -> None:
    table = MappingTable(rows=[TableRow(*["=cmd|x", "+1", "-1", "@x", "'=1", "a", "b", "c"])])

    [_, row] = csv.reader(io.StringIO(mappings_csv(table)))

    assert row[:5] == ["'=cmd|x", "'+1", "'-1", "'@x", "''=1"]


# Shown first, then taken as it was shown


def test_a_table_is_taken_by_the_plan_that_its_preview_names(town: Twins) -> None:
    shown = bring(town, HEAD + ALL, dry_run=True)
    plan = shown.result["fingerprint"]

    assert f"plan {plan}" in shown.text
    assert town.table() == []
    assert bring(town, HEAD + ALL, plan=plan).ok
    assert len(town.table()) == 8


def test_a_plan_that_is_another_one_by_now_takes_nothing(town: Twins) -> None:
    plan = bring(town, HEAD + ALL, dry_run=True).result["fingerprint"]
    town.does("add Prod-Web to DR-Web")

    refused = bring(town, HEAD + ALL, plan=plan)

    assert not refused.ok
    assert f"maps.csv would not do what {plan} showed any more" in refused.text
    assert town.mapped() == {"Prod-Web": "DR-Web"}


def test_every_line_has_an_outcome(town: Twins) -> None:
    town.does("add Prod-DB to DR-DB")
    text = (
        HEAD
        + f"{HERE},Prod-Web,{THERE},DR-Web\n{HERE},Prod-DB,{THERE},DR-DB\n"
        + (f"{HERE},Prod-Web,{THERE},DR-Web\n")
    )

    lines = bring(town, text).result["lines"]

    assert [(one["place"], one["outcome"], one["why"]) for one in lines] == [
        ("line 2", "added", ""),
        ("line 3", "present", ""),
        ("line 4", "present", "as in line 2."),
    ]


def test_an_export_says_its_encoding_to_spreadsheets(town: Twins) -> None:
    assert town.say("export").files[0].text.startswith("\ufeffsource_server,")


# What people save as a table


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "a.csv is empty."),
        ("a.csv", b"\r\n\r\n", "a.csv is empty."),
        ("a.csv", b"Quelle;Ziel\r\nA;B\r\n", "does not name the columns of a mapping table"),
        ("a.csv", b"Our mappings,,\r\nsource,target,\r\n", "does not name the columns"),
        ("a.csv", "source,target\r\n".encode("utf-16-le"), "UTF-16 without its byte order mark"),
        ("a.csv", b"PK\x03\x04 and so on", "a.csv: The file is compressed, as a ZIP archive or"),
        ("a.xlsx", b"PK\x03\x04 and so on", "a.xlsx: The file is compressed, as a ZIP archive or"),
        ("a.csv", b"source,target\r\nProd-Web\x00,DR-Web\r\n", "a.csv: The file is binary"),
        ("a.csv", b"source,target\r\n" + b"a" * 200_000 + b",b\r\n", "field larger"),
        ("a.txt", b"We went to the sea.\n", "a CSV table with the columns source and target"),
    ],
)
@pytest.mark.parametrize("dry_run", [True, False])
def test_what_is_no_table_is_told_why(
    town: Twins, name: str, content: bytes, words: str, dry_run: bool
) -> None:
    path = town.folder / name
    path.write_bytes(content)

    reply = town.take(path, dry_run=dry_run)

    assert not reply.ok
    assert words in reply.text or (dry_run and "holds no mappings" in reply.text)
    assert dry_run is False or name == "a.txt" or "holds no mappings" not in reply.text


def test_the_line_by_which_excel_knows_the_separator_is_read_over(town: Twins) -> None:
    text = f"sep=;\r\nsource_server;source;target\r\n{HERE};Prod-Web;DR-Web\r\n{HERE};x;y\r\n"

    refused = bring(town, text)
    taken = bring(town, text.removesuffix(f"{HERE};x;y\r\n"))

    assert "line 4: there is no network x" in refused.text
    assert taken.ok
