"""All keys of one installation in one object, which can use them and does not show them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from gateway.signing import envelope, keyfile, record
from gateway.signing.kek import FileKek, KeyEncryptionKey
from gateway.signing.keyfile import Keys
from gateway.signing.record import RecordKey


class Keyring:
    """Bộ khoá: an Ed25519 signing key, AES-256 key-encryption keys and an HMAC key. `repr` shows public names only."""

    __slots__ = ("_digest", "_hsm", "_kek", "_keks", "_keys", "_signing")

    def __init__(self, keys: Keys, *, hsm: Sequence[KeyEncryptionKey] = ()) -> None:
        """`hsm`: keys that stay in an HSM, newest first; the first one seals instead of the newest of the file. All of
        both still open what they sealed."""
        self._keys = keys
        self._digest = HMAC(keys.digest, SHA256())
        self._signing = Ed25519PrivateKey.from_private_bytes(keys.signing)
        own: list[KeyEncryptionKey] = [FileKek(key) for key in keys.sealing]
        self._hsm = tuple(hsm)
        self._kek = (*hsm, *own)[0]
        self._keks = {each.id: each for each in (*own, *hsm)}

    @classmethod
    def ephemeral(cls) -> Self:
        """Keys that die with the process: for tests and one-off sandboxes."""
        return cls(keyfile.generate())

    @classmethod
    def load_or_create(cls, path: Path, *, hsm: Sequence[KeyEncryptionKey] = ()) -> Self:
        """The keys in `path`; made at the first start. `ConfigurationError` when others may read the file."""
        if not path.exists():
            keyfile.create(path, keyfile.generate())
        return cls(keyfile.read(path), hsm=hsm)

    def with_new_sealing_key(self) -> Self:
        """A keyring that seals with a fresh key and still opens what the older ones sealed."""
        sealing = (secrets.token_bytes(envelope.KEY_SIZE), *self._keys.sealing)
        return type(self)(Keys(signing=self._keys.signing, digest=self._keys.digest, sealing=sealing), hsm=self._hsm)

    def save(self, path: Path) -> None:
        """Replace the key file, atomically. Every process that shares it must be restarted to see the new keys."""
        keyfile.replace(path, self._keys)

    def seal(self, plaintext: bytes, *, purpose: str) -> bytes:
        return envelope.seal(plaintext, kek=self._kek, purpose=purpose)

    def seal_each(self, plaintexts: Sequence[bytes], *, purpose: str) -> list[bytes]:
        return envelope.seal_each(plaintexts, kek=self._kek, purpose=purpose)

    def unseal(self, sealed: bytes, *, purpose: str) -> bytes:
        """`IntegrityError` when it was altered, sealed for another purpose or by an unknown key, or the key of its
        record was erased (`…key_erased`)."""
        if record.is_part(sealed):
            raise record.key_erased()
        return envelope.unseal(sealed, keks=self._keks, purpose=purpose)

    def new_record(self, *, purpose: str) -> RecordKey:
        """A data key for one record, wrapped for `purpose`."""
        return record.new(kek=self._kek, purpose=purpose)

    def open_record(self, wrapped: bytes, *, purpose: str) -> RecordKey:
        """The data key that was wrapped so; `IntegrityError` as of `unseal`."""
        return record.open_key(wrapped, keks=self._keks, purpose=purpose)

    def rewrap(self, wrapped: bytes, *, purpose: str) -> bytes:
        """The same data key under the newest KEK."""
        return record.rewrap(wrapped, keks=self._keks, kek=self._kek, purpose=purpose)

    @property
    def kek_id(self) -> bytes:
        """Names the KEK that seals."""
        return self._kek.id

    def digest(self, secret: bytes, *, purpose: str) -> bytes:
        """HMAC-SHA-256. The purpose is length-prefixed, so no purpose and secret can stand for another pair."""
        keyed = self._digest.copy()
        keyed.update(_named(purpose) + secret)
        return keyed.finalize()

    def sign(self, message: bytes) -> bytes:
        return self._signing.sign(message)

    @property
    def public_key(self) -> bytes:
        """32 bytes, to be handed to whoever verifies the log."""
        return self._signing.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        signs_as = hashlib.sha256(self.public_key).hexdigest()[:8]
        return f"Keyring(signs_as='{signs_as}', seals_with='{self._kek.id.hex()}')"


@lru_cache(maxsize=256)
def _named(purpose: str) -> bytes:
    named = purpose.encode()
    return len(named).to_bytes(4, "big") + named
