"""What a status, a header or a body means before a connector reads it."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sdk import ProtocolViolation, TransientRemoteError, Unsettled, WireReply
from gateway.sdk.replies import check_available, is_xroad_outage, json_object, retry_after_s


def reply(status: int = 200, content: bytes = b"{}", **headers: str) -> WireReply:
    return WireReply(status=status, content=content, headers={k.replace("_", "-"): v for k, v in headers.items()})


@pytest.mark.parametrize("idempotent", [True, False])
@pytest.mark.parametrize("status", [200, 201, 204, 302, 400, 401, 404, 409, 422, 499])
def test_below_500_the_connector_decides(status: int, idempotent: bool) -> None:
    check_available(reply(status), idempotent=idempotent)


@pytest.mark.parametrize("idempotent", [True, False])
@pytest.mark.parametrize("status", [429, 503])
def test_busy_means_it_did_not_act(status: int, idempotent: bool) -> None:
    with pytest.raises(TransientRemoteError) as raised:
        check_available(reply(status, retry_after="7"), idempotent=idempotent)
    assert (raised.value.error_code, raised.value.retry_after_s) == ("partner.busy", 7.0)


@pytest.mark.parametrize("status", [500, 502, 504, 599])
def test_a_failure_is_harmless_for_a_question_and_unclear_for_a_message(status: int) -> None:
    """SYN-08."""
    with pytest.raises(TransientRemoteError):
        check_available(reply(status), idempotent=True)
    with pytest.raises(Unsettled):
        check_available(reply(status), idempotent=False)


@pytest.mark.parametrize("code", ["Server.ServerProxy.ServiceFailed", "server.serverproxy.network_error", "Signer.X"])
def test_the_exchange_platforms_own_outage_is_an_outage(code: str) -> None:
    assert is_xroad_outage(code)
    with pytest.raises(Unsettled):
        check_available(reply(200, x_road_error=code), idempotent=False)


@pytest.mark.parametrize("code", ["Client.BadRequest", "Client.X", "whatever<script>" + "x" * 500])
def test_the_exchange_platforms_refusal_is_for_a_person_and_repeats_no_markup(code: str) -> None:
    with pytest.raises(ProtocolViolation) as raised:
        check_available(reply(500, x_road_error=code), idempotent=True)
    assert raised.value.error_code == "partner.xroad_refused"
    assert "<" not in raised.value.detail
    assert len(raised.value.detail) < 250


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry_after": "120"}, 120.0),
        ({"retry_after": " 5 "}, 5.0),
        ({"retry_after": "999999999"}, 86_400.0),
        ({"retry_after": "-5"}, None),
        ({"retry_after": "1.5"}, None),
        ({"retry_after": "٣"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "Tue, 24 Nov 2026 10:00:30 GMT"}, None),
        ({"retry_after": "Tue, 24 Nov 2026 10:00:30 GMT", "date": "Tue, 24 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry_after": "Tue, 24 Nov 2026 09:00:00 GMT", "date": "Tue, 24 Nov 2026 10:00:00 GMT"}, 0.0),
        ({"retry_after": "Tue, 24 Nov 2026 10:00:30 GMT", "date": "yesterday"}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_by_their_clock(headers: Any, seconds: float | None) -> None:
    """RFC 9110, 10.2.3."""
    assert retry_after_s(reply(**headers)) == seconds


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[]", b"1", b"null", b'"x"', b"\xff", b"{", b'{"a":1,"a":2}', b"[" * 100_000]
)
def test_what_is_no_json_object_is_no_answer(content: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        json_object(reply(content=content), idempotent=True)
    with pytest.raises(Unsettled):
        json_object(reply(content=content), idempotent=False)


def test_a_json_object_is_read() -> None:
    assert json_object(reply(content='{"a": {"b": "ộ"}}'.encode()), idempotent=True) == {"a": {"b": "ộ"}}
