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


class Spelled(NamedTuple):
    """A line for both who read it."""

    text: str
    mrkdwn: str
    """Escaped."""


def spelled(pieces: Sequence[Piece], show: Show, limit: int) -> Spelled:
    """A line as text, and as mrkdwn of at most `limit` characters."""
    lines = [_spelled(piece, show) for piece in pieces]
    if len(lines) == 1 and len(lines[0].mrkdwn) <= limit:
        return lines[0]
    return Spelled(
        "".join([line.text for line in lines]),
        _within(limit, pieces, [line.mrkdwn for line in lines]),
    )


def as_mrkdwn(pieces: Sequence[Piece], show: Show, limit: int) -> str:
    """A line of escaped mrkdwn of at most `limit` characters; only text is cut, never a command."""
    return _within(limit, pieces, [_mrkdwn(piece, show) for piece in pieces])


def _within(limit: int, pieces: Sequence[Piece], parts: Sequence[str]) -> str:
    line = "".join(parts)
    if len(line) <= limit:
        return line
    line = ""
    for piece, said in zip(pieces, parts, strict=True):
        room = limit - len(line)
        if len(said) <= room:
            line += said
        elif isinstance(piece, str | Prose):
            return line + clip_mrkdwn(said, room) if room else line
        elif room:
            line += "…"
    return line


def _spelled(piece: Piece, show: Show) -> Spelled:
    match piece:
        case str():
            text = tidy(piece)
            return Spelled(text, mrkdwn(text))
        case Run(command):
            line = f"/netmap {written(command, show)}"
            return Spelled(line, code(line))
    return Spelled(_text(piece, show), _mrkdwn(piece, show))


def _text(piece: At | Person | Call | Channel | Prose, show: Show) -> str:
    match piece:
        case At(when=when, day=True):
            return day(when, show.now)
        case At(when, ago, _, zone):
            utc_said = " UTC" * zone
            passed = f" ({since(utc(show.now) - utc(when))})" if ago else ""
            return f"{clock(when, show.now)}{utc_said}{passed}"
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
        case At(when, day=only_day):
            when = utc(when)
            form = "{date_short}" if only_day else "{date_short_pretty} {time}"
            iso = when.isoformat()[:10] if only_day else f"{when.isoformat()[:16]}Z"
            return f"<!date^{int(when.timestamp())}^{form}|{iso}>"
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
        case _:
            return _spelled(piece, show).mrkdwn


def written(command: Say | str, show: Show) -> str:
    """A command as one line."""
    return tidy(command if isinstance(command, str) else show.line(command))
