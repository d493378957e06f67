"""What is not as it should be."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from bot.domain.answers.shared import Age, Long, Restored
from bot.domain.codes import FindingKind, Severity
from bot.domain.model import Model

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(slots=True)
class Finding:
    """One kind on one mapping, network, VM or server; adapters are its counted members.

    There may be a thousand at every look, and a model takes eight times as long to make.
    """

    kind: FindingKind
    severity: Severity
    key: str
    """Kind and ids, never names: the same finding has the same key tomorrow."""
    subject: str
    """What it is about, in names."""
    server: str = ""
    toward: str = ""
    adapters: int = 0
    vms: int | None = None
    """None: not counted."""
    examples: list[str] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    fix: tuple[str, dict[str, object]] | None = None
    """A command that mends it: its name and values."""
    id: str = ""
    """`F7`; empty until it was kept."""
    since: datetime | None = None
    """When it was first seen."""
    state: str = ""
    """`acknowledged` or `snoozed`; empty: open."""
    until: datetime | None = None
    """When that ends."""
    reason: str = ""

    def kept(self) -> str:
        """As text, to be read later."""
        return _finding().serializer.to_json(self).decode()


def finding_again(kept: str) -> Finding:
    """What was kept."""
    return _finding().validate_json(kept)


@cache
def _finding() -> "TypeAdapter[Finding]":
    from pydantic import TypeAdapter

    return TypeAdapter(Finding)


class DriftReport(Long):
    """Answer to `drift`."""

    findings: list[Finding]
    """Worst first."""
    counts: dict[str, int] = {}
    """Severity -> findings."""
    vms_at_risk: int = 0
    """VMs that would come up without a network, or on the wrong one."""
    more_at_risk: bool = False
    """There are more of them, too many to be counted."""
    checked: list[Age] = []
    server: str = ""
    restored: Restored | None = None


class Hushed(Model):
    """Answer to `ack` and `snooze`."""

    verb: str
    """`acknowledged`, `snoozed`."""
    findings: list[Finding]
    until: datetime | None = None
    reason: str = ""
    change: str
    told: list[str] = []
    """Digests whose messages and threads say so."""


class Telling(Model, frozen=True):
    """A digest that has told of a finding."""

    digest: str
    channel: str


class Explained(Model):
    """Answer to `explain`."""

    finding: Finding
    seen_at: datetime
    """When it was seen last."""
    hushed_by: str = ""
    resolved_at: datetime | None = None
    resolved_by: str = ""
    resolved_change: str = ""
    told: list[Telling] = []
