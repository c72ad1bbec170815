"""The API's own TLS over real sockets: who gets through the handshake, and who they then are."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from province import TENANT, Province, now

from gateway.api.peer import HSTS, Front
from gateway.cli.listening import config_of, tls_of
from gateway.clients.model import Client, Scope
from gateway.clients.ways import pin_of
from gateway.sdk import ConfigurationError
from gateway.settings import Settings, load_settings
from mocks._kit import pki

CLIENT, SERVER = pki.Wanted(extended=("client",)), pki.Wanted(extended=("server",), hosts=("127.0.0.1",))
PATIENCE_S = 60.0
"""The first call of a process loads what few ask for; server and caller share one loop, and the machine may be busy."""
SERVER_CA, CLIENT_CA, OTHER_CA = pki.root("Server CA"), pki.root("Client CA"), pki.root("Other CA")
OURS = CLIENT_CA.issue("motcua", CLIENT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    SERVER_CA.issue("gateway", SERVER).write_pem(tmp_path / "server.pem")
    SERVER_CA.issue("gateway", SERVER).write_pkcs12(tmp_path / "server.p12", password="chuyen qua")
    for name, authority in (("ca", SERVER_CA), ("clients", CLIENT_CA)):
        authority.write_certificate(tmp_path / f"{name}.pem")
    return tmp_path


def settings(folder: Path, shown: str = "required", **key: Any) -> Settings:
    return load_settings(
        state=folder,
        api={"port": 0, "tls": {"key": "api", "client_ca": "clients", "client_certificates": shown}},
        keys={"api": [{"source": "pem", "path": folder / "server.pem", **key}]},
        trust={"clients": {"domain": "technical", "roots": [folder / "clients.pem"]}},
    )


@contextlib.asynccontextmanager
async def served(own: Settings, province: Province) -> AsyncIterator[str]:
    """The address of a listener that is as the API's is."""
    front = Front(province.app, own_tls=True, clock=now)
    server = uvicorn.Server(config_of(own, front))
    listening = socket.create_server(("127.0.0.1", 0))  # whoever comes before the server is ready waits there
    port = listening.getsockname()[1]
    running = asyncio.ensure_future(server.serve(sockets=[listening]))
    try:
        yield f"https://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running


def caller(folder: Path, holder: pki.Holder | None = None, **changes: Any) -> httpx.AsyncClient:
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    for name, value in changes.items():
        setattr(context, name, value)
    if holder is not None:
        context.load_cert_chain(holder.write_pem(folder / "caller.pem"))
    return httpx.AsyncClient(verify=context, trust_env=False, timeout=PATIENCE_S)


async def enter(province: Province, *ways: str) -> str:
    return await province.authenticator.enter(
        Client(
            tenant=TENANT,
            client_id="motcua",
            title="Một cửa",
            scopes=frozenset(Scope),
            agencies=(),
            secret_digest=b"",
            created_at=now(),
            ways=ways,
        )
    )


async def test_a_certificate_of_the_client_ca_is_the_client_that_it_is_pinned_for(folder: Path) -> None:
    """SEC-17 (part): mutual TLS over a real socket; several requests of one connection are each known."""
    province = Province()
    await enter(province, pin_of(pki.pem(OURS.certificate)))
    async with served(settings(folder), province) as url, caller(folder, OURS) as client:
        for _ in range(3):
            answer = await client.get(f"{url}/v1/catalogues")
            assert answer.status_code == 200
            assert answer.headers[HSTS[0].decode()] == HSTS[1].decode()


async def test_a_certificate_that_is_nobodys_is_401_and_a_claimed_one_is_not_read(folder: Path) -> None:
    province = Province()
    await enter(province, pin_of(pki.pem(OURS.certificate)))
    another = CLIENT_CA.issue("motcua", CLIENT)
    der = base64.b64encode(ssl.PEM_cert_to_DER_cert(pki.pem(OURS.certificate).decode())).decode()
    async with served(settings(folder), province) as url, caller(folder, another) as client:
        answer = await client.get(f"{url}/v1/catalogues", headers={"Client-Cert": f":{der}:"})
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "holder",
    [
        None,
        OTHER_CA.issue("motcua", CLIENT),
        pki.self_signed("motcua", CLIENT),
        CLIENT_CA.issue("motcua", SERVER),
        CLIENT_CA.issue("motcua", pki.Wanted(extended=("client",), ends=pki.NOW - timedelta(days=1))),
    ],
    ids=["none", "another CA", "self-signed", "for servers", "expired"],
)
async def test_where_certificates_are_required_the_handshake_ends_without_a_good_one(
    folder: Path, holder: pki.Holder | None
) -> None:
    province = Province()
    async with served(settings(folder), province) as url, caller(folder, holder) as client:
        with pytest.raises((httpx.TransportError, ssl.SSLError)) as ended:
            await client.get(f"{url}/v1/catalogues")
    assert not isinstance(ended.value, httpx.TimeoutException)
    assert province.recorder.entries == []


async def test_where_they_are_asked_for_a_key_does_without(folder: Path) -> None:
    province = Province()
    key = await enter(province, pin_of(pki.pem(OURS.certificate)))
    async with served(settings(folder, "asked"), province) as url:
        async with caller(folder) as client:
            assert (await client.get(f"{url}/v1/catalogues")).status_code == 401
            known = {"Authorization": f"Bearer {key}"}
            assert (await client.get(f"{url}/v1/catalogues", headers=known)).status_code == 200
        async with caller(folder, OURS) as client:
            assert (await client.get(f"{url}/v1/catalogues")).status_code == 200


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_old_versions_of_tls_are_refused(folder: Path) -> None:
    province = Province()
    async with served(settings(folder, "none"), province) as url:
        async with caller(folder, maximum_version=ssl.TLSVersion.TLSv1_2) as client:
            assert (await client.get(f"{url}/healthz")).status_code == 200
        old = {"minimum_version": ssl.TLSVersion.TLSv1, "maximum_version": ssl.TLSVersion.TLSv1_1}
        async with caller(folder, **old) as client:
            with pytest.raises(httpx.TransportError) as ended:
                await client.get(f"{url}/healthz")
    assert not isinstance(ended.value, httpx.TimeoutException)


async def test_a_key_in_a_pkcs12_file_serves_as_well(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_P12", "chuyen qua")  # the settings name the variable, and nothing else holds a password
    own = settings(folder, "none", source="pkcs12", path=folder / "server.p12", password_env="API_P12")
    async with served(own, Province()) as url, caller(folder) as client:
        assert (await client.get(f"{url}/healthz")).status_code == 200


def test_settings_that_would_believe_too_much_or_have_no_key_stop_the_start(folder: Path) -> None:
    official = settings(folder).model_copy(
        update={"trust": {"clients": settings(folder).trust["clients"].model_copy(update={"domain": "official"})}}
    )
    wrong = [
        official,
        settings(folder).model_copy(update={"trust": {}}),
        settings(folder).model_copy(update={"keys": {}}),
        settings(folder, until=datetime(2020, 1, 1, tzinfo=UTC)),
        settings(folder, path=folder / "ca.pem"),
    ]
    for own in wrong:
        with pytest.raises(ConfigurationError):
            tls_of(own)
