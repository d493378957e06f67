"""A newcomer's first minutes in the browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Running

PICTURES = Path(__file__).parent.parent / "pictures"


def say(page: Page, line: str) -> None:
    """Type into the message box as a person does."""
    box = page.get_by_role("combobox", name="Message #dr-oncall")
    box.click()
    page.keyboard.type(line)
    page.keyboard.press("Escape")  # the suggestions
    page.keyboard.press("Enter")


def test_a_mapping_is_added_and_a_vm_looked_up(page: Page, pytestconfig: pytest.Config) -> None:
    say(page, "/netmap add Prod-Web to DR-Web")
    page.get_by_text("12 replica VMs reconnected").first.wait_for()
    say(page, "/netmap vm web01")
    page.get_by_text("web01 comes up on DR-Web / Web at VMM-Chicago").first.wait_for()

    shown = page.get_by_role("list", name="Messages").inner_text()

    assert "Prod-Web (VMM-NewYork) is now mapped to DR-Web (VMM-Chicago)" in shown
    assert "1 left alone because it is running" in shown
    assert "Keeps 10.1.0.21" in shown
    page.set_viewport_size({"width": 1180, "height": 1320})  # the first line is the answer
    picture = page.screenshot()
    assert picture.startswith(b"\x89PNG")
    if pytestconfig.getoption("--update-golden"):
        PICTURES.mkdir(exist_ok=True)
        (PICTURES / "add.png").write_bytes(picture)


def test_what_is_private_is_private_and_what_changes_a_site_is_not(page: Page) -> None:
    say(page, "/netmap add Prod-DB to DR-DB")
    page.get_by_text("is now mapped to DR-DB").first.wait_for()
    say(page, "/netmap vm app01")
    page.get_by_text("app01 comes up on DR-App").first.wait_for()

    messages = page.get_by_role("list", name="Messages").get_by_role("listitem").all_inner_texts()
    added = next(text for text in messages if "is now mapped to DR-DB" in text)
    asked = next(text for text in messages if "app01 comes up on" in text)

    assert "Only visible to you" not in added
    assert "Only visible to you" in asked


def test_it_stops_when_asked(tmp_path: Path) -> None:
    own = Running(tmp_path)

    assert own.stop() == 0, "".join(own.said)
