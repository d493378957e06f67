"""Until when, and why: the small form behind Acknowledge, Snooze and Mute."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.asking import Near, say
from bot.domain.errors import Refused
from bot.domain.replies import Step, StepKind
from bot.render import hushing as render
from bot.render.blocks import Block
from bot.slack.modals import Modals, brought_back, filled_in, metadata
from bot.slack.payloads import Address, Body

EIGHT = time(8)
DAYS = {"tomorrow": Near(EIGHT, ahead=1), "monday": Near(EIGHT, weekday=0)}
SPANS = {"1d": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}


class Hushing:
    """Opens the form, and says what it stands for."""

    def __init__(self, modals: Modals) -> None:
        self._modals = modals

    def open(self, step: Step, trigger: str, to: Address) -> None:
        """Open it for a finding or a digest; returns at once."""
        from bot.usecases.watching.findings import AskFinding, explain

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
        from bot.usecases.watching.hushing import until_when

        view = body.get("view") or {}
        known = brought_back(view, 4) if view.get("callback_id") == render.CALLBACK else None
        if known is None:
            return None
        command, about, where, thread = known
        to = Address(str((body.get("user") or {}).get("id", "")), where, thread)
        given = filled_in(view)
        chosen = _chosen(given)
        desk, people = self._modals.desk, self._modals.people

        def until(zone: str) -> datetime | None:
            stamp = desk.stamp(to.user, where)._replace(zone=zone)
            return until_when(None, chosen, stamp, "That can be")

        try:
            until(people.known(to.user).zone)
        except Refused as fault:
            field = render.DAY if given.get(render.DAY) else render.CLOCK
            return {"response_action": "errors", "errors": {field: f"{fault.message} {fault.hint}"}}

        def line() -> str:
            zone = people.look_up(to.user).zone
            date: object = chosen
            if isinstance(chosen, Near) and (at := until(zone)) is not None:
                date = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            span = SPANS.get(str(given.get(render.WHEN))) if chosen is None else None
            name = "id" if command == "digest mute" else "finding"
            said = {name: about, "time": span, "date": date, "reason": given.get(render.REASON)}
            return desk.show().line(say(command, **said))

        return self._modals.say(view, to, line)


def _chosen(given: Body) -> date | datetime | Near | None:
    """The moment that is chosen, by the clock of whoever chose it; None for a span or none."""
    day, clock = given.get(render.DAY), given.get(render.CLOCK)
    at = time.fromisoformat(clock) if clock else None
    if day:
        on = date.fromisoformat(day)
        return datetime.combine(on, at) if at else on
    return Near(at) if at else DAYS.get(str(given.get(render.WHEN)))
