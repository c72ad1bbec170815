"""The 2026 adapter family (contract page national_portal, section 13) behind the operations of the older portal.

A dossier is created once; the answer names it, and everything later goes by that name. Afterwards only its status and
its steps can be told. What the province sends is what it has always sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlencode

from connectors.portal_adapter import bodies, settling, wire
from connectors.portal_adapter.settings import PortalAdapterSettings
from gateway.domain import DossierCode, InvalidValueError
from gateway.sdk import (
    Absent,
    Accepted,
    Answered,
    Call,
    ConfigurationError,
    Grant,
    Kind,
    Manifest,
    Operation,
    Outcome,
    ProtocolViolation,
    Refused,
    SendNow,
    Settlement,
    TransientRemoteError,
    WireReply,
    WireRequest,
)
from gateway.sdk.replies import check_available, json_object, unreadable

NEXT, UPLOAD, SYNC = "next_dossier_code", "upload_file", "sync_dossier"
STEP, FIND = "report_progress", "find_dossier"
OPERATIONS = (
    # Asking again takes another number: it leaves a gap in the sequence, never the same number twice.
    Operation(name=NEXT, kind=Kind.LOOKUP, idempotent=True, personal_data=False),
    # An upload whose answer was lost leaves a file that no dossier names. Files cannot be looked up there.
    Operation(name=UPLOAD, kind=Kind.SUBMIT, idempotent=True, compared=False, sends_file=True),
    Operation(name=SYNC, kind=Kind.SUBMIT, idempotent=False, replaces=True),
    Operation(name=STEP, kind=Kind.SUBMIT, idempotent=False),
    Operation(name=FIND, kind=Kind.LOOKUP, idempotent=True, personal_data=False),
)
IDEMPOTENT = frozenset(operation.name for operation in OPERATIONS if operation.idempotent)


class PortalAdapterConnector:
    """Cổng Dịch vụ công quốc gia, họ dịch vụ 2026."""

    manifest: ClassVar[Manifest] = Manifest(
        id="portal_adapter",
        title="National public service portal, 2026 adapter",
        title_vi="Cổng Dịch vụ công quốc gia, adapter 2026",
        owner="Văn phòng Chính phủ",
        legal_basis=("NĐ 61/2018/NĐ-CP", "NĐ 107/2021/NĐ-CP", "TT 01/2023/TT-VPCP"),
        operations=OPERATIONS,
        settings=PortalAdapterSettings,
        yields_to="national_portal",
        sandbox={
            "base_url": "http://127.0.0.1:7105/MOCK-adapter",
            "client_id": "tinh.vidu",
            "client_secret": "made-up",
            "token_path": "MOCK-GetToken",
            "next_code_path": "MOCK-GetNextValue",
            "upload_path": "MOCK-UploadFile",
            "create_path": "MOCK-NoiHoSo",
            "progress_path": "MOCK-CapNhatTienTrinh",
            "status_path": "MOCK-CapNhatTrangThai",
            "find_path": "MOCK-DanhSachHoSo",
            "id_field": "MOCK-IdHoSo",
            "progress_field": "MOCK-TienTrinh",
            "success_codes": ("200",),
        },
    )

    def __init__(self, settings: PortalAdapterSettings) -> None:
        self._settings = settings

    def login(self) -> WireRequest:
        own = self._settings
        account = {"client_id": own.client_id, "client_secret": own.client_secret.get_secret_value()}
        return self._post(own.token_path, account)

    def grant(self, reply: WireReply) -> Grant:
        """A token in `data`; how long it lives is not always told."""
        check_available(reply, idempotent=True)
        document = json_object(reply, idempotent=True) if reply.status == 200 else {}
        told = document.get("data")
        token = told.get("access_token") if isinstance(told, Mapping) else None
        if not isinstance(told, Mapping) or not isinstance(token, str) or not token.strip():
            raise ProtocolViolation(
                f"The adapter issued no token (HTTP {reply.status}); check client_id, client_secret and token_path.",
                vi="Bên nhận không cấp token; cần kiểm tra client_id, client_secret và token_path",
                what="credentials_refused",
            )
        life = str(told.get("expires_in")).strip()
        is_told = life.isascii() and life.isdecimal() and int(life) > 0
        return Grant(token=token, expires_in_s=float(life) if is_told else self._settings.token_life_s)

    def rejects_grant(self, reply: WireReply) -> bool:
        return reply.status == 401

    def prepare(self, call: Call) -> WireRequest:
        own = self._settings
        match call.operation:
            case "next_dossier_code":
                return self._get(own.next_code_path, {"code": call.body[own.next_code_from]}, call)
            case "find_dossier":
                return self._get(self._find_path(), {own.find_parameter: call.body["MaHoSo"]}, call)
            case "upload_file":
                media_type, before, after = bodies.form(call)
                upload = self._request("POST", own.upload_path, call, media_type=media_type, content=before)
                return replace(upload, file=call.file, after=after)
            case "report_progress":
                return self._post(own.progress_path, bodies.steps(call), call)
        if settling.creates(call):
            return self._post(own.create_path, bodies.creation(call, receiving_agency=own.receiving_agency), call)
        return self._post(own.status_path, bodies.updates(call), call)

    def interpret(self, call: Call, reply: WireReply) -> Outcome:
        """Success is HTTP 200, a code of success and what the step must return. Less than that is never success."""
        idempotent = call.operation in IDEMPOTENT
        check_available(reply, idempotent=idempotent)
        if reply.status == 401:
            raise TransientRemoteError("A fresh token was refused, too.", what="session_refused")
        if reply.status >= 400:
            return _refused(call, reply, atomic=self._settings.batch_is_atomic)
        if reply.status != 200:
            raise unreadable(idempotent=idempotent, detail=f"HTTP {reply.status} is not in the contract.")
        document = json_object(reply, idempotent=idempotent)
        match call.operation:
            case "next_dossier_code":
                return _next_code(document)
            case "find_dossier":
                return _found(call, document)
        return self._accepted(call, document)

    def most_together(self, operation: str) -> int:
        return self._settings.progress_batch if operation == STEP else 1

    def question(self, call: Call) -> Call | Settlement:
        """What may be repeated needs no question; without a dossier list there is nobody to ask."""
        if call.operation in IDEMPOTENT:
            return SendNow(call=call)
        if not self._settings.find_path:
            return settling.cannot_tell()
        body = {"MaHoSo": settling.code_of(call)}
        return replace(call, operation=FIND, body=body, grant=None, hints={}, parts=())

    def settle(self, call: Call, answer: Outcome) -> Settlement:
        """From what the dossier list shows."""
        if not isinstance(answer, Answered | Absent) or call.operation not in {SYNC, STEP}:
            return settling.cannot_tell()
        items = answer.body["items"] if isinstance(answer, Answered) else []
        if call.operation == STEP:
            return settling.of_step(call, items, progress_field=self._settings.progress_field)
        return settling.of_dossier(call, items, id_field=self._settings.id_field)

    def _accepted(self, call: Call, document: Mapping[str, Any]) -> Outcome:
        idempotent = call.operation in IDEMPOTENT
        code, learned = wire.code(document), _learned(call, document)
        is_success = code in self._settings.success_codes
        if code is not None and not is_success and not (learned and _must_tell(call)):
            return Refused(code=code, reason=wire.message(document), nothing_kept=self._keeps_nothing(call))
        if not is_success or learned is None:
            raise unreadable(
                idempotent=idempotent, detail="The answer has no code of success, or not what it must tell."
            )
        # NoiHoSo carries no status: the same message goes on with it, now that the dossier has a name.
        unfinished = call.operation == SYNC and settling.creates(call)
        return Accepted(reference=call.call_id, learned=learned, unfinished=unfinished)

    def _keeps_nothing(self, call: Call) -> bool:
        return bool(call.parts) and self._settings.batch_is_atomic

    def _find_path(self) -> str:
        if not self._settings.find_path:
            raise ConfigurationError(
                "The adapter's dossier list is not configured (find_path).",
                vi="Chưa cấu hình đường dẫn danh sách hồ sơ (find_path).",
                what="find_path",
            )
        return self._settings.find_path

    def _get(self, path: str, parameters: Mapping[str, str], call: Call) -> WireRequest:
        return self._request("GET", f"{path}?{urlencode(parameters)}", call)

    def _post(self, path: str, document: Any, call: Call | None = None) -> WireRequest:
        content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        return self._request("POST", path, call, media_type="application/json", content=content)

    def _request(
        self, method: str, path: str, call: Call | None, *, media_type: str = "", content: bytes = b""
    ) -> WireRequest:
        headers = {
            "Accept": "application/json",
            **({"Content-Type": media_type} if media_type else {}),
            **({"Authorization": f"Bearer {call.grant.token if call.grant else ''}"} if call else {}),
        }
        return WireRequest(method=method, url=f"{self._settings.base_url}/{path}", headers=headers, content=content)


def _must_tell(call: Call) -> bool:
    """Whether the step returns something of its own, so that having it speaks for success whatever the code says."""
    return call.operation == UPLOAD or (call.operation == SYNC and settling.creates(call))


def _learned(call: Call, document: Mapping[str, Any]) -> dict[str, str] | None:
    """What later messages need of this answer; None: it lacks what the step must return."""
    if call.operation == UPLOAD:
        file, told = call.body["file"], wire.uploaded(document)
        return {f"file:{file}": told[0], f"hash:{file}": told[1]} if told else None
    if call.operation == STEP:
        return {}
    if settling.creates(call):
        named = wire.created(document)
        # Nothing was told of it yet, whatever was told of one of the same code that the adapter has lost.
        return {**named, "status": "", "listed": ""} if named else None
    return settling.after_update(call)


def _refused(call: Call, reply: WireReply, *, atomic: bool) -> Outcome:
    """400, 403 and 404 with `{code, message}` are the adapter's own words; anything else is somebody's on the way."""
    try:
        document = json_object(reply, idempotent=True)
    except ProtocolViolation:
        document = {}
    code = wire.code(document)
    if code is None:
        raise ProtocolViolation(f"The call was refused on the way (HTTP {reply.status}); check paths and agreements.")
    return Refused(code=code, reason=wire.message(document), nothing_kept=bool(call.parts) and atomic)


def _next_code(document: Mapping[str, Any]) -> Outcome:
    """`{value}`: a dossier code of any shape that is in use."""
    value = document.get("value")
    try:
        return Answered(body={"value": DossierCode.parse(value if isinstance(value, str) else "").value})
    except InvalidValueError as exc:
        raise ProtocolViolation("The next value is not a dossier code.") from exc


def _found(call: Call, document: Mapping[str, Any]) -> Outcome:
    items = wire.listed(document, str(call.body["MaHoSo"]))
    if items is None:
        raise ProtocolViolation("The dossier list does not tell whether this dossier is among them.")
    return Answered(body={"items": items}) if items else Absent()
