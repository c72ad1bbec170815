"""XML that is built to harm, or to be read in two ways, is refused at once, in little memory, and does nothing."""

from __future__ import annotations

import gzip
import http.server
import json
import resource
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest
from envelopes import ENVELOPE, VERIFY, Soap, enveloped
from lxml import etree
from province import NAMESPACE, Province

from gateway.api.problems import MOST_NAMED
from gateway.facade.envelope import DEEPEST, MOST_ATTRIBUTES, MOST_ELEMENTS, read
from gateway.sdk.errors import RequestError

CPU_S = 2.0
MEGABYTES = 200
WHOLE = 1_048_576
"""Bytes of the largest request, as shipped."""

BODY = enveloped(VERIFY).decode()
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
ATTRIBUTES = " ".join(f"a{n}=''" for n in range(60_000))
SOME = " ".join(f"a{n}=''" for n in range(MOST_ATTRIBUTES + 1))
PREFIXES = " ".join(f"xmlns:n{n}='u{n}'" for n in range(40_000))
HARMFUL = {
    "a document type": f"<!DOCTYPE x>{BODY}",
    "an entity": f'<!DOCTYPE x [<!ENTITY e "Trần">]>{BODY.replace("Trần", "&e;")}',
    "a billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>{BODY.replace("Trần", "&l9;")}',
    "a quadratic blow-up": f'<!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]>{BODY.replace("Trần", "&a;" * 10_000)}',
    "an external entity": f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>{BODY.replace("Trần", "&e;")}',
    "an external subset": f'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">{BODY}',
    "a parameter entity": f'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>{BODY}',
    "an instruction before": f'<?xml-stylesheet href="x"?>{BODY}',
    "an instruction inside": BODY.replace("Trần", "Tr<?php x?>ần"),
    "an instruction after": f"{BODY}<?x y?>",
    "deep nesting": enveloped("<x>" * (DEEPEST + 1) + "</x>" * (DEEPEST + 1)).decode(),
    "very deep nesting": enveloped("<x>" * 100_000 + "</x>" * 100_000).decode(),
    "many elements": enveloped("<x/>" * MOST_ELEMENTS).decode(),
    "many attributes": enveloped(f"<x {ATTRIBUTES}/>").decode(),
    "many namespaces": enveloped(f"<x {PREFIXES}/>").decode(),
    "some attributes too many": enveloped(f"<x {SOME}/>").decode(),
}
CODES = {"caller.harmful_xml", "caller.malformed_xml"}


@pytest.mark.parametrize("name", HARMFUL)
async def test_harmful_xml_is_refused_within_bounds(name: str) -> None:
    """CON-04, SEC: time and memory are bounded, whatever is sent."""
    content = HARMFUL[name].encode()
    assert len(content) <= WHOLE + 200_000
    before, began = _peak_mb(), time.process_time()
    with pytest.raises(RequestError) as caught:
        read(content)
    assert time.process_time() - began < CPU_S
    assert _peak_mb() - before < MEGABYTES
    assert caught.value.error_code in CODES
    assert "Trần" not in str(caught.value)


