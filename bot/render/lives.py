"""A finding's life: since when it is there, who knows of it until when, how it ended."""

from bot.domain.answers.findings import Explained, Hushed
from bot.domain.replies import Reply, Visibility
from bot.render.findings import effect_on, facts_of, hush, mend, short, what
from bot.render.page import Page
from bot.render.phrases import listed
from bot.render.pieces import At, Channel, Person, Piece, Show
from bot.render.words import SEVERITY, WHY

HUSHED = 5
"""Findings that are named where somebody knows of several."""


def explained(result: Explained, show: Show) -> Reply:
    """Answer `explain`."""
    finding = result.finding
    if result.resolved_at is not None:
        by = f" by {result.resolved_change}" if result.resolved_change else ""
        page = Page(show, f"{finding.id} is gone since ", At(result.resolved_at), f"{by}.")
        page.fact("It was: ", what(finding))
    else:
        page = Page(show, what(finding))
    facts = facts_of(finding)
    if facts:
        page.fact(*facts)
    page.fact(f"{SEVERITY[finding.severity].capitalize()}: {WHY[finding.severity]}.")
    if finding.since is not None:
        page.fact("There since ", At(finding.since), ", seen last ", At(result.seen_at), ".")
    if finding.state:
        page.fact(*hush(finding), " By ", Person(result.hushed_by), ".")
        page.fact(COMES_BACK)
    for one in result.told:
        page.fact(f"{one.digest} tells ", Channel(one.channel), " of it.")
    mending = mend(finding)
    if mending is not None and result.resolved_at is None:
        page.run(*mending)
    return page.reply()


def hushed(result: Hushed, show: Show) -> Reply:
    """Answer `ack` and `snooze`."""
    names = listed([finding.id for finding in result.findings], 5)
    verb = "is" if len(result.findings) == 1 else "are"
    page = Page(show, f"{names} {verb} {result.verb}", *_until(result), ".")
    _which(page, result)
    page.fact(COMES_BACK)
    if result.told:
        verb = "says" if len(result.told) == 1 else "say"
        page.fact(f"{listed(result.told, 5)} {verb} so in the thread.")
    if result.reason:
        page.foot(f"reason: {result.reason}")
    page.foot(result.change)
    return page.reply(Visibility.EPHEMERAL if result.told else Visibility.IN_CHANNEL)


def word(result: Hushed, by: str, show: Show) -> Reply:
    """Say in the thread of a digest who knows of what, until when, and why."""
    names = listed([finding.id for finding in result.findings], 5)
    reason = f": {result.reason}" if result.reason else ""
    page = Page(show, f"{names} {result.verb}", *_until(result), f"{reason}.")
    _which(page, result)
    page.foot("by ", Person(by))
    page.foot(result.change)
    return page.reply()


COMES_BACK = "It comes back if it gets worse, and is not resolved by this."


def _until(result: Hushed) -> list[Piece]:
    return [" until ", At(result.until)] if result.until is not None else []


def _which(page: Page, result: Hushed) -> None:
    for finding in result.findings[:HUSHED]:
        page.fact(f"{finding.id} {short(finding)}", *effect_on(finding))
    if len(result.findings) > HUSHED:
        page.fact(f"… and {len(result.findings) - HUSHED:,} more")
