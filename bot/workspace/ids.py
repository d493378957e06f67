"""Random ids in Slack's alphabet."""

from __future__ import annotations

import secrets

LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def token_of(length: int) -> str:
    """So many random letters and digits."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))
