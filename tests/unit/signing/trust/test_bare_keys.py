"""Partners' keys without certificates, and the secret that two sides share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from trust_house import NOW, TrustHouse

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.keys import load_keys
from gateway.signing.settings import KeySettings
from mocks._kit import pki

SECRET = "made-up-secret-of-40-bytes-aaaaaaaaaaaaa"
ALONE: dict[str, Any] = {"roots": (), "names": ()}


@pytest.fixture
def house(tmp_path: Path) -> TrustHouse:
    return TrustHouse(tmp_path)


def public(key: pki.PrivateKey, path: Path) -> Path:
    path.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return path


def jwks(path: Path, *members: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"keys": members}))
    return path


@pytest.mark.parametrize("kind", ["p256", "p384", "ed25519", "rsa2048"])
def test_a_key_is_found_by_its_kid_in_a_file_or_a_set(house: TrustHouse, kind: str) -> None:
    key, other = pki.new_key(kind), pki.new_key(kind)
    importers = {"p256": ECKey, "p384": ECKey, "ed25519": OKPKey, "rsa2048": RSAKey}
    member = importers[kind].import_key(other.public_key()).as_dict(private=False) | {"kid": "in-set"}  # type: ignore[attr-defined]  # each has it
    trust = house.trust(
        **ALONE,
        public_keys={"in-file": public(key, house.folder / "key.pem")},
        jwks=jwks(house.folder / "jwks.json", member),
    )
    assert trust.public_key("in-file", at=NOW) == key.public_key()
    assert trust.public_key("in-set", at=NOW) == other.public_key()
    with pytest.raises(TrustError) as caught:
        trust.public_key("elsewhere", at=NOW)
    assert caught.value.error_code == "security.unknown_key"


def private_member() -> dict[str, Any]:
    return ECKey.generate_key("P-256").as_dict(private=True) | {"kid": "a"}


def shared_member() -> dict[str, Any]:
    return OctKey.generate_key(256).as_dict(private=True) | {"kid": "a"}


def weak_member() -> dict[str, Any]:
    return ECKey.generate_key("P-521").as_dict(private=False) | {"kid": "a"}


def nameless_member() -> dict[str, Any]:
    found = ECKey.generate_key("P-256").as_dict(private=False)
    return {name: value for name, value in found.items() if name != "kid"}


@pytest.mark.parametrize("made", [private_member, shared_member, weak_member, nameless_member, dict])
def test_a_set_with_a_secret_a_weak_or_a_nameless_key_is_refused(house: TrustHouse, made: Any) -> None:
    """SIG-12"""
    with pytest.raises(ConfigurationError, match=r"trust\.c06\.jwks"):
        house.trust(**ALONE, jwks=jwks(house.folder / "jwks.json", made()))


def test_a_weak_or_unreadable_key_file_is_refused(house: TrustHouse) -> None:
    """SIG-12"""
    weak = public(pki.new_key("rsa1024"), house.folder / "weak.pem")
    for path in (weak, house.folder / "missing.pem"):
        with pytest.raises(ConfigurationError, match=r"trust\.c06\.public_keys\.a"):
            house.trust(**ALONE, public_keys={"a": path})


def test_a_shared_secret_is_found_by_its_kid(house: TrustHouse) -> None:
    keys = load_keys({"chung": [KeySettings(source="secret", password_env="S", kid="k1")]}, environment={"S": SECRET})
    trust = house.trust(**ALONE, keys=keys, secret="chung")
    assert trust.secret(at=NOW).kid == "k1"
    assert trust.secret("k1", at=NOW).kid == "k1"
    with pytest.raises(TrustError):
        trust.secret("k2", at=NOW)


def test_no_public_key_is_ever_a_secret(house: TrustHouse) -> None:
    """SIG-12"""
    own = KeySettings(source="pem", path=pki.self_signed("x").write_pem(house.folder / "x"))
    keys = load_keys({"x": [own]}, environment={})
    for trust in (house.trust(**ALONE), house.trust(**ALONE, keys=keys, secret="x")):
        with pytest.raises(TrustError):
            trust.secret(at=NOW)
