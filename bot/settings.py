"""Settings from the environment: read once, checked at once, frozen.

Every field names its variable as alias and says what it means; `TABLE` is made of both, so that
the README cannot disagree.
"""

import json
import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from bot.domain.codes import Role
from bot.domain.errors import SetupFault
from bot.domain.model import Model
from bot.domain.remotes import VmmServer, read_servers

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

LOCAL = "local:"
"""What the callers of the workspace's own machine begin with: `local:<login>`."""

SLACK = "https://slack.com/api/"

_USER = re.compile(r"[UWS][A-Z0-9]{2,}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}")
_COMMAND = re.compile(r"/[a-z0-9_-]{1,31}")


def _ids(value: object) -> object:
    """A comma list of user ids as a set."""
    if not isinstance(value, str):
        return value
    return frozenset(part for part in re.split(r"[,\s]+", value) if part)


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


Servers = Annotated[tuple[VmmServer, ...], BeforeValidator(read_servers)]
Ids = Annotated[frozenset[str], BeforeValidator(_ids)]


class Variable(NamedTuple):
    """One row of the configuration table."""

    name: str
    default: str
    meaning: str


class Settings(Model):
    """What the bot was told. Secrets never show in its repr."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, hide_input_in_errors=True)

    db: Path = Field(
        Path("netmap.db"), alias="NETMAP_DB", description="The database file; made if missing."
    )
    bot_token: SecretStr | None = Field(
        None, alias="SLACK_BOT_TOKEN", description="The bot's token, `xoxb-…`."
    )
    app_token: SecretStr | None = Field(
        None,
        alias="SLACK_APP_TOKEN",
        description="The app-level token for Socket Mode, `xapp-…`, with `connections:write`.",
    )
    signing_secret: SecretStr | None = Field(
        None,
        alias="SLACK_SIGNING_SECRET",
        description="The signing secret, for `run --http` in place of Socket Mode.",
    )
    api_url: str = Field(
        SLACK, alias="SLACK_API_URL", description="Where Slack's methods are; a stand-in's address."
    )
    proxy: str | None = Field(
        None,
        alias="SLACK_PROXY",
        repr=False,
        description="Proxy for all traffic with Slack; without it `HTTPS_PROXY` counts.",
    )
    readers: Ids = Field(
        frozenset({"*"}),
        alias="NETMAP_READERS",
        description="Slack ids of people and user groups who "
        "may ask, separated by commas; `*` is everybody.",
    )
    editors: Ids = Field(
        frozenset(),
        alias="NETMAP_EDITORS",
        description="Slack ids of people and user groups who may change mappings; nobody if empty.",
    )
    admins: Ids = Field(
        frozenset(),
        alias="NETMAP_ADMINS",
        description="Slack ids of people and user groups who "
        "may also `forget` a server and set a `home`.",
    )
    guests: Ids = Field(
        frozenset(),
        alias="NETMAP_GUESTS",
        description="Guests and people of other workspaces who may ask all the same; `*` is all.",
    )
    preview_over: int = Field(
        25,
        alias="NETMAP_PREVIEW_OVER",
        ge=0,
        le=1_000_000,
        description="In Slack, a change that reconnects more VMs, or disconnects any, is shown"
        " before it is done.",
    )
    approval: bool = Field(
        False,
        alias="NETMAP_APPROVAL",
        description="`on`: every change waits for another editor, in `NETMAP_CHANGES_CHANNEL`.",
    )
    changes_channel: str = Field(
        "",
        alias="NETMAP_CHANGES_CHANNEL",
        description="Id of the channel for requests, and for changes made outside a channel.",
    )
    command: str = Field(
        "/netmap", alias="NETMAP_COMMAND", description="The slash command, as in the manifest."
    )
    stale_hours: float = Field(
        24,
        alias="NETMAP_STALE_HOURS",
        gt=0,
        le=8760,
        description="Hours after which an inventory counts as stale.",
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = (
        Field(
            "INFO", alias="NETMAP_LOG_LEVEL", description="`DEBUG`, `INFO`, `WARNING` or `ERROR`."
        )
    )
    log_format: Literal["text", "json"] = Field(
        "text", alias="NETMAP_LOG_FORMAT", description="`text`, or `json` for one object a line."
    )
    workers: int = Field(
        16,
        alias="NETMAP_WORKERS",
        ge=1,
        le=200,
        description="Threads for answers that take longer than Slack waits.",
    )
    connections: int = Field(
        2,
        alias="NETMAP_CONNECTIONS",
        ge=1,
        le=10,
        description="Socket Mode connections; two, so that one can be renewed.",
    )
    vmm: Servers = Field(
        (),
        alias="NETMAP_VMM",
        description="VMM servers to talk to, separated by `;`: `VMM-Chicago host=vmm2.example.org"
        " username=A password=B`, where A and B name the variables that hold them.",
    )
    inbox: Path | None = Field(
        None,
        alias="NETMAP_INBOX",
        description="A folder for nothing else, whose files are taken in as they come; then moved"
        " to its `done` or `failed`.",
    )
    local: bool = False
    """Behind a local workspace: open to all unless editors or admins are set."""

    @field_validator("bot_token")
    @classmethod
    def _bot_token(cls, value: SecretStr | None) -> SecretStr | None:
        return _begins(value, "xoxb-")

    @field_validator("app_token")
    @classmethod
    def _app_token(cls, value: SecretStr | None) -> SecretStr | None:
        return _begins(value, "xapp-")

    @field_validator("readers", "editors", "admins", "guests")
    @classmethod
    def _user_ids(cls, value: frozenset[str], info: ValidationInfo) -> frozenset[str]:
        wrong = sorted(one for one in value if not _USER.fullmatch(one))
        if info.field_name in ("readers", "guests"):
            wrong = [one for one in wrong if one != "*"]
        if wrong:
            shown = ", ".join(f"`{one}`" for one in wrong[:5])
            raise ValueError(
                f"holds {shown}, which is no Slack user id; one looks like U024BE7LH"
                " (profile, ⋮, Copy member ID)"
            )
        return value

    @field_validator("changes_channel")
    @classmethod
    def _channel_id(cls, value: str) -> str:
        if value and not _CHANNEL.fullmatch(value):
            raise ValueError(
                f"is `{value}`, which is no channel id; one looks like C024BE7LH (the channel's"
                " name, About, at the end)"
            )
        return value

    @field_validator("command")
    @classmethod
    def _slash(cls, value: str) -> str:
        if not _COMMAND.fullmatch(value):
            raise ValueError(
                f"is `{value}`; a slash command is / and up to 31 small letters, digits, - or _"
            )
        return value

    @field_validator("api_url", "proxy")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        parts = urlsplit(value or SLACK)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("is no address that begins with http:// or https://")
        return value

    @field_validator("inbox")
    @classmethod
    def _own_folder(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        db = info.data.get("db")
        if value is not None and db is not None and db.resolve().is_relative_to(value.resolve()):
            raise ValueError(
                f"is `{value}`, where the database is: it would be moved away with the rest. Make a"
                " folder for exports alone"
            )
        return value

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read them from an environment; empty variables count as not set.

        Raises:
            SetupFault: with every faulty variable, a sentence each; values of secrets are not said.
        """
        known = {field.alias for field in cls.model_fields.values() if field.alias}
        given = {
            name: value.strip()
            for name, value in environ.items()
            if name in known and value.strip()
        }
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            faults = [_sentence(fault, given) for fault in error.errors(include_url=False)]
        raise SetupFault(
            faults[0] if len(faults) == 1 else f"{len(faults)} settings cannot be used.",
            hint="Correct the environment and start again.",
            facts=faults if len(faults) > 1 else (),
        )

    def role_of(self, by: str) -> Role:
        """What a person may do.

        Args:
            by: a Slack user id, or `local:<login>`.
        """
        if by.startswith(LOCAL) or by in self.admins:
            return Role.ADMIN
        if by in self.editors:
            return Role.EDITOR
        if self.local and not self.editors and not self.admins:
            return Role.ADMIN
        if "*" in self.readers or by in self.readers:
            return Role.READER
        return Role.NOBODY

    def remedy(self, by: str, needed: Role) -> str:
        """The setting that would let this person do it, as a sentence for those refused."""
        variable = {
            Role.READER: "NETMAP_READERS",
            Role.EDITOR: "NETMAP_EDITORS",
            Role.ADMIN: "NETMAP_ADMINS",
        }.get(needed, "NETMAP_READERS")
        nobody = needed is Role.EDITOR and not self.editors and not self.admins
        start = "Nobody may change mappings yet. " if nobody else ""
        return f"{start}Whoever runs netmap can add {by} to {variable} and start it again."

    def offline(self, db: Path) -> Self:
        """The same on another database, with nothing that reaches Slack or a VMM server."""
        outward = ("bot_token", "app_token", "signing_secret", "vmm", "inbox")
        unset = {name: type(self).model_fields[name].default for name in outward}
        return self.model_copy(update={**unset, "db": db})

    def lacking(self, *fields: str) -> list[str]:
        """The variables of those fields that are not set."""
        return [str(type(self).model_fields[one].alias) for one in fields if not self.secret(one)]

    def secret(self, field: str) -> str:
        """A secret in plain text, empty if it is not set; for the Slack door only."""
        value = getattr(self, field)
        return value.get_secret_value() if isinstance(value, SecretStr) else ""

    @property
    def for_slack(self) -> bool:
        """Whether any of Slack's secrets is set: then nothing is ever made up."""
        return any(self.secret(one) for one in ("bot_token", "app_token", "signing_secret"))


