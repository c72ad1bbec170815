"""How a request is written and a reply read, without a socket but where httpx is held against it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from over_httpx import OverHttpx
from wire_house import OK, answering, get, outcomes, post, serving, settings

from gateway.exchange.http1_reply import ReplyReader
from gateway.exchange.http1_request import begin, origin_of
from gateway.exchange.transport import HttpTransport
from gateway.sdk import ConfigurationError, GatewayError, TransientRemoteError, Unsettled, WireReply, WireRequest

Run = Callable[[Coroutine[Any, Any, Any]], Any]
REPLIES = {
    "a length": b"HTTP/1.1 200 OK\r\nServer: a\r\nContent-Length: 11\r\n\r\nhello world",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nA: b\r\n\r\n",
    "continue first": b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
}


def head(request: WireRequest) -> bytes:
    return begin(request, *origin_of(request.url))


def written(request: bytes) -> tuple[str, set[str], bytes]:
    """Line, headers, content."""
    before, _, content = request.partition(b"\r\n\r\n")
    line, *fields = before.decode("latin-1").split("\r\n")
    return line, {f"{name.lower()}:{value}" for name, _, value in (field.partition(":") for field in fields)}, content


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"method": "GET", "content": b""},
        {"method": "get", "content": b""},
        {"content": b""},
        {"method": "PUT", "content": b""},
        {"method": "DELETE", "content": b""},
        {"headers": {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"urn:a"', "traceparent": "00-1-2-01"}},
        {"headers": {"accept": "application/pdf", "ACCEPT-ENCODING": "identity", "User-Agent": "x", "X-Empty": ""}},
        {"path": "/a/b?c=d&e=%C4%91%2F&f="},
        {"path": "?a=b"},
        {"path": ""},
        {"path": "/a#b"},
        {"path": "/hồ sơ/1?q=đ ơn"},
        {"path": "/a;b=c/~d/$e,f/g:h@i/(j)*!'"},
    ],
)
def test_a_request_says_what_httpx_would_say(run: Run, changes: dict[str, Any]) -> None:
    with serving(answering(lambda *_: OK)) as system:
        request = post(system.base, changes.get("path", "/a"))
        request = WireRequest(**{"method": "POST", "url": request.url, "content": b"<x/>"} | _but_path(changes))
        for way in (OverHttpx(settings()), HttpTransport(settings())):
            assert run(outcomes(way, [request])) == ["200 ok"]
        theirs, ours = map(written, system.heard)
        assert ours == theirs


def _but_path(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if name != "path"}


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as found:
            found.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not _has_ipv6(), reason="this machine has no ::1")
def test_an_address_of_ipv6_is_reached(run: Run) -> None:
    with serving(answering(lambda *_: OK), host="::1") as system:
        for way in (OverHttpx(settings()), HttpTransport(settings())):
            assert run(outcomes(way, [get(system.base)])) == ["200 ok"]
        theirs, ours = map(written, system.heard)
        assert ours == theirs


@pytest.mark.parametrize(
    ("url", "host", "port", "authority", "target"),
    [
        ("http://a.vn/x", "a.vn", 80, "a.vn", "/x"),
        ("https://a.vn", "a.vn", 443, "a.vn", "/"),
        ("https://a.vn:443/x", "a.vn", 443, "a.vn", "/x"),
        ("https://A.vn:8443?x=1", "a.vn", 8443, "a.vn:8443", "/?x=1"),
        ("http://[2001:db8::1]:81/x", "2001:db8::1", 81, "[2001:db8::1]:81", "/x"),
        ("http://bộ.vn/x", "xn--b-8xm.vn", 80, "xn--b-8xm.vn", "/x"),
        ("http://a.vn/../b//c/./d?e#f", "a.vn", 80, "a.vn", "/../b//c/./d?e"),
        ("http://a.vn/@b:c/?u=http://d/", "a.vn", 80, "a.vn", "/@b:c/?u=http://d/"),
    ],
)
def test_an_address_is_taken_apart(url: str, host: str, port: int, authority: str, target: str) -> None:
    origin, found = origin_of(url)
    assert (origin.host, origin.port, origin.authority, found) == (host, port, authority, target)


def test_what_does_not_change_is_found_out_once() -> None:
    assert origin_of("https://a.vn/x")[0] is origin_of("https://a.vn/y?z")[0]


@pytest.mark.parametrize(
    "url", ["", "/a", "a.vn/b", "ftp://a.vn/", "http://", "http:///a", "http://a:b/", "http://[::/"]
)
def test_an_address_that_leads_nowhere_was_never_asked(url: str) -> None:
    with pytest.raises(TransientRemoteError) as raised:
        origin_of(url)
    assert raised.value.error_code == "partner.not_connected"


@pytest.mark.parametrize("user", ["u:p", "u"])
def test_an_address_holds_no_password(user: str) -> None:
    with pytest.raises(ConfigurationError):
        origin_of(f"http://{user}@a.vn/")


@pytest.mark.parametrize(
    "changes",
    [
        {"headers": {"A": "b\r\nEvil: c"}},
        {"headers": {"A": "b\nEvil: c"}},
        {"headers": {"A": "b\0"}},
        {"headers": {"A": "b\x7f"}},
        {"headers": {"A": "hồ"}},
        {"headers": {"A\r\nEvil": "c"}},
        {"headers": {"A b": "c"}},
        {"headers": {"": "c"}},
        {"headers": {"Đ": "c"}},
        {"headers": {"Host": "evil"}},
        {"headers": {"content-length": "0"}},
        {"headers": {"Transfer-Encoding": "chunked"}},
        {"method": "GET / HTTP/1.1\r\nEvil:"},
        {"method": ""},
        {"url": "http://a.vn/b\r\nEvil: c"},
        {"url": "http://a.vn/b\0"},
        {"url": "http://a.vn/b\tc"},
    ],
)
def test_nothing_is_smuggled_into_a_request(run: Run, changes: dict[str, Any]) -> None:
    request = WireRequest(**{"method": "GET", "url": "http://a.vn/b", **changes})
    with pytest.raises(ConfigurationError):
        run(HttpTransport(settings()).send(request))


def test_a_header_of_latin_1_is_sent_as_it_is() -> None:
    assert b"\r\nA: \xe9 \t\xff\r\n" in head(WireRequest(method="GET", url="http://a.vn", headers={"A": "é \tÿ"}))


def feed_all(reader: ReplyReader, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        reader.feed(piece)


@given(st.sampled_from(sorted(REPLIES)), st.integers(1, 60))
def test_any_cut_into_pieces_gives_the_same(name: str, size: int) -> None:
    whole = REPLIES[name]
    reader = ReplyReader(most=1000)
    *before, last = [whole[i : i + size] for i in range(0, len(whole), size)]
    assert all(reader.feed(piece) is None for piece in before)
    found = reader.feed(last)
    assert found is not None
    assert found.content == b"hello world"
    assert "a" not in found.headers
    assert reader.keeps


@given(st.sampled_from(sorted(REPLIES)), st.integers(0, 200))
def test_what_is_cut_off_is_never_an_answer(name: str, at: int) -> None:
    reader, piece = ReplyReader(most=1000), REPLIES[name][:at]
    if at < len(REPLIES[name]):
        assert reader.feed(piece) is None
        with pytest.raises(Unsettled):
            reader.end()


@given(st.binary(max_size=300), st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"]))
def test_noise_raises_nothing_but_our_own(content: bytes, start: bytes) -> None:
    reader = ReplyReader(most=100)
    try:
        if reader.feed(start + content) is None:
            reader.end()
    except GatewayError:
        return


def test_a_reader_reads_one_reply_after_the_other() -> None:
    reader = ReplyReader(most=1000)
    for number in range(3):
        reader.expect("POST")
        found = reader.feed(f"HTTP/1.1 200 OK\r\nN: {number}\r\nContent-Length: 1\r\n\r\n{number}".encode())
        assert found == WireReply(
            status=200, headers={"n": str(number), "content-length": "1"}, content=str(number).encode()
        )
        assert reader.keeps


@pytest.mark.parametrize(
    "more", [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", b"noise", b"HTTP/1.1 200 OK\r\n\r\n"]
)
def test_what_comes_after_a_reply_changes_nothing_of_it_and_ends_the_connection(more: bytes) -> None:
    reader = ReplyReader(most=1000)
    found = reader.feed(OK + more)
    assert found is not None
    assert found.content == b"ok"
    assert not reader.keeps


@pytest.mark.parametrize("said", ["HTTP/1.1 200 OK\r\nConnection: close", "HTTP/1.0 200 OK"])
def test_a_connection_that_is_about_to_close_bears_no_other(said: str) -> None:
    reader = ReplyReader(most=1000)
    assert reader.feed(f"{said}\r\nContent-Length: 0\r\n\r\n".encode()) is not None
    assert not reader.keeps


def test_headers_are_merged_trimmed_and_read_as_what_they_are() -> None:
    lines = ["A: b ", "a:  c", "Name: Hồ sơ"]
    said = b"HTTP/1.1 204 No\r\n" + "\r\n".join(lines).encode() + b"\r\nOld: \xe9\r\n\r\n"
    found = ReplyReader(most=1000).feed(said)
    assert found is not None
    assert found.headers == {"a": "b, c", "name": "Hồ sơ", "old": "é"}


@pytest.mark.parametrize(
    "endless",
    [b"A: " + b"a" * 5000, b"A: aa\r\n" * 1000, b"Transfer-Encoding: chunked\r\n\r\n1;" + b"a" * 5000],
    ids=["value", "headers", "extension"],
)
def test_what_has_no_end_is_given_up(endless: bytes) -> None:
    reader = ReplyReader(most=1000)
    reader.feed(b"HTTP/1.1 200 OK\r\n")
    more = endless[-1000:].replace(b"\n", b"a").replace(b"\r", b"a") if b"chunked" in endless else endless
    reader.feed(endless)
    with pytest.raises(Unsettled):
        feed_all(reader, [more] * 200)


def test_trailers_have_an_end_too() -> None:
    reader = ReplyReader(most=1000)
    reader.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n")
    with pytest.raises(Unsettled):
        feed_all(reader, [b"A: aa\r\n" * 200] * 200)


async def test_a_reply_that_is_never_fetched_leaves_no_trace() -> None:
    """Whoever is given up in the very moment when the answer breaks off is not told of it, and nobody else is."""
    with serving(answering(lambda *_: b"nonsense\r\n\r\n")) as system:
        transport = HttpTransport(settings())
        told: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        for wait in (0.0, 0.001, 0.002, 0.003, 0.005):
            leaving = asyncio.create_task(transport.send(post(system.base)))
            await asyncio.sleep(wait)
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)
        await transport.close()
        assert told == []
