"""What is not as it should be, worst first; "not checked" is never "fine"."""

from datetime import datetime

from bot.domain.answers import DriftReport, Finding
from bot.domain.asking import Say
from bot.domain.codes import Severity
from bot.domain.digests import Hushed
from bot.domain.replies import Reply, Visibility
from bot.engine.severity import ORDER
from bot.render.page import Page
from bot.render.phrases import listed, plural
from bot.render.pieces import At, Piece, Run, Show
from bot.render.words import FACT, SEVERITY, effect, found

HUSHED = 5
SHOWN = 20
"""Findings in a message; all of them are in the result."""


def drift_report(result: DriftReport, show: Show) -> Reply:
    """Answer `drift`."""
    page = Page(show, *_answer(result))
    for finding in result.findings[:SHOWN]:
        page.part()
        page.fact(what(finding), *_life(finding))
        facts = facts_of(finding)
        fix: tuple[Piece, ...] = (Run(Say(*finding.fix)),) if finding.fix else ()
        if facts or fix:
            page.fact(*(facts or ("  ",)), " · " if facts and fix else "", *fix)
    if len(result.findings) > SHOWN:
        page.fact(f"… and {len(result.findings) - SHOWN:,} more")
    if result.findings:
        page.ages(result.checked)
    return page.reply()


def _answer(result: DriftReport) -> tuple[Piece, ...]:
    where = f" at {result.server}" if result.server else ""
    if not result.checked:
        return (f"Nothing could be checked{where}: no inventory was taken in.",)
    if not result.findings:
        return _clean(result, where)
    counts = [
        f"{result.counts[severity]:,} {SEVERITY[severity]}"
        for severity in ORDER
        if result.counts.get(severity)
    ]
    text = f"{plural(len(result.findings), 'finding')}{where}: {', '.join(counts)}"
    if result.vms_at_risk:
        text += (
            f"; {plural(result.vms_at_risk, 'VM')} would come up without a network or on the"
            " wrong one"
        )
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
    if finding.state:
        pieces.append(f" {finding.state.capitalize()}")
        pieces += [" until ", At(finding.until)] if finding.until is not None else []
        pieces.append(f": {finding.reason}." if finding.reason else ".")
    return tuple(pieces)


def what(finding: Finding) -> str:
    """A finding in a sentence or two: `F7 high: Prod-DB (VMM-NewYork): it is not mapped. …`"""
    words, _ = found(finding.kind)
    number = f"{finding.id} " if finding.id else ""
    text = f"{number}{SEVERITY[finding.severity]}: {about(finding)}: {words}."
    if finding.vms:
        text += f" {effect(finding.kind, finding.vms)}"
    elif finding.adapters:
        text += f" {plural(finding.adapters, 'adapter')}"
    if finding.examples:
        text += f" ({listed(finding.examples, last='', of=finding.vms or 0)})"
    if not text.endswith("."):
        text += "."
    return text


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


def hushed(result: Hushed, show: Show) -> Reply:
    """Answer `ack` and `snooze`."""
    names = listed([finding.id for finding in result.findings], 5)
    until: list[Piece] = [" until ", At(result.until)] if result.until is not None else []
    verb = "is" if len(result.findings) == 1 else "are"
    page = Page(show, f"{names} {verb} {result.verb}", *until, ".")
    for finding in result.findings[:HUSHED]:
        page.fact(f"{finding.id} {short(finding)}", *_effect(finding))
    if len(result.findings) > HUSHED:
        page.fact(f"… and {len(result.findings) - HUSHED:,} more")
    page.fact("It comes back if it gets worse, and is not resolved by this.")
    if result.reason:
        page.foot(result.reason)
    page.foot(result.change)
    return page.reply(Visibility.IN_CHANNEL)


def _effect(finding: Finding) -> list[Piece]:
    return [f"; {effect(finding.kind, finding.vms)}"] if finding.vms else []
