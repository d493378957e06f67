"""Compile a usage line into states and the steps between them."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain

from bot.grammar.slots import FREE

FIXED = frozenset({"to", "on", "toward", "last", "for", "until", "in", "min", "quiet", "here"})
"""Every fixed word of every usage line: a name that is one must be quoted anywhere."""

_KINDS = {
    **dict.fromkeys(("source", "target", "server", "network", "vm", "name"), "name"),
    **dict.fromkeys(("change", "finding", "id", "plan"), "code"),
    "severity": "word",
    "owner": "person",
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
    shown: str
    optional: bool
    """It opens a group that may be absent."""


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


def is_fixed(item: Item) -> bool:
    """Whether it takes a fixed word."""
    return isinstance(item, Literal) or item.kind == "literal"


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """A place in the usage line, with what may follow it."""

    edges: tuple[tuple[Item, "State"], ...] = ()
    last: bool = False
    """The line may end here."""


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
    start = _link(builder.nodes(), State(last=True))
    _check(start, set())
    return Usage(start, tuple(_flags(mark + flags)), frozenset(builder.literals))


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
                Literal(first.shown, optional=True)
                if rest
                else Slot(first.shown, "literal", first.shown)
            )
        marked.append((first, *rest))
    return Choice(tuple(marked), optional=True)


def _link(nodes: tuple[Node, ...], after: State) -> State:
    for node in reversed(nodes):
        if isinstance(node, Choice):
            ways = [_link(option, after) for option in node.options]
            ways += [after] * node.optional
            edges = tuple(chain.from_iterable(way.edges for way in ways))
            after = State(edges, last=any(way.last for way in ways))
        else:
            after = State(((node, after),))
    return after


def _check(state: State, seen: set[State]) -> None:
    """A slot of several words ends at a fixed word: nothing else may follow it."""
    for item, after in state.edges:
        free = isinstance(item, Slot) and item.kind in FREE
        if free and not all(is_fixed(following) for following, _ in after.edges):
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
