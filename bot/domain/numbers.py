"""Numbers as people say them, in answers and in the history alike."""


def plural(number: int, noun: str, nouns: str = "") -> str:
    """A number and its noun: `1 VM`, `1,200 VMs`."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"
