"""Measure things in turns, so that a noisy machine disturbs all of them alike."""

import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

Work = Callable[[], object]

STEADY = 2.0
"""A yardstick that moved by more within a run measured the machine, not the product."""
TRIES = 3
CPU = "NETMAP_BENCH_CPU"
"""Set while time on the processor is measured."""


class Ratio(NamedTuple):
    """One thing against its yardstick: the median of the rounds, least and most."""

    median: float
    least: float
    most: float
    ms: float
    """What the thing itself took, as the median of the rounds."""

    def __str__(self) -> str:
        return f"{_short(self.median)} ({_short(self.least)}-{_short(self.most)})"


class Row(NamedTuple):
    """One line of the table."""

    number: str
    what: str
    bound: str
    found: str
    holds: bool | None
    """None: it has no bound, or could not be measured."""
    facts: dict[str, Any]


def in_turns(yardstick: Work, subjects: Mapping[str, Work], rounds: int) -> dict[str, Ratio]:
    """Each subject against the yardstick, round by round; again if the yardstick was not steady."""
    for attempt in range(TRIES):
        floor: list[float] = []
        taken: dict[str, list[float]] = {name: [] for name in subjects}
        for work in (yardstick, *subjects.values()):
            work()  # once without being looked at
        for _ in range(rounds):
            floor.append(timed(yardstick))
            for name, work in subjects.items():
                taken[name].append(timed(work))
        if max(floor) <= STEADY * min(floor) or attempt == TRIES - 1:
            break
    return {name: ratio(times, floor) for name, times in taken.items()}


def ratio(times: Sequence[float], floor: Sequence[float]) -> Ratio:
    """Round by round."""
    each = [one / other for one, other in zip(times, floor, strict=True)]
    return Ratio(statistics.median(each), min(each), max(each), 1000 * statistics.median(times))


def timed(work: Work) -> float:
    """Seconds that it takes."""
    gc.collect()
    started = now()
    work()
    return now() - started


def now() -> float:
    """Seconds of the clock, or, where others use the machine too, of the processor."""
    if not os.environ.get(CPU):
        return time.perf_counter()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def latencies(work: Work, times: int) -> list[float]:
    """Seconds of each of so many calls."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return found


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so many percent do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share / 100))]


def child(function: str, *arguments: object) -> Any:
    """Call `function` of `tests.bench.children` in a process of its own; what it returns."""
    words = [sys.executable, "-m", "tests.bench.children", function]
    done = subprocess.run(
        [*words, *(json.dumps(a, default=str) for a in arguments)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def peak_mb() -> float:
    """The most memory that this process ever held."""
    return memory_mb("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def memory_mb(what: str) -> float:
    """What Linux says of this process: `VmHWM` at most, `VmRSS` now; 0 elsewhere.

    `getrusage` would count what the parent held when it started this process.
    """
    status = Path("/proc/self/status")
    for line in status.read_text().splitlines() if status.exists() else ():
        if line.startswith(what):
            return int(line.split()[1]) / 1024
    return 0.0


def _short(number: float) -> str:
    return f"{number:.2f}" if number < 10 else f"{number:.0f}"
