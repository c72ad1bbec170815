"""A file through the gateway as it is put together for production: settings, PostgreSQL, keys, API and exchange."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import httpx
import pytest

from gateway.api.app import create_app
from gateway.bootstrap import open_gateway
from gateway.clients.model import Scope
from gateway.settings import Settings

ID = "8e03978e-40d5-43e8-bc93-6894a57f9324"
HEADERS = {"Content-Type": "image/png", "Content-Disposition": "attachment; filename*=UTF-8''%E1%BA%A3nh.png"}
CONTENT = os.urandom(3_000_000)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    public = {"public_url": "http://gateway/inbound/national_portal", "max_bytes": len(CONTENT)}
    return Settings.model_validate({"state": tmp_path, "sandbox": True, "files": public})


async def test_a_file_larger_than_any_json_survives_a_restart_and_opens_by_its_link(
    settings: Settings, database_url: str
) -> None:
    """DOS-18 (part)."""
    async with open_gateway(settings, database_url) as gateway:
        key = await gateway.able.authenticator.issue(gateway.tenant, "motcua", scopes=tuple(Scope))
        async with caller(create_app(gateway.services), key) as client:
            first = await client.put(f"/v1/files/{ID}", content=CONTENT, headers=HEADERS)
            assert (first.status_code, first.json()["sha256"]) == (201, hashlib.sha256(CONTENT).hexdigest())
            large = await client.put(f"/v1/files/{ID}", content=CONTENT + b"!", headers=HEADERS)
            assert large.status_code == 413
        link = gateway.ground.files.link(gateway.tenant, ID)
    async with open_gateway(settings, database_url) as gateway:
        async with caller(create_app(gateway.services), key) as client:
            again = await client.put(f"/v1/files/{ID}", content=CONTENT, headers=HEADERS)
            assert (again.status_code, again.json()) == (200, first.json())
            assert (await client.get(link)).content == CONTENT
        source = await gateway.ground.files.file(gateway.tenant, ID)
        content = await source.whole()
    assert (source.name, source.media_type, content) == ("ảnh.png", "image/png", CONTENT)


def caller(app: object, key: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # an ASGI application
    return httpx.AsyncClient(transport=transport, base_url="http://gateway", headers={"Authorization": f"Bearer {key}"})
