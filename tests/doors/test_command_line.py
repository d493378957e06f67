import json
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import __version__
from tests.builders import NY, Site, Town
from tests.doors.commandline import ROOT, environment, netmap

TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SLACK_SIGNING_SECRET": "s"}


def test_the_version_is_said_without_loading_the_house(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['netmap', '--version']\n"
        "from bot.__main__ import main\n"
        "try: main()\n"
        "finally: print([m for m in ('pydantic', 'slack_bolt', 'sqlite3') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert __version__ in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_first_question_finds_the_sample_estate(tmp_path: Path) -> None:
    done = netmap("say", "servers", cwd=tmp_path)

    assert done.returncode == 0
    assert "VMM-NewYork" in done.stdout
    assert done.stderr == ""


def test_the_sample_is_never_loaded_beside_slacks_tokens(tmp_path: Path) -> None:
    done = netmap("say", "servers", cwd=tmp_path, SLACK_BOT_TOKEN="xoxb-1")

    assert "VMM-NewYork" not in done.stdout


def test_say_prints_one_object_with_these_keys(sample_db: Path) -> None:
    done = netmap("say", "--json", "vm web01", cwd=sample_db.parent)

    answer = json.loads(done.stdout)
    keys = ["command", "ok", "error", "text", "blocks", "visibility", "files", "result"]
    assert list(answer) == keys
    assert (answer["command"], answer["ok"], answer["error"]) == ("vm web01", True, None)
    assert answer["result"]["pairs"][0]["vm"] == "web01"


@pytest.mark.parametrize(
    ("line", "code"),
    [("servers", 0), ("nonsense", 1), ('vm "web', 1), ("vm no-such-vm", 1), ("x" * 5_000, 1)],
)
def test_the_exit_code_says_whether_it_was_answered(sample_db: Path, line: str, code: int) -> None:
    done = netmap("say", line, cwd=sample_db.parent)

    assert done.returncode == code
    assert "Traceback" not in done.stdout + done.stderr


def test_a_bug_has_its_own_exit_code(sample_db: Path) -> None:
    with sqlite3.connect(sample_db) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("DROP TABLE change")

    done = netmap("say", "history", cwd=sample_db.parent)

    assert done.returncode == 2
    assert done.stdout.split("`")[1] in done.stderr


def shell(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell in which `$netmap` is netmap."""
    return subprocess.run(
        ["/bin/sh", "-c", line],
        cwd=cwd,
        env=environment(netmap=f"{sys.executable} -m bot"),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(os.name != "posix", reason="a shell that can close streams")
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("$netmap --version >&-", 0),
        ("$netmap say list >&-", 0),
        ("$netmap say --json list >&- 2>&-", 0),
        ("$netmap say nonsense >&-", 1),
        ("$netmap export >&-", 0),
        ("$netmap console <&-", 0),
        ("$netmap console --json <&- >&-", 0),
        ("$netmap health >&- <&-", 1),
        ("$netmap say help add | :", 0),
    ],
)
def test_a_closed_stream_is_no_reason_to_break(sample_db: Path, line: str, code: int) -> None:
    done = shell(line, sample_db.parent)

    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
@pytest.mark.parametrize("line", ["$netmap say list >/dev/full", "$netmap export >/dev/full"])
def test_an_answer_that_cannot_be_written_is_said_in_a_sentence(sample_db: Path, line: str) -> None:
    assert says(shell(line, sample_db.parent), "The answer cannot be written: No space left")


def test_all_rows_of_an_answer_go_into_a_file(sample_db: Path) -> None:
    home = sample_db.parent

    done = netmap("say", "--csv", "moves.csv", "add Prod-Web to DR-Web --dry-run", cwd=home)

    rows = (home / "moves.csv").read_text(encoding="utf-8-sig").splitlines()
    assert done.returncode == 0, done.stderr
    assert rows[0] == "VM,NIC,Reconnection,Rule"
    assert len(rows) > 1
    assert f"{len(rows) - 1:,} rows written to moves.csv." in done.stderr
    assert "Dry run, nothing is changed" in done.stdout


def test_a_file_is_kept_where_there_are_no_rows_for_it(sample_db: Path) -> None:
    kept = sample_db.parent / "moves.csv"
    kept.write_text("as it was")

    done = netmap("say", "--csv", "moves.csv", "add Prod-Web to Nowhere", cwd=sample_db.parent)

    assert done.returncode == 1
    assert "There are no rows for moves.csv." in done.stderr
    assert kept.read_text() == "as it was"
    assert not list(sample_db.parent.glob("*.part"))


def test_a_file_that_cannot_be_written_is_said_before_anything_is_done(sample_db: Path) -> None:
    home = sample_db.parent

    done = netmap("say", "--csv", "none/moves.csv", "add Prod-Web to DR-Web", cwd=home)

    assert says(done, "none/moves.csv cannot be written")
    assert "Nothing was asked or done" in done.stderr
    assert "Prod-Web (VMM-NewYork) to" not in netmap("say", "history last 1h", cwd=home).stdout


@pytest.mark.parametrize("to", ["netmap.db", "./netmap.db", "link.csv", "folder", "pipe", ""])
def test_a_list_is_written_over_nothing_but_files(sample_db: Path, to: str) -> None:
    home = sample_db.parent
    (home / "link.csv").hardlink_to(sample_db)
    (home / "folder").mkdir()
    os.mkfifo(home / "pipe")

    done = netmap("say", "--csv", to, "add Prod-Web to DR-Web", cwd=home)

    assert done.returncode == 1
    assert "Nothing was asked or done." in done.stderr
    assert "Traceback" not in done.stderr
    assert netmap("say", "show Prod-Web", cwd=home).returncode == 0
    assert "Prod-Web (VMM-NewYork) to" not in netmap("say", "history last 1h", cwd=home).stdout


@pytest.mark.parametrize("words", [("export",), ("script", "export")])
def test_no_file_is_written_over_the_database(sample_db: Path, words: tuple[str, ...]) -> None:
    done = netmap(*words, "netmap.db", cwd=sample_db.parent)

    assert says(done, "netmap.db is netmap's database.")
    assert netmap("say", "servers", cwd=sample_db.parent).returncode == 0


def test_the_database_is_not_restored_from_itself(sample_db: Path) -> None:
    done = netmap("restore", "netmap.db", cwd=sample_db.parent)

    assert says(done, "netmap.db is the database itself.")
    assert not list(sample_db.parent.glob("*.before-restore-*"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
@pytest.mark.parametrize("line", ["add Prod-Web to DR-Web", "list"])
def test_a_file_that_fails_leaves_what_was_asked_done_and_answered(
    sample_db: Path, line: str
) -> None:
    home = sample_db.parent
    (home / "moves.csv.part").symlink_to("/dev/full")

    done = netmap("say", "--csv", "moves.csv", line, cwd=home)

    assert says(done, "moves.csv cannot be written: No space left on device")
    assert "What the answer says holds" in done.stderr
    assert "Prod-Web" in done.stdout
    assert not (home / "moves.csv").exists()
    made = "mapped Prod-Web (VMM-NewYork)" in netmap("say", "history last 1h", cwd=home).stdout
    assert made == line.startswith("add")


def test_options_of_the_line_are_left_to_the_line(sample_db: Path) -> None:
    done = netmap("say", "vm", "web01", "--test", cwd=sample_db.parent)

    assert done.returncode == 0


def test_a_change_is_made_by_whoever_sits_there(sample_db: Path) -> None:
    assert netmap("say", "add Prod-Web to DR-Web", cwd=sample_db.parent).returncode == 0

    done = netmap("say", "--json", "history last 1h", cwd=sample_db.parent)

    changes = json.loads(done.stdout)["result"]["changes"]
    assert any(one["by"].startswith("local:") and "Prod-Web" in one["text"] for one in changes)


def test_a_program_talks_line_by_line(sample_db: Path) -> None:
    done = netmap(
        "console", "--json", cwd=sample_db.parent, stdin="servers\n\nnonsense\n/netmap vm web01\n"
    )

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["ok"] for one in answers] == [True, False, True]
    assert [one["command"] for one in answers] == ["servers", "nonsense", "vm web01"]
    assert done.returncode == 0


def test_the_console_is_plain_where_it_is_piped(sample_db: Path) -> None:
    done = netmap("console", cwd=sample_db.parent, stdin="servers\nexit\nnonsense\n")

    assert done.stdout.startswith("3 VMM servers")
    assert "\033" not in done.stdout
    assert "nonsense" not in done.stdout


# Settings that contradict each other


@pytest.mark.parametrize(
    ("words", "given", "missing"),
    [
        (["run"], ["SLACK_BOT_TOKEN"], "SLACK_APP_TOKEN is not set."),
        (["run"], ["SLACK_APP_TOKEN"], "SLACK_BOT_TOKEN is not set."),
        (["run"], ["SLACK_SIGNING_SECRET"], "SLACK_BOT_TOKEN and SLACK_APP_TOKEN are not set."),
        (["run", "--slack"], [], "SLACK_BOT_TOKEN and SLACK_APP_TOKEN are not set."),
        (["run", "--http", "0"], ["SLACK_BOT_TOKEN"], "SLACK_SIGNING_SECRET is not set."),
        (["run", "--http", "x"], list(TOKENS), "--http x names no port."),
        (["run", "--http", "0"], [], "SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET are not set."),
    ],
)
def test_half_a_set_up_is_refused_naming_the_rest(
    tmp_path: Path, words: list[str], given: list[str], missing: str
) -> None:
    done = netmap(*words, cwd=tmp_path, **{name: TOKENS[name] for name in given})

    assert done.returncode == 1
    assert done.stderr.startswith(missing)
    assert not (tmp_path / "netmap.db").exists()


def test_faulty_settings_are_all_said(tmp_path: Path) -> None:
    done = netmap("say", "x", cwd=tmp_path, NETMAP_WORKERS="many", NETMAP_EDITORS="ana")

    assert done.returncode == 1
    assert "NETMAP_WORKERS is `many`" in done.stderr
    assert "NETMAP_EDITORS holds `ana`" in done.stderr
    assert "Traceback" not in done.stderr


# Databases that cannot be used


def says(done: subprocess.CompletedProcess[str], text: str) -> bool:
    """Whether it was refused with that sentence, and nothing but sentences."""
    return done.returncode == 1 and text in done.stderr and "Traceback" not in done.stderr


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "netmap.db") as connection:
        connection.execute("CREATE TABLE theirs (x)")

    assert says(netmap("say", "servers", cwd=tmp_path), "database of another program")


def test_a_newer_database_is_left_alone(sample_db: Path) -> None:
    with sqlite3.connect(sample_db) as connection:
        connection.execute("PRAGMA user_version=999")

    assert says(netmap("say", "servers", cwd=sample_db.parent), "written by a newer netmap")


def test_what_is_no_database_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "netmap.db").write_text("Dear diary, today I was opened by a program. " * 50)

    assert says(netmap("say", "servers", cwd=tmp_path), "is not a database")


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "netmap.db").mkdir()

    assert says(netmap("say", "servers", cwd=tmp_path), "is a folder")


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    done = netmap("say", "servers", cwd=tmp_path, NETMAP_DB=tmp_path / "none" / "netmap.db")

    assert says(done, "does not exist")


def test_a_locked_database_refuses_writes_with_a_sentence(sample_db: Path) -> None:
    connection = sqlite3.connect(sample_db, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")

    asked = netmap("say", "servers", cwd=sample_db.parent)
    changed = netmap("say", "add Prod-Web to DR-Web", cwd=sample_db.parent)

    connection.close()
    assert asked.returncode == 0
    assert changed.returncode == 1
    assert "is locked by another program" in changed.stdout


# Operation


def test_a_backup_can_be_put_back(sample_db: Path) -> None:
    home = sample_db.parent

    copied = netmap("backup", "copy.db", cwd=home)
    assert copied.returncode == 0
    assert "netmap restore copy.db" in copied.stdout
    assert says(netmap("backup", "copy.db", cwd=home), "exists already")

    netmap("say", "add Prod-Web to DR-Web", cwd=home)
    restored = netmap("restore", "copy.db", cwd=home)
    assert restored.returncode == 0
    assert "What was there before is in" in restored.stdout
    shown = netmap("say", "--json", "vm web01", cwd=home)
    assert json.loads(shown.stdout)["result"]["pairs"][0]["adapters"][0]["rule"] == "not_mapped"


def test_there_is_nothing_to_back_up_where_there_is_no_database(tmp_path: Path) -> None:
    assert says(netmap("backup", "copy.db", cwd=tmp_path), "There is no database")
    assert list(tmp_path.iterdir()) == []


def test_check_says_what_to_do(tmp_path: Path, sample_db: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    fresh = netmap("check", cwd=empty)
    assert fresh.returncode == 0
    assert "netmap.db will be made at the first start" in fresh.stdout
    assert list(empty.iterdir()) == []

    stale = netmap("check", cwd=sample_db.parent)
    assert stale.returncode == 1
    assert "VMM-Denver as of" in stale.stdout
    assert "import a newer one" in stale.stdout

    bare = netmap("check", cwd=empty, SLACK_BOT_TOKEN="xoxb-1", SLACK_API_URL="http://127.0.0.1:9/")
    assert bare.returncode == 1
    assert "set NETMAP_EDITORS" in bare.stdout
    assert "set SLACK_APP_TOKEN" in bare.stdout


def test_an_inventory_of_the_future_is_no_fresh_one(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.at = datetime.now(UTC) + timedelta(days=2)
    town.takes(Site(NY))
    town.house.close()

    done = netmap("check", cwd=tmp_path)

    assert done.returncode == 1
    assert "TODO  inventory" in done.stdout
    assert " (in the future): a clock is wrong, here or there" in done.stdout


def test_health_without_a_bot_is_a_failure(sample_db: Path) -> None:
    done = netmap("health", cwd=sample_db.parent)

    assert done.returncode == 1
    assert "not running" in done.stdout


@pytest.mark.parametrize(
    "url", ["", "ftp://x.org", "netmap.example.org", "http://x.org", "https://["]
)
def test_a_manifest_has_an_address_that_slack_posts_to(tmp_path: Path, url: str) -> None:
    assert says(netmap("manifest", "--http", url, cwd=tmp_path), "is no address that Slack posts")


def test_an_address_without_a_path_gets_the_one_netmap_answers_at(tmp_path: Path) -> None:
    done = netmap("manifest", "--http", "https://netmap.example.org", cwd=tmp_path)

    slash = json.loads(done.stdout)["features"]["slash_commands"][0]
    assert slash["url"] == "https://netmap.example.org/slack/events"


def test_the_manifest_is_printed_as_json(tmp_path: Path) -> None:
    done = netmap("manifest", cwd=tmp_path, NETMAP_COMMAND="/dr")

    assert json.loads(done.stdout)["features"]["slash_commands"][0]["command"] == "/dr"


def test_a_moment_without_zone_is_refused(tmp_path: Path) -> None:
    done = netmap("import", "x.jsonl", "--collected-at", "2026-11-22T06:00", cwd=tmp_path)

    assert says(done, "date, time and zone are needed")


def test_a_missing_inventory_is_said(tmp_path: Path) -> None:
    done = netmap("import", "x.jsonl", cwd=tmp_path)

    assert done.returncode == 1
    assert "x.jsonl" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_an_inventory_is_taken_in(tmp_path: Path) -> None:
    lines = [
        {
            "format": "netmap/inventory/1",
            "server": {"id": "a", "name": "VMM-A"},
            "collected_at": "2026-11-22T06:00:00Z",
        },
        {"network": {"id": "n", "name": "Prod", "subnets": []}},
        {"end": {"clouds": 0, "hosts": 0, "networks": 1, "vms": 0}},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(line) for line in lines) + "\n")

    done = netmap("import", "a.jsonl", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "VMM-A" in done.stdout
    assert "Prod" in netmap("say", "networks", cwd=tmp_path).stdout


def test_the_wheel_finds_its_manifest_inside(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "bot", tmp_path / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.yaml", tmp_path / "bot" / "app.yaml")

    done = subprocess.run(
        [sys.executable, "-m", "bot", "manifest"],
        cwd=tmp_path,
        env=environment() | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert json.loads(done.stdout)["display_information"]["name"] == "netmap"


def test_help_says_what_each_command_does_in_one_whole_line(tmp_path: Path) -> None:
    for words in ([], ["script"]):
        done = netmap(*words, "--help", cwd=tmp_path)

        assert done.returncode == 0
        assert "..." not in done.stdout.partition("Commands:")[2]
