"""Write command lines that read back as what they say, and find the command of a line."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from difflib import SequenceMatcher
from functools import cache, lru_cache
from itertools import zip_longest

from bot.domain.asking import Near
from bot.domain.errors import Misread, NoCommand
from bot.domain.names import normal
from bot.grammar import times
from bot.grammar.compiling import FIXED, Flag, Item, Literal, Slot, State, compile_usage, is_fixed
from bot.grammar.flags import verbatim
from bot.grammar.slots import CODE
from bot.grammar.tokens import Kind, Token, clip, in_quotes, tokenize, written

_SIMPLE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
"""Most names: nothing in it means anything to the tokenizer."""


def quote(name: str, always: bool = False) -> str:
    """The name as one types it, in quotes unless it is one plain word."""
    return _quoted(normal(name), always)


@lru_cache(4096)
def _quoted(name: str, always: bool) -> str:
    return in_quotes(name) if always or " " in name or not _is_plain(name) else name


def compose(name: str, usage: str, values: Mapping[str, object]) -> str:
    """The line, without `/netmap`, that reads as these values and in no other way.

    Args:
        name: the command's name.
        usage: its usage line.
        values: as `readings` gives them; what is empty or False counts as not said.

    Raises:
        ValueError: the usage line has no place for these values.
    """
    said = {key: value for key, value in _flat(values).items() if value}
    form = _form(usage, frozenset(said))
    if form is None:
        raise ValueError(f"{name} {usage} cannot say {sorted(said)}")
    path, flags = form
    pieces = [name]
    for item, exposed in path:
        if is_fixed(item):
            pieces.append(item.shown)
        elif isinstance(item, Slot):
            pieces.append(_write(item.kind, said[item.key], exposed))
    pieces += [_write_flag(flag, said[flag.key]) for flag in flags]
    return " ".join(pieces)


def split_verb(tokens: Sequence[Token], names: Mapping[str, str]) -> tuple[str, tuple[Token, ...]]:
    """The command's name and what follows it; an empty name for an empty line.

    Args:
        tokens: the line; a leading `netmap` is skipped.
        names: what can be said -> the command's name. Both may be of two words.

    Raises:
        Misread: there is no such command; near ones are suggested, never taken.
    """
    if tokens and tokens[0].kind is Kind.WORD:
        own = tokens[0].text.casefold() in ("netmap", "/netmap", "@netmap")
        tokens = tokens[1:] if own else tokens
    if not tokens:
        return "", ()
    for count in (2, 1):
        head = tokens[:count]
        typed = " ".join(token.text for token in head).casefold()
        if all(token.kind in (Kind.WORD, Kind.FLAG) for token in head) and typed in names:
            return names[typed], tuple(tokens[len(head) :])
    raise _unknown_command(tokens, names)


def _unknown_command(tokens: Sequence[Token], names: Mapping[str, str]) -> NoCommand:
    first = written(tokens[:1]).casefold()
    after = [name.removeprefix(f"{first} ") for name in names if name.startswith(f"{first} ")]
    if len(tokens) == 1 and after:
        return NoCommand(
            f"`{first}` wants one more word: {', '.join(after[:-1])} or {after[-1]}.",
            hint="More about one:",
            commands=[f"help {first} {after[0]}"],
        )
    near: dict[str, tuple[float, str]] = {}
    for count in (1, 2):
        typed = clip(written(tokens[:count]).casefold(), 40)
        rest = written(tokens[count:])
        for name in names:
            alike = SequenceMatcher(None, typed, name).ratio()
            if name.startswith(typed) or alike >= 0.7:
                near[name] = max(near.get(name, (0.0, "")), (alike, f"{name} {rest}".strip()))
    message = f"I know no command `{clip(written(tokens[:1]), 40)}`."
    if not near:
        return NoCommand(message, hint="`/netmap help` lists them.", commands=["help"])
    spoken: dict[str, str] = {}
    for name in sorted(near, key=lambda name: -near[name][0]):
        spoken.setdefault(names[name], name)  # an alias of what is suggested already says no more
    best, *others = list(spoken.values())[:4]
    return NoCommand(
        f"{message} Did you mean `/netmap {best}`?",
        hint=f"Or: {', '.join(f'`/netmap {name}`' for name in others)}." if others else "",
        commands=[near[name][1] for name in (best, *others)],
    )


def _is_plain(word: str) -> bool:
    """Whether it reads as a word and as nothing else, anywhere in a line."""
    if word.casefold() in FIXED or "," in word or word[:1] in "@#" or CODE.fullmatch(word):
        return False
    if _SIMPLE.fullmatch(word):
        return True
    try:
        return [token.kind for token in tokenize(word, escaped=False)] == [Kind.WORD]
    except Misread:
        return False


def _flat(values: Mapping[str, object]) -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= {f"{key}.{inner}": said for inner, said in value.items()}
        else:
            flat[key] = value
    return flat


@cache
def _form(
    usage: str, keys: frozenset[str]
) -> tuple[tuple[tuple[Item, bool], ...], tuple[Flag, ...]] | None:
    """What of the usage line says exactly these keys, if anything does.

    Each item with whether a fixed word that may be absent follows it.
    """
    grammar = compile_usage(usage)
    flags = tuple(flag for flag in grammar.flags if flag.key in keys)
    path = _path(grammar.start, keys - {flag.key for flag in flags})
    if path is None or len({flag.group for flag in flags}) < len(flags):
        return None
    return tuple(
        (item, isinstance(following, Literal) and following.optional)
        for item, following in zip_longest(path, path[1:])
    ), flags


@cache
def _path(state: State, keys: frozenset[str]) -> tuple[Item, ...] | None:
    """The way through the usage line that says exactly these keys."""
    if state.last and not keys:
        return ()
    for item, after in state.edges:
        if isinstance(item, Slot) and item.key not in keys:
            continue
        path = _path(after, keys - {item.key} if isinstance(item, Slot) else keys)
        if path is not None:
            return (item, *path)
    return None


def _write(kind: str, value: object, exposed: bool) -> str:
    """A slot's value; `exposed` when an optional fixed word follows, which a name would swallow."""
    match kind:
        case "names" if isinstance(value, (tuple, list)):
            several = exposed or len(value) > 1
            return ", ".join(quote(name, always=several) for name in value)
        case "time" if isinstance(value, timedelta):
            return times.short(value)
        case "date" if isinstance(value, datetime):
            return f"{value:%Y-%m-%d %H:%M}"
        case "date" if isinstance(value, Near):
            return times.near(value)
        case "date" if isinstance(value, date):
            return value.isoformat()
        case "user":
            return f"<@{value}>"
        case "person":
            return f"<!subteam^{value}>" if str(value).startswith("S") else f"<@{value}>"
        case "channel":
            return f"<#{value}>"
    text = normal(str(value))
    match kind:
        case "mapping id":
            return text
        case "code" if CODE.fullmatch(text) and text.isupper():
            return text
        case "phrase" if all(word not in FIXED and _is_phrase_word(word) for word in text.split()):
            return text
    return _quoted(text, always=exposed and kind in ("name", "source"))


def _is_phrase_word(word: str) -> bool:
    return _is_plain(word.replace(",", "") or "-") or CODE.fullmatch(word) is not None


def _write_flag(flag: Flag, value: object) -> str:
    if flag.kind is None:
        return flag.name
    if flag.kind != "text":
        return f"{flag.name} {_write(flag.kind, value, exposed=False)}"
    text = normal(str(value))
    try:
        tokens = tokenize(text, escaped=False)
        plain = verbatim(tokens) == text and all(token.kind is not Kind.FLAG for token in tokens)
    except Misread:
        plain = False
    return f"{flag.name} {text if plain else in_quotes(text)}"
