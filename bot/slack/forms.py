"""The form of a network mapping: opened at once, filled in, carried out, also when it was closed.

What a form must bring back is in its metadata: the turn (new ids whenever a server changes), the
mapping that was in force when the preview was made, and the fingerprint of that preview.
"""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from slack_sdk.errors import SlackApiError, SlackClientError

from bot import commands
from bot.domain.answers import MappingChanged
from bot.domain.codes import Role
from bot.domain.forms import Draft, Form
from bot.domain.replies import Reply, Step, StepKind, Visibility
from bot.render import forms as render
from bot.render.blocks import Block
from bot.render.pieces import Person, as_mrkdwn
from bot.slack.approvals import Approvals
from bot.slack.buttons import action_of, buttons
from bot.slack.clients import Clients
from bot.slack.desk import Desk
from bot.slack.payloads import Address, Body
from bot.slack.people import reason
from bot.slack.pool import Closed, Pool
from bot.slack.replies import Replies
from bot.usecases import forms

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
OPEN = Step(kind=StepKind.FORM, label="Open the form", main=True)
VERSION = 1


class Meta(NamedTuple):
    """What a form brings back."""

    channel: str = ""
    turn: int = 0
    mapping: str = ""
    source_server: int = 0
    target_server: int = 0
    source: str = ""
    """For a mapping that is to lead elsewhere."""
    known: str = ""
    """The mapping that was in force, and where it led."""
    fingerprint: str = ""

    def written(self) -> str:
        return json.dumps([VERSION, *self], separators=(",", ":"))


