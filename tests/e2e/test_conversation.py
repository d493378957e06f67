"""The bot's own whole conversation, with the real bot on a strict Slack: no rule is broken."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import wiring
from bot.commands import COMMANDS
from bot.settings import Settings
from bot.slack.door import is_quick
from bot.workspace import Act
from tests.builders import CH, NY, Site, Town, on, protect
from tests.doors.bench import ONCALL, WAYS, Bench, bot
from tests.strange import HALVES, LINES, NAMES

STORY = (
    *(command.example for command in COMMANDS),
    *(f"help {command.name}" for command in COMMANDS),
    *(
        "servers",
        "networks",
        "add Prod-Web to DR-Web --reason CAB 7",
        "vm web01",
        "vm web01 --test",
    ),
    *("show Prod-Web", "change Prod-Web to DR-Old --test Test-Bubble", "list", "list --unmapped"),
    *("drift", "plan", "remove Prod-Web --dry-run", "remove Prod-Web", "history Prod-Web"),
    *(
        "history",
        "status",
        "vm web01, web02, app03, nobody",
        "vm dual01",
        "vm app03",
        "adopt Reports",
    ),
    *("add Prod-DB to DR-DB --both --dry-run", "networks VMM-Denver", "home app03 on VMM-Chicago"),
)
REFUSED = (
    *("frobnicate", "lst", "add", "add Prod-Web", "add Lab to DR-Web", "add Prod-Web to Nowhere"),
    *("add Prod-App to DR-Web", "add Prod-Web to DR-Web --dryrun", 'add "Prod-Web to DR-Web'),
    *(
        "change M2 to Prod-Web",
        "remove M999",
        "undo C999",
        "undo C1",
        "apply 00000000",
        "vm nobody",
    ),
    *("forget VMM-NewYork", "home nobody on VMM-NewYork", "drift --server Nowhere"),
    *("vm " + ", ".join(f"v{n}" for n in range(51)), "history last year"),
)
SPEAK: dict[str, Callable[[Bench, str], Act]] = {
    "slash": lambda bench, line: bench.ws.slash("ana", ONCALL, f"/netmap {line}"),
    "mention": lambda bench, line: bench.ws.mention("ana", ONCALL, line),
    "direct message": lambda bench, line: bench.ws.dm("ana", line),
}


def ask(bench: Bench, how: str, line: str) -> str:
    """Say it and wait for the answer; a second passes for Slack, which takes one message in it."""
    act = SPEAK[how](bench, line)
    assert act.acknowledged, (line, act.error)
    said = act.reply().text
    assert said, line
    assert "Tell an operator" not in said, (line, said)
    bench.ws.clock.advance(1)
    return said


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("how", SPEAK)
def test_the_whole_conversation_breaks_no_rule(house: wiring.House, way: str, how: str) -> None:
    with bot(house.answer, way, quick=is_quick) as bench:
        for line in STORY:
            ask(bench, how, line)
        said = ask(bench, how, "history")
        for line in REFUSED:
            ask(bench, how, line)

        assert "mapped Prod-Web (VMM-NewYork) to DR-Web (VMM-Chicago) — CAB 7" in said
        assert bench.ws.violations == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("how", SPEAK)
def test_names_of_every_kind_break_no_rule(tmp_path: Path, way: str, how: str) -> None:
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    for name in NAMES:
        cloud = {"cloud": f"C {name}"[:200]}
        for site in (ny, ch):
            site.cloud(cloud["cloud"], name)
            site.host(name, name, **cloud)
            site.net(name, name, "Web", logical_network=name, isolation="VLANNetwork")
        protect(ny, ch, name, on(name, name), on(None), cloud=cloud["cloud"], host=name)
    town.takes(ny, ch)
    town.house.settings = Settings(db=town.path, local=True)
    lines = ["list", "networks", "servers", "drift", "plan", "status", "history"]
    for n, name in enumerate(NAMES):
        target = NAMES[(n + 7) % len(NAMES)]
        lines += [
            f"add {quoted(name)} on {NY} to {quoted(target)} on {CH} --reason {quoted(name)}",
            f"show {quoted(name)} on {NY}",
            f"vm {quoted(name)}",
            f"vm {name}",
            f"remove {name} --dry-run",
        ]

    with bot(town.house.answer, way, quick=is_quick) as bench:
        for line in [*lines, *lines[:7]]:
            ask(bench, how, line)

        assert bench.ws.violations == []
        [group] = town.does("list")["groups"]
        assert {r["network"] for r in group["rows"] if r["mapping"]} == set(NAMES)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("how", ["slash", "mention"])  # a blank direct message says nothing
def test_strange_lines_are_answered_and_none_is_a_bug(
    house: wiring.House, way: str, how: str
) -> None:
    lines = LINES if (way, how) == ("http", "slash") else LINES + HALVES
    with bot(house.answer, way, quick=is_quick) as bench:
        for line in lines:
            ask(bench, how, line)

        assert bench.ws.violations == []


def quoted(name: str) -> str:
    """As a person quotes it."""
    return '"' + name.replace('"', '""') + '"'


@pytest.mark.parametrize("close", [True, False], ids=["closes at once", "warns, stays open"])
def test_a_refresh_amid_200_commands_answers_each_once(house: wiring.House, close: bool) -> None:
    lines = [f"vm nobody{n:03}" if n % 4 else f"list nothing{n:03}" for n in range(200)]
    asked = {line.split()[1] for line in lines}
    with bot(house.answer, quick=is_quick) as bench:
        bench.ws.clock.hold()  # being in time is another test's question
        acts = []
        for n, line in enumerate(lines):
            if n == 100:
                bench.ws.faults.refresh_sockets(close=close, which=0)
            acts.append(bench.ws.slash("ana", ONCALL, f"/netmap {line}", wait=False))
        for act in acts:
            act.wait()
        bench.ws.wait_for(lambda: {a for t in texts(bench) for a in about(t)} >= asked or None)

        assert [act.error for act in acts if not act.acknowledged] == []
        said = [text for text in texts(bench) if not text.startswith("Working on it")]
        assert Counter(a for text in said for a in about(text)) == Counter(asked)
        assert len(said) == len(lines)
        assert bench.ws.violations == []


def texts(bench: Bench) -> list[str]:
    return [one.text for one in bench.ws.ephemerals("ana", ONCALL)]


def about(text: str) -> list[str]:
    """What was asked about, as the answer repeats it."""
    return re.findall(r"no[a-z]+\d{3}", text)[:1]
