"""Inventory files into nouns."""

from bot.importers.recognise import open_inventory

__all__ = ["open_inventory"]
