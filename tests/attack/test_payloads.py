"""Texts that no client of Slack's sends, through its door: each is answered, none is a bug."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import wiring
from bot.settings import Settings
from bot.slack.door import is_quick
from bot.workspace import Act
from tests.doors.bench import ONCALL, WAYS, Bench, bot, without_proxies

without_proxies()

TEXTS = (
    *("vm \0", "\x1b[2J", "\u2028", "\ufeff", "\u202e" * 50, " " * 3000),
    *("&lt;!channel&gt;", "<!subteam^S1>", "<@U1|x", "<<<>>>", "<#C1|>", "<https://|>", "&#x41;"),
    *("add &quot;a&quot; to b", "vm <https://web01.example|web01.example>", "vm `web01`"),
    *("list " + "z" * 39_000, '"' * 4000, "'" * 3999, "`" * 4001, ", " * 1999, "to " * 1300),
)  # fmt: skip
HALVES = ("\ud800", "vm \udfff\ud800", "add \udc00 to DR-Web")
"""JSON can carry halves of characters; the form that a command is posted as cannot."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "netmap.db"
    made = wiring.build(Settings(db=path))
    wiring.load_sample(made)
    made.close()
    return path


@pytest.fixture
def house(sample: Path, tmp_path: Path) -> Iterator[wiring.House]:
    made = wiring.build(Settings(db=Path(shutil.copy(sample, tmp_path)), local=True))
    yield made
    made.close()


def say(bench: Bench, how: str, text: str) -> Act:
    if how == "slash":
        return bench.ws.slash("ana", ONCALL, f"/netmap {text}")
    return bench.ws.mention("ana", ONCALL, text)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("how", ["slash", "mention"])
def test_strange_texts_are_answered(house: wiring.House, way: str, how: str) -> None:
    with bot(house.answer, way, quick=is_quick) as bench:
        for text in TEXTS if (way, how) == ("http", "slash") else TEXTS + HALVES:
            act = say(bench, how, text)
            assert act.acknowledged, repr(text[:40])
            assert "Tell an operator" not in act.reply().text, repr(text[:40])
            bench.ws.clock.advance(1)

        assert bench.ws.violations == []
