"""Read a line by its usage line, which is the grammar.

    <source> [on <server>] to <target> [on <server>] [--test <network>|--no-test] [--dry-run]

- `to` is a fixed word, `<target>` a slot, `[…]` may be absent, `|` within brackets separates
  alternatives. `[--flag]`, `[--flag <value>]` and their alternatives come last.
- A slot's key is its name: `<target>` gives `target`. A name that occurs twice takes the slot and
  the fixed word before it: the servers above are `source_on` and `target_on`.
- `<mapping>` and `<mapping|network>` give `mapping`: `{"id": "M12"}`, or `source` and, if said,
  `on` and `toward`. `<name>[, <name>…]` gives `names`, a tuple. `<from>-<to>` is one word; its key
  is the fixed word before it. `#channel` and `@user` take a mention and give its id. A fixed word
  that is an alternative by itself gives itself: `[here|#channel]`, `here=True`.
- A flag's key is its name, `no_test`; its value is its slot's, or True.
- What was not said has no key. `<time>` is a timedelta, `<date>` a date, all else text.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import islice, pairwise

from bot.domain.errors import Misread
from bot.grammar import times
from bot.grammar.slots import FREE, MAX_NAME, MAX_NAMES, TAKE, Tokens, fits, is_literal
from bot.grammar.tokens import Kind, clip, written

MAX_READINGS = 32
MAX_WORDS = 256
"""Tokens before the flags; more cannot be names."""

FIXED = frozenset({"to", "on", "toward", "last", "for", "until", "in", "min", "quiet", "here"})
"""Every fixed word of every usage line: a name that is one must be quoted anywhere."""

Reading = dict[str, object]

_KINDS = {
    **dict.fromkeys(("source", "target", "server", "network", "vm", "name"), "name"),
    **dict.fromkeys(("change", "finding", "id", "plan"), "code"),
    "severity": "word",
    "time": "time",
    "date": "date",
}
"""What a placeholder takes; any other takes a phrase."""

_PIECE = re.compile(
    r"<(?P<several>\w+)>\[, <(?P=several)>…\]|(?P<range><\w+>-<\w+>)|<(?P<slot>[\w|]+)>"
    r"|(?P<mention>[#@]\w+)|(?P<word>\w+)|(?P<mark>[\[\]|])|\s+"
)
_FLAG = re.compile(r"(?P<name>--[a-z][a-z-]*)(?: <(?P<slot>\w+)>)?")


@dataclass(frozen=True, slots=True)
class Literal:
    word: str
    optional: bool
    """It opens a group that may be absent."""

    @property
    def shown(self) -> str:
        return self.word


@dataclass(frozen=True, slots=True)
class Slot:
    key: str
    """`mapping.on` is `on` within `mapping`."""
    kind: str
    """A key of `TAKE`, or `literal`: a fixed word that is a value."""
    shown: str


@dataclass(frozen=True, slots=True)
class Choice:
    options: tuple[tuple["Node", ...], ...]
    optional: bool


Item = Literal | Slot
Node = Literal | Slot | Choice


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """A place in the usage line; without edges it is the end."""

    edges: tuple[tuple[Item | None, "State"], ...] = ()


@dataclass(frozen=True, slots=True)
class Flag:
    name: str
    key: str
    kind: str | None
    """What it takes; None: nothing."""
    group: int
    """Flags of one group exclude each other."""


@dataclass(frozen=True, slots=True)
class Usage:
    start: State
    flags: tuple[Flag, ...]
    literals: frozenset[str]


@cache
def compile_usage(text: str) -> Usage:
    """Compile a usage line.

    Raises:
        ValueError: the usage line itself is wrong.
    """
    said, mark, flags = text.partition("[--")
    builder = _Builder(said)
    start = _link(builder.nodes(), State())
    _check(start, set())
    return Usage(start, tuple(_flags(mark + flags)), frozenset(builder.literals))


def readings(
    usage: str, tokens: Tokens, *, name: str = "", example: str = ""
) -> tuple[Reading, ...]:
    """Every way to read the tokens, those with the most fixed words first; at least one.

    Args:
        usage: the command's usage line.
        tokens: the line after the command's name.
        name: the command's name, for the explanation.
        example: a line that runs, for the explanation.

    Raises:
        Misread: there is no reading, there are more than 32, or a flag is wrong.
    """
    try:
        return _read(compile_usage(usage), tokens)
    except Misread as fault:
        raise Misread(
            fault.message,
            fault.hint,
            (*fault.commands, *filter(None, [example])),
            (*fault.facts, f"usage: {name} {usage}".replace("  ", " ").rstrip()),
        ) from None


def _read(usage: Usage, tokens: Tokens) -> tuple[Reading, ...]:
    cut = next((n for n, t in enumerate(tokens) if t.kind is Kind.FLAG), len(tokens))
    flags = _read_flags(usage, tokens[cut:])
    tokens = tokens[:cut]
    if any(token.kind is Kind.QUOTED and not token.text for token in tokens):
        raise Misread("A name between quotes is empty.")
    if len(tokens) > MAX_WORDS:
        raise _too_many()
    walk = _Walk(usage, tokens)
    found = list(islice(walk.paths(usage.start, 0), MAX_READINGS + 1))
    if not found:
        raise walk.fault()
    if len(found) > MAX_READINGS:
        raise _too_many()
    found.sort(key=lambda path: -sum(_is_fixed(item) for item, _ in path))
    return tuple(_reading(path, flags) for path in found)


def _too_many() -> Misread:
    return Misread(
        "That can be read in too many ways.",
        hint='Please quote the names, as in `"Rack to Core" to "DR Core"`.',
    )


def _is_fixed(item: Item) -> bool:
    return isinstance(item, Literal) or item.kind == "literal"


Path = tuple[tuple[Item, object], ...]


def _reading(path: Path, flags: Reading) -> Reading:
    reading: Reading = {}
    for item, value in path:
        if isinstance(item, Slot):
            outer, _, inner = item.key.partition(".")
            if inner:
                within = reading.setdefault(outer, {})
                assert isinstance(within, dict)
                within[inner] = value
            else:
                reading[outer] = value
    return reading | flags


class _Walk:
    """The ways through a usage line over some tokens."""

    def __init__(self, usage: Usage, tokens: Tokens) -> None:
        self._usage = usage
        self._tokens = tokens
        self._known: dict[tuple[State, int], bool] = {}

    def paths(self, state: State, at: int) -> Iterator[Path]:
        """Every way to the end; no step is taken that leads nowhere."""
        if not state.edges and at == len(self._tokens):
            yield ()
        for item, value, after, end in self._steps(state, at):
            if self._arrives(after, end):
                for path in self.paths(after, end):
                    yield path if item is None else ((item, value), *path)

    def fault(self) -> Misread:
        """Say why there is no way, judged by the ways that got furthest."""
        reached: set[tuple[State, int]] = set()
        todo = [(self._usage.start, 0)]
        while todo:
            place = todo.pop()
            if place not in reached:
                reached.add(place)
                todo += [(after, end) for _, _, after, end in self._steps(*place)]
        at = max(end for _, end in reached)
        states = [state for state, end in reached if end == at]
        wanted = min(map(_rest, states), key=len)
        before = f" after `{clip(written(self._tokens[:at]))}`" if at else ""
        rest = written(self._tokens[at:])
        if not rest:
            return Misread(f"`{' '.join(wanted)}` is missing{before}.")
        slots = [item for state in states for item, _ in state.edges if isinstance(item, Slot)]
        for item in slots:
            if item.kind in ("time", "date"):
                return _timeless(rest, item.kind)
        if slots and not fits(rest):
            return Misread(f"A name has at most {MAX_NAME} characters.", hint="Shorten it.")
        if any(item.kind == "names" for item in slots) and rest.count(",") >= MAX_NAMES:
            return Misread(f"At most {MAX_NAMES} names at once.", hint="Say it in several lines.")
        expected = f", where `{' '.join(wanted)}` is expected" if wanted else ""
        hint = ""
        if any(is_literal(self._tokens[at], word) for word in self._usage.literals):
            hint = f"A name that starts with `{self._tokens[at].text}` goes in quotes."
        elif any(token.kind is Kind.QUOTED for token in self._tokens):
            hint = "A quoted name stands alone: the quotes go around all of it."
        return Misread(f"I cannot read `{clip(rest)}`{before}{expected}.", hint=hint)

    def _steps(self, state: State, at: int) -> Iterator[tuple[Item | None, object, State, int]]:
        for item, after in state.edges:
            if item is None:
                yield None, None, after, at
            elif isinstance(item, Slot) and item.kind != "literal":
                for value, end in TAKE[item.kind](self._tokens, at, self._usage.literals):
                    yield item, value, after, end
            elif at < len(self._tokens) and is_literal(self._tokens[at], item.shown):
                yield item, True, after, at + 1

    def _arrives(self, state: State, at: int) -> bool:
        place = (state, at)
        if place not in self._known:
            self._known[place] = (not state.edges and at == len(self._tokens)) or any(
                self._arrives(after, end) for _, _, after, end in self._steps(state, at)
            )
        return self._known[place]


def _rest(state: State) -> list[str]:
    """The least that may follow a place in the usage line."""
    ways = [
        [item.shown] * bool(item) + _rest(after) if item else _rest(after)
        for item, after in state.edges
    ]
    return min(ways, key=len, default=[])


def _timeless(rest: str, kind: str) -> Misread:
    try:
        times.duration(rest) if kind == "time" else times.day(rest)
    except Misread as fault:
        return fault
    return Misread(f"I cannot read `{clip(rest)}`.")


# The flags of a line


def _read_flags(usage: Usage, tokens: Tokens) -> Reading:
    known = {flag.name: flag for flag in usage.flags}
    starts = [n for n, token in enumerate(tokens) if token.kind is Kind.FLAG]
    for n in starts:
        if tokens[n].text not in known:
            raise _unknown_flag(tokens[n].text, list(known))
    reading: Reading = {}
    seen: dict[int, str] = {}
    for start, end in pairwise([*starts, len(tokens)]):
        flag = known[tokens[start].text]
        if flag.group in seen:
            other = seen[flag.group]
            raise Misread(
                f"`{flag.name}` is there twice."
                if other == flag.name
                else f"`{other}` and `{flag.name}` exclude each other."
            )
        seen[flag.group] = flag.name
        reading[flag.key] = _flag_value(flag, tokens[start + 1 : end])
    return reading


def _flag_value(flag: Flag, tokens: Tokens) -> object:
    said = written(tokens)
    if flag.kind is None:
        if said:
            raise Misread(
                f"`{flag.name}` takes no value, but `{clip(said)}` follows.",
                hint="Flags come last.",
            )
        return True
    if not any(token.text for token in tokens):
        raise Misread(f"`{flag.name}` needs a value.")
    if flag.kind == "text":
        return verbatim(tokens)
    for value, end in TAKE[flag.kind](tokens, 0, frozenset()):
        if end == len(tokens):
            return value
    raise Misread(f"I cannot read `{clip(said)}` after `{flag.name}`.", hint="Flags come last.")


def verbatim(tokens: Tokens) -> str:
    """The words as written; quotes around all of them are not part of them."""
    alone = len(tokens) == 1 and tokens[0].kind is Kind.QUOTED
    return tokens[0].text if alone else written(tokens)


def _unknown_flag(flag: str, known: list[str]) -> Misread:
    if not known:
        return Misread(f"`{clip(flag)}`: this command takes no flags.")
    nearest = max(known, key=lambda name: SequenceMatcher(None, flag[:40], name).ratio())
    return Misread(
        f"I know no flag `{clip(flag)}` here. Did you mean `{nearest}`?",
        hint="Within a reason, put the reason in quotes.",
    )


# Compiling


class _Builder:
    """The positional part of a usage line as a tree."""

    def __init__(self, text: str) -> None:
        self.literals: set[str] = set()
        self._pieces = self._cut(text)
        self._often = Counter(name for kind, name in self._pieces if kind == "slot")
        self._slot = self._word = ""

    def nodes(self) -> tuple[Node, ...]:
        nodes, *others = self._options()
        if others or self._pieces:
            raise ValueError("alternatives belong in brackets")
        return nodes

    @staticmethod
    def _cut(text: str) -> list[tuple[str, str]]:
        pieces: list[tuple[str, str]] = []
        at = 0
        while at < len(text):
            found = _PIECE.match(text, at)
            if found is None:
                raise ValueError(f"usage line: {text[at:]!r}")
            if found.lastgroup:
                pieces.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()
        return pieces[::-1]

    def _options(self) -> list[tuple[Node, ...]]:
        options: list[list[Node]] = [[]]
        while self._pieces:
            kind, text = self._pieces.pop()
            if text == "]":
                break
            if text == "|":
                options.append([])
            elif text == "[":
                options[-1].append(_optional(self._options()))
            else:
                options[-1].append(self._node(kind, text))
        return [tuple(option) for option in options]

    def _node(self, kind: str, text: str) -> Node:
        match kind:
            case "word":
                self._word = self._fixed(text)
                return Literal(text, optional=False)
            case "several":
                return Slot(f"{text}s", "names", f"<{text}>")
            case "range":
                return Slot(self._word, "word", text)
            case "mention":
                return Slot(text[1:], text[1:], text)
        if text in ("mapping", "mapping|network"):
            return self._mapping(f"<{text}>")
        if "|" in text:
            raise ValueError(f"<{text}> is no slot")
        key = f"{self._slot}_{self._word}" if self._often[text] > 1 else text
        self._slot = text
        return Slot(key, _KINDS.get(text, "phrase"), f"<{text}>")

    def _mapping(self, shown: str) -> Choice:
        def side(word: str) -> Choice:
            server = Slot(f"mapping.{word}", "name", "<server>")
            return Choice(((Literal(self._fixed(word), optional=True), server),), optional=True)

        named = (Slot("mapping.source", "source", shown), side("on"), side("toward"))
        return Choice(((Slot("mapping.id", "mapping id", shown),), named), optional=False)

    def _fixed(self, word: str) -> str:
        if word not in FIXED:
            raise ValueError(f"add {word!r} to FIXED")
        self.literals.add(word)
        return word


def _optional(options: list[tuple[Node, ...]]) -> Choice:
    """A group in brackets, its first words marked; a word alone among alternatives is a value."""
    marked: list[tuple[Node, ...]] = []
    for first, *rest in options:
        if isinstance(first, Literal):
            first = (
                Literal(first.word, optional=True)
                if rest
                else Slot(first.word, "literal", first.word)
            )
        marked.append((first, *rest))
    return Choice(tuple(marked), optional=True)


def _link(nodes: tuple[Node, ...], after: State) -> State:
    for node in reversed(nodes):
        if isinstance(node, Choice):
            ways = [(None, _link(option, after)) for option in node.options]
            after = State((*ways, *([(None, after)] if node.optional else [])))
        else:
            after = State(((node, after),))
    return after


def _firsts(state: State) -> list[Item]:
    return [found for item, after in state.edges for found in ([item] if item else _firsts(after))]


def _check(state: State, seen: set[State]) -> None:
    """A slot of several words ends at a fixed word: nothing else may follow it."""
    for item, after in state.edges:
        if isinstance(item, Slot) and item.kind in FREE and not all(map(_is_fixed, _firsts(after))):
            raise ValueError(f"a fixed word must follow {item.shown}")
        if after not in seen:
            seen.add(after)
            _check(after, seen)


def _flags(text: str) -> Iterator[Flag]:
    for group, options in enumerate(re.findall(r"\[([^\]]*)\]", text)):
        for option in options.split("|"):
            found = _FLAG.fullmatch(option)
            if found is None:
                raise ValueError(f"usage line: flag {option!r}")
            slot = found["slot"]
            kind = slot and ("text" if slot == "text" else _KINDS.get(slot, "phrase"))
            yield Flag(found["name"], found["name"][2:].replace("-", "_"), kind, group)
