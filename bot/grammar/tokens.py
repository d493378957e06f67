"""Cut a typed line into words, quoted names, flags, arrows and mentions.

1. `&lt; &gt; &amp;` are un-escaped, `<http…|text>` is its text again, `<!here>` is `@here`.
2. The text is made `normal`: NFC, one space, nothing invisible.
3. A dash run (`--`, `–`, `—`, `―`) before a letter is a flag; `->`, `=>`, `→`, `–>` are arrows.
4. A quote opens where a token starts and closes before a space, a comma or the end. Within, the
   same quote twice is one, and a backslash before a quote keeps it. Backslashes count only before
   a quote, where two are one, so `DOMAIN\\x` stays and a name may end in one.
5. A comma next to a quoted name is a token; elsewhere it belongs to its word.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple, NoReturn

from bot.domain.errors import Misread
from bot.domain.names import has_control, normal

MAX_TEXT = 4_000


class Kind(StrEnum):
    WORD = "word"
    QUOTED = "quoted"
    FLAG = "flag"
    USER = "user"
    CHANNEL = "channel"
    GROUP = "group"
    ARROW = "arrow"
    COMMA = "comma"


class Token(NamedTuple):
    text: str
    """What it says: the name without quotes, the id of a mention, a flag as `--dry-run`."""
    kind: Kind
    start: int
    """Where it starts and ends in the normalised line."""
    end: int
    raw: str
    """As it stands in the normalised line."""


_MARKUP = re.compile(
    r"<(?P<link>(?:https?:|mailto:|tel:)[^<>|]*)(?:\|(?P<shown>[^<>]*))?>|&[a-z]+;"
    r"|<!(?P<all>here|channel|everyone)(?:\|[^<>]*)?>"
)
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))
_SURROGATE = re.compile("[\ud800-\udfff]")

_MENTION = re.compile(
    r"<(?:@(?P<user>[UW][A-Z0-9]+)|#(?P<channel>[CDG][A-Z0-9]+)|!subteam\^(?P<group>[A-Z0-9]+))"
    r"(?:\|[^<>]*)?>(?=[ ,]|\Z)"
)
_ARROW = re.compile(r"(?:(?:--?|[–—=])>|→)(?= |\Z)")
_FLAG = re.compile(r"(?!-[^-–—―])[-–—―]+(?P<name>[^\W\d_][^ ]*)")
_QUOTE_AFTER_COMMA = re.compile(r",(?=[\"“„«'‘`])")
_SPOKEN = re.compile(r" (?:to|on|toward|(?:--?|[–—=])>|→|(?:--|[–—―])[^\W\d_][^ ]*)(?= |\Z)", re.I)

_CLOSERS = {
    **dict.fromkeys('"“„', '"“”'),
    **dict.fromkeys("'‘", "'’"),
    "«": "»",
    "`": "`",
}
_LONGEST_ITEM = 512
"""How far a quote after a comma is followed: a name of 200 characters, each doubled, and some."""


class _Unclosed(Exception):
    def __init__(self, start: int) -> None:
        super().__init__(start)
        self.start = start


def tokenize(text: str, *, escaped: bool = True) -> tuple[Token, ...]:
    """Cut a line into tokens.

    Args:
        text: the line.
        escaped: it comes from Slack, with entities and links; a console's does not.

    Raises:
        Misread: a quote stays open, or the text is too long or holds what is no text.
    """
    line = normal(_plain(normal(text)) if escaped else text)
    if len(line) > MAX_TEXT:
        raise Misread(
            f"The text has {len(line):,} characters; I read at most {MAX_TEXT:,}.",
            hint="Say it in several lines.",
        )
    if not line.isprintable() and (has_control(line) or _SURROGATE.search(line)):
        raise Misread(
            "The text holds control characters, which no name has.",
            hint="Type it anew instead of pasting it.",
        )
    try:
        return _scan(line)
    except _Unclosed as fault:
        _explain(line, fault.start)


def written(tokens: Sequence[Token]) -> str:
    """The tokens as they stand in their line."""
    pieces: list[str] = []
    end = tokens[0].start if tokens else 0
    for token in tokens:
        pieces += [" "] if token.start > end else []
        pieces.append(token.raw)
        end = token.end
    return "".join(pieces)


def in_quotes(text: str) -> str:
    """The text as a quoted token that reads back as it."""
    return '"' + re.sub(r'(\\*)(["“”]|\Z)', lambda m: m[1] * 2 + m[2] * 2, text) + '"'


def clip(text: str, longest: int = 80) -> str:
    """The text, cut with an ellipsis where it is too long to repeat."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def unescaped(text: str) -> str:
    """A line from Slack as it was typed; mentions stay as they are."""
    return _plain(normal(text))


