"""Keys: who may read them, what they seal, and what they never show."""

from __future__ import annotations

import hashlib
import hmac
import pickle
import stat
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.sdk.errors import ConfigurationError, IntegrityError
from gateway.signing import Keyring
from gateway.signing.keyfile import generate

KEYRING = Keyring.ephemeral()
HEADER = 4 + 8


def test_first_start_creates_a_file_only_the_owner_may_read(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    Keyring.load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["keys.json"]


def test_second_start_has_the_same_keys(tmp_path: Path) -> None:
    first = Keyring.load_or_create(tmp_path / "keys.json")
    second = Keyring.load_or_create(tmp_path / "keys.json")
    assert second.public_key == first.public_key
    assert second.unseal(first.seal(b"body", purpose="p"), purpose="p") == b"body"
    assert second.digest(b"secret", purpose="p") == first.digest(b"secret", purpose="p")


def test_two_processes_starting_together_share_the_first_ones_keys(tmp_path: Path) -> None:
    from gateway.signing import keyfile

    path = tmp_path / "keys.json"
    winner = generate()
    assert keyfile.create(path, winner)
    assert not keyfile.create(path, generate())
    assert keyfile.read(path) == winner


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_key_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys.json"
    Keyring.load_or_create(path)
    path.chmod(mode)
    with pytest.raises(ConfigurationError) as caught:
        Keyring.load_or_create(path)
    assert "600" in caught.value.detail_vi


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"version": 1, "signing": "c2hvcnQ=", "digest": "c2hvcnQ=", "sealing": ["c2hvcnQ="]}',
        b'{"version": 1, "signing": "*", "digest": "", "sealing": []}',
    ],
)
def test_malformed_key_file_is_refused_without_quoting_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError) as caught:
        Keyring.load_or_create(path)
    assert caught.value.__cause__ is None
    assert "c2hvcnQ" not in str(caught.value)


def test_key_file_of_an_unknown_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    Keyring.load_or_create(path)
    path.write_text(path.read_text().replace('"version": 1', '"version": 2'))
    with pytest.raises(ConfigurationError):
        Keyring.load_or_create(path)


def test_missing_folder_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        Keyring.load_or_create(tmp_path / "absent" / "keys.json")


@given(plaintext=st.binary(max_size=200), purpose=st.text(max_size=20))
def test_sealed_bytes_come_back_for_the_same_purpose(plaintext: bytes, purpose: str) -> None:
    sealed = KEYRING.seal(plaintext, purpose=purpose)
    assert KEYRING.unseal(sealed, purpose=purpose) == plaintext


def test_sealed_bytes_hide_the_plaintext_and_differ_each_time() -> None:
    plaintext = b"NGUYEN VAN MAU 099090000002"
    first, second = (KEYRING.seal(plaintext, purpose="p") for _ in range(2))
    assert first[HEADER:] != second[HEADER:]
    assert plaintext not in first


def test_sealed_for_one_purpose_does_not_open_for_another() -> None:
    sealed = KEYRING.seal(b"body", purpose="outbox/tinh-a")
    with pytest.raises(IntegrityError):
        KEYRING.unseal(sealed, purpose="outbox/tinh-b")


def test_every_altered_byte_is_noticed() -> None:
    sealed = KEYRING.seal(b"body", purpose="p")
    for position in range(len(sealed)):
        altered = bytearray(sealed)
        altered[position] ^= 1
        with pytest.raises(IntegrityError):
            KEYRING.unseal(bytes(altered), purpose="p")


def test_every_truncation_is_noticed() -> None:
    sealed = KEYRING.seal(b"body", purpose="p")
    for size in range(len(sealed)):
        with pytest.raises(IntegrityError):
            KEYRING.unseal(sealed[:size], purpose="p")


def test_another_installations_keys_do_not_open_it() -> None:
    with pytest.raises(IntegrityError) as caught:
        Keyring.ephemeral().unseal(KEYRING.seal(b"body", purpose="p"), purpose="p")
    assert caught.value.error_code == "ours.unknown_key"


def test_after_rotation_old_records_open_and_new_ones_name_the_new_key() -> None:
    old = KEYRING.seal(b"old", purpose="p")
    rotated = KEYRING.with_new_sealing_key()
    new = rotated.seal(b"new", purpose="p")
    assert rotated.unseal(old, purpose="p") == b"old"
    assert rotated.unseal(new, purpose="p") == b"new"
    assert new[:HEADER] != old[:HEADER]
    assert rotated.public_key == KEYRING.public_key
    with pytest.raises(IntegrityError):
        KEYRING.unseal(new, purpose="p")


