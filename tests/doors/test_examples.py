"""What README and help show runs, said by somebody who may say all of it."""

import re

import pytest

from bot.commands import COMMANDS
from bot.commands.command import Command
from bot.wiring import House
from tests.readme import README

TEXT = README.read_text(encoding="utf-8")
BLOCKS = re.findall(r"```\n(.*?)```", TEXT, re.S)
SHOWN = [
    line.strip()
    for block in BLOCKS
    for row in re.findall(r"^/netmap [^|\n]+$", block, re.M)
    for line in re.findall(r"/netmap ((?:(?!  |/netmap ).)+)", row)
]
"""Lines to type, without what stands beside them."""

WANTING = {
    "apply": "outdated",  # a fingerprint of the reader's own estate
    "script": "outdated",
    "refresh": "not_found",  # no server is set up
    "forget": "refused",  # mappings lead from it
    "approve": "not_found",  # no request waits
    "reject": "not_found",
    "review": "not_found",
    "digest on": "refused",  # outside of Slack there is no channel to be here
}
"""Command -> the only refusal that the sample estate gives its example."""


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_example_of_help_runs_for_an_admin(house: House, command: Command) -> None:
    reply = house.answer(command.example, "local:ana")

    assert (reply.error.code if reply.error else None) == WANTING.get(command.name), reply.text


@pytest.mark.parametrize("line", SHOWN)
def test_every_line_that_readme_shows_runs_for_an_admin(house: House, line: str) -> None:
    reply = house.answer(line, "local:ana")

    assert reply.error is None or reply.error.code not in ("bug", "misread"), reply.text


def test_the_answer_that_readme_begins_with_is_the_answer(house: House) -> None:
    shown = BLOCKS[0].split("\n\n")

    for asked in shown:
        line, first, *_ = asked.splitlines()
        reply = house.answer(line.removeprefix("/netmap "), "local:ana")
        assert reply.text.splitlines()[0] == first