class Forms:
    """Opens, updates and submits the form.

    Args:
        desk: answers.
        replies: where there is no form any more.
        clients: for Slack's methods.
        pool: where previews and changes are made.
        openers: where forms are opened, never behind anything slow.
        approvals: told of requests.
    """

    def __init__(
        self,
        desk: Desk,
        replies: Replies,
        clients: Clients,
        pool: Pool,
        openers: Pool,
        approvals: Approvals,
    ) -> None:
        self._desk = desk
        self._replies = replies
        self._plain = clients.web()
        self._web = clients.web(patient=True)
        self._pool = pool
        self._openers = openers
        self._approvals = approvals
        self.changed: Callable[[], None] = lambda: None
        """Told when the mapping table was changed here."""
        self._counts = forms.Counts()
        self._latest: dict[str, str] = {}
        self._lock = threading.Lock()

    # Opening

    def wanted_by(self, line: str) -> bool:
        """Whether a line asks for the form: `add` alone."""
        return commands.compose_again(line).strip().casefold() in ("add", "new")

    def open(self, trigger: str, to: Address, values: dict[str, str]) -> None:
        """Open the form; returns at once."""
        _soon(self._openers, lambda: self._open(trigger, to, values))

    def _open(self, trigger: str, to: Address, values: dict[str, str]) -> None:
        try:
            opened = self._plain.views_open(trigger_id=trigger, view=render.loading())
        except (SlackClientError, OSError) as error:
            log.warning("views.open: %s", reason(error))
            late = isinstance(error, SlackApiError) and reason(error) in _SPENT
            text = LATE if late else "Slack did not open the form. Press the button to try again."
            step = OPEN.model_copy(update={"values": values})
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

    def show(self, trigger: str, to: Address, make: Callable[[], Block]) -> None:
        """Open a modal at once, and fill it with what `make` gives; returns at once."""
        _soon(self._openers, lambda: self._show_made(trigger, to, make))

    def _show_made(self, trigger: str, to: Address, make: Callable[[], Block]) -> None:
        try:
            opened = self._plain.views_open(trigger_id=trigger, view=render.working("Looking…"))
        except (SlackClientError, OSError) as error:
            log.warning("views.open: %s", reason(error))
            self._replies.tell(to, "Slack did not open the answer. Try again.")
            return
        self._update(str((opened.get("view") or {}).get("id", "")), make())

    def _refusal(self, user: str) -> Reply | None:
        """What somebody is told who may not map networks."""
        if self._desk.access.role_of(user).allows(Role.EDITOR):
            return None
        return self._desk.answer("add x to y", user)

    # Filling in

    def options(self, body: Body) -> Block | None:
        """What a picker offers; None where it is none of ours."""
        field = str(body.get("action_id", "")).removeprefix(render.ACTION)
        view = body.get("view") or {}
        if field not in (forms.SOURCE, forms.TARGET) or not _is_ours(view):
            return None
        draft, _ = _read(view)
        here, there = draft.source_server, draft.target_server
        server, other = (here, there) if field == forms.SOURCE else (there, here)
        text = str(body.get("value") or "")
        groups = forms.offer(self._desk.ports, field, server, other, text, self._counts)
        return render.options(groups)

    def pressed(self, body: Body) -> bool:
        """Something was chosen in the form; False where it is none of ours."""
        view, action = body.get("view") or {}, action_of(body)
        field = str(action.get("action_id", "")).removeprefix(render.ACTION)
        if not _is_ours(view) or not str(action.get("action_id", "")).startswith(render.ACTION):
            return False
        user = str((body.get("user") or {}).get("id", ""))
        view_id, at = str(view.get("id", "")), str(action.get("action_ts", ""))
        with self._lock:
            self._latest[view_id] = max(at, self._latest.get(view_id, ""))
        draft, meta = _read(view)
        if field == "swap":
            draft = Draft(
                source_server=draft.target_server,
                target_server=draft.source_server,
                source=draft.target,
                target=draft.source,
            )
        if field in ("swap", forms.SOURCE_SERVER, forms.TARGET_SERVER):
            meta = meta._replace(turn=meta.turn + 1)
            draft = _without_strangers(draft, field)

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
    ) -> None:
        """Put the form with its preview on the screen, unless something newer is under way."""
        blocks: Sequence[Block] = ()
        fingerprint = ""
        if form.line:
            blocks, fingerprint = self._preview(form, user)
        elif form.faults:
            texts = [sentence for sentence in form.faults.values() if sentence]
            blocks = [_section(text) for text in texts]
        meta = _kept(meta, form)._replace(fingerprint=fingerprint)
        with self._lock:
            if at and self._latest.get(view_id, at) != at:
                return
        view = render.mapping_form(form, meta.turn, meta.written(), blocks, notice)
        self._update(view_id, view, first)

    def _preview(self, form: Form, user: str) -> tuple[Sequence[Block], str]:
        reply = self._desk.answer(f"{form.line} --dry-run", user)
        if not reply.ok or not isinstance(reply.result, dict):
            return render.refusal(reply), ""
        result = MappingChanged.model_validate(reply.result)
        return render.preview(result, reply), result.fingerprint

    # Submitting

    def submitted(self, body: Body) -> Body | None:
        """The answer to OK: errors, the form again, or that it is being saved."""
        view = body.get("view") or {}
        if view.get("callback_id") != render.CALLBACK:
            return None
        if not _is_ours(view):
            return None
        user = str((body.get("user") or {}).get("id", ""))
        view_id = str(view.get("id", ""))
        draft, meta = _read(view)
        form = forms.fill(
            self._desk.ports, draft, self._desk.stamp_of_nobody(), commands.write_line
        )
        named = render.ids(form, meta.turn)
        if form.faults:
            where = {f: named[f] for f in form.faults}
            if draft.mapping:
                where = dict.fromkeys(form.faults, named[forms.TARGET])
            errors = {where[field]: text for field, text in form.faults.items()}
            return {"response_action": "errors", "errors": errors}
        if _known(form) != meta.known:
            return self._again(form, meta, view_id, user)
        if not form.line:
            return {
                "response_action": "errors",
                "errors": {named[forms.TARGET]: "Choose both networks."},
            }
        try:
            self._pool.submit(
                lambda: self._carry_out(form.line, meta, view_id, user),
                lambda: self._interrupted(view_id),
            )
        except Closed:
            view = render.working("netmap is being restarted. Try again in a minute.")
            return {"response_action": "update", "view": view}
        return {"response_action": "update", "view": render.working()}

    def _again(self, form: Form, meta: Meta, view_id: str, user: str) -> Body:
        """Somebody was faster: the form says who, and shows what OK would do now."""
        present = form.present
        notice = "Meanwhile it was unmapped; OK maps it anew."
        if present is not None:
            said = (
                "Meanwhile ",
                Person(present.by),
                f" mapped {present.ref.source} to {present.ref.target} ({present.ref.id});"
                " OK now changes that.",
            )
            notice = as_mrkdwn(said, self._desk.show(), 1_000)
        meta = _kept(meta, form)._replace(fingerprint="")
        _soon(self._pool, lambda: self._show(view_id, form, meta, user, notice=notice))
        again = render.mapping_form(form, meta.turn, meta.written(), (), notice)
        return {"response_action": "update", "view": again}

    def _carry_out(self, line: str, meta: Meta, view_id: str, user: str) -> None:
        where = meta.channel or self._desk.settings.changes_channel
        reply = self._desk.answer(line, user, where)
        result = reply.result if isinstance(reply.result, dict) else {}
        if result.get("held") == "look" and result.get("fingerprint") == meta.fingerprint:
            reply = self._desk.answer(f"apply {result['request']}", user, where)  # it was seen
            result = reply.result if isinstance(reply.result, dict) else {}
        self.bring(reply, where, view_id, user)

    def bring(self, reply: Reply, where: str, view_id: str, user: str) -> None:
        """Show an outcome in the form, in the channel if it is everybody's, else directly."""
        held = [step for step in reply.steps if step.main]
        row = buttons(held, reply.command)
        shown = self._update(view_id, render.outcome(reply, row))
        public = reply.visibility is Visibility.IN_CHANNEL
        if public:
            self.changed()
        if public and where:
            self._replies.say(Address(user, where), reply)
        elif public or not shown:
            self._replies.direct(user, reply)
        if not shown and public and where:
            self._replies.direct(user, reply)
        if not self._approvals.refresh(reply.about):
            self._replies.tell(Address(user), f"{reply.about} could not be posted: see `pending`.")

    def _interrupted(self, view_id: str) -> None:
        text = "netmap was stopped before this was done. See `/netmap history`, then try again."
        self._update(view_id, render.working(text))

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


