"""One data key for all parts of a record, wrapped and kept apart from them: whoever deletes the wrapped key has erased
the parts, in every copy and backup that does not hold the key (crypto-shredding; PDP-12).

    the key:  magic "LTK1" 4 │ KEK id 8 │ nonce 12 │ wrapped data key 32+16
    a part:   magic "LTB1" 4 │ nonce 12 │ ciphertext n │ tag 16
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.sdk.errors import IntegrityError
from gateway.signing.envelope import KEY_SIZE, NONCE_SIZE, TAG_SIZE, named
from gateway.signing.kek import ID_SIZE, KeyEncryptionKey, altered

_KEY_MAGIC = b"LTK1"
_PART_MAGIC = b"LTB1"
_HEADER_SIZE = len(_KEY_MAGIC) + ID_SIZE
_WRAPPED_SIZE = _HEADER_SIZE + NONCE_SIZE + KEY_SIZE + TAG_SIZE
_PART_PREFIX = len(_PART_MAGIC) + NONCE_SIZE


class RecordKey:
    """The data key of one record. It shows no secret."""

    __slots__ = ("_cipher", "kek_id", "wrapped")

    def __init__(self, data_key: bytes, *, wrapped: bytes) -> None:
        self._cipher = AESGCM(data_key)
        self.wrapped = wrapped
        self.kek_id = wrapped[len(_KEY_MAGIC) : _HEADER_SIZE]

    def seal(self, plaintext: bytes, *, purpose: str) -> bytes:
        return self.seal_each([plaintext], purposes=[purpose])[0]

    def seal_each(self, plaintexts: Sequence[bytes], *, purposes: Sequence[str]) -> list[bytes]:
        """Each for the purpose at its place. The kernel is asked for all nonces at once: to ask costs as much as to
        encrypt."""
        encrypt, drawn = self._cipher.encrypt, os.urandom(NONCE_SIZE * len(plaintexts))
        sealed, at = list[bytes](), 0
        for plaintext, purpose in zip(plaintexts, purposes, strict=True):
            nonce = drawn[at : at + NONCE_SIZE]
            sealed.append(_PART_MAGIC + nonce + encrypt(nonce, plaintext, _bound(purpose)))
            at += NONCE_SIZE
        return sealed

    def unseal(self, sealed: bytes, *, purpose: str) -> bytes:
        """`IntegrityError` when it was altered, or sealed with another key or for another purpose."""
        if not is_part(sealed) or len(sealed) < _PART_PREFIX + TAG_SIZE:
            raise altered()
        nonce, ciphertext = sealed[len(_PART_MAGIC) : _PART_PREFIX], sealed[_PART_PREFIX:]
        try:
            return self._cipher.decrypt(nonce, ciphertext, _bound(purpose))
        except InvalidTag as exc:
            raise altered() from exc

    def __repr__(self) -> str:
        return f"RecordKey(kek_id='{self.kek_id.hex()}')"


def is_part(sealed: bytes) -> bool:
    """Whether it takes a record's key to open it."""
    return sealed.startswith(_PART_MAGIC)


def new(*, kek: KeyEncryptionKey, purpose: str) -> RecordKey:
    drawn = os.urandom(KEY_SIZE + NONCE_SIZE)
    data_key, nonce = drawn[:KEY_SIZE], drawn[KEY_SIZE:]
    return RecordKey(data_key, wrapped=_wrap(data_key, kek=kek, nonce=nonce, purpose=purpose))


def open_key(wrapped: bytes, *, keks: Mapping[bytes, KeyEncryptionKey], purpose: str) -> RecordKey:
    return RecordKey(_unwrap(wrapped, keks=keks, purpose=purpose), wrapped=wrapped)


def rewrap(wrapped: bytes, *, keks: Mapping[bytes, KeyEncryptionKey], kek: KeyEncryptionKey, purpose: str) -> bytes:
    """The same data key under `kek`: what it sealed stays as it is."""
    data_key = _unwrap(wrapped, keks=keks, purpose=purpose)
    return _wrap(data_key, kek=kek, nonce=os.urandom(NONCE_SIZE), purpose=purpose)


def key_erased() -> IntegrityError:
    return IntegrityError(
        "The key of this record was erased; nobody can open it any more.",
        vi="Khoá của bản ghi này đã bị xoá; nội dung không còn mở được.",
        what="key_erased",
    )


@lru_cache(maxsize=256)
def _bound(purpose: str) -> bytes:
    """What a part is authenticated with. There are as many as there are names of bodies."""
    return _PART_MAGIC + purpose.encode()


def _wrap(data_key: bytes, *, kek: KeyEncryptionKey, nonce: bytes, purpose: str) -> bytes:
    header, bound = _headed(kek.id, purpose)
    return header + nonce + kek.wrap(data_key, nonce=nonce, bound=bound)


@lru_cache(maxsize=256)
def _headed(kek_id: bytes, purpose: str) -> tuple[bytes, bytes]:
    """What stands before a key that is wrapped, and what it is authenticated with."""
    header = _KEY_MAGIC + kek_id
    return header, header + purpose.encode()


def _unwrap(wrapped: bytes, *, keks: Mapping[bytes, KeyEncryptionKey], purpose: str) -> bytes:
    if len(wrapped) != _WRAPPED_SIZE or not wrapped.startswith(_KEY_MAGIC):
        raise altered()
    header, nonce = wrapped[:_HEADER_SIZE], wrapped[_HEADER_SIZE : _HEADER_SIZE + NONCE_SIZE]
    kek = named(header[len(_KEY_MAGIC) :], keks)
    return kek.unwrap(wrapped[_HEADER_SIZE + NONCE_SIZE :], nonce=nonce, bound=header + purpose.encode())
