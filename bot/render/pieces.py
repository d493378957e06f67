"""What sentences are made of: text, moments, commands, people; each as text and as mrkdwn."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.domain.asking import Say
from bot.render.blocks import clip_mrkdwn, code, mrkdwn, prose, tidy
from bot.render.phrases import clock, day, since, utc

Line = Callable[[Say], str]
"""Writes a command as a line that runs, without `/netmap`."""


def login(by: str) -> str:
    """Somebody's id, or the login of `local:<login>`."""
    return by.removeprefix("local:")


class Show(NamedTuple):
    """What a renderer needs besides the result."""

    line: Line
    now: datetime
    again: str = ""
    """The line that asks the same again, without `/netmap`."""
    name: Callable[[str], str] = login
    """What somebody is called, by id; plain text has nothing else to tell who it is."""
    before: int = 0
    """Rows of the whole answer before those of the page that is shown."""


class At(NamedTuple):
    """A moment, in Slack in the reader's own time zone."""

    when: datetime
    ago: bool = False
    """How long ago is said too, where the text stays what it is."""
    day: bool = False
    """Only the day."""
    zone: bool = True
    """False: the text leaves out "UTC", which follows soon."""


class Run(NamedTuple):
    """A command to copy."""

    command: Say | str


class Person(NamedTuple):
    """Who did something: a Slack user, or `local:<login>`."""

    by: str


class Call(NamedTuple):
    """Who is called to look; Slack shows a mention, and a text would only show an id."""

    who: str


class Channel(NamedTuple):
    """Where people talk; Slack shows its name."""

    id: str


class Prose(NamedTuple):
    """Sentences that may hold code spans of their own; names in them are still escaped."""

    text: str


Piece = str | At | Run | Person | Call | Channel | Prose

_SLACK_USER = re.compile(r"[UW][A-Z0-9]{2,20}")
_SLACK_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")
_SLACK_GROUP = re.compile(r"S[A-Z0-9]{2,20}")


def as_text(pieces: Sequence[Piece], show: Show) -> str:
    """A line of plain text."""
    return "".join(_text(piece, show) for piece in pieces)


def as_mrkdwn(pieces: Sequence[Piece], show: Show, limit: int) -> str:
    """A line of escaped mrkdwn of at most `limit` characters; only text is cut, never a command."""
    line = ""
    for piece in pieces:
        said = _mrkdwn(piece, show)
        room = limit - len(line)
        if len(said) <= room:
            line += said
        elif isinstance(piece, str | Prose):
            return line + clip_mrkdwn(said, room) if room else line
        elif room:
            line += "…"
    return line


def _text(piece: Piece, show: Show) -> str:
    match piece:
        case str():
            return tidy(piece)
        case At(when=when, day=True):
            return day(when, show.now)
        case At(when, ago, _, zone):
            utc_said = " UTC" * zone
            passed = f" ({since(utc(show.now) - utc(when))})" if ago else ""
            return f"{clock(when, show.now)}{utc_said}{passed}"
        case Run(command):
            return f"/netmap {written(command, show)}"
        case Person(by):
            return tidy(show.name(by))
        case Call():
            return ""
        case Channel(id):
            return "a direct message" if id.startswith("D") else f"#{tidy(id)}"
        case Prose(text):
            return tidy(text)


def _mrkdwn(piece: Piece, show: Show) -> str:
    match piece:
        case str():
            return mrkdwn(tidy(piece))
        case At(when, day=only_day):
            when = utc(when)
            form = "{date_short}" if only_day else "{date_short_pretty} {time}"
            iso = f"{when:%Y-%m-%d}" if only_day else f"{when:%Y-%m-%dT%H:%M}Z"
            return f"<!date^{int(when.timestamp())}^{form}|{iso}>"
        case Run(command):
            return code(f"/netmap {written(command, show)}")
        case Call(who):
            return f" {_mrkdwn(Person(who), show)}" if who else ""
        case Person(by) if _SLACK_USER.fullmatch(by):
            return f"<@{by}>"
        case Person(by) if _SLACK_GROUP.fullmatch(by):
            return f"<!subteam^{by}>"
        case Person(by):
            return mrkdwn(tidy(login(by)))
        case Channel(id) if _SLACK_CHANNEL.fullmatch(id):
            return f"<#{id}>"
        case Channel(id):
            return "a direct message" if id.startswith("D") else f"#{mrkdwn(tidy(id))}"
        case Prose(text):
            return prose(tidy(text))


def written(command: Say | str, show: Show) -> str:
    """A command as one line."""
    return tidy(command if isinstance(command, str) else show.line(command))
