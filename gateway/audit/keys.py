"""The part of the keyring that the log uses. `gateway.signing.Keyring` fits; packages of one layer do not import each
other, so the shape is stated here."""

from __future__ import annotations

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


class Digester(Protocol):
    """Recognises a personal number without storing it."""

    def digest(self, secret: bytes, *, purpose: str) -> bytes: ...


class EntryKeys(Sealer, Digester, Protocol):
    """What preparing an entry takes."""


class LogKeys(EntryKeys, Signer, Protocol):
    """All that writing a log takes."""
