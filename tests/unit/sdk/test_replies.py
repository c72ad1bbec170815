"""What a status, a header or a body means before a connector reads it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sdk import GatewayError, ProtocolViolation, TransientRemoteError, Unsettled, WireReply
from gateway.sdk.replies import check_available, is_xroad_outage, json_object, retry_after_s, soap_body, xml_document
from gateway.sdk.soap import ENVELOPE, SoapBody


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


@pytest.mark.parametrize(
    "code", ["Client.BadRequest", "Client.X", "whatever<script>" + "x" * 500, "server.serverproxy.access_denied"]
)
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
    "content",
    [b"<html>", b"[]", b"1", b"null", b'"x"', b"\xff", b"{", b'{"a":1,"a":2}', b"[" * 100_000, b'{"a"\xa0:1}'],
)
def test_what_is_no_json_object_is_no_answer(content: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        json_object(reply(content=content), idempotent=True)
    with pytest.raises(Unsettled):
        json_object(reply(content=content), idempotent=False)


def test_a_json_object_is_read() -> None:
    assert json_object(reply(content='{"a": {"b": "ộ"}}'.encode()), idempotent=True) == {"a": {"b": "ộ"}}


SOAP = f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body><a>Trần</a></s:Body></s:Envelope>'
HTML = "<!DOCTYPE html><html><body>Bad Gateway</body></html>"
READERS: dict[str, tuple[Callable[..., object], str]] = {
    "json": (json_object, '{"a": "Trần"}'),
    "soap": (soap_body, SOAP),
    "xml": (xml_document, "<a>Trần</a>"),
}
EACH = pytest.mark.parametrize("form", READERS)


def labelled(content: str | bytes, label: str) -> WireReply:
    raw = content.encode() if isinstance(content, str) else content
    return reply(content=raw, **({"content_type": label} if label else {}))


class TestMediaTypes:
    """The label is looked at before the body is parsed (contract population_and_business, 3.9)."""

    @pytest.mark.parametrize(
        ("form", "label"),
        [
            ("json", "application/json"), ("json", "application/json; charset=UTF-8"), ("json", "text/json"),
            ("json", "application/problem+json"), ("xml", "application/xml"), ("xml", "text/xml;charset=\"utf-8\""),
            ("soap", "application/soap+xml"), ("soap", "text/xml; charset=us-ascii"),
        ],
    )  # fmt: skip
    def test_the_contracts_own_label_is_read(self, form: str, label: str) -> None:
        read, content = READERS[form]
        assert read(labelled(content, label), idempotent=True)

    @EACH
    @pytest.mark.parametrize("label", ["", "text/plain", "application/octet-stream", "text/plain; charset=utf-8"])
    def test_without_a_label_that_tells_the_body_decides(self, form: str, label: str) -> None:
        read, content = READERS[form]
        assert read(labelled(content, label), idempotent=True)
        for wrong in ("{}" if form != "json" else "<a/>", "  [1]" if form != "json" else HTML):
            refused(read, labelled(wrong, label), "partner.wrong_media_type")

    @EACH
    @pytest.mark.parametrize("label", ["text/html", "text/html; charset=utf-8", "image/png", "application/pdf", "x"])
    def test_another_label_is_believed_whatever_the_body_is(self, form: str, label: str) -> None:
        read, content = READERS[form]
        for body in (content, HTML, "{}"):
            refused(read, labelled(body, label), "partner.wrong_media_type")

    @EACH
    def test_json_for_xml_and_xml_for_json_are_named_so(self, form: str) -> None:
        read, content = READERS[form]
        own, other = ("json", "xml") if form == "json" else ("xml", "json")
        wrong = READERS[other][1]
        refused(read, labelled(content, f"application/{other}"), "partner.wrong_media_type")
        refused(read, labelled(wrong, f"application/{own}"), "partner.wrong_media_type")
        refused(read, labelled(wrong, f"application/{other}"), "partner.wrong_media_type")

    @EACH
    @pytest.mark.parametrize("status", [500, 502, 504])
    def test_a_failure_with_a_page_is_a_failure_not_a_page(self, form: str, status: int) -> None:
        with pytest.raises(TransientRemoteError):
            check_available(reply(status, HTML.encode(), content_type="text/html"), idempotent=True)

    @EACH
    @pytest.mark.parametrize("content", [b"", b" \r\n\t"])
    def test_an_empty_body_is_a_failure_on_the_way(self, form: str, content: bytes) -> None:
        """Contract population_and_business, 3.7."""
        read, _ = READERS[form]
        with pytest.raises(TransientRemoteError) as raised:
            read(labelled(content, "application/json"), idempotent=True)
        assert raised.value.error_code == "partner.empty_reply"

    @EACH
    @pytest.mark.parametrize("content", [b"", HTML.encode(), b"\xff", b"{", b"<a", b"\xff\xfe{\x00"])
    def test_what_may_have_happened_stays_unsettled_whatever_came_back(self, form: str, content: bytes) -> None:
        """SYN-08."""
        read, _ = READERS[form]
        for label in ("", "application/json", "text/html", "text/xml; charset=utf-16"):
            with pytest.raises(Unsettled) as raised:
                read(labelled(content, label), idempotent=False)
            assert raised.value.error_code == "partner.unsettled"


class TestEncodings:
    """UTF-8 or nothing: wrong letters would make another person of somebody."""

    @EACH
    @pytest.mark.parametrize("label", ["utf-16", "windows-1258", "iso-8859-1", "TCVN", '"utf-16"', "utf-8x"])
    def test_another_label_is_refused(self, form: str, label: str) -> None:
        read, content = READERS[form]
        own = "json" if form == "json" else "xml"
        refused(read, labelled(content, f"application/{own}; charset={label}"), "partner.wrong_charset")

    @EACH
    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "windows-1258", "iso-8859-1"])
    def test_other_bytes_under_a_label_of_utf_8_are_refused(self, form: str, encoding: str) -> None:
        read, content = READERS[form]
        own = "json" if form == "json" else "xml"
        raw = content.replace("ầ", "é").encode(encoding)
        refused(read, labelled(raw, f"application/{own}; charset=utf-8"), "partner.wrong_charset")
        refused(read, labelled(raw, ""), "partner.wrong_charset")

    @EACH
    def test_a_byte_order_mark_is_no_letter(self, form: str) -> None:
        read, content = READERS[form]
        assert read(labelled("\ufeff" + content, ""), idempotent=True) == read(labelled(content, ""), idempotent=True)

    @EACH
    def test_letters_that_were_lost_on_the_way_are_no_letters(self, form: str) -> None:
        read, content = READERS[form]
        refused(read, labelled(content.replace("ầ", "\ufffd"), ""), "partner.wrong_charset")

    @pytest.mark.parametrize("declared", ["windows-1258", "iso-8859-1", "utf-7", "nonsense"])
    def test_a_document_that_declares_another_encoding_is_refused(self, declared: str) -> None:
        document = f'<?xml version="1.0" encoding="{declared}"?>'
        refused(soap_body, labelled(document + SOAP, ""), "partner.wrong_charset")
        refused(xml_document, labelled(document + "<a/>", ""), "partner.wrong_charset")

    @pytest.mark.parametrize("declared", ["utf-8", "UTF-8", "us-ascii", "utf-16"])
    def test_letters_come_out_as_they_went_in(self, declared: str) -> None:
        found = soap_body(labelled(f"<?xml version='1.0' encoding='{declared}'?>" + SOAP, "text/xml"), idempotent=True)
        assert isinstance(found, SoapBody)
        assert found.value == "Trần"


@pytest.mark.parametrize("number", ["123456789012345678.123", "1000000000000000000", "-0.5", "1e5"])
def test_amounts_are_read(number: str) -> None:
    """Contract population_and_business, 4.2: number(21,3)."""
    assert json_object(reply(content=f'{{"a": {number}}}'.encode()), idempotent=True)["a"] == float(number)


@given(st.binary(max_size=200), st.sampled_from(["", "application/json", "text/xml", "text/plain; charset=utf-8"]))
def test_no_bytes_raise_anything_but_our_own(content: bytes, label: str) -> None:
    for read, _ in READERS.values():
        with contextlib.suppress(GatewayError):
            read(labelled(content, label), idempotent=True)


def refused(read: Callable[..., object], given_reply: WireReply, code: str) -> None:
    with pytest.raises(ProtocolViolation) as raised:
        read(given_reply, idempotent=True)
    assert raised.value.error_code == code
