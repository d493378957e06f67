"""Who did what, when, and what of it can be taken back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.domain.asking import say
from bot.domain.numbers import plural
from bot.domain.replies import Reply, Visibility
from bot.render.page import Page
from bot.render.pieces import At, Person, Piece, Show
from bot.render.restored import warn_restored
from bot.render.words import CHANGE

if TYPE_CHECKING:
    from bot.domain.answers.history import ChangeLine, History
    from bot.domain.answers.networks import Forgotten, HomeSet

_USER = re.compile(r"<@([^>]+)>")


def history(result: History, show: Show) -> Reply:
    """Answer `history`."""
    about = _about(result.about)
    if not result.changes:
        return Page(show, "No changes", *about, " are recorded.").reply()
    last = result.changes[0]
    number = len(result.changes)
    lead = "The last change" if number == 1 else f"The last {number} changes"
    if show.before:
        lead = f"Changes {show.before + 1:,} to {show.before + number:,}"
    elif not result.more:
        lead = "1 change" if number == 1 else f"{number} changes"
    newest = ", the newest of them " if show.before else ", the newest "
    page = Page(show, lead, *about, newest, At(last.at, ago=True), f": {_what(last)}.")
    warn_restored(page, result.restored)
    for change in result.changes:
        page.fact(*change_line(change))
    undoable = next((change for change in result.changes if change.undoable), None)
    if undoable:
        page.run_in_foot("undo", say("undo", change=undoable.id))
    if result.more:
        page.foot("there are older ones")
    return page.reply()


def _about(about: str) -> tuple[Piece, ...]:
    """Whose changes, or changes of what."""
    if user := _USER.fullmatch(about):
        return (" by ", Person(user[1]))
    return (f" to {about}",) if about else ()


def change_line(change: ChangeLine) -> tuple[Piece, ...]:
    """A change in one line."""
    reason = f" — {change.reason}" if change.reason else ""
    undone = f" (taken back by {change.undone_by})" if change.undone_by else ""
    return (
        f"{change.id} · ",
        At(change.at),
        " · ",
        Person(change.by),
        f": {_text(change)}{reason}{undone}",
    )


def _what(change: ChangeLine) -> str:
    return f"{change.id}, {_text(change)}".rstrip(".")


def _text(change: ChangeLine) -> str:
    kinds: dict[str, str] = {str(kind): words for kind, words in CHANGE.items()}
    return change.text or kinds.get(change.kind, change.kind)


def home_set(result: HomeSet, show: Show) -> Reply:
    """Answer `home`."""
    if result.change is None:
        page = Page(show, f"Nothing changed: {result.vm} is at home at {result.home} already.")
        return page.reply()
    before = f" instead of {result.before}" if result.before else ""
    page = Page(show, f"{result.vm} is at home at {result.home} now{before}.")
    page.foot(result.change)
    return page.reply(Visibility.IN_CHANNEL)


def forgotten(result: Forgotten, show: Show) -> Reply:
    """Answer `forget`."""
    page = Page(
        show,
        f"{result.server} is forgotten, with {plural(result.networks, 'network')} and"
        f" {plural(result.vms, 'VM')}.",
    )
    page.fact("It cannot be undone; importing its inventory again brings it back.")
    page.foot(result.change)
    return page.reply(Visibility.IN_CHANNEL)