async def test_the_largest_harmless_request_is_read_within_bounds() -> None:
    """What is under every limit costs little, too."""
    inner = "<x>" + "<y a='1'>z</y>" * 70_000 + "</x>"
    before, began = _peak_mb(), time.process_time()
    read(enveloped(inner)[: WHOLE + 1])
    assert time.process_time() - began < CPU_S
    assert _peak_mb() - before < MEGABYTES


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class TestEnvelopes:
    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "malformed_xml"),
            (b"{}", "malformed_xml"),
            (b"<a>", "malformed_xml"),
            (b"\xff\xfe<\x00a\x00/\x00>\x00", "malformed_xml"),
            (BODY.encode("utf-16"), "malformed_xml"),
            (b"<?xml version='1.0' encoding='iso-8859-1'?>" + enveloped("<x/>"), "malformed_xml"),
            (b"<?xml version='1.0' encoding='utf-16'?>" + enveloped("<x/>"), "malformed_xml"),
            (BODY.encode("cp1258", "xmlcharrefreplace").replace(b"</", b"\xf2</"), "malformed_xml"),
            (BODY.replace("Trần", "\x01").encode(), "malformed_xml"),
            (BODY.replace("Trần", "&#1;").encode(), "malformed_xml"),
            (b"<x/>", "malformed_soap"),
            (f'<s:Envelope xmlns:s="{ENVELOPE}"/>'.encode(), "malformed_soap"),
            (f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body/></s:Envelope>'.encode(), "malformed_soap"),
            (enveloped(VERIFY * 2), "malformed_soap"),
            (enveloped(VERIFY, after=f"<s:Body>{VERIFY}</s:Body>"), "malformed_soap"),
            (enveloped(VERIFY, header=f"<s:Body>{VERIFY}</s:Body>"), "malformed_soap"),
            (enveloped(VERIFY, after="<s:Header/>"), "malformed_soap"),
            (enveloped(VERIFY, header="<s:Header/><s:Header/>"), "malformed_soap"),
            (enveloped(VERIFY, after="<trailer/>"), "malformed_soap"),
            (enveloped(f"text {VERIFY}"), "malformed_soap"),
            (enveloped(VERIFY, header="text"), "malformed_soap"),
            (enveloped("<no_such/>"), "unknown_operation"),
            (enveloped('<verify_citizen xmlns="urn:other"/>'), "unknown_operation"),
            (enveloped('<verify_citizen xmlns=""/>'), "unknown_operation"),
        ],
    )
    async def test_what_is_no_soap_request_is_refused(self, soap: Soap, content: bytes, code: str) -> None:
        """CON-04. It leaves a leaf as a REST body that is no JSON does: by an unknown actor, without its bytes."""
        problem = await soap.refused(content)
        assert problem["code"] == f"caller.{code}"
        (leaf,) = soap.province.recorder.entries
        assert (leaf.actor, leaf.operation, leaf.bodies) == ("unknown", "no_such_operation", {})

    @pytest.mark.parametrize(
        "content",
        [
            b"\xef\xbb\xbf" + enveloped(VERIFY),
            b"<?xml version='1.0' encoding='UTF-8'?>" + enveloped(VERIFY),
            b"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8' standalone='yes'?>\r\n" + enveloped(VERIFY),
            enveloped(VERIFY, header="<s:Header/>"),
            enveloped(VERIFY, header='<s:Header><a xmlns="urn:x" s:mustUnderstand="0">text</a></s:Header>'),
            enveloped(VERIFY, header='<s:Header><a xmlns="urn:x" s:actor="urn:o" s:mustUnderstand="1"/></s:Header>'),
            enveloped(f"\n  <!-- {VERIFY.replace('--', '')} -->\n {VERIFY}\n"),
            BODY.replace("Trần", "Tr<!-- hidden -->ần").encode(),
            BODY.replace("Trần", "<![CDATA[Trần]]>").encode(),
            BODY.replace("Trần", "Tr&#7847;n").encode(),
            BODY.replace("<request>", '<request xsi:type="CitizenVerificationIn">').encode(),
        ],
    )
    async def test_what_the_standard_allows_is_read_as_it_is_meant(self, soap: Soap, content: bytes) -> None:
        """CON-04: with or without a byte-order mark, and whole texts whatever stands between their parts."""
        answer = await soap.post(content)
        assert answer.status_code == 200, answer.text
        assert ">match<" in answer.text

    async def test_a_header_that_must_be_understood_is_refused_as_soap_wants_it(self, soap: Soap) -> None:
        header = '<s:Header><a xmlns="urn:x" s:mustUnderstand="1"/></s:Header>'
        fault = etree.fromstring((await soap.post(enveloped(VERIFY, header=header))).content)[0][0]
        assert fault.findtext("faultcode") == "soap:MustUnderstand"
        assert "(caller.must_understand)" in (fault.findtext("faultstring") or "")
        assert fault.find("detail") is None

    @pytest.mark.parametrize("media_type", ["text/xml", "application/soap+xml; charset=utf-8"])
    async def test_soap_1_2_is_a_version_mismatch(self, soap: Soap, media_type: str) -> None:
        content = enveloped(VERIFY).replace(ENVELOPE.encode(), b"http://www.w3.org/2003/05/soap-envelope")
        answer = await soap.post(content, Content_Type=media_type)
        assert answer.status_code == 500
        assert etree.fromstring(answer.content)[0][0].findtext("faultcode") == "soap:VersionMismatch"

    @pytest.mark.parametrize(
        ("headers", "code"),
        [
            ({"Content_Type": "application/json"}, "unsupported_media_type"),
            ({"Content_Type": "text/xml; charset=iso-8859-1"}, "unsupported_media_type"),
            ({"Content_Type": "text/xml; charset=utf-16"}, "unsupported_media_type"),
            ({"Content_Type": "multipart/related; type=text/xml"}, "unsupported_media_type"),
            ({"Content_Encoding": "gzip"}, "unsupported_media_type"),
            ({"SOAPAction": '"urn:other"'}, "soap_action"),
            ({"SOAPAction": f'"{NAMESPACE}/lookup_citizen"'}, "soap_action"),
        ],
    )
    async def test_headers_that_contradict_the_body_are_refused(
        self, soap: Soap, headers: dict[str, str], code: str
    ) -> None:
        content = gzip.compress(enveloped(VERIFY)) if "Content_Encoding" in headers else enveloped(VERIFY)
        assert (await soap.refused(content, **headers))["code"] == f"caller.{code}"

    @pytest.mark.parametrize("action", [None, "", '""', f'"{NAMESPACE}/verify_citizen"', f"{NAMESPACE}/verify_citizen"])
    async def test_a_missing_or_unquoted_action_is_tolerated(self, soap: Soap, action: str | None) -> None:
        headers = {} if action is None else {"SOAPAction": action}
        assert (await soap.verify(**headers)).status_code == 200

    @pytest.mark.parametrize("charset", ["", ";charset=UTF-8", '; charset="utf-8"', "; charset=utf8", ';action="x"'])
    async def test_utf_8_may_be_named_in_any_way(self, soap: Soap, charset: str) -> None:
        assert (await soap.verify(Content_Type=f"text/xml{charset}")).status_code == 200

    async def test_a_body_that_is_too_large_is_refused_unread(self) -> None:
        """Whether its length was announced or not."""
        province = Province(max_body_bytes=1000)
        async with province.client(await province.issue()) as client:
            small = Soap(client, province)
            content = enveloped(VERIFY, header=f"<s:Header>{' ' * 1000}</s:Header>")
            assert (await small.refused(content))["code"] == "caller.too_large"

            async def chunks() -> Iterator[bytes]:  # type: ignore[misc]  # an async generator
                for _ in range(100):
                    yield b" " * 100

            answer = await client.post("/soap", content=chunks(), headers={"Content-Type": "text/xml"})
            assert "caller.too_large" in answer.text


