"""The trend with a digest, and the map in Slack."""

from tests.digests.bench import Bench
from tests.digests.test_matrix import AT_RISK, next_digest, on


def test_a_digest_can_carry_the_trend_as_a_picture(b: Bench) -> None:
    b.vms["db01"] = AT_RISK
    on(b, "digest on here daily 08:30 --picture")

    next_digest(b)

    (parent,) = b.parents()
    picture = b.thread(parent)[-1].files[0]
    assert picture["name"] == "netmap-D1-2026-11-23.png"
    assert picture["alt_txt"].startswith("Open findings on 23 Nov: 1 (1 high)")
    assert b.ws.violations == []


def test_the_map_of_the_estate_has_a_picture(b: Bench) -> None:
    b.vms["db01"] = AT_RISK
    b.collect()

    reply = b.say("map")

    assert reply.text.splitlines()[0] == "1 mapping: 1 well; 1 network with 1 VM not mapped."
    assert reply.files[0].data.startswith(b"\x89PNG")


def test_status_says_how_the_scheduler_does(b: Bench) -> None:
    before = b.say("status").text
    on(b)
    b.tick()
    well = b.say("status").text
    b.pass_time(hours=1)
    silent = b.say("status").text

    assert "scheduler" not in before
    assert "The scheduler ran 06:00 UTC (just now): 1 digest on, the next 07:30 UTC" in well
    assert "it has STOPPED, and no digest will come" in silent
