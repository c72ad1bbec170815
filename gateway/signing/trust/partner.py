"""One trust: whom we believe in one place, and how far."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.certificates import is_self_issued, strong, thumbprint
from gateway.signing.model import Keys, PublicKey, SharedSecret
from gateway.signing.settings import Domain, Revocation
from gateway.signing.trust.asking import Asking
from gateway.signing.trust.known import Found, Known
from gateway.signing.trust.path import Paths, require_strong, require_time
from gateway.signing.trust.statuses import Statuses
from gateway.signing.trust.usage import require_signs
from gateway.signing.trust.words import Reason, refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """Whom: what the files of one trust hold."""

    pinned: Sequence[x509.Certificate] = ()
    roots: Sequence[x509.Certificate] = ()
    intermediates: Sequence[x509.Certificate] = ()
    elsewhere: Sequence[x509.Certificate] = ()
    """Roots of other domains: to tell a certificate of the wrong domain from one of nowhere."""
    names: frozenset[str] = frozenset()
    keys: Mapping[str, PublicKey] = field(default_factory=dict)
    """By kid, without certificate."""
    secret: Keys | None = None
    ours: frozenset[bytes] = frozenset()
    """Our own public keys, as DER."""


class Partner:
    """Implements `Trust`."""

    def __init__(
        self, domain: Domain, believed: Believed, *, statuses: Statuses, asking: Asking, revocation: Revocation
    ) -> None:
        self._domain = domain
        self._believed = believed
        self._pinned = frozenset(believed.pinned)
        self._by_kid = dict(reversed([_named(one) for one in believed.pinned]))  # the first of equal keys wins
        self._paths = Paths(believed.roots, believed.intermediates)
        self._elsewhere = Paths(believed.elsewhere, believed.intermediates)
        self._known = Known()
        self._statuses = statuses
        self._asking = asking
        self._asks = revocation is not Revocation.NONE

    @property
    def domain(self) -> Domain:
        return self._domain

    @property
    def certificates(self) -> Sequence[tuple[str, x509.Certificate]]:
        """Those of the settings that everything here depends on: `pinned`, `roots` and `intermediates`."""
        own = self._believed
        kinds = {"pinned": own.pinned, "roots": own.roots, "intermediates": own.intermediates}
        return [(kind, one) for kind, several in kinds.items() for one in several]

    def check(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate], *, at: datetime, stamps: bool = False
    ) -> None:
        found = self._found(certificate, chain, at=at)
        if stamps not in found.uses:
            is_pinned = certificate in self._pinned
            domain = Domain.TECHNICAL if is_pinned else self._domain
            require_signs(certificate, domain=domain, is_pinned=is_pinned, stamps=stamps)
            found.uses.add(stamps)
        if not self._asks:
            return
        for key, _ in found.asked:
            self._statuses.require_unrevoked(key, at=at)

    def public_key(self, kid: str, *, at: datetime) -> PublicKey:
        if kid in self._by_kid:
            certificate, key = self._by_kid[kid]
            self.check(certificate, (), at=at)
            return key
        if kid not in self._believed.keys:
            raise refused(Reason.UNKNOWN_KEY)
        return self._believed.keys[kid]

    def secret(self, kid: str = "", *, at: datetime) -> SharedSecret:
        if self._believed.secret is None:
            raise refused(Reason.UNKNOWN_KEY)
        try:
            known = self._believed.secret.accepted(at) if kid else (self._believed.secret.signing(at),)
        except ConfigurationError as exc:
            raise refused(Reason.UNKNOWN_KEY) from exc
        found = next((one for one in known if not kid or one.kid == kid), None)
        if not isinstance(found, SharedSecret):
            raise refused(Reason.UNKNOWN_KEY)
        return found

    async def learn(self, certificates: Sequence[x509.Certificate], *, at: datetime) -> None:
        """The first certificate is the signer's, the others are the chain that it brought; a message that brings none
        names one that is pinned, by its key. Only what chains to a root is asked for: its issuer, whom we trust, wrote
        the address."""
        if not self._asks:
            return
        for chain in [certificates] if certificates else [(one,) for one in self._believed.pinned]:
            await self._learn(chain, at=at)

    async def _learn(self, chain: Sequence[x509.Certificate], *, at: datetime) -> None:
        try:
            found = self._found(chain[0], chain[1:], at=at)
        except TrustError:
            return
        for key, one in found.asked:
            if not self._statuses.is_fresh(key, at=at):
                issuers = (*found.path[1:], *self._believed.roots, *self._believed.intermediates)
                await self._asking.ask(one, issuers, at=at)

    def _is_end(self, one: x509.Certificate, signer: x509.Certificate) -> bool:
        """A root, or a pinned certificate that nobody else issued: taking it out of the settings is its revocation."""
        return one in self._believed.roots or (one == signer and is_self_issued(one))

    def _found(self, certificate: x509.Certificate, chain: Sequence[x509.Certificate], *, at: datetime) -> Found:
        """The path, searched once while it is in time."""
        known = self._known.at(certificate, chain, at)
        if known is None:
            path = self._path(certificate, chain, at=at)
            known = Found.of(path, asked=[one for one in path if not self._is_end(one, certificate)])
            self._known.keep(certificate, chain, known)
        return known

    def _path(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate], *, at: datetime
    ) -> tuple[x509.Certificate, ...]:
        """Without revocation, and without what the certificate was issued for."""
        if _spki(certificate) in self._believed.ours:
            raise refused(Reason.OURS)
        require_strong(certificate)
        if certificate in self._pinned:
            require_time(certificate, at=at)
            return (certificate,)
        path = self._to_root(certificate, chain, at=at)
        if not self._is_named(certificate):
            raise refused(Reason.WRONG_NAME)
        return path

    def _to_root(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate], *, at: datetime
    ) -> tuple[x509.Certificate, ...]:
        try:
            return self._paths.found(certificate, chain, at=at)
        except TrustError as exc:
            is_unknown = exc.error_code == f"security.{Reason.UNKNOWN_ISSUER}"
            if is_unknown and self._is_of_another_domain(certificate, chain, at):
                raise refused(Reason.WRONG_DOMAIN) from exc
            raise

    def _is_of_another_domain(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate], at: datetime
    ) -> bool:
        try:
            self._elsewhere.found(certificate, chain, at=at)
        except TrustError:
            return False
        return True

    def _is_named(self, certificate: x509.Certificate) -> bool:
        common = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        said = {certificate.subject.rfc4514_string(), *(str(one.value) for one in common)}
        return any(unicodedata.normalize("NFC", one) in self._believed.names for one in said)


def _spki(certificate: x509.Certificate) -> bytes:
    try:
        return certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    except (ValueError, UnsupportedAlgorithm) as exc:
        raise refused(Reason.WEAK) from exc


def _named(pinned: x509.Certificate) -> tuple[str, tuple[x509.Certificate, PublicKey]]:
    """By the key id that a key without one has. The settings were refused if it were a weak key."""
    key = strong(pinned.public_key())
    assert key is not None
    return thumbprint(key), (pinned, key)
