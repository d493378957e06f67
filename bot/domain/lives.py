"""Findings over time: since when, who knows of them, what imports brought, how they ended."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from bot.domain.answers.findings import Finding
from bot.domain.codes import FindingKind, Severity
from bot.domain.model import Model


class HushKind(StrEnum):
    ACK = "ack"
    SNOOZE = "snooze"


class Hush(Model, frozen=True):
    """Somebody knows of a finding; it is not said again unless it gets worse."""

    kind: HushKind
    by: str
    at: datetime
    until: datetime | None = None
    reason: str = ""
    adapters: int = 0
    """How bad it was then."""
    severity: Severity = Severity.LOW


class Life(NamedTuple):
    """A finding from when it was first seen until it is gone."""

    id: int
    finding: Finding
    """As it was seen last."""
    since: datetime
    seen_at: datetime
    change: int
    """The newest change when it was seen last."""
    hush: Hush | None = None
    resolved_at: datetime | None = None
    resolved_by: str = ""
    """Who made the change that resolved it; empty where nobody is known."""
    resolved_change: str = ""

    @property
    def label(self) -> str:
        return f"F{self.id}"


class LastSeen(NamedTuple):
    """The same as it is kept: there are many, and few differ from one look to the next."""

    id: int
    finding: str
    """JSON."""
    since: str
    """ISO 8601, as all times that are kept."""
    change: int
    hush: str | None

    def life(self, finding: Finding, at: datetime, change: int) -> Life:
        """Its life, with the finding as it was seen now."""
        hush = Hush.model_validate_json(self.hush) if self.hush else None
        since = datetime.fromisoformat(self.since)
        return Life(self.id, finding, since, at, change, hush)


class Happening(Model, frozen=True):
    """Something an import brought that is worth telling, though it leaves no fault behind."""

    kind: FindingKind
    network: int
    server: int
    """Where the replicas are."""
    change: int
    at: datetime
    adapters: int = 0
    vms: int = 0
    examples: list[str] = []
    facts: dict[str, str] = {}
    before: dict[int, int] = {}
    """Class -> where its adapters belonged before, for placements that moved."""


class ImportFailure(Model, frozen=True):
    """The last try to import a server, if it failed."""

    server: str
    at: datetime
    message: str
