"""Lines that are written read back as what they say."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.asking import Near
from bot.domain.errors import Misread
from bot.domain.names import has_control, normal
from bot.grammar.compiling import FIXED, Slot, compile_usage
from bot.grammar.lines import compose, quote, split_verb
from bot.grammar.tokens import tokenize
from bot.grammar.usage import Reading, readings
from tests.grammar.test_usage import WORDS
from tests.grammar.usages import USAGES

VERBS = {name: name for name in USAGES} | {"subnet": "vm", "where": "vm"}

AWKWARD = [
    *(
        "Rack to Core",
        "to",
        "TO",
        "on",
        "A on B",
        "x toward y",
        "here",
        "last 7d",
        "7d",
        "2026-12-01",
    ),
    *(
        "a, b",
        ",",
        "a,b",
        'say "hi"',
        '"',
        "“x”",
        "„",
        "«",
        "'",
        "'s-Hof LAN",
        "O’Brien LAN",
        "`rm`",
    ),
    *(
        "<!channel>",
        "<@U1>",
        "<#C1|x>",
        "<http://a|b>",
        "R&D",
        "&amp;",
        "&lt;",
        "#ops",
        "@ana",
        "🦊 L",
    ),
    *("--dry-run", "—dry-run", "-", "--", "-x", "x--", "->", "→", "a -> b", "22:00-07:00"),
    *(
        "\\",
        "a \\",
        '\\"',
        "DOMAIN\\x y",
        '\\\\"" \\',
        "M12",
        "m12",
        "C204",
        "netmap",
        "/netmap",
        "@netmap",
    ),
    *("\u0338x", "a\u200bb", " x ", "e\u0301", "\u0958" * 200, "x" * 200),
]
NAMES = (
    st.sampled_from(AWKWARD)
    | st.lists(st.sampled_from(AWKWARD), min_size=2, max_size=4).map(" ".join)
    | st.text(min_size=1, max_size=200)
).filter(lambda name: len(name) <= 200 and bool(normal(name)) and not has_control(name))
"""What an inventory allows."""

IDS = st.from_regex(r"[CU][A-Z0-9]{1,10}", fullmatch=True)
KINDS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("name", "source", "phrase", "word", "code", "text"), NAMES.map(normal)),
    "names": st.lists(NAMES.map(normal), min_size=1, max_size=5).map(tuple),
    "mapping id": st.integers(0, 10**9 - 1).map("M{}".format),
    "time": st.integers(1, 3660 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    "date": st.dates() | st.integers(0, 6).map(lambda day: Near(time(8), weekday=day)),
    "user": IDS.map("U{}".format),
    "channel": IDS.map("C{}".format),
    "literal": st.just(True),
}


@st.composite
def said(draw: st.DrawFn, command: str) -> Reading:
    """Anything one can say with a command, by a random way through its usage line."""
    usage = compile_usage(USAGES[command])
    reading: dict[str, Any] = {}
    state = usage.start
    while state.edges and not (state.last and draw(st.booleans())):
        item, state = draw(st.sampled_from(state.edges))
        if isinstance(item, Slot):
            outer, _, inner = item.key.partition(".")
            value = draw(KINDS[item.kind])
            if inner:
                reading.setdefault(outer, {})[inner] = value
            else:
                reading[outer] = value
    for flag in {flag.group: flag for flag in draw(st.permutations(usage.flags))}.values():
        if draw(st.booleans()):
            reading[flag.key] = draw(KINDS[flag.kind]) if flag.kind else True
    return reading


def read(line: str, escaped: bool = True) -> tuple[str, tuple[Reading, ...]]:
    if escaped:
        line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    name, rest = split_verb(tokenize(line, escaped=escaped), VERBS)
    return name, readings(USAGES[name], rest)


@pytest.mark.parametrize("command", USAGES)
@settings(max_examples=150)
@given(data=st.data())
def test_a_written_line_has_one_reading_and_it_is_what_was_said(
    command: str, data: st.DataObject
) -> None:
    values = data.draw(said(command))

    line = compose(command, USAGES[command], values)

    assert read(line) == (command, (values,))
    assert read(f"/netmap {line}", escaped=False) == (command, (values,))


@given(st.sampled_from(list(USAGES)), st.lists(WORDS, max_size=14).map(" ".join))
@example("vm", "a, b on V --test")
@example("add", "a on b to c on d --reason to be --both")
def test_every_reading_of_any_line_can_be_written_and_read_back(command: str, line: str) -> None:
    try:
        found = readings(USAGES[command], tokenize(line))
    except Misread:
        return

    for reading in found:
        assert read(compose(command, USAGES[command], reading)) == (command, (reading,))


@pytest.mark.parametrize(
    ("command", "values", "line"),
    [
        ("add", {"source": "Prod-Web", "target": "DR-Web"}, "add Prod-Web to DR-Web"),
        (
            "add",
            {"source": "A b", "source_on": "V", "target": "B", "dry_run": True, "both": False},
            'add "A b" on V to B --dry-run',
        ),
        (
            "add",
            {"source": "A", "target": "B", "target_on": "W", "test": None, "reason": "off to it"},
            'add A to "B" on W --reason off to it',
        ),
        ("change", {"mapping": {"id": "M12"}, "target": "M12"}, 'change M12 to "M12"'),
        ("remove", {"mapping": {"source": "A", "on": None, "toward": "V"}}, 'remove "A" toward V'),
        ("vm", {"names": ("a", "b")}, 'vm "a", "b"'),
        ("vm", {"names": ["a"], "server": "", "test": None}, "vm a"),
        ("snooze", {"finding": "F7", "time": timedelta(hours=48)}, "snooze F7 for 2d"),
        ("snooze", {"finding": "F7", "date": date(2026, 12, 1)}, "snooze F7 until 2026-12-01"),
        ("snooze", {"finding": "F7", "date": Near(time(8), 1)}, "snooze F7 until tomorrow 08:00"),
        ("digest on", {"here": True, "schedule": "mon,thu 9:00", "zone": "UTC"},
         "digest on here mon,thu 9:00 in UTC"),
        ("history", {"user": "U1"}, "history <@U1>"),
        ("status", {}, "status"),
    ],
)  # fmt: skip
def test_how_lines_are_written(command: str, values: Reading, line: str) -> None:
    assert compose(command, USAGES[command], values) == line


@pytest.mark.parametrize(
    "values", [{}, {"source": "A"}, {"source": "A", "target": "B", "colour": "red"}]
)
def test_what_a_usage_line_has_no_place_for_is_a_fault_of_the_caller(values: Reading) -> None:
    with pytest.raises(ValueError):
        compose("add", USAGES["add"], values)


def test_flags_that_exclude_each_other_are_not_written_together() -> None:
    values = {"mapping": {"id": "M1"}, "target": "B", "test": "T", "no_test": True}

    with pytest.raises(ValueError):
        compose("change", USAGES["change"], values)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("web01", "web01"),
        ("O’Brien", "O’Brien"),
        ("R&D", "R&D"),
        ("🦊", "🦊"),
        ("<!channel>", "<!channel>"),
        ("Prod Web", '"Prod Web"'),
        ("To", '"To"'),
        ("M12", '"M12"'),
        ("a,b", '"a,b"'),
        ("--x", '"--x"'),
        ("→", '"→"'),
        ("<@U1>", '"<@U1>"'),
        ("#ops", '"#ops"'),
        ('5" disk', '"5"" disk"'),
        ("\\\\srv\\c x\\", '"\\\\srv\\c x\\\\"'),
    ],
)
def test_quotes_are_there_when_they_are_needed(name: str, written: str) -> None:
    assert quote(name) == written


@given(NAMES)
def test_a_quoted_name_reads_as_itself_anywhere(name: str) -> None:
    tokens = tokenize(f"x {quote(name)}, y", escaped=False)

    assert "".join(token.text for token in tokens[1:-1]) == normal(name) + ","


@pytest.mark.parametrize(
    ("line", "name", "rest"),
    [
        ("", "", []),
        ("/netmap", "", []),
        ("add A to B", "add", ["A", "to", "B"]),
        ("ADD A", "add", ["A"]),
        ("netmap subnet x", "vm", ["x"]),
        ("@netmap digest ON daily", "digest on", ["daily"]),
        ("networks", "networks", []),
    ],
)
def test_the_command_of_a_line(line: str, name: str, rest: list[str]) -> None:
    found, tokens = split_verb(tokenize(line), VERBS)

    assert (found, [token.text for token in tokens]) == (name, rest)


@pytest.mark.parametrize(
    ("line", "guess", "commands"),
    [
        ("ad A to B", " Did you mean `/netmap add`?", ("add A to B",)),
        ("chnage M1", " Did you mean `/netmap change`?", ("change M1",)),
        ("digest onn x", " Did you mean `/netmap digest on`?", ("digest on x",)),
        ("xyzzy", "", ("help",)),
        ('"add" x', " Did you mean `/netmap add`?", ("add x",)),
        ("s", " Did you mean `/netmap show`?", ("show",)),
    ],
)
def test_an_unknown_command_is_never_taken_for_another(
    line: str, guess: str, commands: tuple[str, ...]
) -> None:
    with pytest.raises(Misread) as caught:
        split_verb(tokenize(line), VERBS)

    assert caught.value.message == f"I know no command `{line.split()[0]}`.{guess}"
    assert caught.value.commands[: len(commands)] == commands


def test_a_command_is_suggested_once_whatever_else_it_is_called() -> None:
    with pytest.raises(Misread) as caught:
        split_verb(tokenize("lst"), {"list": "list", "ls": "list", "last": "history"})

    assert caught.value.commands == ("list", "last")


def test_half_of_a_command_of_two_words_names_the_others() -> None:
    with pytest.raises(Misread) as caught:
        split_verb(tokenize("digest"), VERBS)

    assert caught.value.message == "`digest` wants one more word: on, list, off, show or run."
    assert caught.value.commands == ("help digest on",)


@given(st.text() | st.lists(WORDS, max_size=5).map(" ".join))
def test_finding_the_command_raises_nothing_but_misread(line: str) -> None:
    try:
        name, _ = split_verb(tokenize(line), VERBS)
    except Misread:
        return

    assert name in {"", *USAGES}


def test_every_fixed_word_of_the_usage_lines_is_known_to_quote() -> None:
    for usage in USAGES.values():
        assert compile_usage(usage).literals <= FIXED
