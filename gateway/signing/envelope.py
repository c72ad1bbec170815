"""A sealed record: AES-256-GCM under a data key of its own, which travels wrapped by the key-encryption key (KEK).

    magic "LTS1" 4 │ KEK id 8 │ nonce 12 │ wrapped data key 32+16 │ ciphertext n │ tag 16

The header, the purpose and (for the record) the wrapped key are authenticated. Rotation costs nothing: new records name
the new KEK, old ones are opened with the KEK that their header names. One random nonce serves both encryptions because
their keys differ. Random 96-bit nonces bound one KEK to 2**32 records (NIST SP 800-38D, 8.3); rotate before that.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.sdk.errors import IntegrityError
from gateway.signing.kek import ID_SIZE, KeyEncryptionKey, altered

KEY_SIZE = 32
NONCE_SIZE = 12
TAG_SIZE = 16
_DRAWN = NONCE_SIZE + KEY_SIZE
_MAGIC = b"LTS1"
_HEADER_SIZE = len(_MAGIC) + ID_SIZE
_PREFIX_SIZE = _HEADER_SIZE + NONCE_SIZE + KEY_SIZE + TAG_SIZE


def seal(plaintext: bytes, *, kek: KeyEncryptionKey, purpose: str) -> bytes:
    return seal_each([plaintext], kek=kek, purpose=purpose)[0]


def seal_each(plaintexts: Sequence[bytes], *, kek: KeyEncryptionKey, purpose: str) -> list[bytes]:
    """A record of each, with a data key and a nonce of its own. The kernel is asked for all of them at once."""
    header, named, drawn = _MAGIC + kek.id, purpose.encode(), os.urandom(_DRAWN * len(plaintexts))
    bound, sealed = header + named, list[bytes]()
    for at, plaintext in zip(range(0, len(drawn), _DRAWN), plaintexts, strict=True):
        nonce, data_key = drawn[at : at + NONCE_SIZE], drawn[at + NONCE_SIZE : at + _DRAWN]
        wrapped = kek.wrap(data_key, nonce=nonce, bound=bound)
        ciphertext = AESGCM(data_key).encrypt(nonce, plaintext, header + wrapped + named)
        sealed.append(header + nonce + wrapped + ciphertext)
    return sealed


def unseal(sealed: bytes, *, keks: Mapping[bytes, KeyEncryptionKey], purpose: str) -> bytes:
    """`keks`: every KEK by its id. `IntegrityError` unless each byte and the purpose are as they were."""
    header, nonce = sealed[:_HEADER_SIZE], sealed[_HEADER_SIZE : _HEADER_SIZE + NONCE_SIZE]
    wrapped, ciphertext = sealed[_HEADER_SIZE + NONCE_SIZE : _PREFIX_SIZE], sealed[_PREFIX_SIZE:]
    if len(sealed) < _PREFIX_SIZE + TAG_SIZE or not header.startswith(_MAGIC):
        raise IntegrityError("This is not a sealed record.", vi="Đây không phải bản ghi đã mã hoá.")
    kek = named(header[len(_MAGIC) :], keks)
    data_key = kek.unwrap(wrapped, nonce=nonce, bound=_bound(header, purpose))
    try:
        return AESGCM(data_key).decrypt(nonce, ciphertext, _bound(header + wrapped, purpose))
    except InvalidTag as exc:
        raise altered() from exc


def named(kek_id: bytes, keks: Mapping[bytes, KeyEncryptionKey]) -> KeyEncryptionKey:
    """The KEK of that id; `IntegrityError` (`…unknown_key`) when there is none."""
    kek = keks.get(kek_id)
    if kek is None:
        raise IntegrityError(
            "A sealed record names a key that is not in the keyring.",
            vi="Bản ghi được mã hoá bằng một khoá không có trong bộ khoá.",
            what="unknown_key",
        )
    return kek


def _bound(header: bytes, purpose: str) -> bytes:
    return header + purpose.encode()
