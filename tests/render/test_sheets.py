"""Tables as files: what a spreadsheet reads is what was meant, however it was written."""

import csv
import io
import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.answers.mappings import Reconnection
from bot.domain.answers.shared import Spot
from bot.domain.codes import Rule
from bot.render.blocks import tidy
from bot.render.sheets import Sheet, as_csv

LIKE = Reconnection(
    vm="",
    slot=1,
    server="VMM-Chicago",
    was=Spot(),
    to=Spot(network='DR, "new"', subnet="Web"),
    rule=Rule.SAME_NAME,
    state="pending",
)
REST = ["NIC 1", 'no network → DR, "new" / Web', "same name"]


def written(*lists: Sequence[str]) -> list[list[str]]:
    """The rows of a file into which these names were written, read as a spreadsheet would."""
    out = io.StringIO(newline="")
    sheet = Sheet(out)
    for names in lists:
        sheet.moves(LIKE, json.dumps(names, ensure_ascii=False))
    assert out.getvalue().startswith("\ufeff")
    head, *rows = csv.reader(io.StringIO(out.getvalue()[1:], newline=""))
    assert head == ["VM", "NIC", "Reconnection", "Rule"]
    assert len(rows) == sheet.rows
    return rows


def guarded(name: str) -> str:
    shown = tidy(name)
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@")) else shown


@given(st.lists(st.lists(st.text(), min_size=1), min_size=1))
def test_every_name_is_read_back_as_it_is_shown(lists: list[list[str]]) -> None:
    rows = written(*lists)

    assert rows == [[guarded(name), *REST] for names in lists for name in names]


@pytest.mark.parametrize("odd", ["a,b", 'a"b', "a\\b", "=1+1", "-x", "@x", "a\nb", "a\u200bb", ""])
def test_one_odd_name_spoils_no_other(odd: str) -> None:
    rows = written(["web01", odd, "web02"])

    assert [name for name, *_ in rows] == ["web01", guarded(odd), "web02"]


def test_many_at_once_are_written_as_each_by_itself() -> None:
    at_once = written(["web01", "web02", "größe"])

    text = as_csv([("VM", "NIC", "Reconnection", "Rule"), *([r[0], *REST] for r in at_once)])
    assert [["VM", "NIC", "Reconnection", "Rule"], *at_once] == list(
        csv.reader(io.StringIO(text[1:], newline=""))
    )
