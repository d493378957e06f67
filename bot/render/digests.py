"""Drift digests: one message of fixed height, a table and a file below it, notes to owners.

The first line stands alone: notifications and screen readers get little else. At most twelve
blocks: the answer, what changed, five findings, how many more, the small print.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.answers import Finding
from bot.domain.asking import Say, say
from bot.domain.codes import Severity
from bot.domain.digests import (
    DigestCard,
    DigestChanged,
    DigestLine,
    DigestList,
    Gone,
    Hushed,
    Letter,
    Part,
    Post,
    Step,
)
from bot.domain.replies import Reply, Visibility
from bot.render import pictures
from bot.render.findings import about, what
from bot.render.maps import trend_in_words
from bot.render.page import Page
from bot.render.phrases import listed, plural
from bot.render.pieces import At, Channel, Line, Person, Piece, Run, Show
from bot.render.sheets import as_csv
from bot.render.words import SEVERITY, effect, found

SHOWN = 5
CHANGES = 6
"""Lines on what changed; the rest is counted."""
REPLIED = 10
ROWS = 99
"""Rows of a table besides its headings."""
LATE = timedelta(minutes=15)
"""A digest that is late by more says so."""

LEAST = {Severity.HIGH: "high or not checked", Severity.MEDIUM: "medium or worse"}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

MEND = {
    "not_in_channel": ("I am not in the channel", "Invite me there: /invite @netmap"),
    "channel_not_found": (
        "the channel is private and I am not in it, or it is gone",
        "Invite me there with /invite @netmap, or move the digest to another channel",
    ),
    "is_archived": (
        "the channel is archived",
        "Unarchive it, or move the digest to another channel",
    ),
    "token_revoked": (
        "Slack has revoked my token",
        "Reinstall the app and give netmap its new SLACK_BOT_TOKEN",
    ),
    "account_inactive": (
        "Slack has deactivated my account",
        "Reinstall the app and give netmap its new SLACK_BOT_TOKEN",
    ),
    "invalid_auth": ("Slack does not accept my token", "Give netmap a valid SLACK_BOT_TOKEN"),
    "missing_scope": (
        "the app lacks a permission",
        "Take app.yaml over again and reinstall the app",
    ),
    "restricted_action": (
        "the workspace does not let me post there",
        "Ask whoever manages the workspace, or move the digest to another channel",
    ),
}
"""Slack's word -> why, and what to do."""


def letter(line: Line, part: Part, post: Post, now: datetime) -> Letter:
    """Draw one part of a digest as it is to be sent now."""
    show = Show(line, now)
    match part:
        case Part.BROADCAST | Part.REPLY:
            reply = _reply(post, show)
        case Part.TABLE:
            reply = _table(post, show)
        case Part.FILE:
            return _file(post)
        case Part.PICTURE:
            return _picture(post)
        case Part.DIRECT:
            reply = _to_owner(post, show)
        case Part.TEST:
            reply = _test(post, show)
        case Part.EDIT:
            reply = digest(post.model_copy(update={"mention": ""}), show)
        case _:
            reply = digest(post, show)
    return Letter(reply.text, reply.blocks)


def digest(post: Post, show: Show) -> Reply:
    """The message itself, whatever it has to say."""
    page = Page(show, *_headline(post), *_called(post))
    changes = _changes(post)
    unchecked = [f for f in post.findings if f.severity is Severity.UNKNOWN]
    if unchecked:
        page.warn(*_unchecked(unchecked))
    for pieces in changes[:CHANGES]:
        page.fact(*pieces)
    if len(changes) > CHANGES:
        page.fact(f"… and {len(changes) - CHANGES:,} more changes")
    for finding in post.findings[:SHOWN]:
        page.part()
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
    return page.reply()


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
        case Step.EDIT:
            pieces.append(f"still {plural(total, 'finding')}{_day(post)}: {_counts(post.findings)}")
        case _:
            pieces.append(f"{_delta(post)}{_day(post)}: {_counts(post.findings)}")
    if total and post.vms_at_risk:
        pieces.append(
            f"; {plural(post.vms_at_risk, 'VM')} would come up without a network or on the wrong"
            " one"
        )
    return [*pieces, "."]


