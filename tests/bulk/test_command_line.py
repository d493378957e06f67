"""The command line: scripts and tables as files, and what is given back."""

import json
from pathlib import Path

import pytest

from bot.render.scripts import export_script
from tests.doors.commandline import netmap
from tests.psrp.estate import VmmEstate
from tests.psrp.powershell import Run
from tests.psrp.sites import two_sites, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    here, there = two_sites(2)
    write(tmp_path / "here.jsonl", here)
    write(tmp_path / "there.jsonl", there)
    assert netmap("import", "here.jsonl", "there.jsonl", "--force", cwd=tmp_path).returncode == 0
    assert netmap("say", "add Prod-Web to DR-Web", cwd=tmp_path).returncode == 0
    return tmp_path


def test_the_export_script_is_printed_or_written(tmp_path: Path) -> None:
    printed = netmap("script", "export", cwd=tmp_path)
    written = netmap("script", "export", "Export-NetmapInventory.ps1", cwd=tmp_path)

    assert printed.stdout == export_script()
    assert written.returncode == 0
    file = tmp_path / "Export-NetmapInventory.ps1"
    assert file.read_text(encoding="utf-8") == export_script()


def test_a_folder_stands_for_the_exports_in_it(tmp_path: Path) -> None:
    here, there = two_sites(2)
    exports = tmp_path / "exports"
    exports.mkdir()
    write(exports / "here.jsonl", here)
    write(exports / "there.jsonl", there)
    write(exports / "again.jsonl.part", there[:3])
    (exports / "done").mkdir()
    (tmp_path / "empty").mkdir()

    taken = netmap("import", "exports", "--force", cwd=tmp_path)
    nothing = netmap("import", "empty", cwd=tmp_path)

    assert taken.stdout.startswith("2 inventories taken in: VMM-NewYork and VMM-Chicago changed.")
    assert nothing.returncode == 1
    assert "empty is a folder without a file to take in." in nothing.stderr


def test_a_plan_goes_out_as_a_script_and_its_answer_comes_back(folder: Path) -> None:
    plan = netmap("say", "plan", cwd=folder).stdout.split()[1].rstrip(":")

    made = netmap("script", "connect", plan, "connect.ps1", cwd=folder)
    assert made.returncode == 0, made.stderr
    script = (folder / "connect.ps1").read_text(encoding="utf-8")
    write(folder / "done.jsonl", list(Run(VmmEstate(two_sites(2)[1]).cmdlets()).script(script)))
    back = netmap("import", "done.jsonl", cwd=folder)

    assert back.stdout.startswith("2 adapters at VMM-Chicago confirmed as reconnected.")


def test_a_plan_that_is_none_is_refused(folder: Path) -> None:
    refused = netmap("script", "connect", "00000000", "connect.ps1", cwd=folder)

    assert refused.returncode == 1
    assert "is not the plan any more" in refused.stdout
    assert not (folder / "connect.ps1").exists()


def test_the_table_goes_out_and_comes_back(folder: Path) -> None:
    assert netmap("export", "maps.csv", cwd=folder).returncode == 0
    preview = netmap("import", "maps.csv", "--dry-run", cwd=folder)

    text = (folder / "maps.csv").read_bytes().decode("utf-8-sig")
    assert text.splitlines()[0].startswith("source_server,source,target_server,target,test")
    assert "1 is in force already" in preview.stdout


def test_a_file_that_cannot_be_written_is_said(folder: Path) -> None:
    refused = netmap("export", "nowhere/maps.csv", cwd=folder)

    assert refused.returncode == 1
    assert "cannot be written: No such file or directory" in refused.stderr


def test_check_names_what_is_wrong_with_a_server(tmp_path: Path) -> None:
    found = netmap(
        "check", cwd=tmp_path, NETMAP_VMM="VMM-Chicago host=127.0.0.1 username=A password=B"
    )

    assert found.returncode == 1
    assert "The variable A is not set, and NETMAP_VMM names it for VMM-Chicago." in found.stdout


def test_a_wrong_description_of_a_server_is_a_sentence(tmp_path: Path) -> None:
    found = netmap("check", cwd=tmp_path, NETMAP_VMM="VMM-Chicago")

    assert found.returncode == 1
    assert "NETMAP_VMM describes VMM-Chicago without host=" in found.stderr


def test_of_two_inventories_the_first_stays_though_the_second_is_refused(tmp_path: Path) -> None:
    here, there = two_sites(3)
    write(tmp_path / "here.jsonl", here)
    write(tmp_path / "there.jsonl", [line.replace('"subnets"', '"subnet"') for line in there])

    refused = netmap("import", "here.jsonl", "there.jsonl", cwd=tmp_path)

    assert refused.returncode == 1
    assert "there.jsonl cannot be taken in" in refused.stdout.splitlines()[0]
    assert "VMM-NewYork was taken in before that" in refused.stdout
    assert "VMM-NewYork" in netmap("say", "servers", cwd=tmp_path).stdout
    found = netmap("say", "--json", "drift", cwd=tmp_path)
    assert all(f["id"] for f in json.loads(found.stdout)["result"]["findings"])
