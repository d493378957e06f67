"""Lines read by usage lines."""

from datetime import date, time, timedelta
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.asking import Near
from bot.domain.errors import Misread
from bot.grammar.compiling import compile_usage
from bot.grammar.tokens import tokenize
from bot.grammar.usage import MAX_READINGS, Reading, readings
from tests.grammar.usages import USAGES


def read(command: str, line: str) -> list[Reading]:
    return list(readings(USAGES[command], tokenize(line), name=command))


def fault(command: str, line: str) -> Misread:
    with pytest.raises(Misread) as caught:
        read(command, line)
    return caught.value


@pytest.mark.parametrize(
    ("command", "line", "reading"),
    [
        ("servers", "", {}),
        ("list", "", {}),
        ("list", "Prod Web --unmapped", {"text": "Prod Web", "unmapped": True}),
        ("add", "Prod Web to DR Web", {"source": "Prod Web", "target": "DR Web"}),
        ("add", "A → B", {"source": "A", "target": "B"}),
        ("add", "A TO B", {"source": "A", "target": "B"}),
        ("add", '"A to B" to "on"', {"source": "A to B", "target": "on"}),
        ("add", 'M12 to "C204"', {"source": "M12", "target": "C204"}),
        (
            "add",
            '"A" on V to "B" on "W" --test T est --reason it is  "old" to me —dry-run',
            {
                "source": "A",
                "source_on": "V",
                "target": "B",
                "target_on": "W",
                "test": "T est",
                "reason": 'it is "old" to me',
                "dry_run": True,
            },
        ),
        (
            "add",
            'A to B --reason "--dry-run it"',
            {"source": "A", "target": "B", "reason": "--dry-run it"},
        ),
        (
            "add",
            "A to B --reason <@U1> said so – twice",
            {"source": "A", "target": "B", "reason": "<@U1> said so – twice"},
        ),
        (
            "change",
            "m12 to B --no-test",
            {"mapping": {"id": "M12"}, "target": "B", "no_test": True},
        ),
        ("change", '"M12" to B', {"mapping": {"source": "M12"}, "target": "B"}),
        (
            "remove",
            '"A" on "V" toward W',
            {"mapping": {"source": "A", "on": "V", "toward": "W"}},
        ),
        ("remove", '"A" toward W', {"mapping": {"source": "A", "toward": "W"}}),
        ("show", "Prod", {"mapping": {"source": "Prod"}}),
        ("vm", "web01 --test", {"names": ("web01",), "test": True}),
        ("vm", '"web 01", web02,"x"', {"names": ("web 01", "web02", "x")}),
        ("vm", '"a b" "c"', {"names": ("a b", "c")}),
        ("home", "web01 on V", {"vm": "web01", "server": "V"}),
        ("undo", "c204", {"change": "C204"}),
        ("undo", '"c204"', {"change": "c204"}),
        ("ack", "F7 for 2 days", {"finding": "F7", "time": timedelta(days=2)}),
        ("ack", "F7 until 2026-12-01", {"finding": "F7", "date": date(2026, 12, 1)}),
        ("ack", "F7 until tomorrow 8:00", {"finding": "F7", "date": Near(time(8), ahead=1)}),
        ("ack", "F7 until mon at 8 am", {"finding": "F7", "date": Near(time(8), weekday=0)}),
        ("history", "", {}),
        ("history", "last 7d", {"time": timedelta(days=7)}),
        ("history", '"last 7d"', {"mapping": {"source": "last 7d"}}),
        ("history", "<@UANA|ana> last 7d", {"user": "UANA", "time": timedelta(days=7)}),
        ("digest on", "here daily 08:30", {"here": True, "schedule": "daily 08:30"}),
        (
            "digest on",
            "<#C1|ops> mon,thu 9:00 in Europe/Zurich quiet 22:00-07:00 min high",
            {
                "channel": "C1",
                "schedule": "mon,thu 9:00",
                "zone": "Europe/Zurich",
                "quiet": "22:00-07:00",
                "severity": "high",
            },
        ),
    ],
)
def test_lines_with_one_reading(command: str, line: str, reading: Reading) -> None:
    assert read(command, line) == [reading]


@pytest.mark.parametrize(
    ("command", "line", "found"),
    [
        (
            "add",
            "A on V to B",
            [{"source": "A", "source_on": "V", "target": "B"}, {"source": "A on V", "target": "B"}],
        ),
        (
            "add",
            "A to B to C",
            [{"source": "A", "target": "B to C"}, {"source": "A to B", "target": "C"}],
        ),
        (
            "add",
            "A to B on C to D",
            [
                {"source": "A", "target": "B", "target_on": "C to D"},
                {"source": "A to B", "source_on": "C", "target": "D"},
                {"source": "A", "target": "B on C to D"},
                {"source": "A to B on C", "target": "D"},
            ],
        ),
        ("add", "to to to", [{"source": "to", "target": "to"}]),
        (
            "vm",
            "a 1, b on V",
            [
                {"names": ("a 1, b",), "server": "V"},
                {"names": ("a 1", "b"), "server": "V"},
                {"names": ("a", "1", "b"), "server": "V"},
                {"names": ("a 1, b on V",)},
                {"names": ("a 1", "b on V")},
            ],
        ),
        ("vm", "a b", [{"names": ("a b",)}, {"names": ("a", "b")}]),
        (
            "history",
            "Prod last 7d",
            [
                {"mapping": {"source": "Prod"}, "time": timedelta(days=7)},
                {"mapping": {"source": "Prod last 7d"}},
            ],
        ),
    ],
)
def test_every_reading_the_most_literal_first(
    command: str, line: str, found: list[Reading]
) -> None:
    assert read(command, line) == found


