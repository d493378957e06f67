"""Subscriptions: turn a digest on, change it, turn it off, run it now, see those there are."""

from collections.abc import Sequence
from datetime import date as Day
from datetime import datetime, timedelta

from bot.domain.answers.digests import DigestCard, DigestChanged, DigestLine, DigestList
from bot.domain.asking import Near, Stamp, say
from bot.domain.codes import MONDAY, ChangeKind, Severity
from bot.domain.digests import Digest, Quiet, Schedule, Step
from bot.domain.errors import Conflict, NotFound, Refused
from bot.domain.history import Detail
from bot.domain.posts import Part, Post
from bot.engine.delivery import NO_TOKEN
from bot.engine.digests import upcoming
from bot.ports import Ports, Tables
from bot.usecases.networks import AskNothing
from bot.usecases.resolving import Ask
from bot.usecases.telling.pulse import stands_still
from bot.usecases.watching.findings import number_of
from bot.usecases.watching.hushing import SNOOZE, until_when

RUNS = 10
MOST = 200
"""Subscriptions that can be on; more would be a mistake in a script."""


class DigestOn(Ask):
    schedule: Schedule
    here: bool = False
    channel: str | None = None
    zone: str | None = None
    quiet: Quiet | None = None
    severity: Severity | None = None
    heartbeat: int | None = None
    no_heartbeat: bool = False
    picture: bool = False
    holidays: tuple[Day, ...] = ()
    owner: str | None = None


class DigestEdit(Ask):
    id: str
    here: bool = False
    channel: str | None = None
    schedule: Schedule | None = None
    zone: str | None = None
    quiet: Quiet | None = None
    no_quiet: bool = False
    severity: Severity | None = None
    heartbeat: int | None = None
    no_heartbeat: bool = False
    picture: bool = False
    no_picture: bool = False
    holidays: tuple[Day, ...] = ()
    no_holidays: bool = False
    owner: str | None = None


class AskMute(Ask):
    id: str
    time: timedelta | None = None
    date: Near | datetime | Day | None = None
    off: bool = False


class WhichDigest(Ask):
    id: str


def turn_on(ports: Ports, asks: Sequence[DigestOn], stamp: Stamp) -> DigestChanged:
    """Begin to tell a channel what drifts.

    Raises:
        Conflict: this channel has that schedule already.
    """
    ask = asks[0]
    digest = Digest(
        id=0,
        channel=_channel(ask.channel, stamp),
        owner=ask.owner or stamp.by,
        made_by=stamp.by,
        schedule=ask.schedule,
        zone=ask.zone or stamp.zone,
        quiet=ask.quiet,
        holidays=_to_come(ask.holidays, stamp),
        least=ask.severity or Severity.LOW,
        heartbeat=_heartbeat(ask.heartbeat, ask.no_heartbeat, MONDAY),
        picture=ask.picture,
        made_at=stamp.at,
        next_run=None,
    )
    digest = digest.model_copy(update={"next_run": upcoming(digest, stamp.at)})
    with ports.store.write() as tables:
        _refuse_twin(tables, digest)
        if sum(not one.off for one in tables.digests.all()) >= MOST:
            raise Refused(
                f"{MOST} digests are on already.", hint="Turn some off.", commands=[
                    say("digest list")
                ],
            )  # fmt: skip
        made = tables.digests.add(digest)
        return _changed(tables, made, "on", stamp, f"digest {made.label} on: {made.schedule}")


def edit(ports: Ports, asks: Sequence[DigestEdit], stamp: Stamp) -> DigestChanged:
    """Change what is said of it and leave the rest as it is."""
    ask = asks[0]
    with ports.store.write() as tables:
        digest = find_digest(tables, ask.id)
        if digest.off:
            raise _is_off(digest)
        schedule, zone = ask.schedule or digest.schedule, ask.zone or digest.zone
        moved = ask.here or ask.channel is not None
        channel = _channel(ask.channel, stamp) if moved else digest.channel
        update: dict[str, object] = {
            "channel": channel,
            "schedule": schedule,
            "zone": zone,
            "quiet": None if ask.no_quiet else ask.quiet or digest.quiet,
            "least": ask.severity or digest.least,
            "heartbeat": _heartbeat(ask.heartbeat, ask.no_heartbeat, digest.heartbeat),
            "picture": (digest.picture or ask.picture) and not ask.no_picture,
            "owner": ask.owner or digest.owner,
        }
        if ask.holidays or ask.no_holidays:
            update["holidays"] = _to_come(ask.holidays, stamp)
        if channel != digest.channel:  # nothing was said there yet
            update |= {"parent": "", "table": "", "first": True, "paused": "", "last_error": ""}
        made = digest.model_copy(update=update)
        if made == digest:
            return DigestChanged(verb="unchanged", digest=line(tables, digest))
        _refuse_twin(tables, made)
        if not made.paused:
            made = made.model_copy(update={"next_run": upcoming(made, stamp.at)})
        if channel != digest.channel:
            tables.outbox.drop(digest.id, stamp.at, "moved to another channel")
            tables.digests.say(digest.id, [])
        tables.digests.put(made)
        return _changed(tables, made, "edited", stamp, f"digest {made.label} changed: {schedule}")


