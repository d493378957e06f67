"""The form of a digest: what is filled in, and what is wrong with it."""

from typing import TYPE_CHECKING

from bot.domain.codes import MONDAY, Severity
from bot.domain.model import Model

if TYPE_CHECKING:
    from bot.domain.digests import Digest


class DigestDraft(Model, frozen=True):
    """A digest as somebody fills it in: every text as it is typed."""

    id: str = ""
    """`D3`; empty for a new one."""
    channel: str = ""
    schedule: str = "weekdays 08:30"
    zone: str = "UTC"
    quiet: str = ""
    least: Severity = Severity.LOW
    heartbeat: int | None = MONDAY
    holidays: str = ""
    picture: bool = False
    owner: str = ""

    @classmethod
    def of(cls, digest: "Digest") -> "DigestDraft":
        """A digest as its form shows it at first."""
        return cls(
            id=digest.label,
            channel=digest.channel,
            schedule=digest.schedule.text,
            zone=digest.zone,
            quiet=str(digest.quiet or ""),
            least=digest.least,
            heartbeat=digest.heartbeat,
            holidays=", ".join(day.isoformat() for day in digest.holidays),
            picture=digest.picture,
            owner=digest.owner,
        )
