"""Whatever names an estate has, they can be typed, and every command a reply suggests runs."""

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.commands import BY_NAME, write_line
from bot.domain.asking import say
from bot.domain.names import name_key
from bot.domain.replies import Reply
from bot.grammar.tokens import Kind, tokenize
from tests.builders import CH, NY, Site, Town, on, protect

STRANGE = (
    "Rack to Core", "Prod on VMM-Chicago", "to", "on", "on to on", "toward", "a, b", "a,b", ",",
    "M12", "M1", "C3", "F7", "last 7d", "--dry-run", "-", "--", "->", "a -> b", "a → b",
    'say "hi"', '"', '""', "'", "O'Brien LAN", "`code`", "«x»", "“quoted”", "back\\", '\\"',
    "<!channel>", "<@U123>", "<#C123>", "<https://x.test|y>", "R&D", "&amp;", "a<b>c", "*bold*",
    "🚀", "Café", "netmap", "/netmap", "help", "add x to y", "x --reason y", "@ana", "#general",
    "here", "on VMM-NewYork", "web 01 --test", "Prod to DR on VMM-Chicago", "ß", "x" * 200,
)  # fmt: skip
LETTERS = st.text("abM1 ,\"'`<>&-→", min_size=1, max_size=8).filter(lambda t: bool(name_key(t)))
NAMES = st.lists(st.sampled_from(STRANGE) | LETTERS, min_size=5, max_size=5, unique_by=name_key)
WRITES = {name for name, command in BY_NAME.items() if "--dry-run" in command.usage}
_SAID = re.compile(r"/netmap ([^\n·]+)")


def suggestions(reply: Reply) -> Iterator[str]:
    """The lines a reply offers; a `<network>` still to be chosen is no line."""
    if reply.error is not None:
        yield from reply.error.commands
    for block in reply.blocks:
        yield from _copied(block)


def _copied(block: object) -> Iterator[str]:
    """What stands as code in Block Kit, as it is copied from there."""
    if isinstance(block, dict):
        if isinstance(block.get("text"), str):
            for code in re.findall(r"`([^`]*)`", block["text"]):
                if code.startswith("/netmap "):
                    yield _unescaped(code.removeprefix("/netmap "))
        for value in block.values():
            yield from _copied(value)
    elif isinstance(block, list):
        for value in block:
            yield from _copied(value)


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def runs(town: Town, line: str, choices: int = 2) -> None:
    """It is read as it stands, and finds what it names.

    Args:
        choices: how many more names it may have to choose among.
    """
    name = line.split()[0]
    if name in WRITES and not any(
        t.text == "--dry-run" and t.kind is Kind.FLAG for t in tokenize(line)
    ):
        line = f"{line} --dry-run"
    elif name in ("apply", "forget", "home"):
        return
    reply = town.says(line)
    code = reply.error.code if reply.error else ""
    if code == "ambiguous" and reply.error is not None and choices:
        assert reply.error.commands
        for command in reply.error.commands:
            runs(town, command, choices - 1)
    else:
        assert code not in ("misread", "not_found", "ambiguous"), (line, reply.text)


def visit(town: Town, lines: list[str]) -> int:
    """Say the lines; run whatever their replies suggest."""
    found = 0
    for line in lines:
        for suggested in suggestions(town.says(line)):
            if "<network>" not in suggested and "<name>" not in suggested:
                runs(town, suggested)
                found += 1
    return found


@settings(max_examples=20)
@given(NAMES)
@example(["M12", "Rack to Core", "Prod on VMM-Chicago", "a, b", 'say "hi"'])
@example(["<!channel>", "R&D", "`code`", "🚀", "--dry-run"])
@example(["to", "on", "toward", "->", "last 7d"])
def test_every_command_a_reply_suggests_runs_as_it_stands(names: list[str]) -> None:
    source, target, other, vm, lone = names
    with TemporaryDirectory() as folder:
        town, ny, ch = Town(Path(folder)), Site(NY), Site(CH)
        for key, name in (("a", source), ("b", other)):
            ny.net(name, "Web", "App", key=key)
            ch.net(name, "Web", key=key)
        ch.net(target, "Mgmt", "Web", key="t")
        ch.net(target, "Web", key="twin")
        protect(ny, ch, vm, on("a", "Web"), on(None))
        protect(ny, ch, lone, on("b", "App"), on("t", "Mgmt"))
        town.takes(ny, ch)
        ids = {key: row["id"] for key, row in ch.networks.items()}
        mapped = write_line(say("add", source=source, source_on=NY, target=ids["t"], target_on=CH))

        before = [
            write_line(say("add", source=source, target=target)),
            write_line(say("vm", names=(vm,))),
            write_line(say("vm", names=(vm, lone))),
            write_line(say("show", mapping={"source": source})),
            write_line(say("add", source=other, source_on=NY, target=other, target_on=CH)),
        ]
        ch.networks["t"]["subnets"].reverse()
        ch.vms[lone]["adapters"].append(on(None, slot=4))
        after = [
            *("list", "list --unmapped", "drift", "plan", "networks", "servers", "history"),
            write_line(say("add", source=source, source_on=NY, target=other, target_on=CH)),
            write_line(say("change", mapping={"id": "M1"}, target=target)),
            write_line(say("change", mapping={"source": source}, target=other)),
            write_line(say("remove", mapping={"source": source})),
            write_line(say("adopt", network=target)),
            write_line(say("show", mapping={"source": target})),
            f"forget {CH}",
        ]

        visit(town, before)
        assert town.says(mapped).result["verb"] == "added"
        town.takes(ny, ch)
        found = visit(town, after)
        assert town.says(write_line(say("vm", names=(vm,)))).ok

    assert found


@given(st.sampled_from(STRANGE) | LETTERS, st.sampled_from(STRANGE) | LETTERS)
@settings(max_examples=30)
def test_what_is_stored_can_be_typed_and_resolves_to_itself(network: str, vm: str) -> None:
    with TemporaryDirectory() as folder:
        town, ny = Town(Path(folder)), Site(NY)
        ny.net(network, "Web", key="n")
        ny.vm(vm, on("n", "Web"), role=None)
        town.takes(ny)

        card = town.says(write_line(say("show", mapping={"source": network})))
        found = town.says(write_line(say("vm", names=(vm,))))

    assert card.ok, card.text
    assert card.result["network"]["name"] == network
    assert found.ok, found.text
    assert [a["vm"] for a in found.result["alone"]] == [vm]