@pytest.mark.parametrize(
    ("command", "line", "message"),
    [
        ("add", "", "`<source> to <target>` is missing."),
        ("add", "Prod Web", "`to <target>` is missing after `Prod Web`."),
        ("add", "Prod to", "`<target>` is missing after `Prod to`."),
        ("digest on", "", "`<schedule>` is missing."),
        ("home", "web01", "`on <server>` is missing after `web01`."),
        (
            "add",
            '"A" b to C',
            'I cannot read `b to C` after `"A"`, where `to <target>` is expected.',
        ),
        ("add", '"" to C', "A name between quotes is empty."),
        (
            "add",
            "<#C1> to C",
            "I cannot read `<#C1> to C`, where `<source> to <target>` is expected.",
        ),
        ("servers", "x", "I cannot read `x`."),
        ("undo", "C1 C2", "I cannot read `C2` after `C1`."),
        ("ack", "F7 for ever", "`ever` is no duration."),
        ("ack", "F7 for 0d", "`0d` is out of range."),
        ("ack", "F7 until 2026-02-30", "`2026-02-30` is no date."),
        ("ack", "F7 until 8:60", "There is no time `8:60`."),
        ("ack", "F7 until later", "`later` is no moment I can read."),
        ("add", "A to B --dryrun", "I know no flag `--dryrun` here. Did you mean `--dry-run`?"),
        (
            "add",
            "A to B --reason moved --dryrun",
            "I know no flag `--dryrun` here. Did you mean `--dry-run`?",
        ),
        (
            "add",
            "A to B --force",
            "I know no flag `--force` here. There are --test, --both, --reason, --dry-run.",
        ),
        ("undo", "C1 --force", "`--force`: this command takes no flags."),
        ("add", "A to B --both --both", "`--both` is there twice."),
        ("change", "M1 to B --no-test --test T", "`--no-test` and `--test` exclude each other."),
        ("add", "A to B --reason", "`--reason` needs a value."),
        ("add", 'A to B --reason "" --both', "`--reason` needs a value."),
        ("add", "--both A to B", "`--both` takes no value, but `A to B` follows."),
        ("drift", '--server "V" x', 'I cannot read `"V" x` after `--server`.'),
        ("adopt", "x" * 201, "A name has at most 200 characters."),
        ("adopt", f'"{"x" * 201}"', "A name has at most 200 characters."),
        ("vm", "a," * 51, "At most 50 names at once."),
        ("add", "to " * 60, "That can be read in too many ways."),
    ],
)
def test_what_cannot_be_read_says_why(command: str, line: str, message: str) -> None:
    assert fault(command, line).message == message


def test_an_explanation_has_the_usage_line_and_the_example() -> None:
    with pytest.raises(Misread) as caught:
        readings("<change>", (), name="undo", example="undo C204")

    assert caught.value.facts == ("usage: undo <change>",)
    assert caught.value.commands == ("undo C204",)


@pytest.mark.parametrize(
    "word", ["to", "on", "to on", "a to b on", "a", "a,", "on,", '"a"', '"a",']
)
@pytest.mark.parametrize("times", [30, 60, 200, 250, 3999])
def test_the_worst_lines_are_answered_at_once(word: str, times: int) -> None:
    line = (f"{word} " * times)[:3999].rstrip().removesuffix(',"').removesuffix(' "')
    line += '"' * (line.count('"') % 2)
    tokens = tokenize(line)

    start = thread_time()  # whatever else the machine does meanwhile
    for usage in USAGES.values():
        try:
            assert len(readings(usage, tokens)) <= MAX_READINGS
        except Misread as refused:
            assert refused.message  # noqa: PT017 - either answer will do
    assert thread_time() - start < 3


WORDS = st.sampled_from(
    [
        *(
            "to",
            "on",
            "toward",
            "last",
            "for",
            "until",
            "in",
            "min",
            "quiet",
            "here",
            "a",
            "B,",
            ",",
        ),
        *(
            "M12",
            "7d",
            '"x',
            'y"',
            '"to"',
            "->",
            "-x",
            "2026-12-01",
            "<@U1>",
            "<#C1>",
            "22:00-07:00",
        ),
        *("--test", "--reason", "--dry-run", "--both", "--server", "--dryrun", "--no-test"),
        *("2", "days", "Ünïcödé", "<!channel>", "&amp;", "'"),
    ]
)


@given(st.sampled_from(list(USAGES)), st.lists(WORDS, max_size=14).map(" ".join) | st.text())
def test_no_line_raises_anything_but_misread(command: str, line: str) -> None:
    try:
        found = read(command, line)
    except Misread as refused:
        assert refused.message  # noqa: PT017 - either answer will do
        return

    assert 0 < len(found) <= MAX_READINGS
    assert all(found.count(reading) == 1 for reading in found)


@pytest.mark.parametrize(
    "usage",
    ["<a> or <b>", "<a> <b>", "<source> [<target>]", "a|b", "<x> !", "[--flag=x]", "<network|vm>"],
)
def test_a_wrong_usage_line_is_noticed_when_it_is_compiled(usage: str) -> None:
    with pytest.raises(ValueError):
        compile_usage(usage)
