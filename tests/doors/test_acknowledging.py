"""What follows an acknowledgement never overtakes it."""

from collections.abc import Iterator

import pytest

from bot.slack import acknowledging
from bot.slack.pool import Pool


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(2)
    yield made
    made.close(60)


def test_what_follows_waits_until_the_acknowledgement_is_sent(pool: Pool) -> None:
    done: list[str] = []
    sent = acknowledging.begin()
    pool.submit(acknowledging.afterwards(lambda: done.append("update")))
    assert not pool.wait_idle(0.05)

    done.append("acknowledgement")
    sent()

    assert pool.wait_idle(60)
    assert done == ["acknowledgement", "update"]


def test_where_nothing_is_acknowledged_nothing_waits(pool: Pool) -> None:
    done: list[str] = []
    acknowledging.begin()()

    pool.submit(acknowledging.afterwards(lambda: done.append("update")))

    assert pool.wait_idle(60)
    assert done == ["update"]
