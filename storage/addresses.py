"""Addresses of adapters as they are stored: one text, a space between them."""


def count_v4(addresses: str) -> int:
    """How many of them are IPv4."""
    if not addresses:
        return 0
    if ":" not in addresses:
        return addresses.count(" ") + 1
    return sum(":" not in address for address in addresses.split())
