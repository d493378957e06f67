import threading

import pytest

from bot.slack.pool import Closed, Pool
from bot.slack.seen import Latest, Seen


def test_work_is_done_and_a_failure_does_not_end_the_worker(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pool, done = Pool(1), threading.Event()

    pool.submit(lambda: [][0])
    pool.submit(done.set)

    assert done.wait(60)
    assert "IndexError" in caplog.text
    pool.close(60)


def test_it_says_how_many_wait_before() -> None:
    pool, release = Pool(2), threading.Event()

    def work() -> None:
        release.wait(60)

    before = [pool.submit(work) for _ in range(4)]

    assert before == [0, 0, 1, 2]
    release.set()
    pool.close(60)
    assert pool.pending == 0


def is_closed(pool: Pool) -> bool:
    """Whether it takes no more work."""
    try:
        pool.submit(lambda: None)
    except Closed:
        return True
    return False


def test_closing_finishes_what_runs_and_tells_those_who_wait() -> None:
    pool, release, told = Pool(1), threading.Event(), []
    started = threading.Event()

    def work() -> None:
        started.set()
        release.wait(60)

    pool.submit(work, lambda: told.append("running"))
    pool.submit(work, lambda: told.append("waiting"))
    started.wait(60)
    closing = threading.Thread(target=pool.close, args=(60,))
    closing.start()
    while not is_closed(pool):
        pass
    release.set()
    closing.join()

    assert told == ["waiting"]
    with pytest.raises(Closed):
        pool.submit(work)


def test_what_does_not_end_in_time_is_abandoned() -> None:
    pool, release, told = Pool(1), threading.Event(), []
    started = threading.Event()

    def work() -> None:
        started.set()
        release.wait(60)

    pool.submit(work, lambda: told.append("running"))
    started.wait(60)
    pool.close(0.01)

    assert told == ["running"]
    release.set()


def test_a_key_is_new_once_and_old_ones_are_forgotten() -> None:
    seen = Seen(size=2)

    assert [seen.first(key) for key in ("a", "a", "b", "c", "a")] == [
        True,
        False,
        True,
        True,
        True,
    ]


def test_the_newest_moment_of_the_latest_keys_is_remembered_however_they_come() -> None:
    latest = Latest(size=2)

    latest.note("a", "2")
    latest.note("a", "1")  # overtaken on its way
    assert [latest.stands("a", at) for at in ("1", "2")] == [False, True]

    latest.note("b", "1")
    latest.note("a", "3")
    latest.note("c", "1")
    assert not latest.stands("a", "2")
    assert latest.stands("b", "0")  # forgotten: it was spoken of longest ago
