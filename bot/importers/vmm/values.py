"""Single values as `ConvertTo-Json` writes those of VMM: strings, numbers, objects, names.

A number whose meaning Microsoft does not document is not checked, never guessed.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from bot.domain.errors import InventoryFault

GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
MOST = 1 << 16
"""Addresses that a range may reserve; IPv6 has more of them than fit anywhere."""
_PARTS = re.compile(r"[\s,;]+")

_ISOLATION = {
    name.lower(): name
    for name in ("NoIsolation", "WindowsNetworkVirtualization", "VLANNetwork", "External")
}
_POWER = {
    "running": "running",
    "poweroff": "off",
    "poweredoff": "off",
    "stopped": "off",
    "off": "off",
    "saved": "saved",
    "paused": "paused",
}
_OUT_OF_SIGHT = {"hostnotresponding", "missing", "unknown", "lostcommunication", "inaccessible"}
_ADDRESSING = {"0": "dhcp", "dynamic": "dhcp", "dhcp": "dhcp", "1": "static", "static": "static"}
_NOTHING = {"", "none", "unknown", "notapplicable"}


def unwrap(value: Any) -> list[Any]:
    """A list, its one element alone, or `{"value": […]}`: all are what PowerShell makes of one."""
    if value is None or value == "":
        return []
    if isinstance(value, dict) and set(value) == {"value", "Count"}:
        return unwrap(value["value"])
    return list(value) if isinstance(value, list) else [value]


def text(value: Any) -> str | None:
    """The text; None if there is none or only white space."""
    return value.strip() or None if isinstance(value, str) else None


def name_of(value: Any) -> str | None:
    """The name of what is written as an object or as its bare name."""
    return text(value.get("Name")) if isinstance(value, dict) else text(value)


def id_of(value: Any) -> str | None:
    """The id of what is written as an object; None for a bare name."""
    found = text(value.get("ID")) if isinstance(value, dict) else None
    return found.lower() if found else None


def word(value: Any) -> str | None:
    """A state's name; None for nothing, `None`, `Unknown` or a bare number."""
    found = text(value)
    if found is None or found.isdigit() or found.replace(" ", "").lower() in _NOTHING:
        return None
    return found


def names(value: Any) -> list[str] | None:
    """A list of names out of objects or bare names; None if one of them has none."""
    found = [name_of(one) for one in unwrap(value)]
    return None if None in found else [name for name in found if name]


def isolation(value: Any) -> str | None:
    """The isolation by its name; its numbers are not documented."""
    return _ISOLATION.get((text(value) or "").lower())


def power(state: Any, status: Any) -> str | None:
    """Whether the VM runs; None if VMM has lost sight of it or the word is another."""
    known = (text(status) or "").replace(" ", "").lower()
    if known in _OUT_OF_SIGHT:
        return None
    return _POWER.get((text(state) or known).replace(" ", "").lower())


def addressing(value: Any) -> str | None:
    """Static or DHCP: 0 is dynamic and 1 static, as VMM writes EthernetAddressType too."""
    return None if isinstance(value, bool) else _ADDRESSING.get(str(value).strip().lower())


def addresses(value: Any) -> list[str]:
    """Addresses out of one string, several in one string, or a list; APIPA ones too."""
    found = [part for one in unwrap(value) for part in _PARTS.split(str(one))]
    return [part for part in found if _address(part)]


def ranges(value: Any) -> list[dict[str, Any]]:
    """`192.168.1.0/24-399 192.168.1.0/24-120`, or objects with Subnet and VLanID."""
    found = []
    for one in unwrap(value):
        if isinstance(one, dict):
            row = {"cidr": one.get("Subnet"), "vlan": one.get("VLanID", one.get("VLanId"))}
            found.append({key: value for key, value in row.items() if value is not None})
            continue
        for part in filter(None, _PARTS.split(str(one))):
            cidr, dash, vlan = part.rpartition("-")
            number = int(vlan) if vlan.isdecimal() else vlan
            found.append({"cidr": cidr, "vlan": number} if dash else {"cidr": part})
    return found


def reserved(value: Any, first: str, last: str) -> list[str]:
    """Addresses out of `10.0.0.1, 10.0.0.5-10.0.0.9`, as far as they are in the pool."""
    low, high = _address(first), _address(last)
    if low is None or high is None:
        return []
    found: dict[str, None] = {}
    for one in unwrap(value):
        for part in str(one).split(","):
            start, dash, end = part.partition("-")
            found.update(dict.fromkeys(_between(start, end if dash else start, low, high)))
    return list(found)


Address = IPv4Address | IPv6Address


def _between(start: str, end: str, low: Address, high: Address) -> Iterator[str]:
    first, last = _address(start), _address(end)
    if first is None or last is None or not first.version == last.version == low.version:
        return
    numbers = range(max(int(first), int(low)), min(int(last), int(high)) + 1)
    if len(numbers[: MOST + 1]) > MOST:
        raise InventoryFault(
            f"A pool reserves more than {MOST:,} addresses from {start.strip()} on.",
            hint="Make the pool smaller: it gives out less than it keeps.",
        )
    for number in numbers:
        yield str(type(low)(number))


def _address(value: Any) -> Address | None:
    try:
        return ip_address(str(value).strip())
    except ValueError:
        return None
