"""What a workspace holds: people, channels, messages, views, files, calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]
"""A JSON object as Slack writes it."""


class SlackError(Exception):
    """A refusal, with Slack's error string and what else Slack puts beside it.

    Args:
        error: Slack's string, such as `invalid_blocks`.
        messages: one sentence a fault, as in `response_metadata.messages`.
        extra: further keys of the answer, such as `needed` and `provided`.
    """

    def __init__(self, error: str, messages: list[str] | None = None, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.messages = messages or []
        self.extra = extra

    def body(self) -> Json:
        """The answer as Slack would write it."""
        answer: Json = {"ok": False, "error": self.error, **self.extra}
        if self.messages:
            answer["errors"] = list(self.messages)
            answer["response_metadata"] = {"messages": [f"[ERROR] {m}" for m in self.messages]}
        return answer


@dataclass
class Person:
    """Somebody in the workspace, or the bot itself."""

    id: str
    name: str
    real_name: str
    team_id: str
    tz: str = "Etc/UTC"
    locale: str = "en-US"
    title: str = ""
    is_admin: bool = False
    is_owner: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_bot: bool = False
    deleted: bool = False

    def offset(self, moment: float) -> int:
        """Seconds east of UTC in this person's zone at `moment`."""
        delta = datetime.fromtimestamp(moment, UTC).astimezone(ZoneInfo(self.tz)).utcoffset()
        return int(delta.total_seconds()) if delta is not None else 0


@dataclass
class Group:
    """A user group, such as @dr-approvers."""

    id: str
    handle: str
    name: str
    members: list[str]


@dataclass
class Channel:
    """A channel or, with `im_user`, a direct message between the bot and that person."""

    id: str
    name: str
    members: set[str]
    is_private: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    im_user: str | None = None
    topic: str = ""
    created: int = 1_700_000_000

    @property
    def is_im(self) -> bool:
        """Whether this is a direct message."""
        return self.im_user is not None


@dataclass
class Message:
    """A message as Slack keeps it; `only_for` names the reader of an ephemeral one."""

    channel: str
    body: Json
    only_for: str | None = None

    @property
    def ts(self) -> str:
        """The message's id in its channel."""
        return str(self.body["ts"])

    @property
    def thread_ts(self) -> str | None:
        """The thread it stands in, its own ts for a parent, None outside threads."""
        return self.body.get("thread_ts")

    @property
    def text(self) -> str:
        """The text alone, as notifications and screen readers get it."""
        return str(self.body.get("text", ""))

    @property
    def blocks(self) -> list[Json]:
        """Its blocks, possibly none."""
        return list(self.body.get("blocks", []))

    @property
    def user(self) -> str:
        """Who wrote it."""
        return str(self.body.get("user", ""))

    @property
    def files(self) -> list[Json]:
        """The files it carries."""
        return list(self.body.get("files", []))

    def words(self) -> str:
        """Everything a reader sees: the text of all blocks, or the text where there are none."""
        return "\n".join(all_text(self.blocks)) if self.blocks else self.text


@dataclass
class View:
    """A modal or a Home tab; `body` is what Slack sends as `view`.

    `looking` is the channel its user was looking at when it was opened.
    """

    user: str
    body: Json
    looking: str | None = None

    @property
    def id(self) -> str:
        """The view's id."""
        return str(self.body["id"])

    @property
    def blocks(self) -> list[Json]:
        """Its blocks."""
        return list(self.body.get("blocks", []))

    @property
    def title(self) -> str:
        """The modal's title, empty for a Home tab."""
        return str((self.body.get("title") or {}).get("text", ""))

    @property
    def values(self) -> dict[str, dict[str, Json]]:
        """What is filled in so far: block id -> action id -> state of the element."""
        values: dict[str, dict[str, Json]] = self.body["state"]["values"]
        return values

    def words(self) -> str:
        """Everything a reader sees."""
        return "\n".join(all_text(self.blocks))


@dataclass
class StoredFile:
    """An uploaded file; it belongs to a channel only once its upload is completed."""

    body: Json
    content: bytes = b""
    length: int = 0
    received: bool = False
    complete: bool = False
    channels: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Call:
    """One request of the app: a Web API method, a response URL or an acknowledgement."""

    method: str
    args: Json
    status: int
    answer: Json
    at: float
    injected: bool = False

    @property
    def ok(self) -> bool:
        """Whether it was granted."""
        return self.answer.get("ok") is True

    @property
    def error(self) -> str | None:
        """Slack's error string, None where it was granted."""
        return None if self.ok else str(self.answer.get("error", "unknown_error"))


@dataclass(frozen=True)
class Violation:
    """Something of the app's that Slack would refuse."""

    method: str
    error: str
    messages: tuple[str, ...]
    args: Json


def all_text(node: Any) -> list[str]:
    """Every text below `node`, in reading order."""
    if isinstance(node, list):
        return [text for item in node for text in all_text(item)]
    if not isinstance(node, dict):
        return []
    found: list[str] = []
    for key in ("title", "subtitle", "label", "text", "fields", "elements", "accessory", "element"):
        if key in node:
            value = node[key]
            found += [value] if isinstance(value, str) else all_text(value)
    for key in ("rows", "hint", "placeholder", "options", "option_groups", "blocks", "body"):
        found += all_text(node.get(key))
    if isinstance(node.get("alt_text"), str):
        found.append(node["alt_text"])
    return found
