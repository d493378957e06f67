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
from bot.wiring import TICK_S
from tests.digests.bench import ANA, LOOKING, NAME, Bench, bench
from tests.digests.test_matrix import AT_RISK, begun, drifted, next_digest, on
from tests.workspace.bench import manifest_without


@pytest.fixture
def looking(tmp_path: Path) -> Iterator[Bench]:
    """The same with leave to read the channel."""
    with bench(tmp_path, LOOKING) as made:
        yield made


def texts(b: Bench) -> list[str]:
    return [b.first_line(m) for m in b.parents()]


PAUSES: list[tuple[str, Callable[[Bench], object], Callable[[Bench], object], str]] = [
    (
        "not_in_channel",
        lambda b: b.ws.faults.remove_bot(NAME),
        lambda b: b.ws.faults.invite_bot(NAME),
        "I am not in the channel",
    ),
    (
        "is_archived",
        lambda b: b.ws.faults.archive(NAME),
        lambda b: b.ws.faults.unarchive(NAME),
        "the channel is archived",
    ),
    (
        "channel_not_found",
        lambda b: b.ws.faults.refuse("chat.postMessage", "channel_not_found"),
        lambda b: None,
        "the channel is private and I am not in it, or it is gone",
    ),
    (
        "restricted_action",
        lambda b: b.ws.faults.refuse("chat.postMessage", "restricted_action"),
        lambda b: None,
        "the workspace does not let me post there",
    ),
]


@pytest.mark.parametrize(("code", "breaks", "mends", "why"), PAUSES, ids=[p[0] for p in PAUSES])
def test_what_only_a_person_can_mend_pauses_it_and_tells_the_owner(
    b: Bench,
    code: str,
    breaks: Callable[[Bench], object],
    mends: Callable[[Bench], object],
    why: str,
) -> None:
    b.vms["db01"] = AT_RISK
    on(b)
    breaks(b)

    next_digest(b)
    next_digest_is_none = b.digest().next_run

    assert next_digest_is_none is None
    assert b.digest().paused == code
    (told,) = b.direct()
    assert "D1 is paused" in told.text
    assert why in told.text
    assert "/netmap digest run D1" in told.text
    listed = b.say("digest list").text
    assert "1 PAUSED" in listed
    assert why in listed

    mends(b)
    assert b.say("digest run D1").ok
    b.settle()

    assert texts(b) == ["VMM-NY → VMM-CH: 1 finding at first look: 1 high."]
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
    assert texts(b)[1].startswith("VMM-NY → VMM-CH: 1 new: 1 high.")


def test_a_rate_limit_is_waited_out_as_long_as_slack_says(b: Bench) -> None:
    on(b)
    run = b.digest().next_run
    assert run is not None
    b.run_until(run - timedelta(seconds=TICK_S), step=timedelta(minutes=30))
    b.ws.faults.rate_limited("chat.postMessage", retry_after=30)

    b.at = run
    b.pass_time()
    b.tick()
    b.pass_time(seconds=29)
    b.tick()
    before = len(b.parents())
    b.pass_time(seconds=1)
    b.tick()

    assert before == 0
    assert len(b.parents()) == 1
    assert len(b.ws.calls_of("chat.postMessage")) == 2


def test_a_long_rate_limit_makes_it_late_and_it_says_so(b: Bench) -> None:
    on(b)
    b.ws.faults.rate_limited("chat.postMessage", retry_after=1800)
    run = b.digest().next_run
    assert run is not None

    b.run_until(run + timedelta(hours=1), step=timedelta(minutes=5))

    (parent,) = b.parents()
    assert "late: it was due 07:30 UTC" in parent.text


@pytest.mark.parametrize("status", ["broken", "fatal_error", "service_unavailable"])
def test_trouble_that_passes_is_tried_again_ever_more_slowly(b: Bench, status: str) -> None:
    on(b)
    if status == "broken":
        b.ws.faults.broken("chat.postMessage", times=3)
    else:
        b.ws.faults.refuse("chat.postMessage", status, times=3)
    run = b.digest().next_run
    assert run is not None

    b.run_until(run + timedelta(minutes=10), step=timedelta(seconds=10))

    assert len(b.parents()) == 1
    tries = [call.at for call in b.ws.calls_of("chat.postMessage")]
    waits = [later - sooner for sooner, later in pairwise(tries)]
    assert len(waits) == 3
    assert 30 <= waits[0] < waits[1] < waits[2]


def test_what_slack_finds_malformed_goes_as_text(b: Bench) -> None:
    on(b)
    b.ws.faults.refuse("chat.postMessage", "invalid_blocks")

    next_digest(b)

    (parent,) = b.parents()
    assert parent.blocks == []
    assert b.first_line(parent) == "VMM-NY → VMM-CH: no findings."


def test_a_message_that_somebody_deleted_is_said_anew(b: Bench) -> None:
    drifted(b)
    b.ws.world.remove_message(b.parents()[1])

    next_digest(b)

    assert texts(b)[1].startswith("VMM-NY → VMM-CH: still 1 finding, day 2: 1 high.")
    assert b.digest().parent == b.parents()[1].ts
    next_digest(b)
    assert len(b.parents()) == 2


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


