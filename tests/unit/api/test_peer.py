"""Who is at the other end: what proxies may say of a caller, and what nobody may say of themselves."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from services import NOW

from gateway.api.peer import HSTS, PLACE, Front, peer_of
from gateway.clients.ways import Peer
from gateway.sdk.errors import TrustError
from mocks._kit import pki

OURS = pki.self_signed("motcua").certificate
HEADER = b":" + base64.b64encode(OURS.public_bytes(Encoding.DER)) + b":"
PROXIES = ("10.0.0.0/24", "fd00::/8")


class Believing:
    """A trust that holds one certificate to be good."""

    def __init__(self, good: object) -> None:
        self._good = good

    async def learn(self, certificates: object, *, at: object) -> None:
        self.learned = certificates

    def check(self, certificate: object, chain: object, *, at: object) -> None:
        assert self.learned == [certificate]  # its revocation was asked first
        if certificate != self._good:
            raise TrustError("no")


async def seen(headers: list[tuple[bytes, bytes]], *, socket: str = "10.0.0.5", **front: Any) -> dict[str, Any]:
    """The scope as it arrives inside."""
    found: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        found.update(scope)

    scope = {"type": "http", "client": (socket, 1234), "headers": headers, "scheme": "http", **front.pop("scope", {})}
    await Front(app, clock=lambda: NOW, **{"proxies": PROXIES, "certificates": True, **front})(scope, None, None)  # type: ignore[arg-type]  # never called
    return found


async def address(*headers: tuple[bytes, bytes], socket: str = "10.0.0.5") -> str:
    return peer_of(await seen(list(headers), socket=socket)).address


def xff(value: bytes) -> tuple[bytes, bytes]:
    return b"x-forwarded-for", value


@pytest.mark.parametrize(
    ("said", "true"),
    [
        (b"203.0.113.9", "203.0.113.9"),
        (b"198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (b"198.51.100.1, 203.0.113.9, 10.0.0.7", "203.0.113.9"),
        (b"203.0.113.9:4711", "203.0.113.9"),
        (b"[2001:db8::1]:4711", "2001:db8::1"),
        (b"2001:db8::1", "2001:db8::1"),
        (b"10.0.0.9, 10.0.0.7", "10.0.0.9"),
        (b"203.0.113.9, unknown", "10.0.0.5"),
        (b"203.0.113.9,", "10.0.0.5"),
        (b"evil\r\nx: y", "10.0.0.5"),
        (b"", "10.0.0.5"),
    ],
)
async def test_of_what_a_proxy_says_the_right_most_stranger_is_the_caller(said: bytes, true: str) -> None:
    assert await address(xff(said)) == true


@pytest.mark.parametrize(
    ("said", "true"),
    [
        (b"for=203.0.113.9", "203.0.113.9"),
        (b"for=198.51.100.1, for=203.0.113.9;proto=https;by=10.0.0.7", "203.0.113.9"),
        (b'proto=https;For="[2001:db8::1]:4711"', "2001:db8::1"),
        (b"for=203.0.113.9, for=_hidden", "10.0.0.5"),
    ],
)
async def test_forwarded_is_read_as_its_standard_says(said: bytes, true: str) -> None:
    assert await address((b"forwarded", said)) == true


async def test_of_two_kinds_the_caller_may_have_written_one_and_neither_is_believed() -> None:
    assert await address((b"forwarded", b"for=198.51.100.1"), xff(b"203.0.113.9")) == "10.0.0.5"
    assert await address((b"forwarded", b"for=203.0.113.9"), xff(b"203.0.113.9")) == "203.0.113.9"


async def test_a_proxy_that_was_not_said_to_tell_of_certificates_tells_of_none() -> None:
    """SEC-17 (part): a certificate is no secret; whoever copies it into the header is not its holder."""
    assert (await seen([(b"client-cert", HEADER)], certificates=False))[PLACE].certificate is None


async def test_several_header_lines_are_one_list() -> None:
    assert await address(xff(b"198.51.100.1"), xff(b"203.0.113.9")) == "203.0.113.9"


async def test_a_stranger_says_nothing_of_themselves() -> None:
    """SEC-17 (part): spoofed addresses and certificates from who is no proxy are taken off, unread."""
    headers = [xff(b"203.0.113.9"), (b"forwarded", b"for=203.0.113.9"), (b"client-cert", HEADER)]
    headers += [(b"x-forwarded-proto", b"https"), (b"x-real-ip", b"203.0.113.9"), (b"accept", b"*/*")]
    for socket in ("192.0.2.66", "", "unix"):
        scope = await seen(headers, socket=socket)
        assert scope[PLACE] == Peer(address=socket)
        assert (scope["headers"], scope["scheme"]) == ([(b"accept", b"*/*")], "http")


async def test_without_trusted_proxies_nobody_is_one() -> None:
    scope = await seen([xff(b"203.0.113.9"), (b"client-cert", HEADER)], socket="127.0.0.1", proxies=())
    assert scope[PLACE] == Peer(address="127.0.0.1")


async def test_a_proxy_brings_the_callers_certificate() -> None:
    scope = await seen([(b"client-cert", HEADER), (b"x-forwarded-proto", b"https")])
    assert scope[PLACE] == Peer(address="10.0.0.5", certificate=OURS, checked=False)
    assert (scope["headers"], scope["scheme"]) == ([], "https")


async def test_its_names_count_only_when_the_client_ca_stands_behind_them() -> None:
    other = pki.self_signed("motcua").certificate
    held = await seen([(b"client-cert", HEADER)], trust=Believing(OURS))
    assert held[PLACE].checked
    assert not (await seen([(b"client-cert", HEADER)], trust=Believing(other)))[PLACE].checked


@pytest.mark.parametrize("value", [b"", b"::", b":AAAA:", HEADER[1:], HEADER[:-1], b":" + b"A" * 20_000 + b":", b":!:"])
async def test_a_certificate_that_cannot_be_read_is_none(value: bytes) -> None:
    assert (await seen([(b"client-cert", value)]))[PLACE].certificate is None


async def test_two_certificates_are_none() -> None:
    assert (await seen([(b"client-cert", HEADER), (b"client-cert", HEADER)]))[PLACE].certificate is None


async def test_the_certificate_of_our_own_listener_is_the_callers_and_that_of_a_proxy_is_not() -> None:
    tls = {"extensions": {"tls": {"client_cert_chain": [OURS.public_bytes(Encoding.PEM).decode()]}}}
    direct = await seen([], socket="203.0.113.9", scope=tls, trust=Believing(OURS))
    assert direct[PLACE] == Peer(address="203.0.113.9", certificate=OURS, checked=True)
    assert not (await seen([], socket="203.0.113.9", scope=tls))[PLACE].checked
    assert (await seen([], scope=tls))[PLACE].certificate is None


async def test_over_tls_of_our_own_browsers_are_told_to_stay_there() -> None:
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "client": ("203.0.113.9", 1), "headers": [], "scheme": "https"}
    for own_tls in (True, False):
        await Front(app, clock=lambda: NOW, own_tls=own_tls)(scope, None, send)  # type: ignore[arg-type]  # never called
    assert [message["headers"] for message in sent] == [[HSTS], []]


@pytest.mark.parametrize("is_open", [True, False])
async def test_a_certificate_is_looked_at_once_the_door_let_the_call_in_and_the_address_is_known_there(
    is_open: bool,
) -> None:
    """Whoever is turned away costs no look at a list of revoked certificates."""
    trust, at_the_door = Believing(OURS), list[Peer]()

    def door(app: Any) -> Any:
        async def through(scope: Any, receive: Any, send: Any) -> None:
            at_the_door.append(peer_of(scope))
            if is_open:
                await app(scope, receive, send)

        return through

    found = await seen([(b"client-cert", HEADER), xff(b"203.0.113.9")], trust=trust, door=door)
    assert at_the_door == [Peer(address="203.0.113.9")]
    assert hasattr(trust, "learned") is is_open
    assert found.get(PLACE) == (Peer(address="203.0.113.9", certificate=OURS, checked=True) if is_open else None)
