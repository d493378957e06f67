"""The mapping of the estate, as text and as pictures that say the same."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import groupby

from bot.domain.asking import say
from bot.domain.codes import LineState, Severity
from bot.domain.maps import DayCount, EstateMap, MapLine, MapPanel
from bot.domain.numbers import plural
from bot.domain.replies import Attachment, Reply
from bot.engine.severity import ORDER
from bot.render import pictures
from bot.render.page import Page, aligned
from bot.render.pieces import Show
from bot.render.words import LINE_STATE, SEVERITY

ROWS = 60
IN_WORDS = 20
"""Lines told beside a picture in a thread."""
HEADINGS = ("Id", "From", "To", "State", "VMs", "Subnets that match", "From server", "To server")
WHOLE = [HEADINGS.index(name) for name in ("State", "From server", "To server")]
UNKNOWN = "There is nothing to draw: no inventory was taken in."
MAP, TREND = "netmap-map.png", "netmap-findings.png"


def estate_map(result: EstateMap, show: Show) -> Reply:
    """Answer `map`."""
    lines = [line for panel in result.panels for line in panel.lines]
    page = Page(show, summary(lines, result.server) if lines or result.ages else UNKNOWN)
    rows = [(panel, line) for panel in result.panels for line in panel.lines]
    page.table(
        HEADINGS,
        [_row(panel, line) for panel, line in rows[:ROWS]],
        left_out=max(0, len(rows) - ROWS),
        lines=_lines(rows[:ROWS]),
        whole=WHOLE,
    )
    said = trend_in_words(result.trend)
    if said:
        page.fact(said)
    if lines and not pictures.can_draw():
        page.fact(pictures.MISSING)
    page.ages(result.ages)
    reply = page.reply()
    if pictures.can_draw() and lines:
        reply.files = [
            Attachment(
                name=MAP, text="", data=pictures.draw_map(result), alt=summary(lines, result.server)
            )
        ]
        if result.trend:
            reply.files.append(
                Attachment(name=TREND, text="", data=pictures.draw_trend(result.trend), alt=said)
            )
    return reply


def summary(lines: Sequence[MapLine], server: str) -> str:
    """All of it in a sentence."""
    where = f" of {server}" if server else ""
    if not lines:
        return f"There is nothing to draw{where}: no mapping and no protected network."
    mapped = [line for line in lines if line.mapping]
    blank = [line for line in lines if not line.mapping]
    text = f"{plural(len(mapped), 'mapping')}{where}"
    states = [line.state for line in mapped]
    parts = [_number(states.count(state), state) for state in LineState if states.count(state)]
    text += f": {', '.join(parts)}" if parts else ""
    if blank:
        vms = sum(line.vms for line in blank)
        text += f"; {plural(len(blank), 'network')} with {plural(vms, 'VM')} not mapped"
    return f"{text}."


def _number(number: int, state: LineState) -> str:
    if state is LineState.ATTENTION and number > 1:
        return f"{number:,} need a look"
    return f"{number:,} {LINE_STATE[state]}"


def map_in_words(panels: Sequence[MapPanel], show: Show) -> str:
    """The same as the picture, a line for each of its lines; those that are well are counted."""
    lines = [(panel, line) for panel in panels for line in panel.lines]
    said = [summary([line for _, line in lines], "")]
    troubled = [one for one in lines if one[1].state is not LineState.WELL]
    for panel, line in troubled[:IN_WORDS]:
        ends = f"{line.source} ({panel.source}) → {line.target or 'not mapped'} ({panel.target})"
        facts = [
            line.mapping,
            plural(line.vms, "VM"),
            _subnets(line) and f"{_subnets(line)} subnets match",
        ]
        state = LINE_STATE[line.state] if line.mapping else ""
        said.append(f"{ends}: {' · '.join(fact for fact in (*facts, state) if fact)}")
    more = len(troubled) - IN_WORDS
    if more > 0:
        said.append(f"… and {more:,} more")
    if lines:
        said.append(f"All of it: /netmap {show.line(say('map'))}")
    return "\n".join(said)


def _row(panel: MapPanel, line: MapLine) -> tuple[str, ...]:
    target = line.target or "not mapped"
    ends = (line.mapping or "–", line.source, target)
    state = (LINE_STATE[line.state], f"{line.vms:,}", _subnets(line) or "–")
    return (*ends, *state, panel.source, panel.target)


def _lines(rows: Sequence[tuple[MapPanel, MapLine]]) -> list[str]:
    """The same as text, where no heading says what a number counts."""
    lines: list[str] = []
    for way, some in groupby(rows, lambda row: f"{row[0].source} → {row[0].target}"):
        lines += aligned([(way,)])
        lines += [f"  {line}" for line in aligned(_cells(line) for _, line in some)]
    return lines


def _cells(line: MapLine) -> tuple[str, ...]:
    return (
        line.mapping,
        line.source,
        line.target or "not mapped",
        LINE_STATE[line.state],
        plural(line.vms, "VM"),
        f"{_subnets(line)} subnets match" if line.subnets else "",
    )


def _subnets(line: MapLine) -> str:
    return f"{line.same} of {line.subnets}" if line.subnets else ""


def trend_in_words(trend: Sequence[DayCount]) -> str:
    """Open findings at the first and the last day, and the worst one between."""
    if not trend:
        return ""
    days: dict[date, dict[Severity, int]] = defaultdict(dict)
    for one in trend:
        days[one.day][one.severity] = one.findings
    totals = {day: sum(counts.values()) for day, counts in days.items()}
    first, last = min(days), max(days)
    now = ", ".join(
        f"{days[last][severity]:,} {SEVERITY[severity]}"
        for severity in ORDER
        if days[last].get(severity)
    )
    text = f"Open findings on {last.day} {last:%b}: {totals[last]:,}{f' ({now})' * bool(now)}"
    if first != last:
        top = max(totals, key=lambda day: (totals[day], day))
        text += (
            f"; {totals[first]:,} on {first.day} {first:%b},"
            f" at most {totals[top]:,} on {top.day} {top:%b}"
        )
    return f"{text}."
