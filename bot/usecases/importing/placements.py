"""Which placements moved because of what an inventory says, and what the history keeps of it."""

from collections import Counter

from bot.domain.codes import Rule
from bot.domain.estate import NO_OPINION, Estate
from bot.domain.history import Detail
from bot.domain.reports import ImportReport, MovedPlacement, NetworkNews
from bot.ports import Tables
from bot.usecases.placing import Replaced, ask_again, spot

_SHOWN = 100


def place_again(
    tables: Tables,
    estate: Estate,
    touched: set[int],
    change: int,
    report: ImportReport | None = None,
    only: bool = False,
) -> list[Replaced]:
    """Ask the rule about every class; which placements moved because of that.

    A class that was asked about before and had no placement, as its target was gone, moves when it
    gets one. A new class does not: its adapters came from another class or with new VMs, and where
    those belong has not changed.

    Args:
        touched: classes that gained or lost adapters.
        report: where that is told.
        only: about those touched; nothing that the rule knows of the estate has changed.
    """
    classes = tables.segments.get(touched)
    if not only:
        classes = {s.id: s for s in tables.segments.all()} | classes
    changed = ask_again(tables, estate, classes.values(), change)
    told: Counter[tuple[str, str, str, str]] = Counter()
    moved = []
    for replaced in changed:
        before, after = replaced
        if before.rule is Rule.NOT_CHECKED or not after.adapters:
            continue  # it is new, or has gone: what brought its adapters or took them is told
        if (before.desired, before.former) == (after.desired, after.former):
            continue
        moved.append(replaced)
        told[
            _words(estate, after.key.source),
            _words(estate, before.desired),
            _words(estate, after.desired),
            str(after.rule),
        ] += after.adapters
    if report is not None:
        report.adapters_elsewhere = told.total()
        report.moved = [
            MovedPlacement(source=source, was=was, now=now, rule=rule, adapters=count)
            for (source, was, now, rule), count in told.most_common(_SHOWN)
        ]
    return moved


def _words(estate: Estate, at: int) -> str:
    if at == NO_OPINION:
        return "no opinion"
    found = spot(estate, at)
    if found.network is None:
        return "no network" if found.observed else "not observed"
    return f"{found.network} / {found.subnet}" if found.subnet else found.network


def write_history(tables: Tables, report: ImportReport, moved: list[Replaced], change: int) -> None:
    said = "as before" if report.unchanged else _summary(report)
    tables.changes.finish(
        change,
        Detail(
            text=f"inventory of {report.server}: {said}",
            segments=[(r.after.id, r.before.desired, r.after.desired) for r in moved],
            adapters=report.adapters_moved,
        ),
    )


def _summary(report: ImportReport) -> str:
    if report.first:
        return f"{report.networks or 0} networks, {report.vms or 0} VMs, for the first time"
    events = Counter(_event(news) for news in report.news)
    parts = [f"{_counted(count, noun)} {event}" for (noun, event), count in events.items()]
    for count, what in (
        (report.vms_new, "new"),
        (report.vms_gone, "gone"),
        (report.vms_changed, "changed"),
        (report.vms_failed_over, "failed over"),
    ):
        if count:
            parts.append(f"{_counted(count, 'VM')} {what}")
    return ", ".join(parts) or "as before"


def _event(news: NetworkNews) -> tuple[str, str]:
    if news.event == "reordered":
        return "network", "with its subnets in another order"
    return "subnet" if news.subnet else "network", news.event


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