def turn_off(ports: Ports, asks: Sequence[WhichDigest], stamp: Stamp) -> DigestChanged:
    """End it; what waits to be said is not said any more."""
    with ports.store.write() as tables:
        digest = find_digest(tables, asks[0].id)
        if digest.off:
            return DigestChanged(verb="unchanged", digest=line(tables, digest))
        made = digest.model_copy(
            update={"off": True, "next_run": None, "parent": "", "table": "", "asked_by": ""}
        )
        tables.digests.put(made)
        tables.outbox.drop(digest.id, stamp.at, "turned off")
        return _changed(tables, made, "off", stamp, f"digest {made.label} off")


def run(ports: Ports, asks: Sequence[WhichDigest], stamp: Stamp) -> DigestChanged:
    """Have it run now, whatever there is to say; one that is paused begins anew."""
    with ports.store.write() as tables:
        digest = find_digest(tables, asks[0].id)
        if digest.off:
            raise _is_off(digest)
        made = digest.model_copy(
            update={
                "next_run": stamp.at,
                "asked_by": stamp.by,
                "paused": "",
                "muted_until": None,
                "muted_by": "",
                "last_error": "",
                "error_at": None,
            }
        )
        tables.digests.put(made)
        muted = digest.muted_until is not None and digest.muted_until > stamp.at
        return DigestChanged(
            verb="resumed" if digest.paused or muted else "run",
            digest=line(tables, made),
            undelivered=stands_still(tables, stamp.at),
        )


def go_on(ports: Ports, at: datetime) -> None:
    """Let those go on that were paused for want of a token, as Slack takes it now."""
    with ports.store.read() as tables:
        wait = [one for one in tables.digests.all() if not one.off and one.paused in NO_TOKEN]
    if not wait:
        return
    with ports.store.write() as tables:
        for digest in wait:
            update = {"next_run": at, "paused": "", "last_error": "", "error_at": None}
            tables.digests.put(digest.model_copy(update=update))
            tables.outbox.spare(digest.id, at)


def mute(ports: Ports, asks: Sequence[AskMute], stamp: Stamp) -> DigestChanged:
    """Say nothing for a day or as long as one says; what is found meanwhile is told after that."""
    ask = asks[0]
    until = until_when(ask.time, ask.date, stamp, "A digest is muted") or stamp.at + SNOOZE
    with ports.store.write() as tables:
        digest = find_digest(tables, ask.id)
        if digest.off:
            raise _is_off(digest)
        if digest.paused:
            raise Refused(
                f"{digest.label} is paused and says nothing anyway.",
                commands=[say("digest show", id=digest.label)],
            )
        muted = digest.muted_until is not None and digest.muted_until > stamp.at
        if ask.off and not muted:
            return DigestChanged(verb="unchanged", digest=line(tables, digest))
        made = digest.model_copy(
            update={
                "muted_until": None if ask.off else until,
                "muted_by": "" if ask.off else stamp.by,
                "asked_by": "",
            }
        )
        made = made.model_copy(update={"next_run": upcoming(made, stamp.at)})
        tables.digests.put(made)
        tables.outbox.drop(digest.id, stamp.at, "muted")
        verb = "unmuted" if ask.off else "muted"
        return _changed(tables, made, verb, stamp, f"digest {made.label} {verb}")


def test(ports: Ports, asks: Sequence[WhichDigest], stamp: Stamp) -> DigestChanged:
    """Post a message that only says that it arrives; one that is paused goes on if it does."""
    with ports.store.write() as tables:
        digest = find_digest(tables, asks[0].id)
        if digest.off:
            raise _is_off(digest)
        upcoming_run = digest.next_run or upcoming(digest, stamp.at)
        post = Post.asked_for(digest, Step.TEST, stamp, next_run=upcoming_run)
        tables.outbox.put(digest.id, Part.TEST, digest.channel, post, stamp.at)
        return DigestChanged(
            verb="test",
            digest=line(tables, digest),
            undelivered=stands_still(tables, stamp.at),
        )