def test_rotated_keys_are_saved_over_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    old = Keyring.load_or_create(path).seal(b"old", purpose="p")
    rotated = Keyring.load_or_create(path).with_new_sealing_key()
    rotated.save(path)
    again = Keyring.load_or_create(path)
    assert again.unseal(old, purpose="p") == b"old"
    assert again.unseal(rotated.seal(b"new", purpose="p"), purpose="p") == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_digest_is_the_one_that_was_stored_years_ago() -> None:
    keys = generate()
    told = b"\x00\x00\x00\x06client" + b"secret"
    assert Keyring(keys).digest(b"secret", purpose="client") == hmac.digest(keys.digest, told, "sha256")


def test_digest_depends_on_key_purpose_and_secret() -> None:
    digests = {
        KEYRING.digest(b"secret", purpose="client"),
        KEYRING.digest(b"secret", purpose="session"),
        KEYRING.digest(b"other", purpose="client"),
        KEYRING.digest(b"tsecret", purpose="clien"),
        Keyring.ephemeral().digest(b"secret", purpose="client"),
        hashlib.sha256(b"secret").digest(),
    }
    assert len(digests) == 6
    assert hmac.compare_digest(KEYRING.digest(b"secret", purpose="client"), KEYRING.digest(b"secret", purpose="client"))


@given(st.binary(max_size=200), st.text(max_size=40))
def test_a_digest_is_the_hmac_of_the_purpose_with_its_length_and_the_secret(secret: bytes, purpose: str) -> None:
    keys = generate()
    named = purpose.encode()
    plain = hmac.digest(keys.digest, len(named).to_bytes(4, "big") + named + secret, "sha256")
    assert Keyring(keys).digest(secret, purpose=purpose) == plain


@given(st.lists(st.tuples(st.binary(max_size=200), st.text(max_size=20)), max_size=6))
def test_parts_sealed_together_open_one_by_one_and_only_for_their_purpose(parts: list[tuple[bytes, str]]) -> None:
    key = KEYRING.new_record(purpose="record")
    sealed = key.seal_each([part for part, _ in parts], purposes=[purpose for _, purpose in parts])
    reopened = KEYRING.open_record(key.wrapped, purpose="record")
    assert [reopened.unseal(one, purpose=purpose) for one, (_, purpose) in zip(sealed, parts, strict=True)] == [
        part for part, _ in parts
    ]
    for one, (_, purpose) in zip(sealed, parts, strict=True):
        with pytest.raises(IntegrityError):
            reopened.unseal(one, purpose=purpose + "x")


def test_no_two_parts_or_keys_share_a_nonce() -> None:
    """Two of one nonce under one key would give both away."""
    nonces = set[bytes]()
    for _ in range(50):
        key = KEYRING.new_record(purpose="record")
        nonces |= {key.wrapped[12:24], *(part[4:16] for part in key.seal_each([b""] * 4, purposes=["p"] * 4))}
    assert len(nonces) == 50 * 5


def test_signature_verifies_with_the_public_key_and_only_for_that_message() -> None:
    signature = KEYRING.sign(b"message")
    public_key = Ed25519PublicKey.from_public_bytes(KEYRING.public_key)
    public_key.verify(signature, b"message")
    with pytest.raises(InvalidSignature):
        public_key.verify(signature, b"massage")


def test_repr_and_pickle_never_show_a_key() -> None:
    """SEC-18 (part)."""
    keys = generate()
    keyring = Keyring(keys)
    shown = repr(keyring) + str(keyring) + repr(keys)
    for secret in (keys.signing, keys.digest, *keys.sealing):
        assert secret.hex() not in shown
        assert repr(secret)[2:-1] not in shown
    with pytest.raises(TypeError):
        pickle.dumps(keyring)


def test_records_sealed_together_share_no_nonce_and_no_key() -> None:
    plaintexts = [b"same body"] * 50 + [b""]
    sealed = KEYRING.seal_each(plaintexts, purpose="p")
    assert [KEYRING.unseal(each, purpose="p") for each in sealed] == plaintexts
    assert len({each[HEADER : HEADER + 12] for each in sealed}) == len(sealed)
    assert len({each[HEADER + 12 : HEADER + 12 + 48] for each in sealed}) == len(sealed)
    with pytest.raises(IntegrityError):
        KEYRING.unseal(sealed[0], purpose="q")
    wrapped_anew = sealed[0][: HEADER + 60] + sealed[1][HEADER + 60 :]
    with pytest.raises(IntegrityError):
        KEYRING.unseal(wrapped_anew, purpose="p")


def test_nothing_to_seal_is_no_record() -> None:
    assert KEYRING.seal_each([], purpose="p") == []
