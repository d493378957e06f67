"""What can be pressed on a digest and on findings: when, by whom, how often."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.workspace.nouns import Message
from tests.digests.bench import ANA, CHANNEL, NAME
from tests.digests.desk import Desk, desk
from tests.digests.test_matrix import AT_RISK, next_digest, on
from tests.doors.bench import WAYS
from tests.doors.office import labels

ABOUT = "F1 high: Prod-DB"


@pytest.fixture(params=WAYS)
def d(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A bot whose digest tells of a VM on a network that is not mapped."""
    with desk(tmp_path, str(request.param)) as made:
        told(made)
        yield made
        assert made.faults() == []


def told(d: Desk) -> None:
    on(d)
    next_digest(d)
    d.vms["db01"] = AT_RISK
    next_digest(d)


def parent(d: Desk) -> Message:
    return d.parents()[-1]


def test_a_digest_and_each_of_its_findings_say_what_one_can_do(d: Desk) -> None:
    assert labels(parent(d)) == ["Run again", "Mute…", "Settings…"]
    menu, _ = d.entry(parent(d), ABOUT, "Fix…")
    assert [one["text"]["text"] for one in menu["options"]] == [
        "Fix…",
        "Acknowledge…",
        "Snooze…",
        "Explain",
    ]
    assert len(parent(d).blocks) <= 12


def test_acknowledging_asks_until_when_and_why_and_is_said_in_message_and_thread(d: Desk) -> None:
    height = len(parent(d).blocks)

    d.pick("ana", parent(d), ABOUT, "Acknowledge…")
    asked = d.form()
    act = d.submit(when="7d", reason="CAB-1042")

    assert asked.title == "Acknowledge F1"
    assert "Prod-DB (VMM-NY) → VMM-CH: it is not mapped" in asked.words()
    assert act.errors == {}
    assert "F1 is acknowledged" in d.private()[-1].text
    assert "Acknowledged until" in parent(d).words()
    assert ": CAB-1042." in parent(d).words()
    assert d.first_line(parent(d)) == ("VMM-NY → VMM-CH: 1 finding: 1 high; somebody knows of it.")
    assert len(parent(d).blocks) <= height
    word = d.thread(parent(d))[-1]
    assert word.text.startswith("F1 acknowledged until 1 Dec 07:31 UTC: CAB-1042.")
    assert f"<@{ANA}>" in word.words()
    assert len(d.parents()) == 2
    assert d.broadcasts() == []


def test_a_snooze_until_monday_ends_on_monday_at_eight_where_they_live(d: Desk) -> None:
    d.pick("ana", parent(d), ABOUT, "Snooze…")

    d.submit(when="monday")

    assert "F1 is snoozed until 30 Nov 07:00 UTC" in d.private()[-1].text
    assert "`/netmap snooze F1 until 2026-11-30 08:00`" in d.private()[-1].words()


def test_a_form_takes_a_moment_too(d: Desk) -> None:
    d.pick("ana", parent(d), ABOUT, "Snooze…")
    d.submit(when="tomorrow")
    d.pick("ana", parent(d), ABOUT, "Snooze…")
    d.submit(when="1d", day="2026-12-01", clock="18:30")
    d.pick("ana", parent(d), ABOUT, "Snooze…")
    past = d.submit(when="1d", day="2026-11-23", clock="00:30")
    d.submit(when="1d", day="", clock="08:15")

    tomorrow, day, clock = d.private()[-3:]
    assert "until 25 Nov 07:00 UTC" in tomorrow.text
    assert "`/netmap snooze F1 until 2026-12-01 18:30`" in day.words()
    assert past.errors["day"].startswith("Until 2026-11-23 00:30 is in the past.")
    assert "`/netmap snooze F1 until 2026-11-25 08:15`" in clock.words()


def test_a_day_counts_instead_and_a_wrong_one_is_an_error_under_it(d: Desk) -> None:
    d.pick("ana", parent(d), ABOUT, "Snooze…")

    past = d.submit(when="1d", day="2026-11-01")
    far = d.submit(when="1d", day="2027-02-01")
    right = d.submit(when="1d", day="2026-12-01")

    assert past.errors["day"].startswith("Until 2026-11-01 is in the past.")
    assert far.errors["day"].endswith("That can be for 30 days at most.")
    assert right.errors == {}
    with d.house.store.read() as tables:
        life = tables.lives.get(1)
    assert d.ws.views("ana") == []
    assert life is not None
    assert life.hush is not None
    assert life.hush.until is not None
    assert f"{life.hush.until:%d %H:%M}" == "30 23:00"


def test_fix_opens_the_form_of_the_mapping_filled_in_and_writes_nothing(d: Desk) -> None:
    d.pick("ana", parent(d), ABOUT, "Fix…")

    form = d.form()

    assert form.title == "Network mapping"
    assert "Prod-DB" in json.dumps(form.values)
    with d.house.store.read() as tables:
        assert len(tables.estate().mappings) == 1


def test_fix_of_a_replica_moved_by_hand_shows_the_plan(d: Desk) -> None:
    d.vms["web01"] = ("Prod-Web", "Web", "DR-DB", "Db")
    next_digest(d)

    d.pick("ana", parent(d), "F2 high: Prod-Web", "Fix…")

    form = d.form()
    assert form.title == "Fix F2"
    assert "1 replica VM would be reconnected" in form.words()
    assert form.body["submit"] is None


