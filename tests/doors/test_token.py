"""A token that Slack refuses while netmap runs: who looks is told; once it is good all goes on."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.domain.digests import Digest
from bot.running import Beat, ills
from bot.usecases.telling.delivery import deliver
from bot.usecases.telling.digest_runs import run_due
from bot.wiring import House
from bot.wiring.timed import _draw
from tests.doors.office import ONCALL, Clock, Office, office

REFUSED = (
    "Slack refuses SLACK_BOT_TOKEN: token_revoked. To mend it, install the app again from its page,"
    " then copy SLACK_BOT_TOKEN from there; then start netmap again."
)


@pytest.fixture
def desk(way: str, house: House, clock: Clock) -> Iterator[Office]:
    with office(house, way) as made:
        made.door.look_after()
        yield made


def later(desk: Office, clock: Clock, minutes: int) -> None:
    """What the jobs do after so long."""
    clock.at += timedelta(minutes=minutes)
    desk.door.look_after()
    run_due(desk.house.ports, clock.at)
    deliver(desk.house.ports, desk.door.poster, _draw(desk.house), desk.house.now)


def beat(desk: Office, clock: Clock) -> Beat:
    return Beat(pid=1, at=clock.at, since=clock.at, door="socket", **desk.door.state())


def digests(desk: Office) -> list[Digest]:
    with desk.house.store.read() as tables:
        return tables.digests.all()


def test_that_slack_refuses_the_token_is_an_ailment_until_it_takes_it_again(
    desk: Office, clock: Clock
) -> None:
    assert desk.door.well()["ok"]

    desk.ws.faults.revoke_token()
    later(desk, clock, 6)
    assert REFUSED in ills(beat(desk, clock), clock.at)
    assert not desk.door.well()["ok"]

    desk.ws.faults.restore_token()
    later(desk, clock, 2)
    assert REFUSED not in ills(beat(desk, clock), clock.at)
    assert desk.door.well()["ok"]


def test_that_slack_cannot_be_asked_says_nothing_of_the_token(desk: Office, clock: Clock) -> None:
    desk.ws.faults.broken("auth.test", times=5)
    later(desk, clock, 6)

    assert desk.door.state()["trouble"] == ""


def test_digests_go_on_by_themselves_once_slack_takes_the_token_again(
    desk: Office, clock: Clock
) -> None:
    desk.private("ana", "digest off D1")
    desk.ws.slash("ana", ONCALL, "/netmap digest on here every 1h")
    desk.settle()
    desk.ws.faults.revoke_token()
    later(desk, clock, 61)
    assert [one.paused for one in digests(desk) if not one.off] == ["token_revoked"]
    listed = desk.house.answer("digest list", "local:ana").text
    assert "give netmap its new SLACK_BOT_TOKEN; it goes on by itself then." in listed

    desk.ws.faults.restore_token()
    later(desk, clock, 5)
    later(desk, clock, 1)

    said = [m.text for m in desk.ws.messages(ONCALL) if "finding" in m.text]
    assert len(said) == 1
    assert [one.paused for one in digests(desk) if not one.off] == [""]
    assert desk.ws.messages("@ana") == []


def test_a_channel_that_is_closed_to_it_still_waits_for_a_person(
    desk: Office, clock: Clock
) -> None:
    desk.private("ana", "digest off D1")
    desk.ws.slash("ana", ONCALL, "/netmap digest on here every 1h")
    desk.settle()
    desk.ws.faults.archive(ONCALL)
    later(desk, clock, 61)
    desk.ws.faults.revoke_token()
    later(desk, clock, 6)
    desk.ws.faults.restore_token()
    later(desk, clock, 2)

    assert [one.paused for one in digests(desk) if not one.off] == ["is_archived"]
