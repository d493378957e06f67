"""What a person sees at a glance."""

from bot.domain.answers.digests import DigestLine
from bot.domain.answers.history import ChangeLine
from bot.domain.answers.shared import Age
from bot.domain.codes import Role
from bot.domain.model import Model
from bot.domain.requests import RequestLine


class PairGlance(Model, frozen=True):
    """One way between two servers, in adapters of replicas."""

    source: str
    target: str
    mapped: int = 0
    """Mappings."""
    blanks: int = 0
    """Networks with protected VMs and no mapping."""
    pending: int = 0
    drifted: int = 0
    left_alone: int = 0


class Glance(Model):
    """Answer to a look at Home."""

    role: Role
    by: str = ""
    pairs: list[PairGlance] = []
    changes: list[ChangeLine] = []
    waiting: list[RequestLine] = []
    more_waiting: int = 0
    digests: list[DigestLine] = []
    """One's own subscriptions."""
    ages: list[Age] = []
