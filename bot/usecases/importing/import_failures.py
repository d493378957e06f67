"""Remember that an import by the clock failed; the next that succeeds takes it back."""

from datetime import datetime

from bot.domain.errors import NetmapError
from bot.domain.lives import ImportFailure
from bot.ports import Ports

INBOX = "The inbox"
"""What the folder of delivered files is called: a file that cannot be read names no server."""
_LONGEST = 300


def remember(ports: Ports, server: str, fault: NetmapError, at: datetime) -> None:
    """The last try failed; this becomes a finding."""
    failure = ImportFailure(server=server, at=at, message=fault.message[:_LONGEST])
    with ports.store.write() as tables:
        tables.lives.import_failed(failure)


def settle_inbox(ports: Ports) -> None:
    """The folder's last file was taken in."""
    with ports.store.read() as tables:
        failed = any(one.server == INBOX for one in tables.lives.failed_imports())
    if failed:
        with ports.store.write() as tables:
            tables.lives.import_succeeded(INBOX)
