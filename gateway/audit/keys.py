"""The part of the keyring that the log uses. `gateway.signing.Keyring` fits; packages of one layer do not import each
other, so the shape is stated here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class RecordKey(Protocol):
    """The data key of one row's bodies. `wrapped` is what is stored of it: without that nothing opens them."""

    @property
    def wrapped(self) -> bytes: ...
    @property
    def kek_id(self) -> bytes: ...
    def seal_each(self, plaintexts: Sequence[bytes], *, purposes: Sequence[str]) -> list[bytes]: ...
    def unseal(self, sealed: bytes, *, purpose: str) -> bytes: ...


class Sealer(Protocol):
    """Opens and closes bodies. `seal` and `unseal` are of bodies that carry their key, as older rows have them."""

    def seal(self, plaintext: bytes, *, purpose: str) -> bytes: ...
    def unseal(self, sealed: bytes, *, purpose: str) -> bytes: ...
    def new_record(self, *, purpose: str) -> RecordKey: ...
    def open_record(self, wrapped: bytes, *, purpose: str) -> RecordKey: ...


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


class StampReader(Protocol):
    """Verifies RFC 3161 tokens."""

    def verify(self, token: bytes, message: bytes) -> datetime:
        """The time that it proves of `message`; `TrustError` when it does not hold or its signer is not trusted."""


class Stamper(StampReader, Protocol):
    """A time-stamping authority."""

    async def stamp(self, message: bytes) -> bytes:
        """A token over `message`, verified; `TrustError` or `RemoteError`."""