def _called(post: Post) -> list[Piece]:
    return [" ", Person(post.mention)] if post.mention else []


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
    if post.step in (Step.BASELINE, Step.EDIT, Step.REPEAT):
        return [_resolved(gone) for gone in post.gone]
    by_id = {finding.id: finding for finding in post.findings}
    lines: list[list[Piece]] = []
    for id in post.new:
        lines.append([f"New: {id} {_short(by_id[id])}"])
    for worse in post.worse:
        finding = by_id[worse.id]
        lines.append(
            [f"Worse: {worse.id} {_short(finding)}, {worse.now:,} adapters instead of"
             f" {worse.was:,}"]
        )  # fmt: skip
    for id in post.back:
        lines.append([f"Back: {id} {_short(by_id[id])}"])
    return [*lines, *map(_resolved, post.gone)]


def _short(finding: Finding) -> str:
    return f"{about(finding)}: {found(finding.kind)[0]}"


def _resolved(gone: Gone) -> list[Piece]:
    pieces: list[Piece] = [f"Resolved: {gone.id} {_short(gone.finding)}"]
    if gone.change:
        pieces += [f", by {gone.change} (", Person(gone.by), ")"]
    if gone.at is not None:
        pieces += [", ", At(gone.at)]
    return pieces


def _finding(finding: Finding) -> list[Piece]:
    pieces: list[Piece] = [what(finding)]
    if finding.since is not None:
        pieces += [" Since ", At(finding.since), "."]
    if finding.fix is not None:
        pieces += [" To mend it: ", Run(Say(*finding.fix))]
    return pieces


def _foot(page: Page, post: Post, show: Show) -> None:
    page.foot("checked ", At(post.at))
    if show.now - post.due > LATE:
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


def _reply(post: Post, show: Show) -> Reply:
    """What changed, below the message; the channel sees it where there is more than before."""
    changes = _changes(post)
    if post.step is Step.ADD:
        page = Page(show, f"{post.route or 'The estate'}: {_delta(post)}.", *_called(post))
    elif post.gone:
        page = Page(show, f"{len(post.gone):,} resolved{_known(post)}.")
    else:
        page = Page(show, f"Nothing is new{_known(post)}.")
    for pieces in changes[:REPLIED]:
        page.fact(*pieces)
    if len(changes) > REPLIED:
        page.fact(f"… and {len(changes) - REPLIED:,} more")
    return page.reply()


HEADINGS = ("Finding", "Severity", "What", "About", "VMs", "Since", "To mend it")


def _table(post: Post, show: Show) -> Reply:
    """All of it, below the message."""
    rows = [
        (
            finding.id,
            SEVERITY[finding.severity],
            found(finding.kind)[0],
            about(finding),
            f"{finding.vms:,}" if finding.vms else "",
            f"{finding.since:%Y-%m-%d}" if finding.since else "",
            f"/netmap {show.line(Say(*finding.fix))}" if finding.fix else "",
        )
        for finding in post.findings
    ]
    page = Page(show, f"All {plural(len(rows), 'finding')} of {post.digest}:")
    page.table(HEADINGS, rows[:ROWS], left_out=max(0, len(rows) - ROWS))
    return page.reply()


def _file(post: Post) -> Letter:
    rows: list[Sequence[str]] = [
        ("finding", "severity", "kind", "what", "about", "server", "toward", "adapters", "vms",
         "examples", "since", "facts")
    ]  # fmt: skip
    for finding in post.findings:
        rows.append(
            (
                finding.id,
                finding.severity,
                finding.kind,
                found(finding.kind)[0],
                finding.subject,
                finding.server,
                finding.toward,
                str(finding.adapters),
                str(finding.vms) if finding.vms is not None else "",
                "; ".join(finding.examples),
                f"{finding.since:%Y-%m-%dT%H:%MZ}" if finding.since else "",
                "; ".join(f"{key}: {value}" for key, value in finding.facts.items()),
            )
        )
    name = f"netmap-{post.digest}-{post.at:%Y-%m-%d-%H%M}.csv"
    text = f"{plural(len(post.findings), 'finding')} as a file"
    return Letter(text, name=name, content=as_csv(rows).encode())


