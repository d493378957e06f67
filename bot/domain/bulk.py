"""Mappings by the dozen: what a file or a comparison asks for, and what was made of it."""

from enum import StrEnum
from typing import NamedTuple

from pydantic import ConfigDict, TypeAdapter

from bot.domain.answers.mappings import MappingChanged
from bot.domain.answers.shared import Age
from bot.domain.model import Model

COLUMNS = (
    "source_server",
    "source",
    "target_server",
    "target",
    "test",
    "source_id",
    "target_id",
    "test_id",
)
"""Of the table as CSV. The ids may be left out, or be all there is."""


class End(NamedTuple):
    """A network as somebody else calls it."""

    name: str = ""
    id: str = ""
    """VMM's; empty where only the name is known."""
    server: str = ""
    """Name, FQDN or id of its VMM server; empty where that is not known."""
    plain: str = ""
    """The name without the apostrophe that an export puts before what looks like a formula."""


class Wanted(NamedTuple):
    """A mapping that is asked for."""

    place: str
    """Where it stands: `line 4`, or a mapping's name in the vault."""
    source: End
    target: End
    test: End | None = None
    says_test: bool = False
    """No test network is then asked for too; else it is left as it is."""


class LeftOut(Model, frozen=True):
    """Something that was not taken, and why."""

    place: str
    why: str


class LineOutcome(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    PRESENT = "present"
    """In force already, just so, or asked for twice."""
    LEFT_OUT = "left_out"


class LineTaken(Model, frozen=True):
    """What becomes of one line, or of one mapping of a vault."""

    place: str
    source: str
    target: str
    outcome: LineOutcome
    why: str = ""


class WantedTable(NamedTuple):
    """All that a file asks for, and how."""

    names: str
    """The file or files, for messages."""
    rows: list[Wanted]
    left: list[LeftOut]
    """What the reader itself leaves aside."""
    notes: list[str]
    strict: bool = False
    """One line that cannot be taken refuses all; else it is left out and said."""
    change: bool = False
    """Networks that are mapped elsewhere are led to the target that is asked for."""
    shown: list[str] = []  # never added to
    """What it came to when it was looked at, mapping by mapping."""

    def kept(self) -> str:
        """As text, to be taken later."""
        return _WANTED.dump_json(self).decode()


def wanted_again(kept: str) -> WantedTable:
    """What was kept."""
    return _WANTED.validate_json(kept)


_WANTED = TypeAdapter(WantedTable, config=ConfigDict(defer_build=True))


class TableRow(NamedTuple):
    """A mapping in force, with everything that tells its networks from others."""

    source_server: str
    source: str
    target_server: str
    target: str
    test: str
    source_id: str
    target_id: str
    test_id: str


class MappingTable(Model):
    """Answer to `export`."""

    rows: list[TableRow]
    ages: list[Age] = []


class Brought(Model):
    """What was made of many mappings at once."""

    what: str
    """The file, or the two servers that were compared."""
    dry_run: bool = False
    fingerprint: str = ""
    """Of a proposal: taking it wants the same."""
    source_server: str = ""
    target_server: str = ""
    added: int = 0
    changed: int = 0
    removed: int = 0
    present: int = 0
    """In force already, just so."""
    superseded: list[tuple[str, str]] = []
    """Those removed, each with its network, which is gone; what was made anew is mapped instead."""
    left: list[LeftOut] = []
    lines: list[LineTaken] = []
    """Every one of them, in their order."""
    notes: list[str] = []
    pairs: list[tuple[str, str]] = []
    """The first of those added or changed, in names: source, target."""
    more: int = 0
    mapping: MappingChanged | None = None
    """What became of the replicas; None where nothing was to be done."""
