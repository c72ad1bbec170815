"""The public keys of the authorisation server: fetched, kept for a time, and fetched anew when a token names one that
is not among them. When the server is down the kept ones hold for a while longer; after that no token is believed."""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from gateway.sdk.errors import GatewayError

Fetch = Callable[[], Awaitable[bytes]]
"""The JWK set as the server gives it; bounded in size and time. A `GatewayError` or `OSError` when it does not come."""

PublicJwk = RSAKey | ECKey | OKPKey

AT_MOST_EVERY = timedelta(seconds=30)
"""Strangers who name keys that do not exist must not have us knock at the server's door."""

SHORTEST_RSA_BITS = 2048
MOST_KEYS = 100

log = structlog.get_logger()


class PublishedKeys:
    """The keys by their ids. `kept`: used unasked; `stale`: so much longer while the server is down."""

    def __init__(self, fetch: Fetch, *, kept: timedelta, stale: timedelta, clock: Callable[[], datetime]) -> None:
        self._fetch = fetch
        self._kept = kept
        self._stale = stale
        self._clock = clock
        self._keys: dict[str, PublicJwk] = {}
        self._fetched_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._turn = asyncio.Lock()

    async def find(self, kid: str | None) -> PublicJwk | None:
        """The key; without an id the only one there is. None: there is none, or none may be believed any more."""
        if self._age() > self._kept or self._known(kid) is None:
            await self._refresh()
        return self._known(kid) if self._age() <= self._kept + self._stale else None

    def _known(self, kid: str | None) -> PublicJwk | None:
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(kid or "")

    def _age(self) -> timedelta:
        return self._clock() - self._fetched_at if self._fetched_at else timedelta.max

    async def _refresh(self) -> None:
        """One at a time, and seldom: whoever waited takes what the one before them brought."""
        async with self._turn:
            now = self._clock()
            if self._tried_at is not None and now - self._tried_at < AT_MOST_EVERY:
                return
            self._tried_at = now
            try:
                self._keys = read_keys(await self._fetch())
            except (GatewayError, OSError, JoseError, _UnreadableError) as exc:
                log.warning("token_keys_unavailable", reason=type(exc).__name__)
            else:
                self._fetched_at = now


class _UnreadableError(Exception):
    """What came is no JWK set."""


def read_keys(content: bytes) -> dict[str, PublicJwk]:
    """By id. Secrets, keys to encrypt with, short ones and kinds that we do not know are left out."""
    try:
        listed = json.loads(content)["keys"]
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise _UnreadableError from exc
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise _UnreadableError
    keys = [key for key in map(_read, listed) if key is not None]
    if not keys:
        raise _UnreadableError
    return {key.kid or key.thumbprint(): key for key in keys}


def _read(document: Any) -> PublicJwk | None:
    if not isinstance(document, dict) or document.get("kty") not in {"RSA", "EC", "OKP"}:
        return None
    if document.get("use", "sig") != "sig" or "d" in document:
        return None
    try:
        with warnings.catch_warnings():  # of short keys, which are left out below
            warnings.simplefilter("ignore", SecurityWarning)
            key = JWKRegistry.import_key(document)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, RSAKey) and key.public_key.key_size < SHORTEST_RSA_BITS:
        return None
    return key if isinstance(key, RSAKey | ECKey | OKPKey) else None
