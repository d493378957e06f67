"""Read what a run of `Connect-NetmapReplicas.ps1` put out."""

import json
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.errors import InventoryFault
from bot.domain.orders import FORMAT, Answer, Answers, read_answer
from bot.importers.faults import Faults
from bot.importers.lines import BadLine, Lines


def open_answers(path: Path) -> Answers:
    """The whole run, also if it broke off.

    Raises:
        InventoryFault: it is none; the first hundred faults are listed.
    """
    faults = Faults(str(path))
    rows: list[Answer] = []
    about: dict[str, str] | None = None
    complete = False
    try:
        with path.open("rb") as stream:
            lines = Lines(stream)
            for batch in lines:
                if isinstance(batch, BadLine):
                    faults.add(batch.number, batch.message)
                    continue
                for number, raw in enumerate(batch[1], batch[0]):
                    if not raw.strip():
                        continue
                    if about is None:
                        about = _about(path, raw)
                        continue
                    try:
                        row = read_answer(raw.decode())
                    except ValueError as error:
                        if lines.unended:
                            break  # it was being written when the run broke off
                        faults.add(number, f"is no line of the script's: {error}")
                        continue
                    if row is None:
                        complete = True
                    else:
                        rows.append(row)
    except OSError as error:
        raise InventoryFault(f"{path} cannot be read: {error.strerror}.") from error
    faults.finish()
    if about is None:
        raise InventoryFault(f"{path} is empty.")
    at = datetime.fromisoformat(about["at"]).astimezone(UTC)
    return Answers(
        str(path), about["plan"], about["server"].lower(), about["name"], at, rows, complete
    )


def is_answers(head: str) -> bool:
    """Whether a file that begins so is such a run."""
    return FORMAT in head.partition("\n")[0]


def _about(path: Path, raw: bytes) -> dict[str, str]:
    try:
        row = json.loads(raw)
        if row["format"] != FORMAT:
            raise ValueError(row["format"])
        found = {
            "plan": str(row["plan"]),
            "server": str(row["server"]["id"]),
            "name": str(row["server"]["name"]),
            "at": str(row["at"]),
        }
        if datetime.fromisoformat(found["at"]).tzinfo is None:
            raise ValueError(found["at"])
        datetime.fromisoformat(found["at"]).astimezone(UTC)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise InventoryFault(
            f"{path} does not begin as the script's answer does.",
            hint="Give the whole of what Connect-NetmapReplicas.ps1 put out.",
        ) from error
    return found
