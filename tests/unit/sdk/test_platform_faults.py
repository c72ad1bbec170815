"""Faults of the platforms in between, told apart from answers of the systems behind them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sdk import WireReply
from gateway.sdk.platform_faults import LARGEST_FAULT, Meaning, wso2_fault, xroad_error, xroad_meaning
from gateway.sdk.soap import ENVELOPE

OUTAGE, REFUSED, OURS = Meaning.OUTAGE, Meaning.REFUSED_ACCESS, Meaning.OUR_REQUEST


def reply(content: bytes | str | dict[str, Any], status: int = 200, **headers: str) -> WireReply:
    if isinstance(content, dict):
        content = json.dumps(content)
    raw = content.encode() if isinstance(content, str) else content
    return WireReply(status=status, content=raw, headers={k.replace("_", "-"): v for k, v in headers.items()})


def fault(code: object, message: str = "Invalid Credentials") -> dict[str, Any]:
    return {"fault": {"code": code, "message": message, "description": "-"}}


def xml_fault(code: object, space: str = "http://wso2.org/apimanager/security") -> str:
    return f'<a:fault xmlns:a="{space}"><a:code>{code}</a:code><a:message>Invalid Credentials</a:message></a:fault>'


def soap_fault(code: str, text: str = "down") -> str:
    inside = f"<faultcode>{code}</faultcode><faultstring>{text}</faultstring><faultactor/>"
    return f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body><s:Fault>{inside}</s:Fault></s:Body></s:Envelope>'


class TestWso2:
    @pytest.mark.parametrize(
        ("code", "status", "meaning"),
        [
            (900900, 401, REFUSED),
            (900901, 401, REFUSED),
            (900902, 401, REFUSED),
            (900906, 404, OURS),
            (700700, 503, OUTAGE),
            (900802, 429, OUTAGE),
            (900908, 403, REFUSED),
            (101503, 500, OUTAGE),
            (303001, 500, OUTAGE),
            (999999, 503, OUTAGE),
            (999999, 429, OUTAGE),
            (999999, 403, REFUSED),
            (999999, 400, OURS),
        ],
    )
    def test_a_code_means_the_same_in_both_formats(self, code: int, status: int, meaning: Meaning) -> None:
        for content in (fault(code), fault(str(code)), fault(code)["fault"], xml_fault(code)):
            found = wso2_fault(reply(content, status))
            assert found is not None
            assert (found.code, found.message, found.meaning) == (code, "Invalid Credentials", meaning)

    def test_a_fault_with_http_200_is_a_fault(self) -> None:
        assert wso2_fault(reply(fault(900901)))
        assert wso2_fault(reply(xml_fault(900901)))

    def test_each_namespace_of_theirs_is_theirs(self) -> None:
        for space in ("http://wso2.org/apimanager", "http://wso2.org/apimanager/throttling"):
            assert wso2_fault(reply(xml_fault(900800, space), 429))
        assert wso2_fault(reply(xml_fault(900800, "urn:somebody-else"), 429)) is None

    @pytest.mark.parametrize(
        "content",
        [
            b"", b"null", b"[]", b"{}", b"\xff\xfe", b"<html/>", b"<a", b'{"fault": 1}', b'{"fault": {"code": "x"}}',
            b'{"fault": {"code": true}}', b'{"fault": {"code": 9' + b"0" * 5000 + b"}}",
            '{"fault": {"code": "٩٠٠٩٠١"}}', b'{"code": 900901}', b'{"Data": null, "Status": "0", "Message": "m"}',
            b"[" * 60_000, b'<!DOCTYPE a [<!ENTITY b "900901">]><fault><code>&b;</code></fault>',
            json.dumps(fault(900901)).encode() + b" " * LARGEST_FAULT,
        ],
    )  # fmt: skip
    def test_what_is_none_is_none(self, content: bytes | str) -> None:
        assert wso2_fault(reply(content, 500)) is None

    def test_a_flat_body_counts_only_with_an_error(self) -> None:
        assert wso2_fault(reply(fault(900901)["fault"], 200)) is None

    def test_its_text_is_one_short_line_and_stays_out_of_repr(self) -> None:
        found = wso2_fault(reply(fault(900901, "a\n b" + "c" * 500)))
        assert found is not None
        assert found.message.startswith("a bc")
        assert len(found.message) == 200
        assert "bc" not in repr(found)


class TestXRoad:
    CODES = (
        ("Server.ServerProxy.NetworkError", OUTAGE),
        ("Server.ServerProxy.ServiceFailed.HttpError", OUTAGE),
        ("Server.ClientProxy.ServiceFailed.MissingBody", OUTAGE),
        ("server.clientproxy.service_failed.missing_body", OUTAGE),
        ("server.serverproxy.io_error", OUTAGE),
        ("server.clientproxy.global_conf_outdated", OUTAGE),
        ("Server.ClientProxy.OutdatedGlobalConf", OUTAGE),
        ("Signer.TokenNotActive", OUTAGE),
        ("Server.ServerProxy.SomethingNew", OUTAGE),
        ("Server.ServerProxy.AccessDenied", REFUSED),
        ("server.serverproxy.access_denied", REFUSED),
        ("Server.ClientProxy.SslAuthenticationFailed", REFUSED),
        ("Server.ServerProxy.UnknownService", OURS),
        ("Server.ClientProxy.UnknownMember", OURS),
        ("Client.BadRequest", OURS),
        ("client.missing_header_field", OURS),
        ("Client.SomethingNew", OURS),
    )

    @pytest.mark.parametrize(("code", "meaning"), CODES)
    def test_both_generations_mean_the_same_in_every_form(self, code: str, meaning: Meaning) -> None:
        body = {"type": code, "message": "no way", "detail": "5f6c"}
        xml = f"<error><type>{code}</type><message>no way</message><detail>5f6c</detail></error>"
        assert xroad_meaning(code) is meaning
        for content in (body, xml):
            for headers in ({"x_road_error": code}, {}):
                found = xroad_error(reply(content, 500, **headers))
                assert found is not None
                assert (found.code, found.message, found.detail) == (code, "no way", "5f6c")
                assert found.meaning is meaning

    @pytest.mark.parametrize("status", [200, 500])
    @pytest.mark.parametrize(("code", "meaning"), [known for known in CODES if known[0] != "Client.SomethingNew"])
    def test_a_soap_fault_counts_also_with_http_200(self, code: str, meaning: Meaning, status: int) -> None:
        found = xroad_error(reply(soap_fault(code), status))
        assert found is not None
        assert (found.code, found.message, found.meaning) == (code, "down", meaning)

    @pytest.mark.parametrize("content", [b"", b"<html>", b"{", b"\xff", b"x" * (LARGEST_FAULT + 1)])
    def test_the_header_alone_is_enough(self, content: bytes) -> None:
        found = xroad_error(reply(content, 200, x_road_error="Server.ServerProxy.NetworkError"))
        assert found is not None
        assert found.meaning is OUTAGE

    @pytest.mark.parametrize(
        ("content", "status"),
        [
            (soap_fault("s:Server"), 500),
            (soap_fault("s:Client"), 500),
            (soap_fault("s:Client.MOCK_NotPermitted"), 200),
            (soap_fault("MOCK-NOT-PERMITTED"), 200),
            ({"type": "Server.ServerProxy.NetworkError"}, 200),
            ({"type": "validation", "message": "-"}, 400),
            ({"type": 5}, 500),
            ("<error><type>other</type></error>", 500),
            ("<error/>", 500),
            (f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body><a/></s:Body></s:Envelope>', 500),
        ],
    )
    def test_what_the_system_itself_said_is_left_to_its_connector(self, content: Any, status: int) -> None:
        assert xroad_error(reply(content, status)) is None

    def test_a_code_repeats_no_markup(self) -> None:
        found = xroad_error(reply(b"", 500, x_road_error="Client.<script>alert(1)</script>\r\n" + "x" * 500))
        assert found is not None
        assert found.code.startswith("Client.scriptalert1script")
        assert len(found.code) == 80
        unnamed = xroad_error(reply(b"", 200, x_road_error="<>"))
        assert unnamed is not None
        assert (unnamed.code, unnamed.meaning) == ("unknown", OURS)


@given(st.binary(max_size=200), st.sampled_from([200, 400, 500]))
def test_noise_is_no_fault_and_raises_nothing(content: bytes, status: int) -> None:
    assert wso2_fault(reply(content, status)) is None
    assert xroad_error(reply(content, status)) is None
