from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from slack_sdk import WebClient

from bot.slack import manifest
from bot.slack.clients import Clients
from bot.slack.people import People, is_outsider
from bot.slack.pool import Pool
from bot.wiring import House
from bot.workspace import Workspace
from tests.doors.bench import NOON, settings_for
from tests.doors.office import ANA, CHLOE, EDITORS, Office, office


class Now:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


def people_of(ws: Workspace, now: Now, pool: Pool | None = None) -> People:
    client: WebClient = Clients(settings_for(ws)).web(patient=True)
    return People(client, pool or Pool(1), now)


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
        pool = Pool(1)
        people = people_of(ws, Now(), pool)

        assert people.known(ANA).zone == "UTC"
        assert pool.wait_idle(120)
        assert people.known(ANA).zone == "Europe/Amsterdam"


def test_without_an_answer_it_is_utc_and_asked_again_soon() -> None:
    with Workspace(manifest.load()) as ws:
        now = Now()
        people = people_of(ws, now)
        ws.faults.refuse("users.info", "user_not_found")

        assert people.look_up(ANA).zone == "UTC"
        now.at += timedelta(minutes=11)
        assert people.look_up(ANA).zone == "Europe/Amsterdam"


@pytest.mark.parametrize(
    ("user", "enterprise", "outside"),
    [
        ({"team_id": "T1"}, "", False),
        ({"team_id": "T1", "is_restricted": True}, "", True),
        ({"team_id": "T1", "is_ultra_restricted": True}, "", True),
        ({"team_id": "T2", "is_stranger": True}, "", True),
        ({"team_id": "T2", "is_stranger": False}, "", True),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E1"}}, "E1", False),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E2"}}, "E1", True),
        ({"team_id": "T2", "enterprise_user": {}}, "", True),
    ],
)
def test_who_is_of_the_house_and_who_is_not(
    user: dict[str, object], enterprise: str, outside: bool
) -> None:
    assert is_outsider(user, "T1", enterprise) is outside


WEB = "add Prod-Web to DR-Web"


@pytest.fixture
def desk(way: str, house: House) -> Iterator[Office]:
    with office(house, way, editors=f"{EDITORS},{CHLOE}") as made:
        yield made
        assert made.faults() == []


def test_whoever_reads_plain_text_reads_names(desk: Office) -> None:
    desk.private("ana", WEB)
    desk.settle()

    said = desk.house.answer("history", "local:operator").text
    assert "Ana Ferreira: mapped Prod-Web" in said
    assert ANA not in said
    assert "mapped by Ana Ferreira" in desk.house.answer("show Prod-Web", "local:operator").text


def test_a_notification_names_people_and_the_message_mentions_them(desk: Office) -> None:
    desk.private("ana", WEB)
    desk.settle()

    said = desk.private("ana", "history")

    assert "Ana Ferreira: mapped Prod-Web" in said.text
    assert f"<@{ANA}>: mapped Prod-Web" in said.words()


def test_a_refusal_names_people_and_groups(desk: Office) -> None:
    desk.private("ben", WEB)
    desk.settle()

    said = desk.private("ben", WEB)

    assert "Those who may: @dr-editors, Chloe Lindqvist" in said.text


def test_history_as_a_file_has_names_and_ids(desk: Office) -> None:
    desk.private("ana", WEB)
    desk.settle()

    desk.press("ana", desk.private("ana", "history"), "All as CSV")
    desk.settle()

    *_, file = desk.ws.world.files.values()
    newest = file.content.decode().splitlines()[1].split(",")
    assert newest[2:4] == ["Ana Ferreira", ANA]


def test_whoever_is_not_known_stays_an_id(desk: Office) -> None:
    desk.house.answer(WEB, CHLOE)

    assert f"{CHLOE}: mapped" in desk.house.answer("history", "local:operator").text


def test_a_name_from_slack_pings_nobody(desk: Office) -> None:
    desk.ws.person("ana").real_name = "<!channel> *Ana* & <@U0BEN0001>"
    desk.private("ana", WEB)
    desk.settle()

    said = desk.private("ben", "history")

    assert "<!channel> *Ana* & <@U0BEN0001>: mapped" in said.text.replace("&lt;", "<").replace(
        "&gt;", ">"
    ).replace("&amp;", "&")
    assert "<!channel>" not in str([call.args for call in desk.ws.calls])
