"""The operators' console, by somebody with a browser: logs in, looks, finds a dossier, reads whose fault it is."""

from __future__ import annotations

import re

import httpx
from report import Report
from town import Town, call

PASSWORD = "bốn con trâu đen"
TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


def console(town: Town, report: Report, *, dossier: str) -> None:
    report.chapter(
        "Trang vận hành", "An operator logs in with a second factor, sees each system, and reads a dossier's course."
    )
    codes = town.add_operator("demo", "operator", password=PASSWORD).codes
    with httpx.Client(base_url=town.api, timeout=30, trust_env=False, follow_redirects=True) as browser:
        token = TOKEN.findall(browser.get("/console").text)[0]
        said = {"csrf": token, "login": "demo", "password": PASSWORD, "code": codes[0]}
        board = browser.post("/console/login", data=said)
        report.check("logged in, and led to the board", board.url.path, "/console")
        shown = [system for system in town.systems if f'id="system-{system}"' in board.text]
        report.check("a card for each system", len(shown), len(town.systems))
        course = browser.get(f"/console/transactions/about/{dossier}").text
        report.check(
            "the dossier's course is told step by step", course.count("/console/transactions/leaf/") > 10, True
        )
        report.check("no name of its applicant stands there", "Trần Thị Mẫu" in course, False)
        forged = browser.post("/console/delivery/pause", data={"target": "national_portal"})
        report.check("a form that is not of this session changes nothing", forged.status_code, 403)
    status = call("GET", f"{town.api}/trang-thai.json").json()
    report.check("the public status page names whom to ask", bool(status["contact"]["office"]), True)
