"""What a digest says in each case, from the first look to the last all-clear."""

from datetime import timedelta

import pytest

from tests.digests.bench import ANA, NAME, Bench, risk

AT_RISK = ("Prod-DB", "Db", None, None)
"""On a network that is not mapped."""


def on(b: Bench, line: str = "digest on here daily 08:30") -> None:
    reply = b.say(line, zone="Europe/Amsterdam")
    assert reply.ok, reply.text


def next_digest(b: Bench, collects: bool = True) -> None:
    """The night's inventories, then the digest of the morning."""
    run = b.digest().next_run
    assert run is not None
    b.run_until(run - timedelta(minutes=30), step=timedelta(hours=3))
    if collects:
        b.collect()
    b.run_until(run + timedelta(minutes=1), step=timedelta(minutes=30))


def begun(b: Bench) -> None:
    """A digest whose first look is over, of an estate that is as it should be."""
    on(b)
    next_digest(b)
    assert [b.first_line(m) for m in b.parents()] == ["VMM-NY → VMM-CH: no findings."]


def drifted(b: Bench) -> None:
    """It has told of a VM on a network that is not mapped."""
    begun(b)
    b.vms["db01"] = AT_RISK
    next_digest(b)
    assert len(b.parents()) == 2


def test_the_first_look_is_told_once_without_calling_anybody(b: Bench) -> None:
    b.vms["db01"] = AT_RISK
    on(b)

    next_digest(b)

    (parent,) = b.parents()
    assert b.first_line(parent) == f"VMM-NY → VMM-CH: 1 finding at first look: 1 high{risk(1)}"
    assert f"<@{ANA}>" not in parent.words()
    assert "/netmap ack all --reason known" in parent.words()
    table, file = b.thread(parent)
    assert table.blocks[1]["type"] == "table"
    assert file.files[0]["name"] == "netmap-D1-2026-11-23-0730.csv"


def test_clean_after_clean_is_silent(b: Bench) -> None:
    begun(b)

    for _ in range(3):
        next_digest(b)

    assert len(b.ws.messages(NAME)) == 1


def test_a_clean_monday_has_one_line_that_it_watches(b: Bench) -> None:
    begun(b)

    for _ in range(8):
        next_digest(b)

    lines = [b.first_line(m) for m in b.parents()]
    assert lines[1:] == ["VMM-NY → VMM-CH: no findings. This weekly line says that I am watching."]


def test_drift_after_clean_is_a_new_message_that_calls_the_owner(b: Bench) -> None:
    begun(b)
    b.vms["db01"] = AT_RISK

    next_digest(b)

    _, parent = b.parents()
    assert b.first_line(parent).startswith(f"VMM-NY → VMM-CH: 1 new: 1 high{risk(1)}")
    assert f"<@{ANA}>" in parent.words()
    assert "New: F1 Prod-DB (VMM-NY) → VMM-CH: it is not mapped" in parent.words()


def test_what_is_only_medium_calls_nobody(b: Bench) -> None:
    b.targets["DR-Web"] = ("Web", "App", "Old")
    begun(b)
    b.vms["web02"] = ("Prod-Web", "App", "DR-Web", "Old")

    next_digest(b)

    _, parent = b.parents()
    assert b.first_line(parent).startswith("VMM-NY → VMM-CH: 1 new: 1 medium")
    assert f"<@{ANA}>" not in parent.words()


def test_the_same_drift_is_edited_in_place_and_disturbs_nobody(b: Bench) -> None:
    drifted(b)
    seen = len(b.ws.messages(NAME))

    next_digest(b)
    next_digest(b)

    assert len(b.ws.messages(NAME)) == seen
    _, parent = b.parents()
    assert b.first_line(parent) == f"VMM-NY → VMM-CH: still 1 finding, day 3: 1 high{risk(1)}"
    assert f"<@{ANA}>" not in parent.words()


def test_after_a_week_it_is_said_anew(b: Bench) -> None:
    drifted(b)

    for _ in range(7):
        next_digest(b)

    assert [b.first_line(m) for m in b.parents()][2:] == [
        f"VMM-NY → VMM-CH: 1 still, day 8: 1 high{risk(1)}"
    ]


def test_more_drift_is_a_reply_the_channel_sees(b: Bench) -> None:
    drifted(b)
    b.sources["Prod-Lab"] = ("Lab",)
    b.vms["lab01"] = ("Prod-Lab", "Lab", None, None)
    b.vms["db02"] = AT_RISK

    next_digest(b)

    (reply,) = b.broadcasts()
    assert b.first_line(reply).startswith("VMM-NY → VMM-CH: 1 new, 1 worse.")
    assert "Worse: F1 Prod-DB" in reply.text
    assert "2 adapters instead of 1" in reply.text
    assert f"<@{ANA}>" in reply.words()
    _, parent = b.parents()
    assert b.first_line(parent) == f"VMM-NY → VMM-CH: 1 new, 1 worse, day 2: 2 high{risk(3)}"


def test_fewer_is_a_reply_that_says_by_whom(b: Bench) -> None:
    begun(b)
    b.sources["Prod-Lab"] = ("Lab",)
    b.vms |= {"lab01": ("Prod-Lab", "Lab", None, None), "db01": AT_RISK}
    next_digest(b)

    b.say("add Prod-DB to DR-DB", by="U0BEN0001")
    b.vms["db01"] = ("Prod-DB", "Db", "DR-DB", "Db")
    next_digest(b)

    _, parent = b.parents()
    (reply,) = [m for m in b.thread(parent) if m.text.startswith("1 resolved.")]
    assert "<@U0BEN0001>" in reply.words()
    assert b.broadcasts() == []


