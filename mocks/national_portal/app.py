"""The mock portal as an application: login, one data address, and a window on what it has stored.

Written from sections 1 to 5, 8, 9 and 11 of the contract page. What the page does not know is marked `MOCK-`.
Runs alone with `python -m mocks.national_portal.app --port N --state-file F`.
"""

from __future__ import annotations

import hmac
import itertools
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit import alone
from mocks._kit.app import build, fault_of, note
from mocks._kit.clock import Clock, utc_now
from mocks._kit.scenarios import load
from mocks._kit.settings import Settings
from mocks.national_portal.book import Book, Record
from mocks.national_portal.desk import Answer, Desk
from mocks.national_portal.fetching import ROUTES as FETCHING
from mocks.national_portal.fetching import Fetcher
from mocks.national_portal.outbound import ROUTES as OUTBOUND
from mocks.national_portal.outbound import Outbound
from mocks.national_portal.services import dispatch
from mocks.national_portal.sessions import Sessions
from mocks.national_portal.settings import PortalSettings, checked, current

PORT = 7103
ADAPTERS = ("XrdAdapter", "VXPAdapter")
LOGIN_PATH = "mapi/login"
FORMS: Mapping[str, tuple[int | str, ...]] = {"cycle": (0, "0", "00"), "int": (0,), "string": ("0",), "double": ("00",)}

REFUSED = Answer.no("MOCK-REFUSE: Cổng Dịch vụ công quốc gia từ chối bản tin theo kịch bản thử nghiệm")
NOT_JSON = Answer.no("MOCK-JSON: thân bản tin không phải đối tượng JSON")
NO_SESSION = Answer.no("MOCK-SESSION: phiên làm việc không hợp lệ hoặc đã hết hạn")
WRONG_LOGIN = Answer.no("MOCK-LOGIN: sai tên đăng nhập hoặc mật khẩu")


class Portal:
    """The portal's memory and the two things that can be asked of it: a session, and a service."""

    def __init__(self, settings: Settings, *, clock: Clock, new_id: Callable[[], str]) -> None:
        self._settings = settings
        self._clock = clock
        state_file = current(settings).state_file
        fixtures = load(__file__)["fixtures"]
        self._given: Mapping[str, Any] = fixtures
        self.fixtures: dict[str, Any] = dict(fixtures)
        self.book = Book(Path(state_file) if state_file else None)
        self.sessions = Sessions(clock=clock, new_id=new_id)
        self._codes: Iterator[int] = itertools.count()

    @property
    def settings(self) -> PortalSettings:
        """The switches as they stand."""
        return current(self._settings)

    def reset(self) -> None:
        """Forget dossiers (in the state file too), changed catalogues and sessions; begin the cycle of codes anew."""
        self.fixtures = dict(self._given)
        self.book.clear()
        self.sessions.clear()
        self._codes = itertools.count()

    def login(self, body: bytes) -> dict[str, Any]:
        """`{error_code, message, session}`; without a session when the account is not right (section 2)."""
        account = _json_object(body)
        if not (self._knows(account) or (not body and self.settings.empty_login)):
            return self.wire(WRONG_LOGIN)
        return {**self.wire(Answer(0, "Thành công")), "session": self.sessions.open()}

    def serve(self, message: Mapping[str, Any] | None) -> Answer:
        """Answer one message to the data address."""
        if message is None:
            return NOT_JSON
        settings = self.settings
        if not self.sessions.alive(message.get("session"), ttl_s=settings.session_ttl_s):
            return NO_SESSION
        at = self._clock().isoformat()
        return dispatch(Desk(self.book, self.fixtures, settings, at), message)

    def wire(self, answer: Answer) -> dict[str, Any]:
        """The answer as JSON. A success code takes the configured form; all three are seen in the field (3.3)."""
        forms = FORMS[self.settings.code_form]
        code = answer.code if answer.code != 0 else forms[next(self._codes) % len(forms)]
        body: dict[str, Any] = {"error_code": code}
        if answer.message is not None:
            body["message"] = answer.message
        if answer.result is not None:
            body["result"] = answer.result if isinstance(answer.result, Mapping) else list(answer.result)
        return body

    def _knows(self, account: Mapping[str, Any] | None) -> bool:
        if account is None:
            return False
        given = f"{account.get('username')}\n{account.get('password')}"
        return hmac.compare_digest(given.encode(), f"{self.settings.username}\n{self.settings.password}".encode())


