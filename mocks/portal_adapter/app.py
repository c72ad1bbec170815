"""The mock adapter as an application: a token, five steps, a dossier list, and a window on what it has stored.

Written from section 13 of the contract page national_portal. What the page does not know is marked `MOCK-`: the paths,
the values of `code`, what the dossier list shows. Runs alone with
`python -m mocks.portal_adapter.app --port N --state-file F`.
"""

from __future__ import annotations

import hmac
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit import alone
from mocks._kit.app import build, fault_of, note
from mocks._kit.clock import Clock, utc_now
from mocks._kit.scenarios import load
from mocks._kit.settings import Settings
from mocks.portal_adapter import steps
from mocks.portal_adapter.book import Book, Record
from mocks.portal_adapter.form import one_file
from mocks.portal_adapter.settings import AdapterSettings, checked, current
from mocks.portal_adapter.steps import Answer, Desk
from mocks.portal_adapter.tokens import Tokens

PORT = 7105
ROOT = "/MOCK-adapter"
FAULTS = {
    "refuse": Answer(400, "MOCK-REFUSE: bên nhận từ chối bản tin theo kịch bản thử nghiệm"),
    "forbidden": Answer(403, "MOCK-FORBIDDEN: không có quyền gọi dịch vụ này"),
    "bad_gateway": Answer(502, "MOCK-BAD-GATEWAY: hệ thống phía sau không phản hồi"),
}
NO_TOKEN = Answer(401, "MOCK-TOKEN: token không hợp lệ hoặc đã hết hạn")


class Adapter:
    """The adapter's memory and its tokens."""

    def __init__(self, settings: Settings, *, clock: Clock, new_id: Callable[[], str]) -> None:
        self._settings = settings
        self._clock = clock
        self._new_id = new_id
        state_file = current(settings).state_file
        self.book = Book(Path(state_file) if state_file else None, files=load(__file__)["fixtures"]["files"])
        self.tokens = Tokens(clock=clock, new_id=new_id)

    @property
    def settings(self) -> AdapterSettings:
        """The switches as they stand."""
        return current(self._settings)

    @property
    def desk(self) -> Desk:
        return Desk(self.book, self.settings, self._clock().strftime("%Y%m%d"), self._new_id)

    def reset(self) -> None:
        """Forget everything (in the state file too) and end every token."""
        self.book.clear()
        self.tokens.clear()

    def log_in(self, account: Any) -> Answer:
        """GetToken."""
        own = self.settings
        given = f"{account.get('client_id')}\n{account.get('client_secret')}" if isinstance(account, dict) else ""
        if not hmac.compare_digest(given.encode(), f"{own.client_id}\n{own.client_secret}".encode()):
            return Answer(401, "MOCK-LOGIN: sai client_id hoặc client_secret")
        token = {"access_token": self.tokens.issue(ttl_s=own.token_ttl_s), "token_type": "Bearer", "scope": "default"}
        return Answer(200, "Thành công", token | ({"expires_in": own.token_ttl_s} if own.tell_expires_in else {}))

    def wire(self, answer: Answer) -> Response:
        """The answer as JSON. MOCK-CODE: `code` is the HTTP status, and for success a switch."""
        if answer.bare is not None:
            return JSONResponse(answer.bare, answer.status)
        own = self.settings
        text = own.success_code if answer.status == 200 else str(answer.status)
        code = int(text) if own.code_as_number and text.isdecimal() else text
        return JSONResponse({"code": code, "message": answer.message, "data": answer.data}, answer.status)


Step = Callable[[Request, Adapter], Any]


def create_app(
    settings: Mapping[str, object] | None = None,
    *,
    clock: Clock = utc_now,
    new_id: Callable[[], str] = lambda: str(uuid4()),
) -> Starlette:
    """The mock adapter; `settings` are those of `AdapterSettings`."""
    kept = Settings(AdapterSettings().model_dump(mode="json"), settings, check=checked)
    adapter = Adapter(kept, clock=clock, new_id=new_id)
    routes = [
        Route(f"{ROOT}/MOCK-GetToken", _token, methods=["POST"]),
        Route(f"{ROOT}/MOCK-GetNextValue", _step(_next_value)),
        Route(f"{ROOT}/MOCK-UploadFile", _step(_upload), methods=["POST"]),
        Route(f"{ROOT}/MOCK-NoiHoSo", _step(_json_step(steps.create)), methods=["POST"]),
        Route(f"{ROOT}/MOCK-CapNhatTienTrinh", _step(_json_step(steps.progress)), methods=["POST"]),
        Route(f"{ROOT}/MOCK-CapNhatTrangThai", _step(_json_step(steps.status)), methods=["POST"]),
        Route(f"{ROOT}/MOCK-DanhSachHoSo", _step(_listed)),
        Route("/_mock/dossiers", _dossiers),
        Route("/_mock/dossiers/{code}", _dossier, methods=["GET"]),
        Route("/_mock/dossiers/{code}", _lose, methods=["DELETE"]),
        Route("/_mock/files", _files),
        Route("/_mock/tokens", _end_tokens, methods=["DELETE"]),
    ]
    faults = (*FAULTS, "expired_token")
    app = build(routes, name="portal_adapter", settings=kept, faults=faults, reset=adapter.reset)
    app.state.adapter = adapter
    return app


