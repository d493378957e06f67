"""The form and the apply flow in a real browser, as a newcomer meets them."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import PATIENCE_MS
from tests.e2e.conftest import Running
from tests.e2e.test_browser import PICTURES, say


def choose(page: Page, label: str, name: str) -> None:
    """Pick an option of a select in the form, and wait until the bot has drawn the form anew."""
    dialog = page.locator("dialog[open]")
    before = str(dialog.get_attribute("data-hash"))
    dialog.get_by_role("button", name=label).click()
    if label.endswith("network"):
        page.get_by_role("combobox", name=f"Search {label}").fill(name)
    page.get_by_role("option", name=name).first.click()
    expect(dialog).not_to_have_attribute("data-hash", before, timeout=PATIENCE_MS)
    dialog.get_by_role("button", name=f"{label}: {name}").wait_for()


def keep(page: Page, name: str, accepted: bool) -> None:
    """Take a picture for the README."""
    picture = page.screenshot()
    assert picture.startswith(b"\x89PNG")
    if accepted:
        Path(PICTURES).mkdir(exist_ok=True)
        (PICTURES / name).write_bytes(picture)


def test_a_mapping_is_made_in_the_form(page: Page, pytestconfig: pytest.Config) -> None:
    say(page, "/netmap add")
    dialog = page.locator("dialog[open]")
    dialog.get_by_text("Source VMM server").wait_for()

    choose(page, "Source VMM server", "VMM-NewYork")
    choose(page, "Target VMM server", "VMM-Chicago")
    dialog.get_by_text("Source network").wait_for()
    choose(page, "Source network", "Prod-Web")
    choose(page, "Target network", "DR-Web")
    dialog.get_by_text("12 replica VMs would be reconnected").wait_for()
    dialog.get_by_label("I have read the warnings").check()
    keep(page, "form.png", bool(pytestconfig.getoption("--update-golden")))
    dialog.get_by_role("button", name="OK").click()

    dialog.get_by_text("is now mapped to DR-Web").wait_for()
    page.keyboard.press("Escape")
    messages = page.get_by_role("list", name="Messages")
    messages.get_by_text("is now mapped to DR-Web").first.wait_for()


def test_what_disconnects_is_shown_first_and_then_applied(
    page: Page, pytestconfig: pytest.Config
) -> None:
    say(page, "/netmap remove Prod-App")
    messages = page.get_by_role("list", name="Messages")
    messages.get_by_text("Nothing is changed yet").first.wait_for()
    keep(page, "apply.png", bool(pytestconfig.getoption("--update-golden")))

    messages.get_by_role("button", name="Apply", exact=True).first.click()

    messages.get_by_text("is no longer mapped to DR-App").first.wait_for()


def test_home_shows_how_it_stands(
    page: Page, running: Running, pytestconfig: pytest.Config
) -> None:
    page.goto(f"{running.url}/#/ana/netmap/home")

    home = page.locator(".home")
    home.get_by_text("How it stands").wait_for()
    home.get_by_text("Recent changes").wait_for()
    keep(page, "home.png", bool(pytestconfig.getoption("--update-golden")))
