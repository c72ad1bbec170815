"""Issue keys and recognise clients: by key, by certificate, by token. A key reads `lt_<tenant>_<client id>_<secret>`;
only a keyed digest of the secret is stored, so neither the database nor a backup of it opens the gateway."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from gateway.clients.model import Client, Scope
from gateway.clients.store import Clients
from gateway.clients.ways import Peer, ways_of
from gateway.sdk.errors import NotAuthenticatedError, NotFoundError
from gateway.signing.model import Digester

if TYPE_CHECKING:
    from gateway.clients.tokens import Tokens

CLIENT_ID = re.compile(r"(?!(?:unknown|worker|gateway)$)[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
"""The log calls by these names whoever is no client: a stranger, and the gateway itself."""
_KEY = re.compile(r"lt_([A-Z0-9.]{1,35})_([a-z0-9][a-z0-9-]{0,39})_([0-9a-f]{48})", re.ASCII)
_PURPOSE = "client-key"

log = structlog.get_logger()


class Authenticator:
    """Turns the `Authorization` header, or the certificate of the connection, into a client of `tenant`."""

    def __init__(
        self,
        clients: Clients,
        digester: Digester,
        *,
        clock: Callable[[], datetime],
        tenant: str = "",
        tokens: Tokens | None = None,
    ) -> None:
        self._clients = clients
        self._digester = digester
        self._clock = clock
        self._tenant = tenant
        self._tokens = tokens

    async def authenticate(self, authorization: str | None, *, peer: Peer | None = None) -> Client:
        """`NotAuthenticatedError`, always in the same words: whether a client exists is nobody's business. A header
        that is wrong is not made good by a certificate. The scopes of a token are the client's, or fewer."""
        peer = peer or Peer()
        if not authorization:
            return await self._coming(ways_of(peer))
        scheme, _, shown = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise _unknown()
        if found := _KEY.fullmatch(shown.strip()):
            return await self._by_key(*found.groups())
        return await self._by_token(shown.strip(), peer)

    async def enter(self, client: Client) -> str:
        """Store a new client and return its key, which cannot be shown again. `ConflictError`: its id, or a way in, is
        taken."""
        secret = secrets.token_hex(24)
        digest = self._digest(client.tenant, client.client_id, secret)
        await self._clients.add(replace(client, secret_digest=digest))
        return _key(client, secret)

    async def issue(
        self, tenant: str, client_id: str, *, scopes: Iterable[Scope], title: str = "", agencies: Iterable[str] = ()
    ) -> str:
        """The same for a client that has a key and nothing else."""
        return await self.enter(
            Client(
                tenant=tenant,
                client_id=client_id,
                title=title or client_id,
                scopes=frozenset(scopes),
                agencies=tuple(agencies),
                secret_digest=b"",
                created_at=self._clock(),
            )
        )

    async def rotate(self, client: Client, *, overlap: timedelta, until: datetime | None = None) -> str:
        """A new key, until `until`; the one before it opens for `overlap` more, if it would have held so long."""
        secret, ends = secrets.token_hex(24), self._clock() + overlap
        if client.secret_until is not None:
            ends = min(ends, client.secret_until)
        after = replace(
            client,
            secret_digest=self._digest(client.tenant, client.client_id, secret),
            secret_until=until,
            earlier_digest=client.secret_digest,
            earlier_until=ends,
        )
        if not await self._clients.change(after):
            raise NotFoundError("No such client, or it is revoked.", vi="Không có hệ thống này hoặc đã bị thu hồi.")
        return _key(client, secret)

    async def _by_key(self, tenant: str, client_id: str, secret: str) -> Client:
        client = await self._clients.find(tenant, client_id)
        digest = self._digest(tenant, client_id, secret)
        expected = client.digests(self._clock()) if client else (b"",)
        matches = [hmac.compare_digest(digest, each) for each in expected]
        if client is None or client.revoked_at is not None or not any(matches):
            raise _unknown()
        return client

    async def _by_token(self, token: str, peer: Peer) -> Client:
        if self._tokens is None:
            raise _unknown()
        from gateway.clients.tokens import TokenRefusedError  # loaded with `tokens`, if there are any

        try:
            claims = await self._tokens.verify(token, peer=peer)
        except TokenRefusedError as exc:
            log.info("token_refused", check=exc.check)
            raise _unknown() from None  # what stands in it is the caller's secret
        client = await self._coming((f"token:{claims.subject}",))
        return client if claims.scopes is None else replace(client, scopes=client.scopes & claims.scopes)

    async def _coming(self, ways: tuple[str, ...]) -> Client:
        """Of several who could be meant, none is."""
        found = await self._clients.coming(self._tenant, ways) if ways and self._tenant else ()
        if len(found) != 1:
            raise _unknown()
        return found[0]

    def _digest(self, tenant: str, client_id: str, secret: str) -> bytes:
        return self._digester.digest(f"{tenant}/{client_id}/{secret}".encode(), purpose=_PURPOSE)


def _key(client: Client, secret: str) -> str:
    return f"lt_{client.tenant}_{client.client_id}_{secret}"


def _unknown() -> NotAuthenticatedError:
    return NotAuthenticatedError(
        "The key is missing, unknown or revoked. Send it as `Authorization: Bearer lt_…`.",
        vi="Khoá truy cập thiếu, không đúng hoặc đã bị thu hồi.",
    )
