"""The table names what it needs; here is seen that the names fit together."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from bot import domain
from bot.commands import COMMANDS
from bot.commands.command import Command, named
from bot.domain.asking import Stamp
from bot.domain.replies import Reply
from bot.ports import Ports
from bot.render import Show
from bot.usecases.resolving import Ask


def kinds(annotation: Any) -> tuple[Any, ...]:
    """The types of a union, or the one."""
    return get_args(annotation) if get_origin(annotation) is UnionType else (annotation,)


@cache
def answers() -> dict[str, Any]:
    """What answers are called: renderers name them for who reads, and load none of them."""
    found: dict[str, Any] = {}
    for module in walk_packages(domain.__path__, f"{domain.__name__}."):
        kinds = vars(import_module(module.name)).items()
        found |= {name: kind for name, kind in kinds if isinstance(kind, type)}
    return found


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_what_a_row_names_fits_together(command: Command) -> None:
    asks, does, shows = named(command.asks), named(command.does), named(command.shows)
    taken = get_type_hints(does)
    shown = get_type_hints(shows, localns=answers())

    answered = taken.pop("return")
    ports, requests, stamp = taken.values()
    result, show = [hint for name, hint in shown.items() if name != "return"]

    assert issubclass(asks, Ask)
    assert (ports, stamp, get_origin(requests)) == (Ports, Stamp, Sequence)
    assert issubclass(asks, get_args(requests))
    assert set(kinds(answered)) <= set(kinds(result))
    assert (show, shown["return"]) == (Show, Reply)


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.reads], ids=lambda c: c.name)
def test_what_a_row_reads_by_itself_is_asked_for(command: Command) -> None:
    assert set(command.reads) <= set(named(command.asks).model_fields)
    assert all(callable(named(read)) for read in command.reads.values())