def listing(ports: Ports, asks: Sequence[AskNothing], stamp: Stamp) -> DigestList:
    """Every digest that is on, with its last delivery, its next run and what is wrong with it."""
    with ports.store.read() as tables:
        return DigestList(
            digests=[line(tables, one) for one in tables.digests.all() if not one.off]
        )


def card(ports: Ports, asks: Sequence[WhichDigest], stamp: Stamp) -> DigestCard:
    """One digest and its last runs."""
    with ports.store.read() as tables:
        digest = find_digest(tables, asks[0].id)
        return DigestCard(digest=line(tables, digest), runs=tables.digests.runs(digest.id, RUNS))


def find_digest(tables: Tables, name: str) -> Digest:
    """The digest of this number.

    Raises:
        NotFound: there is none.
    """
    digest = tables.digests.get(number_of(name, "D"))
    if digest is None:
        raise NotFound(
            f"There is no digest {name}.", hint="See those there are.", commands=[
                say("digest list")
            ],
        )  # fmt: skip
    return digest


def look_up(ports: Ports, name: str) -> Digest:
    """The same, if it is on.

    Raises:
        NotFound: there is none.
        Refused: it is off.
    """
    with ports.store.read() as tables:
        digest = find_digest(tables, name)
    if digest.off:
        raise _is_off(digest)
    return digest


def twin_of(ports: Ports, id: str, channel: str, schedule: Schedule, zone: str) -> str:
    """The other digest that tells a channel the same at the same time; empty if there is none."""
    with ports.store.read() as tables:
        twin = _twin(tables, id, channel, schedule, zone)
    return twin.label if twin else ""


def line(tables: Tables, digest: Digest) -> DigestLine:
    """A digest as it is shown."""
    return DigestLine(
        id=digest.label,
        channel=digest.channel,
        owner=digest.owner,
        schedule=digest.schedule.text,
        zone=digest.zone,
        quiet=str(digest.quiet) if digest.quiet else "",
        holidays=list(digest.holidays),
        least=digest.least,
        heartbeat=digest.heartbeat,
        picture=digest.picture,
        next_run=digest.next_run,
        off=digest.off,
        paused=digest.paused,
        muted_until=digest.muted_until,
        muted_by=digest.muted_by,
        delivered_at=digest.delivered_at,
        last_error=digest.last_error,
        error_at=digest.error_at,
        open=sum(one.open for one in tables.digests.said(digest.id)) if digest.parent else 0,
        waiting=len(tables.outbox.waiting(digest.id)),
    )


def _changed(tables: Tables, digest: Digest, verb: str, stamp: Stamp, text: str) -> DigestChanged:
    change = tables.changes.begin(ChangeKind.DIGEST, stamp)
    tables.changes.finish(change, Detail(text=text))
    elsewhere = digest.channel != stamp.where
    made = DigestChanged(
        verb=verb, digest=line(tables, digest), change=f"C{change}", announced=elsewhere
    )
    if elsewhere:  # those who will read it should know what will appear
        post = Post.asked_for(digest, Step.CHANGED, stamp, changed=made)
        tables.outbox.put(digest.id, Part.NOTICE, digest.channel, post, stamp.at)
    return made


def _to_come(days: Sequence[Day], stamp: Stamp) -> tuple[Day, ...]:
    """Those that are not over."""
    return tuple(day for day in days if day >= stamp.at.date() - timedelta(days=1))


def _channel(named: str | None, stamp: Stamp) -> str:
    """Where to: the channel named, else the one it is said in.

    Raises:
        Refused: it is said outside any channel.
    """
    channel = named or stamp.where
    if not channel:
        raise Refused(
            "A digest needs a channel, and here is none.",
            hint="Say it in Slack: `/netmap digest on #channel daily 08:30`.",
        )
    return channel


def _heartbeat(day: int | None, never: bool, before: int | None) -> int | None:
    if never:
        return None
    return before if day is None else day


def _twin(tables: Tables, id: str, channel: str, schedule: Schedule, zone: str) -> Digest | None:
    for one in tables.digests.all():
        same = (one.channel, one.schedule, one.zone) == (channel, schedule, zone)
        if same and not one.off and one.label != id:
            return one
    return None


def _refuse_twin(tables: Tables, digest: Digest) -> None:
    one = _twin(tables, digest.label, digest.channel, digest.schedule, digest.zone)
    if one is not None:
        raise Conflict(
            f"{one.label} tells this channel {one.schedule} already.",
            hint="Change that one.",
            commands=[say("digest show", id=one.label)],
        )


def _is_off(digest: Digest) -> Refused:
    return Refused(
        f"{digest.label} is off.", hint="Turn a new one on.", commands=[
            say("digest on", schedule=digest.schedule, channel=digest.channel)
        ],
    )  # fmt: skip
