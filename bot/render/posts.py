"""The message of a drift digest, of fixed height whatever it has to say.

The first line stands alone: notifications and screen readers get little else. At most twelve
blocks: the answer with what changed, five findings, how many more, the buttons, the small print.
"""

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.answers.findings import Finding
from bot.domain.asking import say
from bot.domain.codes import Severity
from bot.domain.digests import Step
from bot.domain.numbers import plural
from bot.domain.posts import Gone, Post
from bot.domain.replies import Reply, StepKind
from bot.domain.replies import Step as Press
from bot.render.findings import about, hush, mend, menu, short, what
from bot.render.page import Page
from bot.render.phrases import at_risk
from bot.render.pieces import At, Call, Person, Piece, Run, Show
from bot.render.words import SEVERITY, found

SHOWN = 5
CHANGES = 6
"""Lines on what changed; the rest is counted."""
REPLIED = 10
LATE = timedelta(minutes=15)
"""A digest that is late by more says so."""


def digest(post: Post, show: Show) -> Reply:
    """The message itself, whatever it has to say."""
    page = Page(show, *_headline(post), Call(post.mention))
    changes = _changes(post)
    unchecked = [f for f in post.findings if f.severity is Severity.UNKNOWN]
    if unchecked:
        page.warn(*_unchecked(unchecked))
    for pieces in changes[:CHANGES]:
        page.fact(*pieces)
    if len(changes) > CHANGES:
        page.fact(f"… and {len(changes) - CHANGES:,} more changes")
    for finding in post.findings[:SHOWN]:
        page.part(*menu(finding, show))
        page.fact(*_finding(finding))
    left = len(post.findings) - SHOWN
    if left > 0:
        page.part()
        page.fact(f"… and {plural(left, 'more finding')}, in the thread")
    if post.step is Step.BASELINE and post.findings:
        page.part()
        page.fact(
            "This is the first look. To take all of it as known: ",
            Run(say("ack", finding="all", reason="known")),
        )
    _foot(page, post, show)
    reply = page.reply()
    reply.steps = _steps(post, show)
    return reply


def _steps(post: Post, show: Show) -> list[Press]:
    values = {"digest": post.digest}
    return [
        Press(
            kind=StepKind.RUN,
            label="Run again",
            verb="digest run",
            line=show.line(say("digest run", id=post.digest)),
        ),
        Press(kind=StepKind.MUTE, label="Mute…", values=values),
        Press(kind=StepKind.DIGEST, label="Settings…", values=values),
    ]


def _headline(post: Post) -> list[Piece]:
    route = post.route or "The estate"
    pieces: list[Piece] = [f"{route}: "]
    total = len(post.findings)
    match post.step:
        case Step.BASELINE if total:
            pieces.append(f"{plural(total, 'finding')} at first look: {_counts(post.findings)}")
        case Step.CLOSE:
            pieces.append(_closed(post))
        case _ if not total:
            pieces += _clean(post)
        case Step.HUSHED:
            known = sum(bool(finding.state) for finding in post.findings)
            pieces.append(f"{plural(total, 'finding')}{_day(post)}: {_counts(post.findings)};")
            which = (
                "it" if total == 1 else "all of them" if known == total else f"{known:,} of them"
            )
            pieces.append(f" somebody knows of {which}")
        case Step.EDIT:
            pieces.append(f"still {plural(total, 'finding')}{_day(post)}: {_counts(post.findings)}")
        case _:
            pieces.append(f"{_delta(post)}{_day(post)}: {_counts(post.findings)}")
    if total and post.step is not Step.HUSHED:
        pieces.append(at_risk(post.vms_at_risk, post.more_at_risk))
    return [*pieces, "."]


def _delta(post: Post) -> str:
    told = {one.id for one in post.worse} | set(post.new) | set(post.back)
    still = sum(finding.id not in told for finding in post.findings)
    parts = [
        f"{count:,} {word}"
        for count, word in (
            (len(post.new), "new"),
            (len(post.worse), "worse"),
            (len(post.back), "back"),
            (still, "still"),
            (len(post.gone), "resolved"),
        )
        if count
    ]
    return ", ".join(parts)


def _counts(findings: Sequence[Finding]) -> str:
    severities = [f.severity for f in findings]
    return ", ".join(
        f"{severities.count(severity):,} {SEVERITY[severity]}"
        for severity in dict.fromkeys(severities)
    )


