"""What went out to VMM servers and what came back."""

from bot.domain.asking import say
from bot.domain.numbers import plural
from bot.domain.orders import AnswersTaken, Outcome, PlanScript
from bot.domain.remotes import RemoteStanding
from bot.domain.replies import Attachment, Reply, Visibility
from bot.domain.reports import Refreshed
from bot.render.imports import import_report
from bot.render.page import Page
from bot.render.pieces import At, Piece, Show
from bot.render.scripts import CONNECT, connect_script

NAMED = 6
"""Adapters named of those that nothing is taken of."""
OUTCOME = {
    Outcome.CONNECTED: "connected",
    Outcome.ALREADY: "there already",
    Outcome.PENDING: "taken by VMM, not shown yet",
    Outcome.RUNNING: "left alone: not turned off",
    Outcome.MOVED: "left alone: not where the plan says",
    Outcome.NOT_REPLICA: "left alone: no replica",
    Outcome.GONE: "not found",
    Outcome.FAILED: "failed",
    Outcome.WHATIF: "tried only",
}


def script(result: PlanScript, show: Show) -> Reply:
    """Answer `script`: the files, and how to go on."""
    several = len(result.parts) > 1
    files = []
    for part in result.parts:
        name = CONNECT.replace(".ps1", f"-{_plain(part.server)}.ps1") if several else CONNECT
        text = connect_script(result.fingerprint, part.guid, part.server, part.orders)
        files.append(Attachment(name=name, text=text))
    where = " and ".join(
        f"{plural(count, 'adapter')} at {server}" for server, count in result.adapters.items()
    )
    page = Page(show, f"Plan {result.fingerprint} as a script for {where}.")
    page.fact("Read it, and try it with -WhatIf; it changes nothing then.")
    if several:
        for part, file in zip(result.parts, files, strict=True):
            done = f"done-{_plain(part.server)}.jsonl"
            page.fact(f"At {part.server}: .\\{file.name} | Set-Content -Encoding UTF8 {done}")
        page.fact(
            "Give these files back to netmap one at a time (netmap import, or a direct message),"
            " which confirms what was done."
        )
    else:
        page.fact(
            f"Then: .\\{files[0].name} | Set-Content -Encoding UTF8 done.jsonl, and give that"
            " file back to netmap (netmap import done.jsonl, or a direct message), which confirms"
            " what was done."
        )
    page.run("Whether it is still the plan", say("plan"))
    reply = page.reply()
    reply.files = files
    return reply


def answers_taken(result: AnswersTaken, show: Show) -> Reply:
    """Answer the import of what a run of the script put out."""
    total = sum(result.outcomes.values())
    page = Page(show, _answer(result))
    for outcome in Outcome:
        if count := result.outcomes.get(outcome):
            page.fact(f"{OUTCOME[outcome]}: {plural(count, 'adapter')}")
    page.adapters(
        ("VM", "NIC", "Why not"),
        [(vm, f"NIC {slot}", _why(Outcome(code), words)) for vm, slot, code, words in result.said],
        result.more,
    )
    if result.unknown:
        page.warn(f"Not known here: {_some(result.unknown)}")
    if result.failed_over:
        page.warn(
            f"By what is known here no replica any more, so the next inventory of {result.server}"
            f" has to tell where it is: {_some(result.failed_over)}"
        )
    if result.overtaken:
        page.warn(f"Reconnected once more since: {plural(result.overtaken, 'adapter')}")
    if not result.complete:
        page.warn(f"The run broke off after {plural(total, 'adapter')}; run the script again")
    if result.confirmed < total:
        page.run("What is still open", say("plan", server=result.server))
    if result.change:
        page.foot(result.change)
    visible = Visibility.IN_CHANNEL if result.confirmed else Visibility.EPHEMERAL
    return page.reply(visible)


def _some(adapters: list[str]) -> str:
    """The first of them, and how many more."""
    left = len(adapters) - NAMED
    return ", ".join(adapters[:NAMED]) + f" and {left:,} more" * (left > 0)


def _why(outcome: Outcome, words: str) -> str:
    """The script's words, after ours where they do not say the same."""
    if not words:
        return OUTCOME[outcome]
    ours, _, rest = OUTCOME[outcome].partition(": ")
    return f"{ours}: {words}" if rest else f"{OUTCOME[outcome]}: {words}"


def _answer(result: AnswersTaken) -> str:
    if result.older:
        return (
            f"Nothing was taken: the inventory of {result.server} is newer than this run of the"
            " script, so it decides."
        )
    if not result.confirmed:
        known = f"; {plural(result.known, 'adapter')} were known to be done" if result.known else ""
        return f"This run of the script confirms nothing new at {result.server}{known}."
    return f"{plural(result.confirmed, 'adapter')} at {result.server} confirmed as reconnected."


def refreshed(result: Refreshed, show: Show) -> Reply:
    """Answer `refresh`."""
    if not result.failed:
        return import_report(result.reports, show)
    told = [f"{server}: {fault}" for server, fault in result.failed.items()]
    failed = plural(len(told), "server")
    page = Page(show, f"{failed} could not be asked, {len(result.reports)} could.")
    for line in told:
        page.warn(line)
    for report in result.reports:
        page.fact(f"{report.server} is taken in, as of ", At(report.collected_at, ago=True))
    return page.reply(ok=bool(result.reports))


def standing(remote: RemoteStanding) -> tuple[bool, tuple[Piece, ...]]:
    """(whether it goes well, what to say of it) for `status` and `check`."""
    where = f"{remote.name} ({remote.host})"
    if remote.open and remote.until is not None:
        words = f": {plural(remote.failures, 'failure')} in a row, so it is left alone until "
        return False, (where, words, At(remote.until), f". Last: {remote.fault}")
    if remote.fault:
        return False, (f"{where}: {remote.fault}",)
    if remote.worked_at is not None:
        return True, (f"{where} answered ", At(remote.worked_at, ago=True))
    return True, (f"{where} is set up, and was not asked yet",)


def _plain(name: str) -> str:
    return "".join(char if char.isalnum() or char in "-_" else "_" for char in name)
