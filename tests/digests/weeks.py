"""Three weeks of one channel, told the same whatever happens on their mornings."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.wiring.timed import TICK_S
from tests.digests.bench import ANA, Bench, risk
from tests.digests.test_matrix import AT_RISK, on

Upset = Callable[[Bench, bool], None]
"""Does something to the bot or to Slack at the moment a digest is due.

Its second argument says whether this digest has news for the channel.
"""


def three_weeks(b: Bench, upset: Upset) -> None:
    """Fifteen working days with nightly inventories, from the first look to the last all-clear."""
    on(b, "digest on here weekdays 08:30 in Europe/Amsterdam")

    def morning(news: bool = False) -> None:
        run = b.digest().next_run
        assert run is not None
        b.run_until(run - timedelta(hours=1), step=timedelta(hours=6))
        b.collect()
        b.run_until(run - timedelta(seconds=TICK_S), step=timedelta(minutes=20))
        b.pass_time(seconds=TICK_S)
        upset(b, news)
        b.run_until(b.at + timedelta(minutes=2), step=timedelta(seconds=20))
        b.run_until(b.at + timedelta(hours=1), step=timedelta(minutes=5))

    morning(news=True)  # Monday: the first look, clean
    morning()  # Tuesday: silent
    b.vms["db01"] = AT_RISK
    morning(news=True)  # Wednesday: it appears
    morning()  # Thursday: edited
    b.say("ack F1 --reason CAB-7")
    morning()  # Friday: nothing is left that nobody knows of

    morning()  # Monday: the heartbeat, though one is acknowledged
    b.vms["db02"] = AT_RISK
    morning(news=True)  # Tuesday: worse, so it is back
    b.say("snooze F1 for 2d --reason after the change window")
    morning()  # Wednesday: snoozed
    morning()  # Thursday: silent
    morning(news=True)  # Friday: its time is up

    morning()  # Monday: edited; no heartbeat where there is something to say
    b.sources["Prod-Lab"] = ("Lab",)
    b.vms["lab01"] = ("Prod-Lab", "Lab", None, None)
    morning(news=True)  # Tuesday: another one
    del b.vms["lab01"]
    morning()  # Wednesday: which is gone again
    b.say("add Prod-DB to DR-DB --reason CAB-9")
    b.vms["db01"] = b.vms["db02"] = ("Prod-DB", "Db", "DR-DB", "Db")
    morning()  # Thursday: resolved
    morning()  # Friday: silent


PARENTS = [
    "no findings.",
    "nothing is left that nobody knows of but 1 acknowledged.",
    "no findings but 1 acknowledged. This weekly line says that I am watching.",
    "nothing is left that nobody knows of but 1 snoozed.",
    "1 resolved, nothing is left to do.",
]
"""What the messages outside threads say in the end."""

THREADS = [
    [],
    [
        "All 1 finding of D1:",
        "CSV",
        "F1 acknowledged: CAB-7.",
        "Nothing is new but 1 acknowledged.",
    ],
    [],
    ["All 1 finding of D1:", "CSV", "F1 snoozed until", "Nothing is new but 1 snoozed."],
    [
        "All 1 finding of D1:",
        "CSV",
        "1 new, 1 still.",
        "CSV",
        "1 resolved.",
        "1 resolved.",
    ],
]
"""What stands below each."""

SAID = [
    "no findings.",
    f"1 new: 1 high{risk(1)}",
    "no findings but 1 acknowledged. This weekly line says that I am watching.",
    f"1 back: 1 high{risk(2)}",
    f"1 back: 1 high{risk(2)}",
    "1 new, 1 still.",
]
"""What the channel was told when it was told, with what was broadcast from threads."""

CALLS = ["1 new", "1 new, 1 still."]
"""What called ana: each finding that is high, when it first appears."""


def parents(b: Bench) -> list[str]:
    return [_first(message.text) for message in b.parents()]


def threads(b: Bench) -> list[list[str]]:
    """What stands below each message, each cut to what is expected of it."""
    found = []
    for parent, expected in zip(b.parents(), THREADS, strict=True):
        below = ["CSV" if m.files else _first(m.text) for m in b.thread(parent)]
        lengths = [len(line) for line in expected] + [None] * len(below)
        found.append([line[:length] for line, length in zip(below, lengths, strict=False)])
    return found


def said(b: Bench) -> list[str]:
    """First lines of what was posted for the channel to see, in the order it was posted."""
    return [_first(str(args["text"])) for args in _posted(b)]


def calls(b: Bench) -> list[str]:
    """First words of what called ana."""
    return [
        _first(str(args["text"])).split(":")[0]
        for args in _posted(b)
        if CALLS_ANA in str((args.get("blocks") or [args["text"]])[0])
    ]


CALLS_ANA = f"<@{ANA}>"


def _first(text: str) -> str:
    return text.splitlines()[0].removeprefix(f"{CALLS_ANA} ").removeprefix("VMM-NY → VMM-CH: ")


def _posted(b: Bench) -> list[dict[str, Any]]:
    """What the channel was shown."""
    found = [call.args for call in b.ws.calls_of("chat.postMessage") if call.ok]
    return [
        args
        for args in found
        if not str(args["channel"]).startswith("D")
        and (not args.get("thread_ts") or args.get("reply_broadcast"))
    ]
