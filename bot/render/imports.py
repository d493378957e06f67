"""What an import changed."""

from collections.abc import Sequence

from bot.domain.answers.shared import UnreadableVm
from bot.domain.numbers import plural
from bot.domain.replies import Reply, Visibility
from bot.domain.reports import ImportReport, NetworkNews
from bot.render.page import Page
from bot.render.phrases import listed
from bot.render.pieces import At, Piece, Show
from bot.render.words import RULE

NEWS = ("added", "gone", "back", "renamed", "reordered")
SHOWN = 12


def import_report(result: ImportReport | Sequence[ImportReport], show: Show) -> Reply:
    """Answer an import of one server or of several."""
    reports = [result] if isinstance(result, ImportReport) else list(result)
    if not reports:
        return Page(show, "Nothing was imported.").reply()
    if len(reports) == 1:
        page = Page(show, *_answer(reports[0]))
    else:
        changed = [report.server for report in reports if not report.unchanged]
        news = f"{listed(changed)} changed" if changed else "nothing changed"
        page = Page(show, f"{plural(len(reports), 'inventory', 'inventories')} taken in: {news}.")
    for report in reports:
        if len(reports) > 1:
            page.fact(*_answer(report))
        _tell(page, report)
    return page.reply(
        Visibility.EPHEMERAL if all(r.unchanged for r in reports) else Visibility.IN_CHANNEL
    )


def _answer(report: ImportReport) -> tuple[Piece, ...]:
    at = At(report.collected_at, ago=True)
    if report.unchanged:
        return (f"{report.server} is as it was, now as of ", at, ".")
    if report.first:
        counts = [
            plural(number, noun)
            for number, noun in ((report.networks, "network"), (report.vms, "VM"))
            if number is not None
        ]
        held = f": {' and '.join(counts)}" if counts else ""
        return (f"{report.server} is taken in for the first time{held}, as of ", at, ".")
    return (f"{report.server} is taken in as of ", at, f": {_changes(report)}.")


def _changes(report: ImportReport) -> str:
    """What is different, the gravest first."""
    parts = []
    for number, one, several in (
        (len(report.unreadable), "1 VM could not be read", "VMs could not be read"),
        (report.vms_failed_over, "1 VM failed over", "VMs failed over"),
        (report.vms_came_home, "1 VM came home", "VMs came home"),
        (
            report.adapters_elsewhere,
            "1 adapter belongs elsewhere now",
            "adapters belong elsewhere now",
        ),
        (_gone(report), "1 network or subnet gone", "networks or subnets gone"),
        (report.vms_gone, "1 VM gone", "VMs gone"),
        (report.vms_new, "1 VM new", "VMs new"),
        (report.vms_other_name, "1 VM renamed", "VMs renamed"),
        (_other_news(report), "1 other network change", "other network changes"),
        (report.vms_changed, "1 VM changed", "VMs changed"),
        (report.adapters_moved, "1 replica adapter moved", "replica adapters moved"),
    ):
        if number:
            parts.append(one if number == 1 else f"{number:,} {several}")
    return ", ".join(parts[:4]) if parts else "nothing that concerns mappings changed"


def _gone(report: ImportReport) -> int:
    return sum(news.event == "gone" for news in report.news)


def _other_news(report: ImportReport) -> int:
    return sum(news.event != "gone" for news in report.news)


def _tell(page: Page, report: ImportReport) -> None:
    for note in report.notes:
        page.fact(note)
    if report.server_renamed:
        page.fact(f"The server was called {report.server_renamed} before.")
    if report.set_aside:
        page.warn("The sample estate was set aside: from now on this is about your servers")
    _tell_unreadable(page, report.unreadable)
    for warning in report.warnings[:SHOWN]:
        page.warn(warning)
    _and_more(page, len(report.warnings))
    if report.failed_over:
        page.warn(f"Failed over: {listed(report.failed_over, 6, of=report.vms_failed_over)}")
    if report.came_home:
        page.fact(f"Home again: {listed(report.came_home, 6, of=report.vms_came_home)}")
    for moved in report.moved[:SHOWN]:
        rule = next((words for code, words in RULE.items() if code == moved.rule), moved.rule)
        page.warn(
            f"{plural(moved.adapters, 'adapter')} on {moved.source}: {moved.was} → {moved.now}"
            f" ({rule})"
        )
    _and_more(page, len(report.moved))
    for event in NEWS:
        found = [news for news in report.news if news.event == event]
        if found:
            page.fact(f"{event.capitalize()}: {listed([_news(news) for news in found], 8)}")
    if report.vms_renamed:
        names = [f"{vm.was} → {vm.now}" for vm in report.vms_renamed]
        page.fact(f"VMs renamed: {listed(names, 6, of=report.vms_other_name)}")
    vms = [
        f"{number:,} {words}"
        for number, words in (
            (report.vms_new, "new"), (report.vms_gone, "gone"), (report.vms_changed, "changed")
        )
        if number
    ]  # fmt: skip
    if vms:
        page.fact(f"VMs: {', '.join(vms)}")
    if report.adapters_moved:
        confirmed = f"{report.adapters_confirmed:,}" if report.adapters_confirmed else "none"
        page.fact(
            f"{plural(report.adapters_moved, 'replica adapter')} seen elsewhere than before,"
            f" {confirmed} of them now where the mapping wants"
            f" {'it' if report.adapters_confirmed == 1 else 'them'}"
        )
    if report.adapters_newer:
        page.fact(
            f"{plural(report.adapters_newer, 'replica adapter')} reconnected after this was"
            " collected: there it stays as VMM confirmed it"
        )
    if report.pairs:
        again = "" if report.first else " looked at again"
        of_it = " of it" * report.first
        page.fact(f"{plural(report.pairs, 'replicated VM')}{of_it} known on both sides{again}")
    left = [
        kind
        for kind, number in (
            ("clouds", report.clouds), ("hosts", report.hosts),
            ("networks", report.networks), ("VMs", report.vms),
        )
        if number is None
    ]  # fmt: skip
    if left and not report.unchanged:
        page.fact(f"Not in it, so as before or not checked: {listed(left, 4)}")
    if report.change:
        page.foot(report.change)


def _tell_unreadable(page: Page, unreadable: Sequence[UnreadableVm]) -> None:
    if not unreadable:
        return
    names = [f"{one.vm} ({one.why})" for one in unreadable]
    page.warn(f"Could not be read: {listed(names, 6)}")
    since = {one.vm: one.as_of for one in unreadable if one.as_of is not None}
    if since:
        them = ("it", "it is") if len(since) == 1 else ("them", "they are")
        kept = f"What was known of {listed(list(since), 6)} is kept, as of "
        page.fact(
            kept, At(min(since.values())), f"; nothing touches {them[0]} until {them[1]} read again"
        )
    never = [one.vm for one in unreadable if one.as_of is None]
    if never:
        page.fact(f"Nothing is known of {listed(never, 6)}, never read before")


def _and_more(page: Page, number: int) -> None:
    if number > SHOWN:
        page.fact(f"… and {number - SHOWN:,} more")


def _news(news: NetworkNews) -> str:
    name = f"{news.network} / {news.subnet}" if news.subnet else news.network
    return f"{name} (was {news.was})" if news.was else name
