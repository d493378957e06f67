"""What a start loads, and what it leaves alone. Counted, not timed."""

import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

import bot
from bot.domain.model import Model
from tests.doors.commandline import environment

SERVES = """
from bot.cli.serving import standing
from bot.settings import Settings
tokens = {"bot_token": "xoxb-1", "app_token": "xapp-1", "api_url": "http://127.0.0.1:9/"}
with standing(Settings.model_validate({"db": "netmap.db", **tokens}), "socket"):
    pass
"""

PICTURES = ("matplotlib", "numpy")
REMOTING = ("pypsrp", "keyring")
WORKSPACE = ("starlette", "uvicorn", "websockets", "bot.workspace")
SLACK = ("slack_bolt", "slack_sdk", "apscheduler", "bot.slack", "bot.jobs")
INTAKE = ("bot.importers", "bot.usecases.importing.imports", "bot.domain.inventory")
LONG = (
    *(f"bot.domain.answers.{one}" for one in ("findings", "history", "mappings", "networks")),
    *("bot.domain.history", "bot.render.tables", "storage.drafts", "storage.pairs"),
)
ELSE = (
    *("bot.usecases.watching.drift", "bot.usecases.mapping.bulk"),
    *("bot.usecases.telling.digests", "bot.domain.posts"),
)
REST = ("sqlite_utils", "yaml", "waitress", "asyncio", *PICTURES, *REMOTING, *WORKSPACE)


def loaded(code: str, cwd: Path) -> set[str]:
    """The modules that are there when a process ends that ran this."""
    told = cwd / "modules.json"
    keep = (
        "import atexit, json, sys\n"
        f"atexit.register(lambda: open({str(told)!r}, 'w').write(json.dumps(list(sys.modules))))\n"
    )
    subprocess.run(
        [sys.executable, "-c", keep + code],
        cwd=cwd,
        env=environment(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return set(json.loads(told.read_text()))


def command(*words: str) -> str:
    """Runs a command of the command line."""
    return (
        f"sys.argv = ['netmap', *{list(words)!r}]\nfrom bot.__main__ import main\n"
        "try: main()\nexcept SystemExit as end: assert not end.code"
    )


def test_the_version_is_said_without_loading_anything(tmp_path: Path) -> None:
    found = loaded(command("--version"), tmp_path)

    assert not found & {"click", "pydantic", "sqlite3", "slack_bolt", "sqlite_utils", "apscheduler"}
    assert {one for one in found if one.startswith("bot")} == {"bot", "bot.__main__"}


def test_a_vm_is_looked_up_with_what_that_takes(sample_db: Path) -> None:
    found = loaded(command("say", "vm web01"), sample_db.parent)

    assert {"bot.usecases.vms", "bot.render.vms"} <= found
    assert found & {*SLACK, *INTAKE, *LONG, *ELSE, *REST} == set()


def test_a_bot_is_ready_without_what_nobody_asked_for(sample_db: Path) -> None:
    found = loaded(SERVES, sample_db.parent)

    assert {"slack_bolt", "apscheduler", "bot.slack.rooms"} <= found
    nouns = {"bot.domain.bulk", "bot.domain.digests", "bot.domain.posts", "bot.domain.lives"}
    bulk = "bot.usecases.mapping.bulk"
    later = {*INTAKE, *LONG, *REST, *nouns, bulk, "bot.slack.web"} - {"asyncio"}
    assert found & later == set()


def test_health_is_told_without_opening_the_store(sample_db: Path) -> None:
    found = loaded(command("health").replace("assert not end.code", "pass"), sample_db.parent)

    assert found & {"sqlite3", "bot.wiring", *SLACK, *REST} == set()


def test_a_bot_that_is_ready_looks_for_garbage_again_but_not_in_itself(sample_db: Path) -> None:
    code = "import gc\ngc.disable()\n" + SERVES.replace(
        "    pass", "    assert gc.isenabled() and gc.get_freeze_count() > 50_000"
    )

    assert loaded(code, sample_db.parent)


@pytest.mark.parametrize("package", ["bot", "storage"])
def test_every_model_waits_until_it_is_used(package: str, tmp_path: Path) -> None:
    for module in pkgutil.walk_packages([str(Path(bot.__file__).parent)], "bot."):
        if module.name != "bot.__main__":
            importlib.import_module(module.name)

    def kinds(of: type[BaseModel]) -> list[type[BaseModel]]:
        return [one for kind in of.__subclasses__() for one in (kind, *kinds(kind))]

    ours = [kind for kind in kinds(BaseModel) if kind.__module__.startswith(package)]
    assert [kind for kind in ours if not issubclass(kind, Model)] == []
    assert all(kind.model_config.get("defer_build") for kind in ours)
