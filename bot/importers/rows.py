"""The lines of `netmap/inventory/1` as they stand in a file, each an object of one key."""

from collections.abc import Callable
from functools import cache
from typing import Any

from pydantic import ConfigDict, TypeAdapter, with_config
from typing_extensions import TypedDict

from bot.domain.inventory import (
    CloudLine,
    EndLine,
    Header,
    HostLine,
    Id,
    Name,
    NetworkLine,
    UnreadableLine,
    VmLine,
)

_strict = with_config(ConfigDict(extra="forbid", cache_strings="none"))


@_strict
class _Cloud(TypedDict):
    cloud: CloudLine


@_strict
class _Host(TypedDict):
    host: HostLine


@_strict
class _Network(TypedDict):
    network: NetworkLine


@_strict
class _Vm(TypedDict):
    vm: VmLine


@_strict
class _Unreadable(TypedDict):
    unreadable: UnreadableLine


@_strict
class _End(TypedDict):
    end: EndLine


class _Named(TypedDict):
    id: Id
    name: Name


class _NetworkIds(TypedDict):
    id: Id
    subnets: list["_SubnetId"]


class _SubnetId(TypedDict):
    id: Id


_ROWS: dict[str, Any] = {
    "cloud": _Cloud,
    "host": _Host,
    "network": _Network,
    "vm": _Vm,
    "unreadable": _Unreadable,
    "end": _End,
    "any": dict[str, Any],
    "header": Header,
    "cloud ids": dict[str, _Named],
    "host ids": dict[str, _Named],
    "network ids": dict[str, _NetworkIds],
}


@cache
def validator(row: str) -> Callable[[bytes], Any]:
    """Checks a line of this kind; built when first asked for, as building takes a while.

    `cloud ids` and the like look at ids only; `any` takes every object.
    """
    # The adapter's own method does nothing more, and takes half a microsecond for it.
    return TypeAdapter(_ROWS[row]).validator.validate_json
