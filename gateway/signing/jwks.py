"""Public keys of a token issuer (JWK set, RFC 7517): fetched, kept for a while, fetched again when the issuer rotates.

It fails closed: without a copy that is young enough nothing is believed. Whoever sends unknown key ids makes us fetch
once in a while, not each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import structlog
from joserfc import jwk
from joserfc.errors import JoseError

from gateway.sdk.errors import GatewayError, TrustError
from gateway.signing.algorithms import SMALLEST_RSA

FRESH = timedelta(hours=1)
AGAIN = timedelta(minutes=1)
STALE = timedelta(hours=24)
MOST_KEYS = 50
CURVES = {"EC": {"P-256", "P-384"}, "OKP": {"Ed25519"}}

log = structlog.get_logger()
PublicJwk = jwk.RSAKey | jwk.ECKey | jwk.OKPKey
Fetch = Callable[[], Awaitable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How long a copy is used without asking again, how often is asked at most, and how old a copy may be when the
    issuer does not answer."""

    fresh: timedelta = FRESH
    again: timedelta = AGAIN
    stale: timedelta = STALE


class Jwks:
    """One issuer's keys. `fetch` brings the document; it raises a `GatewayError` when it cannot."""

    def __init__(self, fetch: Fetch, *, clock: Callable[[], datetime], freshness: Freshness | None = None) -> None:
        self._fetch = fetch
        self._clock = clock
        self._freshness = freshness or Freshness()
        self._keys: Sequence[PublicJwk] = ()
        self._fetched_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._one = asyncio.Lock()

    async def find(self, kid: str, *, algorithm: str) -> PublicJwk:
        """The key of that id, or the only one that suits where the token names none. `TrustError`
        (`security.unknown_key`): there is none; (`security.keys_unknown`): the issuer's keys cannot be had."""
        await self._renew(older=self._freshness.fresh)
        found = self._among(kid, algorithm)
        if found is None:
            await self._renew(older=timedelta(0))
            found = self._among(kid, algorithm)
        if found is None:
            raise TrustError(
                "The token is signed with a key that its issuer does not publish.",
                vi="Thẻ truy cập ký bằng khoá mà bên phát hành không công bố.",
                what="unknown_key",
            )
        return found

    def _among(self, kid: str, algorithm: str) -> PublicJwk | None:
        suits = [key for key in self._keys if (not kid or key.kid == kid) and _suits(key, algorithm)]
        return suits[0] if len(suits) == 1 else None  # two keys of one id: which one is meant is not ours to guess

    async def _renew(self, *, older: timedelta) -> None:
        async with self._one:
            now = self._clock()
            young = self._fetched_at is not None and now < self._fetched_at + older
            if not young and (self._tried_at is None or now >= self._tried_at + self._freshness.again):
                self._tried_at = now
                await self._take(now)
            if self._fetched_at is None or now >= self._fetched_at + self._freshness.stale:
                raise TrustError(
                    "The keys of the token's issuer cannot be had; nothing is believed without them.",
                    vi="Không lấy được khoá công khai của bên phát hành thẻ truy cập nên không thể tin thẻ này.",
                    what="keys_unknown",
                )

    async def _take(self, now: datetime) -> None:
        """A copy that is still young enough stays when the new one cannot be had or read."""
        try:
            self._keys = read_keys(await self._fetch())
            self._fetched_at = now
        except GatewayError as exc:
            log.warning("issuer_keys_not_fetched", code=exc.error_code)


def read_keys(document: bytes) -> Sequence[PublicJwk]:
    """The public signing keys in a JWK set. Others are passed over: secrets, keys for encryption, small RSA, curves
    that we do not use. `TrustError`: it is no JWK set, or holds a private key, which everybody knows then."""
    try:
        found = orjson.loads(document)
    except orjson.JSONDecodeError as exc:
        raise _no_set() from exc
    members = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(members, list) or len(members) > MOST_KEYS:
        raise _no_set()
    return [key for key in map(_read, members) if key is not None]


def file_of(path: Path) -> Fetch:
    """A set that somebody puts in place for us, read anew each time."""

    async def fetch() -> bytes:
        try:
            return await asyncio.to_thread(path.read_bytes)
        except OSError as exc:
            raise _no_set() from exc

    return fetch


def _read(member: Any) -> PublicJwk | None:
    if not isinstance(member, Mapping) or not _is_ours(member):
        return None
    if "d" in member:
        raise _no_set()
    try:
        key = jwk.import_key(dict(member))
    except (JoseError, ValueError, TypeError, KeyError) as exc:  # the library lets those of its parts through
        log.warning("issuer_key_not_read", kind=type(exc).__name__)
        return None
    return None if isinstance(key, jwk.OctKey) else key


def _is_ours(member: Mapping[str, Any]) -> bool:
    uses = member.get("key_ops", ["verify"])
    if member.get("use", "sig") != "sig" or not isinstance(uses, list) or "verify" not in uses:
        return False
    if member.get("kty") == "RSA":
        return len(str(member.get("n", ""))) * 6 >= SMALLEST_RSA
    return member.get("crv") in CURVES.get(str(member.get("kty")), ())


def _suits(key: PublicJwk, algorithm: str) -> bool:
    said = key.get("alg")
    if said not in {None, algorithm}:
        return False
    if isinstance(key, jwk.RSAKey):
        return algorithm[:2] in {"RS", "PS"}
    if isinstance(key, jwk.OKPKey):
        return algorithm == "EdDSA"
    return algorithm == {"P-256": "ES256", "P-384": "ES384"}.get(str(key.get("crv")))


def _no_set() -> TrustError:
    return TrustError(
        "The issuer's keys are no JWK set that can be read.",
        vi="Tập khoá công khai (JWK set) của bên phát hành không đọc được.",
        what="keys_unknown",
    )
