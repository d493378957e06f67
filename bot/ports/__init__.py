"""What use cases need from outside, as Protocols; the wiring puts the real things in.

No noun is loaded for being named here.
"""

from bot.ports.intake import Draft, InventorySource, Stage, Staged
from bot.ports.outside import Applier, Collector, Ports, Poster
from bot.ports.store import Store, Tables

__all__ = [
    "Applier",
    "Collector",
    "Draft",
    "InventorySource",
    "Ports",
    "Poster",
    "Stage",
    "Staged",
    "Store",
    "Tables",
]
