"""Run a script on a VMM server by PowerShell remoting and take its lines as they come.

Time limits: a connection has 30 s to come about, a server 10 min to say its next line. Only what
reads is tried again, and only after faults that may pass; what writes never.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from bot.appliers.vmm.circuit import FAILURES, Circuit
from bot.domain.errors import SetupFault, Unreachable
from bot.domain.remotes import RemoteStanding, VmmServer

log = logging.getLogger("netmap.vmm")

CONNECT_S = 30
POLL_S = 20
SILENCE_S = 600
TRIES = 3
"""Of a read, in all."""
PAUSE_S = 5
"""Before the second try; twice that before the third."""


class Broken(Unreachable):
    """Talking to a server failed.

    Args:
        passing: it may work when tried again; not so a refused login or what VMM itself refused.
    """

    def __init__(self, message: str, hint: str = "", passing: bool = False) -> None:
        super().__init__(message, hint)
        self.passing = passing


class Remote:
    """One VMM server.

    Args:
        server: how to reach it.
        environ: where the variables are that it names.
        now: the time.
        sleep: waits between tries.
    """

    def __init__(
        self,
        server: VmmServer,
        environ: Mapping[str, str],
        now: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        silence_s: float = SILENCE_S,
    ) -> None:
        self.server = server
        self.name = server.name
        self.circuit = Circuit()
        self._environ = environ
        self.now = now
        self._sleep = sleep
        self._silence_s = silence_s

    def standing(self) -> RemoteStanding:
        """How talking to it goes."""
        circuit = self.circuit
        return RemoteStanding(
            name=self.name,
            host=self.server.host,
            open=circuit.is_open(self.now()),
            failures=circuit.failures,
            until=circuit.until,
            fault=circuit.fault,
            worked_at=circuit.worked_at,
        )

    def read(self, script: str, take: Callable[[Iterator[str]], None]) -> list[str]:
        """Run a script that only reads, tried again after faults that may pass; its warnings.

        Args:
            take: gets the lines of each try from the start.

        Raises:
            Unreachable: no try came to its end, or the circuit is open.
        """
        for tried in range(1, TRIES + 1):
            warnings: list[str] = []
            try:
                take(self.run(script, warnings))
            except Broken as fault:
                if not fault.passing or tried == TRIES or self.circuit.is_open(self.now()):
                    raise
                log.warning("%s: try %d of %d failed", self.name, tried, TRIES)
                self._sleep(PAUSE_S * tried)
            else:
                return warnings
        raise AssertionError("the last try returns or raises")

    def run(self, script: str, warnings: list[str] | None = None) -> Iterator[str]:
        """Run a script once.

        Args:
            warnings: gets what the script warns of, at its end.

        Raises:
            Unreachable: it did not come to its end, or the circuit is open.
        """
        now = self.now()
        if self.circuit.is_open(now):
            until = self.circuit.until
            raise Broken(
                f"{self.name} failed {self.circuit.failures} times in a row and is left alone"
                f" until {until:%H:%M %Z}. Last: {self.circuit.fault}",
                hint="`netmap check` tries it at once.",
            )
        try:
            yield from self._run(script, [] if warnings is None else warnings)
        except Broken as fault:
            self.circuit.failed(self.now(), fault.message)
            if self.circuit.failures == FAILURES:
                log.warning("%s: %d failures in a row, resting", self.name, FAILURES)
            raise
        self.circuit.worked(self.now())

    def _run(self, script: str, warnings: list[str]) -> Iterator[str]:
        for name in ("pypsrp", "spnego"):  # they would log whole messages, or faults a second time
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            import requests
            from pypsrp.complex_objects import PSInvocationState
            from pypsrp.exceptions import AuthenticationError, WinRMError
            from pypsrp.powershell import PowerShell, RunspacePool
            from pypsrp.wsman import WSMan
            from spnego.exceptions import SpnegoError
        except ModuleNotFoundError as error:
            raise SetupFault(
                f"To talk to VMM servers more packages are needed ({error.name} is missing).",
                "In the clone netmap was installed from: pip install '.[vmm]'",
            ) from error
        where = f"{self.name} ({self.server.host})"
        pool: Any = None
        try:
            wsman = WSMan(**self._options())
            pool = RunspacePool(wsman, configuration_name=self.server.configuration)
            pool.open()
            shell = PowerShell(pool)
            shell.add_script(script)
            shell.begin_invoke()
            heard = time.monotonic()
            while True:
                running = shell.state == PSInvocationState.RUNNING
                if running:
                    shell.poll_invoke(timeout=POLL_S)
                lines = [str(line) for line in shell.output]
                shell.output.clear()
                if lines:
                    yield from lines
                    heard = time.monotonic()
                elif running and time.monotonic() - heard > self._silence_s:
                    with suppress(WinRMError, requests.RequestException):
                        shell.stop()
                    raise Broken(f"{where} has said nothing for {self._silence_s:.0f} s.")
                if not running:
                    break
            warnings += [_short(record.message) for record in shell.streams.warning]
            if shell.state != PSInvocationState.COMPLETED:
                raise Broken(f"{where} says: {_words(shell.streams.error)}")
        except AuthenticationError as error:
            raise Broken(
                f"{where} refuses the login ({self.server.auth}).",
                f"Check {self._secrets()} and that this account may use remoting there.",
            ) from error
        except requests.exceptions.SSLError as error:
            raise Broken(
                f"{where}: its certificate is not trusted here.",
                "Name the file of its certificate authority with verify= in NETMAP_VMM.",
            ) from error
        except (requests.ConnectionError, requests.Timeout) as error:
            raise Broken(
                f"The connection to {where} could not be made, or broke off.",
                "See that WinRM listens there and nothing between blocks it.",
                passing=True,
            ) from error
        except (WinRMError, requests.RequestException) as error:
            raise Broken(f"{where} cannot be talked to: {_short(error)}", passing=True) from error
        except (SpnegoError, ValueError, ImportError) as error:
            raise Broken(f"{where} cannot be logged in to: {_short(error)}") from error
        finally:
            with suppress(WinRMError, requests.RequestException):
                if pool is not None:
                    pool.close()

    def _options(self) -> dict[str, Any]:
        server = self.server
        verify: bool | str = {"yes": True, "no": False}.get(server.verify.lower(), server.verify)
        plain = server.auth == "basic" and server.transport == "http"
        return {
            "server": server.host,
            "port": server.port,
            "ssl": server.transport == "https",
            "auth": server.auth,
            "username": self._variable(server.username),
            "password": self._password(),
            "cert_validation": verify,
            "encryption": "never" if plain else "auto",
            "connection_timeout": CONNECT_S,
            "read_timeout": POLL_S + 10,
            "operation_timeout": POLL_S,
            "no_proxy": True,
        }

    def _variable(self, name: str) -> str | None:
        if not name:
            return None
        value = self._environ.get(name)
        if not value:
            raise SetupFault(
                f"The variable {name} is not set, and NETMAP_VMM names it for {self.name}."
            )
        return value

    def _password(self) -> str | None:
        if not self.server.keyring:
            return self._variable(self.server.password)
        try:
            import keyring
        except ModuleNotFoundError as error:
            raise SetupFault(
                f"NETMAP_VMM names a keyring for {self.name}, and there is none here.",
                "pip install keyring, beside netmap.",
            ) from error
        user = self._variable(self.server.username)
        try:
            value = keyring.get_password(self.server.keyring, user or "")
        except keyring.errors.KeyringError as error:
            raise SetupFault(
                f"The keyring cannot be asked for the password of {self.name}: {_short(error)}",
                "Unlock it, or name a variable with password= instead.",
            ) from error
        if value is None:
            raise SetupFault(
                f"The keyring has no password of {user} under {self.server.keyring}.",
                f"keyring set {self.server.keyring} {user}",
            )
        return str(value)

    def _secrets(self) -> str:
        named = [self.server.username, self.server.password or self.server.keyring]
        return " and ".join(filter(None, named)) or "the account that netmap runs as"


def _words(errors: Any) -> str:
    """VMM's own words, of the last error."""
    if not errors:
        return "the script ended without saying why."
    return _short(errors[-1])


def _short(error: object) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 300 else f"{text[:299]}…"
