"""The parts of README that are made from the code, so that they cannot disagree with it.

python -m tests.readme        say whether README and its drawn pictures are as the code has them
python -m tests.readme write  write them

Pictures of the browser are taken by `pytest tests/e2e --update-golden`.
"""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args, get_type_hints

from bot.commands import COMMANDS
from bot.commands.command import named
from bot.domain.codes import Rule
from bot.domain.model import Model
from bot.settings import TABLE, Settings
from bot.wiring import House
from bot.wiring.taking import load_sample

README = Path(__file__).parent.parent / "README.md"
PICTURES = Path(__file__).parent / "pictures"
DAY = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)


def commands() -> str:
    """The command table."""
    rows = ["| Command | Does | Role |", "|---|---|---|"]
    for c in COMMANDS:
        usage = f"{c.name} {c.usage}".strip().replace("|", "\\|")
        also = f" (also `{'`, `'.join(c.aliases)}`)" if c.aliases else ""
        rows.append(f"| `{usage}`{also} | {c.summary} | {c.role} |")
    return "\n".join(rows)


def settings() -> str:
    """The configuration table."""
    rows = ["| Variable | Default | Meaning |", "|---|---|---|"]
    for v in TABLE:
        default = f"`{v.default}`" if v.default else ""
        rows.append(f"| `{v.name}` | {default} | {v.meaning.replace('|', chr(92) + '|')} |")
    return "\n".join(rows)


def results() -> str:
    """What `result` holds, per command."""
    rows = ["| Command | `result` |", "|---|---|"]
    for model, names in results_of().items():
        fields = ", ".join(f"`{name}`{_inner(kind)}" for name, kind in _fields(model).items())
        rows.append(f"| {', '.join(f'`{name}`' for name in names)} | {fields} |")
    rules = ", ".join(f"`{rule}`" for rule in Rule)
    return "\n".join([*rows, "", f"Rule codes: {rules}."])


def results_of() -> dict[type, list[str]]:
    """Model of a result -> the commands that answer with it."""
    found: dict[type, list[str]] = {}
    for command in COMMANDS:
        answer = get_type_hints(named(command.does))["return"]
        for model in get_args(answer) or (answer,):
            found.setdefault(model, []).append(command.name)
    return found


def _fields(result: type) -> dict[str, Any]:
    """What the result of an answer holds, of which kind."""
    if not issubclass(result, Model):
        return get_type_hints(result)
    result.model_rebuild()  # what a name in quotes stands for
    fields = result.model_fields
    return {name: field.annotation for name, field in fields.items() if not field.exclude}


def _inner(annotation: Any) -> str:
    """The fields of the models inside a list, one level deep."""
    for part in getattr(annotation, "__args__", ()):
        names = (
            _fields(part)
            if isinstance(part, type) and issubclass(part, Model)
            else getattr(part, "__dataclass_fields__", None)
        )
        if names:
            return f" [{', '.join(names)}]"
    return ""


BLOCKS = {"commands": commands, "settings": settings, "results": results}


def written(text: str) -> str:
    """The README with every block made anew."""
    for name, make in BLOCKS.items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        begin, *rest = re.split(pattern, text, maxsplit=1, flags=re.S)
        if len(rest) != 3:
            raise ValueError(f"README.md has no place for {name}")
        text = begin + rest[0] + make() + "\n" + rest[1] + rest[2]
    return text


def drawn() -> dict[Path, bytes]:
    """The pictures of the sample estate, as `map` sends them on a day that stays the same."""
    with TemporaryDirectory() as folder:
        house = House(Settings(db=Path(folder) / "netmap.db"), now=lambda: DAY)
        try:
            load_sample(house)
            files = house.answer("map", by="local:readme").files
        finally:
            house.close()
    return {PICTURES / file.name.removeprefix("netmap-"): file.data for file in files}


def drawn_by(picture: bytes) -> bytes:
    """Which version drew it, as it says itself: others draw a letter a little differently."""
    return picture.partition(b"Software\0")[2].partition(b",")[0]


if __name__ == "__main__":
    now = README.read_text(encoding="utf-8")
    if sys.argv[1:] == ["write"]:
        README.write_text(written(now), encoding="utf-8")
        for path, picture in drawn().items():
            path.write_bytes(picture)
    elif written(now) != now or any(p.read_bytes() != made for p, made in drawn().items()):
        sys.exit("README.md is not as the code has it. Run: python -m tests.readme write")
