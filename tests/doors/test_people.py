from datetime import datetime, timedelta

from slack_sdk import WebClient

from bot.slack import manifest
from bot.slack.clients import Clients
from bot.slack.people import People
from bot.slack.pool import Pool
from bot.workspace import Workspace
from tests.doors.bench import NOON, settings_for

ANA = "U0ANA0001"


class Now:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


def people_of(ws: Workspace, now: Now) -> People:
    client: WebClient = Clients(settings_for(ws)).web(patient=True)
    return People(client, Pool(1), now)


def test_a_person_is_asked_for_once_a_day() -> None:
    with Workspace(manifest.load()) as ws:
        now = Now()
        people = people_of(ws, now)

        assert people.look_up(ANA).zone == "Europe/Amsterdam"
        assert people.look_up(ANA).zone == "Europe/Amsterdam"
        assert len(ws.calls_of("users.info")) == 1

        now.at += timedelta(hours=25)
        people.look_up(ANA)
        assert len(ws.calls_of("users.info")) == 2


def test_what_is_not_known_yet_is_not_waited_for() -> None:
    with Workspace(manifest.load()) as ws:
        people = people_of(ws, Now())

        assert people.known(ANA).zone == "UTC"
        ws.wait_for(lambda: ws.calls_of("users.info") or None)
        ws.wait_for(lambda: people.known(ANA).zone == "Europe/Amsterdam" or None)


def test_without_an_answer_it_is_utc_and_asked_again_soon() -> None:
    with Workspace(manifest.load()) as ws:
        now = Now()
        people = people_of(ws, now)
        ws.faults.refuse("users.info", "user_not_found")

        assert people.look_up(ANA).zone == "UTC"
        now.at += timedelta(minutes=11)
        assert people.look_up(ANA).zone == "Europe/Amsterdam"
