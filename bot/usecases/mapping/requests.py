"""What waits for another person: list it, reject it, review it."""

from collections.abc import Sequence

from bot.domain.asking import Stamp, say
from bot.domain.codes import Role
from bot.domain.errors import Forbidden
from bot.domain.requests import PendingList, Request, RequestKind, RequestLine, RequestState
from bot.ports import Ports
from bot.usecases.applying.holding import AskRequest, find_request, may_agree, refuse_glass
from bot.usecases.networks import AskNothing
from bot.usecases.restored import lately


def pending(ports: Ports, asks: Sequence[AskNothing], stamp: Stamp) -> PendingList:
    """Requests that wait for approval, and what went through with `--break-glass` unreviewed."""
    with ports.store.read() as tables:
        found = [one for one in tables.requests.open() if one.stands(stamp.at) == "open"]
        restored = lately(tables, stamp.at)
    return PendingList(requests=[line(one, stamp) for one in found], restored=restored)


def reject(ports: Ports, asks: Sequence[AskRequest], stamp: Stamp) -> RequestLine:
    """Say no to a request, or take one's own back.

    Raises:
        Conflict: it was decided already.
    """
    ask = asks[0]
    with ports.store.write() as tables:
        request = find_request(tables, ask.change)
        if request.by != stamp.by and not stamp.role.allows(Role.EDITOR):
            raise Forbidden(f"{request.label} is not yours.")
        refuse_glass(request)
        may_agree(request, stamp._replace(by=""), approving=True)  # one's own can be taken back
        tables.requests.decide(
            request.id, RequestState.REJECTED, stamp.by, stamp.at, said=ask.reason
        )
        after = tables.requests.get(request.id)
    assert after is not None
    return line(after, stamp)


def review(ports: Ports, request: Request, stamp: Stamp) -> RequestLine:
    """Say that a change that went through with `--break-glass` was looked at.

    Raises:
        Forbidden: it is one's own, or none that went through so.
    """
    if request.kind is not RequestKind.GLASS and request.stands(stamp.at) is RequestState.OPEN:
        done = (
            say("apply", plan=request.label)
            if request.kind is RequestKind.LOOK
            else say("approve", change=request.label)
        )
        raise Forbidden(
            f"{request.label} is not done yet, so there is nothing to review.",
            hint="To have it done, or not:",
            commands=[done, say("reject", change=request.label)],
        )
    with ports.store.write() as tables:
        may_agree(request, stamp, approving=True)
        tables.requests.decide(request.id, RequestState.REVIEWED, stamp.by, stamp.at)
        after = tables.requests.get(request.id)
    assert after is not None
    return line(after, stamp)


def look_up(ports: Ports, label: str, stamp: Stamp) -> tuple[Request, RequestLine]:
    """A request as it stands now."""
    with ports.store.read() as tables:
        request = find_request(tables, label)
    return request, line(request, stamp)


def line(request: Request, stamp: Stamp) -> RequestLine:
    """A request as it is shown."""
    return RequestLine(
        id=request.label,
        kind=request.kind,
        state=request.stands(stamp.at),
        line=request.line,
        by=request.by,
        at=request.at,
        expires=request.expires if request.kind is not RequestKind.GLASS else None,
        text=request.text,
        reason=request.reason,
        vms=request.vms,
        disconnects=request.disconnects,
        change=f"C{request.change}" if request.change else None,
        decided_by=request.decided_by,
        said=request.said,
    )
