"""Until when, and why: the small form behind Acknowledge, Snooze and Mute."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.asking import say
from bot.domain.errors import Refused
from bot.domain.replies import Step, StepKind
from bot.render import hushing as render
from bot.render.blocks import Block
from bot.slack.modals import Modals, brought_back, filled_in, metadata
from bot.slack.payloads import Address, Body

EIGHT = time(8)


class Hushing:
    """Opens the form, and says what it stands for."""

    def __init__(self, modals: Modals) -> None:
        self._modals = modals

    def open(self, step: Step, trigger: str, to: Address) -> None:
        """Open it for a finding or a digest; returns at once."""
        from bot.usecases.findings import AskFinding, explain

        mute = step.kind is StepKind.MUTE
        command = "digest mute" if mute else step.values.get("as", "ack")
        about = step.values.get("digest" if mute else "finding", "")

        def make() -> Block:
            finding = None
            if not mute:
                desk = self._modals.desk
                ask = AskFinding(finding=about)
                finding = explain(desk.ports, [ask], desk.stamp(to.user)).finding
            return render.hush_form(
                command, about, metadata(command, about, to.channel, to.thread_ts), finding
            )

        self._modals.open(trigger, to, f"{render.TITLES[command]} {about}", make)

    def submitted(self, body: Body) -> Body | None:
        """The answer to a submission; None where it is none of ours."""
        from bot.usecases.hushing import LONGEST, until_when

        view = body.get("view") or {}
        known = brought_back(view, 4) if view.get("callback_id") == render.CALLBACK else None
        if known is None:
            return None
        command, about, where, thread = known
        user = str((body.get("user") or {}).get("id", ""))
        given = filled_in(view)
        desk = self._modals.desk
        stamp = desk.stamp(user, where)._replace(zone=self._modals.people.known(user).zone)
        day: datetime | date | None = None
        if given.get(render.DAY):
            day = date.fromisoformat(given[render.DAY])
        elif given.get(render.WHEN) == "monday":
            day = _next_monday(stamp.at, stamp.zone)
        try:
            until_when(None, day, stamp, "That can be")
        except Refused as fault:
            errors = {render.DAY: f"{fault.message} {fault.hint}"}
            return {"response_action": "errors", "errors": errors}
        spans = {"1d": timedelta(days=1), "7d": timedelta(days=7), "30d": LONGEST}
        span = None if day else spans.get(str(given.get(render.WHEN)))
        name = "id" if command == "digest mute" else "finding"
        said = say(command, **{name: about}, time=span, date=day, reason=given.get(render.REASON))
        return self._modals.say(view, Address(user, where, thread), lambda: desk.show().line(said))


def _next_monday(at: datetime, zone: str) -> datetime:
    """Monday at eight, as the clock there will show it."""
    here = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    monday = datetime.combine(here.date() + timedelta(days=-here.weekday() % 7), EIGHT)
    return monday if monday > here else monday + timedelta(days=7)
