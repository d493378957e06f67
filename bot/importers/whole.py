"""A file that is one JSON value, as cmdlets and `az` print it: read whole."""

import json
from pathlib import Path
from typing import Any

from bot.domain.errors import InventoryFault
from bot.importers.lines import encoding_of


def whole_json(path: Path) -> Any:
    """What the file holds.

    Raises:
        InventoryFault: it cannot be read, or is no JSON.
    """
    try:
        data = path.read_bytes()
        encoding, mark = encoding_of(data[:64])
        return json.loads(data[mark:].decode(encoding))
    except OSError as error:
        raise InventoryFault(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InventoryFault(
            f"{path} is not valid {error.encoding.upper()}.",
            hint="Save it as UTF-8, or as UTF-16 with a byte order mark.",
        ) from error
    except json.JSONDecodeError as error:
        raise InventoryFault(
            f"{path} is not valid JSON, or was cut off.",
            facts=[f"line {error.lineno}, column {error.colno}: {error.msg}"],
        ) from error
    except (ValueError, RecursionError) as error:
        raise InventoryFault(f"{path} is not JSON that can be read.") from error
