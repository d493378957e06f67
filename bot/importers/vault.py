"""Read networks and mappings of an Azure Site Recovery vault, as `az` or the REST API prints them.

`az site-recovery network list`, `az site-recovery network mapping list`, and the pages of the REST
API (`value[]`). Ids differ in letter case between answers, so all are compared in lower case. A
mapping is a child of its source network; only those between two VMM servers are taken. The last
part of a network's id is its id in VMM; its friendly name is the one VMM shows.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bot.domain.bulk import End, LeftOut, Wanted, WantedTable
from bot.domain.errors import InventoryFault
from bot.importers.whole import whole_json

Row = dict[str, Any]

NETWORK, MAPPING, FABRIC = "replicationnetworks", "replicationnetworkmappings", "replicationfabrics"
BETWEEN_SITES = "vmmtovmm"

_BLANK = re.compile(r'\[\s*\]|\{\s*(?:"nextLink":\s*(?:null|""),\s*)?"value":\s*\[\s*\][^\[{]*\}')


def open_vault(paths: Sequence[Path]) -> WantedTable:
    """The mappings of a vault, from one or several files of it.

    Raises:
        InventoryFault: a file is no JSON of the kind, or no mapping is in any of them.
    """
    pages = [page for path in paths for page in _pages(path)]
    rows = [row for page in pages for row in page.rows]
    networks = {_key(row): row for row in rows if _kind(row) == NETWORK}
    mappings = [row for row in rows if _kind(row) == MAPPING]
    names = ", ".join(path.name for path in paths)
    if not mappings:
        raise InventoryFault(
            f"{names} holds no network mappings.",
            hint="They are printed by: az site-recovery network mapping list.",
        )
    wanted: list[Wanted] = []
    left = [
        LeftOut(
            place=page.place,
            why="it goes on on another page (nextLink), which is not among these files.",
        )
        for kind in (NETWORK, MAPPING)
        for page in _last_missing([page for page in pages if page.kind in (kind, "")])
    ]
    seen: set[str] = set()
    for row in mappings:
        if _key(row) in seen:
            continue  # pages can overlap
        seen.add(_key(row))
        why = _aside(row)
        if why:
            left.append(LeftOut(place=_called(row), why=why))
            continue
        about = _about(row)
        source_id = _parent(_key(row)) or _lower(about.get("primaryNetworkId"))
        wanted.append(
            Wanted(
                _called(row),
                _end(source_id, about, "primary", networks),
                _end(_lower(about.get("recoveryNetworkId")), about, "recovery", networks),
            )
        )
    notes = [f"{len(networks)} networks and {len(mappings)} mappings were listed in {names}."]
    return WantedTable(names, wanted, left, notes)


def is_vault(head: str) -> bool:
    """Whether a file that begins so is of a vault."""
    start = head.lstrip().lower()
    return start[:1] in ("{", "[") and ("/replicationnetworks" in start or MAPPING in start)


class _Page(NamedTuple):
    place: str
    rows: list[Row]
    goes_on: bool

    @property
    def kind(self) -> str:
        """Networks or mappings; empty where it lists nothing, as a last page may."""
        return _kind(self.rows[0]) if self.rows else ""


def _last_missing(pages: Sequence[_Page]) -> list[_Page]:
    """The page that is the last of these and should not be, if there is one."""
    return list(pages[-1:]) if all(page.goes_on for page in pages) else []


def is_blank(head: str) -> bool:
    """Whether a file that begins so lists nothing, as is printed where there is nothing to list."""
    return _BLANK.fullmatch(head.strip()) is not None


def _pages(path: Path) -> Iterator[_Page]:
    whole = whole_json(path)
    for page in whole if isinstance(whole, list) else [whole]:
        inner = page.get("value", page.get("body", page)) if isinstance(page, dict) else page
        if isinstance(inner, dict) and "value" in inner:
            page, inner = inner, inner["value"]
        rows: list[Row] = []
        for row in inner if isinstance(inner, list) else [inner]:
            if not isinstance(row, dict) or _kind(row) == "":
                raise InventoryFault(
                    f"{path} holds something that is no network and no mapping of a vault.",
                    facts=[json.dumps(row, ensure_ascii=False)[:120]],
                )
            rows.append(row)
        yield _Page(path.name, rows, isinstance(page, dict) and bool(page.get("nextLink")))


def _kind(row: Row) -> str:
    """By its type, or by its id where that is all there is."""
    parts = _key(row).strip("/").split("/")
    kind = str(row.get("type") or "").lower().rpartition("/")[2]
    if kind not in (NETWORK, MAPPING):
        kind = parts[-2] if len(parts) > 1 else ""
    return kind if kind in (NETWORK, MAPPING) else ""


def _key(row: Row) -> str:
    return _lower(row.get("id"))


def _lower(value: object) -> str:
    return value.strip().rstrip("/").lower() if isinstance(value, str) else ""


def _about(row: Row) -> Row:
    inner = row.get("properties")
    return inner if isinstance(inner, dict) else row


def _called(row: Row) -> str:
    return str(row.get("name") or _key(row).rpartition("/")[2] or "a mapping without a name")


def _aside(row: Row) -> str:
    """Why this mapping is none to take; empty if it is one."""
    about = _about(row)
    details = about.get("fabricSpecificSettings") or about.get("fabricSpecificDetails") or {}
    kind = str(details.get("instanceType") or "") if isinstance(details, dict) else ""
    target = _lower(about.get("recoveryNetworkId"))
    if kind.lower() == "vmmtoazure" or "/virtualnetworks/" in target:
        name = about.get("recoveryNetworkFriendlyName") or target.rpartition("/")[2]
        return f"it leads to Azure ({name}), not to a VMM server."
    if kind and kind.lower() != BETWEEN_SITES:
        return f"it is of kind {kind}, not between two VMM servers."
    if not kind and f"/{NETWORK}/" not in target:
        return "it does not say what kind it is, nor lead to a network of a VMM server."
    state = about.get("state")
    if state and str(state).lower() != "paired":
        return f"its state is {state}, not Paired."
    if not target:
        return "it names no target network."
    return ""


def _parent(key: str) -> str:
    """The network that a mapping is a child of."""
    head, sign, _ = key.partition(f"/{MAPPING}/")
    return head if sign else ""


def _end(key: str, about: Row, side: str, networks: dict[str, Row]) -> End:
    """One end: by its id in VMM, with the names that the vault shows for it."""
    listed = _about(networks[key]) if key in networks else {}
    name = listed.get("friendlyName") or about.get(f"{side}NetworkFriendlyName") or ""
    fabric = about.get(f"{side}FabricFriendlyName") or ""
    return End(str(name), key.rpartition("/")[2], str(fabric))
