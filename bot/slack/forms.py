"""The form of a network mapping: opened at once, filled in, carried out, also when it was closed.

Nothing is carried out that was not shown: OK on a choice whose preview is not on the screen yet, or
beside which somebody else was faster, shows it first.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError, SlackClientError

from bot import commands
from bot.domain.codes import Role
from bot.domain.forms import READ, SOURCE, SOURCE_SERVER, TARGET, TARGET_SERVER, TEST, Form
from bot.domain.replies import Reply, Step, StepKind, Visibility
from bot.render import forms as render
from bot.render.blocks import Block
from bot.render.pieces import Person, as_mrkdwn
from bot.slack.acknowledging import afterwards
from bot.slack.after import After
from bot.slack.buttons import action_of, buttons
from bot.slack.clients import Clients
from bot.slack.desk import Desk
from bot.slack.filled import Meta, is_ours, known, read, without_strangers
from bot.slack.payloads import Address, Body
from bot.slack.people import reason
from bot.slack.pool import Closed, Pool
from bot.slack.progress import Progress
from bot.slack.replies import Replies
from bot.slack.seen import Latest, Seen

if TYPE_CHECKING:
    from bot.usecases.mapping.forms import Counts

log = logging.getLogger(__name__)

_SPENT = frozenset(
    {"expired_trigger_id", "trigger_expired", "exchanged_trigger_id", "trigger_exchanged"}
)
"""Slack's words for a trigger that opens nothing any more."""
LATE = (
    "Slack let the form wait too long. Press the button, or say it in one line:"
    " /netmap add <source> to <target>"
)
OUTDATED = "This form is from another version of netmap. Open a new one."
_LATER_S = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Between looks whether an acknowledgement has arrived; one on its way for longer is lost."""
NOT_OPENED = "Slack did not open the form. Press the button to try again."
NO_ANSWER = "Slack did not open the answer. Try again."
RESTARTED = "netmap is being restarted. Try again in a minute."
BROKEN_OFF = "netmap was stopped before this was done. See `/netmap history`, then try again."
OPEN = Step(kind=StepKind.FORM, label="Open the form", main=True)

UNREAD = "Tick this once you have read the warnings above."
LOOK = "This is what OK would do. Look at it, then press OK."


class Forms:
    """Opens, updates and submits the form.

    Args:
        desk: answers.
        replies: where there is no form any more.
        clients: for Slack's methods.
        pool: where previews and changes are made.
        openers: where forms are opened, never behind anything slow.
        after: does what follows an answer.
    """

    def __init__(
        self,
        desk: Desk,
        replies: Replies,
        clients: Clients,
        pool: Pool,
        openers: Pool,
        after: After,
    ) -> None:
        self._desk = desk
        self._replies = replies
        self._plain = clients.web()
        self._web = clients.web(patient=True)
        self._pool = pool
        self._openers = openers
        self._after = after
        self._counts: Counts | None = None
        self._latest = Latest()
        self._seen = Seen()

    # Opening

    def wanted_by(self, said: commands.Said) -> bool:
        """Whether a line asks for the form: `add` alone."""
        return said.again.casefold() in ("add", "new")

    def open(self, trigger: str, to: Address, values: dict[str, str]) -> None:
        """Open the form; returns at once."""
        _soon(self._openers, lambda: self._open(trigger, to, values))

    def _open(self, trigger: str, to: Address, values: dict[str, str]) -> None:
        from bot.usecases.mapping import forms

        try:
            opened = self._plain.views_open(trigger_id=trigger, view=render.loading())
        except (SlackClientError, OSError) as error:
            log.warning("views.open: %s", reason(error))
            late = isinstance(error, SlackApiError) and reason(error) in _SPENT
            text = LATE if late else NOT_OPENED
            step = OPEN._replace(values=values)
            block = {"type": "section", "text": {"type": "plain_text", "text": text}}
            reply = Reply(text=text, blocks=[block], steps=[step], command="add")
            self._replies.answer(to, reply)
            return
        view = opened.get("view") or {}
        view_id = str(view.get("id", ""))
        refusal = self._refusal(to.user)
        if refusal is not None:
            self._update(view_id, render.outcome(refusal))
            return
        stamp = self._desk.stamp_of_nobody()
        form = forms.begin(self._desk.ports, values, stamp, commands.write_line)
        meta = Meta(to.channel, 0, form.draft.mapping)
        self._show(view_id, form, meta, to.user, first=str(view.get("hash", "")))

    def show(
        self, trigger: str, to: Address, make: Callable[[], Block], title: str = render.TITLE
    ) -> None:
        """Open a modal at once, and fill it with what `make` gives; returns at once."""
        _soon(self._openers, lambda: self._show_made(trigger, to, make, title))

    def _show_made(self, trigger: str, to: Address, make: Callable[[], Block], title: str) -> None:
        looking = render.working("Looking…", title)
        try:
            opened = self._plain.views_open(trigger_id=trigger, view=looking)
        except (SlackClientError, OSError) as error:
            log.warning("views.open: %s", reason(error))
            self._replies.tell(to, NO_ANSWER)
            return
        self._update(str((opened.get("view") or {}).get("id", "")), make())

    def soon(self, work: Callable[[], None]) -> None:
        """Have something done where forms are opened, never behind anything slow."""
        _soon(self._openers, work)

    def _refusal(self, user: str) -> Reply | None:
        """What somebody is told who may not map networks."""
        if self._desk.access.role_of(user).allows(Role.EDITOR):
            return None
        refused = self._desk.answer("add x to y", user)
        return replace(refused, blocks=refused.blocks[:-1])  # without that line

    # Filling in

    def options(self, body: Body) -> Block | None:
        """What a picker offers; None where it is none of ours."""
        from bot.usecases.mapping import forms

        field = str(body.get("action_id", "")).removeprefix(render.ACTION)
        view = body.get("view") or {}
        if field not in (SOURCE, TARGET, TEST) or not is_ours(view):
            return None
        draft, _ = read(view)
        here, there = draft.source_server, draft.target_server
        server, other = (here, there) if field == SOURCE else (there, here)
        text = str(body.get("value") or "")
        self._counts = self._counts or forms.Counts()
        groups = forms.offer(self._desk.ports, field, server, other, text, self._counts)
        return render.options(groups)

    def pressed(self, body: Body) -> bool:
        """Something was chosen in the form; False where it is none of ours."""
        from bot.usecases.mapping import forms

        view, action = body.get("view") or {}, action_of(body)
        field = str(action.get("action_id", "")).removeprefix(render.ACTION)
        if not is_ours(view) or not str(action.get("action_id", "")).startswith(render.ACTION):
            return False
        user = str((body.get("user") or {}).get("id", ""))
        view_id, at = str(view.get("id", "")), str(action.get("action_ts", ""))
        self._latest.note(view_id, at)
        draft, meta = read(view)
        if field == READ:
            return True  # it changes nothing that is shown
        draft = without_strangers(draft, field)
        if field in ("swap", SOURCE_SERVER, TARGET_SERVER):
            meta = meta._replace(turn=meta.turn + 1)

        def work() -> None:
            stamp = self._desk.stamp_of_nobody()
            form = forms.fill(self._desk.ports, draft, stamp, commands.write_line)
            self._show(view_id, form, meta, user, at)

        _soon(self._pool, work)
        return True

    def _show(
        self,
        view_id: str,
        form: Form,
        meta: Meta,
        user: str,
        at: str = "",
        first: str = "",
        notice: str = "",
        over: str = "",
    ) -> None:
        """Put the form with its preview on the screen, unless something newer is under way."""
        shown, fingerprint, choice = render.NOTHING, "", ""
        if form.line:
            shown, fingerprint = self._preview(form, user)
            choice = form.draft.choice
        elif form.faults:
            shown = render.Shown(render.faults(list(form.faults.values())))
        meta = meta.keeping(form)._replace(
            fingerprint=fingerprint, choice=choice, warned=shown.warned
        )
        if at and not self._latest.stands(view_id, at):
            return
        view = render.mapping_form(form, meta.turn, meta.written(), shown, notice)
        if over:
            self._follow(view_id, view, over)
        else:
            self._update(view_id, view, first)

    def _preview(self, form: Form, user: str) -> tuple[render.Shown, str]:
        from bot.domain.answers.mappings import MappingChanged

        reply = self._desk.answer(f"{form.line} --dry-run", user)
        if not reply.ok or not isinstance(reply.found, MappingChanged):
            return render.Shown(render.refusal(reply)), ""
        return render.preview(reply.found, self._desk.show()), reply.found.fingerprint

    # Submitting

    def submitted(self, body: Body) -> Body | None:
        """The answer to OK: errors, the form again, or that it is being saved."""
        from bot.usecases.mapping import forms

        view = body.get("view") or {}
        if view.get("callback_id") != render.CALLBACK:
            return None
        if not is_ours(view):
            return None
        user = str((body.get("user") or {}).get("id", ""))
        view_id, over = str(view.get("id", "")), str(view.get("hash", ""))
        draft, meta = read(view)
        form = forms.fill(
            self._desk.ports, draft, self._desk.stamp_of_nobody(), commands.write_line
        )
        named = render.ids(form, meta.turn, meta.warned)
        if form.faults:
            where = {f: named[TARGET if f == SOURCE and draft.mapping else f] for f in form.faults}
            errors = {
                where[field]: render.what_to_do(field) if render.says(view, text) else text
                for field, text in form.faults.items()
            }
            return {"response_action": "errors", "errors": errors}
        if not form.line:
            errors = {named[TARGET]: "Choose both networks."}
            return {"response_action": "errors", "errors": errors}
        if known(form) != meta.known:
            return self._again(form, meta, view_id, user, self._faster(form), over)
        if draft.choice != meta.choice:
            return self._again(form, meta, view_id, user, LOOK, over)
        to = Address(user, meta.channel)
        if meta.warned and not draft.read:
            return {"response_action": "errors", "errors": {named[READ]: UNREAD}}
        if not self._seen.first(f"{view_id}:{view.get('hash')}"):
            log.info("a form was submitted again; it is done once")
            return {}  # which closes the form: what came of it must not be covered
        try:
            self._pool.submit(
                afterwards(lambda: self.do(form.line, to, view_id, "UTC", meta.fingerprint, over)),
                lambda: self._interrupted(view_id, over),
            )
        except Closed:
            return {"response_action": "update", "view": render.working(RESTARTED)}
        return {"response_action": "update", "view": render.working()}

    def _faster(self, form: Form) -> str:
        """Who mapped the network meanwhile, or that somebody unmapped it."""
        present = form.present
        if present is None:
            return "Meanwhile it was unmapped; OK maps it anew."
        said = (
            "Meanwhile ",
            Person(present.by),
            f" mapped {present.ref.source} to {present.ref.target} ({present.ref.id});"
            " OK now changes that.",
        )
        return as_mrkdwn(said, self._desk.show(), 1_000)

    def _again(
        self, form: Form, meta: Meta, view_id: str, user: str, notice: str, over: str
    ) -> Body:
        """The form once more, with what OK would do now and why it was not done."""
        meta = meta.keeping(form)
        show = afterwards(lambda: self._show(view_id, form, meta, user, notice=notice, over=over))
        _soon(self._pool, show)
        again = render.mapping_form(form, meta.turn, meta.written(), notice=notice)
        return {"response_action": "update", "view": again}

    def do(
        self,
        line: str,
        to: Address,
        view_id: str,
        zone: str = "UTC",
        seen: str = "",
        over: str = "",
    ) -> None:
        """Do what a form asks for: shown in it, in the channel if it is everybody's, else directly.

        Args:
            line: what to say.
            to: who, and where the form was opened, if anywhere.
            view_id: the form.
            zone: theirs.
            seen: the fingerprint of the preview that was on the screen.
            over: the hash of what was submitted, where its acknowledgement shows something too.
        """
        desk = self._desk
        to = to._replace(channel=to.channel or desk.settings.changes_channel)
        progress = self._after.progress(
            to, also=lambda text: self._update(view_id, render.working(text))
        )
        reply = desk.answer(line, to.user, to.channel, zone, watcher=progress)
        held = reply.found if getattr(reply.found, "held", "") == "look" else None
        if held and held.fingerprint == seen:
            again = f"apply {held.request}"
            reply = desk.answer(again, to.user, to.channel, zone, watcher=progress)
        row = buttons([step for step in reply.steps if step.main], reply.command)
        shown = self._follow(view_id, render.outcome(reply, row), over)
        self._bring(reply, to, shown, progress)
        self._after(Address(to.user), reply)

    def _bring(self, reply: Reply, to: Address, shown: bool, progress: Progress) -> None:
        """Bring an outcome to where it belongs, beside the form or in its stead."""
        public = reply.visibility is Visibility.IN_CHANNEL
        progress.finish(reply, lambda: not public or self._replies.say(to, reply))
        if not shown and not progress.is_direct and (to.channel or not public):
            self._replies.direct(to.user, reply)

    def _interrupted(self, view_id: str, over: str) -> None:
        self._follow(view_id, render.working(BROKEN_OFF), over)

    def _follow(self, view_id: str, view: Block, over: str) -> bool:
        """Show what comes after an acknowledgement with a view, whichever of them arrives first.

        The acknowledgement gives the form a new hash when it arrives. As long as Slack takes an
        update of the old one it has not, and will still cover what is shown.
        """
        for pause in _LATER_S if over else ():
            try:
                shown = self._web.views_update(view_id=view_id, view=view, hash=over)
            except (SlackClientError, OSError) as error:
                if isinstance(error, SlackApiError) and reason(error) == "hash_conflict":
                    break
                log.warning("views.update: %s", reason(error))
                return False
            over = str((shown.get("view") or {}).get("hash", ""))
            time.sleep(pause)
        return self._update(view_id, view)

    def _update(self, view_id: str, view: Block, hash: str = "") -> bool:
        """Give a form new contents; whether it is still there."""
        try:
            more = {"hash": hash} if hash else {}
            self._web.views_update(view_id=view_id, view=view, **more)
        except (SlackClientError, OSError) as error:
            log.warning("views.update: %s", reason(error))
            return False
        return True


def _soon(pool: Pool, work: Callable[[], None]) -> None:
    try:
        pool.submit(work)
    except Closed:
        log.debug("a form is not answered: the bot is stopping")
