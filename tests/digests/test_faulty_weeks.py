"""The same three weeks with every fault of delivery on their mornings: all is said, and once.

What passes by itself happens every morning. What only a person can mend happens whenever there is
news, and is mended as the owner is told to.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.delivery import Undelivered
from tests.digests import weeks
from tests.digests.bench import LOOKING, NAME, PLAIN, Bench, bench
from tests.digests.test_faults import POST, Stopped, happens, no_answer

EDIT = "chat.update"


def passing(order: Callable[[Bench, str], object]) -> weeks.Upset:
    """Slack has trouble with whatever is sent next."""

    def upset(b: Bench, news: bool) -> None:
        for method in (POST, EDIT):
            while b.ws.faults.take(method):
                pass  # left over from a silent morning
            order(b, method)

    return upset


def unanswered(sends: bool, code: str = "") -> weeks.Upset:
    """The connection breaks while the next message is sent."""

    def upset(b: Bench, news: bool) -> None:
        then = Undelivered(code) if code else no_answer()
        happens(b, sends, then)

    return upset


def killed(sends: bool) -> weeks.Upset:
    """The bot is killed while it sends the next message, and comes back."""

    def upset(b: Bench, news: bool) -> None:
        happens(b, sends, Stopped())
        with suppress(Stopped):
            b.tick()
        b.restart()

    return upset


PASSING = {
    "a rate limit": (PLAIN, passing(lambda b, m: b.ws.faults.rate_limited(m, retry_after=20))),
    "a long rate limit": (
        PLAIN,
        passing(lambda b, m: b.ws.faults.rate_limited(m, retry_after=1500)),
    ),
    "a server error": (LOOKING, passing(lambda b, m: b.ws.faults.broken(m, times=2))),
    "service_unavailable": (
        PLAIN,
        passing(lambda b, m: b.ws.faults.refuse(m, "service_unavailable", times=3)),
    ),
    "blocks that Slack finds malformed": (
        PLAIN,
        passing(lambda b, m: b.ws.faults.refuse(m, "invalid_blocks")),
    ),
    "no connection": (PLAIN, unanswered(sends=False, code="ConnectionRefusedError")),
    "no answer, though it arrived": (LOOKING, unanswered(sends=True)),
    "no answer, and nothing arrived": (LOOKING, unanswered(sends=False)),
    "killed once it was sent": (LOOKING, killed(sends=True)),
    "killed before it was sent": (LOOKING, killed(sends=False)),
}


def agrees(b: Bench, expected: str = "") -> None:
    """All that is to be said in three weeks stands there once, and whoever is called was."""
    assert weeks.parents(b) == weeks.PARENTS
    assert weeks.threads(b) == weeks.THREADS
    assert weeks.said(b) == weeks.SAID
    assert weeks.calls(b) == weeks.CALLS
    assert {violation.error for violation in b.ws.violations} <= {expected}
    with b.house.store.read() as tables:
        assert tables.outbox.backlog()[0] == 0


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_by_itself_loses_and_repeats_nothing(tmp_path: Path, fault: str) -> None:
    manifest, upset = PASSING[fault]

    with bench(tmp_path, manifest) as b:
        weeks.three_weeks(b, upset)

        agrees(b)
        assert b.direct() == []


Breaks = Callable[[Bench], object]
PAUSING: dict[str, tuple[Breaks, Breaks]] = {
    "not_in_channel": (
        lambda b: b.ws.faults.remove_bot(NAME),
        lambda b: b.ws.faults.invite_bot(NAME),
    ),
    "is_archived": (
        lambda b: b.ws.faults.archive(NAME),
        lambda b: b.ws.faults.unarchive(NAME),
    ),
    "channel_not_found": (
        lambda b: passing(lambda b, m: b.ws.faults.refuse(m, "channel_not_found"))(b, True),
        lambda b: [b.ws.faults.take(method) for method in (POST, EDIT)],
    ),
    "token_revoked": (
        lambda b: b.ws.faults.revoke_token(),
        lambda b: b.ws.faults.restore_token(),
    ),
}


@pytest.mark.parametrize("code", PAUSING)
def test_what_only_a_person_can_mend_is_said_once_it_is_mended(b: Bench, code: str) -> None:
    breaks, mends = PAUSING[code]
    paused = []

    def upset(b: Bench, news: bool) -> None:
        if not news:
            return
        breaks(b)
        b.settle()
        paused.append(b.digest().paused)
        b.pass_time(minutes=10)
        mends(b)
        b.run_until(b.at + timedelta(hours=1), step=timedelta(minutes=5))
        b.say("digest run D1")

    weeks.three_weeks(b, upset)

    agrees(b, code)
    assert paused == [code] * 5
    told = [message.text for message in b.direct()]
    assert len(told) == 5
    assert all("/netmap digest run D1" in text for text in told)
