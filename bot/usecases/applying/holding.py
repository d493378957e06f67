"""Changes that are looked at before they are done: what was shown is kept, and done as shown.

A change waits when it reconnects more VMs than the gate lets pass or disconnects any, or when every
change needs another person. Agreeing to it does it only if it still moves the very same adapters.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NoReturn

from bot.domain.answers.mappings import MappingChanged
from bot.domain.asking import Gate, Stamp, say
from bot.domain.codes import Readiness
from bot.domain.errors import Conflict, Forbidden, NotFound, Outdated
from bot.domain.estate import DISCONNECTED
from bot.domain.labels import number
from bot.domain.numbers import plural
from bot.domain.placements import Move, Segment
from bot.domain.requests import Request, RequestKind, RequestState, file_of
from bot.ports import Ports, Tables
from bot.usecases.applying.moves import Moves
from bot.usecases.resolving import Ask
from bot.usecases.restored import no_such

NAMED = 6
"""VMs named where a plan differs from what was shown, and mappings of a request."""


class AskRequest(Ask):
    change: str
    reason: str = ""
    dry_run: bool = False


def waits(
    tables: Tables,
    stamp: Stamp,
    result: MappingChanged,
    moves: Moves,
    segments: dict[int, Segment],
    shown: bool = False,
) -> str:
    """Why a change is not done yet: `look`, `approval`, or nothing.

    Args:
        shown: who asks named what they were shown, as the fingerprint of a plan does.

    Raises:
        Outdated: its plan was agreed to, and is another one by now.
    """
    gate = stamp.gate
    if gate is None or gate.glass:
        return ""
    if gate.agreed:
        _want_the_same(tables, gate, stamp, result, ready_of(moves, segments))
        return ""
    if gate.approval:
        return RequestKind.APPROVAL
    if shown:
        return ""
    ready = {id for id, segment in segments.items() if segment.readiness is Readiness.READY}
    lost = any(g.wish == DISCONNECTED and g.segment in ready for g in moves.groups)
    return RequestKind.LOOK if lost or moves.tally(ready).vms > gate.over else ""


def settle(tables: Tables, stamp: Stamp, change: int, result: MappingChanged) -> None:
    """What a change that is done leaves behind, in its own transaction."""
    gate = stamp.gate
    if gate is None:
        return
    if gate.agreed:
        by = gate.agreed_by or stamp.by
        tables.requests.decide(gate.agreed, RequestState.DONE, by, stamp.at, change)
    if gate.glass:
        kept = _request(RequestKind.GLASS, stamp, result, []).model_copy(update={"change": change})
        result.request = tables.requests.add(kept).label


def keep(
    ports: Ports,
    stamp: Stamp,
    result: MappingChanged,
    moves: Iterable[Move],
    segments: dict[int, Segment],
    given: str = "",
) -> None:
    """Keep what was shown, so that it can be agreed to; `given` is what a file asked for.

    What somebody asks for again while it waits for another person is one request.
    """
    ready = ready_of(moves, segments)
    kind = RequestKind(result.held or RequestKind.LOOK)
    with ports.store.write() as tables:
        wanted = _request(kind, stamp, result, ready)
        kept = next((one for one in tables.requests.open() if _is_same(one, wanted)), None)
        if kept is None or tables.requests.given(kept.id) != given:
            kept = tables.requests.add(wanted, ready, given)
        result.request = kept.label


def _is_same(kept: Request, wanted: Request) -> bool:
    """Whether it is asked for already, by the same person in the same words."""
    if kept.stands(wanted.at) is not RequestState.OPEN:
        return False
    return all(
        getattr(kept, name) == getattr(wanted, name)
        for name in ("kind", "by", "line", "fingerprint", "reason")
    )


def hand_over(ports: Ports, request: Request, result: MappingChanged) -> None:
    """What was shown to who asked now waits for another person."""
    with ports.store.write() as tables:
        tables.requests.hand_over(request.id)
    result.held = RequestKind.APPROVAL


def ready_of(moves: Iterable[Move], segments: dict[int, Segment]) -> list[Move]:
    """Those that may be touched now."""
    return [m for m in moves if segments[m.segment].readiness is Readiness.READY]


def find_request(tables: Tables, label: str) -> Request:
    """Request R12, or the one that went through as change C204."""
    asked, change = number(label, "R"), number(label, "C")
    found = tables.requests.get(asked) if asked else None
    found = found or (tables.requests.of_change(change) if change else None)
    if found is None and change and tables.changes.get(change) is not None:
        raise NotFound(
            f"C{change} waits for nobody.", hint="See what waits.", commands=[say("pending")]
        )
    if found is None:
        raise no_such(tables, "request", label, "See what waits.", say("pending"))
    return found


def may_agree(request: Request, stamp: Stamp, approving: bool) -> None:
    """Refuse to agree to what is decided, has expired, or is one's own.

    Args:
        approving: somebody approves it; False: who asked for it has looked at it.

    Raises:
        Conflict: it was decided already.
        Outdated: it has expired.
        Forbidden: one's own cannot be approved, and what waits for another cannot be applied.
    """
    state = request.stands(stamp.at)
    if state is RequestState.EXPIRED:
        raise Outdated(
            f"{request.label} has expired: what it showed is more than a day old.",
            hint="Hand the file in again." if file_of(request.line) else "Ask for it again:",
            commands=[] if file_of(request.line) else [request.line],
        )
    if state is not RequestState.OPEN:
        _refuse_decided(request, state)
    if request.kind is RequestKind.LOOK:
        return
    word = "review" if request.kind is RequestKind.GLASS else "approve"
    if approving and _is_local(stamp.by) and not _is_local(request.by):
        raise Forbidden(
            f"{request.name} was asked for in Slack, where it is known who is who.",
            hint="Another editor has to say it there:",
            commands=[say(word, change=request.name)],
        )
    if not approving:
        raise Forbidden(
            f"{request.label} waits for another person.",
            hint="Somebody else has to say it:",
            commands=[say("approve", change=request.label)],
        )
    if request.by == stamp.by:
        glass = request.kind is RequestKind.GLASS
        what = "reviews what they did" if glass else "approves what they asked for"
        raise Forbidden(
            f"{request.name} is your own: nobody {what} themselves.",
            hint="Another editor can; to take it back:",
            commands=[say("undo" if glass else "reject", change=request.name)],
        )


def refuse_glass(request: Request) -> None:
    """Refuse to decide on what went through already.

    Raises:
        Forbidden: it went through with `--break-glass`, and nobody has reviewed it.
    """
    if request.kind is RequestKind.GLASS and request.state is RequestState.OPEN:
        raise Forbidden(
            f"{request.label} is done already, as {request.name}: it can be reviewed or undone.",
            commands=[say("review", change=request.name), say("undo", change=request.name)],
        )


def _is_local(by: str) -> bool:
    """Whether it is somebody at the machine itself, who could be anybody in Slack."""
    return by.startswith("local:")


def _refuse_decided(request: Request, state: RequestState) -> NoReturn:
    if state is RequestState.DONE:
        raise Conflict(
            f"{request.label} is done already: it is C{request.change}.",
            hint="To take it back:",
            commands=[say("undo", change=f"C{request.change}")],
        )
    words = "was reviewed already" if state is RequestState.REVIEWED else "was rejected"
    raise Conflict(f"{request.name} {words}.", hint="See what waits.", commands=[say("pending")])


def _request(
    kind: RequestKind, stamp: Stamp, result: MappingChanged, ready: Sequence[Move]
) -> Request:
    return Request(
        id=0,
        kind=kind,
        line=stamp.command,
        by=stamp.by,
        at=stamp.at,
        where=stamp.where,
        fingerprint=fingerprint(result, ready) if kind is not RequestKind.GLASS else "",
        vms=len({move.pair for move in ready}),
        adapters=len(ready),
        disconnects=sum(move.wish == DISCONNECTED for move in ready),
        reason=stamp.gate.reason if stamp.gate else "",
        text=_wish(result),
    )


def _wish(result: MappingChanged) -> str:
    """What is asked for, as it follows `asks to`."""
    if result.verb == "applied":
        return "carry out a plan"
    if result.adopted is not None:
        network, server = result.adopted.network, result.adopted.server
        return f"take over the order of the subnets of {network} ({server})"
    refs = result.mappings
    to = "from" if result.verb == "removed" else "to"
    each = [f"{r.source} ({r.on}) {to} {r.target} ({r.toward})" for r in refs[:NAMED]]
    ends = "; ".join(each) + f"; and {len(refs) - NAMED:,} more" * (len(refs) > NAMED)
    if len(refs) == 1:
        ends += f" instead of {result.previous}" if result.previous else ""
        if refs[0].test and not refs[0].removed:
            ends += f", for test failovers to {refs[0].test}"
        elif result.previous_test:
            ends += ", without a test network"
    return " ".join(filter(None, [_VERBS.get(result.verb, result.verb), result.undone, ends]))


_VERBS = {"added": "map", "changed": "lead", "removed": "unmap", "undone": "take back"}


def fingerprint(result: MappingChanged, ready: Sequence[Move]) -> str:
    """Eight hexadecimal digits of what a change does to the table and to the replicas."""
    digest = hashlib.blake2b(digest_size=4)
    for ref in result.mappings:
        shown = ref.model_dump_json(exclude={"id"})
        digest.update(f"{shown};{ref.ends};{result.previous};".encode())
    for move in sorted(ready):
        digest.update(f"{move.pair},{move.slot},{move.observed},{move.wish};".encode())
    return digest.hexdigest()


def _want_the_same(
    tables: Tables, gate: Gate, stamp: Stamp, result: MappingChanged, ready: Sequence[Move]
) -> None:
    request = tables.requests.get(gate.agreed)
    assert request is not None
    if request.stands(stamp.at) is not RequestState.OPEN:  # somebody was faster
        may_agree(request, stamp, approving=True)
    if fingerprint(result, ready) == request.fingerprint:
        return
    facts = list(_differences(tables, request, _wish(result), ready))
    raise Outdated(
        f"The plan of {request.label} is not the plan any more, so nothing was done.",
        hint="Hand the file in again to see the present one."
        if file_of(request.line)
        else "Look at the present one, then apply that.",
        facts=facts,
        commands=[] if file_of(request.line) else [request.line],
    )


def _differences(
    tables: Tables, request: Request, wish: str, ready: Sequence[Move]
) -> Iterator[str]:
    """What was shown otherwise, as far as it was kept."""
    if wish != request.text:
        yield f"It was to {request.text}, and would {wish} now."
    was = {(pair, slot): ends for pair, slot, *ends in tables.requests.moves(request.id)}
    now = {(m.pair, m.slot): [m.observed, m.wish] for m in ready}
    both = sorted(was.keys() & now.keys())
    others = [
        ("Now as well", sorted(now.keys() - was.keys())),
        ("No longer", sorted(was.keys() - now.keys())),
        ("Connected elsewhere by now", [key for key in both if was[key][0] != now[key][0]]),
        ("Would join something else", [key for key in both if was[key][1] != now[key][1]]),
    ]
    yield from (f"{lead}: {_named(tables, [p for p, _ in some])}" for lead, some in others if some)
    vms = len({m.pair for m in ready})
    if vms != request.vms:
        yield f"It was {plural(request.vms, 'VM')}, and would be {plural(vms, 'VM')} now."
    elif wish == request.text and not any(some for _, some in others):
        yield "The networks or the test network of the mapping are others by now."


def _named(tables: Tables, pairs: Sequence[int]) -> str:
    wanted = list(dict.fromkeys(pairs))
    names = tables.vms.names(wanted[:NAMED])
    shown = ", ".join(names.get(pair, "?") for pair in wanted[:NAMED])
    left = len(wanted) - NAMED
    return f"{shown} and {left:,} more" if left > 0 else shown
