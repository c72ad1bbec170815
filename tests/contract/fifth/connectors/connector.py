"""One look-up over REST. It needs no log-in, no signature and no state."""

from __future__ import annotations

import json
from typing import ClassVar

from gateway.sdk import (
    Absent,
    Answered,
    Call,
    Kind,
    Manifest,
    Operation,
    Outcome,
    ProtocolViolation,
    SystemSettings,
    WireReply,
    WireRequest,
)
from gateway.sdk.replies import check_available, json_object


class WeatherConnector:
    """Dự báo thời tiết ví dụ."""

    manifest: ClassVar[Manifest] = Manifest(
        id="weather",
        title="Example weather service",
        title_vi="Dịch vụ thời tiết ví dụ",
        owner="Ví dụ",
        legal_basis=("ví dụ",),
        operations=(Operation(name="lookup_weather", kind=Kind.LOOKUP, idempotent=True, personal_data=False),),
        settings=SystemSettings,
        sandbox={"base_url": "http://127.0.0.1:7106"},
    )

    def __init__(self, settings: SystemSettings) -> None:
        self._settings = settings

    def prepare(self, call: Call) -> WireRequest:
        return WireRequest(
            method="POST",
            url=f"{self._settings.base_url}/weather",
            headers={"Content-Type": "application/json"},
            content=json.dumps(dict(call.body), ensure_ascii=False).encode(),
        )

    def interpret(self, call: Call, reply: WireReply) -> Outcome:
        check_available(reply, idempotent=True)
        if reply.status == 404:
            return Absent()
        document = json_object(reply, idempotent=True)
        if reply.status != 200 or not isinstance(document.get("nhiet_do"), int):
            raise ProtocolViolation("This is not a weather report.")
        return Answered(body=document)
