"""Rows become what they are rows of."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T", bound=tuple[Any, ...])


def maker(kind: type[T]) -> Callable[[tuple[Any, ...]], T]:
    """What makes named tuples of this kind of rows.

    As `_make` does, without its detour through Python: there are up to hundreds of thousands.
    """
    return partial(tuple.__new__, kind)
