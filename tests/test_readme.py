"""README says what the code does."""

import re
import tomllib

from bot.commands import COMMANDS, SPOKEN
from tests.readme import README, drawn, drawn_by, written

TEXT = README.read_text(encoding="utf-8")


def test_its_tables_are_made_from_the_code() -> None:
    assert written(TEXT) == TEXT, "Run: python -m tests.readme write"


def test_ci_runs_its_test_command() -> None:
    script = (README.parent / ".ci" / "run").read_text(encoding="utf-8")
    (command,) = re.findall(r"^python3 -m venv .*tests\.check$", TEXT, re.M)

    assert command in script


def test_every_slash_command_it_shows_is_one() -> None:
    shown = re.findall(r"(?<!\w)/netmap (\w+)", TEXT)

    assert shown
    assert set(shown) <= {word for name in SPOKEN for word in name.split()}


def test_every_command_says_its_example() -> None:
    assert all(c.example.startswith(c.name) and c.summary for c in COMMANDS)


def test_its_map_and_trend_are_drawn_from_the_sample_estate() -> None:
    made = drawn()

    assert {path.name for path in made} == {"map.png", "findings.png"}
    for path, picture in made.items():
        kept = path.read_bytes()
        if drawn_by(kept) == drawn_by(picture):
            assert kept == picture, "Run: python -m tests.readme write"


def test_its_pictures_are_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", TEXT)

    assert pictures
    assert all((README.parent / picture).is_file() for picture in pictures)


def test_the_version_is_in_the_changelog() -> None:
    project = tomllib.loads((README.parent / "pyproject.toml").read_text(encoding="utf-8"))
    changes = (README.parent / "CHANGELOG.md").read_text(encoding="utf-8")

    assert f"## {project['project']['version']}" in changes
