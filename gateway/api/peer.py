"""Who is at the other end: the address and the certificate that a call really comes with.

What a proxy says of them is believed from `api.trusted_proxies` alone; from anybody else those headers are taken off,
unread. The address is the right-most one of `Forwarded` (RFC 7239) or `X-Forwarded-For` that is no trusted proxy
itself: all to the left of it is the caller's to write. The certificate is that of our own TLS listener (ASGI TLS
extension), or `Client-Cert` (RFC 9440) where `api.proxy_certificates` says that the proxies write it: a certificate is
no secret, and a proxy that knows nothing of the header lets it through from whoever wrote it.
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from cryptography import x509
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.clients.ways import Peer, is_within
from gateway.sdk.errors import TrustError
from gateway.signing.model import Trust

PLACE = "lienthong.peer"
"""Where the scope of a call holds its `Peer`."""
RELAYED = "lienthong.relayed"
"""Where it holds that a proxy wrote headers that we were not told to believe."""
_TOLD = "lienthong.told"
"""Where it holds what a trusted proxy said; None: who called is none."""

TOLD_BY_PROXIES = frozenset(
    {b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-real-ip", b"client-cert", b"client-cert-chain"}
)
HSTS = (b"strict-transport-security", b"max-age=31536000")
_FOR = re.compile(r'(?:^|[;\s])for="?(?:\[([0-9a-f:.]{2,45})\]|([0-9a-f:.]{2,45}?))(?::[0-9]{1,5})?"?(?:$|;)', re.I)
_ADDRESS = re.compile(r"\[([0-9a-f:.]{2,45})\](?::[0-9]{1,5})?|([0-9.]{7,15})(?::[0-9]{1,5})?|([0-9a-f:.]{2,45})", re.I)
_MOST_HOPS = 20
_ADDRESSES, _CERTIFICATES = 4096, 256
"""So many are remembered of each."""


def peer_of(scope: Mapping[str, Any]) -> Peer:
    """As the front found it; without a front what the server says."""
    found = scope.get(PLACE)
    return found if isinstance(found, Peer) else _at(_socket(scope))


class Front:
    """Wraps everything. `door`: what stands after the address is known, which costs nothing, and before a certificate
    is looked at, which does. `certificates`: proxies tell of them. `trust`: the client CA, which is asked about each
    certificate, its revocation too; without it one is known by its pin alone, which we can take away, and not by its
    name. `own_tls`: nothing is served but over TLS of our own, so that browsers may be told so (RFC 6797)."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        door: Callable[[ASGIApp], ASGIApp] | None = None,
        proxies: Collection[str] = (),
        certificates: bool = False,
        trust: Trust | None = None,
        own_tls: bool = False,
        clock: Callable[[], datetime],
    ) -> None:
        self._app = app
        self._way = door(self._inside) if door else self._inside
        self._proxies = tuple(proxies)
        self._is_trusted = functools.lru_cache(_ADDRESSES)(lambda address: is_within(address, self._proxies))
        self._certificates = certificates
        self._trust = trust
        self._own_tls = own_tls
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = [header for header in scope["headers"] if header[0] in TOLD_BY_PROXIES]
        is_trusted = self._is_trusted(_socket(scope))
        inner = {**scope, RELAYED: bool(told) and not is_trusted, _TOLD: told if is_trusted else None}
        if told:
            inner["headers"] = [header for header in scope["headers"] if header[0] not in TOLD_BY_PROXIES]
        address = _socket(scope)
        if is_trusted:
            address = _forwarded(told, self._proxies) or address
            inner["scheme"] = _scheme(told, scope["scheme"])
        inner[PLACE] = _at(address)
        await self._way(inner, receive, _strict(send) if self._own_tls else send)

    async def _inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (certificate := self._certificate(scope)) is not None:
            is_checked = await self._holds(certificate)
            scope[PLACE] = Peer(address=scope[PLACE].address, certificate=certificate, checked=is_checked)
        await self._app(scope, receive, send)

    def _certificate(self, scope: Scope) -> x509.Certificate | None:
        """The caller's: of a handshake, which proved the key and checked the path, or the one that a proxy tells of,
        whose own is not the caller's."""
        if (told := scope[_TOLD]) is not None:
            return _client_cert(told) if self._certificates else None
        chain = scope["extensions"].get("tls", {}).get("client_cert_chain") if "extensions" in scope else ()
        return _shown(chain[0]) if chain else None

    async def _holds(self, certificate: x509.Certificate) -> bool:
        if self._trust is None:
            return False
        now = self._clock()
        await self._trust.learn([certificate], at=now)
        try:
            self._trust.check(certificate, (), at=now)
        except TrustError:
            return False
        return True


@functools.lru_cache(_ADDRESSES)
def _at(address: str) -> Peer:
    return Peer(address=address)


@functools.lru_cache(_CERTIFICATES)
def _shown(pem: str) -> x509.Certificate:
    """The same at each call of a connection; whether it still holds is asked each time."""
    return x509.load_pem_x509_certificate(pem.encode())


def _socket(scope: Mapping[str, Any]) -> str:
    return str((scope.get("client") or ("",))[0])


def _scheme(told: list[tuple[bytes, bytes]], otherwise: str) -> str:
    said = [value for name, value in told if name == b"x-forwarded-proto"]
    return said[-1].decode("latin-1") if said and said[-1] in {b"http", b"https"} else otherwise


def _forwarded(told: list[tuple[bytes, bytes]], proxies: Collection[str]) -> str:
    """Empty: the headers say nothing that can be read, and then nobody further away is believed. Nor is anybody when
    the two kinds differ: a proxy writes the one that it knows, and lets through the other as the caller wrote it."""
    standard = b",".join(value for name, value in told if name == b"forwarded").decode("latin-1")
    usual = b",".join(value for name, value in told if name == b"x-forwarded-for").decode("latin-1")
    found = set()
    if standard:
        found.add(_nearest_stranger([_only(_FOR.search(part.strip())) for part in standard.split(",")], proxies))
    if usual or not standard:
        found.add(_nearest_stranger([_only(_ADDRESS.fullmatch(part.strip())) for part in usual.split(",")], proxies))
    return found.pop() if len(found) == 1 else ""


def _nearest_stranger(hops: list[str], proxies: Collection[str]) -> str:
    for hop in hops[-_MOST_HOPS:][::-1]:
        if not hop or not is_within(hop, proxies):
            return hop
    return hops[0]


def _only(found: re.Match[str] | None) -> str:
    return next(filter(None, found.groups()), "") if found else ""


def _client_cert(told: list[tuple[bytes, bytes]]) -> x509.Certificate | None:
    """A byte sequence of structured fields, `:base64:`, exactly once."""
    said = [value.strip() for name, value in told if name == b"client-cert"]
    if len(said) != 1 or len(said[0]) > 16_384 or said[0][:1] + said[0][-1:] != b"::":
        return None
    try:
        return x509.load_der_x509_certificate(base64.b64decode(said[0][1:-1], validate=True))
    except (ValueError, binascii.Error):
        return None


def _strict(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), HSTS]}
        await send(message)

    return sending
