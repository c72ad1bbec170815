"""A sealed record: AES-256-GCM under a data key of its own, which travels wrapped by the key-encryption key (KEK).

    magic "LTS1" 4 │ KEK id 8 │ nonce 12 │ wrapped data key 32+16 │ ciphertext n │ tag 16

The header, the purpose and (for the record) the wrapped key are authenticated. Rotation costs nothing: new records name
the new KEK, old ones are opened with the KEK that their header names. One random nonce serves both encryptions because
their keys differ. Random 96-bit nonces bound one KEK to 2**32 records (NIST SP 800-38D, 8.3); rotate before that.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.sdk.errors import IntegrityError

KEY_SIZE = 32
_MAGIC = b"LTS1"
_ID_SIZE = 8
_HEADER_SIZE = len(_MAGIC) + _ID_SIZE
_NONCE_SIZE = 12
_WRAPPED_SIZE = KEY_SIZE + 16
_PREFIX_SIZE = _HEADER_SIZE + _NONCE_SIZE + _WRAPPED_SIZE


def key_id(kek: bytes) -> bytes:
    """Eight bytes that name a KEK without telling anything about it."""
    return hashlib.sha256(b"lienthong kek id\n" + kek).digest()[:_ID_SIZE]


def seal(plaintext: bytes, *, kek: bytes, purpose: str) -> bytes:
    header = _MAGIC + key_id(kek)
    nonce, data_key = os.urandom(_NONCE_SIZE), AESGCM.generate_key(256)
    wrapped = AESGCM(kek).encrypt(nonce, data_key, _bound(header, purpose))
    return header + nonce + wrapped + AESGCM(data_key).encrypt(nonce, plaintext, _bound(header + wrapped, purpose))


def unseal(sealed: bytes, *, keks: Mapping[bytes, bytes], purpose: str) -> bytes:
    """`keks`: every KEK by its id. `IntegrityError` unless each byte and the purpose are as they were."""
    header, nonce = sealed[:_HEADER_SIZE], sealed[_HEADER_SIZE : _HEADER_SIZE + _NONCE_SIZE]
    wrapped, ciphertext = sealed[_HEADER_SIZE + _NONCE_SIZE : _PREFIX_SIZE], sealed[_PREFIX_SIZE:]
    if len(sealed) < _PREFIX_SIZE + 16 or not header.startswith(_MAGIC):
        raise IntegrityError("This is not a sealed record.", vi="Đây không phải bản ghi đã mã hoá.")
    kek = keks.get(header[len(_MAGIC) :])
    if kek is None:
        raise IntegrityError(
            "A sealed record names a key that is not in the keyring.",
            vi="Bản ghi được mã hoá bằng một khoá không có trong bộ khoá.",
            what="unknown_key",
        )
    try:
        data_key = AESGCM(kek).decrypt(nonce, wrapped, _bound(header, purpose))
        return AESGCM(data_key).decrypt(nonce, ciphertext, _bound(header + wrapped, purpose))
    except InvalidTag as exc:
        raise IntegrityError(
            "A sealed record was altered, or sealed for another purpose.",
            vi="Bản ghi mã hoá đã bị thay đổi hoặc được mã hoá cho mục đích khác.",
        ) from exc


def _bound(header: bytes, purpose: str) -> bytes:
    return header + purpose.encode()
