"""Three weeks of one channel, with restarts; two processes on one database; a night without a bot.

Nothing is timed: the clock is set, the ticks come from APScheduler's own trigger.
"""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.jobs import Jobs
from bot.wiring.timed import SEND_S, TICK_S, scheduled
from tests.digests import weeks
from tests.digests.bench import ANA, Bench
from tests.digests.test_matrix import AT_RISK, next_digest, on


def test_three_weeks_with_ten_restarts_and_a_second_bot_on_the_database(b: Bench) -> None:
    mornings = 0
    b.join()

    def upset(b: Bench, news: bool) -> None:
        """A restart at the worst moment, after the run and before delivery; once, a long stop."""
        nonlocal mornings
        mornings += 1
        if mornings <= 10:
            with b.silenced():
                b.tick()
            b.restart()
        elif mornings == 12:
            b.leave()
            b.house.close()
            b.pass_time(hours=4)
            b.restart()

    weeks.three_weeks(b, upset)

    assert mornings == 15
    assert weeks.parents(b) == weeks.PARENTS
    assert weeks.threads(b) == weeks.THREADS
    assert weeks.said(b) == weeks.SAID
    assert weeks.calls(b) == weeks.CALLS
    edits = [call.args["text"] for call in b.ws.calls_of("chat.update") if call.ok]
    assert [text.split(": ")[1].split(",")[0] for text in edits if "late: it was" in text] == [
        "1 new"
    ]
    assert f"<@{ANA}>" in b.thread(b.parents()[4])[-1].words()
    assert b.ws.violations == []
    assert b.direct() == []
    with b.house.store.read() as tables:
        runs = tables.digests.runs(1, 50)
    assert len(runs) == len({run.due for run in runs}) == 15


def test_what_was_due_while_the_bot_was_down_comes_late_and_says_so(b: Bench) -> None:
    on(b)
    run = b.digest().next_run
    assert run is not None

    b.house.close()
    b.pass_time(hours=4)
    b.restart()
    b.run_until(b.at + timedelta(seconds=TICK_S))

    (parent,) = b.parents()
    assert "late: it was due 07:30 UTC" in parent.text


def test_what_stands_below_a_digest_follows_second_by_second(b: Bench) -> None:
    b.vms["db01"] = AT_RISK
    b.collect()
    on(b)
    run = b.digest().next_run
    assert run is not None
    b.pass_time(seconds=(run - b.at).total_seconds())
    [(seconds, send)] = [job[1:] for job in scheduled(b.house) if job[0] == "outbox"]

    b.tick()
    (parent,) = b.parents()
    below = [len(b.thread(parent))]
    for _ in range(2):
        b.pass_time(seconds=seconds)
        send()
        below.append(len(b.thread(parent)))

    assert seconds == SEND_S < TICK_S
    assert below == [0, 1, 2]


def test_of_several_that_were_due_meanwhile_one_is_posted(b: Bench) -> None:
    on(b, "digest on here every 15m")

    b.pass_time(hours=5)
    b.restart()
    b.run_until(b.at + timedelta(minutes=1), step=timedelta(seconds=20))

    assert len(b.parents()) == 1


def test_what_is_later_than_the_grace_is_left_to_the_next_and_noted(b: Bench) -> None:
    on(b)

    b.pass_time(hours=20)
    b.restart()
    b.run_until(b.at + timedelta(minutes=1), step=timedelta(seconds=20))

    assert b.parents() == []
    assert "was missed: netmap was not running" in b.say("digest list").text
    next_digest(b)
    assert len(b.parents()) == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_bots_on_one_database_post_once(b: Bench, order: tuple[int, int]) -> None:
    on(b, "digest on here hourly")
    other = b.twin()
    both = (b, other)

    for _ in range(5):
        b.pass_time(hours=1)
        other.at = b.at
        for _ in range(4):
            for which in order:
                both[which].tick()
            b.pass_time(seconds=2)
            other.at = b.at
        b.vms[f"db{len(b.vms)}"] = AT_RISK
        b.collect()

    other.house.close()
    assert len(b.parents()) == 2
    with b.house.store.read() as tables:
        assert len(tables.digests.runs(1, 50)) == 5
    assert len(b.broadcasts()) == 3


