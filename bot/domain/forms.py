"""The form of a network mapping: what is filled in, and what it offers."""

from datetime import datetime

from bot.domain.answers.shared import Age, MappingRef
from bot.domain.model import Model

SOURCE_SERVER, TARGET_SERVER = "source_server", "target_server"
SOURCE, TARGET, TEST = "source", "target", "test"
BOTH, REASON, READ = "both", "reason", "read"
"""Fields; READ is the tick that warnings were read."""

NO_TEST = "none"
"""The choice of no test network."""


class Draft(Model, frozen=True):
    """What is filled in so far; 0 and empty where nothing is."""

    source_server: int = 0
    target_server: int = 0
    source: str = ""
    """As `Choice.value`."""
    target: str = ""
    mapping: str = ""
    """M12: it is to lead elsewhere; its source is fixed."""
    test: str = ""
    """Empty: as it is; NO_TEST: none."""
    both: bool = False
    """The way back is mapped too."""
    reason: str = ""
    read: bool = False
    """The warnings of the preview were read."""

    @property
    def choice(self) -> str:
        """What a preview depends on."""
        return "|".join((self.source, self.target, self.test, str(self.both)))


class Choice(Model, frozen=True):
    """A network or a server to choose."""

    value: str
    name: str
    note: str = ""


class ChoiceGroup(Model, frozen=True):
    """Networks under one heading."""

    mapped: bool | None
    """None: it does not matter here, so there is no heading."""
    total: int
    """Of them all; not all may be shown."""
    choices: list[Choice]


class Present(Model, frozen=True):
    """The mapping that is in force for what is chosen, and whose it is."""

    ref: MappingRef
    by: str
    at: datetime


class Form(Model):
    """What the form shows besides the preview."""

    draft: Draft
    servers: list[Choice] = []
    source: Choice | None = None
    target: Choice | None = None
    test: Choice | None = None
    """Chosen, or the one that the mapping in force has."""
    present: Present | None = None
    same_server: bool = False
    faults: dict[str, str] = {}
    """Field -> what is wrong with it."""
    line: str = ""
    """What OK says, without `/netmap`; empty while something is missing or wrong."""
    ages: list[Age] = []
