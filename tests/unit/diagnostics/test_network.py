"""Real names, connections and handshakes on this machine, good ones and bad ones."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.diagnostics.certificates import described, read_chain
from gateway.diagnostics.model import Endpoint, NotReachedError
from gateway.diagnostics.network import Sockets
from gateway.signing.settings import TlsSettings
from gateway.signing.tls import client_context
from mocks._kit import pki

SERVER: dict[str, Any] = {"usage": ("digital_signature",), "extended": ("server",), "hosts": ("localhost",)}
NET = Sockets()


class Place:
    """An authority that we believe, and servers of all kinds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = pki.root("CA kết nối")
        self.ca = self.root.write_certificate(folder / "ca.pem")

    def context(self, **settings: Any) -> ssl.SSLContext:
        return client_context(TlsSettings(ca=(self.ca,), **settings), {}, at=pki.NOW)

    @asynccontextmanager
    async def serving(self, holder: pki.Holder | None = None, *, says: bytes = b"") -> AsyncIterator[int]:
        secured = None
        if holder is not None:
            secured = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            secured.load_cert_chain(holder.write_pem(self.folder / "server.pem"))

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(2000)
            writer.write(says)
            writer.close()

        server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=secured)
        async with server:
            yield server.sockets[0].getsockname()[1]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def to(port: int, tls: ssl.SSLContext | None = None, *, host: str = "localhost", patience_s: float = 5.0) -> Endpoint:
    return Endpoint(host=host, port=port, tls=tls, patience_s=patience_s)


async def why(act: Any) -> str:
    with pytest.raises(NotReachedError) as caught:
        await act
    return caught.value.why


async def test_a_good_server_shows_its_certificate_and_the_root_above_it(place: Place) -> None:
    async with place.serving(place.root.issue("máy chủ", pki.Wanted(**SERVER))) as port:
        assert await NET.resolve(to(port))
        assert await NET.connect(to(port)) in {"127.0.0.1", "::1"}
        made = await NET.handshake(to(port, place.context()))
    assert made.version in {"TLSv1.2", "TLSv1.3"}
    told = described(read_chain(made.chain))
    assert (told["subject"], told["names"], told["root"]) == ("máy chủ", "localhost", "CA kết nối")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"ends": pki.NOW - timedelta(days=1)}, "certificate_expired"),
        ({"begins": pki.NOW + timedelta(days=1)}, "certificate_not_yet_valid"),
        ({"hosts": ("other.example.vn",)}, "certificate_wrong_name"),
    ],
)
async def test_a_certificate_that_does_not_hold_is_named_and_read(
    place: Place, wanted: dict[str, Any], expected: str
) -> None:
    async with place.serving(place.root.issue("máy chủ", pki.Wanted(**{**SERVER, **wanted}))) as port:
        with pytest.raises(NotReachedError) as caught:
            await NET.handshake(to(port, place.context()))
        seen = await NET.look(to(port, place.context()))
    assert (caught.value.why, caught.value.is_certificate) == (expected, True)
    assert described(read_chain(seen.chain))["subject"] == "máy chủ"


async def test_one_of_a_stranger_and_one_that_is_not_pinned_are_told_apart(place: Place) -> None:
    stranger = pki.root("CA lạ").issue("máy chủ", pki.Wanted(**SERVER))
    async with place.serving(stranger) as port:
        assert await why(NET.handshake(to(port, place.context()))) == "certificate_unknown_issuer"
    async with place.serving(place.root.issue("máy chủ", pki.Wanted(**SERVER))) as port:
        assert await why(NET.handshake(to(port, place.context(pinned=("0" * 64,))))) == "certificate_not_pinned"


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "tls_not_spoken"),
        (b"\x15\x03\x03\x00\x02\x02\x46", "tls_no_common"),  # alert: protocol_version
        (b"\x15\x03\x03\x00\x02\x02\x2a", "tls_ours_refused"),  # alert: bad_certificate
        (b"\x15\x03\x03\x00\x02\x02\x50", "tls_failed"),  # alert: internal_error
        (b"", "cut_off"),
    ],
)
async def test_what_a_server_says_to_a_handshake_is_understood(place: Place, says: bytes, expected: str) -> None:
    async with place.serving(says=says) as port:
        assert await why(NET.handshake(to(port, place.context()))) == expected


async def test_a_port_where_nobody_listens_refuses(place: Place) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert await why(NET.connect(to(port, host="127.0.0.1"))) == "tcp_refused"


async def test_a_name_that_is_none_leads_nowhere() -> None:
    assert await why(NET.resolve(to(443, host="khong-co.invalid"))) in {"dns_unknown", "dns_no_server"}
    assert await why(NET.resolve(to(443, host="a" * 70 + ".vn"))) == "dns_unknown"


async def test_a_server_that_says_nothing_is_waited_for_so_long_and_no_longer(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert await why(NET.handshake(to(port, place.context(), patience_s=0.05))) == "tls_timeout"


@pytest.mark.parametrize(("step", "late"), [("resolve", "dns"), ("connect", "tcp"), ("handshake", "tls")])
async def test_names_that_hang_keep_no_other_from_being_found(step: str, late: str) -> None:
    """The loop has a few threads for the names of all, those of the database among them."""
    go = threading.Event()
    asked = list[str]()

    def silent(host: str, port: int) -> Any:
        asked.append(host)
        go.wait(120)
        return ()

    async def told() -> str:
        to_it = to(80, ssl.create_default_context() if step == "handshake" else None, host="hangs.test", patience_s=0.1)
        with pytest.raises(NotReachedError) as raised:
            await getattr(Sockets(silent), step)(to_it)
        return raised.value.why

    assert set(await asyncio.gather(*(told() for _ in range(32)))) == {f"{late}_timeout"}
    assert asked == ["hangs.test"] * 32
    async with asyncio.timeout(60):
        assert await asyncio.get_running_loop().getaddrinfo("localhost", 80)
    go.set()