async def _token(request: Request) -> Response:
    adapter: Adapter = request.app.state.adapter
    answer = _fault(request) or adapter.log_in(_json(await request.body()))
    note(request, status=answer.status)
    return adapter.wire(answer)


def _step(step: Step) -> Callable[[Request], Any]:
    """A step behind the token."""

    async def answered(request: Request) -> Response:
        adapter: Adapter = request.app.state.adapter
        if fault_of(request, "expired_token"):
            adapter.tokens.clear()
        if not adapter.tokens.alive(request.headers.get("authorization", "")):
            answer = NO_TOKEN
        else:
            answer = _fault(request) or await step(request, adapter)
        note(request, status=answer.status)
        return adapter.wire(answer)

    return answered


def _fault(request: Request) -> Answer | None:
    return next((answer for name, answer in FAULTS.items() if fault_of(request, name)), None)


def _json_step(step: Callable[[Desk, Any], Answer]) -> Step:
    async def read(request: Request, adapter: Adapter) -> Answer:
        return step(adapter.desk, _json(await request.body()))

    return read


async def _next_value(request: Request, adapter: Adapter) -> Answer:
    return steps.next_value(adapter.desk, request.query_params.get("code", ""))


async def _upload(request: Request, adapter: Adapter) -> Answer:
    found = await one_file(request)
    if found is None:
        return Answer(400, "MOCK-FORM: cần đúng một tệp trong trường files của multipart/form-data")
    return steps.upload(adapter.desk, *found)


async def _listed(request: Request, adapter: Adapter) -> Answer:
    return steps.listed(adapter.desk, request.query_params.get("MaHoSo", ""))


async def _dossiers(request: Request) -> Response:
    """Every stored MaHoSo with how many statuses and steps it has, in order of first arrival."""
    records = request.app.state.adapter.book.records.values()
    rows = [{"MaHoSo": r.code, "IdHoSo": r.id, "statuses": len(r.statuses), "steps": len(r.steps)} for r in records]
    return JSONResponse({"dossiers": rows})


async def _dossier(request: Request) -> Response:
    """The dossier as it was created, its statuses and its steps in order of arrival; 404 when there is none."""
    record: Record | None = request.app.state.adapter.book.find(request.path_params["code"])
    if record is None:
        return JSONResponse({"error": "MOCK-UNKNOWN-DOSSIER"}, 404)
    told = {"dossier": record.dossier, "statuses": record.statuses, "steps": record.steps}
    return JSONResponse({"IdHoSo": record.id, **told})


async def _lose(request: Request) -> Response:
    """Forget a dossier that was acknowledged: what a comparison must find."""
    book: Book = request.app.state.adapter.book
    record = book.find(request.path_params["code"])
    if record is None:
        return Response(status_code=404)
    book.keep([{"kind": "lost", "id": record.id}])
    return Response(status_code=204)


async def _files(request: Request) -> Response:
    """Every uploaded file, without its bytes."""
    files = request.app.state.adapter.book.files.values()
    rows = [{"IdTepTin": f.id, "name": f.name, "size": f.size, "HashTepTin": f.hash} for f in files]
    return JSONResponse({"files": rows})


async def _end_tokens(request: Request) -> Response:
    """End every token at once: what a restart of the adapter does to its callers."""
    request.app.state.adapter.tokens.clear()
    return Response(status_code=204)


def _json(body: bytes) -> Any:
    try:
        value = json.loads(body)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # NaN and lone surrogates are not JSON text
    except ValueError:
        return None
    return value


if __name__ == "__main__":
    sys.exit(alone.main(["portal_adapter", *sys.argv[1:]]))
