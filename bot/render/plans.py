"""What would be reconnected, before anybody does it."""

from bot.domain.answers.mappings import Plan
from bot.domain.asking import say
from bot.domain.numbers import plural
from bot.domain.replies import Reply
from bot.render.mappings import MOVES, move_rows
from bot.render.page import Page
from bot.render.pieces import Show
from bot.render.restored import DOUBT, warn_restored


def plan(result: Plan, show: Show) -> Reply:
    """Answer `plan`."""
    page = Page(show, _answer(result))
    warn_restored(page, result.restored if result.total.adapters else None, DOUBT)
    page.adapters(MOVES, move_rows(result.moves), result.more)
    if result.waiting:
        page.fact(
            f"Not part of it: {plural(result.waiting, 'adapter')} of VMs that wait for their"
            " initial replication."
        )
    if result.left_alone:
        page.fact(
            f"Not part of it: {plural(result.left_alone, 'adapter')} of VMs that run or whose"
            " power state is unknown."
        )
    for server in result.without_applier:
        page.warn(f"netmap does not reconnect at {server} itself: it has to be done there")
    if result.without_applier and result.total.adapters:
        page.run("As a script to run in VMM", say("script", plan=result.fingerprint))
    elif result.total.adapters:
        page.run("To do exactly this", say("apply", plan=result.fingerprint))
    page.ages(result.ages)
    return page.reply()


def _answer(result: Plan) -> str:
    where = f" at {result.server}" if result.server else ""
    if not result.ages:
        return "Nothing can be planned: no inventory was taken in."
    if not result.total.adapters:
        left = result.waiting + result.left_alone
        rest = f"; {plural(left, 'adapter')} left alone" if left else ""
        return f"Nothing is to be reconnected{where}{rest}."
    vms, adapters = result.total.vms, result.total.adapters
    text = f"{plural(vms, 'replica VM')} would be reconnected{where}"
    if adapters != vms:
        text += f", with {plural(adapters, 'adapter')}"
    if result.disconnects:
        text += f"; {plural(result.disconnects, 'adapter')} would lose {_its(result.disconnects)}"
    return f"Plan {result.fingerprint}: {text}."


def _its(number: int) -> str:
    return "its network" if number == 1 else "their networks"
