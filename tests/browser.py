"""A payer's browser: headless Chromium with a fresh profile that reaches this machine only.

Scripts are switched off, so that whatever works here needs none. At the end, nothing was asked of another machine, no
cookie was left, and the browser had nothing to complain about (a style sheet that the page's own policy refuses would
be such a complaint).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

SCREENSHOTS = Path(__file__).parents[1] / ".run" / "screenshots"
PHONE = {"width": 360, "height": 740}
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

expect.set_options(timeout=60_000)  # ms: five seconds, as it comes, are little for a busy machine


@contextmanager
def payer() -> Iterator[BrowserContext]:
    """One payer's browser; each page that is opened in it is a tab. It must be closed before a test runs that needs an
    event loop of its own."""
    asked: list[str] = []
    complaints: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), headless=True, args=FLAGS, chromium_sandbox=os.geteuid() != 0
        )
        context = browser.new_context(
            java_script_enabled=False, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", viewport=PHONE
        )
        context.on("request", note)
        context.on("console", hear)
        yield context
        cookies = context.cookies()
        browser.close()
    assert {urlsplit(url).hostname for url in asked} <= {"127.0.0.1", None}
    assert cookies == []
    assert complaints == []


def keep(page: Page, name: str) -> Path:
    """A screenshot of the whole page, for people to look at. The page fits its width: nobody scrolls sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    return path


def chromium() -> str:
    name = os.environ.get("CHROMIUM", "chromium")
    return shutil.which(name) or pytest.fail(f"{name} is missing; `make browser` sees to it.", pytrace=False)
