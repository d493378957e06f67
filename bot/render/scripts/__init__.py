"""The scripts: one to collect, which never changes, and one to reconnect, written per plan.

A plan goes into the script as JSON between single quotes, in ASCII only: PowerShell expands nothing
there, an encoding cannot spoil it, and no line of it can be the `'@` that would end it.
"""

import json
import re
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from bot.domain.orders import Order

EXPORT = "Export-NetmapInventory.ps1"
CONNECT = "Connect-NetmapReplicas.ps1"


def export_script() -> str:
    """What collects an inventory."""
    return files(__package__).joinpath(EXPORT).read_text(encoding="utf-8")


def connect_script(fingerprint: str, guid: str, name: str, orders: Sequence[Order]) -> str:
    """What carries these orders out.

    Args:
        fingerprint: of the plan.
        guid: the VMM server's id.
        name: the VMM server's name.
        orders: the adapters.
    """
    plan = json.dumps({"plan": fingerprint, "server": guid, "name": name})
    lines = [json.dumps(_row(order)) for order in orders]
    text = files(__package__).joinpath(CONNECT).read_text(encoding="utf-8")
    values = {"#PLAN#": plan, "#ADAPTERS#": "\n".join(lines)}
    return re.sub("|".join(values), lambda mark: values[mark[0]], text)


def _row(order: Order) -> dict[str, Any]:
    return {
        "name": order.name,
        "slot": order.slot,
        "does": order.does,
        "vm": order.vm,
        "adapter": order.adapter or None,
        "from": order.was._asdict(),
        "to": order.to._asdict(),
    }
