"""Commands that speak of commands: what one may say, and what somebody else said."""

from collections.abc import Sequence

from bot.commands.command import Command
from bot.commands.rows import TABLE
from bot.domain.answers.mappings import MappingChanged
from bot.domain.answers.operation import Help, HelpEntry, Who
from bot.domain.asking import Gate, Stamp
from bot.domain.bulk import Brought
from bot.domain.labels import number
from bot.domain.requests import RequestLine
from bot.ports import Ports
from bot.usecases import status
from bot.usecases.applying import holding, plans
from bot.usecases.mapping import bulk, requests
from bot.usecases.networks import AskNothing
from bot.usecases.resolving import Ask


class AskHelp(Ask):
    command: str | None = None


def help_(ports: Ports, asks: Sequence[AskHelp], stamp: Stamp) -> Help:
    """What this person may run."""
    about = (asks[0].command or "").casefold()
    if about:
        command = TABLE.read(about, escaped=True).command
        return Help(commands=[_entry(command)], about=command.name)
    return Help(commands=[_entry(command) for command in TABLE.open_to(stamp.role)])


def whoami(ports: Ports, asks: Sequence[AskNothing], stamp: Stamp) -> Who:
    """Who asks, and what they may say."""
    found = status.whoami(ports, asks, stamp)
    found.may = [command.name for command in TABLE.open_to(stamp.role)]
    return found


def apply(ports: Ports, asks: Sequence[plans.Apply], stamp: Stamp) -> MappingChanged | Brought:
    """Do what a plan showed, or what a change that waits did."""
    if number(asks[0].plan, "R"):
        return agree(ports, asks[0].plan, stamp)
    return plans.apply(ports, asks, stamp)


def approve(
    ports: Ports, asks: Sequence[holding.AskRequest], stamp: Stamp
) -> MappingChanged | Brought:
    """Have a request done, in the name of who asked for it; or see what it would do now."""
    return agree(ports, asks[0].change, stamp, approving=True, trial=asks[0].dry_run)


def agree(
    ports: Ports,
    label: str,
    stamp: Stamp,
    approving: bool = False,
    trial: bool = False,
) -> MappingChanged | Brought:
    """Do what a request showed, if it is still that.

    Args:
        approving: in the name of who asked for it.
        trial: only say what it would do; who asked may do that too.
    """
    with ports.store.read() as tables:
        request = holding.find_request(tables, label)
        given = tables.requests.given(request.id)
    holding.refuse_glass(request)
    holding.may_agree(request, stamp._replace(by="") if trial else stamp, approving)
    handed_over = not approving and stamp.gate is not None and stamp.gate.approval
    as_asked = stamp._replace(
        by=request.by if approving else stamp.by,
        command=request.line,
        where=request.where,
        gate=Gate(agreed=request.id, agreed_by=stamp.by, trial=trial or handed_over),
    )
    if given:
        result = bulk.bring_again(ports, given, as_asked)
    else:
        said = TABLE.read(request.line)
        result = said.command.do(ports, said.asks, as_asked)
    changed = result.mapping if isinstance(result, Brought) else result
    assert isinstance(changed, MappingChanged)  # it is what was shown, so it changes something
    changed.request = request.label
    if handed_over:
        holding.hand_over(ports, request, changed)
    return result


def review(ports: Ports, asks: Sequence[holding.AskRequest], stamp: Stamp) -> RequestLine:
    """Say that a change that went through with `--break-glass` was looked at."""
    with ports.store.read() as tables:
        request = holding.find_request(tables, asks[0].change)
    return requests.review(ports, request, stamp)


def _entry(command: Command) -> HelpEntry:
    return HelpEntry(
        name=command.name,
        usage=command.usage,
        summary=command.summary,
        example=command.example,
        role=command.role,
        aliases=list(command.aliases),
    )