async def test_what_is_wrong_everywhere_is_answered_in_few_words() -> None:
    """SEC: an answer, and its copy in the audit log, never grow far beyond the request."""
    province = Province(max_body_bytes=WHOLE)
    async with province.client(await province.issue()) as client:
        content = enveloped(f"<add_status_events><request>{'<item/>' * 90_000}</request></add_status_events>")
        began = time.process_time()
        problem = await Soap(client, province).refused(content)
        rest = await client.post("/v1/citizens/verification", json={f"f{n}": 1 for n in range(50_000)})
    assert time.process_time() - began < 10 * CPU_S
    assert max(len(json.dumps(problem)), len(rest.content)) < 50_000
    assert "90000" in str(problem["detail"])
    assert len(rest.json()["errors"]) == MOST_NAMED


class TestFetching:
    async def test_no_address_in_a_message_is_ever_fetched(self, soap: Soap) -> None:
        """CON-04: where a sender says that its schema lies is noted and not followed."""
        asked: list[str] = []

        class Listening(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_error(404)

            def log_message(self, *_: object) -> None: ...

        with socketserver.TCPServer(("127.0.0.1", 0), Listening) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            there = f"http://127.0.0.1:{server.server_address[1]}"
            hint = f'xsi:schemaLocation="{NAMESPACE} {there}/own.xsd urn:z {there}/z.xsd"'
            bare = f'xsi:noNamespaceSchemaLocation="{there}/bare.xsd"'
            content = BODY.replace("<verify_citizen>", f"<verify_citizen {hint} {bare}>")
            content = content.replace("<purpose>", f"<purpose {hint}>").replace("<s:Body>", f"<s:Body {hint}>")
            answer = await soap.post(content.encode())
            await soap.post(f'<!DOCTYPE x SYSTEM "{there}/x.dtd">{BODY}'.encode())
            server.shutdown()
        assert answer.status_code == 200, answer.text
        assert asked == []