def _day(post: Post) -> str:
    if post.opened_at is None:
        return ""
    days = (post.at.date() - post.opened_at.date()).days + 1
    return f", day {days}" if days > 1 else ""


def _closed(post: Post) -> str:
    known = _known(post)
    if not post.gone:
        return f"nothing is left that nobody knows of{known}"
    return f"{len(post.gone):,} resolved, nothing is left to do{known}"


def _clean(post: Post) -> list[Piece]:
    if not post.checked:
        return ["nothing could be checked: no inventory was taken in"]
    pieces: list[Piece] = [f"no findings{_known(post)}"]
    if post.step is Step.HEARTBEAT:
        pieces.append(". This weekly line says that I am watching")
    return pieces


def _known(post: Post) -> str:
    """What is there and not said again."""
    parts = [
        f"{count:,} {word}"
        for count, word in (
            (post.acked, "acknowledged"),
            (post.snoozed, "snoozed"),
            (post.milder, "milder than asked for"),
        )
        if count
    ]
    return f" but {', '.join(parts)}" if parts else ""


def _unchecked(findings: Sequence[Finding]) -> list[Piece]:
    pieces: list[Piece] = ["Could not check "]
    for nth, finding in enumerate(findings[:3]):
        pieces.append(f"{'; ' if nth else ''}{about(finding)} ({found(finding.kind)[0]}")
        if finding.since is not None:
            pieces += [", since ", At(finding.since)]
        pieces.append(")")
    if len(findings) > 3:
        pieces.append(f" and {len(findings) - 3} more")
    return pieces


def _changes(post: Post) -> list[list[Piece]]:
    """What is other than in the digest before, worst first; a line each."""
    if post.step in (Step.BASELINE, Step.EDIT, Step.REPEAT, Step.HUSHED):
        return [_resolved(gone) for gone in post.gone]
    by_id = {finding.id: finding for finding in post.findings}
    lines: list[list[Piece]] = []
    for id in post.new:
        lines.append([f"New: {id} {short(by_id[id])}"])
    for worse in post.worse:
        finding = by_id[worse.id]
        lines.append(
            [f"Worse: {worse.id} {short(finding)}, {worse.now:,} adapters instead of"
             f" {worse.was:,}"]
        )  # fmt: skip
    for id in post.back:
        lines.append([f"Back: {id} {short(by_id[id])}"])
    return [*lines, *map(_resolved, post.gone)]


def _resolved(gone: Gone) -> list[Piece]:
    pieces: list[Piece] = [f"Resolved: {gone.id} {short(gone.finding)}"]
    if gone.change:
        pieces += [f", by {gone.change} (", Person(gone.by), ")"]
    if gone.at is not None:
        pieces += [", ", At(gone.at)]
    return pieces


def _finding(finding: Finding) -> list[Piece]:
    pieces: list[Piece] = [what(finding)]
    if finding.since is not None:
        pieces += [" Since ", At(finding.since), "."]
    if finding.state:
        pieces += [" ", *hush(finding)]
    mending = mend(finding)
    if mending is not None:
        lead, command = mending
        pieces += [f" {lead}: ", Run(command)]
    return pieces


def _foot(page: Page, post: Post, show: Show) -> None:
    page.foot("checked ", At(post.at))
    if show.now - post.due > LATE and post.step is not Step.HUSHED:
        page.foot("late: it was due ", At(post.due))
    page.ages(post.checked)
    known = _known(post).removeprefix(" but ")
    if known and post.findings:
        page.foot(known)
    if post.next_run is not None:
        page.foot("next ", At(post.next_run))
    if post.asked_by:
        page.foot("asked for by ", Person(post.asked_by))
    page.run_in_foot(post.digest, say("digest show", id=post.digest))


def reply_below(post: Post, show: Show) -> Reply:
    """What changed, below the message; the channel sees it where there is more than before."""
    changes = _changes(post)
    if post.step is Step.ADD:
        page = Page(show, f"{post.route or 'The estate'}: {_delta(post)}.", Call(post.mention))
    elif post.gone:
        page = Page(show, f"{len(post.gone):,} resolved{_known(post)}.")
    else:
        page = Page(show, f"Nothing is new{_known(post)}.")
    for pieces in changes[:REPLIED]:
        page.fact(*pieces)
    if len(changes) > REPLIED:
        page.fact(f"… and {len(changes) - REPLIED:,} more")
    return page.reply()
