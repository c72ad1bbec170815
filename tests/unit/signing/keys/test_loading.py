"""Keys in files and secrets of the environment: read once, strictly, and shown nowhere."""

from __future__ import annotations

import copy
import hashlib
import hmac
import pickle
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.algorithms import Algorithm
from gateway.signing.keys import Rotation, load_keys
from gateway.signing.model import DecryptionKey, SharedSecret, SigningKey
from gateway.signing.settings import KeySettings
from mocks._kit import pki

NOW, DAY = pki.NOW, timedelta(days=1)
MESSAGE = "Kết quả giải quyết hồ sơ".encode()
PASSWORD = "made-up-password-1"


def read(*several: KeySettings, environment: dict[str, str] | None = None) -> Rotation:
    return load_keys({"tinh": several}, environment=environment or {})["tinh"]


def pem(path: Path, holder: pki.Holder, **said: Any) -> KeySettings:
    return KeySettings(source="pem", path=holder.write_pem(path), **said)


@pytest.fixture(scope="module")
def rsa() -> pki.Holder:
    return pki.root("CA").authority("CA 2").issue("Tỉnh", pki.Wanted(key="rsa2048"))


@pytest.mark.parametrize("source", ["pkcs12", "pem"])
def test_a_key_comes_with_its_certificate_and_its_chain_without_the_root(
    tmp_path: Path, rsa: pki.Holder, source: str
) -> None:
    write = rsa.write_pkcs12 if source == "pkcs12" else rsa.write_pem
    own = KeySettings(source=source, path=write(tmp_path / "key", password=PASSWORD), password_env="P")  # type: ignore[arg-type]  # one of the literals
    key = read(own, environment={"P": PASSWORD}).signing(NOW)
    assert key.certificate == rsa.certificate
    assert tuple(key.chain) == rsa.chain
    assert key.public_key == rsa.key.public_key()


