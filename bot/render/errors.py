"""What is wrong, with the value; then what to do, ready to paste."""

from bot.domain.errors import NetmapError
from bot.domain.replies import Fault, Reply
from bot.render.blocks import tidy
from bot.render.page import Page
from bot.render.pieces import Person, Piece, Prose, Run, Show

SHOWN = 6
"""People named."""
BUG = "That should not have happened. Tell an operator {reference}."


def error(fault: NetmapError | str, show: Show) -> Reply:
    """Say why it was refused; for a bug, its reference in the log."""
    if isinstance(fault, str):
        message = BUG.format(reference=f"`{tidy(fault)}`")
        reply = Page(show, Prose(message)).reply(ok=False)
        reply.error = Fault(code="bug", message=message, reference=fault)
        return reply
    commands = [
        command if isinstance(command, str) else show.line(command) for command in fault.commands
    ]
    told = f"{fault.message} {fault.hint}".strip()
    answer: list[Piece] = [Prose(told)]
    left = [command for command in commands if f"/netmap {command}`" not in told]
    if len(left) == 1 and told.endswith(":"):
        answer += [" ", Run(left.pop())]
    page = Page(show, *answer)
    for fact in fault.facts:
        page.fact(Prose(fact))
    if fault.people:
        named: list[Piece] = ["Those who may: ", Person(fault.people[0])]
        for one in fault.people[1:SHOWN]:
            named += [", ", Person(one)]
        page.fact(*named, " and others" * (len(fault.people) > SHOWN))
    for command in left:
        page.fact(Run(command))
    reply = page.reply(ok=False)
    reply.error = Fault(fault.code, fault.message, fault.hint, commands, list(fault.facts))
    return reply
