"""The key-encryption key (KEK): wraps data keys and nothing else, so that it can stay in an HSM."""

from __future__ import annotations

import hashlib
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.sdk.errors import IntegrityError

ID_SIZE = 8


class KeyEncryptionKey(Protocol):
    """Khoá bọc khoá: AES-256-GCM, wherever the key is. `bound` is authenticated."""

    @property
    def id(self) -> bytes:
        """Eight bytes that name it without telling anything about it."""

    def wrap(self, key: bytes, *, nonce: bytes, bound: bytes) -> bytes:
        """Ciphertext and tag, 16 bytes longer than `key`. `nonce`: 12 bytes, never used before under this key."""

    def unwrap(self, wrapped: bytes, *, nonce: bytes, bound: bytes) -> bytes:
        """`IntegrityError` unless each byte is as it was."""


class FileKek:
    """A KEK whose bytes were read from the key file."""

    __slots__ = ("_cipher", "_id")

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._id = hashlib.sha256(b"lienthong kek id\n" + key).digest()[:ID_SIZE]

    @property
    def id(self) -> bytes:
        return self._id

    def wrap(self, key: bytes, *, nonce: bytes, bound: bytes) -> bytes:
        return self._cipher.encrypt(nonce, key, bound)

    def unwrap(self, wrapped: bytes, *, nonce: bytes, bound: bytes) -> bytes:
        try:
            return self._cipher.decrypt(nonce, wrapped, bound)
        except InvalidTag as exc:
            raise altered() from exc

    def __repr__(self) -> str:
        return f"FileKek(id='{self._id.hex()}')"


def altered() -> IntegrityError:
    return IntegrityError(
        "A sealed record was altered, or sealed for another purpose.",
        vi="Bản ghi mã hoá đã bị thay đổi hoặc được mã hoá cho mục đích khác.",
    )
