"""Signatures over bytes: joserfc makes and checks the same, and what is malformed is refused in our words."""

from __future__ import annotations

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from signing_parties import private_key

from gateway.sdk import TrustError
from gateway.signing.algorithms import Algorithm
from gateway.signing.web.raw import verify_bytes

KINDS = {
    Algorithm.RS256: "rsa2048", Algorithm.RS384: "rsa2048", Algorithm.RS512: "rsa2048", Algorithm.PS256: "rsa2048",
    Algorithm.ES256: "p256", Algorithm.ES384: "p384", Algorithm.EDDSA: "ed25519",
}  # fmt: skip
MESSAGE = "Nguyễn Thị Mẫu".encode()


def witness(algorithm: Algorithm) -> tuple[object, object]:
    """The algorithm as joserfc has it, and the key."""
    name = "Ed25519" if algorithm is Algorithm.EDDSA else algorithm.value
    key = private_key(KINDS[algorithm], "raw")
    kind = {"r": RSAKey, "p": ECKey, "e": OKPKey}[KINDS[algorithm][0]]
    return JWSRegistry(algorithms=[name]).get_alg(name), kind.import_key(key)


@pytest.mark.parametrize("algorithm", KINDS)
def test_what_joserfc_signs_holds_and_nothing_else_does(algorithm: Algorithm) -> None:
    made, key = witness(algorithm)
    signature = made.sign(MESSAGE, key)  # type: ignore[attr-defined]  # joserfc's
    public = private_key(KINDS[algorithm], "raw").public_key()
    verify_bytes(signature, MESSAGE, key=public, algorithm=algorithm)
    flipped = bytes([signature[0] ^ 1]) + signature[1:]
    for other in (flipped, signature[:-1], signature + b"\0", b"", bytes(len(signature))):
        with pytest.raises(TrustError) as caught:
            verify_bytes(other, MESSAGE, key=public, algorithm=algorithm)
        assert caught.value.error_code == "security.signature"
    with pytest.raises(TrustError):
        verify_bytes(signature, MESSAGE + b".", key=public, algorithm=algorithm)
    with pytest.raises(TrustError):
        verify_bytes(signature, MESSAGE, key=private_key(KINDS[algorithm], "other").public_key(), algorithm=algorithm)


@pytest.mark.parametrize("algorithm", KINDS)
def test_an_algorithm_of_another_kind_of_key_is_refused(algorithm: Algorithm) -> None:
    made, key = witness(algorithm)
    signature = made.sign(MESSAGE, key)  # type: ignore[attr-defined]  # joserfc's
    public = private_key(KINDS[algorithm], "raw").public_key()
    for other, kind in KINDS.items():
        if kind != KINDS[algorithm]:
            with pytest.raises(TrustError) as caught:
                verify_bytes(signature, MESSAGE, key=public, algorithm=other)
            assert caught.value.error_code == "security.algorithm"
