"""An operator's browser: headless Chromium with scripts, that reaches this machine only and must have nothing to
complain about: no refused style or script, no error, nothing asked of another machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pyotp
from axe_playwright_python.sync_playwright import Axe
from browser import FLAGS, SCREENSHOTS, chromium
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

PASSWORD = "bốn con trâu đen"
WIDTHS = {"phone": (360, 740), "desk": (1024, 768), "wall": (1920, 1080)}
AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
AXE = Axe()


class Screen:
    """One Chromium; each operator has a profile of their own in it."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.asked: list[str] = []
        self.complaints: list[str] = []

    def profile(self, *, scripts: bool = True, width: str = "desk", cookies: Any = None) -> BrowserContext:
        """`cookies`: those of another profile, to look at its session without logging in again."""
        size = dict(zip(("width", "height"), WIDTHS[width], strict=True))
        context = self._browser.new_context(
            java_script_enabled=scripts, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", viewport=size
        )
        if cookies:
            context.add_cookies(cookies)
        context.on("request", self._note)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self._contexts.append(context)
        return context

    def _note(self, request: Request) -> None:
        self.asked.append(request.url)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@contextmanager
def screen() -> Iterator[Screen]:
    """It must be closed before a test runs that needs an event loop of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), headless=True, args=FLAGS, chromium_sandbox=os.geteuid() != 0
        )
        opened = Screen(browser)
        yield opened
        opened.close()
        browser.close()
    hosts = {urlsplit(url).hostname for url in opened.asked}
    assert hosts <= {"127.0.0.1", None}, hosts
    assert opened.complaints == [], opened.complaints[:10]


def enter(page: Page, base: str, login: str, secret: str) -> None:
    """Through the form, by keyboard alone."""
    page.goto(f"{base}/console/login")
    page.wait_for_function("document.activeElement.name === 'login'")  # the first field has the focus
    page.keyboard.type(login)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.type(pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}/console")


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.1 A and AA, each with the element."""
    found = AXE.run(page, options={"runOnly": {"type": "tag", "values": AA}}).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


def overflows(page: Page) -> list[str]:
    """What is wider than the page, beyond what scrolls by itself."""
    if page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"):
        return []
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("body *")]
        .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .filter((e) => !e.closest(".table, nav, pre, .u-wrap")).map((e) => e.outerHTML.slice(0, 160)).slice(0, 5)"""
    )
    return found or ["the page is wider than the screen"]


def photograph(page: Page, name: str) -> list[str]:
    """The page at each width, kept for people to look at; what does not fit."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    too_wide = []
    for size, (width, height) in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(200 if page.locator("[data-plot]").count() else 0)  # plots follow the width
        too_wide += [f"{size}: {each}" for each in overflows(page)]
        page.screenshot(path=SCREENSHOTS / f"console-{name}-{size}.png", full_page=True, animations="disabled")
    return too_wide


def out_of_reach(page: Page) -> list[str]:
    """What can be clicked and not reached by Tab, and what shows no focus when it is."""
    found: list[str] = page.evaluate(
        """() => {
        const wrong = [];
        const note = (what, e) => wrong.push(what + ": " + e.outerHTML.slice(0, 120));
        const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary";
        for (const e of document.querySelectorAll(kinds)) {
            if (!e.checkVisibility() || e.disabled) continue;
            if (e.tabIndex !== 0) note("tabindex", e);
            e.focus({focusVisible: true});
            if (document.activeElement !== e) note("no focus", e);
            else if (getComputedStyle(e).outlineStyle === "none") note("no outline", e);
        }
        for (const e of document.querySelectorAll("[onclick], [tabindex]:not([tabindex='0']):not([tabindex='-1'])"))
            note("not by keyboard", e);
        return wrong;
        }"""
    )
    return found
