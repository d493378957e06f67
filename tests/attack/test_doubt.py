"""Names that mean several networks: nothing is guessed, and what is offered runs as it stands."""

from pathlib import Path

import pytest

from bot.domain.replies import Reply
from tests.builders import CH, NY, Site, Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Two networks called Lab at New York, two called Sits on Top and Bubble at Chicago."""
    town = Town(tmp_path)
    ny, ch = Site(NY), Site(CH)
    ny.net("Lab", key="Lab1", logical_network="LN1")
    ny.net("Lab", key="Lab2", logical_network="LN2")
    ny.net("Twin")
    for n in (1, 2):
        ch.net("Sits on Top", key=f"Top{n}")
        ch.net("Bubble", key=f"Bubble{n}")
    ch.net("DR on Call")
    ch.net("Twin")
    town.takes(ny, ch)
    return town


def offered(reply: Reply) -> list[str]:
    assert reply.error is not None
    assert reply.error.code == "ambiguous", reply.text
    return reply.error.commands


@pytest.mark.parametrize(
    ("line", "choices"),
    [
        ("add Lab to DR on Call --dry-run", 2),
        ('add Lab to "DR on Call" --test Bubble --dry-run', 4),
        ("add Lab to Sits on Top --dry-run", 4),
        ("add Twin to DR on Call --dry-run --reason a to b on c", 2),
        ("add Twin to Twin --both --dry-run", 2),
    ],
)
def test_every_choice_is_offered_and_each_is_understood(
    town: Town, line: str, choices: int
) -> None:
    commands = offered(town.refuses(line))

    assert len(set(commands)) == choices
    for command in commands:
        assert "--dry-run" in command
        reply = town.says(command)
        assert reply.ok or "one cloud" in reply.text, (command, reply.text)


@pytest.mark.parametrize("line", ["add Lab to Nowhere", 'add Lab to "DR on Call" --test Nowhere'])
def test_what_is_unknown_is_said_before_what_is_in_doubt(town: Town, line: str) -> None:
    reply = town.refuses(line)

    assert reply.error is not None
    assert reply.error.code == "not_found"
    assert "Nowhere" in reply.error.message


def test_a_mapping_of_an_ambiguous_source_is_offered_by_its_id(town: Town) -> None:
    town.does("add Twin on VMM-NewYork to DR on Call")

    changed = offered(town.refuses("change Twin to Bubble --reason CAB 7"))
    removed = offered(town.refuses("remove Twin --dry-run"))

    assert changed == ["change M1 to Bubble --reason CAB 7"]
    assert removed == ["remove M1 --dry-run"]
    assert len(offered(town.refuses(changed[0]))) == 2


def test_no_mapping_of_an_ambiguous_source_is_said(town: Town) -> None:
    reply = town.refuses("remove Lab")

    assert reply.text.startswith("2 networks are called Lab, and none is mapped.")
