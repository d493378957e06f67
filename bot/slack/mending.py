"""Fix…: what mends a finding is shown, to be done from there; nothing is written by the press."""

from bot import commands
from bot.domain.asking import Say
from bot.domain.codes import FindingKind
from bot.domain.replies import Reply, Step, StepKind
from bot.render import forms as render
from bot.render.blocks import Block
from bot.render.steps import map_it
from bot.slack.buttons import buttons
from bot.slack.modals import Modals
from bot.slack.payloads import Address

BLANK = (FindingKind.UNMAPPED, FindingKind.CONNECTED_BY_HAND, FindingKind.APPEARED_UNMAPPED)
"""About a network that is not mapped: the form maps it."""


class Mending:
    """Opens the form of a mapping, or the preview of the command that mends."""

    def __init__(self, modals: Modals) -> None:
        self._modals = modals

    def open(self, step: Step, trigger: str, to: Address) -> None:
        """Show what mends the finding; returns at once."""
        from bot.usecases.watching.findings import AskFinding, explain

        label = step.values.get("finding", "")
        desk, forms = self._modals.desk, self._modals.forms

        def work() -> None:
            found = explain(desk.ports, [AskFinding(finding=label)], desk.stamp(to.user))
            finding = found.finding
            if found.resolved_at is None and finding.kind in BLANK:
                forms.open(trigger, to, dict(map_it(finding).values))
            elif found.resolved_at is None and finding.fix and finding.fix[0] == "change":
                forms.open(trigger, to, {"mapping": finding.facts.get("mapping", "")})
            else:
                fix = None if found.resolved_at else finding.fix
                self._modals.open(trigger, to, title, lambda: self._preview(label, fix, to))

        title = f"Fix {label}"
        forms.soon(work)

    def _preview(self, label: str, fix: tuple[str, dict[str, object]] | None, to: Address) -> Block:
        desk = self._modals.desk
        title = f"Fix {label}"
        if fix is None:
            return render.outcome(desk.answer(f"explain {label}", to.user), title=title)
        line = desk.show().line(Say(*fix))
        if commands.read(line).only_reads:
            reply = desk.answer(line, to.user, to.channel)
            return render.outcome(reply, _row(reply, reply.steps), title)
        reply = desk.answer(f"{line} --dry-run", to.user, to.channel)
        do_it = Step(kind=StepKind.RUN, label="Do it", line=line, main=True)
        return render.outcome(reply, _row(reply, [do_it]) if reply.ok else None, title)


def _row(reply: Reply, steps: list[Step]) -> Block | None:
    return buttons([step for step in steps if step.main], reply.command)