def test_the_certificate_may_stand_elsewhere_or_not_at_all(tmp_path: Path, rsa: pki.Holder) -> None:
    alone = tmp_path / "key.pem"
    alone.write_bytes(
        rsa.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    alone.chmod(0o600)
    certificate = rsa.write_certificate(tmp_path / "certificate.pem")
    assert read(KeySettings(source="pem", path=alone)).signing(NOW).certificate is None
    beside = read(KeySettings(source="pem", path=alone, certificate=certificate)).signing(NOW)
    assert beside.certificate == rsa.certificate


RSA_PADDINGS = [
    (Algorithm.RS256, PKCS1v15(), SHA256()),
    (Algorithm.RS384, PKCS1v15(), SHA384()),
    (Algorithm.RS512, PKCS1v15(), SHA512()),
    (Algorithm.PS256, PSS(MGF1(SHA256()), 32), SHA256()),
]


@pytest.mark.parametrize(("algorithm", "padding", "digest"), RSA_PADDINGS)
def test_an_rsa_key_signs(tmp_path: Path, rsa: pki.Holder, algorithm: Algorithm, padding: Any, digest: Any) -> None:
    key = read(pem(tmp_path / "k", rsa)).signing(NOW)
    assert isinstance(key.public_key, RSAPublicKey)
    key.public_key.verify(key.sign(MESSAGE, algorithm=algorithm), MESSAGE, padding, digest)


@pytest.mark.parametrize(("kind", "algorithm", "size"), [("p256", Algorithm.ES256, 32), ("p384", Algorithm.ES384, 48)])
def test_an_ec_key_signs_with_r_and_s_of_full_length(
    tmp_path: Path, kind: str, algorithm: Algorithm, size: int
) -> None:
    key = read(pem(tmp_path / "k", pki.self_signed("Tỉnh", pki.Wanted(key=kind)))).signing(NOW)
    assert isinstance(key.public_key, EllipticCurvePublicKey)
    for _ in range(20):
        signature = key.sign(MESSAGE, algorithm=algorithm)
        assert len(signature) == 2 * size
        r, s = int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
        key.public_key.verify(encode_dss_signature(r, s), MESSAGE, ECDSA(SHA256() if size == 32 else SHA384()))


def test_an_ed25519_key_signs(tmp_path: Path) -> None:
    key = read(pem(tmp_path / "k", pki.self_signed("Tỉnh", pki.Wanted(key="ed25519")))).signing(NOW)
    assert isinstance(key.public_key, Ed25519PublicKey)
    key.public_key.verify(key.sign(MESSAGE, algorithm=Algorithm.EDDSA), MESSAGE)


@pytest.mark.parametrize("algorithm", [Algorithm.ES384, Algorithm.RS256, Algorithm.HS256])
def test_a_key_signs_with_its_own_algorithms_alone(tmp_path: Path, algorithm: Algorithm) -> None:
    """SIG-12"""
    key = read(pem(tmp_path / "k", pki.self_signed("Tỉnh"))).signing(NOW)
    with pytest.raises(ConfigurationError) as caught:
        key.sign(MESSAGE, algorithm=algorithm)
    assert caught.value.error_code == "operator.algorithm"


def test_an_rsa_key_opens_what_was_encrypted_to_it(tmp_path: Path, rsa: pki.Holder) -> None:
    key = read(pem(tmp_path / "k", rsa)).signing(NOW)
    assert isinstance(key, DecryptionKey)
    assert isinstance(key.public_key, RSAPublicKey)
    sealed = key.public_key.encrypt(b"cek", OAEP(MGF1(SHA256()), SHA256(), None))
    assert key.decrypt(sealed) == b"cek"
    with pytest.raises(TrustError):
        key.decrypt(sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_an_ec_key_agrees_with_a_key_of_its_curve_alone(tmp_path: Path) -> None:
    key = read(pem(tmp_path / "k", pki.self_signed("Tỉnh"))).signing(NOW)
    theirs, other = pki.new_key(), pki.new_key("p384")
    assert isinstance(key, DecryptionKey)
    assert isinstance(theirs, EllipticCurvePrivateKey)
    assert isinstance(other, EllipticCurvePrivateKey)
    assert isinstance(key.public_key, EllipticCurvePublicKey)
    assert key.agree(theirs.public_key()) == theirs.exchange(ECDH(), key.public_key)
    with pytest.raises(TrustError):
        key.agree(other.public_key())
    with pytest.raises(TrustError):
        key.decrypt(b"x")


SECRET = "made-up-secret-of-40-bytes-aaaaaaaaaaaaa"


def test_a_shared_secret_makes_digests_and_has_no_public_key() -> None:
    secret = read(KeySettings(source="secret", password_env="S"), environment={"S": SECRET}).signing(NOW)
    assert isinstance(secret, SharedSecret)
    assert secret.kid == "tinh"
    assert secret.digest(MESSAGE) == hmac.digest(SECRET.encode(), MESSAGE, hashlib.sha256)
    assert secret.sign(MESSAGE, algorithm=Algorithm.HS256) == secret.digest(MESSAGE)
    with pytest.raises(ConfigurationError):
        _ = secret.public_key


def test_a_short_secret_is_refused() -> None:
    """SIG-12"""
    with pytest.raises(ConfigurationError) as caught:
        read(KeySettings(source="secret", password_env="S"), environment={"S": "x" * 31})
    assert caught.value.error_code == "operator.weak_key"


@pytest.mark.parametrize("kind", ["rsa1024", "p521"])
def test_a_weak_or_unusual_key_is_refused(tmp_path: Path, kind: str) -> None:
    """SIG-12"""
    with pytest.raises(ConfigurationError) as caught:
        read(pem(tmp_path / "k", pki.self_signed("Tỉnh", pki.Wanted(key=kind))))
    assert caught.value.error_code == "operator.weak_key"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """SEC-18"""
    own = pem(tmp_path / "k", pki.self_signed("Tỉnh"))
    (tmp_path / "k").chmod(mode)
    with pytest.raises(ConfigurationError) as caught:
        read(own)
    assert caught.value.error_code == "operator.key_mode"


def other_certificate(folder: Path) -> KeySettings:
    own = pki.self_signed("Tỉnh")
    mixed = pki.Holder(certificate=pki.self_signed("Tỉnh").certificate, key=own.key)
    return pem(folder / "k", mixed)


def wrong_password(folder: Path) -> KeySettings:
    path = pki.self_signed("Tỉnh").write_pkcs12(folder / "k", password="another")
    return KeySettings(source="pkcs12", path=path, password_env="P")


def wrong_pem_password(folder: Path) -> KeySettings:
    path = pki.self_signed("Tỉnh").write_pem(folder / "k", password="another")
    return KeySettings(source="pem", path=path, password_env="P")


def no_password(folder: Path) -> KeySettings:
    return KeySettings(source="pem", path=pki.self_signed("Tỉnh").write_pem(folder / "k", password="another"))


def garbage(folder: Path) -> KeySettings:
    path = pki.self_signed("Tỉnh").write_pem(folder / "k")
    content = path.read_bytes()
    path.write_bytes(content.replace(content[60:92], b"c2VjcmV0" * 4))
    return KeySettings(source="pem", path=path)


WRONG: list[Callable[[Path], KeySettings]] = [
    other_certificate,
    wrong_password,
    wrong_pem_password,
    no_password,
    garbage,
    lambda folder: KeySettings(source="pem", path=folder / "missing"),
    lambda folder: KeySettings(source="pem"),
    lambda folder: KeySettings(source="pem", path=folder / "missing", password_env="UNSET"),
    lambda folder: KeySettings(source="secret"),
]


@pytest.mark.parametrize("made", WRONG)
def test_what_is_wrong_is_named_without_a_word_of_the_secret(
    tmp_path: Path, made: Callable[[Path], KeySettings]
) -> None:
    """SEC-18"""
    with pytest.raises(ConfigurationError, match=r"keys\.tinh") as caught:
        read(made(tmp_path), environment={"P": PASSWORD})
    said = f"{caught.value!r} {caught.value.detail} {caught.value.detail_vi} {caught.value.__cause__!r}"
    assert "keys.tinh" in caught.value.detail_vi
    assert PASSWORD not in said
    assert "c2VjcmV0" not in said


def every_kind(folder: Path) -> list[SigningKey]:
    files = load_keys({"a": [pem(folder / "k", pki.self_signed("Tỉnh"))]}, environment={})["a"].signing(NOW)
    secret = read(KeySettings(source="secret", password_env="S"), environment={"S": SECRET}).signing(NOW)
    return [files, secret]


def test_a_key_is_neither_shown_nor_copied(tmp_path: Path) -> None:
    """SEC-18"""
    for key in every_kind(tmp_path):
        assert key.kid in repr(key)
        assert SECRET not in repr(key)
        assert not hasattr(key, "__dict__")
        for copied in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(ConfigurationError):
                copied(key)


def rotation(folder: Path, *turns: tuple[str, datetime, datetime]) -> tuple[Rotation, dict[str, str]]:
    """By name of the certificate."""
    made = {name: pki.self_signed(name) for name, _, _ in turns}
    several = [pem(folder / name, made[name], since=since, until=until) for name, since, until in turns]
    keys = read(*several)
    names = {turn.key.kid: pki.name_of(turn.key.certificate) for turn in keys.turns if turn.key.certificate}
    return keys, names


def test_the_youngest_in_force_signs_and_the_older_one_still_opens(tmp_path: Path) -> None:
    old, new = ("old", NOW - 9 * DAY, NOW + 9 * DAY), ("new", NOW, NOW + 99 * DAY)
    keys, names = rotation(tmp_path, old, new)
    assert names[keys.signing(NOW - DAY).kid] == "old"
    assert names[keys.signing(NOW).kid] == "new"
    assert [names[key.kid] for key in keys.accepted(NOW + DAY)] == ["new", "old"]
    assert [names[key.kid] for key in keys.accepted(NOW + 9 * DAY)] == ["new"]


def test_without_a_key_in_force_nothing_is_signed(tmp_path: Path) -> None:
    keys, _ = rotation(tmp_path, ("old", NOW - 9 * DAY, NOW))
    for at in (NOW - 10 * DAY, NOW):
        with pytest.raises(ConfigurationError) as caught:
            keys.signing(at)
        assert caught.value.error_code == "operator.no_key"


def test_a_key_whose_certificate_has_ended_does_not_sign(tmp_path: Path) -> None:
    """SIG-04"""
    keys = read(pem(tmp_path / "k", pki.self_signed("Tỉnh", pki.Wanted(ends=NOW - DAY))))
    with pytest.raises(ConfigurationError) as caught:
        keys.signing(NOW)
    assert caught.value.error_code == "operator.no_key"


def test_two_keys_with_one_kid_are_refused(tmp_path: Path) -> None:
    one, two = (pem(tmp_path / name, pki.self_signed(name), kid="same") for name in ("a", "b"))
    with pytest.raises(ConfigurationError, match="kid"):
        read(one, two)
