"""Run the digests that are due: claim, decide what to say, and leave it in the outbox.

All of a run is one write. Nothing is posted here: whoever delivers takes it from the outbox, so a
stop at any moment neither loses a message nor says it twice.
"""

import logging
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.domain.answers.findings import DriftReport, Finding
from bot.domain.asking import Stamp
from bot.domain.codes import FindingKind, Severity
from bot.domain.digests import Digest, Step
from bot.domain.lives import Life
from bot.domain.maps import MapPanel
from bot.domain.posts import Gone, Part, Post, Said, Settle, Worse
from bot.engine.digests import Difference, decide, difference, hushed, matters, retold, upcoming
from bot.engine.schedules import is_quiet, last_due, local_day, quiet_ends
from bot.engine.severity import severity
from bot.ports import Ports, Tables
from bot.usecases.watching import maps
from bot.usecases.watching.findings import Looked, keep, known, look

log = logging.getLogger(__name__)

GRACE = timedelta(hours=6)
"""A run that is late by less is still wanted, and says that it is late."""
BY = "local:schedule"
TREND = timedelta(weeks=4)
KEPT = timedelta(days=120)
"""For so long runs, delivered messages and the trend are kept."""


def run_due(ports: Ports, at: datetime) -> int:
    """Run what is due; how many digests that were."""
    with ports.store.read() as tables:
        due = tables.digests.due(at)
    if not due:
        return 0
    looked = _look(ports, at)
    panels = _panels(ports, due, looked)
    count = 0
    for id in due:
        with ports.store.write() as tables:
            count += _run(tables, id, looked, panels, at)
    return count


def refresh_findings(ports: Ports, at: datetime) -> bool:
    """Look again if anything was changed since the last look, or an hour went by."""
    with ports.store.read() as tables:
        seen = tables.lives.pulses().get("look")
        last = str(tables.changes.last())
    if seen is not None and seen[1] == last and at - seen[0] < timedelta(hours=1):
        return False
    _look(ports, at)
    with ports.store.write() as tables:
        tables.lives.pulse("look", at, last)
        for room in (tables.digests, tables.outbox, tables.lives):
            room.forget_before(at - KEPT)
    return True


def _look(ports: Ports, at: datetime) -> Looked:
    """What is found now; where looking itself fails, that is found, and nothing else is lost."""
    try:
        looked = look(ports, Stamp(BY, at))
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("%s: the check of the estate failed", reference)
        return _kept(ports, at, FindingKind.CHECK_FAILED, {"reference": reference})
    if not looked.report.checked:
        return _kept(ports, at, FindingKind.NO_INVENTORY, {})
    return looked


def _panels(ports: Ports, due: Iterable[int], looked: Looked) -> list[MapPanel]:
    """What a picture of the mapping shows, where one of these digests wants it."""
    with ports.store.read() as tables:
        digests = [tables.digests.get(id) for id in due]
        wanted = any(digest.picture for digest in digests if digest is not None)
        return (
            maps.panels(tables, looked.report.findings) if wanted and looked.report.checked else []
        )


def _kept(ports: Ports, at: datetime, kind: FindingKind, facts: dict[str, str]) -> Looked:
    """What was known before, and why it could not be seen again."""
    finding = Finding(
        kind=kind, severity=severity(kind), key=f"{kind}:estate", subject="The estate", facts=facts
    )
    with ports.store.write() as tables:
        before = [life.finding for life in tables.lives.open().values()]
        others = [one for one in before if one.key != finding.key]
        if kind is FindingKind.NO_INVENTORY:
            others = []  # of servers that are forgotten
        return keep(tables, DriftReport(findings=[finding, *others]), at)


