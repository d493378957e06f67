"""What each kind of slot in a usage line takes from a typed line."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from bot.domain.errors import Misread
from bot.grammar import times
from bot.grammar.tokens import Kind, Token

MAX_NAME = 200
MAX_NAMES = 50

CODE = re.compile(r"[A-Za-z][0-9]{1,9}")
"""M12, C204, F7, D3."""
_MAPPING_ID = re.compile(r"[Mm][0-9]{1,9}")

Tokens = Sequence[Token]
Taken = Iterator[tuple[object, int]]
"""What was read, and the token after it."""
Literals = frozenset[str]
"""The fixed words of the usage line."""


def is_literal(token: Token, word: str) -> bool:
    """Whether the token is that fixed word; an arrow is a `to`."""
    if token.kind is Kind.ARROW:
        return word == "to"
    return token.kind is Kind.WORD and token.text.casefold() == word


def fits(name: str) -> bool:
    """Whether it can be a name at all; combining marks do not count, as NFC may add some."""
    marks = sum(map(bool, map(unicodedata.combining, name))) if len(name) > MAX_NAME else 0
    return 0 < len(name) <= MAX_NAME + marks


def _spoken(token: Token, literals: Literals) -> bool:
    if token.kind is Kind.ARROW:
        return "to" in literals
    return token.kind is Kind.WORD and token.text.casefold() in literals


def _ends(tokens: Tokens, at: int, literals: Literals, kinds: set[Kind]) -> Iterator[int]:
    """Where a run of several words may end: at the end of the line or before a fixed word."""
    for end in range(at, len(tokens)):
        if end > at and _spoken(tokens[end], literals):
            yield end
        if tokens[end].kind not in kinds:
            return
    if at < len(tokens):
        yield len(tokens)


def _name(tokens: Tokens, at: int, literals: Literals) -> Taken:
    if at < len(tokens) and tokens[at].kind is Kind.QUOTED:
        if fits(tokens[at].text):
            yield tokens[at].text, at + 1
        return
    for end in _ends(tokens, at, literals, {Kind.WORD, Kind.ARROW}):
        name = " ".join(token.raw for token in tokens[at:end])
        if not fits(name):
            return
        yield name, end


def _source(tokens: Tokens, at: int, literals: Literals) -> Taken:
    """The network of a mapping; one that starts with a fixed word or like `M12` needs quotes.

    A mapping may be absent or an id: `last 7d` and `M12 last 7d` must not be networks.
    """
    if at < len(tokens) and not _spoken(tokens[at], literals) and not _is_id(tokens[at]):
        yield from _name(tokens, at, literals)


def _phrase(tokens: Tokens, at: int, literals: Literals) -> Taken:
    """Words up to the next fixed word, which must be quoted to be part of it."""
    if at < len(tokens) and not _spoken(tokens[at], literals):
        yield from list(_name(tokens, at, literals))[:1]


def _names(tokens: Tokens, at: int, literals: Literals) -> Taken:
    kinds = {Kind.WORD, Kind.ARROW, Kind.QUOTED, Kind.COMMA}
    for end in _ends(tokens, at, literals, kinds):
        for names in _lists(tokens[at:end], literals):
            yield names, end


def _lists(tokens: Tokens, literals: Literals) -> list[tuple[str, ...]]:
    """The words as one name, split at commas, and each by itself."""
    if len(tokens) == 1 and tokens[0].kind is Kind.WORD and "," not in tokens[0].raw:
        return [(tokens[0].raw,)] if fits(tokens[0].raw) else []
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind is Kind.QUOTED:
            parts[-1].append(token)
            continue
        for nth, piece in enumerate(token.raw.split(",")):
            if nth:
                parts.append([])
            if piece:
                parts[-1].append(token._replace(text=piece))
    parts = [part for part in parts if part]
    words = list(chain.from_iterable(parts))
    if not 0 < len(parts) <= MAX_NAMES:
        return []
    found: list[tuple[str, ...]] = []
    if all(token.kind in (Kind.WORD, Kind.ARROW) for token in tokens):
        found.append((" ".join(token.raw for token in tokens),))
    if all(len(part) == 1 or all(t.kind is not Kind.QUOTED for t in part) for part in parts):
        found.append(tuple(" ".join(token.text for token in part) for part in parts))
    if len(words) <= MAX_NAMES and not any(_spoken(token, literals) for token in words):
        found.append(tuple(token.text for token in words))
    return [names for names in dict.fromkeys(found) if all(map(fits, names))]


def _one(tokens: Tokens, at: int, *kinds: Kind) -> Token | None:
    return tokens[at] if at < len(tokens) and tokens[at].kind in kinds else None


def _word(tokens: Tokens, at: int, literals: Literals) -> Taken:
    token = _one(tokens, at, Kind.WORD, Kind.QUOTED)
    if token and fits(token.text) and not _spoken(token, literals):
        yield token.text, at + 1


def _code(tokens: Tokens, at: int, literals: Literals) -> Taken:
    for word, end in _word(tokens, at, literals):
        plain = CODE.fullmatch(tokens[at].raw)
        yield plain[0].upper() if plain else word, end


def _is_id(token: Token) -> bool:
    return token.kind is Kind.WORD and _MAPPING_ID.fullmatch(token.text) is not None


def _mapping_id(tokens: Tokens, at: int, literals: Literals) -> Taken:
    if at < len(tokens) and _is_id(tokens[at]):
        yield tokens[at].text.upper(), at + 1


def _user(tokens: Tokens, at: int, literals: Literals) -> Taken:
    if token := _one(tokens, at, Kind.USER):
        yield token.text, at + 1


def _person(tokens: Tokens, at: int, literals: Literals) -> Taken:
    """A person or a user group."""
    if token := _one(tokens, at, Kind.USER, Kind.GROUP):
        yield token.text, at + 1


def _channel(tokens: Tokens, at: int, literals: Literals) -> Taken:
    if token := _one(tokens, at, Kind.CHANNEL):
        yield token.text, at + 1


def _timed(read: Callable[[str], object], words: int) -> Callable[[Tokens, int, Literals], Taken]:
    def take(tokens: Tokens, at: int, literals: Literals) -> Taken:
        for end in range(at + 1, min(at + words, len(tokens)) + 1):
            try:
                yield read(" ".join(token.text for token in tokens[at:end])), end
            except Misread:
                continue

    return take


TAKE: dict[str, Callable[[Tokens, int, Literals], Taken]] = {
    "name": _name,
    "source": _source,
    "names": _names,
    "phrase": _phrase,
    "word": _word,
    "code": _code,
    "mapping id": _mapping_id,
    "user": _user,
    "person": _person,
    "channel": _channel,
    "time": _timed(times.duration, 2),
    "date": _timed(times.moment, 4),
}
FREE = {"name", "source", "names", "phrase"}
"""Kinds that may take several words: a fixed word or the end must follow them."""