def test_when_nothing_is_left_the_message_says_so(b: Bench) -> None:
    drifted(b)
    del b.vms["db01"]

    next_digest(b)

    _, parent = b.parents()
    assert b.first_line(parent) == "VMM-NY → VMM-CH: 1 resolved, nothing is left to do."
    assert "Resolved: F1 Prod-DB" in b.thread(parent)[-1].text
    next_digest(b)
    assert len(b.parents()) == 2


def test_what_could_not_be_checked_is_never_shown_as_clean(b: Bench) -> None:
    begun(b)

    next_digest(b, collects=False)
    next_digest(b, collects=False)

    _, parent = b.parents()
    assert "no findings" not in parent.text
    assert "Could not check VMM-CH (its inventory is too old to rely on, since" in parent.text


@pytest.mark.parametrize("says", ["ack F1 --reason CAB-7", "snooze F1 for 20d --reason CAB-7"])
def test_what_somebody_knows_of_is_not_said_again_until_it_is_worse(b: Bench, says: str) -> None:
    drifted(b)

    b.say(says)
    next_digest(b)
    closed = b.first_line(b.parents()[1])
    next_digest(b)
    b.vms["db02"] = AT_RISK
    next_digest(b)

    known = "acknowledged" if says.startswith("ack") else "snoozed"
    assert closed == f"VMM-NY → VMM-CH: nothing is left that nobody knows of but 1 {known}."
    assert b.first_line(b.parents()[2]).startswith("VMM-NY → VMM-CH: 1 back")


def test_a_snoozed_finding_comes_back_when_its_time_is_up(b: Bench) -> None:
    drifted(b)

    b.say("snooze F1 for 2d --reason next change window")
    for _ in range(2):
        next_digest(b)
    assert len(b.parents()) == 2
    next_digest(b)

    assert b.first_line(b.parents()[2]).startswith("VMM-NY → VMM-CH: 1 back")
    assert f"<@{ANA}>" not in b.parents()[2].words()


def test_a_finding_milder_than_asked_for_is_left_out(b: Bench) -> None:
    b.targets["DR-Web"] = ("Web", "App", "Old")
    b.vms["web02"] = ("Prod-Web", "App", "DR-Web", "Old")
    on(b, "digest on here daily 08:30 min high")

    next_digest(b)

    (parent,) = b.parents()
    assert b.first_line(parent) == "VMM-NY → VMM-CH: no findings but 1 milder than asked for."


def test_quiet_hours_hold_what_is_not_high_until_they_end(b: Bench) -> None:
    b.targets["DR-Web"] = ("Web", "App", "Old")
    on(b, "digest on here every 4h quiet 22:00-07:00")
    next_digest(b)
    b.run_until(b.at.replace(hour=20), step=timedelta(hours=1))
    b.vms["web02"] = ("Prod-Web", "App", "DR-Web", "Old")
    b.collect()

    b.run_until(b.at + timedelta(hours=9, minutes=30), step=timedelta(minutes=10))
    before = len(b.parents())
    b.run_until(b.at + timedelta(hours=1), step=timedelta(minutes=10))

    assert before == 1
    assert b.first_line(b.parents()[1]).startswith("VMM-NY → VMM-CH: 1 new: 1 medium")
    with b.house.store.read() as tables:
        due = [f"{run.due:%H:%M}" for run in tables.digests.runs(1, 4)]
    assert due == ["06:00", "03:00", "23:00", "19:00"]


def test_quiet_hours_let_through_what_is_high(b: Bench) -> None:
    on(b, "digest on here every 4h quiet 22:00-07:00")
    next_digest(b)
    b.run_until(b.at.replace(hour=22), step=timedelta(hours=1))
    b.vms["db01"] = AT_RISK
    b.collect()

    b.run_until(b.at + timedelta(hours=2), step=timedelta(minutes=10))

    assert b.first_line(b.parents()[1]).startswith("VMM-NY → VMM-CH: 1 new: 1 high")


def test_a_digest_asked_for_answers_whatever_there_is_to_say(b: Bench) -> None:
    begun(b)

    reply = b.say("digest run D1")
    b.settle()

    assert reply.ok
    assert b.first_line(b.parents()[1]) == "VMM-NY → VMM-CH: no findings."
    assert "asked for by" in b.parents()[1].text


def test_a_test_arrives_and_changes_nothing(b: Bench) -> None:
    drifted(b)
    before = b.digest()

    b.say("digest test D1")
    b.settle()

    assert "This is a test of D1" in b.parents()[2].text
    assert b.digest().parent == before.parent
    assert b.digest().next_run == before.next_run


def test_every_message_keeps_to_its_height_and_to_slacks_rules(b: Bench) -> None:
    for number in range(40):
        name = f"Lab-{number:02} <!channel> & *co* " + "x" * 60
        b.sources[name] = ("Only",)
        b.vms[f"vm{number:02}"] = (name, "Only", None, None)
    on(b)

    next_digest(b)

    (parent,) = b.parents()
    assert len(parent.blocks) <= 12
    assert "… and 35 more findings, in the thread" in parent.text
    assert "<!channel>" not in parent.words()
    assert b.ws.violations == []


@pytest.mark.parametrize("line", ["digest off D1", "digest edit D1 <#C0CHANGES>"])
def test_a_digest_that_is_off_or_moved_says_nothing_more_here(b: Bench, line: str) -> None:
    drifted(b)
    seen = len(b.ws.messages(NAME))

    assert b.say(line).ok
    b.run_until(b.at + timedelta(days=2), step=timedelta(hours=1))

    assert len(b.ws.messages(NAME)) == seen