def _run(tables: Tables, id: int, looked: Looked, panels: Sequence[MapPanel], at: datetime) -> bool:
    """Run one digest, unless somebody else has."""
    digest = tables.digests.get(id)
    if digest is None or digest.next_run is None or digest.next_run > at:
        return False
    if any(one.claimed_at is not None for one in tables.outbox.waiting(id)):
        return False  # what it said before is being sent; the next tick knows what became of it
    due = last_due(digest.schedule, digest.zone, digest.next_run, at, digest.holidays)
    following = upcoming(digest, at)
    digest = digest.model_copy(update={"next_run": following, "muted_until": None, "muted_by": ""})
    if not tables.digests.claim(id, due, at):
        tables.digests.put(digest)
        return False
    if at - due > GRACE and not digest.asked_by:
        late = f"the run of {due:%Y-%m-%d %H:%M} UTC was missed: netmap was not running"
        tables.digests.put(digest.model_copy(update={"last_error": late, "error_at": at}))
        log.warning("digest %s: %s", digest.label, late)
        return False
    shown = [
        life
        for life in looked.lives
        if matters(life.finding.severity, digest.least) and hushed(life, at) is None
    ]
    tables.outbox.drop(id, at, "superseded by a later run")  # what it would say is said anew
    said = tables.digests.said(id)
    found = difference(said, shown, looked.lives)
    today = local_day(digest.zone, at)
    beats = digest.heartbeat == today.weekday() and digest.beat_on != today
    step = decide(digest, found, at, beats)
    asked = digest.asked_by
    if asked:
        step = _when_asked(step, bool(shown))
    elif step is not Step.NOTHING and is_quiet(digest.quiet, digest.zone, at):
        assert digest.quiet is not None
        if not found.alarming:
            ends = quiet_ends(digest.quiet, digest.zone, at)
            if step is not Step.EDIT and local_day(digest.zone, ends) not in digest.holidays:
                digest = digest.model_copy(update={"next_run": min(following, ends)})
            tables.digests.put(digest)
            return True
    digest = digest.model_copy(update={"asked_by": ""})
    tables.digests.put(digest)
    tables.digests.note(id, due, step, len(shown))
    if step is Step.NOTHING:
        return True
    calls = _calls(tables, digest, found, said) if step in _CALLING else []
    post = _post(tables, digest, looked, found, shown, step, due, at).model_copy(
        update={"mention": digest.owner if calls else "", "asked_by": asked}
    )
    quietly = (life.id for life in shown if life.finding.severity is Severity.HIGH)
    opened = None
    if shown:
        opened = digest.opened_at if digest.parent and digest.opened_at else at
    settle = Settle(
        said=retold(said, shown, looked.lives, quietly if step is Step.BASELINE else calls),
        opened_at=opened,
        closes=step is Step.CLOSE,
        keeps=bool(shown),
        beat_on=today,
    )
    _enqueue(tables, digest, step, post, settle, panels, at)
    log.info(
        "digest %s: %s, %d new, %d resolved", digest.label, step, len(post.new), len(post.gone)
    )
    return True


_CALLING = (Step.OPEN, Step.ADD)


def _when_asked(step: Step, anything: bool) -> Step:
    """Somebody who asks gets an answer, whatever there is to say."""
    if step in (Step.NOTHING, Step.HEARTBEAT):
        return Step.ASKED
    return Step.REPEAT if step in (Step.EDIT, Step.LESS) and anything else step


def _calls(tables: Tables, digest: Digest, found: Difference, said: Sequence[Said]) -> list[int]:
    """New high findings for which the owner is to be called: once each, and not for their own."""
    before = {(one.life, one.since) for one in said if one.mentioned}
    calls = []
    for life in found.new:
        if life.finding.severity is not Severity.HIGH or (life.id, life.since) in before:
            continue
        subject, *ids = life.finding.key.split(":")[1:]
        last = tables.changes.recent(1, networks=[int(ids[0])]) if subject == "mapping" else []
        if (
            last
            and last[0].by == digest.owner
            and last[0].at >= (digest.delivered_at or life.since)
        ):
            continue
        calls.append(life.id)
    return calls


