"""The form of a digest: opened by a line without more words, a button or Home."""

import re

from bot import commands
from bot.domain.codes import Severity
from bot.domain.replies import Step, StepKind
from bot.domain.subscribing import DigestDraft
from bot.render import subscribing as render
from bot.render.blocks import Block
from bot.slack.modals import Modals, brought_back, filled_in, metadata
from bot.slack.payloads import Address, Body

_EDIT = re.compile(r"digest edit (d[0-9]{1,9})", re.IGNORECASE)


class Subscribing:
    """Opens the form, offers zones, and says what it stands for."""

    def __init__(self, modals: Modals) -> None:
        self._modals = modals

    def wanted_by(self, said: commands.Said) -> Step | None:
        """Whether a line asks for the form: `digest on` or `digest edit D3`, and no more."""
        line = said.again.casefold()
        if line in ("digest on", "subscribe"):
            return Step(kind=StepKind.DIGEST, label="")
        edit = _EDIT.fullmatch(line)
        values = {"digest": edit[1].upper()} if edit else {}
        return Step(kind=StepKind.DIGEST, label="", values=values) if edit else None

    def open(self, step: Step, trigger: str, to: Address) -> None:
        """Open it for a digest, or for a new one; returns at once."""
        from bot.commands import subscribing

        id = step.values.get("digest", "")
        modals = self._modals

        def make() -> Block:
            zone = modals.people.look_up(to.user).zone
            stamp = modals.desk.stamp(to.user, to.channel)._replace(zone=zone)
            draft = subscribing.begin(modals.desk.ports, id, stamp)
            group = draft.owner if draft.owner.startswith("S") else ""
            return render.digest_form(draft, metadata(draft.id, to.channel, group))

        modals.open(trigger, to, render.title(id), make)

    def options(self, body: Body) -> Body | None:
        """The time zones that fit what was typed; None where it is none of ours."""
        from bot.grammar.schedules import zones_like

        if body.get("action_id") != f"{render.ACTION}zone":
            return None
        user = str((body.get("user") or {}).get("id", ""))
        own = self._modals.people.known(user).zone
        return render.zones(zones_like(str(body.get("value") or ""), own))

    def submitted(self, body: Body) -> Body | None:
        """The answer to a submission: what is wrong field by field, or that it is being saved."""
        from bot.commands import subscribing

        view = body.get("view") or {}
        known = brought_back(view, 3) if view.get("callback_id") == render.CALLBACK else None
        if known is None:
            return None
        id, where, group = known
        user = str((body.get("user") or {}).get("id", ""))
        draft = _draft(id, group, filled_in(view))
        ports, show = self._modals.desk.ports, self._modals.desk.show()
        faults = subscribing.faults(ports, draft)
        if faults:
            return {"response_action": "errors", "errors": faults}
        return self._modals.say(
            view,
            Address(user, where),
            lambda: show.line(subscribing.line_of(ports, draft, user)),
        )


def _draft(id: str, group: str, given: dict[str, object]) -> DigestDraft:
    """What was filled in; a user group that is the owner stays, as Slack's picker has no groups."""
    heartbeat = str(given.get("heartbeat") or render.NEVER)
    return DigestDraft(
        id=id,
        channel=str(given.get("channel") or ""),
        schedule=str(given.get("schedule") or ""),
        zone=str(given.get("zone") or ""),
        quiet=str(given.get("quiet") or "").strip(),
        least=Severity(str(given.get("least") or Severity.LOW)),
        heartbeat=None if heartbeat == render.NEVER else int(heartbeat),
        holidays=str(given.get("holidays") or "").strip(" ,"),
        picture=bool(given.get("picture")),
        owner=str(given.get("owner") or group),
    )
