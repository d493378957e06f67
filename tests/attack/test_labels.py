"""Labels such as C204, in every script that has digits: what is none is said to be none."""

from pathlib import Path

import pytest

from bot.domain.labels import number
from tests.builders import Town


@pytest.mark.parametrize(
    ("said", "letter", "bare", "found"),
    [
        ("C204", "C", False, 204),
        ("c204", "C", False, 204),
        ("204", "C", False, None),
        ("204", "C", True, 204),
        ("M204", "C", True, None),
        ("C1234567890", "C", False, None),
        ("C²", "C", False, None),
        ("C٣", "C", False, None),
        ("C 2", "C", False, None),
        ("C2\n", "C", False, None),
        ("", "C", True, None),
    ],
)
def test_a_label_is_its_letter_and_a_number(
    said: str, letter: str, bare: bool, found: int | None
) -> None:
    assert number(said, letter, bare) == found


COMMANDS = (
    *("undo C{}", "undo {}", "approve R{}", "reject R{}", "review C{}", "apply R{}"),
    *("show M{}", "change M{} to x", "history M{}"),
    *("ack F{}", "digest show D{}", "digest off {}"),
)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("digits", ["²", "٣", "１２", "0", "999999999", "1234567890", "Ⅷ", "²3"])
def test_strange_digits_are_no_bug(tmp_path: Path, command: str, digits: str) -> None:
    reply = Town(tmp_path).refuses(command.format(digits))

    assert reply.error is not None
    assert reply.error.code != "bug"
