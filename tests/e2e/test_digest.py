"""A digest in a real browser: turned on in its form, pressed, acknowledged."""

import pytest
from playwright.sync_api import Page

from tests.e2e.test_browser import say
from tests.e2e.test_form import keep


def test_a_digest_is_turned_on_in_its_form(page: Page, pytestconfig: pytest.Config) -> None:
    say(page, "/netmap digest on")
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("button", name="Channel: dr-oncall").wait_for()
    dialog.get_by_role("button", name="Channel: dr-oncall").click()
    page.get_by_role("option", name="dr-changes").click()
    dialog.get_by_label("When", exact=True).fill("mon,thu 7:00")
    keep(page, "digest_form.png", bool(pytestconfig.getoption("--update-golden")))
    dialog.get_by_label("When", exact=True).fill("now and then")
    dialog.get_by_role("button", name="Turn on").click()
    dialog.get_by_text("now and then is no schedule I can read").wait_for()
    dialog.get_by_label("When", exact=True).fill("daily 7:00")
    dialog.get_by_role("button", name="Turn on").click()

    page.get_by_text("what drifts: daily 07:00 Europe/Amsterdam").first.wait_for()


def test_a_finding_is_acknowledged_from_its_digest(page: Page, pytestconfig: pytest.Config) -> None:
    say(page, "/netmap digest run D1")
    digest = page.locator("article", has_text="at first look")
    digest.wait_for()
    digest.get_by_text("2 replies").wait_for()  # all of it is there, so nothing closes the menu
    keep(page, "digest.png", bool(pytestconfig.getoption("--update-golden")))

    digest.locator("[aria-haspopup=menu]").first.click()
    page.locator(".menu").get_by_text("Acknowledge…").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Reason").fill("CAB-1042")
    dialog.get_by_role("button", name="Acknowledge", exact=True).click()

    page.get_by_text("somebody knows of 1 of them").wait_for()
    page.get_by_text("Acknowledged: CAB-1042.").wait_for()
    page.get_by_text("3 replies").wait_for()