TICKS = """
import sys
from datetime import datetime, timedelta
from pathlib import Path
from slack_sdk import WebClient
from bot.settings import Settings
from bot.slack.posting import SlackPoster
from bot.wiring import House
from bot.wiring.timed import tick

db, token, url, at = sys.argv[1:]
now = [datetime.fromisoformat(at)]
house = House(Settings(db=Path(db), local=True), now=lambda: now[0])
house.poster = SlackPoster(WebClient(token=token, base_url=url))
print("ready", flush=True)
sys.stdin.readline()
for _ in range(40):
    tick(house)
    now[0] += timedelta(seconds=2)
house.close()
"""


def test_two_processes_at_the_same_moment_post_once(b: Bench, tmp_path: Path) -> None:
    b.vms["db01"] = AT_RISK
    b.collect()
    on(b)
    run = b.digest().next_run
    assert run is not None
    b.at = run
    b.pass_time()
    b.ws.clock.release()
    script = tmp_path / "ticks.py"
    script.write_text(TICKS, encoding="utf-8")
    command = [sys.executable, str(script), str(b.path), b.ws.bot_token, b.ws.api_url]

    processes = [
        subprocess.Popen(
            [*command, run.isoformat()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.communicate("go\n", timeout=300)

    assert [process.returncode for process in processes] == [0, 0]
    assert len(b.parents()) == 1
    posts = [c for c in b.ws.calls_of("chat.postMessage") if c.ok and not c.args.get("thread_ts")]
    assert len(posts) == 1
    with b.house.store.read() as tables:
        assert [one.due for one in tables.digests.runs(1, 9)] == [run]


def test_a_run_is_taken_once_whoever_comes_second(b: Bench) -> None:
    on(b)
    first, second = b.house, b.twin().house

    taken = []
    for house in (first, second, first):
        with house.store.write() as tables:
            taken.append(tables.digests.claim(1, b.at, b.at))

    second.close()
    assert taken == [True, False, False]


def test_the_scheduler_itself_runs_the_tick(b: Bench) -> None:
    on(b)
    run = b.digest().next_run
    assert run is not None
    b.at = run + timedelta(minutes=1)
    b.pass_time()
    b.ws.clock.release()
    jobs = Jobs()
    jobs.every(0.05, "digests", b.work)

    jobs.start()
    try:
        b.ws.wait_for(lambda: b.parents() or None)
    finally:
        jobs.stop()

    assert len(b.parents()) == 1


CHANGES = {
    "forward": (
        datetime(2027, 3, 26, 12, tzinfo=UTC),
        ["27 01:30", "28 01:00", "29 00:30"],  # 02:30, 03:00 as there is no 02:30, 02:30
    ),
    "back": (
        datetime(2027, 10, 29, 12, tzinfo=UTC),
        ["30 00:30", "31 00:30", "01 01:30"],  # 02:30, the first of two, 02:30
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_over_a_change_of_the_clock_each_day_has_one_digest(b: Bench, change: str) -> None:
    began, due = CHANGES[change]
    on(b, "digest on here daily 02:00 in Europe/Amsterdam --no-heartbeat")
    b.at = began
    b.pass_time()
    b.say("digest edit D1 daily 02:30")

    found = []
    for nth in range(3):
        run = b.digest().next_run
        assert run is not None
        found.append(f"{run:%d %H:%M}")
        b.vms[f"db{nth}"] = AT_RISK
        b.run_until(run - timedelta(minutes=30), step=timedelta(hours=6))
        b.collect()
        b.run_until(run + timedelta(minutes=100), step=timedelta(minutes=10))

    assert found == due
    told = [*b.parents(), *b.broadcasts()]
    assert [b.first_line(m).split(": ")[1] for m in told] == [
        "1 worse, day 3",
        "1 worse.",
        "1 worse.",
    ]
    with b.house.store.read() as tables:
        assert len(tables.digests.runs(1, 10)) == 3


def test_on_a_holiday_nothing_comes(b: Bench) -> None:
    on(b, "digest on here daily 08:30 --holidays 2026-11-24,2026-11-25")

    found = []
    for _ in range(3):
        run = b.digest().next_run
        assert run is not None
        found.append(f"{run:%d}")
        next_digest(b)

    assert found == ["23", "26", "27"]
    assert "not on 24 Nov 2026 and 25 Nov 2026" in b.say("digest show D1").text
