"""Answers about subscriptions to drift digests; what a digest says is in `posts`."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.asking import say
from bot.domain.codes import Severity
from bot.domain.digests import DigestCard, DigestChanged, DigestLine, DigestList, Step
from bot.domain.replies import Reply, Visibility
from bot.render.page import Page
from bot.render.phrases import plural
from bot.render.pieces import At, Channel, Person, Piece, Run, Show
from bot.render.refusals import MEND

LEAST = {Severity.HIGH: "high or not checked", Severity.MEDIUM: "medium or worse"}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


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
