"""Answers for Slack: who may, what has to be looked at first, pages, files, buttons."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot import commands
from bot.commands import Caller, Said
from bot.domain.asking import LOOK_FIRST, Gate, Stamp
from bot.domain.codes import Role
from bot.domain.errors import NetmapError
from bot.domain.labels import number
from bot.domain.replies import Attachment, Reply, Visibility
from bot.domain.requests import LASTS, Request, file_of
from bot.ports import Ports
from bot.render import Show
from bot.render.blocks import Block, mrkdwn, said
from bot.render.errors import error as render_error
from bot.render.requests import expired as render_expired
from bot.render.requests import request as render_request
from bot.render.sheets import Sheet
from bot.render.steps import SHARE, ask_again, steps
from bot.settings import Settings
from bot.slack.access import Access
from bot.slack.buttons import can_be_shared
from bot.slack.lists import PAGE, Moved, Spool
from bot.slack.payloads import Address
from bot.usecases.people import Names

Watcher = Callable[[str, int, int], None]
log = logging.getLogger(__name__)

CLAIM = timedelta(minutes=3)
"""Posting takes no longer, rate limits included; who claimed it and did not post it is dead."""
UNWRITTEN = "The file could not be written where netmap runs: {}."


class House(Protocol):
    """What the wiring gives the Slack door beside settings."""

    @property
    def ports(self) -> Ports: ...

    def watched(self, progress: Watcher) -> Ports:
        """The same, with somebody told how far long work is."""
        ...

    def take(
        self,
        files: Sequence[tuple[str, bytes]],
        caller: Caller,
        change: bool,
        progress: Watcher,
    ) -> Reply:
        """Take in files that came together; never raises."""
        ...


class Desk:
    """Answers lines as Slack needs them; never raises."""

    def __init__(
        self, settings: Settings, house: House, access: Access, now: Callable[[], datetime]
    ) -> None:
        self.settings = settings
        self.access = access
        self.now = now
        self._house = house

    @property
    def ports(self) -> Ports:
        """What use cases need."""
        return self._house.ports

    def __call__(self, line: Said, by: str, page: int | None, where: str, zone: str) -> Reply:
        """An answer; asks Slack for roles where need be, so for workers unless they are known."""
        return self.answer(line, by, where, zone)

    def answer(
        self,
        line: str | Said,
        by: str,
        where: str = "",
        zone: str = "UTC",
        skip: int = 0,
        watcher: Watcher | None = None,
    ) -> Reply:
        """An answer, or a page of one.

        Args:
            line: without `/netmap`.
            by: a Slack user id.
            where: the channel.
            zone: theirs.
            skip: rows on the pages before.
            watcher: told how far long work is.
        """
        ports = self._house.watched(watcher) if watcher is not None else self.ports
        asked = commands.read(line)
        caller = self.caller(by, where, zone, skip)
        moved = Moved()
        if not asked.only_reads:
            caller = caller._replace(sheet=moved)
        reply = commands.answer(ports, asked, caller)
        if not asked.again and reply.ok:
            from bot.render.status import menu

            return menu(reply.found, self.show())
        if can_be_shared(reply) and asked.only_reads:
            reply.steps = [*reply.steps, SHARE]
        _tell_where(reply)
        return self._signed(_with_rows(reply, moved), by)

    def _signed(self, reply: Reply, by: str) -> Reply:
        """Say in what everybody sees whose doing it is; as a name, which pings nobody."""
        if reply.visibility is not Visibility.IN_CHANNEL or f"<@{by}>" in str(reply.blocks):
            return reply
        name = Names(self.ports.store)(by)
        who = said("by " + (f"<@{by}>" if name == by else mrkdwn(name)))
        if _in_small_print(reply, who):
            reply.text += f" · by {name}"
        return reply

    def caller(self, by: str, where: str = "", zone: str = "UTC", skip: int = 0) -> Caller:
        """Who says something."""
        settings = self.settings
        return Caller(
            by,
            self.access.role_of(by),
            self.now(),
            PAGE,
            where,
            zone,
            lambda role: settings.remedy(by, role),
            self.access.who,
            Gate(settings.preview_over, settings.approval),
            pages=True,
            skip=skip,
        )

    def take(
        self,
        files: Sequence[tuple[str, bytes]],
        to: Address,
        at_once: bool,
        change: bool,
        watcher: Watcher,
    ) -> Reply:
        """Take in files that this person handed over together.

        Args:
            files: their names and contents.
            to: who, and the channel.
            at_once: mappings pass the gate that every change passes; else they are shown first.
            change: those mapped elsewhere are led to the target in the file.
            watcher: told how far long work is.
        """
        caller = self.caller(to.user, to.channel)
        if not at_once:
            caller = caller._replace(gate=LOOK_FIRST)
        moved = Moved()
        reply = self._house.take(files, caller._replace(sheet=moved), change, watcher)
        return self._signed(_with_rows(reply, moved), to.user)

    def stamp(self, by: str, where: str = "") -> Stamp:
        """The same for a use case that no line asks for."""
        gate = Gate(self.settings.preview_over, self.settings.approval)
        return Stamp(by, self.now(), self.access.role_of(by), "", PAGE, where, "UTC", gate)

    def show(self) -> Show:
        """What renderers need."""
        return Show(commands.write_line, self.now(), name=Names(self.ports.store))

    def table(self, line: str, by: str, name: str) -> Attachment | Reply:
        """All of a long answer as CSV in a file of this name, or why not."""
        spool = Spool()
        sheet = Sheet(spool)
        try:
            commands.write_table(self.ports, line, self.caller(by), sheet)
        except NetmapError as error:
            return render_error(error, self.show())
        if sheet.rows < 0:
            return Reply(ok=False, text="That is no table.")
        return spool.attached(name) or Reply(ok=False, text=UNWRITTEN.format(spool.why))

    def first(self, key: str) -> bool:
        """Whether this press or event is new, over restarts; takes the write lock."""
        with self.ports.store.write() as tables:
            return tables.requests.first(key, self.now())

    def request(self, label: str) -> tuple[Request, Reply]:
        """A request as those who approve see it."""
        from bot.usecases.mapping import requests

        request, line = requests.look_up(self.ports, label, self.stamp_of_nobody())
        reply = render_request(line, self.show())
        reply.steps = steps(line, reply, self.show())
        return request, reply

    def waiting(self) -> list[Request]:
        """Requests that wait for somebody else than who asked."""
        with self.ports.store.read() as tables:
            return tables.requests.open()

    def overdue(self) -> list[Request]:
        """Requests that nobody can agree to any more, and that are not closed yet."""
        with self.ports.store.read() as tables:
            return tables.requests.overdue(self.now() - LASTS)

    def expired(self, some: Sequence[Request]) -> None:
        """Close requests whose time has passed; what they would have moved is forgotten."""
        if not some:
            return
        with self.ports.store.write() as tables:
            for request in some:
                tables.requests.expire(request.id, self.now())

    def expiry(self, request: Request) -> Reply:
        """What somebody is told whose request has expired."""
        from bot.usecases.mapping import requests

        line = requests.line(request, self.stamp_of_nobody())
        reply = render_expired(line, self.show())
        reply.steps = [] if file_of(request.line) else [ask_again(request.line)]
        return reply

    def stamp_of_nobody(self) -> Stamp:
        """For what the bot does by itself."""
        return Stamp("", self.now(), Role.ADMIN)

    def claim(self, request: Request) -> bool:
        """Whether its message is to be posted still, and no other bot is posting it now."""
        with self.ports.store.write() as tables:
            there = tables.requests.get(request.id)
            free = there is not None and not there.ts
            return free and tables.requests.claim(_card(request), self.now(), CLAIM)

    def posted(self, request: Request, channel: str, ts: str) -> None:
        """Remember the message that shows a request as it stands; without a ts there is none."""
        with self.ports.store.write() as tables:
            if ts:
                tables.requests.posted(request.id, channel, ts, request.stands(self.now()))
            tables.requests.give_back(_card(request))

    def drawn(self, request: Request) -> None:
        """Remember that its message shows it as it stands."""
        with self.ports.store.write() as tables:
            tables.requests.drawn(request.id, request.stands(self.now()))

    def first_seen_closed(self, request: Request) -> bool:
        """Whether nobody was told of the end of a request yet; from now on somebody was."""
        with self.ports.store.write() as tables:
            return tables.requests.first_seen_closed(request.id)

    def out_of_date(self) -> list[Request]:
        """Requests that are closed, and whose messages do not show it."""
        with self.ports.store.read() as tables:
            return tables.requests.out_of_date()

    def owed(self) -> list[tuple[int, str, int, str, str]]:
        """Reconnections that a stop broke off: change, who, adapters, channel, ts."""
        with self.ports.store.read() as tables:
            return tables.requests.owed()

    def show_owed(self, change: int, channel: str, ts: str) -> None:
        """Remember the message that shows how far they are."""
        with self.ports.store.write() as tables:
            tables.requests.show_owed(change, channel, ts)

    def told(self, reply: Reply) -> None:
        """What this answer says of reconnections was brought, or is kept to be: none are owed."""
        done = _done(reply)
        change = number(getattr(done, "change", None) or "", "C")
        if not change:
            return
        try:
            with self.ports.store.write() as tables:
                tables.requests.settle(change)
        except NetmapError as fault:  # it is told once more after the next start
            log.warning("%s counts as not told: %s", done.change, fault.message)

    def resume(self, change: int, by: str, watcher: Watcher) -> Reply:
        """Go on with them."""
        from bot.usecases.applying import reconnecting

        moved = Moved()
        moved.name = Names(self.ports.store)
        sheet = None if by.startswith("local:") else moved  # nobody there can be sent a file
        stamp = Stamp(by, self.now(), Role.ADMIN, "", PAGE, sheet=sheet)
        result = reconnecting.resume(self._house.watched(watcher), change, stamp)
        reply = commands.BY_NAME["add"].show(result, self.show())
        reply.found = result
        reply.steps = steps(result, reply, self.show())
        return self._signed(_with_rows(reply, moved), by)


def _card(request: Request) -> str:
    return f"card:{request.label}"


def _tell_where(reply: Reply) -> None:
    """Say where the files go that an answer for one person names."""
    if reply.ok and reply.files and reply.visibility is Visibility.EPHEMERAL:
        words = f"sent to your direct messages: {', '.join(file.name for file in reply.files)}"
        if _in_small_print(reply, said(words)):
            reply.text += f" · {words}"


def _with_rows(reply: Reply, moved: Moved) -> Reply:
    """The answer to a change with the file of all that it moves, where it names only some."""
    if moved.rows < 0 or not reply.ok:
        return reply
    done = _done(reply)
    assert done is not None  # it moved what the list is of
    file = moved.spool.attached(f"netmap-{done.change}.csv")
    if file is not None:
        reply.files = [*reply.files, file]
        words = f"all {moved.rows:,} sent as a file to who asked"
    else:
        words = f"the list of all {moved.rows:,} could not be written: {moved.spool.why}"
    if _in_small_print(reply, said(words)):
        reply.text += f" · {words}"
    return reply


def _done(reply: Reply) -> Any:
    """What a change came to, also one that came with a file; what else was answered if none did."""
    from bot.domain.bulk import Brought

    return reply.found.mapping if isinstance(reply.found, Brought) else reply.found


def _in_small_print(reply: Reply, element: Block) -> bool:
    """Say something more in the last line; whether there is one."""
    last = reply.blocks[-1] if reply.blocks else {}
    if last.get("type") != "context":
        return False
    last["elements"] = [*last["elements"], element]
    return True