def _picture(post: Post) -> Letter:
    said = trend_in_words(post.trend)
    if not pictures.can_draw():
        return Letter(said)
    name = f"netmap-{post.digest}-{post.at:%Y-%m-%d}.png"
    return Letter(said, name=name, content=pictures.draw_trend(post.trend), alt=said)


def _to_owner(post: Post, show: Show) -> Reply:
    if post.step is Step.UNSURE:
        page = Page(
            show,
            f"I was stopped while I posted {post.digest} to ",
            Channel(post.channel),
            ", and cannot tell whether it arrived.",
        )
        page.run("If it is not there", say("digest run", id=post.digest))
        return page.reply()
    why, how = MEND.get(
        post.error, (f"Slack says {post.error}", "Ask whoever manages the workspace")
    )
    page = Page(
        show,
        f"{post.digest} is paused: I could not post it to ",
        Channel(post.channel),
        f", because {why}.",
    )
    page.fact(f"{how}.")
    page.run("Then let it go on", say("digest run", id=post.digest))
    page.run("Or end it", say("digest off", id=post.digest))
    return page.reply()


def _test(post: Post, show: Show) -> Reply:
    page = Page(show, f"This is a test of {post.digest}: what drifts will be told here.")
    if post.next_run is not None:
        page.fact("The next one comes ", At(post.next_run), ".")
    page.foot("asked for by ", Person(post.asked_by))
    return page.reply()


# -- answers to commands ---------------------------------------------------------------------


def changed(result: DigestChanged, show: Show) -> Reply:
    """Answer `digest on`, `off`, `edit`, `run` and `test`."""
    one = result.digest
    where = Channel(one.channel)
    seen = Visibility.IN_CHANNEL
    match result.verb:
        case "on":
            page = Page(show, f"{one.id} will tell ", where, f" what drifts: {_when(one)}.")
            page.fact("The first one comes ", At(_next(one)), _local(one), " and shows all of it.")
        case "edited":
            page = Page(show, f"{one.id} tells ", where, f" what drifts: {_when(one)}.")
            if one.paused:
                page.warn(f"It is paused ({one.paused}).")
            else:
                page.fact("The next one comes ", At(_next(one)), _local(one), ".")
        case "off":
            page = Page(show, f"{one.id} is off: ", where, " is not told any more.")
        case "run" | "resumed":
            again = " again" if result.verb == "resumed" else ""
            page = Page(show, f"{one.id} runs{again} now and will be in ", where, " in a moment.")
            seen = Visibility.EPHEMERAL
        case "test":
            page = Page(show, f"A test of {one.id} will be in ", where, " in a moment.")
            page.run("Whether it arrived", say("digest show", id=one.id))
            seen = Visibility.EPHEMERAL
        case _:
            page = Page(show, f"Nothing changed: {one.id} is {'off' if one.off else 'as you say'}.")
            seen = Visibility.EPHEMERAL
    if result.verb in ("on", "edited"):
        page.run_in_foot("test it", say("digest test", id=one.id))
    if result.change:
        page.foot(result.change)
    return page.reply(seen)


def _next(one: DigestLine) -> datetime:
    assert one.next_run is not None
    return one.next_run


def _local(one: DigestLine) -> str:
    """The next run as the clock there shows it."""
    if one.next_run is None or one.zone == "UTC":
        return ""
    return f" ({one.next_run.astimezone(ZoneInfo(one.zone)):%a %d %b %H:%M} in {one.zone})"


def _when(one: DigestLine) -> str:
    text = f"{one.schedule} {one.zone}"
    if one.quiet:
        text += f", quiet {one.quiet} but for what is high"
    if one.least is not Severity.LOW:
        text += f", only what is {LEAST[one.least]}"
    if one.heartbeat is not None:
        text += f"; when clean, a line on {DAYS[one.heartbeat]}s"
    else:
        text += "; when clean, nothing"
    return text + (", with a picture" if one.picture else "")


