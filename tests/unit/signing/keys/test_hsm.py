"""Keys on a token: they sign and wrap there, and never come out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from soft_hsm import ENVIRONMENT, PIN, SoftHsm, soft_hsm

from gateway.sdk.errors import ConfigurationError, IntegrityError
from gateway.signing.algorithms import Algorithm
from gateway.signing.keys import load_keys
from gateway.signing.keys.pkcs11 import HsmKek, open_kek
from gateway.signing.model import PublicKey, SigningKey
from gateway.signing.settings import KeySettings
from mocks._kit import pki

MESSAGE = "Kết quả giải quyết hồ sơ".encode()


@pytest.fixture
def hsm(tmp_path: Path) -> Iterator[SoftHsm]:
    with soft_hsm(tmp_path) as made:
        yield made


def loaded(*several: KeySettings) -> SigningKey:
    return load_keys({"tinh": several}, environment=ENVIRONMENT)["tinh"].signing(pki.NOW)


def certificate_of(public: PublicKey, folder: Path) -> Path:
    """Issued to a key whose private half nobody here has."""
    path = folder / "certificate.pem"
    path.write_bytes(pki.pem(pki.root("CA").certify("Tỉnh", public)))
    return path


@pytest.mark.parametrize("algorithm", [Algorithm.RS256, Algorithm.PS256])
def test_an_rsa_key_signs_on_the_token(hsm: SoftHsm, algorithm: Algorithm) -> None:
    hsm.rsa("ky")
    key = loaded(hsm.settings("ky"))
    public = key.public_key
    assert isinstance(public, RSAPublicKey)
    padding = PKCS1v15() if algorithm is Algorithm.RS256 else PSS(MGF1(SHA256()), 32)
    public.verify(key.sign(MESSAGE, algorithm=algorithm), MESSAGE, padding, SHA256())


@pytest.mark.parametrize(
    ("curve", "algorithm", "size"),
    [("secp256r1", Algorithm.ES256, 32), ("secp384r1", Algorithm.ES384, 48)],
)
def test_an_ec_key_signs_on_the_token(hsm: SoftHsm, curve: str, algorithm: Algorithm, size: int) -> None:
    hsm.ec("ky", curve=curve)
    key = loaded(hsm.settings("ky"))
    signature = key.sign(MESSAGE, algorithm=algorithm)
    assert len(signature) == 2 * size
    r, s = int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
    assert isinstance(key.public_key, EllipticCurvePublicKey)
    key.public_key.verify(encode_dss_signature(r, s), MESSAGE, ECDSA(SHA256() if size == 32 else SHA384()))


def test_its_certificate_comes_from_a_file_or_from_the_token(hsm: SoftHsm) -> None:
    hsm.ec("ky")
    path = certificate_of(loaded(hsm.settings("ky")).public_key, hsm.folder)
    assert loaded(hsm.settings("ky", certificate=path)).certificate is not None
    hsm.restart()
    hsm.put("ky", x509.load_pem_x509_certificate(path.read_bytes()))
    hsm.restart()
    assert loaded(hsm.settings("ky")).certificate is not None


def test_the_certificate_of_another_key_is_refused(hsm: SoftHsm) -> None:
    hsm.ec("ky")
    path = certificate_of(pki.new_key().public_key(), hsm.folder)
    with pytest.raises(ConfigurationError, match="belong together"):
        loaded(hsm.settings("ky", certificate=path))


def test_two_keys_of_one_token_share_its_login(hsm: SoftHsm) -> None:
    hsm.ec("mot")
    hsm.rsa("hai")
    keys = load_keys({"a": [hsm.settings("mot")], "b": [hsm.settings("hai")]}, environment=ENVIRONMENT)
    assert keys["a"].signing(pki.NOW).sign(MESSAGE, algorithm=Algorithm.ES256)
    assert keys["b"].signing(pki.NOW).sign(MESSAGE, algorithm=Algorithm.RS256)


# The library tells of the search that the loss interrupted when it throws it away.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_lost_session_is_opened_again(hsm: SoftHsm) -> None:
    hsm.ec("ky")
    key = loaded(hsm.settings("ky"))
    hsm.restart()
    assert len(key.sign(MESSAGE, algorithm=Algorithm.ES256)) == 64


def test_a_key_that_can_be_taken_out_is_refused(hsm: SoftHsm) -> None:
    """SEC-18"""
    hsm.rsa("ky", EXTRACTABLE=True)
    with pytest.raises(ConfigurationError) as caught:
        loaded(hsm.settings("ky"))
    assert caught.value.error_code == "operator.hsm_exportable"


def test_a_weak_key_is_refused(hsm: SoftHsm) -> None:
    """SIG-12"""
    hsm.rsa("ky", bits=1024)
    with pytest.raises(ConfigurationError) as caught:
        loaded(hsm.settings("ky"))
    assert caught.value.error_code == "operator.weak_key"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"label": "khac"}, "operator.hsm"),
        ({"token": "khac"}, "operator.hsm"),
        ({"module": Path("/nonexistent/hsm.so")}, "operator.hsm"),
        ({"pin_env": ""}, "operator.key"),
        ({"pin_env": "UNSET"}, "operator.key_password"),
        ({"label": ""}, "operator.key"),
    ],
)
def test_what_is_missing_is_named(hsm: SoftHsm, changes: dict[str, object], code: str) -> None:
    hsm.ec("ky")
    with pytest.raises(ConfigurationError) as caught:
        loaded(hsm.settings(**{"label": "ky", **changes}))
    assert caught.value.error_code == code


def test_a_wrong_pin_is_tried_once_and_not_told(hsm: SoftHsm) -> None:
    """SEC-18"""
    hsm.ec("ky")
    with pytest.raises(ConfigurationError) as caught:
        load_keys({"tinh": [hsm.settings("ky")]}, environment={"HSM_PIN": "wrong-4321"})
    assert caught.value.error_code == "operator.hsm_pin"
    assert "4321" not in f"{caught.value!r} {caught.value.detail} {caught.value.detail_vi}"


def test_nothing_of_it_is_shown(hsm: SoftHsm) -> None:
    """SEC-18"""
    hsm.ec("ky")
    assert PIN not in repr(loaded(hsm.settings("ky")))


def kek(hsm: SoftHsm, label: str = "kek") -> HsmKek:
    return open_kek(hsm.settings(label), where="keys.kek", environment=ENVIRONMENT)


def test_a_key_is_wrapped_and_unwrapped_on_the_token(hsm: SoftHsm) -> None:
    hsm.aes("kek")
    own, data_key, nonce = kek(hsm), bytes(range(32)), bytes(12)
    wrapped = own.wrap(data_key, nonce=nonce, bound=b"body")
    assert data_key not in wrapped
    assert len(wrapped) == 48
    assert len(own.id) == 8
    hsm.restart()
    assert kek(hsm).unwrap(wrapped, nonce=nonce, bound=b"body") == data_key


def test_what_was_altered_or_bound_to_something_else_does_not_unwrap(hsm: SoftHsm) -> None:
    hsm.aes("kek")
    hsm.aes("khac")
    own, nonce = kek(hsm), bytes(12)
    wrapped = own.wrap(bytes(32), nonce=nonce, bound=b"body")
    for broken, bound in [(wrapped[:-1] + bytes([wrapped[-1] ^ 1]), b"body"), (wrapped, b"other"), (b"short", b"body")]:
        with pytest.raises(IntegrityError):
            own.unwrap(broken, nonce=nonce, bound=bound)
    with pytest.raises(IntegrityError):
        kek(hsm, "khac").unwrap(wrapped, nonce=nonce, bound=b"body")
    assert own.unwrap(wrapped, nonce=nonce, bound=b"body") == bytes(32)


@pytest.mark.parametrize("template", [{"bits": 128}, {"EXTRACTABLE": True}])
def test_a_wrapping_key_is_large_and_stays(hsm: SoftHsm, template: dict[str, int]) -> None:
    hsm.aes("kek", **template)
    with pytest.raises(ConfigurationError):
        kek(hsm)
