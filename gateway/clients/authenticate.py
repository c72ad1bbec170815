"""Issue keys and recognise them. A key reads `lt_<tenant>_<client id>_<secret>`; only a keyed digest of the secret is
stored, so neither the database nor a backup of it opens the gateway."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime

from gateway.clients.model import Client, Scope
from gateway.clients.store import Clients
from gateway.sdk.errors import NotAuthenticatedError
from gateway.signing.model import Digester

CLIENT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_KEY = re.compile(r"lt_([A-Z0-9.]{1,35})_([a-z0-9][a-z0-9-]{0,39})_([0-9a-f]{48})", re.ASCII)
_PURPOSE = "client-key"


class Authenticator:
    """Turns the `Authorization` header into a client."""

    def __init__(self, clients: Clients, digester: Digester, *, clock: Callable[[], datetime]) -> None:
        self._clients = clients
        self._digester = digester
        self._clock = clock

    async def authenticate(self, authorization: str | None) -> Client:
        """`NotAuthenticatedError`, always in the same words: whether a client exists is nobody's business."""
        scheme, _, key = (authorization or "").partition(" ")
        found = _KEY.fullmatch(key.strip())
        if scheme.lower() != "bearer" or found is None:
            raise _unknown()
        tenant, client_id, secret = found.groups()
        client = await self._clients.find(tenant, client_id)
        digest = self._digest(tenant, client_id, secret)
        expected = client.secret_digest if client else b""
        if not hmac.compare_digest(digest, expected) or client is None or client.revoked_at is not None:
            raise _unknown()
        return client

    async def issue(
        self, tenant: str, client_id: str, *, scopes: Iterable[Scope], title: str = "", agencies: Iterable[str] = ()
    ) -> str:
        """Store a new client and return its key, which cannot be shown again. `ConflictError`: the id is taken."""
        secret = secrets.token_hex(24)
        await self._clients.add(
            Client(
                tenant=tenant,
                client_id=client_id,
                title=title or client_id,
                scopes=frozenset(scopes),
                agencies=tuple(agencies),
                secret_digest=self._digest(tenant, client_id, secret),
                created_at=self._clock(),
            )
        )
        return f"lt_{tenant}_{client_id}_{secret}"

    def _digest(self, tenant: str, client_id: str, secret: str) -> bytes:
        return self._digester.digest(f"{tenant}/{client_id}/{secret}".encode(), purpose=_PURPOSE)


def _unknown() -> NotAuthenticatedError:
    return NotAuthenticatedError(
        "The key is missing, unknown or revoked. Send it as `Authorization: Bearer lt_…`.",
        vi="Khoá truy cập thiếu, không đúng hoặc đã bị thu hồi.",
    )
