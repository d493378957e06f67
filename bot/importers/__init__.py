"""Inventory files into nouns."""
