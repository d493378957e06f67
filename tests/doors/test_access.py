"""Who may what: by id, by user group, as a guest; and what happens when Slack does not say."""

from datetime import timedelta

import pytest

from bot.domain.codes import Role
from bot.wiring import House
from tests.doors.office import (
    ADMINS,
    ANA,
    BEN,
    CHLOE,
    DINESH,
    EDITORS,
    GUS,
    ONCALL,
    VERA,
    Office,
    labels,
    office,
)


def role(desk: Office, user: str) -> Role:
    rooms = desk.door.conversation.rooms
    assert rooms is not None
    return rooms.desk.access.role_of(user)


def test_groups_make_editors_and_admins(house: House, way: str) -> None:
    with office(house, way, editors=EDITORS, admins=ADMINS) as desk:
        roles = {user: role(desk, user) for user in (ANA, BEN, CHLOE, DINESH)}

        assert roles == {
            ANA: Role.EDITOR,
            DINESH: Role.EDITOR,
            CHLOE: Role.ADMIN,
            BEN: Role.READER,
        }
        assert ": editor, who " in desk.private("ana", "whoami").text
        assert desk.faults() == []


def test_groups_are_asked_for_once_in_ten_minutes(house: House, way: str) -> None:
    start = house.now()
    moment = [start]
    house.now = lambda: moment[0]
    with office(house, way, editors=EDITORS) as desk:
        for _ in range(3):
            role(desk, ANA)
        assert len(desk.ws.calls_of("usergroups.users.list")) == 1

        moment[0] = start + timedelta(minutes=11)
        role(desk, ANA)

        assert len(desk.ws.calls_of("usergroups.users.list")) == 2


def test_they_are_asked_for_again_when_a_clock_that_was_ahead_is_put_right(
    house: House, way: str
) -> None:
    start = house.now()
    moment = [start + timedelta(days=300)]
    house.now = lambda: moment[0]
    with office(house, way, editors=EDITORS) as desk:
        role(desk, ANA)

        moment[0] = start
        role(desk, ANA)

        asked = ("usergroups.users.list", "users.info")
        assert [len(desk.ws.calls_of(method)) for method in asked] == [2, 2]


@pytest.mark.parametrize("error", ["missing_scope", "plan_upgrade_required", "ratelimited"])
def test_without_an_answer_writes_are_closed_and_reads_stay_open(
    house: House, way: str, error: str
) -> None:
    with office(house, way, editors=f"{EDITORS},{CHLOE}", readers=EDITORS) as desk:
        desk.ws.faults.refuse("usergroups.users.list", error, times=50)

        assert role(desk, ANA) is Role.READER
        assert role(desk, BEN) is Role.READER
        assert role(desk, CHLOE) is Role.EDITOR
        assert "comes up" in desk.private("ana", "vm web01").text


def test_without_a_word_about_the_person_no_group_makes_an_editor(house: House, way: str) -> None:
    with office(house, way, editors=f"{EDITORS},{CHLOE}") as desk:
        desk.ws.faults.refuse("users.info", "fatal_error", times=50)

        assert role(desk, ANA) is Role.READER  # who may be a guest, for all that is known
        assert role(desk, CHLOE) is Role.EDITOR
        assert "comes up" in desk.private("ana", "vm web01").text


@pytest.mark.parametrize("user", ["gus", "vera"])
def test_guests_and_people_of_other_workspaces_read_nothing(
    house: House, way: str, user: str
) -> None:
    with office(house, way, editors=EDITORS) as desk:
        said = desk.private(user, "vm web01")

        assert "not one who may ask" in said.text
        assert "whoami" not in said.text  # which they may not say either
        assert "web01 comes up" not in said.text


def test_of_other_workspaces_is_also_who_shares_no_channel(house: House, way: str) -> None:
    with office(house, way, editors=EDITORS) as desk:
        desk.ws.channel(ONCALL).members.discard(VERA)

        assert role(desk, VERA) is Role.NOBODY


def test_guests_may_read_where_a_setting_says_so_and_never_write(house: House, way: str) -> None:
    with office(house, way, editors=f"{EDITORS},{GUS}", guests=GUS) as desk:
        assert role(desk, GUS) is Role.READER
        assert role(desk, VERA) is Role.NOBODY
        assert "is for editors" in desk.private("gus", "add Prod-Web to DR-Web").text


def test_a_refusal_names_who_may(house: House, way: str) -> None:
    with office(house, way, editors=f"{EDITORS},{BEN}") as desk:
        said = desk.private("chloe", "add Prod-Web to DR-Web")

        assert f"<@{BEN}>" in said.words()
        assert f"<!subteam^{EDITORS}>" in said.words()


def test_help_and_buttons_show_only_what_one_may_do(house: House, way: str) -> None:
    with office(house, way, editors=EDITORS) as desk:
        mine, theirs = desk.private("ana", "help").words(), desk.private("ben", "help").words()
        assert "/netmap add" in mine
        assert "/netmap add" not in theirs

        assert "Map…" in labels(desk.private("ana", "vm sql09"))
        assert "Map…" not in labels(desk.private("ben", "vm sql09"))
        desk.ws.open_home("ben")
        home = desk.ws.wait_for(lambda: desk.ws.home("ben"))
        assert "New mapping" not in home.words()


def test_a_mention_of_somebody_without_the_role_is_refused_in_its_thread(
    house: House, way: str
) -> None:
    with office(house, way, editors=EDITORS) as desk:
        said = desk.ws.mention("ben", ONCALL, "remove M12").reply()

        assert "is for editors" in said.text
