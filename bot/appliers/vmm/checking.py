"""Whether the VMM servers that are set up answer."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime

from bot.appliers.vmm.remoting import Remote
from bot.domain.errors import NetmapError
from bot.settings import Settings

TRIAL = """Import-Module -Name VirtualMachineManager
$server = Get-SCVMMServer -ComputerName 'localhost'
"$($server.FullyQualifiedDomainName)"
"""
"""What `netmap check` runs at a server."""


def check_vmm(
    settings: Settings, now: Callable[[], datetime], environ: Mapping[str, str] = os.environ
) -> list[tuple[str, bool, str]]:
    """Try every one: (about, whether it is well, what to say)."""
    found = []
    for server in settings.vmm:
        remote = Remote(server, environ, now)
        where = f"{server.name} ({server.host})"
        try:
            said = list(remote.run(TRIAL))
        except NetmapError as fault:
            found.append(("vmm", False, f"{fault.message} {fault.hint}".strip()))
        else:
            found.append(("vmm", True, f"{where} answers, as {said[-1] if said else 'nobody'}"))
    return found
