"""Tell the tax authority of electronic receipts (NĐ 254/2026/NĐ-CP Art 27 and 29(3)(b); contract page payment, 6, 7).

No public source knows this wire format. What the law says is fixed here: the content of a receipt (Art 23(2), in the
mapping), the name of the summary form, one message for one receipt. Everything else is a setting; the sandbox fills in
names that begin with MOCK-TAX. A repeat carries the same message number, so it may be sent again at any time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn

from connectors.tax_authority.settings import TaxAuthoritySettings
from gateway.sdk import (
    Accepted,
    Call,
    Kind,
    Manifest,
    Operation,
    Outcome,
    ProtocolViolation,
    Refused,
    TransientRemoteError,
    WireReply,
    WireRequest,
)
from gateway.sdk.replies import check_available, json_object


class TaxAuthorityConnector:
    """Cơ quan thuế quản lý trực tiếp."""

    manifest: ClassVar[Manifest] = Manifest(
        id="tax_authority",
        title="Tax authority (electronic receipts)",
        title_vi="Cơ quan thuế (dữ liệu biên lai điện tử)",
        owner="Cục Thuế",
        legal_basis=("NĐ 254/2026/NĐ-CP", "TT 91/2026/TT-BTC"),
        operations=(Operation(name="submit_receipts", kind=Kind.SUBMIT, idempotent=True),),
        settings=TaxAuthoritySettings,
        sandbox={
            "base_url": "http://127.0.0.1:7111",
            "submit_path": "/MOCK-TAX/bang-tong-hop",
            "bearer_token": "MOCK-TAX-token",
            "sender_code": "DEMO-H99",
            "message_field": "MOCK-TAX-MaThongDiep",
            "form_field": "MOCK-TAX-MauBieu",
            "sender_field": "MOCK-TAX-DonViGui",
            "list_field": "MOCK-TAX-DanhSachBienLai",
            "status_field": "MOCK-TAX-TrangThai",
            "accepted_words": ("MOCK-TAX-TIEP-NHAN",),
            "refused_words": ("MOCK-TAX-TU-CHOI",),
            "busy_words": ("MOCK-TAX-BAO-TRI",),
            "reference_field": "MOCK-TAX-SoTiepNhan",
            "code_field": "MOCK-TAX-MaLoi",
            "reason_field": "MOCK-TAX-MoTaLoi",
        },
    )

    def __init__(self, settings: TaxAuthoritySettings) -> None:
        self._settings = settings

    def prepare(self, call: Call) -> WireRequest:
        own = self._settings
        message = {
            own.form_field: own.form,
            own.message_field: call.call_id,
            own.sender_field: own.sender_code,
            own.list_field: [dict(call.body)],
        }
        token = own.bearer_token.get_secret_value()
        return WireRequest(
            method="POST",
            url=own.base_url + own.submit_path,
            headers={
                "Accept": "application/json",
                "Content-Type": "application/json; charset=utf-8",
                **({"Authorization": f"Bearer {token}"} if token else {}),
            },
            content=json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode(),
        )

    def interpret(self, call: Call, reply: WireReply) -> Outcome:
        """Taken only on the agreed word, about this very message."""
        own = self._settings
        check_available(reply, idempotent=True)
        if reply.media_type == "text/html":
            _busy("The tax authority shows a page instead of an answer.", wait_s=own.busy_wait_s)
        if reply.status in {401, 403, 404}:
            raise ProtocolViolation(f"The tax authority did not let the call in (HTTP {reply.status}); check settings.")
        document = json_object(reply, idempotent=True)
        word = document.get(own.status_field)
        if not isinstance(word, str):
            raise ProtocolViolation("The answer has no word that decides.")
        if word in own.busy_words:
            _busy("The tax authority says that it takes nothing now.", wait_s=own.busy_wait_s)
        if document.get(own.message_field) != call.call_id:
            raise ProtocolViolation("The answer is about another message.")
        if word in own.refused_words:
            return Refused(code=_text(document, own.code_field), reason=_text(document, own.reason_field))
        if word in own.accepted_words and reply.status < 300:
            return Accepted(reference=_text(document, own.reference_field) or call.call_id)
        raise ProtocolViolation("The answer says neither that the receipt was taken nor that it was refused.")


def _busy(detail: str, *, wait_s: float) -> NoReturn:
    raise TransientRemoteError(detail, vi="Cơ quan thuế đang tạm ngừng tiếp nhận", what="busy", retry_after_s=wait_s)


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name) if name else None
    return value[:255] if isinstance(value, str) else ""
