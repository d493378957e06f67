"""How the bot is doing, and what one may say to it."""

from datetime import datetime

from bot.domain.answers.shared import Age, Restored
from bot.domain.codes import Role
from bot.domain.model import Model
from bot.domain.remotes import RemoteStanding


class Who(Model):
    """Answer to `whoami`."""

    by: str
    role: Role
    may: list[str]


class Scheduler(Model, frozen=True):
    """How what runs by the clock does."""

    ticked_at: datetime
    looked_at: datetime | None = None
    """When findings were last looked for."""
    silent: bool = False
    """It has not run for so long that it must have stopped."""
    digests: int = 0
    paused: list[str] = []
    next_run: datetime | None = None
    waiting: int = 0
    """Messages on their way out."""
    waiting_since: datetime | None = None
    failed_imports: list[str] = []


class Process(Model, frozen=True):
    """One that serves the database now."""

    pid: int
    door: str
    """`socket`, `http` or `workspace`."""
    since: datetime
    trouble: str = ""
    """Why Slack does not take its token, and what to do."""


class Status(Model):
    """Answer to `status`."""

    version: str
    sample: bool
    rehearsal: bool = False
    """A copy of a real database: what is done in it reaches no site."""
    servers: list[Age]
    mappings: int
    last_change: str | None = None
    pending: int = 0
    appliers: list[str] = []
    remotes: list[RemoteStanding] = []
    """VMM servers that netmap talks to itself."""
    scheduler: Scheduler | None = None
    """None: it has never run on this database."""
    processes: list[Process] = []
    restored: Restored | None = None


class HelpEntry(Model, frozen=True):
    name: str
    usage: str
    summary: str
    example: str
    role: Role
    aliases: list[str] = []


class Help(Model):
    """Answer to `help`."""

    commands: list[HelpEntry]
    about: str = ""