def _post(
    tables: Tables,
    digest: Digest,
    looked: Looked,
    found: Difference,
    shown: Sequence[Life],
    step: Step,
    due: datetime,
    at: datetime,
) -> Post:
    hushes = [hush for life in looked.lives if (hush := hushed(life, at)) is not None]
    gone = []
    for one in found.gone:
        life = tables.lives.get(one.life)
        if life is not None:
            gone.append(
                Gone(
                    id=life.label,
                    finding=life.finding,
                    at=life.resolved_at,
                    by=life.resolved_by,
                    change=life.resolved_change,
                )
            )
    return Post(
        step=step,
        digest=digest.label,
        channel=digest.channel,
        owner=digest.owner,
        due=due,
        at=at,
        next_run=digest.next_run,
        route=_route(tables),
        findings=[known(life.finding, life, at) for life in shown],
        new=[life.label for life in found.new],
        back=[life.label for life in found.back],
        worse=[
            Worse(id=life.label, was=was, now=life.finding.adapters) for life, was in found.worse
        ],
        gone=gone,
        acked=sum(hush.kind == "ack" for hush in hushes),
        snoozed=sum(hush.kind == "snooze" for hush in hushes),
        milder=sum(
            not matters(life.finding.severity, digest.least) and hushed(life, at) is None
            for life in looked.lives
        ),
        vms_at_risk=looked.report.vms_at_risk,
        more_at_risk=looked.report.more_at_risk,
        opened_at=digest.opened_at if digest.parent else None,
        last_at=digest.delivered_at,
        checked=looked.report.checked,
        trend=tables.lives.trend((at - TREND).date()) if digest.picture else [],
    )


def _route(tables: Tables) -> str:
    """Which servers it is about, as pairs."""
    estate = tables.estate()
    pairs = dict.fromkeys(
        (estate.networks[m.source].server, m.server) for m in estate.mappings.values()
    )
    forth = [pair for pair in sorted(pairs) if pair[::-1] not in pairs or pair < pair[::-1]]
    if not forth or len(forth) > 2:
        names = sorted(server.name for server in estate.servers.values())
        return ", ".join(names) if len(names) <= 3 else f"{len(names)} servers"
    return ", ".join(
        f"{estate.server_named(a)} {'↔' if (b, a) in pairs else '→'} {estate.server_named(b)}"
        for a, b in forth
    )


def _enqueue(
    tables: Tables,
    digest: Digest,
    step: Step,
    post: Post,
    settle: Settle,
    panels: Sequence[MapPanel],
    at: datetime,
) -> None:
    for part in _PARTS[step]:
        if part in (Part.TABLE, Part.FILE) and not post.findings:
            continue
        if part is Part.PICTURE and not post.trend:
            continue
        said = post
        if part is Part.MAP:
            if not (digest.picture and panels):
                continue
            said = post.model_copy(update={"panels": list(panels)})
        main = part is _MAIN.get(step, Part.PARENT)
        tables.outbox.put(digest.id, part, digest.channel, said, at, settle if main else None)


_FRESH = (Part.PARENT, Part.TABLE, Part.FILE, Part.MAP, Part.PICTURE)
_PARTS: dict[Step, tuple[Part, ...]] = {
    Step.BASELINE: _FRESH,
    Step.OPEN: _FRESH,
    Step.REPEAT: _FRESH,
    Step.EDIT: (Part.EDIT, Part.TABLE),
    Step.ADD: (Part.EDIT, Part.BROADCAST, Part.TABLE, Part.FILE),
    Step.LESS: (Part.EDIT, Part.REPLY, Part.TABLE),
    Step.CLOSE: (Part.EDIT, Part.REPLY),
    Step.HEARTBEAT: (Part.PARENT,),
    Step.ASKED: (Part.PARENT,),
}
_MAIN = {
    Step.EDIT: Part.EDIT,
    Step.ADD: Part.BROADCAST,
    Step.LESS: Part.REPLY,
    Step.CLOSE: Part.REPLY,
}
"""The part with whose delivery it counts as said."""
