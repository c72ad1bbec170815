"""A walk over every page of the console: reached by links, looked at by axe, at three widths, by keyboard.

Screenshots are kept in `.run/screenshots/console-*.png` for people to look at.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin, urlsplit

from browser import SCREENSHOTS
from fastapi.routing import APIRoute
from playwright.sync_api import Page
from screen import out_of_reach, photograph, violations

from gateway.console.app import MODULES

FOLLOWED = 1
"""Pages of one kind that one person opens; more would look the same."""
FOUND = SCREENSHOTS / "console.txt"
"""What is wrong so far, for whoever waits."""
MOST_ROWS = 160
"""Of one table, however many there are; the minutes of an hour and the hours of a week are a table, too."""
NEVER_LINKED = {"/console/login", "/trang-thai", "/trang-thai.json", "/tra-cuu", "/tra-cuu/{code}"}
NEVER_LINKED |= {"/console/oidc/begin", "/console/oidc/return"}
"""What whoever is logged in has no link to."""


def pages() -> dict[str, re.Pattern[str]]:
    """Every address that shows a page by itself, with what it looks like."""
    found = {}
    for route in (route for module in MODULES for route in module.router.routes):
        if not isinstance(route, APIRoute) or "GET" not in route.methods or _is_piece(route):
            continue
        found[route.path] = route.path_regex
    return found


def _is_piece(route: APIRoute) -> bool:
    """Of a page: figures that move by themselves."""
    checks = [dependency.call for dependency in route.dependant.dependencies]
    return route.path.startswith("/console/live/") or any(getattr(check, "quiet", False) for check in checks)


@dataclass(slots=True)
class Tour:
    """What was seen, by kind of page, and what was wrong with it."""

    kinds: Mapping[str, re.Pattern[str]]
    seen: dict[str, list[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def kind(self, path: str) -> str:
        """Of several patterns that fit, the one with the fewest places for names."""
        fitting = [kind for kind, pattern in self.kinds.items() if pattern.match(path)]
        return min(fitting, key=lambda kind: kind.count("{"), default="")

    def walk(self, page: Page, base: str, *, begin: Sequence[str]) -> None:
        """Follow every link that this person has, until each kind of page was opened. What another has looked at before
        is opened for its links alone."""
        waiting, known, opened = [*begin], {*begin}, Counter[str]()
        while waiting:
            address = waiting.pop(0)
            kind = self.kind(urlsplit(address).path)
            if not kind:
                self.wrong.append(f"{address} leads nowhere")
            if not kind or opened[kind] >= FOLLOWED:
                continue
            opened[kind] += 1
            self.seen.setdefault(kind, []).append(address)
            self.look(page, base + address, kind)
            for link in _links(page, base):
                if link not in known:
                    known.add(link)
                    waiting.append(link)

    def look(self, page: Page, url: str, kind: str) -> None:
        response = page.context.request.get(url)
        if "text/html" not in response.headers.get("content-type", ""):
            page.goto("about:blank")
            self._note(url, [] if response.ok else [f"{response.status}"])
            return
        answered = page.goto(url)
        assert answered is not None
        self._note(url, [] if answered.ok else [f"{answered.status} {page.locator('main').inner_text()[:300]}"])
        if len(self.seen[kind]) > 1:
            return
        self._note(url, photograph(page, re.sub(r"[^a-z0-9]+", "-", kind.lower()).strip("-")))
        page.set_viewport_size({"width": 1024, "height": 768})
        page.evaluate("for (const e of document.querySelectorAll('details')) e.open = true")
        self._note(url, violations(page))
        self._note(url, out_of_reach(page))
        if page.locator("h1").count() != 1:
            self._note(url, ["not one h1"])
        longest = page.evaluate("Math.max(0, ...[...document.querySelectorAll('tbody')].map((all) => all.rows.length))")
        if longest > MOST_ROWS:
            self._note(url, [f"{longest} rows in one table"])

    def _note(self, url: str, problems: list[str]) -> None:
        self.wrong += [f"{urlsplit(url).path}: {problem}" for problem in problems]
        FOUND.parent.mkdir(parents=True, exist_ok=True)
        FOUND.write_text("\n".join(self.wrong), encoding="utf-8")


def _links(page: Page, base: str) -> list[str]:
    found: list[str] = page.eval_on_selector_all("a[href]", "all => all.map((a) => a.href)")
    ours = (urldefrag(urljoin(base, link))[0].removeprefix(base) for link in found if link.startswith(base))
    return [link for link in dict.fromkeys(ours) if link.startswith("/console")]
