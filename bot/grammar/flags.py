"""Read the flags at the end of a line; none is ever ignored."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from bot.domain.errors import Misread
from bot.grammar.compiling import Flag
from bot.grammar.slots import TAKE, Tokens
from bot.grammar.tokens import Kind, clip, written

ALIKE = 0.6
"""From this on, a flag that there is may have been meant."""


def read_flags(flags: Sequence[Flag], tokens: Tokens) -> dict[str, object]:
    """The values of the flags in the tokens, which start with a flag if there are any.

    Raises:
        Misread: a flag is unknown, twice, excluded by another, or lacks its value.
    """
    known = {flag.name: flag for flag in flags}
    starts = [n for n, token in enumerate(tokens) if token.kind is Kind.FLAG]
    for n in starts:
        if tokens[n].text not in known:
            raise _unknown_flag(tokens[n].text, list(known))
    reading: dict[str, object] = {}
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
    alike = {name: SequenceMatcher(None, flag[2:42], name[2:]).ratio() for name in known}
    nearest = max(known, key=lambda name: alike[name])
    meant = f" Did you mean `{nearest}`?" if alike[nearest] >= ALIKE else ""
    there = f" There {'is' if len(known) == 1 else 'are'} {', '.join(known)}." if not meant else ""
    return Misread(
        f"I know no flag `{clip(flag)}` here.{meant or there}",
        hint="Within a reason, put the reason in quotes.",
    )