def listing(result: DigestList, show: Show) -> Reply:
    """Answer `digest list`."""
    if not result.digests:
        page = Page(show, "No digest is on.")
        page.run("To begin", "digest on here weekdays 08:30")
        return page.reply()
    paused = sum(bool(one.paused) for one in result.digests)
    troubled = f", {paused} PAUSED" if paused else ""
    page = Page(show, f"{plural(len(result.digests), 'digest')}{troubled}:")
    for one in result.digests:
        page.part()
        page.fact(f"{one.id}  ", Channel(one.channel), f"  {_when(one)}")
        page.fact(*_standing(one))
        _trouble(page, one)
    return page.reply()


def _standing(one: DigestLine) -> list[Piece]:
    pieces: list[Piece] = ["last delivered ", At(one.delivered_at)] if one.delivered_at else [
        "never delivered yet"
    ]  # fmt: skip
    if one.off:
        return [*pieces, " · off"]
    pieces += [" · next ", At(one.next_run), _local(one)] if one.next_run else [" · PAUSED"]
    pieces.append(f" · {plural(one.open, 'finding')} open" if one.open else "")
    pieces.append(f" · {plural(one.waiting, 'message')} on the way" if one.waiting else "")
    return [*pieces, " · owner ", Person(one.owner)]


def _trouble(page: Page, one: DigestLine) -> None:
    if one.paused:
        why, how = MEND.get(one.paused, (f"Slack says {one.paused}", ""))
        page.warn(f"Paused: {why}. {how}. Then: ", Run(say("digest run", id=one.id)))
    elif one.last_error and one.error_at is not None:
        page.warn(f"Last error: {one.last_error}, ", At(one.error_at))


def card(result: DigestCard, show: Show) -> Reply:
    """Answer `digest show`."""
    one = result.digest
    state = "is off" if one.off else "is PAUSED" if one.paused else "is on"
    page = Page(show, f"{one.id} {state}: it tells ", Channel(one.channel), f" {_when(one)}.")
    page.fact(*_standing(one))
    _trouble(page, one)
    for run in result.runs:
        said = STEP[run.step]
        number = f", {plural(run.findings, 'finding')}" if run.findings else ""
        page.fact("due ", At(run.due), f": {said}{number}")
    return page.reply()


STEP = {
    Step.NOTHING: "nothing to say",
    Step.BASELINE: "first look",
    Step.OPEN: "new message",
    Step.EDIT: "the same, message edited",
    Step.ADD: "more than before",
    Step.LESS: "fewer than before",
    Step.CLOSE: "nothing left",
    Step.REPEAT: "said anew",
    Step.HEARTBEAT: "clean, heartbeat",
    Step.ASKED: "clean, asked for",
    Step.TEST: "test",
    Step.PAUSED: "paused",
    Step.UNSURE: "interrupted",
}


def hushed(result: Hushed, show: Show) -> Reply:
    """Answer `ack` and `snooze`."""
    names = listed([finding.id for finding in result.findings], 5)
    until: list[Piece] = [" until ", At(result.until)] if result.until is not None else []
    verb = "is" if len(result.findings) == 1 else "are"
    page = Page(show, f"{names} {verb} {result.verb}", *until, ".")
    for finding in result.findings[:SHOWN]:
        page.fact(f"{finding.id} {_short(finding)}", *_effect(finding))
    if len(result.findings) > SHOWN:
        page.fact(f"… and {len(result.findings) - SHOWN:,} more")
    page.fact("It comes back if it gets worse, and is not resolved by this.")
    if result.reason:
        page.foot(result.reason)
    page.foot(result.change)
    return page.reply(Visibility.IN_CHANNEL)


def _effect(finding: Finding) -> list[Piece]:
    return [f"; {effect(finding.kind, finding.vms)}"] if finding.vms else []
