"""Bring to the chat what waits in the outbox: claim a row, send it without a lock, write it down.

Where it is not known whether a message arrived, it is looked for by its mark. If that may not be:

- Slack failed or did not answer: most likely nothing arrived, so it is sent again later;
- whoever sent it stopped before writing that down: most likely it arrived, so it is not sent again,
  and the owner is told how to have it again.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.delivery import Outcome, Undelivered
from bot.domain.digests import Digest, Step
from bot.domain.posts import Letter, Outgoing, Part, Post
from bot.engine.delivery import FILES, SENDING, gives_up, outcome, try_again_at
from bot.engine.digests import upcoming
from bot.ports import Ports, Poster, Tables

log = logging.getLogger(__name__)

Draw = Callable[[Part, Post, datetime], Letter]
"""Draws a part of a digest as it is to be sent now."""

SPACING = timedelta(seconds=1)
"""Between two messages to one channel, as Slack wants it."""
OWNER_RETRY = timedelta(hours=1)
MOST = 100
"""Messages in one go; the rest follows at the next."""


def deliver(ports: Ports, poster: Poster, draw: Draw, now: Callable[[], datetime]) -> int:
    """Send what may be sent now; how many messages arrived."""
    with ports.store.read() as tables:
        stuck = tables.outbox.stuck(now() - SENDING)
        waits = tables.outbox.backlog()[0]
    if not waits:
        return 0
    for row in stuck:
        _reconcile(ports, poster, row, now(), None)
    count = 0
    for _ in range(MOST):
        at = now()
        with ports.store.write() as tables:
            found = tables.outbox.next(at)
            if found is None or not tables.outbox.claim(found.id, at):
                break
            digest = tables.digests.get(found.digest)
        assert digest is not None
        count += _one(ports, poster, draw, found, digest, now)
    return count


def _one(
    ports: Ports,
    poster: Poster,
    draw: Draw,
    row: Outgoing,
    digest: Digest,
    now: Callable[[], datetime],
) -> bool:
    """Send one message and write down what became of it."""
    letter = draw(row.part, row.post, now())
    if row.error.startswith(_AS_TEXT):
        calls = row.post.mention if row.part in _CALLING else ""
        letter = letter._replace(blocks=(), steps=(), menus={}, calls=calls)
    try:
        message = _send(poster, row, digest, letter)
    except Undelivered as fault:
        if fault.unsure:
            at = now()
            _reconcile(ports, poster, row, at, fault)
            return False
        with ports.store.write() as tables:
            _refused(tables, row, fault, now())
        return False
    with ports.store.write() as tables:
        _delivered(tables, row, message, now())
    return True


def _send(poster: Poster, row: Outgoing, digest: Digest, letter: Letter) -> str:
    """Send it; the id of a new message, empty where none was made."""
    mark = row.mark
    if row.post.step is Step.HUSHED and not digest.parent:
        return ""  # the message it speaks of is not there any more
    match row.part:
        case Part.EDIT if digest.parent:
            poster.edit(row.channel, digest.parent, letter, mark)
            return ""
        case Part.TABLE if digest.table:
            poster.edit(row.channel, digest.table, letter, mark)
            return ""
        case Part.TABLE | Part.REPLY | Part.BROADCAST | Part.WORD:
            broadcast = row.part is Part.BROADCAST and bool(digest.parent)
            return poster.post(row.channel, letter, mark, digest.parent, broadcast)
        case Part.FILE | Part.MAP | Part.PICTURE:
            if letter.content:
                poster.upload(row.channel, letter, digest.parent)
            return ""
        case Part.DIRECT:
            return poster.post(poster.direct(row.channel), letter, mark)
    return poster.post(row.channel, letter, mark)


def _delivered(tables: Tables, row: Outgoing, message: str, at: datetime) -> None:
    tables.outbox.done(row.id, at)
    if row.part is Part.DIRECT:
        return
    tables.outbox.hold(row.channel, at + SPACING)
    digest = tables.digests.get(row.digest)
    if digest is None or digest.off or digest.channel != row.channel:
        return
    if row.post.step in (Step.CHANGED, Step.HUSHED):
        return
    settle = row.settle
    update: dict[str, object] = {"delivered_at": at, "last_error": "", "error_at": None}
    if row.error.startswith(_BLINDLY):
        twice = f"{row.error.removeprefix(_BLINDLY)}, sent again: it may stand there twice"
        update |= {"last_error": twice, "error_at": at}
    elif settle is None and row.part is not Part.TEST:
        update = {"delivered_at": at}  # what went wrong with its message is still to be told
    if digest.paused:
        update |= {"paused": "", "next_run": upcoming(digest, at)}
    if row.part is Part.TABLE and message:
        update["table"] = message
    keeps = settle.keeps if settle else row.part is Part.EDIT
    if message and row.part in (Part.PARENT, Part.EDIT) and keeps:
        update |= {"parent": message, "table": "", "parent_at": at}
    if settle is not None:
        update |= {"first": False, "opened_at": settle.opened_at, "beat_on": settle.beat_on}
        if settle.closes:
            update |= {"parent": "", "table": "", "parent_at": None}
        tables.digests.say(row.digest, settle.said)
    tables.digests.put(digest.model_copy(update=update))


def _refused(
    tables: Tables, row: Outgoing, fault: Undelivered, at: datetime, blindly: bool = False
) -> None:
    """Write down a refusal, and do what it calls for.

    Args:
        blindly: it may have arrived, and nobody may look whether it has.
    """
    what = outcome(fault, row.part)
    log.warning("digest D%d: %s was not taken: %s", row.digest, row.part, fault.code)
    if row.part is Part.DIRECT:
        if gives_up(row.part, row.created_at, at):
            tables.outbox.done(row.id, at, fault.code)
        elif what is Outcome.LATER:
            tables.outbox.again(row.id, try_again_at(fault, row.attempts + 1, at), fault.code)
        else:
            tables.outbox.again(row.id, at + OWNER_RETRY, fault.code)
        return
    if what is Outcome.LATER and gives_up(row.part, row.created_at, at):
        what = Outcome.PAUSE
    if what is Outcome.FORM and row.error.startswith(_AS_TEXT):
        what = Outcome.PAUSE
    digest = tables.digests.get(row.digest)
    assert digest is not None
    match what:
        case Outcome.LATER:
            again = try_again_at(fault, row.attempts + 1, at)
            blind = blindly or row.error.startswith(_BLINDLY)
            tables.outbox.again(row.id, again, f"{_BLINDLY * blind}{fault.code}")
            if fault.wait_s is not None:
                tables.outbox.hold(row.channel, again)
            _note(tables, digest, fault.code, at)
        case Outcome.FORM:
            tables.outbox.again(row.id, at, f"{_AS_TEXT}{fault.code}")
            _note(tables, digest, fault.code, at)
        case Outcome.LOST:
            lost = {"table": ""} if row.part is Part.TABLE else {"parent": "", "table": ""}
            tables.digests.put(digest.model_copy(update=lost))
            tables.outbox.again(row.id, at, fault.code)
        case Outcome.SKIP:
            tables.outbox.done(row.id, at, fault.code)
            _note(tables, digest, f"{row.part} left out: {fault.code}", at)
        case Outcome.PAUSE:
            _pause(tables, row, digest, fault.code, at)


_CALLING = (Part.PARENT, Part.BROADCAST)
_AS_TEXT = "as text: "
"""Slack would not take the blocks, so the text goes alone."""
_BLINDLY = "sent again blindly after: "
"""It may stand there twice: Slack failed while it took it, and the app may not look."""


def _note(tables: Tables, digest: Digest, error: str, at: datetime) -> None:
    tables.digests.put(digest.model_copy(update={"last_error": error, "error_at": at}))


def _pause(tables: Tables, row: Outgoing, digest: Digest, code: str, at: datetime) -> None:
    """Stop it and tell the owner, who can mend it."""
    tables.outbox.done(row.id, at, code)
    tables.outbox.drop(digest.id, at, f"paused: {code}")
    first = not digest.paused
    tables.digests.put(
        digest.model_copy(
            update={"paused": code, "next_run": None, "last_error": code, "error_at": at}
        )
    )
    if first:
        _tell_owner(tables, row, digest, Step.PAUSED, code, at)


def _tell_owner(
    tables: Tables, row: Outgoing, digest: Digest, step: Step, code: str, at: datetime
) -> None:
    person = digest.made_by if digest.owner.startswith("S") else digest.owner
    if not person or person.startswith("local:"):
        return  # nobody in Slack; `digest list` shows it
    post = row.post.model_copy(update={"step": step, "error": code, "at": at, "mention": ""})
    tables.outbox.put(digest.id, Part.DIRECT, person, post, at)


def _reconcile(
    ports: Ports, poster: Poster, row: Outgoing, at: datetime, fault: Undelivered | None
) -> None:
    """Find out what became of a message.

    Args:
        fault: what went wrong while it was sent; None: whoever sent it has stopped.
    """
    with ports.store.read() as tables:
        digest = tables.digests.get(row.digest)
    assert digest is not None
    message: str | None = None
    knows = True
    if row.part in FILES:
        knows = False
    elif not _is_edit(row, digest):
        thread = digest.parent if row.part in _IN_THREAD else ""
        try:
            where = poster.direct(row.channel) if row.part is Part.DIRECT else row.channel
            message = poster.find(where, row.mark, row.claimed_at or at, thread)
        except Undelivered as refusal:
            log.warning("digest %s: what arrived is not known: %s", digest.label, refusal.code)
            knows = False
    with ports.store.write() as tables:
        if message is not None:
            _delivered(tables, row, message, at)
        elif fault is not None:
            _refused(tables, row, fault, at, blindly=not knows)
        elif knows:
            tables.outbox.again(row.id, at, row.error)
        else:
            tables.outbox.done(row.id, at, "unsure")
            if row.settle is not None:
                _note(tables, digest, "interrupted while it was sent", at)
                _tell_owner(tables, row, digest, Step.UNSURE, "", at)


def _is_edit(row: Outgoing, digest: Digest) -> bool:
    """Whether sending it twice is the same as once."""
    return bool(
        (row.part is Part.EDIT and digest.parent) or (row.part is Part.TABLE and digest.table)
    )


_IN_THREAD = (Part.TABLE, Part.REPLY, Part.BROADCAST, Part.WORD)