def create_app(
    settings: Mapping[str, object] | None = None,
    *,
    clock: Clock = utc_now,
    new_id: Callable[[], str] = lambda: str(uuid4()),
    transport: httpx.AsyncBaseTransport | None = None,
) -> Starlette:
    """The mock portal; `settings` are those of `PortalSettings`. `transport` carries what it sends to the province in
    place of the network."""
    kept = Settings(PortalSettings().model_dump(mode="json"), settings, check=checked)
    portal = Portal(kept, clock=clock, new_id=new_id)
    forward = "RestService/forward/{path:path}"
    routes = [
        *(Route(f"/{adapter}/{forward}", _forward, methods=["POST"]) for adapter in ADAPTERS),
        Route("/_mock/dossiers", _dossiers),
        Route("/_mock/dossiers/{code}", _dossier, methods=["GET"]),
        Route("/_mock/dossiers/{code}", _lose, methods=["DELETE"]),
        *FETCHING,
        Route("/_mock/catalogue", _catalogue, methods=["POST"]),
        Route("/_mock/notes", _notes),
        Route("/_mock/sessions", _end_sessions, methods=["DELETE"]),
        *OUTBOUND,
    ]
    app = build(routes, name="national_portal", settings=kept, faults=("refuse", "expired_session"), reset=portal.reset)
    app.state.portal = portal
    app.state.outbound = Outbound(app.state.journal, transport=transport)
    app.state.fetcher = Fetcher(app.state.journal, transport=transport)
    return app


async def _forward(request: Request) -> Response:
    """The adapter: it reads `dstcode`, then hands the message to the provider path."""
    portal: Portal = request.app.state.portal
    settings = portal.settings
    addresses = {request.headers.get("dstcode"), request.query_params.get("dstcode")} - {None}
    if addresses != {settings.dstcode}:  # MOCK-DSTCODE: header and query are both taken, neither or a wrong one is not
        return JSONResponse({"error_code": -1, "message": "MOCK-DSTCODE: thiếu hoặc sai dstcode"}, 400)
    path = request.path_params["path"]
    if path == LOGIN_PATH:
        return await _login(request, portal)
    if path in (settings.share_path, settings.integration_path):
        return await _data(request, portal)
    return JSONResponse({"error_code": -1, "message": "MOCK-PATH: không có dịch vụ ở địa chỉ này"}, 404)


async def _login(request: Request, portal: Portal) -> Response:
    if fault_of(request, "refuse"):
        return JSONResponse(portal.wire(REFUSED))
    return JSONResponse(portal.login(await request.body()))


async def _data(request: Request, portal: Portal) -> Response:
    message = _json_object(await request.body())
    if fault_of(request, "expired_session"):
        portal.sessions.clear()
    answer = REFUSED if fault_of(request, "refuse") else portal.serve(message)
    note(request, service=(message or {}).get("service"), error_code=answer.code)
    return JSONResponse(portal.wire(answer))


async def _dossiers(request: Request) -> Response:
    """Every stored MaHoSo with how many versions and steps it has, in order of first arrival."""
    book: Book = request.app.state.portal.book
    records = ((code, book.find(code)) for code in book.codes())
    rows = [
        {"MaHoSo": code, "versions": len(record.versions), "steps": len(record.steps)}
        for code, record in records
        if record is not None
    ]
    return JSONResponse({"dossiers": rows})


async def _dossier(request: Request) -> Response:
    """The stored dossier, its versions, and its steps in order of arrival; 404 when there is none."""
    record: Record | None = request.app.state.portal.book.find(request.path_params["code"])
    if record is None:
        return JSONResponse({"error": "MOCK-UNKNOWN-DOSSIER"}, 404)
    versions = [
        {"at": version.at, "updating": version.updating, "dossier": version.dossier, "warnings": list(version.warnings)}
        for version in record.versions
    ]
    steps = [step.step for step in record.steps]
    return JSONResponse({"dossier": record.dossier, "versions": versions, "steps": steps})


async def _catalogue(request: Request) -> Response:
    """Replace one list of the fixtures, `{"name": "fields", "rows": […]}`: what a drifting catalogue looks like."""
    said = _json_object(await request.body()) or {}
    fixtures: dict[str, Any] = request.app.state.portal.fixtures
    held = fixtures.get(str(said.get("name")))
    if held is None or type(said.get("rows")) is not type(held):  # a list, or small lists by their service's name
        return JSONResponse({"error": "MOCK-CATALOGUE", "names": sorted(fixtures)}, 422)
    fixtures[said["name"]] = said["rows"]
    return Response(status_code=204)


async def _notes(request: Request) -> Response:
    """What the other services kept, in order of arrival."""
    notes = request.app.state.portal.book.notes
    return JSONResponse({"notes": [{"service": service, "item": item} for service, item in notes]})


async def _lose(request: Request) -> Response:
    """Forget a dossier that was acknowledged: what a comparison must find."""
    lost = request.app.state.portal.book.lose(request.path_params["code"])
    return Response(status_code=204 if lost else 404)


async def _end_sessions(request: Request) -> Response:
    """End every session at once: what a restart of the portal does to its callers."""
    request.app.state.portal.sessions.clear()
    return Response(status_code=204)


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # NaN and lone surrogates are not JSON text
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


if __name__ == "__main__":
    sys.exit(alone.main(["national_portal", *sys.argv[1:]]))
