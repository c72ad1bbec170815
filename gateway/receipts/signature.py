"""The collecting unit's key and what it does: a PAdES signature on the PDF (NĐ 254/2026 Art 23(2); SIG-02).

The unit signs, never the gateway: the certificate must name the unit (SIG-07).
"""

from __future__ import annotations

import asyncio
import os
import stat
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12

from gateway.receipts.settings import Unit
from gateway.sdk import ConfigurationError

PEM = b"-----BEGIN"


class ReceiptSigner(Protocol):
    async def sign(self, pdf: bytes, *, unit: Unit, at: datetime) -> bytes:
        """The PDF with the unit's signature. `ConfigurationError`: its key cannot be used now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Chữ ký số of one unit: its key and the certificate that names it."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    key: RSAPrivateKey | EllipticCurvePrivateKey

    @property
    def names(self) -> Sequence[str]:
        """Everything that the certificate calls its holder."""
        return [str(attribute.value) for attribute in self.certificate.subject]

    def belongs_to(self, unit: Unit) -> bool:
        """By tax code (`MST:…`) or by name."""
        said = {_folded(name) for name in self.names}
        return _folded(unit.name) in said or any(unit.tax_code in name.replace(":", " ").split() for name in said)

    @property
    def _room(self) -> int:
        """Hex digits that are left for the signature in the file: certificates, and what stands around them."""
        ours = (self.certificate, *self.chain)
        return 2 * (4096 + sum(len(one.public_bytes(serialization.Encoding.DER)) for one in ours))

    def holds_at(self, at: datetime) -> bool:
        return self.certificate.not_valid_before_utc <= at <= self.certificate.not_valid_after_utc

    def signs(self, pdf: bytes, *, at: datetime, name: str) -> bytes:
        """Blocks for some milliseconds."""
        from gateway.receipts.pades import Hand, signed  # pyHanko takes long to load, and most processes sign nothing

        hand = Hand(self.key, certificate=self.certificate, chain=self.chain)
        return signed(pdf, hand, at=at, name=name, room=self._room)


class UnitSigner:
    """Implements `ReceiptSigner` with the keys that the settings name. Each is read when it is first needed."""

    def __init__(
        self, *, made_up: Callable[[], Seal] | None = None, environment: Mapping[str, str] = os.environ
    ) -> None:
        """`made_up`: the key of the sandbox's unit."""
        self._made_up = made_up
        self._environment = environment
        self._seals: dict[str, Seal] = {}

    async def sign(self, pdf: bytes, *, unit: Unit, at: datetime) -> bytes:
        seal = self.seal_of(unit)
        if not seal.holds_at(at):
            _unusable(unit, "is not valid at this time", "không còn (hoặc chưa) có hiệu lực")
        return await asyncio.to_thread(seal.signs, pdf, at=at, name=unit.name)

    def seal_of(self, unit: Unit) -> Seal:
        """`ConfigurationError`: missing, unreadable, or the certificate of somebody else."""
        seal = self._seals.get(unit.agency_id)
        if seal is None:
            seal = self._made_up() if unit.made_up and self._made_up else self._read(unit)
            if not seal.belongs_to(unit):
                _unusable(unit, "names another body", "là của đơn vị khác")
            self._seals[unit.agency_id] = seal
        return seal

    def _read(self, unit: Unit) -> Seal:
        if unit.certificate is None:
            _unusable(unit, "is not set", "chưa được cấu hình")
        password = self._environment.get(unit.password_env, "").encode() if unit.password_env else b""
        try:
            content = unit.certificate.read_bytes()
            is_pem = content.startswith(PEM)
            key = _private((unit.key or unit.certificate) if is_pem else unit.certificate, unit)
            return _of_pem(content, key, password or None) if is_pem else of_pkcs12(key, password or None)
        except (OSError, ValueError, TypeError):
            # `from None`: the reader's message may quote what it read.
            _unusable(unit, "cannot be read", "không đọc được", cause=None)


def _private(path: Path, unit: Unit) -> bytes:
    """A file with a key. The open file is asked who may read it, as with the gateway's own (`signing.keyfile`)."""
    with path.open("rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            _unusable(unit, "has a key that others may read: chmod 600", "có khoá mà người khác đọc được: chmod 600")
        return file.read()


def of_pkcs12(content: bytes, password: bytes | None) -> Seal:
    """`ValueError` when it cannot be read or lacks key or certificate."""
    key, certificate, others = pkcs12.load_key_and_certificates(content, password)
    return _seal(key, certificate, others)


def _of_pem(certificates: bytes, key: bytes, password: bytes | None) -> Seal:
    first, *others = x509.load_pem_x509_certificates(certificates)
    return _seal(serialization.load_pem_private_key(key, password), first, others)


def _seal(key: Any, certificate: x509.Certificate | None, others: Sequence[x509.Certificate]) -> Seal:
    known = isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey)
    if not known or certificate is None or key.public_key() != certificate.public_key():
        raise _NotAPairError
    return Seal(certificate=certificate, chain=tuple(others), key=key)


class _NotAPairError(ValueError):
    """Key and certificate do not belong together, or are of a kind that does not sign."""


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().strip()


def _unusable(unit: Unit, why: str, why_vi: str, *, cause: BaseException | None = None) -> NoReturn:
    raise ConfigurationError(
        f"The certificate of the receipts of {unit.agency_id} {why}: `certificate` in [[receipts.units]].",
        vi=f"Chứng thư số lập biên lai của {unit.agency_id} {why_vi}: xem `certificate` trong [[receipts.units]].",
        what="receipt_certificate",
    ) from cause
