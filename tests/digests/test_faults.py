"""Whatever Slack, the network or an admin does to a digest on its way."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.domain.delivery import Undelivered
from bot.domain.digests import Step
from bot.wiring.timed import TICK_S
from tests.digests.bench import ANA, LOOKING, NAME, Bench, bench, risk
from tests.digests.test_matrix import AT_RISK, begun, drifted, next_digest, on
from tests.workspace.bench import manifest_without

POST = "chat.postMessage"


@pytest.fixture
def looking(tmp_path: Path) -> Iterator[Bench]:
    """The same with leave to read the channel."""
    with bench(tmp_path, LOOKING) as made:
        yield made


def texts(b: Bench) -> list[str]:
    return [b.first_line(m) for m in b.parents()]


def due(b: Bench) -> None:
    """Let time pass until the digest is due, with nothing done at that moment yet."""
    run = b.digest().next_run
    assert run is not None
    b.run_until(run - timedelta(seconds=TICK_S), step=timedelta(minutes=30))
    b.pass_time(seconds=TICK_S)


# What only a person can mend

Happens = Callable[[Bench], object]
PAUSES: dict[str, tuple[Happens, Happens, str]] = {
    "not_in_channel": (
        lambda b: b.ws.faults.remove_bot(NAME),
        lambda b: b.ws.faults.invite_bot(NAME),
        "I am not in the channel",
    ),
    "is_archived": (
        lambda b: b.ws.faults.archive(NAME),
        lambda b: b.ws.faults.unarchive(NAME),
        "the channel is archived",
    ),
    "channel_not_found": (
        lambda b: b.ws.faults.refuse(POST, "channel_not_found"),
        lambda b: None,
        "the channel is private and I am not in it, or it is gone",
    ),
    "restricted_action": (
        lambda b: b.ws.faults.refuse(POST, "restricted_action"),
        lambda b: None,
        "the workspace does not let me post there",
    ),
}


@pytest.mark.parametrize("code", PAUSES)
def test_what_only_a_person_can_mend_pauses_it_and_tells_the_owner(b: Bench, code: str) -> None:
    breaks, mends, why = PAUSES[code]
    b.vms["db01"] = AT_RISK
    on(b)
    breaks(b)

    next_digest(b)

    assert (b.digest().paused, b.digest().next_run) == (code, None)
    (told,) = b.direct()
    listed = b.say("digest list").text
    assert "D1 is paused" in told.text
    assert "/netmap digest run D1" in told.text
    assert "1 PAUSED" in listed
    assert all(why in text for text in (told.text, listed))

    mends(b)
    assert b.say("digest run D1").ok
    b.settle()

    assert texts(b) == [f"VMM-NY → VMM-CH: 1 finding at first look: 1 high{risk(1)}"]
    assert not b.digest().paused
    assert b.digest().next_run is not None
    assert len(b.direct()) == 1


def test_a_revoked_token_pauses_it_and_the_owner_hears_of_it_once_there_is_one(b: Bench) -> None:
    begun(b)
    b.vms["db01"] = AT_RISK
    b.ws.faults.revoke_token()

    next_digest(b)

    assert b.digest().paused == "token_revoked"
    assert b.direct() == []
    assert "Slack has revoked my token" in b.say("digest list").text
    b.ws.faults.restore_token()
    b.run_until(b.at + timedelta(hours=2), step=timedelta(minutes=10))
    assert "D1 is paused" in b.direct()[0].text
    b.say("digest run D1")
    b.settle()
    assert texts(b)[1].startswith(f"VMM-NY → VMM-CH: 1 new: 1 high{risk(1)}")


def test_of_a_digest_whose_owner_is_a_group_who_made_it_is_told(b: Bench) -> None:
    on(b, "digest on here daily 08:30 --owner <!subteam^S0EDITOR1>")
    b.ws.faults.remove_bot(NAME)

    next_digest(b)

    assert "D1 is paused" in b.direct()[0].text


# What passes by itself


def test_a_rate_limit_is_waited_out_as_long_as_slack_says(b: Bench) -> None:
    on(b)
    due(b)
    b.ws.faults.rate_limited(POST, retry_after=30)

    b.tick()
    b.pass_time(seconds=29)
    b.tick()
    before = len(b.parents())
    b.pass_time(seconds=1)
    b.tick()

    assert (before, len(b.parents())) == (0, 1)
    assert len(b.ws.calls_of(POST)) == 2


def test_a_long_rate_limit_makes_it_late_and_it_says_so(b: Bench) -> None:
    on(b)
    b.ws.faults.rate_limited(POST, retry_after=1800)
    due(b)

    b.run_until(b.at + timedelta(hours=1), step=timedelta(minutes=5))

    (parent,) = b.parents()
    assert "late: it was due 07:30 UTC" in parent.text


@pytest.mark.parametrize("status", ["broken", "fatal_error", "service_unavailable"])
def test_trouble_that_passes_is_tried_again_ever_more_slowly(b: Bench, status: str) -> None:
    on(b)
    if status == "broken":
        b.ws.faults.broken(POST, times=3)
    else:
        b.ws.faults.refuse(POST, status, times=3)
    due(b)

    b.run_until(b.at + timedelta(minutes=10), step=timedelta(seconds=10))

    assert len(b.parents()) == 1
    tries = [call.at for call in b.ws.calls_of(POST)]
    waits = [later - sooner for sooner, later in pairwise(tries)]
    assert len(waits) == 3
    assert 30 <= waits[0] < waits[1] < waits[2]


# What can be done without


def test_what_slack_finds_malformed_goes_as_text(b: Bench) -> None:
    on(b)
    b.ws.faults.refuse(POST, "invalid_blocks")

    next_digest(b)

    (parent,) = b.parents()
    assert parent.blocks == []
    assert b.first_line(parent) == "VMM-NY → VMM-CH: no findings."


def test_who_is_to_be_called_is_called_without_blocks_too(b: Bench) -> None:
    begun(b)
    b.vms["db01"] = AT_RISK
    b.ws.faults.refuse(POST, "invalid_blocks")

    next_digest(b)

    assert b.first_line(b.parents()[1]).startswith(f"<@{ANA}> VMM-NY → VMM-CH: 1 new")


def test_a_message_that_somebody_deleted_is_said_anew(b: Bench) -> None:
    drifted(b)
    b.ws.world.remove_message(b.parents()[1])

    next_digest(b)

    assert texts(b)[1].startswith(f"VMM-NY → VMM-CH: still 1 finding, day 2: 1 high{risk(1)}")
    assert b.digest().parent == b.parents()[1].ts
    next_digest(b)
    assert len(b.parents()) == 2


def test_what_is_known_of_a_message_that_somebody_deleted_is_said_nowhere(b: Bench) -> None:
    drifted(b)
    b.ws.world.remove_message(b.parents()[1])

    b.say("ack F1")
    b.settle()

    assert len(b.parents()) == 1
    assert b.digest().parent == ""


def test_a_table_that_somebody_deleted_is_put_there_again(b: Bench) -> None:
    drifted(b)
    table = next(m for m in b.thread(b.parents()[1]) if m.blocks)
    b.ws.world.remove_message(table)

    next_digest(b)

    assert [m.blocks[1]["type"] for m in b.thread(b.parents()[1]) if m.blocks] == ["table"]


def test_without_leave_to_upload_the_message_comes_all_the_same(tmp_path: Path) -> None:
    with bench(tmp_path, manifest_without("files:write")) as b:
        b.vms["db01"] = AT_RISK
        on(b)

        next_digest(b)

        (parent,) = b.parents()
        assert len(b.thread(parent)) == 1
        assert not b.digest().paused


# What may have arrived and may not


class Stopped(BaseException):
    """The process ends here."""


class Wrapped:
    """A poster at whose side something happens to every message it posts.

    Args:
        sends: whether the message arrives first.
        then: what happens; once, if it is no stop.
        where: how the ids of the channels begin that it happens in.
    """

    def __init__(self, poster: Any, sends: bool, then: BaseException, where: str) -> None:
        self._poster, self._sends, self._then, self._where = poster, sends, then, where
        self._left = 1 if isinstance(then, Undelivered) else -1

    def post(self, *args: Any, **named: Any) -> str:
        if self._left == 0 or not args[0].startswith(self._where):
            return str(self._poster.post(*args, **named))
        self._left -= 1
        if self._sends:
            self._poster.post(*args, **named)
        raise self._then

    def __getattr__(self, name: str) -> Any:
        return getattr(self._poster, name)


def no_answer() -> Undelivered:
    """The connection breaks before Slack says whether it took it."""
    return Undelivered("TimeoutError", unsure=True)


def happens(b: Bench, sends: bool, then: BaseException, where: str = "C") -> None:
    b.house.poster = Wrapped(b.house.poster, sends, then, where)


def stopped(b: Bench, sends: bool) -> None:
    """The bot is killed while it posts, and comes back."""
    happens(b, sends, Stopped())
    due(b)
    with pytest.raises(Stopped):
        b.tick()
    b.restart()
    b.run_until(b.at + timedelta(minutes=5), step=timedelta(seconds=20))


def test_what_arrived_though_slack_did_not_say_so_is_found_and_not_sent_again(
    looking: Bench,
) -> None:
    on(looking)
    happens(looking, True, no_answer())

    next_digest(looking)

    assert len(looking.parents()) == 1
    assert len(looking.ws.calls_of(POST)) == 1


def test_it_is_found_however_much_was_written_meanwhile(looking: Bench) -> None:
    on(looking)
    happens(looking, True, Stopped())
    due(looking)
    with pytest.raises(Stopped):
        looking.tick()
    for number in range(250):
        looking.ws.say("ana", NAME, f"{number}: is it down?")
    looking.restart()
    looking.run_until(looking.at + timedelta(minutes=5), step=timedelta(seconds=20))

    ours = [m for m in looking.parents() if m.user != ANA]
    assert len(ours) == 1
    assert looking.direct() == []


def test_what_never_arrived_is_sent_again(looking: Bench) -> None:
    on(looking)
    happens(looking, False, no_answer())
    due(looking)

    looking.run_until(looking.at + timedelta(minutes=2), step=timedelta(seconds=10))

    assert len(looking.parents()) == 1
    assert not looking.digest().last_error


def test_where_nobody_may_look_it_is_sent_again_and_that_is_said(b: Bench) -> None:
    on(b)
    happens(b, True, no_answer())
    due(b)

    b.run_until(b.at + timedelta(minutes=2), step=timedelta(seconds=10))

    assert len(b.parents()) == 2
    said = "Last error: TimeoutError, sent again: it may stand there twice"
    assert said in b.say("digest list").text


def test_a_note_to_the_owner_is_found_and_not_sent_again(b: Bench) -> None:
    on(b)
    b.ws.faults.archive(NAME)
    happens(b, True, no_answer(), where="D")
    due(b)

    b.run_until(b.at + timedelta(minutes=5), step=timedelta(seconds=10))

    assert len(b.direct()) == 1


def test_a_stop_between_sending_and_writing_down_is_found_out(looking: Bench) -> None:
    on(looking)

    stopped(looking, sends=True)

    assert len(looking.parents()) == 1
    assert looking.digest().delivered_at is not None
    assert looking.direct() == []


def test_where_nobody_may_look_it_is_not_sent_again_and_the_owner_is_told(b: Bench) -> None:
    on(b)

    stopped(b, sends=True)

    assert len(b.parents()) == 1
    (told,) = b.direct()
    assert "cannot tell whether it arrived" in told.text
    assert "interrupted while it was sent" in b.say("digest list").text


def test_a_stop_before_sending_loses_nothing(looking: Bench) -> None:
    on(looking)

    stopped(looking, sends=False)

    assert len(looking.parents()) == 1


def test_nothing_but_an_opaque_id_goes_with_a_message(b: Bench) -> None:
    begun(b)

    (parent,) = b.parents()
    assert json.dumps(parent.body["metadata"]["event_payload"]) == '{"id": "o1"}'
    assert ANA not in json.dumps(parent.body["metadata"])


# What could not be checked


def test_a_check_that_fails_is_said_and_resolves_nothing(b: Bench) -> None:
    drifted(b)
    tables = {"baseline": "hidden", "pair_adapter": "hidden_too"}
    renamed(b, tables)
    due(b)

    b.tick()
    renamed(b, {new: old for old, new in tables.items()})
    b.settle()

    (reply,) = b.broadcasts()
    assert "The estate: the check itself failed" in reply.text
    with b.house.store.read() as kept:
        assert kept.digests.runs(1, 1)[0].step is Step.ADD
        assert "unmapped" in {life.finding.kind for life in kept.lives.open().values()}


def renamed(b: Bench, names: dict[str, str]) -> None:
    with b.house.store.write() as tables:
        for old, new in names.items():
            tables._connection.execute(f"ALTER TABLE {old} RENAME TO {new}")


def test_no_inventory_at_all_is_not_clean(b: Bench) -> None:
    begun(b)
    b.say("remove M1")
    assert b.house.answer("forget VMM-NY", by="local:x").ok
    assert b.house.answer("forget VMM-CH", by="local:x").ok

    next_digest(b, collects=False)

    assert "no inventory was taken in, so nothing could be checked" in b.parents()[1].text
