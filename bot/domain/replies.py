"""What goes back to the person who asked."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import Field, computed_field, field_serializer
from pydantic_core import to_jsonable_python

from bot.domain.model import Model, empty


class Visibility(StrEnum):
    EPHEMERAL = "ephemeral"
    """Only the person who asked sees it."""
    IN_CHANNEL = "in_channel"


class Fault(Model, frozen=True):
    """Why it was refused; `code` is one of `bot.domain.errors`, or `bug`."""

    code: str
    message: str
    hint: str = ""
    commands: list[str] = []
    """Lines ready to run, without `/netmap`."""
    facts: list[str] = []
    reference: str = ""
    """For a bug: the log has it too."""


class Attachment(Model, frozen=True):
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


class Reply(Model):
    """One answer, for every door alike."""

    command: str = ""
    """The line that asks the same again."""
    ok: bool = True
    error: Fault | None = None
    text: str
    """Plain text; its first line is the answer. Not escaped for Slack."""
    blocks: list[dict[str, Any]] = Field(default_factory=empty)
    """Block Kit; names in it are escaped."""
    visibility: Visibility = Visibility.EPHEMERAL
    files: list[Attachment] = Field(default_factory=empty)
    """Machine-readable they are their names; `--files` writes them."""
    found: Any = Field(None, exclude=True)
    """What the use case returned."""
    steps: list[Step] = Field(default_factory=empty, exclude=True)
    menus: dict[int, list[Step]] = Field(default_factory=dict, exclude=True)
    """Block -> what can be done about just that."""
    about: str = Field("", exclude=True)
    """The request it speaks of, such as `R12`."""

    @computed_field  # type: ignore[prop-decorator]  # as pydantic's documentation has it
    @property
    def result(self) -> Any:
        """The same as JSON-ready data, made when somebody asks for it."""
        return to_jsonable_python(self.found)

    @field_serializer("files")
    def _names(self, files: list[Attachment]) -> list[str]:
        return [file.name for file in files]
