"""Answers about subscriptions to drift digests; what a digest says is in `posts`."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.answers.digests import DigestCard, DigestChanged, DigestLine, DigestList
from bot.domain.asking import say
from bot.domain.codes import Severity
from bot.domain.digests import Step
from bot.domain.numbers import plural
from bot.domain.replies import Reply, StepKind, Visibility
from bot.domain.replies import Step as Press
from bot.engine.delivery import NO_TOKEN
from bot.render import pictures
from bot.render.page import Page
from bot.render.phrases import listed
from bot.render.pieces import At, Channel, Person, Piece, Run, Show
from bot.render.refusals import MEND
from bot.render.words import DAYS

LEAST = {Severity.HIGH: "high or not checked", Severity.MEDIUM: "medium or worse"}


def changed(result: DigestChanged, show: Show) -> Reply:
    """Answer `digest on`, `off`, `edit`, `mute`, `run` and `test`."""
    one = result.digest
    where = Channel(one.channel)
    seen = Visibility.EPHEMERAL if result.announced else Visibility.IN_CHANNEL
    soon = " in a moment."
    if result.undelivered:
        soon = " as soon as netmap runs: nothing brings it there at present."
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
        case "muted":
            page = Page(show, f"{one.id} is muted: ", where, " is told nothing", *_muted(one), ".")
            page.fact("What is found meanwhile is told after that.")
            page.run("To hear it again now", say("digest mute", id=one.id, off=True))
        case "unmuted":
            page = Page(show, f"{one.id} is heard again in ", where, ".")
            page.fact("The next one comes ", At(_next(one)), _local(one), ".")
        case "off":
            page = Page(show, f"{one.id} is off: ", where, " is not told any more.")
        case "run" | "resumed":
            again = " again" if result.verb == "resumed" else ""
            page = Page(show, f"{one.id} is due{again} now and will be in ", where, soon)
            seen = Visibility.EPHEMERAL
        case "test":
            page = Page(show, f"A test of {one.id} will be in ", where, soon)
            page.run("Whether it arrived", say("digest show", id=one.id))
            seen = Visibility.EPHEMERAL
        case _:
            page = Page(show, f"Nothing changed: {one.id} is {'off' if one.off else 'as you say'}.")
            seen = Visibility.EPHEMERAL
    if result.verb in ("on", "edited"):
        _pictures(page, one)
        page.run_in_foot("test it", say("digest test", id=one.id))
    if result.announced:
        page.fact("That is said there as well.")
    if result.change:
        page.foot(result.change)
    return page.reply(seen)


def notice(result: DigestChanged, by: str, show: Show) -> Reply:
    """Tell a channel what somebody elsewhere made of its digest."""
    one = result.digest
    match result.verb:
        case "on":
            page = Page(show, f"{one.id} will tell this channel what drifts: {_when(one)}.")
            page.fact("The first one comes ", At(_next(one)), _local(one), " and shows all of it.")
        case "edited":
            page = Page(show, f"{one.id} tells this channel what drifts: {_when(one)}.")
        case "muted":
            page = Page(show, f"{one.id} is muted: this channel is told nothing", *_muted(one), ".")
            page.run("To hear it again now", say("digest mute", id=one.id, off=True))
        case "unmuted":
            page = Page(show, f"{one.id} is heard again.")
        case _:
            page = Page(show, f"{one.id} is off: this channel is not told any more what drifts.")
    page.foot("by ", Person(by))
    if result.change:
        page.foot(result.change)
    return page.reply(Visibility.IN_CHANNEL)


def _muted(one: DigestLine) -> list[Piece]:
    return [" until ", At(one.muted_until)] if one.muted_until is not None else []


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
    if one.picture:
        text += ", with a picture"
    if one.holidays:
        text += f"; not on {listed([f'{day:%d %b %Y}'.lstrip('0') for day in one.holidays], 4)}"
    return text


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
        page.part(*about_digest(one, show))
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


def _pictures(page: Page, one: DigestLine) -> None:
    if one.picture and not pictures.can_draw():
        page.warn(pictures.MISSING)


def _trouble(page: Page, one: DigestLine) -> None:
    _pictures(page, one)
    if one.paused:
        why, how = MEND.get(one.paused, (f"Slack says {one.paused}", ""))
        if one.paused in NO_TOKEN:
            page.warn(f"Paused: {why}. {how}; it goes on by itself then.")
        else:
            page.warn(f"Paused: {why}. {how}. Then: ", Run(say("digest run", id=one.id)))
    elif one.muted_until is not None and one.muted_until > page.now:
        page.warn("Muted", *_muted(one), " by ", Person(one.muted_by), ".")
    if not one.paused and one.last_error and one.error_at is not None:
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
    Step.CHANGED: "changed",
    Step.HUSHED: "somebody knows",
    Step.PAUSED: "paused",
    Step.UNSURE: "interrupted",
}


def settings(digest: str = "") -> Press:
    """Open the form of a digest, or of a new one."""
    if not digest:
        return Press(kind=StepKind.DIGEST, label="New digest…")
    return Press(kind=StepKind.DIGEST, label="Settings…", values={"digest": digest})


def about_digest(one: DigestLine, show: Show) -> list[Press]:
    """What somebody can do about a digest."""
    if one.off:
        return []
    mute = Press(kind=StepKind.MUTE, label="Mute…", values={"digest": one.id})
    return [
        _say("Run now", "digest run", one, show),
        *([mute] if not one.paused else []),
        settings(one.id),
        _say("Turn off", "digest off", one, show)._replace(confirm=f"End {one.id}?"),
    ]


def _say(label: str, verb: str, one: DigestLine, show: Show) -> Press:
    return Press(kind=StepKind.RUN, label=label, line=show.line(say(verb, id=one.id)), verb=verb)
