"""Every service of the portal that the province calls (contract page national_portal, sections 1 to 5).

A dossier is created once and replaced in full ever after; whether it exists is asked before the first time. A step is
appended, and nothing public says that the portal recognises a repeat, so a lost answer is never simply sent again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlencode

import orjson

from connectors.national_portal import citizens_voice, inbound, wire
from connectors.national_portal.services import FIND, SERVICES, STEP, SYNC, Service, Shape
from connectors.national_portal.settings import NationalPortalSettings
from gateway.sdk import (
    Absent,
    Accepted,
    Answered,
    Call,
    CannotTell,
    Grant,
    Handled,
    Inbound,
    InboundRequest,
    Manifest,
    Outcome,
    Probe,
    ProtocolViolation,
    Refused,
    SendNow,
    Settlement,
    TookEffect,
    TransientRemoteError,
    Unsettled,
    WireReply,
    WireRequest,
)
from gateway.sdk.replies import check_available, json_object, unreadable

ALREADY_THERE = "đã tồn tại"


class NationalPortalConnector:
    """Cổng Dịch vụ công quốc gia."""

    manifest: ClassVar[Manifest] = Manifest(
        id="national_portal",
        title="National public service portal",
        title_vi="Cổng Dịch vụ công quốc gia",
        owner="Văn phòng Chính phủ",
        legal_basis=("NĐ 61/2018/NĐ-CP", "NĐ 107/2021/NĐ-CP", "TT 01/2023/TT-VPCP"),
        operations=tuple(service.operation for service in SERVICES.values()),
        settings=NationalPortalSettings,
        sandbox={
            "base_url": "http://127.0.0.1:7103/XrdAdapter/RestService/forward",
            "username": "tinh.vidu",
            "password": "made-up",
            "integration_path": "mapi/MOCK-data",
            "share_path": "mapi/MOCK-share",
            "madonvi": "000.00.00.H99",
            "dstcode": "VN:GOV:000.00.00.G22:vpcpdvcprovider",
            "progress_field": "TIENDO",
            "form_url": "http://127.0.0.1:7199/nop-ho-so",
            "questions_are_listed": True,
        },
        probe=Probe(operation="list_agencies"),  # the catalogue of agencies, section 4.1
    )

    def __init__(self, settings: NationalPortalSettings) -> None:
        self._settings = settings
        self._query, self._headers = _query(settings), _headers(settings)

    def login(self) -> WireRequest:
        own = self._settings
        account = {"username": own.username, "password": own.password.get_secret_value()}
        return self._request(own.login_path, account)

    def grant(self, reply: WireReply) -> Grant:
        """`error_code` 0 and a session; anything else is no login (section 2)."""
        check_available(reply, idempotent=True)
        document = json_object(reply, idempotent=True)
        session = document.get("session")
        if wire.error_code(document) != 0 or not isinstance(session, str) or not session:
            raise ProtocolViolation(
                "The portal did not log us in; check user name, password and dstcode.",
                vi="Cổng Dịch vụ công quốc gia không cho đăng nhập; cần kiểm tra tài khoản và dstcode",
                what="credentials_refused",
            )
        return Grant(token=session, expires_in_s=self._settings.session_life_s)

    def rejects_grant(self, reply: WireReply) -> bool:
        """No code for an expired session is public; the rule is a refusal that speaks of the session (section 2). What
        came with another status than 200 is the adapter's or a crash's, and says nothing about what was done."""
        if reply.status != 200:
            return False
        try:
            document = json.loads(reply.content)
        except (ValueError, RecursionError):
            return False
        return isinstance(document, dict) and self._speaks_of_session(document)

    def prepare(self, call: Call) -> WireRequest:
        service, own = SERVICES[call.operation], self._settings
        envelope: dict[str, Any] = {
            "session": call.grant.token if call.grant else "",
            "madonvi": own.madonvi,
            "service": service.name,
        }
        match service.shape:
            case Shape.BESIDE:
                envelope |= call.body
            case Shape.OBJECT:
                envelope |= {"type": own.origin_type, "data": dict(call.body)}
            case Shape.LIST:
                if call.operation == SYNC:
                    envelope["isUpdating"] = "False" if _creates(call) else "True"  # text, with a capital letter
                envelope["data"] = [dict(body) for body in (call.body, *call.parts)]
        shared = service.shared and own.share_path
        return self._request(own.share_path if shared else own.integration_path, envelope)

    def interpret(self, call: Call, reply: WireReply) -> Outcome:
        service = SERVICES[call.operation]
        check_available(reply, idempotent=service.reads)
        if reply.status >= 300:
            raise ProtocolViolation(f"The adapter refused the call (HTTP {reply.status}); check paths and dstcode.")
        document = json_object(reply, idempotent=service.reads)
        code = wire.error_code(document)
        if code is None:
            raise unreadable(idempotent=service.reads, detail="The answer has no error_code.")
        if code != 0:
            return self._refused(call, document)
        return _found(service, document) if service.reads else Accepted(reference=call.call_id)

    def receive(self, request: InboundRequest) -> Inbound:
        return inbound.receive(request, self._settings)

    def acknowledge(self, request: InboundRequest, handled: Handled) -> WireReply:
        return inbound.acknowledge(request, handled, self._settings)

    def most_together(self, operation: str) -> int:
        """Steps go in batches; what the portal answers about a single one of them is not public (3.2, 5.2)."""
        return self._settings.progress_batch if operation == STEP else 1

    def question(self, call: Call) -> Call | Settlement:
        """A dossier that was born at the portal is shown nowhere under our code (5.3)."""
        if call.operation in citizens_voice.OPERATIONS:
            return citizens_voice.question(call)
        if call.operation not in {SYNC, STEP}:
            return _cannot_tell()
        code = call.body.get("MaHoSo", "")
        return replace(call, operation=FIND, body={"mahoso": code}, grant=None, hints={}, parts=())

    def settle(self, call: Call, answer: Outcome) -> Settlement:
        """From what TraCuuHoSo shows. A dossier is state: sent again it changes nothing. A step is an event."""
        if call.operation in citizens_voice.OPERATIONS:
            return citizens_voice.settle(call, answer, all_listed=self._settings.questions_are_listed)
        if not isinstance(answer, Answered | Absent):
            return _cannot_tell()
        items = answer.body["items"] if isinstance(answer, Answered) else []
        if call.operation == SYNC:
            if any(wire.holds(item, call.body) for item in items):
                return TookEffect(reference=call.call_id)
            differs = wire.differences(items[0], call.body) if items else ()
            return SendNow(call=replace(call, hints={"exists": bool(items)}), differs=differs)
        return self._settle_step(call, items)

    def _settle_step(self, call: Call, items: list[Mapping[str, Any]]) -> Settlement:
        """A dossier that is not there has no steps, and a step needs one (5.2): without it nothing can have arrived."""
        lists = [item.get(self._settings.progress_field) if self._settings.progress_field else None for item in items]
        steps = [step for shown in lists if isinstance(shown, list) for step in shown]
        own = {name: value for name, value in call.body.items() if name != "MaHoSo"}  # they stand under the dossier
        if any(isinstance(step, Mapping) and wire.holds(step, own) for step in steps):
            return TookEffect(reference=call.call_id)
        all_shown = all(isinstance(shown, list) for shown in lists)
        if all_shown and all(wire.is_another_step(step, own) for step in steps):
            return SendNow(call=call)
        return _cannot_tell()

    def _refused(self, call: Call, document: Mapping[str, Any]) -> Outcome:
        if self._speaks_of_session(document):
            raise TransientRemoteError("A fresh session was refused, too.", what="session_refused")
        if call.operation == SYNC and _creates(call) and wire.says(document, [ALREADY_THERE]):
            raise Unsettled("The portal has this dossier already; it is looked up and updated.")
        nothing_kept = bool(call.parts) and self._settings.batch_is_atomic
        return Refused(code=str(document["error_code"]), reason=wire.message(document), nothing_kept=nothing_kept)

    def _speaks_of_session(self, document: Mapping[str, Any]) -> bool:
        return wire.error_code(document) not in {0, None} and wire.says(document, self._settings.session_words)

    def _request(self, path: str, document: Mapping[str, Any]) -> WireRequest:
        return WireRequest(
            method="POST",
            url=f"{self._settings.base_url}/{path}{self._query}",
            headers=self._headers,
            content=orjson.dumps(document),
        )


def _query(own: NationalPortalSettings) -> str:
    parameters = {
        **({"dstcode": own.dstcode} if own.dstcode_mode != "header" else {}),
        **({"providerurl": own.provider_url} if own.provider_url else {}),
    }
    return f"?{urlencode(parameters)}" if parameters else ""


def _headers(own: NationalPortalSettings) -> Mapping[str, str]:
    return {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Charset": "utf-8",
        **({"dstcode": own.dstcode} if own.dstcode_mode != "query" else {}),
    }


def _creates(call: Call) -> bool:
    """Only a look-up that found nothing makes it a creation; once the portal has acknowledged it, it is an update."""
    return call.hints.get("exists") is False


def _found(service: Service, document: Mapping[str, Any]) -> Outcome:
    """A non-empty `result` means that there is something; what the items of TraCuuHoSo hold is not public (4.6)."""
    items = wire.found(document, nested=service.nested, single=service.single)
    if items is None:
        raise ProtocolViolation(f"{service.name} was answered without a result list.")
    return Answered(body={"items": items}) if items else Absent()


def _cannot_tell() -> CannotTell:
    return CannotTell(
        reason="The portal does not show whether this message arrived; compare by hand, then release it.",
        reason_vi="Cổng không cho biết bản tin này đã tới hay chưa; cần cán bộ đối chiếu rồi cho gửi lại.",
    )
