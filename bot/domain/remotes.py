"""VMM servers that netmap talks to itself: where they are, and how that goes.

A password is never here: only the names of the variables, or of the keyring's entry, that hold it.
"""

import re
import shlex
from datetime import datetime
from ipaddress import ip_address
from typing import Literal, NamedTuple

from pydantic import ConfigDict, Field, ValidationError

from bot.domain.model import Model

Transport = Literal["https", "http"]
Auth = Literal["kerberos", "negotiate", "ntlm", "credssp", "basic"]

EXAMPLE = "VMM-Chicago host=vmm2.example.org username=NETMAP_CHI_USER password=NETMAP_CHI_PASSWORD"

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class VmmServer(Model):
    """How to reach one VMM server by PowerShell remoting."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    """As its inventories call it."""
    host: str = Field(min_length=1)
    transport: Transport = "https"
    port: int | None = Field(None, ge=1, le=65535)
    """None: 5986 for https, 5985 for http."""
    auth: Auth = "negotiate"
    username: str = ""
    """The environment variable that holds the user's name; empty: the bot's own account."""
    password: str = ""
    """The environment variable that holds the password."""
    keyring: str = ""
    """The keyring's service that holds the password instead."""
    verify: str = "yes"
    """`yes`, `no`, or a file of certificates to trust."""
    configuration: str = "Microsoft.PowerShell"
    """The session configuration, such as a constrained one."""
    refresh: int = Field(0, ge=0, le=10080)
    """Minutes between inventories; 0: only when asked."""


class RemoteStanding(Model, frozen=True):
    """How talking to one server goes."""

    name: str
    host: str
    open: bool = False
    """The circuit is open: nothing is sent until `until`."""
    failures: int = 0
    """In a row."""
    until: datetime | None = None
    fault: str = ""
    """What went wrong last; empty after a success."""
    worked_at: datetime | None = None


class Fields(NamedTuple):
    """A description, taken apart."""

    name: str
    values: dict[str, str]


def read_servers(value: object) -> object:
    """Descriptions separated by `;`, or line ends, as servers; anything but text as it is.

    Raises:
        ValueError: a sentence that says which description is wrong, and how.
    """
    if not isinstance(value, str):
        return value
    found: dict[str, VmmServer] = {}
    for text in filter(None, map(str.strip, re.split(r"[;\n]", value))):
        server = _read(text)
        if server.name.casefold() in found:
            raise ValueError(f"describes {server.name} twice")
        found[server.name.casefold()] = server
    return tuple(found.values())


def _read(text: str) -> VmmServer:
    fields = _fields(text)
    try:
        server = VmmServer.model_validate({"name": fields.name, **fields.values})
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        about = str(fault["loc"][0])
        if fault["type"] == "missing":
            raise ValueError(
                f"describes {fields.name} without {about}=; such as: {EXAMPLE}"
            ) from None
        if fault["type"] == "extra_forbidden":
            known = ", ".join(f"{key}=" for key in VmmServer.model_fields if key != "name")
            raise ValueError(f"describes {fields.name} with {about}=, but knows {known}") from None
        raise ValueError(f"describes {fields.name} with a wrong {about}=: {fault['msg']}") from None
    _check(server)
    return server


def _fields(text: str) -> Fields:
    try:
        words = shlex.split(text)
    except ValueError:
        raise ValueError(f"has a quote that is not closed in: {text[:40]}") from None
    names = [word for word in words if "=" not in word]
    if len(names) != 1 or "=" in words[0]:
        raise ValueError(f"needs one name first, in quotes if it has spaces; such as: {EXAMPLE}")
    pairs = [word.partition("=") for word in words[1:]]
    return Fields(names[0], {key: value for key, _, value in pairs})


def _check(server: VmmServer) -> None:
    for key in ("username", "password"):
        if getattr(server, key) and not _VARIABLE.fullmatch(getattr(server, key)):
            raise ValueError(
                f"describes {server.name} with a {key}= that is no name of an environment"
                " variable; the value itself does not belong here"
            )
    if server.password and server.keyring:
        raise ValueError(f"describes {server.name} with password= and keyring=; one is enough")
    if (server.password or server.keyring) and not server.username:
        raise ValueError(f"describes {server.name} with a password and no username=")
    if server.auth == "basic" and server.transport == "http" and not _is_here(server.host):
        raise ValueError(
            f"describes {server.name} with auth=basic over http, which sends the password for all"
            " to read; use transport=https or another auth="
        )


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