def _plain(text: str) -> str:
    if "<" not in text and "&" not in text:
        return text

    def swap(found: re.Match[str]) -> str:
        if found["all"] is not None:
            return f"@{found['all']}"
        if found["link"] is None:
            return _ENTITIES.get(found[0], found[0])
        return _ENTITY.sub(lambda m: _ENTITIES[m[0]], found["shown"] or found["link"])

    return _MARKUP.sub(swap, text)


def _scan(line: str) -> tuple[Token, ...]:
    tokens: list[Token] = []
    at = 0
    while at < len(line):
        if line[at] == " ":
            at += 1
            continue
        glued = bool(tokens) and tokens[-1].end == at
        text, kind, end = _next(line, at, glued)
        tokens.append(Token(text, kind, at, end, line[at:end]))
        at = end
    return tuple(tokens)


def _next(line: str, at: int, glued: bool) -> tuple[str, Kind, int]:
    if not line[at].isalnum() and (found := _special(line, at, glued)):
        return found
    end = line.find(" ", at)
    end = end if end >= 0 else len(line)
    for comma in _QUOTE_AFTER_COMMA.finditer(line, at + 1, end + 1):
        if _opens_item(line, comma.start()):
            end = comma.start()
            break
    return line[at:end], Kind.WORD, end


def _special(line: str, at: int, glued: bool) -> tuple[str, Kind, int] | None:
    """What starts with neither a letter nor a digit and is no word, if that is what is there."""
    if line[at] == "," and (glued or _opens_item(line, at)):
        return ",", Kind.COMMA, at + 1
    if found := _MENTION.match(line, at):
        kind = str(found.lastgroup)
        return found[kind], Kind(kind), found.end()
    if found := _ARROW.match(line, at):
        return found[0], Kind.ARROW, found.end()
    if found := _FLAG.match(line, at):
        return "--" + found["name"].casefold(), Kind.FLAG, found.end()
    if line[at] in _CLOSERS:
        closed = _closing(line, at, len(line))
        if closed is None:
            raise _Unclosed(at)
        return normal(closed[0]), Kind.QUOTED, closed[1]
    return None


def _opens_item(line: str, comma: int) -> bool:
    """Whether a quoted name follows the comma, as in `web01,"web 02"`."""
    start = comma + 1
    opens = start < len(line) and line[start] in _CLOSERS
    return opens and _closing(line, start, start + _LONGEST_ITEM) is not None


def _closing(line: str, start: int, limit: int) -> tuple[str, int] | None:
    """What the quote opened at `start` says and where it ends, if it does before `limit`."""
    closers = _CLOSERS[line[start]]
    said: list[str] = []
    at = start + 1
    limit = min(limit, len(line))
    while at < limit:
        after = at
        while after < limit and line[after] == "\\":
            after += 1
        slashes = after - at
        before_quote = after < limit and line[after] in closers
        said.append("\\" * (slashes // 2 if before_quote else slashes))
        at = after
        if at == limit:
            break
        following = line[at + 1 : at + 2]
        if before_quote and slashes % 2 == 0:
            if following == line[at]:
                at += 1
            elif following in ("", " ", ","):
                return "".join(said), at + 1
        said.append(line[at])
        at += 1
    return None


def _explain(line: str, start: int) -> NoReturn:
    """Say where the quote is open and what was probably meant."""
    spoken = _SPOKEN.search(line, start)
    end = spoken.start() if spoken else len(line)
    apostrophe = line[start] in "'‘"
    name = line[start if apostrophe else start + 1 : end].strip()
    likely = line[:start] + in_quotes(name) + line[end:]
    try:
        _scan(likely)
        commands = [re.sub(r"^[/@]?netmap ", "", likely)] if name else []
    except _Unclosed:
        commands = []
    shown = max(0, start - 40)
    raise Misread(
        f"The quote before `{clip(line[start + 1 :], 40)}` is not closed."
        if line[start + 1 :]
        else "The quote at the end is not closed.",
        hint="Close it before a space; a quote within a name is written twice.",
        commands=commands,
        facts=(line[shown : start + 40], " " * (start - shown) + "^"),
    )
