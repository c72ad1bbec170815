"""`chiTietDoanhNghiep` behind a WSO2 gateway (contract page population_and_business, sections 2 T1 and 4)."""

from __future__ import annotations

import base64
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from connectors.business_registry import wire
from connectors.business_registry.settings import BusinessRegistrySettings
from gateway.sdk import (
    Absent,
    Answered,
    Call,
    Grant,
    Kind,
    Manifest,
    Operation,
    Outcome,
    ProtocolViolation,
    Refused,
    WireReply,
    WireRequest,
)
from gateway.sdk.replies import check_available, json_object

Model = TypeVar("Model", bound=BaseModel)


class BusinessRegistryConnector:
    """CSDLQG về đăng ký doanh nghiệp."""

    manifest: ClassVar[Manifest] = Manifest(
        id="business_registry",
        title="National business registration database",
        title_vi="Cơ sở dữ liệu quốc gia về đăng ký doanh nghiệp",
        owner="Bộ Tài chính",
        legal_basis=("NĐ 168/2025/NĐ-CP",),
        operations=(Operation(name="lookup_enterprise", kind=Kind.LOOKUP, idempotent=True),),
        settings=BusinessRegistrySettings,
        sandbox={
            "base_url": "http://127.0.0.1:7102",
            "token_url": "http://127.0.0.1:7102/token",
            "consumer_key": "demo_key",
            "consumer_secret": "demo_secret",
        },
    )

    def __init__(self, settings: BusinessRegistrySettings) -> None:
        self._settings = settings

    def login(self) -> WireRequest:
        pair = f"{self._settings.consumer_key}:{self._settings.consumer_secret.get_secret_value()}"
        return WireRequest(
            method="POST",
            url=self._settings.token_url,
            headers={
                "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            },
            content=b"grant_type=client_credentials",
        )

    def grant(self, reply: WireReply) -> Grant:
        check_available(reply, idempotent=True)
        if reply.status != 200:
            raise ProtocolViolation(
                f"No token was issued (HTTP {reply.status}); check consumer_key and consumer_secret.",
                vi="Nền tảng không cấp token; cần kiểm tra consumer_key và consumer_secret",
                what="credentials_refused",
            )
        token = _read(wire.Token, json_object(reply, idempotent=True))
        return Grant(token=token.access_token, expires_in_s=token.expires_in)

    def rejects_grant(self, reply: WireReply) -> bool:
        """401, as JSON or as XML: the reasons (900901, 900902) all mean that this token does not count any more."""
        return reply.status == 401

    def prepare(self, call: Call) -> WireRequest:
        """The contract puts the enterprise code into the address; it is public, unlike a person's number."""
        return WireRequest(
            method="GET",
            url=f"{self._settings.base_url}{self._settings.detail_path}?msdn={quote(str(call.body['msdn']), safe='')}",
            headers={
                "Authorization": f"Bearer {call.grant.token if call.grant else ''}",
                "Accept": "application/json",
                "Accept-Charset": "UTF-8",
            },
        )

    def interpret(self, call: Call, reply: WireReply) -> Outcome:
        check_available(reply, idempotent=True)
        if reply.status != 200:
            raise ProtocolViolation(f"An answer with HTTP {reply.status} is not in the contract.")
        document = json_object(reply, idempotent=True)
        if "GetEntCert" in document or not document:
            found = wire.enterprise_v2(_read(wire.ReplyV2, document))
        else:
            v1 = _read(wire.ReplyV1, document)
            if v1.Status == "0":
                return Refused(code="0", reason=v1.Message)
            if v1.Status != "1":
                raise ProtocolViolation("The answer belongs to neither generation of the contract.")
            found = wire.enterprise_v1(v1.Data) if v1.Data else None
        return _one(call, found)


def _one(call: Call, found: dict[str, Any] | None) -> Outcome:
    """The firm that was asked for. Another one than that is not an answer to the question."""
    if found is None:
        return Absent()
    if _plain(found["code"]) != _plain(str(call.body["msdn"])):
        raise ProtocolViolation("The registry answered with another enterprise than was asked for.")
    return Answered(body=found)


def _plain(code: str) -> str:
    return code.replace("-", "").strip()


def _read(model: type[Model], document: dict[str, Any]) -> Model:
    try:
        return model.model_validate(document)
    except ValidationError as exc:
        fields = ", ".join(sorted({str(error["loc"][-1]) for error in exc.errors()}))
        raise ProtocolViolation(f"The answer does not have the shape of the contract at {fields}.") from exc
