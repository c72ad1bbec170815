"""Templates: where they are, what each of them knows, and how moments, numbers and money are written.

A text stands in both languages where it is used, `t("Tiếng Việt", "English")`, and is shown in the one that was chosen.
Everything is escaped; an unknown name is an error and not an empty place.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from gateway.console import cookies
from gateway.console.desk import Desk
from gateway.console.nav import HOME, SECTIONS, Section
from gateway.domain import VIETNAM
from gateway.operators.model import Operator

HERE = Path(__file__).parent
CELL = re.compile(r"<t[hd]\b[^>]*>")
NUMBER = re.compile(r'class="(?:[^"]* )?n(?: [^"]*)?"')
LOOKED_AT = 10
Text = Callable[[str, str], str]


def render(
    request: Request,
    template: str,
    *,
    facts: Mapping[str, Any],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A page, or a piece of one. What was said by the page before is said once, and to whoever did it."""
    operator: Operator | None = getattr(request.state, "operator", None)
    is_secure, desk = request.state.is_secure, desk_of(request)
    digester = desk.services.digester
    told = cookies.read(request.headers, cookies.SAID, is_secure=is_secure) if operator else ""
    said = cookies.heard(told, digester)
    language = language_of(request)
    secret = getattr(request.state, "secret", "")
    sections = [section.seen_by(operator.rights) for section in SECTIONS] if operator else []
    known = {
        "language": language,
        "t": texts(language),
        "operator": operator,
        "path": request.url.path,
        "sections": sections,
        "again": _again(request, sections, status=status),
        "csrf": cookies.csrf_token(digester, secret) if secret else "",
        "said": said.get(language, ""),
        "now": desk.services.clock(),
        "tenant": desk.services.tenant,
    }
    content = environment().get_template(template).render(**known, **facts)
    response = HTMLResponse(content, status_code=status, headers=dict(headers or {}))
    if said:
        cookies.drop(response, cookies.SAID, is_secure=is_secure)
    return response


def _again(request: Request, sections: Sequence[Section], *, status: int) -> str:
    """Where this page is read once more. The answer to a form and an error have no address of their own, but a list
    above them: what stands in a wrong address is repeated nowhere."""
    path, query = request.url.path, request.url.query
    if request.method == "GET" and status < 400:
        return f"{path}?{query}" if query else path
    above = (section.nearest(path) for section in sections if section.holds(path))
    return next((item.path for item in above if item), HOME)


def desk_of(request: Request) -> Desk:
    found: Desk = request.state.desk
    return found


def language_of(request: Request) -> str:
    """What the address says (public pages set no cookie), or the browser's cookie; Vietnamese otherwise."""
    asked = request.query_params.get("lang", "")
    chosen = asked or cookies.read(request.headers, cookies.LANGUAGE, is_secure=request.state.is_secure)
    return chosen if chosen in cookies.LANGUAGES else cookies.LANGUAGES[0]


def texts(language: str) -> Text:
    return lambda vietnamese, english: english if language == "en" else vietnamese


@cache
def environment() -> Environment:
    """Compiled once in each process."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {"moment": moment, "day": day, "number": number, "dong": dong, "share": share, "span": span}
    made.globals |= {"static": static, "number_columns": number_columns}
    return made


@cache
def static(name: str) -> str:
    """The address of a file, which changes with its content, so that browsers may keep it."""
    digest = hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/console/static/{name}?v={digest}"


def number_columns(rows: str) -> frozenset[int]:
    """The places of those cells that hold numbers (`class="n"`) in the first rows; one of them may lack its number."""
    first = rows.split("</tr>", LOOKED_AT)[:LOOKED_AT]
    return frozenset(at for row in first for at, cell in enumerate(CELL.findall(row)) if NUMBER.search(cell))


def moment(at: datetime | None) -> str | Markup:
    """In Vietnam's time, to the second; machines find the zone beside it."""
    if at is None:
        return "—"
    local = at.astimezone(VIETNAM)
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), f"{local:%d/%m/%Y %H:%M:%S}")


def day(at: date | datetime | None) -> str:
    return "—" if at is None else f"{at.astimezone(VIETNAM) if isinstance(at, datetime) else at:%d/%m/%Y}"


def number(value: float | None, digits: int = 0) -> str:
    """1.234,5 as it is written in Vietnam."""
    if value is None:
        return "—"
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def dong(value: int | None) -> str:
    return "—" if value is None else f"{number(value)} ₫"


def share(value: float | None, digits: int = 1) -> str:
    """A share of one, in per cent. Only all is 100, and only nothing is 0: what is between them is not rounded away."""
    if value is None:
        return "—"
    shown, least = value * 100, 10.0**-digits
    return f"{number(min(max(shown, least), 100 - least) if 0 < value < 1 else shown, digits)} %"


def span(seconds: float | None, language: str = "vi") -> str:
    """How long, in the two largest units: `2 giờ 5 phút`."""
    if seconds is None:
        return "—"
    names = ("ngày", "giờ", "phút", "giây") if language == "vi" else ("d", "h", "min", "s")
    left, parts = max(round(seconds), 0), list[str]()
    for size, name in zip((86_400, 3600, 60, 1), names, strict=True):
        count, left = divmod(left, size)
        if count or (size == 1 and not parts):
            parts.append(f"{count} {name}")
    return " ".join(parts[:2])
