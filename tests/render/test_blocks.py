"""Text from outside, made harmless; and what is cut when a message is too long."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.names import normal
from bot.domain.numbers import plural
from bot.render import Show, blocks
from bot.render.page import Page, aligned
from bot.render.phrases import listed
from bot.render.pieces import Run
from tests.render.show import NOW


def show() -> Show:
    return Show(lambda command: command.command, NOW)


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("web01", "web01"),
        ("Prod_Web-2 (old)", "Prod_Web-2 (old)"),
        ("R&D <prod>", "R&amp;D &lt;prod&gt;"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("*b*", "*\u200bb*\u200b"),
        ("_i_", "_\u200bi_\u200b"),
        ("a`b", "a`\u200bb"),
        (":fire:", ":\u200bfire:"),
        ("as of 06:05", "as of 06:05"),
        ("> q", "\u200b&gt; q"),
    ],
)
def test_names_are_escaped(name: str, escaped: str) -> None:
    assert blocks.mrkdwn(name) == escaped


@given(st.text())
def test_what_is_escaped_can_be_pasted_back(name: str) -> None:
    shown = blocks.mrkdwn(blocks.tidy(name))
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        shown = shown.replace(entity, character)

    assert normal(shown) == normal(blocks.tidy(name))


@pytest.mark.parametrize("limit", range(2, 30))
def test_no_entity_is_cut_in_two(limit: int) -> None:
    cut = blocks.clip_mrkdwn(blocks.escape("R&D <prod> & more"), limit)

    assert len(cut) <= limit
    assert not re.search(r"&(?!amp;|lt;|gt;)", cut)


def test_both_ends_of_a_long_name_are_kept() -> None:
    assert blocks.clip_middle("production-web-01", 9) == "prod…b-01"
    assert len(blocks.clip_middle("x" * 99, 8)) == 8


def test_columns_are_aligned_and_empty_ones_left_out() -> None:
    assert aligned([("a", "", "1"), ("bcd", "", "2")]) == ["a    1", "bcd  2"]


def test_what_does_not_fit_into_the_blocks_is_counted() -> None:
    page = Page(show(), "Answer.")
    for _ in range(100):
        page.fact("y" * 100)
    page.table(("A", "B"), [("z" * 200, "z" * 200)] * 99, 7)
    page.warn("the end")
    page.foot("C1")

    made = page.reply().blocks

    shown = [one.get("text", {}).get("text", "") for one in made]
    assert any(re.search(r"… and \d+ more lines$", text) for text in shown)
    rows = next(one["rows"] for one in made if one["type"] == "table")
    told = next(one for one in made if one["type"] == "context")["elements"][0]["text"]
    assert told == f"… and {99 + 7 - (len(rows) - 1)} more"
    assert made[-1]["elements"][0]["text"] == "C1"


def test_a_second_table_becomes_lines() -> None:
    page = Page(show(), "Answer.")
    page.table(("A",), [("one",)])
    page.table(("A",), [("two",)], 3)

    reply = page.reply()

    assert [one["type"] for one in reply.blocks] == ["section", "table", "section"]
    assert reply.blocks[2]["text"]["text"] == "two\n… and 3 more"


def test_a_command_is_a_code_span_unless_it_holds_a_backtick() -> None:
    page = Page(show(), "Answer.")
    page.fact(Run("vm a&b"))
    page.fact(Run("vm a`b"))

    assert page.reply().blocks[1]["text"]["text"] == "`/netmap vm a&amp;b`\n/netmap vm a`\u200bb"


@pytest.mark.parametrize(
    ("names", "most", "text"),
    [
        ([], 3, ""),
        (["a"], 3, "a"),
        (["a", "b"], 3, "a and b"),
        (["a", "b", "c"], 3, "a, b and c"),
        (["a", "b", "c", "d"], 3, "a, b, c and 1 more"),
    ],
)
def test_lists_in_sentences(names: list[str], most: int, text: str) -> None:
    assert listed(names, most) == text


def test_numbers_agree_with_their_nouns() -> None:
    assert [plural(n, "VM") for n in (0, 1, 1200)] == ["0 VMs", "1 VM", "1,200 VMs"]
