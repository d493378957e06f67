"""What answers of all kinds name: places, mappings, ages, counts."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from bot.domain.model import Model


@dataclass(frozen=True, slots=True)
class Age:
    """When a server's inventory was collected: how old an answer's facts are."""

    server: str
    collected_at: datetime
    stale: bool = False
    """Older than the setting allows."""
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an adapter is or belongs, in names as VMM has them."""

    server: str = ""
    network: str | None = None
    """None: no network."""
    subnet: str | None = None
    observed: bool = True
    """False: nobody could tell; `network` is None then."""


class Restored(Model, frozen=True):
    """A copy was put in the place of the database: what was done after it was made is not in it."""

    at: datetime
    last: str = ""
    """The last change that the copy has."""
    last_at: datetime | None = None
    goes_on: str = ""
    """The number of the first change after that: those between may have been given meanwhile."""
    unsent: int = 0
    """Messages that waited in the copy: they are of its day, and are not sent."""
    broken_off: list[str] = []
    """Changes whose reconnections were under way in it: what is open of them is left to a plan."""


class Long(Model):
    """An answer of rows: doors turn its pages, and a file takes all of them."""


class MappingRef(Model, frozen=True):
    """A mapping in names; `on` is the source's server, `toward` the target's."""

    id: str
    source: str
    on: str
    target: str
    toward: str
    test: str | None = None
    source_gone: bool = False
    target_gone: bool = False
    removed: bool = False
    """It is not in force any more; named as it stood."""
    ends: tuple[int, int, int] = Field((0, 0, 0), exclude=True, repr=False)
    """Source, target and test network by the numbers they have here; two may bear one name."""


class Tally(Model, frozen=True):
    """How many of what, in VMs and in adapters."""

    vms: int = 0
    adapters: int = 0


@dataclass(frozen=True, slots=True)
class UnreadableVm:
    """A VM that its server lists and could not read."""

    vm: str
    server: str
    as_of: datetime | None
    """How old what is known of it is; None: it was never read."""
    why: str
