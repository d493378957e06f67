"""Lines cut into tokens."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.domain.errors import Misread
from bot.domain.names import has_control, name_key, name_keys, normal
from bot.grammar.tokens import MAX_TEXT, Kind, in_quotes, tokenize, written

W, Q, F, A, C = Kind.WORD, Kind.QUOTED, Kind.FLAG, Kind.ARROW, Kind.COMMA

LINES = st.text(
    alphabet=st.sampled_from(" ,\"“”„«»'‘’`\\-–—―=>→<&;|@#abtoU1\u0338\u200b\u00a0\u0301\n\x00")
)


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("", []),
        ("  a \t b\n", [(W, "a"), (W, "b")]),
        # 1. what Slack escapes and wraps
        ("R&amp;D &lt;prod&gt;", [(W, "R&D"), (W, "<prod>")]),
        ("&amp;lt; &nbsp;", [(W, "&lt;"), (W, "&nbsp;")]),
        ("<@U1AB> <@W2|ana b>", [(Kind.USER, "U1AB"), (Kind.USER, "W2")]),
        ("<#C1|dr-oncall> <#C2|> <#G3>", [(Kind.CHANNEL, c) for c in ("C1", "C2", "G3")]),
        ("<!subteam^S1|@dr> <!channel>", [(Kind.GROUP, "S1"), (W, "@channel")]),
        ('<!here|@here> "<!everyone>"', [(W, "@here"), (Q, "@everyone")]),
        ("&lt;!channel&gt;", [(W, "<!channel>")]),
        ("<@U1>, x", [(Kind.USER, "U1"), (C, ","), (W, "x")]),
        ("<@U1>x", [(W, "<@U1>x")]),
        ("<http://vmm01.corp.example|vmm01.corp.example>", [(W, "vmm01.corp.example")]),
        ("<https://a.example/?b=1&amp;c>", [(W, "https://a.example/?b=1&c")]),
        ('"<http://db.example|db.example> two"', [(Q, "db.example two")]),
        ("<mailto:a@b.example|a@b.example>", [(W, "a@b.example")]),
        # 2. NFC, spaces, the invisible
        ("Cafe\u0301 a\u00a0b\u202fc", [(W, "Café"), (W, "a"), (W, "b"), (W, "c")]),
        ("Pro\u200bd \u202eweb\u2066\ufeff", [(W, "Prod"), (W, "web")]),
        ("a&gt;\u0338", [(W, "a≯")]),
        # 3. flags and arrows
        ("--dry-run —reason –both ―x ---y",
         [(F, "--dry-run"), (F, "--reason"), (F, "--both"), (F, "--x"), (F, "--y")]),
        ("--Dry-RUN", [(F, "--dry-run")]),
        ("-x - -- — --5 a--b", [(W, w) for w in ("-x", "-", "--", "—", "--5", "a--b")]),
        ("-> => → –> -&gt;", [(A, a) for a in ("->", "=>", "→", "–>", "->")]),
        ("a->b ->x", [(W, "a->b"), (W, "->x")]),
        # 4. quotes
        *[(f"{a}a to b{z} c", [(Q, "a to b"), (W, "c")]) for a, z in
          ('""', "“”", "„“", "„”", "«»", "''", "‘’", "``", '“"', '"”', '„"', "'’")],
        ("O’Brien foto's 5\"", [(W, "O’Brien"), (W, "foto's"), (W, '5"')]),
        ("'foto's LAN'", [(Q, "foto's LAN")]),
        ('"say ""hi"" now"', [(Q, 'say "hi" now')]),
        ('"say \\"hi\\" now"', [(Q, 'say "hi" now')]),
        (r'"DOMAIN\x" DOMAIN\x', [(Q, r"DOMAIN\x"), (W, r"DOMAIN\x")]),
        (r'"\\srv\c$\\"', [(Q, r"\\srv\c$" + "\\")]),
        ('"a"b c"', [(Q, 'a"b c')]),
        ('"" x', [(Q, ""), (W, "x")]),
        ('"--dry-run" "to" "->" "<@U1>"', [(Q, "--dry-run"), (Q, "to"), (Q, "->"), (Q, "<@U1>")]),
        # 5. commas
        ("a,b , c", [(W, "a,b"), (W, ","), (W, "c")]),
        ('"a b", "c","d"', [(Q, "a b"), (C, ","), (Q, "c"), (C, ","), (Q, "d")]),
        ('web01,"a b",x,y', [(W, "web01"), (C, ","), (Q, "a b"), (C, ","), (W, "x,y")]),
        ('a,"b', [(W, 'a,"b')]),
    ],
)  # fmt: skip
def test_each_rule_of_tokenising(line: str, tokens: list[tuple[Kind, str]]) -> None:
    found = tokenize(line)

    assert [(token.kind, token.text) for token in found] == tokens


def test_a_consoles_line_has_no_entities_and_no_links() -> None:
    found = tokenize('R&amp;D "<http://a|b>" <@U1>', escaped=False)

    assert [token.text for token in found] == ["R&amp;D", "<http://a|b>", "U1"]


def test_a_token_knows_its_place() -> None:
    line = 'add  "Prod Web" —both'

    found = tokenize(line)

    assert [normal(line)[token.start : token.end] for token in found] == [t.raw for t in found]
    assert written(found) == normal(line)


def test_an_open_quote_is_shown_with_its_likely_reading() -> None:
    with pytest.raises(Misread) as caught:
        tokenize('/netmap add "Prod Web to DR --dry-run')

    assert caught.value.facts == ('/netmap add "Prod Web to DR --dry-run', " " * 12 + "^")
    assert caught.value.commands == ('add "Prod Web" to DR --dry-run',)


@pytest.mark.parametrize(
    ("line", "likely"),
    [
        ("vm 's-Hertogenbosch LAN", ('vm "\'s-Hertogenbosch LAN"',)),
        ('vm "', ()),
        ('add "a to "b to c', ()),
        ('add "a → b', ('add "a" → b',)),
    ],
)
def test_the_likely_reading_of_an_open_quote(line: str, likely: tuple[str, ...]) -> None:
    with pytest.raises(Misread) as caught:
        tokenize(line)

    assert caught.value.commands == likely


@pytest.mark.parametrize(
    "line", ["a" * (MAX_TEXT + 1), "a\x00b", "bell\x07", "\x1b[31m", "\x9b", "\ud800", '"\ud800']
)
def test_what_is_no_text_is_refused(line: str) -> None:
    with pytest.raises(Misread):
        tokenize(line)


def test_four_thousand_characters_are_read() -> None:
    assert len(tokenize("to " * 1333)) == 1333
    assert len(tokenize("&lt;" * MAX_TEXT)) == 1


@given(LINES | st.text())
@example("&am\u200bp; <@U\u200b1> <http://a\u200b|b>")
def test_no_line_raises_anything_but_misread_and_normalising_changes_nothing(line: str) -> None:
    def read(text: str, escaped: bool) -> object:
        try:
            return tokenize(text, escaped=escaped)
        except Misread as fault:
            return fault.message

    assert read(normal(line), True) == read(line, True)
    assert read(normal(line), False) == read(line, False)


@given(st.lists(st.text("aB -_é\u0301\n\u00a0", max_size=4), max_size=4))
@example(["Web 01", "DB\n02"])
@example(["A\nB", ""])
def test_the_keys_of_many_names_are_those_of_each(names: list[str]) -> None:
    assert name_keys(names) == [name_key(name) for name in names]


@given(LINES | st.text())
def test_what_is_put_in_quotes_reads_back(text: str) -> None:
    text = normal(text)
    assume(not has_control(text))

    found = tokenize(f"a {in_quotes(text)}, b", escaped=False)

    assert [(token.kind, token.text) for token in found[1:3]] == [(Q, text), (C, ",")]


@given(LINES)
def test_a_suggested_line_can_be_read(line: str) -> None:
    try:
        tokenize(line, escaped=False)
    except Misread as fault:
        for command in fault.commands:
            assert tokenize(str(command), escaped=False)