def _begins(value: SecretStr | None, start: str) -> SecretStr | None:
    if value is not None and not value.get_secret_value().startswith(start):
        raise ValueError(f"does not begin with {start}")
    return value


def _sentence(fault: "ErrorDetails", given: Mapping[str, str]) -> str:
    variable = str(fault["loc"][0])
    limits = fault.get("ctx", {})
    value = f"is `{given.get(variable, '')}`"
    match fault["type"]:
        case "value_error":
            return f"{variable} {limits['error']}."
        case "literal_error":
            return f"{variable} {value}; it can be {limits['expected'].replace(chr(39), '')}."
        case "bool_parsing":
            return f"{variable} {value}; it can be on or off."
        case "int_parsing" | "int_from_float" | "float_parsing":
            return f"{variable} {value}, which is not a number."
        case _:
            said = str(fault["msg"]).removeprefix("Input ")
            return f"{variable} {value}; it {said}."


def _default(value: object) -> str:
    if value is None or value in (frozenset(), ()):
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(sorted(value)) if isinstance(value, frozenset) else str(value)


TABLE: tuple[Variable, ...] = tuple(
    Variable(field.alias, _default(field.default), str(field.description))
    for field in Settings.model_fields.values()
    if field.alias
)
"""Every variable with its default and meaning."""


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname,
            "from": record.name,
            "text": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure_logging(settings: Settings, quiet: bool = False) -> None:
    """Log to standard error; libraries that would log message texts or every tick are held back.

    Args:
        quiet: where a person reads the terminal: warnings only, unless a level is set.
    """
    quiet = quiet and "log_level" not in settings.model_fields_set
    handler = logging.StreamHandler()
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(_JsonLines() if settings.log_format == "json" else text)
    logging.basicConfig(
        level="WARNING" if quiet else settings.log_level, handlers=[handler], force=True
    )
    # At DEBUG they write whole payloads, tokens and message texts included.
    for name in ("slack_sdk", "uvicorn", "waitress"):
        logging.getLogger(name).setLevel(max(logging.INFO, logging.root.level))
    for name in ("apscheduler", "slack_sdk.socket_mode"):
        logging.getLogger(name).setLevel(logging.WARNING)
