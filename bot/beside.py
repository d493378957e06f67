"""Take inventories in beside the process that serves, in one of its own.

An import computes for seconds, and a thread that computes makes every answer wait for its turn. A
process does not. It is one at a time, gets what to do on its standard input and answers on its
standard output; secrets stay in the environment, and Slack's are not even there.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from bot.domain.errors import InventoryFault, Stopped
from bot.domain.intake import Intake, Taken, read_taken, taken_before
from bot.domain.reports import ImportReport

log = logging.getLogger(__name__)

COMMAND = "take-in"
"""What the command line calls it."""
LONGEST_S = 3600.0
"""A million VMs take a minute or two; what takes an hour hangs."""
PACKAGES = Path(__file__).parent.parent


class Beside:
    """Starts the processes, one after the other.

    Args:
        db: the database.
        environ: what the process finds in its environment, besides the database's name.
        longest_s: seconds after which it is ended.
    """

    def __init__(
        self, db: Path, environ: Mapping[str, str] = os.environ, longest_s: float = LONGEST_S
    ) -> None:
        paths = [str(PACKAGES), environ.get("PYTHONPATH", "")]
        self._environ = {
            **{name: value for name, value in environ.items() if not _only_ours(name)},
            "NETMAP_DB": str(db.absolute()),
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        }
        self._longest_s = longest_s
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """Of the process that runs now."""
        process = self._process
        return process.pid if process else None

    def take(self, intake: Intake) -> list[ImportReport]:
        """Take these files in; waits for those before.

        Raises:
            NetmapError: what the import says, or that its process ended before it could.
            Stopped: `stop` was called.
        """
        with self._turn:
            process = self._start(intake)
            late = False
            try:
                said, _ = process.communicate(intake.model_dump_json(), timeout=self._longest_s)
            except subprocess.TimeoutExpired:
                late = True
                process.kill()
                said, _ = process.communicate()
            finally:
                self._process = None
        taken = read_taken(said)
        for one in taken:
            if one.fault is not None:
                raise one.fault.error()
        if process.returncode:
            self._explain(intake, process, taken, late)
        return [one.report for one in taken if one.report is not None]

    def stop(self) -> None:
        """End the process that runs, and start none any more."""
        with self._guard:
            self._stopping = True
            if self._process is not None:
                self._process.terminate()

    def _start(self, intake: Intake) -> "subprocess.Popen[str]":
        with self._guard:
            if self._stopping:
                raise _stopped(intake)
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "bot", COMMAND],
                    env=self._environ,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    encoding="utf-8",
                    start_new_session=True,  # Ctrl-C is for us; we end it
                )
            except OSError as error:
                raise InventoryFault(
                    f"{intake.names} was not taken in: no process could be started for it"
                    f" ({error.strerror}).",
                    hint="See what the machine lacks, then give it again.",
                ) from error
            return self._process

    def _explain(
        self,
        intake: Intake,
        process: "subprocess.Popen[str]",
        taken: list[Taken],
        late: bool,
    ) -> None:
        """Raise what to say of a process that ended before it was through."""
        if self._stopping:
            raise _stopped(intake)
        if late:
            why = f"had not ended after {self._longest_s:.0f} s"
        elif process.returncode < 0:
            why = f"was ended from outside ({_signal(-process.returncode)})"
        else:
            why = f"ended with code {process.returncode}; the log says more"
        log.warning("the import of %s broke off: its process %s", intake.names, why)
        before = [one.report.server for one in taken if one.report is not None]
        raise InventoryFault(
            f"The import of {intake.names} broke off: its process {why}.",
            hint="An inventory is taken in whole or not at all. Give it again.",
            facts=taken_before(before),
        )


def _only_ours(name: str) -> bool:
    """Whether a variable is for the bot that serves alone."""
    return name.startswith("SLACK_") or (
        name.startswith("NETMAP_") and not name.startswith("NETMAP_LOG_")
    )


def _stopped(intake: Intake) -> Stopped:
    return Stopped(
        f"netmap is stopping, so {intake.names} was not taken in.",
        hint="Give it again when netmap runs.",
    )


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
