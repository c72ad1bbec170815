"""What others may ask of the keys. `Keyring` does all three; each caller takes only the port that it needs.

`purpose` names the use, for example `outbox/tinh-a`. It is bound into the result: what was sealed or digested for one
purpose is worth nothing under another.
"""

from __future__ import annotations

from typing import Protocol


class Sealer(Protocol):
    """Encrypts what is stored about people."""

    def seal(self, plaintext: bytes, *, purpose: str) -> bytes: ...

    def unseal(self, sealed: bytes, *, purpose: str) -> bytes:
        """The plaintext; `IntegrityError` when it was altered, sealed for another purpose or by an unknown key."""


class Signer(Protocol):
    """Signs with Ed25519 (RFC 8032). Anyone who holds `public_key` can check."""

    @property
    def public_key(self) -> bytes:
        """32 bytes."""

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""


class Digester(Protocol):
    """Recognises a secret without storing it."""

    def digest(self, secret: bytes, *, purpose: str) -> bytes:
        """32 bytes, HMAC-SHA-256. Compare with `hmac.compare_digest`."""