def _is_ours(view: Body) -> bool:
    """Whether it is the form, as this version writes it or empty."""
    if view.get("callback_id") != render.CALLBACK:
        return False
    try:
        version, *rest = json.loads(view.get("private_metadata") or "")
    except (ValueError, TypeError):
        return False
    return version == VERSION and len(rest) == len(Meta._fields)


def _read(view: Body) -> tuple[Draft, Meta]:
    """What is filled in, and what the form brings back."""
    _, *rest = json.loads(view["private_metadata"])
    meta = Meta(*rest)
    values = (view.get("state") or {}).get("values") or {}
    chosen: dict[str, Any] = {}
    for block in values.values():
        for action_id, state in block.items():
            option = state.get("selected_option")
            name = action_id.removeprefix(render.ACTION)
            chosen[name] = (option or {}).get("value") if "selected_option" in state else None
            if "value" in state:
                chosen[name] = state["value"]
    return (
        Draft(
            source_server=int(chosen.get(forms.SOURCE_SERVER) or meta.source_server),
            target_server=int(chosen.get(forms.TARGET_SERVER) or meta.target_server),
            source=str(chosen.get(forms.SOURCE) or (meta.source if meta.mapping else "")),
            target=str(chosen.get(forms.TARGET) or ""),
            mapping=meta.mapping,
            reason=str(chosen.get("reason") or ""),
        ),
        meta,
    )


def _without_strangers(draft: Draft, field: str) -> Draft:
    """A network of the server that was left is not one of the new one."""
    if field == forms.SOURCE_SERVER:
        return draft.model_copy(update={"source": ""})
    if field == forms.TARGET_SERVER:
        return draft.model_copy(update={"target": ""})
    return draft


def _kept(meta: Meta, form: Form) -> Meta:
    draft = form.draft
    return meta._replace(
        source_server=draft.source_server,
        target_server=draft.target_server,
        source=draft.source,
        known=_known(form),
    )


def _known(form: Form) -> str:
    present = form.present
    return f"{present.ref.id}>{present.ref.target}" if present else ""


def _section(text: str) -> Block:
    return {"type": "alert", "level": "error", "text": {"type": "plain_text", "text": text}}