def test_what_arrived_though_slack_did_not_say_so_is_found_and_not_sent_again(
    looking: Bench,
) -> None:
    b = looking
    on(b)
    accept_and_fail(b)

    next_digest(b)

    assert len(b.parents()) == 1
    assert len(b.ws.calls_of("chat.postMessage")) == 1


def test_a_stop_between_sending_and_writing_down_is_found_out(looking: Bench) -> None:
    b = looking
    on(b)
    stop_after_sending(b)
    run = b.digest().next_run
    assert run is not None
    b.run_until(run - timedelta(seconds=TICK_S), step=timedelta(minutes=30))
    b.pass_time(seconds=TICK_S)

    with pytest.raises(Stopped):
        b.tick()
    b.restart()
    b.run_until(b.at + timedelta(minutes=5), step=timedelta(seconds=20))

    assert len(b.parents()) == 1
    assert b.digest().delivered_at is not None
    assert b.direct() == []


def test_where_nobody_may_look_it_is_not_sent_again_and_the_owner_is_told(b: Bench) -> None:
    on(b)
    stop_after_sending(b)
    run = b.digest().next_run
    assert run is not None
    b.run_until(run - timedelta(seconds=TICK_S), step=timedelta(minutes=30))
    b.pass_time(seconds=TICK_S)

    with pytest.raises(Stopped):
        b.tick()
    b.restart()
    b.run_until(b.at + timedelta(minutes=5), step=timedelta(seconds=20))

    assert len(b.parents()) == 1
    (told,) = b.direct()
    assert "cannot tell whether it arrived" in told.text
    assert "interrupted while it was sent" in b.say("digest list").text


def test_a_stop_before_sending_loses_nothing(looking: Bench) -> None:
    b = looking
    on(b)
    stop_before_sending(b)
    run = b.digest().next_run
    assert run is not None
    b.run_until(run - timedelta(seconds=TICK_S), step=timedelta(minutes=30))
    b.pass_time(seconds=TICK_S)

    with pytest.raises(Stopped):
        b.tick()
    b.restart()
    b.run_until(b.at + timedelta(minutes=5), step=timedelta(seconds=20))

    assert len(b.parents()) == 1


def test_a_check_that_fails_is_said_and_resolves_nothing(b: Bench) -> None:
    drifted(b)
    with b.house.store.write() as tables:
        tables._connection.execute("ALTER TABLE baseline RENAME TO hidden")
        tables._connection.execute("ALTER TABLE pair_adapter RENAME TO hidden_too")
    run = b.digest().next_run
    assert run is not None

    b.at = run
    b.pass_time()
    b.tick()
    with b.house.store.write() as tables:
        tables._connection.execute("ALTER TABLE hidden RENAME TO baseline")
        tables._connection.execute("ALTER TABLE hidden_too RENAME TO pair_adapter")
    b.settle()

    (reply,) = b.broadcasts()
    assert "The estate: the check itself failed" in reply.text
    with b.house.store.read() as tables:
        assert tables.digests.runs(1, 1)[0].step is Step.ADD
        assert "unmapped" in {life.finding.kind for life in tables.lives.open().values()}


def test_no_inventory_at_all_is_not_clean(b: Bench) -> None:
    begun(b)
    b.say("remove M1")
    assert b.house.answer("forget VMM-NY", by="local:x").ok
    assert b.house.answer("forget VMM-CH", by="local:x").ok

    next_digest(b, collects=False)

    assert "no inventory was taken in, so nothing could be checked" in b.parents()[1].text


class Stopped(BaseException):
    """The process ends here."""


class Wrapped:
    """A poster at whose side something happens."""

    def __init__(self, poster: Any, post: Callable[..., str]) -> None:
        self._poster, self.post = poster, post

    def __getattr__(self, name: str) -> Any:
        return getattr(self._poster, name)


def stop_after_sending(b: Bench) -> None:
    poster = b.house.poster

    def post(*args: Any, **named: Any) -> str:
        assert poster is not None
        poster.post(*args, **named)
        raise Stopped

    b.house.poster = Wrapped(poster, post)


def stop_before_sending(b: Bench) -> None:
    def post(*args: Any, **named: Any) -> str:
        raise Stopped

    b.house.poster = Wrapped(b.house.poster, post)


def accept_and_fail(b: Bench) -> None:
    """Slack takes the message, and the connection breaks before it says so."""
    poster = b.house.poster

    def post(*args: Any, **named: Any) -> str:
        assert poster is not None
        poster.post(*args, **named)
        raise Undelivered("TimeoutError", unsure=True)

    b.house.poster = Wrapped(poster, post)


def test_nothing_but_an_opaque_id_goes_with_a_message(b: Bench) -> None:
    begun(b)

    (parent,) = b.parents()
    assert json.dumps(parent.body["metadata"]["event_payload"]) == '{"id": "o1"}'
    assert ANA not in json.dumps(parent.body["metadata"])
