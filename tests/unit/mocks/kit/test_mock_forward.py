"""How a platform mock passes calls on: the address, the headers, and real sockets on both sides."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks._kit.app import build
from mocks._kit.forward import address, end_to_end, longest
from mocks._kit.serve import serving
from mocks._kit.settings import Settings
from mocks.wso2 import app as wso2


async def answer(request: Request) -> Response:
    return Response(f"{request.method} {request.url.path}".encode(), media_type="text/plain; charset=utf-8")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of a platform without tokens, over real sockets, before a system that answers."""
    system = build([Route("/{path:path}", answer, methods=["GET"])], name="sample", settings=Settings({}))
    with serving(system) as behind:
        platform = wso2.create_app({
            "dialect": "T4", "upstream_timeout_s": 2.0, "upstreams": {"/api": behind, "/nobody": "http://127.0.0.1:9"},
        })  # fmt: skip
        with serving(platform) as front:
            yield front


def get(url: str, path: str, fault: str = "") -> httpx.Response:
    return httpx.get(f"{url}{path}", headers={"X-Mock-Fault": fault} if fault else {}, trust_env=False, timeout=60)


def test_a_call_goes_through_over_real_sockets(url: str) -> None:
    reply = get(url, "/api/one")
    assert (reply.status_code, reply.text) == (200, "GET /one")
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert len(reply.headers.get_list("date")) == 1


@pytest.mark.parametrize("fault", ["cut", "slow:4"])
def test_a_system_that_gives_no_answer_shows_as_a_502_of_the_platform(url: str, fault: str) -> None:
    reply = get(url, "/api/one", fault)
    assert (reply.status_code, reply.json()["fault"]["code"]) == (502, "MOCK-UPSTREAM")


def test_a_system_that_does_not_listen_shows_as_a_502_of_the_platform(url: str) -> None:
    assert get(url, "/nobody/x").status_code == 502


def test_a_broken_answer_of_the_system_passes_as_it_is(url: str) -> None:
    assert get(url, "/api/one", "truncated").text == "GET "
    assert len(get(url, "/api/one", "big:300000").content) == 300_000


def test_the_platform_itself_can_hang_up(url: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        get(url, "/api/one", "wso2/cut")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api", "http://a"),
        ("/api/", "http://a"),
        ("/api/x/y", "http://a/x/y"),
        ("/api/b/x", "http://b/base/x"),
        ("/apis/x", None),
        ("/", None),
    ],
)
def test_the_longest_prefix_gives_way_to_its_base_url(path: str, expected: str | None) -> None:
    assert address({"/api": "http://a/", "/api/b": "http://b/base"}, path) == expected


def test_a_prefix_of_everything_fits_everything() -> None:
    assert address({"/": "http://a"}, "/x/y") == "http://a/x/y"
    assert longest(["/"], "/") == "/"


def test_headers_of_one_connection_stop_here() -> None:
    given = [
        ("Connection", "close, X-Mine"), ("X-Mine", "1"), ("Host", "a"), ("TE", "x"), ("Content-Length", "2"),
        ("Timestamp", "1"), ("Auth", "k"),
    ]  # fmt: skip
    assert end_to_end(given, without=("Auth",)) == [("timestamp", "1")]
