"""The kit's broken and hostile answers: what exactly goes out, and that it is framed as it claims."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit.app import build
from mocks._kit.serve import serving
from mocks._kit.settings import Settings

ANSWER = '<?xml version="1.0" encoding="UTF-8"?>\n<answer><name>TRẦN THỊ MẪU</name></answer>'


async def as_xml(_: Request) -> Response:
    return Response(ANSWER, media_type="application/xml")


async def as_json(_: Request) -> Response:
    return JSONResponse({"name": "TRẦN THỊ MẪU"})


def sample() -> Starlette:
    return build([Route("/xml", as_xml), Route("/json", as_json)], name="sample", settings=Settings({}))


async def asked(before: Any, fault: str, path: str = "/xml", accept: str = "application/xml") -> httpx.Response:
    reply: httpx.Response = await before(sample()).get(path, headers={"X-Mock-Fault": fault, "Accept": accept})
    return reply


async def test_truncated_is_the_first_half_with_the_length_of_the_half(before: Any) -> None:
    whole = ANSWER.encode()
    reply = await asked(before, "truncated")
    assert (reply.status_code, reply.content) == (200, whole[: len(whole) // 2])
    assert int(reply.headers["content-length"]) == len(reply.content)


@pytest.mark.parametrize(("fault", "encoding"), [("charset", "utf-16"), ("charset:utf-8-sig", "utf-8-sig")])
async def test_charset_is_the_same_text_in_another_encoding_than_its_label(
    before: Any, fault: str, encoding: str
) -> None:
    reply = await asked(before, fault)
    assert reply.headers["content-type"] == "application/xml; charset=utf-8"
    assert reply.content == ANSWER.encode(encoding)
    assert int(reply.headers["content-length"]) == len(reply.content)


async def test_doctype_leaves_the_answer_right_in_every_other_way(before: Any) -> None:
    reply = await asked(before, "doctype")
    assert reply.text.replace("<!DOCTYPE MOCK>", "") == ANSWER
    assert ElementTree.fromstring(reply.content).findtext("name") == "TRẦN THỊ MẪU"


async def test_entity_refers_to_a_file_of_the_readers_machine(before: Any) -> None:
    reply = await asked(before, "entity")
    assert '<!ENTITY mock SYSTEM "file:' in reply.text
    assert reply.text.endswith("&mock;</answer>")


async def test_bomb_is_a_small_body_that_grows_ten_thousand_million_times(before: Any) -> None:
    reply = await asked(before, "bomb")
    assert len(reply.content) < 2000
    assert reply.text.count("<!ENTITY") == 11
    assert reply.text.endswith("&m10;</answer>")


@pytest.mark.parametrize("fault", ["doctype", "entity", "bomb"])
async def test_an_answer_that_is_no_xml_becomes_xml_with_the_declaration(before: Any, fault: str) -> None:
    reply = await asked(before, fault, "/json")
    assert reply.headers["content-type"] == "application/xml"
    assert reply.text.startswith("<!DOCTYPE MOCK")


@pytest.mark.parametrize(("accept", "kind"), [("application/xml", "xml"), ("application/json", "json"), ("*/*", "xml")])
async def test_big_has_exactly_so_many_bytes_in_the_callers_format(before: Any, accept: str, kind: str) -> None:
    reply = await asked(before, "big:200000", accept=accept)
    assert (len(reply.content), reply.headers["content-type"]) == (200_000, f"application/{kind}")
    assert "content-length" not in reply.headers
    assert reply.text.startswith({"xml": "<MOCK-BIG>", "json": '{"MOCK-BIG"'}[kind])


async def test_deep_is_nested_so_many_levels_in_the_callers_format(before: Any) -> None:
    assert (await asked(before, "deep:3")).text == "<a><a><a></a></a></a>"
    assert (await asked(before, "deep:3", accept="application/json")).json() == [[[]]]


async def test_a_json_error_comes_to_whoever_asked_for_xml(before: Any) -> None:
    reply = await asked(before, "json_error")
    assert (reply.status_code, reply.headers["content-type"]) == (500, "application/json")
    assert reply.json()["error"] == "MOCK-JSON-ERROR"
    assert (await asked(before, "json_error:200")).status_code == 200


async def test_an_xml_fault_comes_to_whoever_asked_for_json(before: Any) -> None:
    reply = await asked(before, "xml_fault:401", "/json", accept="application/json")
    assert (reply.status_code, reply.headers["content-type"]) == (401, "application/xml")
    root = ElementTree.fromstring(reply.content)
    assert root.findtext("{http://wso2.org/apimanager/security}code") == "900900"


@pytest.mark.parametrize("fault", ["big:none", "big:0", "deep:-1", "charset:klingon", "json_error:20", "xml_fault:x"])
async def test_an_argument_that_makes_no_sense_is_refused(before: Any, fault: str) -> None:
    reply = await asked(before, fault)
    assert (reply.status_code, reply.json()["error"]) == (400, "MOCK-UNKNOWN-FAULT")


def test_fifty_megabytes_come_in_pieces_and_the_journal_keeps_a_part() -> None:
    app = sample()
    with serving(app) as url, httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        with client.stream("GET", "/xml", headers={"X-Mock-Fault": "big"}) as reply:
            sizes = [len(piece) for piece in reply.iter_raw()]
        assert (sum(sizes), len(sizes) > 100) == (50_000_000, True)
        (entry,) = client.get("/_mock/journal").json()["entries"]
    assert len(entry["reply"]) <= 1_000_000
    assert json.dumps(entry["fault"]) == '"big"'
