"""Enterprises and registration dossiers behind a WSO2 gateway (contract page population_and_business, 2 T1 and 4)."""

from __future__ import annotations

import base64
from typing import ClassVar
from urllib.parse import quote, urlencode

from connectors.business_registry import answers, questions
from connectors.business_registry.settings import BusinessRegistrySettings
from connectors.business_registry.wire import Token, read
from gateway.sdk import (
    Call,
    Grant,
    Kind,
    Manifest,
    Operation,
    Outcome,
    ProtocolViolation,
    WireReply,
    WireRequest,
)
from gateway.sdk.replies import check_available, json_object

LOOKUP, TODAY = "lookup_enterprise", "list_registrations_today"
PERIOD, STATE = "list_registrations", "read_registration"


class BusinessRegistryConnector:
    """CSDLQG về đăng ký doanh nghiệp."""

    manifest: ClassVar[Manifest] = Manifest(
        id="business_registry",
        title="National business registration database",
        title_vi="Cơ sở dữ liệu quốc gia về đăng ký doanh nghiệp",
        owner="Bộ Tài chính",
        legal_basis=("NĐ 168/2025/NĐ-CP",),
        operations=tuple(
            Operation(name=name, kind=Kind.LOOKUP, idempotent=True) for name in (LOOKUP, TODAY, PERIOD, STATE)
        ),
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
        token = read(Token, json_object(reply, idempotent=True))
        return Grant(token=token.access_token, expires_in_s=token.expires_in)

    def rejects_grant(self, reply: WireReply) -> bool:
        """401, as JSON or as XML: the reasons (900901, 900902) all mean that this token does not count any more."""
        return reply.status == 401

    def prepare(self, call: Call) -> WireRequest:
        """All four are GET with a query string. `UnprocessableError` for what this system must not be asked."""
        own = self._settings
        path, query = {
            LOOKUP: (own.detail_path, questions.enterprise),
            TODAY: (own.today_path, questions.today),
            PERIOD: (own.period_path, questions.period),
            STATE: (own.state_path, questions.dossier),
        }[call.operation]
        token = {"Authorization": f"Bearer {call.grant.token}"} if call.grant else {}
        return WireRequest(
            method="GET",
            url=f"{own.base_url}{path}?{urlencode(query(call.body, own), quote_via=quote, safe='')}",
            headers={**token, "Accept": "application/json", "Accept-Charset": "UTF-8"},
        )

    def interpret(self, call: Call, reply: WireReply) -> Outcome:
        """`Answered` is about what was asked, or it is no answer."""
        document = answers.document(reply)
        if call.operation == LOOKUP:
            return answers.enterprise(document, str(call.body["msdn"]), generation=self._settings.reply_generation)
        if call.operation == STATE:
            return answers.dossier(document, str(call.body["in_journal_no"]))
        return answers.dossier_list(document)
