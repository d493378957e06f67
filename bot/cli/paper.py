"""A file for a long list. A disk that takes no more is no reason to leave what was asked undone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.domain.errors import SetupFault

BLOCK = 1 << 20
"""Bytes that are written at once."""


def check_no_database(to: Path, db: Path) -> None:
    """Refuse to write over the database.

    Raises:
        SetupFault: the file is it, or one of the two that go with it.
    """
    kept = [Path(f"{db}{end}") for end in ("", "-wal", "-shm")]
    if to.exists() and any(one.exists() and to.samefile(one) for one in kept):
        raise SetupFault(f"{to} is netmap's database.", "Name another file.")


def _check_file(to: Path, db: Path) -> None:
    """Refuse what is no file, or one that must not be replaced.

    Raises:
        SetupFault: with what it is.
    """
    try:
        if to.is_dir():
            raise SetupFault(f"{to} is a folder.")
        if to.exists() and not to.is_file():
            raise SetupFault(f"{to} is not a file on a disk.")
        check_no_database(to, db)
    except SetupFault as fault:
        raise SetupFault(fault.message, "Name another file. Nothing was asked or done.") from fault


class Paper:
    """Takes text until the disk is full or fails; replaces the file once it is kept.

    Args:
        to: the file.
        db: the database, which it must not be.

    Raises:
        SetupFault: nothing can be written there.
    """

    def __init__(self, to: Path, db: Path) -> None:
        _check_file(to, db)
        self._to = to
        self._half = to.with_name(f"{to.name}.part")
        self._fault: OSError | None = None
        try:
            self._out = self._half.open("w", encoding="utf-8", newline="", buffering=BLOCK)
        except OSError as error:
            raise SetupFault(
                f"{to} cannot be written: {error.strerror}.", "Nothing was asked or done."
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._noting():
            self._out.close()
        with self._noting():
            self._half.unlink(missing_ok=True)

    def write(self, text: str) -> int:
        """Write, unless it failed before."""
        with self._noting():
            return 0 if self._fault else self._out.write(text)
        return 0

    def keep(self) -> None:
        """Put it in its place.

        Raises:
            SetupFault: it is not whole.
        """
        with self._noting():
            self._out.close()
            if self._fault is None:
                self._half.replace(self._to)
        if self._fault is not None:
            raise SetupFault(
                f"{self._to} cannot be written: {self._fault.strerror}.",
                "What the answer says holds; only the file is missing.",
            ) from self._fault

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._fault = self._fault or error
