"""Tell what somebody gave: an inventory, a run of the script, a vault's mappings, or a table."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from bot.domain.errors import InventoryFault
from bot.importers.answers import is_answers
from bot.importers.lines import encoding_of
from bot.importers.table import is_table
from bot.importers.vault import is_blank, is_vault

HEAD = 1 << 16
SHEETS = (".csv", ".tsv", ".xlsx", ".xls", ".ods")
"""How the names of spreadsheets end: what is called so was meant as a table, and is told why it
is none."""


class Kind(StrEnum):
    INVENTORY = "inventory"
    """Or anything else; its own reader says what is wrong with it."""
    ANSWERS = "answers"
    VAULT = "vault"
    BLANK = "blank"
    """A list of nothing: goes with those of a vault."""
    TABLE = "table"


def kind_of(paths: Sequence[Path]) -> Kind:
    """What these files are together.

    Raises:
        InventoryFault: they are of several kinds.
    """
    found = {path: _kind(path) for path in paths}
    kinds = set(found.values())
    if Kind.BLANK in kinds:
        kinds.remove(Kind.BLANK)
        kinds |= set() if kinds == {Kind.VAULT} else {Kind.INVENTORY}
    if len(kinds) > 1:
        first, *_, last = found
        raise InventoryFault(
            f"{first} and {last} are of two kinds.", hint="Import them one after the other."
        )
    kind = kinds.pop() if kinds else Kind.INVENTORY
    if kind in (Kind.ANSWERS, Kind.TABLE) and len(paths) > 1:
        raise InventoryFault(f"{paths[0]} and others at once.", hint="Import one at a time.")
    return kind


def _kind(path: Path) -> Kind:
    otherwise = Kind.TABLE if path.suffix.lower() in SHEETS else Kind.INVENTORY
    try:
        if not path.is_file():
            return Kind.INVENTORY
        with path.open("rb") as stream:
            raw = stream.read(HEAD)
        encoding, mark = encoding_of(raw[:64])
    except (OSError, ValueError, InventoryFault):
        return otherwise
    head = raw[mark:].decode(encoding, "replace")
    if is_answers(head):
        return Kind.ANSWERS
    if is_vault(head):
        return Kind.VAULT
    if is_blank(head):
        return Kind.BLANK
    if head.lstrip().startswith(("{", "[")):
        return Kind.INVENTORY
    return Kind.TABLE if is_table(head) else otherwise
