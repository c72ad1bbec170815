"""Access as it is put together for production: settings, PostgreSQL, the keys of the authorisation server."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

from gateway.bootstrap import open_gateway, utc_now
from gateway.bootstrap.access import keys_at
from gateway.cli.application import application
from gateway.clients.model import Client, Scope
from gateway.clients.settings import OauthSettings
from gateway.sdk import WireReply, WireRequest
from gateway.settings import Settings

KEY = ECKey.generate_key("P-256", parameters={"kid": "es"})


async def test_a_token_opens_is_counted_and_closed_with_its_client(tmp_path: Path, database_url: str) -> None:
    """SEC-17 (part), SEC-12 (part)."""
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps({"keys": [KEY.as_dict(private=False)]}))
    settings = Settings.model_validate(
        {
            "state": tmp_path,
            "sandbox": True,
            "oauth": {"issuer": "https://cap-quyen.example.vn", "audience": "lienthong", "jwks_file": keys},
            "inbound": {"payment": {"allow": ["10.9.0.0/16"]}},
            "api": {"trusted_proxies": ["127.0.0.0/8"]},
        }
    )
    claims = {"iss": "https://cap-quyen.example.vn", "aud": "lienthong", "exp": time.time() + 60, "client_id": "tinh"}
    token = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "es"}, claims, KEY)
    async with open_gateway(settings, database_url) as gateway:
        client = Client(
            tenant=gateway.tenant,
            client_id="motcua",
            title="Một cửa",
            scopes=frozenset({Scope.DOSSIERS_READ}),
            agencies=(),
            secret_digest=b"",
            created_at=utc_now(),
        )
        await gateway.stores.clients.add(replace(client, ways=("token:tinh",)))
        transport = httpx.ASGITransport(application(gateway))
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers) as caller:
            assert (await caller.get("/v1/catalogues")).status_code == 200
            refused = await caller.post("/inbound/payment/x", headers={"X-Forwarded-For": "203.0.113.9"})
            assert (refused.status_code, refused.json()["code"]) == (403, "caller.network")
            await gateway.services.gate.usage.sync()
            assert set(await gateway.stores.usage.last_days(gateway.tenant)) == {"motcua"}
            assert set(await gateway.stores.usage.rights(gateway.tenant)) == {("motcua", "dossiers:read")}
            await gateway.stores.clients.revoke(gateway.tenant, "motcua", at=utc_now())
            assert (await caller.get("/v1/catalogues")).status_code == 401
        await gateway.work.forget()


async def test_the_keys_are_asked_for_where_the_settings_say() -> None:
    asked: list[WireRequest] = []

    class Way:
        async def send(self, request: WireRequest, **_: object) -> WireReply:
            asked.append(request)
            return WireReply(status=200, headers={}, content=b"{}")

        async def close(self) -> None: ...

    own = OauthSettings(issuer="i", audience="a", jwks_url="https://cap-quyen.example.vn/jwks")
    assert await keys_at(own.jwks_url, timeout_s=own.timeout_s, transport=Way())() == b"{}"
    assert [(request.method, request.url) for request in asked] == [("GET", own.jwks_url)]
