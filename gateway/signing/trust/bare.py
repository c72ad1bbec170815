"""Keys of partners that have no certificate: PEM by key id, or a JWK set."""

from __future__ import annotations

from pathlib import Path

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from gateway.sdk.errors import ConfigurationError
from gateway.signing.certificates import strong
from gateway.signing.model import PublicKey
from gateway.signing.settings import TrustSettings


def read_bare_keys(own: TrustSettings, *, where: str) -> dict[str, PublicKey]:
    """By kid. `ConfigurationError`: unreadable, weak, named twice, or secret."""
    found = {kid: _of_pem(path, where=f"{where}.public_keys.{kid}") for kid, path in own.public_keys.items()}
    if own.jwks is not None:
        for kid, key in _of_set(own.jwks, where=f"{where}.jwks"):
            if kid in found:
                raise _unreadable(f"{where}.jwks")
            found[kid] = key
    return found


def _of_pem(path: Path, *, where: str) -> PublicKey:
    try:
        key = strong(serialization.load_pem_public_key(path.read_bytes()))
    except (OSError, ValueError, UnsupportedAlgorithm) as exc:
        raise _unreadable(where) from exc
    if key is None:
        raise _unreadable(where)
    return key


def _of_set(path: Path, *, where: str) -> list[tuple[str, PublicKey]]:
    """A private or a shared key in it is refused: somebody handed us what only they may have."""
    from joserfc.errors import JoseError  # takes long to load, and few partners hand a set over
    from joserfc.jwk import ECKey, OKPKey, RSAKey

    kinds: dict[str, type[RSAKey] | type[ECKey] | type[OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
    found = []
    try:
        for jwk in orjson.loads(path.read_bytes())["keys"]:
            if "d" in jwk or "k" in jwk or not isinstance(jwk["kid"], str):
                raise _unreadable(where)
            key = strong(kinds[jwk["kty"]].import_key(jwk).public_key)
            if key is None:
                raise _unreadable(where)
            found.append((jwk["kid"], key))
    except (OSError, ValueError, KeyError, TypeError, JoseError):
        # `from None`: the parser's message may quote what it read.
        raise _unreadable(where) from None
    return found


def _unreadable(where: str) -> ConfigurationError:
    return ConfigurationError(
        f"{where}: no public keys that may be used, each with its own kid.",
        vi=f"{where}: không đọc được khoá công khai dùng được, mỗi khoá một `kid` riêng.",
        what="trust",
    )
