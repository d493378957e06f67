"""How the bot does, who somebody is to it, and what can be said to it."""

from bot.domain.answers.operation import Help, HelpEntry, Scheduler, Status, Who
from bot.domain.asking import say
from bot.domain.codes import AHEAD
from bot.domain.numbers import plural
from bot.domain.replies import Reply, Step, StepKind
from bot.render.page import Page
from bot.render.phrases import TOO_OLD, listed
from bot.render.pieces import At, Person, Piece, Run, Show
from bot.render.remotes import standing
from bot.render.restored import warn_restored
from bot.render.words import DOOR, RECONNECTED, ROLE

MENU = {
    "vm": "Where does a VM come up",
    "drift": "What is not as it should be",
    "add": "Map a network",
}
"""Command -> what stands before its example where nothing was said."""
OFFERED = {"drift": "Drift", "list": "Mappings", "status": "Status", "help": "All commands"}


def status(result: Status, show: Show) -> Reply:
    """Answer `status`."""
    page = Page(show, f"netmap {result.version} {_watches(result)}")
    if result.rehearsal:
        page.warn("This is a rehearsal on a copy: what is done here reaches no site")
    if result.sample:
        page.warn("This is the sample estate; the first real import sets it aside")
    warn_restored(page, result.restored)
    for age in result.servers:
        line = (f"{age.server}: inventory of ", At(age.collected_at, ago=True))
        if age.collected_at - show.now > AHEAD:
            page.warn(*line, ": a clock is wrong, here or there")
        elif age.stale:
            page.warn(*line, f", {TOO_OLD}")
        else:
            page.fact(*line)
    if result.scheduler is not None:
        page.part()
        _scheduler(page, result.scheduler)
    page.part()
    if result.appliers:
        page.fact(f"Reconnections are {listed([RECONNECTED.get(a, a) for a in result.appliers])}.")
    else:
        page.fact(
            "netmap reconnects nothing itself: a plan's script does, in VMM, or somebody by hand."
        )
    for remote in result.remotes:
        well, words = standing(remote)
        (page.fact if well else page.warn)(*words)
    for process in result.processes:
        door = DOOR.get(process.door, process.door)
        page.fact(f"Served by process {process.pid}, {door}, since ", At(process.since))
        if process.trouble:
            page.warn(process.trouble)
    if result.last_change:
        page.fact(f"Last change: {result.last_change}")
    return page.reply()


def _scheduler(page: Page, found: Scheduler) -> None:
    said: list[Piece] = ["The scheduler ran ", At(found.ticked_at, ago=True)]
    if found.silent:
        page.warn(*said, ": it has STOPPED, and no digest will come")
    else:
        said += [": ", plural(found.digests, "digest"), " on"]
        said += [", the next ", At(found.next_run)] if found.next_run is not None else []
        page.fact(*said)
    if found.paused:
        page.warn(f"Paused: {listed(found.paused, 6)}. ", Run(say("digest list")))
    if found.waiting and found.waiting_since is not None:
        page.warn(
            f"{plural(found.waiting, 'message')} on the way, the oldest since ",
            At(found.waiting_since),
        )
    for server in found.failed_imports:
        page.warn(f"The last import of {server} failed. ", Run(say("drift")))


def _watches(result: Status) -> str:
    if not result.servers:
        return "has no inventory yet: import one to begin."
    stale = sum(age.stale for age in result.servers)
    text = f"keeps {plural(result.mappings, 'mapping')} of {plural(len(result.servers), 'server')}"
    if result.pending:
        text += f", {plural(result.pending, 'adapter')} still to be reconnected"
    if stale:
        text += f"; {plural(stale, 'inventory', 'inventories')} {TOO_OLD}"
    if result.scheduler is not None and result.scheduler.silent:
        text += "; the scheduler has STOPPED"
    elif result.scheduler is not None and result.scheduler.paused:
        text += f"; {plural(len(result.scheduler.paused), 'digest')} PAUSED"
    return f"{text}."


def who(result: Who, show: Show) -> Reply:
    """Answer `whoami`."""
    page = Page(show, "You are ", Person(result.by), f": {result.role}, who {ROLE[result.role]}.")
    if result.may:
        page.fact(f"Commands: {listed(result.may, 50)}")
    return page.reply()


def help_(result: Help, show: Show) -> Reply:
    """Answer `help`."""
    if len(result.commands) == 1:
        return _one_command(result.commands[0], show)
    about = f" about {result.about}" if result.about else ""
    page = Page(show, f"{plural(len(result.commands), 'command')}{about} you may run:")
    page.table(
        ("Command", "What it does", "For example"),
        [(entry.name, entry.summary, f"/netmap {entry.example}") for entry in result.commands],
    )
    page.run("More about one", "help add")
    return page.reply()


def menu(result: Help, show: Show) -> Reply:
    """Answer nothing said at all: what one wants most often, and where the rest is."""
    may = {entry.name: entry for entry in result.commands}
    page = Page(show, "netmap knows where each VM comes up after a failover, and why.")
    for name, lead in MENU.items():
        if name in may:
            page.run(lead, may[name].example)
    made = page.reply()
    if "add" in may:
        made.steps = [Step(kind=StepKind.FORM, label="New mapping", main=True)]
    runs = [Step(StepKind.RUN, label, line) for line, label in OFFERED.items() if line in may]
    made.steps = [*made.steps, *runs]
    return made


def _one_command(entry: HelpEntry, show: Show) -> Reply:
    page = Page(show, f"{entry.name}: {entry.summary}.".replace("..", "."))
    page.fact(f"Usage: /netmap {entry.name} {entry.usage}".rstrip())
    page.fact("For example: ", Run(entry.example))
    if entry.aliases:
        page.fact(f"Also: {listed(entry.aliases, 8)}")
    page.fact(f"For: {entry.role}s")
    return page.reply()
