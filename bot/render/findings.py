"""What is not as it should be, worst first; "not checked" is never "fine"."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.asking import Say, say
from bot.domain.codes import Severity
from bot.domain.numbers import plural
from bot.domain.replies import Reply, Step, StepKind
from bot.engine.severity import ORDER
from bot.render.page import Page
from bot.render.phrases import at_risk, listed
from bot.render.pieces import At, Piece, Run, Show
from bot.render.restored import DOUBT, warn_restored
from bot.render.words import FACT, SEVERITY, effect, found

if TYPE_CHECKING:
    from bot.domain.answers.findings import DriftReport, Finding

SHOWN = 20
"""Findings in a message; all of them are in the result."""


def drift_report(result: DriftReport, show: Show) -> Reply:
    """Answer `drift`."""
    total = max(sum(result.counts.values()), len(result.findings))
    page = Page(show, *_answer(result, total))
    if result.findings:
        warn_restored(page, result.restored, DOUBT)
    some = result.findings[:SHOWN]
    if show.before:
        page.fact(f"{show.before + 1:,} to {show.before + len(some):,} of them:")
    for finding in some:
        page.part(*menu(finding, show))
        page.fact(what(finding), *_life(finding))
        facts = facts_of(finding)
        fix: tuple[Piece, ...] = (Run(Say(*finding.fix)),) if finding.fix else ()
        if facts or fix:
            page.fact(*(facts or ("  ",)), " · " if facts and fix else "", *fix)
    if (rest := total - show.before - len(some)) > 0:
        page.fact(f"… and {rest:,} more")
    if result.findings:
        page.ages(result.checked)
    return page.reply()


def _answer(result: DriftReport, total: int) -> tuple[Piece, ...]:
    where = f" at {result.server}" if result.server else ""
    if not result.checked:
        return (f"Nothing could be checked{where}: no inventory was taken in.",)
    if not total:
        return _clean(result, where)
    counts = [
        f"{result.counts[severity]:,} {SEVERITY[severity]}"
        for severity in ORDER
        if result.counts.get(severity)
    ]
    text = f"{plural(total, 'finding')}{where}: {', '.join(counts)}"
    risk = at_risk(result.vms_at_risk, result.more_at_risk)
    if risk:
        text += risk
    elif set(result.counts) <= {Severity.LOW}:
        text += "; every VM checked would come up where it belongs"
    return (f"{text}.",)


def _clean(result: DriftReport, where: str) -> tuple[Piece, ...]:
    pieces: list[Piece] = [f"No findings{where}: every VM checked would come up where it belongs ("]
    for nth, age in enumerate(result.checked):
        pieces += [", " if nth else "", f"{age.server} as of ", At(age.collected_at, ago=True)]
    return (*pieces, ").")


def _life(finding: Finding) -> tuple[Piece, ...]:
    """Since when it is there, and who knows of it."""
    pieces: list[Piece] = []
    if finding.since is not None:
        pieces += [" Since ", At(finding.since), "."]
    return (*pieces, " ", *hush(finding)) if finding.state else tuple(pieces)


def hush(finding: Finding) -> list[Piece]:
    """That somebody knows of it, until when, and why."""
    pieces: list[Piece] = [finding.state.capitalize()]
    pieces += [" until ", At(finding.until)] if finding.until is not None else []
    return [*pieces, f": {finding.reason}." if finding.reason else "."]


def menu(finding: Finding, show: Show) -> list[Step]:
    """What somebody can do about a finding; one without a number is not kept yet."""
    if not finding.id:
        return []
    values = {"finding": finding.id}
    steps = [
        Step(kind=StepKind.HUSH, label="Acknowledge…", values={**values, "as": "ack"}),
        Step(kind=StepKind.HUSH, label="Snooze…", values={**values, "as": "snooze"}),
        Step(
            kind=StepKind.RUN,
            label="Explain",
            verb="explain",
            line=show.line(say("explain", finding=finding.id)),
        ),
    ]
    if finding.fix is not None:
        steps.insert(0, Step(kind=StepKind.FIX, label="Fix…", values=values))
    return steps


def what(finding: Finding) -> str:
    """A finding in a sentence or two: `F7 high: Prod-DB (VMM-NewYork): it is not mapped. …`"""
    words, _ = found(finding.kind)
    number = f"{finding.id} " if finding.id else ""
    text = f"{number}{SEVERITY[finding.severity]}: {about(finding)}: {words}."
    if means := _effect(finding):
        text += f" {means[0].upper()}{means[1:]}"
    if finding.examples:
        such = "such as " if finding.adapters and not finding.vms else ""
        text += f" ({such}{listed(finding.examples, last='', of=finding.vms or 0)})"
    if not text.endswith("."):
        text += "."
    return text


def mend(finding: Finding) -> tuple[str, Say] | None:
    """The command that mends it, or shows what only a person can mend, and what to say before."""
    if finding.fix is None:
        return None
    command = Say(*finding.fix)
    return ("To see more" if command.command in ("show", "vm") else "To mend it", command)


def about(finding: Finding) -> str:
    """What it is about, and where."""
    subject = finding.subject
    if finding.server and finding.server != finding.subject:
        subject += f" ({finding.server})"
    if finding.toward and finding.toward != finding.subject:
        subject += f" → {finding.toward}"
    return subject


def short(finding: Finding) -> str:
    """What it is, and about what: `Prod-DB (VMM-NewYork): it is not mapped`."""
    return f"{about(finding)}: {found(finding.kind)[0]}"


def facts_of(finding: Finding) -> tuple[Piece, ...]:
    """What else is known, fact by fact; a moment is said as one."""
    pieces: list[Piece] = []
    for key, value in finding.facts.items():
        if not value:
            continue
        pieces.append(" · " if pieces else "  ")
        pieces.append(FACT.get(key, key.replace("_", " ")) + " ")
        try:
            pieces.append(At(datetime.fromisoformat(value), ago=True))
        except ValueError:
            pieces.append(value)
    return tuple(pieces)


def effect_on(finding: Finding) -> list[Piece]:
    """What it means for VMs, to follow what it is."""
    means = _effect(finding)
    return [f"; {means}"] if means else []


def _effect(finding: Finding) -> str:
    """What it means; where there are too many adapters to count their VMs, by the adapters."""
    if finding.vms or not finding.adapters:
        return effect(finding.kind, finding.vms) if finding.vms else ""
    return f"the VMs of {plural(finding.adapters, 'adapter')} {found(finding.kind)[1]}"
