"""Enterprises and registration dossiers over REST (contract page population_and_business, section 4).

The token belongs to the platform in front of it (`systems.business_registry.over`).
"""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import quote, urlencode

from connectors.business_registry import answers, questions
from connectors.business_registry.settings import BusinessRegistrySettings
from gateway.sdk import (
    Call,
    Kind,
    Manifest,
    Operation,
    Outcome,
    WireReply,
    WireRequest,
)

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
            "over": ({"platform": "ngsp"},),
        },
        sandbox_platforms={
            "ngsp": {
                "kind": "gateway",
                "base_url": "http://127.0.0.1:7102",
                "token": {
                    "dialect": "T1",
                    "url": "http://127.0.0.1:7102/token",
                    "credentials": {"consumer_key": "demo_key", "consumer_secret": "demo_secret"},
                },
            }
        },
    )

    def __init__(self, settings: BusinessRegistrySettings) -> None:
        self._settings = settings

    def prepare(self, call: Call) -> WireRequest:
        """All four are GET with a query string. `UnprocessableError` for what this system must not be asked."""
        own = self._settings
        path, query = {
            LOOKUP: (own.detail_path, questions.enterprise),
            TODAY: (own.today_path, questions.today),
            PERIOD: (own.period_path, questions.period),
            STATE: (own.state_path, questions.dossier),
        }[call.operation]
        return WireRequest(
            method="GET",
            url=f"{own.base_url}{path}?{urlencode(query(call.body, own), quote_via=quote, safe='')}",
            headers={"Accept": "application/json", "Accept-Charset": "UTF-8"},
        )

    def interpret(self, call: Call, reply: WireReply) -> Outcome:
        """`Answered` is about what was asked, or it is no answer."""
        document = answers.document(reply)
        if call.operation == LOOKUP:
            return answers.enterprise(document, str(call.body["msdn"]), generation=self._settings.reply_generation)
        if call.operation == STATE:
            return answers.dossier(document, str(call.body["in_journal_no"]))
        return answers.dossier_list(document, offset=call.body["offset"])
