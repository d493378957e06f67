"""How cost grows with the estate, its classes and its drift; as a picture."""

import math
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from bot.domain.asking import Stamp
from bot.usecases.watching.drift import AskDrift, drift
from tests.bench.engine import count, placement_drift, scanned
from tests.bench.estate import Shape
from tests.bench.made import BY, Say, after, make
from tests.bench.rounds import timed

WHAT = ("scan of the table", "drift, all findings", "drift, ids", "drift, counted", "one VM")
INK = ("#8a8a8a", "#b4532a", "#2a6fb4", "#2a9d63", "#7a4fb0")
WIDTH, HEIGHT, LEFT, TOP, GAP = 288, 240, 72, 84, 28
FOOT, RIGHT = 28, 16
TEXT, QUIET, RULE = "#24292f", "#57606a", "#e4e7ea"


class Panel(NamedTuple):
    """One picture: along the bottom, and milliseconds of each of `WHAT`."""

    title: str
    along: Sequence[str]
    ms: Sequence[Sequence[float]]
    """For each along the bottom, one of each."""


def panels(folder: Path, largest: int, rounds: int, say: Say) -> list[Panel]:
    """Measure three rows of estates."""
    sizes = [n for n in (10_000, 100_000, 1_000_000) if n <= largest] or [largest]
    middle = min(100_000, largest)
    rows: list[tuple[str, list[tuple[str, Shape]]]] = [
        ("By pair adapters", [(_short(n), Shape(n)) for n in sizes]),
        (
            f"By classes, of {_short(middle)}",
            [("3k", Shape(middle)), ("30k", Shape(middle, clouds=10))],
        ),
        (
            f"By share that drifted, of {_short(middle)}",
            [(f"{d:.0%}", Shape(middle, drifted=d)) for d in (0, 0.01, 0.1, 0.5)],
        ),
    ]
    return [
        Panel(
            title,
            [name for name, _ in shapes],
            [_measure(make(folder, shape, say), rounds) for _, shape in shapes],
        )
        for title, shapes in rows
    ]


def _measure(path: Path, rounds: int) -> list[float]:
    with scanned(path) as (house, scan, _):
        stamp = Stamp(BY, after(2, 2))
        works: list[Callable[[], object]] = [
            scan,
            lambda: drift(house.ports, [AskDrift()], stamp),
            lambda: placement_drift(house),
            lambda: count(house),
            lambda: house.answer("vm vm000007", BY),
        ]
        for work in works:
            work()
        taken = [[timed(work) for work in works] for _ in range(rounds)]
    return [1000 * statistics.median(times) for times in zip(*taken, strict=True)]


def draw(found: Sequence[Panel]) -> str:
    """The panels side by side, milliseconds on a logarithmic scale, as SVG."""
    values = [ms for panel in found for row in panel.ms for ms in row]
    low = math.floor(math.log10(min(values)) + 0.1)  # what lies just below needs no decade more
    high = math.ceil(math.log10(max(values)))
    wide = LEFT + len(found) * (WIDTH + GAP) - GAP + RIGHT
    high_px = TOP + HEIGHT + FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high_px}" width="{wide}"'
        f' height="{high_px}" font-family="system-ui, sans-serif" font-size="12" fill="{TEXT}">'
        '<title>How cost grows</title><rect width="100%" height="100%" fill="#fff"/>'
    ]
    at = float(LEFT)
    for name, ink in zip(WHAT, INK, strict=True):
        parts.append(
            f'<path d="M{at:.0f} 20h18" stroke="{ink}" stroke-width="2"/>'
            f'<circle cx="{at + 9:.0f}" cy="20" r="3.5" fill="{ink}"/>'
            f'<text x="{at + 25:.0f}" y="24">{name}</text>'
        )
        at += 25 + 6.6 * len(name) + 24
    for power in range(low, high + 1):
        level = _level(10**power, low, high)
        parts.append(
            f'<text x="{LEFT - 10}" y="{level + 4:.0f}" text-anchor="end" fill="{QUIET}">'
            f"{10**power:g} ms</text>"
        )
    for i, panel in enumerate(found):
        parts.append(_draw(panel, LEFT + i * (WIDTH + GAP), low, high))
    return "\n".join([*parts, "</svg>\n"])


def _level(ms: float, low: int, high: int) -> float:
    """How far down so many milliseconds are drawn."""
    return TOP + HEIGHT * (1 - (math.log10(ms) - low) / (high - low))


def _draw(panel: Panel, left: int, low: int, high: int) -> str:
    def x(at: int) -> float:
        return left + 20 + at * (WIDTH - 40) / max(1, len(panel.along) - 1)

    parts = [f'<text x="{left}" y="{TOP - 18}" font-weight="600">{panel.title}</text>']
    for power in range(low, high + 1):
        level = _level(10**power, low, high)
        parts.append(f'<path d="M{left} {level:.0f}h{WIDTH}" stroke="{RULE}"/>')
    for at, name in enumerate(panel.along):
        parts.append(
            f'<text x="{x(at):.0f}" y="{TOP + HEIGHT + 18}" text-anchor="middle" fill="{QUIET}">'
            f"{name}</text>"
        )
    for what, ink in enumerate(INK):
        points = [(x(at), _level(row[what], low, high)) for at, row in enumerate(panel.ms)]
        line = " ".join(f"{a:.0f},{b:.0f}" for a, b in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{ink}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.0f}" cy="{b:.0f}" r="3.5" fill="{ink}"/>' for a, b in points]
    return "".join(parts)


def _short(number: int) -> str:
    return f"{number // 1_000_000}M" if number >= 1_000_000 else f"{number // 1000}k"
