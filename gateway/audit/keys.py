"""The part of the keyring that the log uses. `gateway.signing.Keyring` fits; packages of one layer do not import each
other, so the shape is stated here."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Sealer(Protocol):
    """Opens and closes bodies."""

    def seal(self, plaintext: bytes, *, purpose: str) -> bytes: ...
    def unseal(self, sealed: bytes, *, purpose: str) -> bytes: ...


class Signer(Protocol):
    """Signs checkpoints with Ed25519."""

    @property
    def public_key(self) -> bytes: ...
    def sign(self, message: bytes) -> bytes: ...


class LogKeys(Sealer, Signer, Protocol):
    """All that writing a log takes."""


class StampReader(Protocol):
    """Verifies RFC 3161 tokens."""

    def verify(self, token: bytes, message: bytes) -> datetime:
        """The time that it proves of `message`; `TrustError` when it does not hold or its signer is not trusted."""


class Stamper(StampReader, Protocol):
    """A time-stamping authority."""

    async def stamp(self, message: bytes) -> bytes:
        """A token over `message`, verified; `TrustError` or `RemoteError`."""
