"""A clock that was ahead and is put right: nothing stays silent until that time comes again."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.digests.bench import NAME, Bench, bench
from tests.digests.test_matrix import AT_RISK, next_digest, on


@pytest.fixture
def b(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as made:
        on(made)
        next_digest(made)
        yield made


def ahead(b: Bench, span: timedelta, said: str = "") -> None:
    """The bot's clock is ahead for some ticks, between which somebody may say something."""
    right = b.at
    b.at += span
    b.tick()
    if said:
        assert b.say(said).ok
    b.tick()
    b.at = right
    b.pass_time(minutes=1)
    b.tick()


@pytest.mark.parametrize("span", [timedelta(hours=26), timedelta(days=300)])
def test_the_next_digest_comes_when_it_is_due(b: Bench, span: timedelta) -> None:
    due = b.digest().next_run
    ahead(b, span)
    b.vms["db01"] = AT_RISK
    b.collect()

    assert b.digest().next_run == due
    before = len(b.ws.messages(NAME))
    next_digest(b)

    assert "1 new" in "".join(m.text for m in b.ws.messages(NAME)[before:])


def test_what_drifts_is_looked_at_again_within_the_hour(b: Bench) -> None:
    ahead(b, timedelta(days=300))

    with b.house.store.read() as tables:
        pulses = tables.lives.pulses()

    assert pulses["look"][0] == pulses["tick"][0] == b.at


def test_a_mute_of_that_time_ends(b: Bench) -> None:
    due = b.digest().next_run

    ahead(b, timedelta(days=300), said="digest mute D1 for 2d")

    assert (b.digest().muted_until, b.digest().next_run) == (None, due)


def test_a_message_that_was_to_wait_until_then_is_sent(b: Bench) -> None:
    b.vms["db01"] = AT_RISK
    b.collect()
    with b.silenced():
        ahead(b, timedelta(days=300), said="digest run D1")
        b.tick()
    before = len(b.ws.messages(NAME))

    b.settle()

    assert len(b.ws.messages(NAME)) > before


def test_a_clock_that_is_put_back_by_seconds_changes_nothing(b: Bench) -> None:
    kept = b.digest()

    ahead(b, timedelta(seconds=90))

    assert b.digest() == kept
