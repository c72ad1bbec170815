"""The running demo with operators in it, and a browser for each of them that stays logged in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import loopback
from journey import FAST, free_ports
from playwright.sync_api import Page, expect
from report import Report
from screen import PASSWORD, Screen, enter
from story import SCOPES, Caller, tell
from town import Town

STAFF = {
    "lam": ("operator", "administrator"),
    "soat": ("auditor", "protection_officer"),
    "xem": ("viewer",),
}
"""Who does, who watches, who only looks."""
TALE = {name: value for name, value in FAST.items() if "RESTRAINT" not in name}
"""As quick as other towns, but for the limits of look-ups, which the demo runs into on purpose."""


class House:
    """The demo's town, told to its end."""

    def __init__(self, town: Town, dsn: str, caller: Caller) -> None:
        self.town, self.dsn, self.caller = town, dsn, caller
        self.staff = {login: town.add_operator(login, *roles, password=PASSWORD) for login, roles in STAFF.items()}
        self._cookies: dict[str, Any] = {}

    def page(self, screen: Screen, login: str, *, scripts: bool = True, width: str = "desk") -> Page:
        """A tab of somebody who is logged in; the first time through the form, by keyboard alone."""
        context = screen.profile(scripts=scripts, width=width, cookies=self._cookies.get(login))
        page = context.new_page()
        if login not in self._cookies:
            enter(page, self.town.api, login, self.staff[login].secret)
            self._cookies[login] = context.cookies()
        return page

    def open(self, page: Page, path: str) -> None:
        answered = page.goto(self.town.api + path)
        assert answered is not None
        assert answered.ok, (path, answered.status)

    def mock(self, system: str, path: str, order: Any = None) -> Any:
        url = f"{self.town.mock_url(system)}/_mock/{path}"
        answer = loopback.get(url) if order is None else loopback.post(url, json=order)
        return answer.raise_for_status().json() if answer.content else None


@contextmanager
def told(logs: Path, dsn: str) -> Iterator[House]:
    """Every check of the demo holds here, too."""
    settings = {**TALE, "LIENTHONG_DATABASE_URL": dsn, "LIENTHONG_TRAFFIC__LIVE_S": "1"}
    town = Town(logs, first_port=free_ports(), settings=settings, tries=True, money=True)
    try:
        for system in town.mocks:
            town.start_mock(system)
        town.start_gateway()
        key = town.add_client("motcua", *SCOPES)
        report = Report()
        tell(town, report, key=key)
        assert report.differed == []
        with closing(Caller(town, key)) as caller:
            yield House(town, dsn, caller)
    finally:
        town.stop()


def said(page: Page) -> str:
    """What the page says was done."""
    notice = page.locator("p.said[role=status]").first
    expect(notice).to_be_visible()
    return notice.inner_text()


def press(page: Page, name: str) -> None:
    """A button, by keyboard."""
    page.get_by_role("button", name=name, exact=True).first.press("Enter")
