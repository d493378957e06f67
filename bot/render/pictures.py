"""Pictures, drawn by matplotlib (the extra `picture`); what they show is said in text as well.

They have a background of their own, so that they read the same in Slack's light and dark themes.
State is shown by the kind of line and by a word; colour only helps.
"""

import io
from collections.abc import Sequence
from datetime import timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from bot.domain.codes import LineState, Severity
from bot.domain.maps import DayCount, EstateMap, MapPanel
from bot.engine.severity import ORDER
from bot.render.blocks import clip_middle, tidy
from bot.render.fonts import FIRST, fonts_for
from bot.render.words import LINE_STATE, SEVERITY

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER, INK, FAINT = "#fbfbf8", "#1d2733", "#6b7683"
_LINES: dict[LineState, tuple[str, str | tuple[int, tuple[int, ...]], float]] = {
    LineState.WELL: ("#1f7a4d", "solid", 2.0),
    LineState.ATTENTION: ("#a86500", (0, (6, 3)), 2.0),
    LineState.BROKEN: ("#b3261e", (0, (1, 2)), 3.0),
    LineState.NOT_CHECKED: ("#4a5a8a", (0, (6, 2, 1, 2)), 2.0),
}
_BARS = {
    Severity.HIGH: ("#b3261e", ""),
    Severity.UNKNOWN: ("#7c8bb8", "//"),
    Severity.MEDIUM: ("#d99a2b", ".."),
    Severity.LOW: ("#b9c2c9", ""),
}
MOST = 40
"""Lines of one panel; more cannot be told apart."""
_NAME, _LONG = 25, 60
"""Characters of a name, and of what is said of a line."""
_SOURCE, _SAID, _TARGET = 0.1, 2.4, 7.6
"""Where the columns begin."""


MISSING = "Pictures need matplotlib: install netmap with its extra picture on the bot's machine."


def can_draw() -> bool:
    """Whether the extra is installed."""
    return find_spec("matplotlib") is not None


def draw_map(result: EstateMap) -> bytes:
    """Networks left and right, a line for every mapping, one panel for each pair of servers."""
    from matplotlib.figure import Figure

    panels = result.panels
    heights = [0.7 + 0.3 * max(1, len(panel.lines[:MOST])) for panel in panels]
    figure = Figure(figsize=(10, sum(heights) + 0.4), facecolor=PAPER)
    grid = figure.subplots(
        len(panels),
        1,
        squeeze=False,
        gridspec_kw={"height_ratios": heights, "hspace": 0.06},
    )
    for axes, panel in zip(grid[:, 0], panels, strict=True):
        _panel(axes, panel)
    return _png(figure)


def _panel(axes: "Axes", panel: MapPanel) -> None:
    lines = panel.lines[:MOST]
    targets = list(dict.fromkeys(line.target for line in lines if line.target))
    rows = max(len(lines), 1)
    places = {
        target: sum(nth for nth, line in enumerate(lines) if line.target == target)
        / sum(line.target == target for line in lines)
        for target in targets
    }
    taken: list[float] = []
    for target in sorted(targets, key=lambda name: places[name]):  # none on top of another
        at = max(places[target], taken[-1] + 1 if taken else 0.0)
        places[target] = at
        taken.append(at)
    rows = max(rows, int(taken[-1]) + 1 if taken else 0)
    axes.set_xlim(0, 10)
    axes.set_ylim(rows - 0.3, -1.6)
    axes.axis("off")
    _text(axes, _SOURCE, -1.0, panel.source, bold=True)
    _text(axes, _TARGET, -1.0, panel.target, bold=True)
    ways = {line.target: line.mapping for line in lines}
    for nth, line in enumerate(lines):
        colour, style, width = _LINES[line.state]
        _text(axes, _SOURCE, nth, line.source, line.mapping)
        vms = f"{line.vms:,} VM{'' if line.vms == 1 else 's'}"
        if not line.target:
            _text(axes, _SAID, nth, f"not mapped · {vms} WITHOUT A NETWORK", colour=colour)
            continue
        said = [line.mapping, vms]
        if line.subnets:
            said.append(f"{line.same} of {line.subnets} subnets match")
        if line.state is not LineState.WELL:
            said.append(LINE_STATE[line.state].upper())
        _text(axes, _SAID, nth, " · ".join(said), colour=colour)
        end = places[line.target]
        axes.plot([6.2, 7.5], [nth, end], color=colour, linestyle=style, linewidth=width)
    for target in targets:
        _text(axes, _TARGET, places[target], target, ways[target])
    if len(panel.lines) > MOST:
        _text(axes, _SOURCE, rows - 0.4, f"… and {len(panel.lines) - MOST} more", colour=FAINT)


def _text(
    axes: "Axes",
    x: float,
    y: float,
    text: str,
    mapping: str = "",
    bold: bool = False,
    colour: str = INK,
) -> None:
    """Write a name, or what is said of a line.

    Args:
        mapping: where the message tells the name, should no font have its letters.
    """
    shown = tidy(text)
    wide = any(east_asian_width(letter) in "WF" for letter in shown)
    shown = clip_middle(shown, (_NAME if colour == INK else _LONG) // (2 if wide else 1))
    fonts = fonts_for(shown)
    if not fonts:
        shown = f"(see {mapping} in the message)" if mapping else "(see the message)"
    axes.text(
        x,
        y,
        shown,
        fontfamily=fonts or FIRST,
        fontsize=9 if colour == INK else 8,
        fontweight="bold" if bold else "normal",
        color=colour,
        va="center",
        bbox=None if colour == INK else {"facecolor": PAPER, "edgecolor": "none", "pad": 1.5},
        zorder=3,  # what is said stands before a line that begins where it ends
        parse_math=False,  # a name may hold dollar signs
    )


def draw_trend(trend: Sequence[DayCount]) -> bytes:
    """Open findings as stacked bars, a bar for each day that somebody looked."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(8, 3), facecolor=PAPER)
    axes = figure.subplots()
    axes.set_facecolor(PAPER)
    days = sorted({one.day for one in trend})
    every = [days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1)]
    bottom = [0] * len(every)
    for severity in ORDER:
        counts = {one.day: one.findings for one in trend if one.severity is severity}
        heights = [counts.get(day, 0) for day in every]
        if not any(heights):
            continue
        colour, hatch = _BARS[severity]
        axes.bar(
            range(len(every)),
            heights,
            bottom=bottom,
            color=colour,
            hatch=hatch,
            edgecolor=PAPER,
            linewidth=0.5,
            label=SEVERITY[severity],
        )
        bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
    step = -(-len(every) // 8)
    axes.set_xticks(range(0, len(every), step), [f"{day.day} {day:%b}" for day in every[::step]])
    axes.set_ylim(0, max(1, *bottom) * 1.15)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.tick_params(colors=INK, labelsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.set_title("Open findings", fontsize=10, color=INK, loc="left")
    if any(bottom):
        axes.legend(fontsize=8, ncols=4, frameon=False, labelcolor=INK, loc="upper right")
    return _png(figure)


def _png(figure: "Figure") -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=130, bbox_inches="tight", facecolor=PAPER)
    return out.getvalue()
