"""What somebody could do next with an answer, as doors with buttons offer it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from bot.domain.asking import Say, say
from bot.domain.codes import FindingKind
from bot.domain.numbers import plural
from bot.domain.replies import Reply, Step, StepKind
from bot.render.blocks import clip_middle
from bot.render.pieces import Show

if TYPE_CHECKING:
    from bot.domain.answers.digests import DigestCard, DigestChanged, DigestList
    from bot.domain.answers.findings import DriftReport, Explained, Finding
    from bot.domain.answers.history import History
    from bot.domain.answers.mappings import ListRow, MappingChanged, MappingList, Plan
    from bot.domain.answers.networks import MappingCard
    from bot.domain.answers.shared import MappingRef
    from bot.domain.answers.vms import VmAnswer
    from bot.domain.bulk import Brought
    from bot.domain.requests import PendingList, RequestLine

PREVIEW = "Preview"
SHARE = Step(kind=StepKind.SHARE, label="Share in channel")
MAPS = 3
"""Networks that an answer offers to map."""


def steps(result: Any, reply: Reply, show: Show) -> list[Step]:
    """The steps for a result; what a person may not do is left out elsewhere."""
    make = _MAKE.get(type(result).__name__)
    if make is None:
        return list(after_fault(reply)) if reply.error else []
    return list(make(result, show))


def after_fault(reply: Reply) -> Iterator[Step]:
    """A line that wanted to add and could not be read or resolved: the form asks for the rest."""
    words = reply.command.casefold().split(maxsplit=2)
    if reply.error is None or reply.error.code == "bug":
        return
    if words[:1] == ["add"]:
        yield Step(kind=StepKind.FORM, label="Open the form", main=True)
    elif words[:2] == ["digest", "on"]:
        yield Step(kind=StepKind.DIGEST, label="Open the form", main=True)


def about(result: Any) -> str:
    """The request that an answer is about: the message that shows it is to be drawn again."""
    match type(result).__name__:
        case "RequestLine":
            return str(result.id)
        case "Brought":
            return about(result.mapping)
        case "MappingChanged":
            return result.request or ""
    return ""


def _changed(result: MappingChanged, show: Show) -> Iterator[Step]:
    yield from _held(result, show)
    if not result.dry_run and result.change and result.verb != "applied":
        if result.verb in ("added", "changed", "removed", "undone"):
            yield undo(result.change, show)
        for ref in result.mappings[:1]:
            yield _history(ref, show)
            if not ref.removed:
                yield change(ref)


def _brought(result: Brought, show: Show) -> Iterator[Step]:
    done = result.mapping
    if done is not None:
        yield from _held(done, show)
        if not result.dry_run and done.change:
            yield undo(done.change, show)
    changes = result.added or result.changed or result.removed
    if result.dry_run and result.source_server and changes and not (done and done.held):
        ends = {"source": result.source_server, "target": result.target_server}
        command = say("match", **ends, apply=result.fingerprint)
        yield _run("Apply", command, show)._replace(main=True)


def _held(result: MappingChanged, show: Show) -> Iterator[Step]:
    from bot.domain.requests import RequestKind

    if result.request and result.held == RequestKind.LOOK:
        yield _run("Apply", say("apply", plan=result.request), show)._replace(main=True)
    elif result.request and result.held == RequestKind.APPROVAL:
        yield _withdraw(result.request, show)


def undo(label: str, show: Show) -> Step:
    """Take a change back, asked once more."""
    step = _run("Undo", say("undo", change=label), show)
    return step._replace(confirm=f"Take {label} back?")


def ask_again(line: str) -> Step:
    """Say the same once more."""
    return Step(kind=StepKind.RUN, label="Ask again", line=line, main=True)


def _withdraw(label: str, show: Show) -> Step:
    return _run("Withdraw", say("reject", change=label), show)


def _history(ref: MappingRef, show: Show) -> Step:
    about = {"source": ref.source, "on": ref.on}
    return _run("History", say("history", mapping=about), show)


def change(ref: MappingRef) -> Step:
    """Lead a mapping elsewhere, in the form."""
    return Step(kind=StepKind.FORM, label="Change…", values={"mapping": ref.id})


def fill_in(source: str, on: str, toward: str = "", name: str = "") -> Step:
    """Map a network, in the form.

    Args:
        source: what a command must call it.
        name: said on the button, where several networks have one.
    """
    values = {"source": source, "on": on, "toward": toward}
    return Step(
        kind=StepKind.FORM,
        label=f"Map {clip_middle(name, 40)}…" if name else "Map…",
        values={key: value for key, value in values.items() if value},
    )


def _run(label: str, command: Say, show: Show) -> Step:
    return Step(StepKind.RUN, label, show.line(command), command.command)


def _vms(result: VmAnswer, show: Show) -> Iterator[Step]:
    blanks: dict[tuple[str, str, str], None] = {}
    seen: dict[tuple[str, str], None] = {}
    for pair in result.pairs:
        for adapter in pair.adapters:
            source = adapter.source
            if not source.network:
                continue
            seen.setdefault((source.network, source.server))
            if adapter.fix and adapter.fix[0] == "add" and not pair.failed_over:
                blanks.setdefault((source.network, source.server, pair.passive))
    for network, server, toward in list(blanks)[:MAPS]:
        yield fill_in(network, server, toward, network if len(blanks) > 1 else "")
    for network, server in list(seen)[:1]:
        about = {"source": network, "on": server}
        yield _run("Where else?", say("show", mapping=about), show)


def _list(result: MappingList, show: Show) -> Iterator[Step]:
    blanks: list[tuple[ListRow, str, str]] = [
        (row, group.source, group.target)
        for group in result.groups
        for row in group.rows
        if row.mapping is None
    ]
    names = Counter(row.network for row, *_ in blanks)
    for row, source, target in blanks[:MAPS]:
        twin = f" ({plural(row.vms, 'VM')})" if names[row.network] > 1 else ""
        name = f"{row.network}{twin}" if len(blanks) > 1 else ""
        yield fill_in(row.certain, source, target, name)


def _card(result: MappingCard, show: Show) -> Iterator[Step]:
    network = result.network
    for detail in result.mappings[:MAPS]:
        yield change(detail.mapping)
    if not result.mappings and not network.gone:
        yield fill_in(network.id, network.server)
    about = {"source": network.name, "on": network.server}
    yield _run("History", say("history", mapping=about), show)


def _drift(result: DriftReport, show: Show) -> Iterator[Step]:
    blanks = [f for f in result.findings if f.kind is FindingKind.UNMAPPED]
    for finding in blanks[:MAPS]:
        yield map_it(finding, finding.subject if len(blanks) > 1 else "")


def map_it(finding: Finding, name: str = "") -> Step:
    """Map the network that a finding is about, in the form."""
    values = finding.fix[1] if finding.fix else {}
    source = str(values.get("source") or finding.subject)
    return fill_in(source, finding.server, finding.toward, name)


def _explained(result: Explained, show: Show) -> Iterator[Step]:
    if result.resolved_at is None:
        from bot.render.findings import menu

        yield from (step for step in menu(result.finding, show) if step.label != "Explain")


def _digest(result: DigestChanged, show: Show) -> Iterator[Step]:
    from bot.render.digests import settings

    one = result.digest
    if one.off or result.verb in ("run", "resumed", "test"):
        return
    yield _run("Test now", say("digest test", id=one.id), show)
    yield settings(one.id)


def _digests(result: DigestList, show: Show) -> Iterator[Step]:
    from bot.render.digests import settings

    yield settings()


def _digest_card(result: DigestCard, show: Show) -> Iterator[Step]:
    from bot.render.digests import about_digest

    yield from about_digest(result.digest, show)


def _past(result: History, show: Show) -> Iterator[Step]:
    undoable = next((one for one in result.changes if one.undoable), None)
    if undoable:
        yield undo(undoable.id, show)._replace(label=f"Undo {undoable.id}")


def _plan(result: Plan, show: Show) -> Iterator[Step]:
    if result.total.adapters and result.without_applier:
        yield _run("Script", say("script", plan=result.fingerprint), show)
    elif result.total.adapters:
        lost = result.disconnects
        step = _run("Apply", say("apply", plan=result.fingerprint), show)
        question = f"{plural(lost, 'adapter')} would lose the network." if lost else ""
        yield step._replace(confirm=question, main=True)


def _pending(result: PendingList, show: Show) -> Iterator[Step]:
    for one in result.requests[:5]:
        for step in [step for step in _request(one, show) if step.label != PREVIEW]:
            yield step._replace(label=f"{step.label} {one.change or one.id}")


def _request(result: RequestLine, show: Show) -> Iterator[Step]:
    from bot.domain.requests import RequestKind, RequestState

    if result.state is not RequestState.OPEN:
        return
    if result.kind is RequestKind.GLASS and result.change:
        yield _run("Reviewed", say("review", change=result.change), show)
        yield undo(result.change, show)
    elif result.kind is RequestKind.APPROVAL:
        approve = _run("Approve", say("approve", change=result.id), show)
        yield approve._replace(main=True)
        yield _run("Reject", say("reject", change=result.id), show)
        yield _run(PREVIEW, say("approve", change=result.id, dry_run=True), show)


_MAKE: dict[str, Callable[[Any, Show], Iterator[Step]]] = {
    "MappingChanged": _changed,
    "Brought": _brought,
    "VmAnswer": _vms,
    "MappingList": _list,
    "MappingCard": _card,
    "DriftReport": _drift,
    "Explained": _explained,
    "DigestChanged": _digest,
    "DigestList": _digests,
    "DigestCard": _digest_card,
    "History": _past,
    "Plan": _plan,
    "PendingList": _pending,
    "RequestLine": _request,
}
"""By the name of the result's kind, so that no kind is loaded for being listed here."""
