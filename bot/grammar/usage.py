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
- What was not said has no key. `<time>` is a timedelta, `<date>` a date, a moment or a
  `Near`, all else text.
"""

from collections.abc import Iterator
from itertools import islice

from bot.domain.errors import Misread
from bot.grammar import times
from bot.grammar.compiling import Item, Slot, State, Usage, compile_usage, is_fixed
from bot.grammar.flags import read_flags
from bot.grammar.slots import MAX_NAME, MAX_NAMES, TAKE, Tokens, fits, is_literal
from bot.grammar.tokens import Kind, clip, written

MAX_READINGS = 32
MAX_WORDS = 256
"""Tokens before the flags; more cannot be names."""

Reading = dict[str, object]


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
    flags = read_flags(usage.flags, tokens[cut:])
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
    if len(found) > 1:
        found.sort(key=lambda path: -sum(is_fixed(item) for item, _ in path))
    return tuple(_reading(path, flags) for path in found)


def _too_many() -> Misread:
    return Misread(
        "That can be read in too many ways.",
        hint='Please quote the names, as in `"Rack to Core" to "DR Core"`.',
    )


Path = tuple[tuple[Item, object], ...]
_Step = tuple[Item, object, State, int]
"""What is taken, its value, and the place after it."""


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
        self._known: dict[tuple[State, int], list[_Step]] = {}

    def paths(self, state: State, at: int) -> Iterator[Path]:
        """Every way to the end; no step is taken that leads nowhere."""
        if self._is_end(state, at):
            yield ()
        for item, value, after, end in self._leading(state, at):
            for path in self.paths(after, end):
                yield ((item, value), *path)

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
        if any(item.kind == "names" for item in slots) and rest.count(",") >= MAX_NAMES:
            return Misread(f"At most {MAX_NAMES} names at once.", hint="Say it in several lines.")
        if slots and not fits(rest):
            return Misread(f"A name has at most {MAX_NAME} characters.", hint="Shorten it.")
        expected = f", where `{' '.join(wanted)}` is expected" if wanted else ""
        hint = ""
        if any(is_literal(self._tokens[at], word) for word in self._usage.literals):
            hint = f"A name that starts with `{self._tokens[at].text}` goes in quotes."
        elif any(token.kind is Kind.QUOTED for token in self._tokens):
            hint = "A quoted name stands alone: the quotes go around all of it."
        return Misread(f"I cannot read `{clip(rest)}`{before}{expected}.", hint=hint)

    def _steps(self, state: State, at: int) -> Iterator[_Step]:
        for item, after in state.edges:
            if isinstance(item, Slot) and not is_fixed(item):
                for value, end in TAKE[item.kind](self._tokens, at, self._usage.literals):
                    yield item, value, after, end
            elif at < len(self._tokens) and is_literal(self._tokens[at], item.shown):
                yield item, True, after, at + 1

    def _leading(self, state: State, at: int) -> list[_Step]:
        """The steps from here after which the end can be reached."""
        place = (state, at)
        if place not in self._known:
            self._known[place] = [
                step
                for step in self._steps(state, at)
                if self._is_end(*step[2:]) or self._leading(*step[2:])
            ]
        return self._known[place]

    def _is_end(self, state: State, at: int) -> bool:
        return state.last and at == len(self._tokens)


def _rest(state: State) -> list[str]:
    """The least that may follow a place in the usage line."""
    if state.last:
        return []
    return min(([item.shown, *_rest(after)] for item, after in state.edges), key=len)


def _timeless(rest: str, kind: str) -> Misread:
    try:
        times.duration(rest) if kind == "time" else times.moment(rest)
    except Misread as fault:
        return fault
    return Misread(f"I cannot read `{clip(rest)}`.")
