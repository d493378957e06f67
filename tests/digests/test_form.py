"""The form of a digest: where it opens, what it finds wrong, that it does what a line does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.workspace.nouns import View
from tests.digests.bench import ANA, CHANNEL, NAME
from tests.digests.desk import Desk, desk
from tests.doors.bench import WAYS
from tests.doors.office import labels

ACTION = "netmap.digest."
CHANGES, LEADS = "C0CHANGES", "C0LEADS01"


@pytest.fixture(params=WAYS)
def d(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path, str(request.param)) as made:
        yield made
        assert made.faults() == []


def opened(d: Desk, line: str = "digest on", where: str = NAME) -> View:
    d.ws.slash("ana", where, f"/netmap {line}")
    d.rest()
    return d.form()


def chosen(form: View, field: str) -> Any:
    state = form.values[field][ACTION + field]
    found = next(value for key, value in state.items() if key != "type")
    return found["value"] if isinstance(found, dict) else found


def test_digest_on_alone_opens_it_with_what_is_usual_here(d: Desk) -> None:
    form = opened(d)

    assert form.title == "New drift digest"
    assert {field: chosen(form, field) for field in form.values} == {
        "channel": CHANNEL,
        "schedule": "weekdays 08:30",
        "zone": "Europe/Amsterdam",
        "quiet": None,
        "least": "low",
        "heartbeat": "0",
        "owner": ANA,
        "holidays": None,
        "picture": [],
    }


def test_it_does_what_the_line_would_do(d: Desk) -> None:
    opened(d)

    act = d.submit(
        schedule="mon,thu 9:00",
        quiet="22-7",
        least="medium",
        heartbeat="never",
        holidays="2026-12-25",
        picture=["picture"],
        owner="U0BEN0001",
    )

    assert act.errors == {}
    assert d.ws.views("ana") == []
    (said,) = d.ws.messages(NAME)
    assert said.text.startswith(
        "D1 will tell #C0ONCALL1 what drifts: mon,thu 09:00 Europe/Amsterdam, quiet 22:00-07:00 but"
        " for what is high, only what is medium or worse; when clean, nothing, with a picture;"
        " not on 25 Dec 2026."
    )
    assert labels(said) == ["Test now", "Settings…"]
    digest = d.digest()
    assert (digest.owner, digest.made_by) == ("U0BEN0001", ANA)
    again = d.say("digest off D1"), d.say(said_by(d))
    assert [reply.ok for reply in again] == [True, True]
    told = ("next_run", "schedule", "quiet", "least", "heartbeat", "holidays", "picture", "owner")
    assert [getattr(d.digest(2), one) for one in told] == [getattr(digest, one) for one in told]


def said_by(d: Desk) -> str:
    """The line that the form stood for, as the history has it."""
    with d.house.store.read() as tables:
        return next(
            c.command for c in tables.changes.recent(5) if c.command.startswith("digest on")
        )


def test_another_channel_is_told_there_and_the_answer_is_for_who_asked(d: Desk) -> None:
    opened(d)

    d.submit(channel=LEADS, schedule="daily 7:00")

    (answer,) = d.private()
    assert answer.text.startswith("D1 will tell #C0LEADS01 what drifts: daily 07:00")
    assert "That is said there as well." in answer.text
    (notice,) = d.ws.messages("dr-leads")
    assert notice.text.startswith("D1 will tell this channel what drifts: daily 07:00")
    assert f"by <@{ANA}>" in notice.words()
    assert d.ws.messages(NAME) == []


def test_a_channel_without_the_bot_pauses_it_and_says_how_to_mend_it(d: Desk) -> None:
    opened(d)

    d.submit(channel="C0FACILIT")

    assert d.digest().paused == "not_in_channel"
    (told,) = d.direct()
    assert "D1 is paused" in told.text
    assert "/invite @netmap" in told.text


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"schedule": "now and then"}, "schedule", "now and then is no schedule I can read."),
        ({"schedule": "every 7h"}, "schedule", "Such as every 6h."),
        ({"quiet": "at night"}, "quiet", "Write quiet hours as 22:00-07:00."),
        ({"holidays": "Christmas"}, "holidays", "Write it as 2026-12-01."),
    ],
)
def test_what_cannot_be_read_is_an_error_under_its_field(
    d: Desk, values: dict[str, str], field: str, said: str
) -> None:
    opened(d)

    act = d.submit(**values)

    assert list(act.errors) == [field]
    assert said in act.errors[field]
    assert d.say("digest list").text.startswith("No digest is on.")


def test_a_twin_is_an_error_under_when(d: Desk) -> None:
    d.say("digest on here weekdays 8:30")
    opened(d)

    act = d.submit()

    assert act.errors == {"schedule": "D1 tells this channel weekdays 08:30 already."}


def test_zones_are_found_by_city(d: Desk) -> None:
    form = opened(d)

    first = d.ws.options("ana", form.id, f"{ACTION}zone", "")
    york = d.ws.options("ana", form.id, f"{ACTION}zone", "new y")
    none = d.ws.options("ana", form.id, f"{ACTION}zone", "Atlantis")

    assert first[0]["value"] == "Europe/Amsterdam"
    assert len(first) == 100
    assert [one["value"] for one in york] == ["America/New_York"]
    assert none == []
    d.submit(zone="America/New_York")
    assert d.digest().zone == "America/New_York"


def test_settings_change_only_what_was_changed(d: Desk) -> None:
    d.say("digest on here daily 7:00 quiet 22:00-07:00 --picture --holidays 2026-12-25")
    form = opened(d, "digest edit D1")
    assert form.title == "Digest D1"
    assert chosen(form, "quiet") == "22:00-07:00"

    d.submit(quiet="", picture=[], least="high")

    with d.house.store.read() as tables:
        change = tables.changes.recent(1)[0]
    assert change.command == "digest edit D1 min high --no-picture --no-quiet"
    digest = d.digest()
    assert (digest.quiet, digest.picture, digest.least) == (None, False, "high")
    assert (digest.schedule.text, len(digest.holidays)) == ("daily 07:00", 1)


def test_nothing_changed_is_said_to_be_nothing(d: Desk) -> None:
    d.say("digest on here daily 7:00 --no-heartbeat")
    opened(d, "digest edit d1")

    d.submit()

    assert d.private()[-1].text.startswith("Nothing changed: D1 is as you say.")


def test_home_opens_it_and_the_picker_takes_where_one_is_looking(d: Desk) -> None:
    d.say("digest on here daily 7:00")
    d.ws.open_home("ana")
    home = d.ws.wait_for(lambda: d.ws.home("ana"))

    d.press("ana", home, "New digest…")
    fresh = d.form()
    d.ws.press("ana", home, "netmap.home.digest.D1")
    d.rest()

    assert chosen(fresh, "channel") is None
    picker = next(b["element"] for b in fresh.blocks if b["block_id"] == "channel")
    assert picker["default_to_current_conversation"] is True
    assert d.form().title == "Digest D1"
    d.submit(schedule="daily 6:00")
    assert "D1 tells #C0ONCALL1 what drifts: daily 06:00" in d.direct()[-1].text
    assert d.digest().schedule.text == "daily 06:00"


def test_the_picker_offers_no_direct_message_and_no_archive(d: Desk) -> None:
    form = opened(d)

    for channel in (d.ws.channel("@ana").id, "C0ARCHIVE", "C0PAYROLL"):
        with pytest.raises(LookupError):
            d.ws.submit("ana", form, {"channel": channel})


def test_an_answer_that_could_not_be_read_offers_the_form(d: Desk) -> None:
    answer = d.ws.slash("ana", NAME, "/netmap digest on now and then").reply()

    d.press("ana", answer, "Open the form")

    assert d.form().title == "New drift digest"


def test_a_digest_that_is_off_by_then_is_said_to_be(d: Desk) -> None:
    d.say("digest on here daily 7:00")
    opened(d, "digest edit D1")
    d.say("digest off D1")

    d.submit(schedule="daily 8:00")
    late = d.private()[-1].text
    opened(d, "digest edit D1")

    assert late.startswith("D1 is off.")
    assert "D1 is off." in d.form().words()


def test_readers_are_refused_in_the_form(tmp_path: Path) -> None:
    with desk(tmp_path, editors=ANA) as d:
        d.ws.slash("ben", NAME, "/netmap digest on")
        d.rest()

        assert "is for editors" in d.form("ben").words()
        assert d.form("ben").body["submit"] is None


def test_a_user_group_stays_the_owner(d: Desk) -> None:
    d.say("digest on here daily 7:00 --owner <!subteam^S0EDITOR1>")
    form = opened(d, "digest edit D1")
    assert chosen(form, "owner") is None

    d.submit(schedule="daily 8:00")

    assert d.digest().owner == "S0EDITOR1"
    assert d.digest().made_by == ANA
