"""Changes that wait for another person, and what became of them."""

from bot.domain.numbers import plural
from bot.domain.replies import Reply, Visibility
from bot.domain.requests import (
    PendingList,
    RequestKind,
    RequestLine,
    RequestState,
    file_of,
)
from bot.render.page import Page
from bot.render.pieces import At, Person, Piece, Run, Show
from bot.render.restored import warn_restored


def request(result: RequestLine, show: Show) -> Reply:
    """A request as those who approve see it, from the first moment to the last."""
    page = Page(show, *_answer(result))
    page.fact(*_asked(result))
    if result.reason:
        page.fact(f"Reason: {result.reason}")
    if result.kind is RequestKind.APPROVAL:
        page.fact(_effect(result))
    if result.said:
        page.fact(f"Because: {result.said}")
    if result.state is RequestState.OPEN and result.expires:
        page.fact("It expires ", At(result.expires), ".")
    return page.reply(Visibility.IN_CHANNEL)


def _asked(result: RequestLine) -> tuple[Piece, ...]:
    file = file_of(result.line)
    return (f"Asked with the file {file}",) if file else ("Asked as ", Run(result.line))


def _answer(result: RequestLine) -> tuple[Piece, ...]:
    who, what = Person(result.by), result.text or "change mappings"
    if result.kind is RequestKind.GLASS:
        tail: tuple[Piece, ...] = (" It waits to be reviewed.",)
        if result.state is RequestState.REVIEWED:
            tail = (" Reviewed by ", Person(result.decided_by), ".")
        return (f"{result.change} went through with --break-glass, by ", who, f": {what}.", *tail)
    lead: tuple[Piece, ...] = (f"{result.id}: ", who, f" asks to {what}.")
    by = Person(result.decided_by)
    match result.state:
        case RequestState.DONE:
            return (*lead, " Approved by ", by, f", done as {result.change}.")
        case RequestState.REJECTED if result.decided_by == result.by:
            return (*lead, " Taken back by ", by, ".")
        case RequestState.REJECTED:
            return (*lead, " Rejected by ", by, ".")
        case RequestState.EXPIRED:
            return (*lead, " EXPIRED: nobody approved it in time.")
    return (*lead, " It waits for another person.")


def expired(result: RequestLine, show: Show) -> Reply:
    """Tell who asked that nobody approved it in time."""
    what = result.text or "change mappings"
    page = Page(show, f"{result.id} has EXPIRED, nothing was changed: nobody approved it in time.")
    page.fact(f"You asked to {what}.")
    file = file_of(result.line)
    if file:
        page.fact(f"To ask again, hand {file} in once more.")
    else:
        page.run("To ask again", result.line)
    return page.reply()


def _effect(result: RequestLine) -> str:
    if not result.vms:
        return "No replica VM is reconnected by it."
    vms = plural(result.vms, "replica VM")
    if result.disconnects:
        lost = plural(result.disconnects, "adapter")
        return f"{vms} would be touched, {lost} of them DISCONNECTED."
    return f"{vms} would be reconnected."


def pending(result: PendingList, show: Show) -> Reply:
    """Answer `pending`."""
    if not result.requests:
        return Page(show, "Nothing waits for anybody.").reply()
    number = len(result.requests)
    page = Page(show, f"{plural(number, 'change')} {'waits' if number == 1 else 'wait'}:")
    warn_restored(page, result.restored, "; a request may have been decided meanwhile")
    for one in result.requests:
        page.part()
        page.fact(*_answer(one))
        page.fact(*_asked(one), *((f", because {one.reason}",) if one.reason else ()))
        page.fact(
            "Since ", At(one.at), *(("; it expires ", At(one.expires)) if one.expires else ())
        )
    return page.reply()
