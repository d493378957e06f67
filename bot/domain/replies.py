"""What goes back to the person who asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic_core import to_jsonable_python


class Visibility(StrEnum):
    EPHEMERAL = "ephemeral"
    """Only the person who asked sees it."""
    IN_CHANNEL = "in_channel"


@dataclass(frozen=True)
class Fault:
    """Why it was refused; `code` is one of `bot.domain.errors`, or `bug`."""

    code: str
    message: str
    hint: str = ""
    commands: list[str] = field(default_factory=list)
    """Lines ready to run, without `/netmap`."""
    facts: list[str] = field(default_factory=list)
    reference: str = ""
    """For a bug: the log has it too."""


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a reply."""

    name: str
    text: str = ""
    data: bytes = b""
    """What is in it where that is no text."""
    kept: Any = None
    """An open file that has it, where it is too long to be held."""
    alt: str = ""
    """What is on a picture."""


class StepKind(StrEnum):
    RUN = "run"
    """Say the line."""
    FORM = "form"
    """Open the form, filled in as far as `values` go."""
    PAGE = "page"
    """The same again, from row `skip` on."""
    SHEET = "sheet"
    """All of it as a file."""
    SHARE = "share"
    """The same again for all to see."""
    FIX = "fix"
    """Show what mends the finding in `values`, to be done from there."""
    HUSH = "hush"
    """Ask until when and why, then acknowledge or snooze the finding in `values`."""
    MUTE = "mute"
    """Ask until when the digest in `values` says nothing."""
    DIGEST = "digest"
    """Open the form of the digest in `values`, or of a new one."""


class Step(NamedTuple):
    """What somebody could do next; doors with buttons offer it as one."""

    kind: StepKind
    label: str
    line: str = ""
    """Without `/netmap`."""
    verb: str = ""
    """The line's command, where that is known."""
    skip: int = 0
    back: tuple[int, ...] = ()
    """Where the pages before it began."""
    values: Mapping[str, str] = MappingProxyType({})
    confirm: str = ""
    """A question to ask first."""
    main: bool = False


@dataclass
class Reply:
    """One answer, for every door alike."""

    text: str
    """Plain text; its first line is the answer. Not escaped for Slack."""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    """Block Kit; names in it are escaped."""
    ok: bool = True
    error: Fault | None = None
    command: str = ""
    """The line that asks the same again."""
    visibility: Visibility = Visibility.EPHEMERAL
    files: list[Attachment] = field(default_factory=list)
    found: Any = None
    """What the use case returned."""
    steps: list[Step] = field(default_factory=list)
    menus: dict[int, list[Step]] = field(default_factory=dict)
    """Block -> what can be done about just that."""
    about: str = ""
    """The request it speaks of, such as `R12`."""

    @property
    def result(self) -> Any:
        """What was found as JSON-ready data, made when somebody asks for it."""
        return to_jsonable_python(self.found)
