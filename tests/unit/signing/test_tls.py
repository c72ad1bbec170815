"""Real handshakes with servers that are who they say, and with those that are not."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from soft_hsm import ENVIRONMENT, soft_hsm

from gateway.bootstrap.trusting import contexts_of
from gateway.exchange.transport import HttpTransport
from gateway.registry import configured
from gateway.sdk import ConfigurationError, SystemSettings, TransientRemoteError, Unsettled, WireRequest
from gateway.settings import Settings
from gateway.signing.keys import load_keys
from gateway.signing.settings import KeySettings, TlsSettings
from gateway.signing.tls import client_context, key_digest
from mocks._kit import pki

NOW, DAY = pki.NOW, timedelta(days=1)
SERVER = {"usage": ("digital_signature",), "extended": ("server",)}


@dataclass
class Links:
    """An authority that the gateway believes for this system, and what it issued."""

    folder: Path

    def __post_init__(self) -> None:
        self.root = pki.root("CA kết nối")
        self.ca = self.root.write_certificate(self.folder / "ca.pem")

    def server(self, *, host: str = "localhost", **wanted: Any) -> pki.Holder:
        return self.root.issue("máy chủ", pki.Wanted(hosts=(host,), **{**SERVER, **wanted}))

    def ours(self) -> tuple[KeySettings, pki.Holder]:
        holder = self.root.authority("CA 2").issue("Tỉnh", pki.Wanted(extended=("client",)))
        path = holder.write_pkcs12(self.folder / "ours.p12", password="made-up")
        return KeySettings(source="pkcs12", path=path, password_env="P"), holder

    @asynccontextmanager
    async def serving(self, holder: pki.Holder, *, wants_ours: bool = False) -> AsyncIterator[str]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(holder.write_pem(self.folder / "server.pem"))
        if wants_ours:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.ca)
        server = await asyncio.start_server(_answer, "127.0.0.1", 0, ssl=context)
        async with server:
            yield f"https://localhost:{server.sockets[0].getsockname()[1]}/"

    async def ask(self, url: str, tls: TlsSettings, keys: Any = None) -> int:
        context = client_context(tls, keys or {}, at=NOW)
        transport = HttpTransport(SystemSettings(base_url=url), tls=context)
        try:
            return (await transport.send(WireRequest(method="GET", url=url))).status
        finally:
            await transport.close()

    async def refused(self, holder: pki.Holder, **said: Any) -> str:
        async with self.serving(holder) as url:
            with pytest.raises(TransientRemoteError) as caught:
                await self.ask(url, TlsSettings(**{"ca": (self.ca,), **said}))
        return caught.value.error_code


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


@pytest.fixture
def links(tmp_path: Path) -> Links:
    return Links(tmp_path)


async def test_a_server_with_a_certificate_of_the_named_authority_is_believed(links: Links) -> None:
    async with links.serving(links.server()) as url:
        assert await links.ask(url, TlsSettings(ca=(links.ca,))) == 200


async def test_nobody_else_is(links: Links) -> None:
    elsewhere = pki.root("CA lạ").issue("máy chủ", pki.Wanted(hosts=("localhost",), **SERVER))
    alone = pki.self_signed("máy chủ", pki.Wanted(hosts=("localhost",), **SERVER))
    wrong = {
        "wrong host": links.server(host="other.example.vn"),
        "expired": links.server(ends=NOW - DAY),
        "not yet valid": links.server(begins=NOW + DAY),
        "of a client": links.server(extended=("client",)),
        "self-signed": alone,
        "of another authority": elsewhere,
    }
    found = {name: await links.refused(holder) for name, holder in wrong.items()}
    assert found == dict.fromkeys(wrong, "partner.certificate")


async def test_without_a_named_authority_the_machines_roots_do_not_know_it(links: Links) -> None:
    assert await links.refused(links.server(), ca=()) == "partner.certificate"


async def test_a_pinned_key_must_be_the_one_that_answers(links: Links) -> None:
    server = links.server()
    der = server.certificate.public_bytes(pki.serialization.Encoding.DER)
    async with links.serving(server) as url:
        assert await links.ask(url, TlsSettings(ca=(links.ca,), pinned=("0" * 64, key_digest(der)))) == 200
    assert await links.refused(server, pinned=("0" * 64,)) == "partner.certificate"


async def test_a_pin_does_not_replace_the_authority(links: Links) -> None:
    alone = pki.self_signed("máy chủ", pki.Wanted(hosts=("localhost",), **SERVER))
    der = alone.certificate.public_bytes(pki.serialization.Encoding.DER)
    assert await links.refused(alone, pinned=(key_digest(der),)) == "partner.certificate"


async def test_our_certificate_is_shown_where_it_is_wanted(links: Links) -> None:
    own, _ = links.ours()
    keys = load_keys({"tinh": [own]}, environment={"P": "made-up"})
    async with links.serving(links.server(), wants_ours=True) as url:
        assert await links.ask(url, TlsSettings(ca=(links.ca,), key="tinh"), keys) == 200


async def test_without_our_certificate_such_a_server_closes(links: Links) -> None:
    async with links.serving(links.server(), wants_ours=True) as url:
        with pytest.raises((TransientRemoteError, Unsettled)):
            await links.ask(url, TlsSettings(ca=(links.ca,)))


def test_a_context_never_leaves_the_peer_unverified(links: Links) -> None:
    for tls in (None, TlsSettings(), TlsSettings(ca=(links.ca,), pinned=("0" * 64,))):
        context = client_context(tls, {}, at=NOW)
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
        assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert set(TlsSettings.model_fields) == {"ca", "key", "pinned"}


def test_a_key_in_an_hsm_is_refused_for_tls(links: Links) -> None:
    with soft_hsm(links.folder) as hsm:
        hsm.ec("ky")
        keys = load_keys({"hsm": [hsm.settings("ky")]}, environment=ENVIRONMENT)
        with pytest.raises(ConfigurationError, match="HSM"):
            client_context(TlsSettings(key="hsm"), keys, at=NOW)


@pytest.mark.parametrize("said", [{"ca": (Path("missing.pem"),)}, {"key": "missing"}])
def test_what_is_missing_is_named(said: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="missing"):
        client_context(TlsSettings(**said), {}, at=NOW)


def test_tls_for_a_system_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="elsewhere"):
        configured({}, sandbox=False, breaker={}, tls={"elsewhere": client_context(None, {}, at=NOW)})


def test_those_of_which_the_same_is_said_share_their_roots() -> None:
    said = {"population": {}, "payment": {}, "ngsp": {"pinned": ["a" * 64]}}
    made = contexts_of(Settings.model_validate({"tls": said}))
    assert made["population"] is made["payment"]
    assert made["ngsp"] is not made["payment"]