def test_explain_answers_who_pressed_and_nobody_else(d: Desk) -> None:
    act = d.pick("ana", parent(d), ABOUT, "Explain")

    answer = act.reply()

    assert answer.only_for == ANA
    assert "High: a server would come up without a network" in answer.text
    assert "D1 tells #C0ONCALL1 of it." in answer.text
    assert labels(answer)[:3] == ["Fix…", "Acknowledge…", "Snooze…"]


def test_the_same_can_be_done_from_the_answer_to_drift(d: Desk) -> None:
    answer = d.ws.slash("ana", NAME, "/netmap drift").reply()

    d.pick("ana", answer, ABOUT, "Acknowledge…")
    d.submit(when="worse", reason="known")

    assert "Acknowledged: known." in parent(d).words()


def test_run_again_runs_it_and_tells_only_who_pressed(d: Desk) -> None:
    before = len(d.parents())

    answer = d.press("ana", parent(d), "Run again").reply()

    assert answer.only_for == ANA
    assert len(d.parents()) == before + 1
    assert "asked for by" in parent(d).text


def test_a_muted_digest_says_nothing_until_then_and_what_was_found_meanwhile_after_it(
    d: Desk,
) -> None:
    d.press("ana", parent(d), "Mute…")
    d.submit(when="7d")
    before = d.ws.messages(NAME)
    listed = d.say("digest list").text
    d.vms["db02"] = AT_RISK

    for _ in range(6):
        d.run_until(d.at + timedelta(days=1), step=timedelta(hours=3))
        d.collect()
    silent = d.ws.messages(NAME)
    d.run_until(d.at + timedelta(days=2, minutes=5), step=timedelta(minutes=30))

    assert "D1 is muted: #C0ONCALL1 is told nothing until 1 Dec" in before[-1].text
    assert "! Muted until 1 Dec 07:31 UTC by" in listed
    assert silent == before
    assert "1 worse" in d.broadcasts()[-1].text


def test_a_mute_ends_when_somebody_says_so(d: Desk) -> None:
    d.say("digest mute D1 for 7d")
    muted = d.digest().next_run

    d.say("digest mute D1 --off")

    heard = d.digest().next_run
    assert muted is not None
    assert heard is not None
    assert muted - heard == timedelta(days=7)
    assert d.digest().muted_until is None


def test_settings_opens_the_form_of_that_digest(d: Desk) -> None:
    d.press("ana", parent(d), "Settings…")

    assert d.form().title == "Digest D1"
    assert d.form().values["channel"]["netmap.digest.channel"]["selected_conversation"] == CHANNEL


def test_a_press_and_a_form_delivered_twice_act_once(d: Desk) -> None:
    d.pick("ana", parent(d), ABOUT, "Acknowledge…")
    form = d.form()
    payload = {"when": "worse", "reason": "once"}

    acts = [d.ws.submit("ana", form, payload, wait=False) for _ in range(2)]
    for act in acts:
        act.wait()
    d.rest()

    history = d.say("history").text
    assert history.count("acknowledged F1 — once") == 1
    assert sum("F1 acknowledged" in m.text for m in d.thread(parent(d))) == 1


def test_a_button_of_another_version_is_answered_kindly(d: Desk) -> None:
    shown = d.now_says(parent(d).ts)
    for block in shown.blocks:
        for option in block.get("accessory", {}).get("options", []):
            option["value"] = "9" + option["value"][1:]
    menu, option = d.entry(shown, ABOUT, "Acknowledge…")

    act = d.ws.press("ana", shown, menu["action_id"], option["value"])

    assert "This button is from another version of netmap" in act.reply().text
    assert d.ws.views("ana") == []


def test_a_finding_that_is_gone_by_then_is_said_to_be(d: Desk) -> None:
    message = parent(d)
    d.say("add Prod-DB to DR-DB")
    d.vms["db01"] = ("Prod-DB", "Db", "DR-DB", "Db")
    d.collect(hours_ago=0)
    d.rest()

    d.pick("ana", message, ABOUT, "Fix…")
    fix = d.form().words()
    d.pick("ana", message, ABOUT, "Snooze…")
    d.submit(when="1d")

    assert "F1 is gone since" in fix
    assert "F1 is gone since" in d.private()[-1].text


def test_who_may_is_asked_when_it_is_pressed(tmp_path: Path) -> None:
    with desk(tmp_path, editors=ANA) as d:
        told(d)
        for label in ("Acknowledge…", "Snooze…", "Fix…"):
            d.pick("ben", parent(d), ABOUT, label)
            assert "is for editors" in d.form("ben").words(), label
            assert d.form("ben").body["submit"] is None
        for label in ("Mute…", "Settings…"):
            d.press("ben", parent(d), label)
            assert "is for editors" in d.form("ben").words(), label
        refused = d.press("ben", parent(d), "Run again").reply()
        explained = d.pick("ben", parent(d), ABOUT, "Explain").reply()

        assert "is for editors" in refused.text
        assert labels(explained) == ["Share in channel"]
        assert "acknowledged" not in d.say("history").text
        assert d.faults() == []


def test_who_lost_the_role_meanwhile_is_refused_at_the_end(tmp_path: Path) -> None:
    with desk(tmp_path, editors=f"{ANA},U0BEN0001") as d:
        told(d)
        d.pick("ben", parent(d), ABOUT, "Acknowledge…")
        d.door.conversation.rooms.desk.access._settings = d.house.settings.model_copy(  # type: ignore[union-attr]  # there is a desk
            update={"editors": frozenset({ANA})}
        )

        d.submit("ben", when="worse")

        assert "is for editors" in d.private("ben")[-1].text
