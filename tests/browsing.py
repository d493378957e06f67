"""Debian's Chromium, headless, for tests that look at a page as a person does."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

PATIENCE_MS = 180_000
"""For what is sure to come; a browser takes its time where the machine is busy."""
_PLACES = ("/usr/bin/chromium", "/usr/bin/chromium-browser")
_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; missing, the test is skipped, or fails where NETMAP_REQUIRE_BROWSER is set."""
    found = next((place for place in _PLACES if Path(place).exists()), None)
    if found is None:
        missing = "Chromium is not installed: apt-get install chromium"
        if os.environ.get("NETMAP_REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=_QUIET, timeout=PATIENCE_MS)
        yield opened
        opened.close()


def page_of(browser: Browser) -> Page:
    """A page of the size that the pictures in README have."""
    opened = browser.new_page(viewport={"width": 1180, "height": 1010}, device_scale_factor=1)
    opened.set_default_timeout(PATIENCE_MS)
    return opened
