"""Keys in files: PKCS#12 and PEM. The file is ours alone (0600), and key and certificate belong together."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12

from gateway.sdk.errors import ConfigurationError
from gateway.signing.certificates import is_self_issued, read_certificates, spki
from gateway.signing.keys.software import SoftwareKey, require_strong
from gateway.signing.model import PublicKey
from gateway.signing.settings import KeySettings

_BEGIN_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"


def from_pkcs12(own: KeySettings, *, where: str, password: bytes | None) -> SoftwareKey:
    content = _private(own.path, where=where)
    try:
        key, first, others = pkcs12.load_key_and_certificates(content, password)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # `from None`: the reader's message may quote what it read.
        _unreadable(where)
    certificates = [*([first] if first else []), *others]
    return _joined(key, certificates, where=where, kid=own.kid)


def from_pem(own: KeySettings, *, where: str, password: bytes | None) -> SoftwareKey:
    content = _private(own.path, where=where)
    try:
        key = serialization.load_pem_private_key(content, password)
        beside = x509.load_pem_x509_certificates(content) if _BEGIN_CERTIFICATE in content else []
    except (ValueError, TypeError, UnsupportedAlgorithm):
        _unreadable(where)
    certificates = [*beside, *read_certificates([own.certificate] if own.certificate else [], where=where)]
    return _joined(key, certificates, where=where, kid=own.kid)


def matched(
    public: PublicKey, certificates: Iterable[x509.Certificate], *, where: str
) -> tuple[x509.Certificate | None, Sequence[x509.Certificate]]:
    """The certificate of this key and, apart, the intermediates. `ConfigurationError`: there are some, and none of
    them is this key's."""
    given = list(certificates)
    own = next((one for one in given if _holds(one, public)), None)
    if given and own is None:
        raise ConfigurationError(
            f"{where}: key and certificate do not belong together.",
            vi=f"{where}: khoá và chứng thư số không phải một cặp.",
            what="key",
        )
    return own, tuple(one for one in given if one is not own and not is_self_issued(one))


def _holds(certificate: x509.Certificate, public: PublicKey) -> bool:
    try:
        return spki(certificate.public_key()) == spki(public)  # type: ignore[arg-type]  # any kind of key has a DER
    except (ValueError, UnsupportedAlgorithm):
        return False


def _joined(key: object, certificates: Sequence[x509.Certificate], *, where: str, kid: str) -> SoftwareKey:
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey):
        raise ConfigurationError(
            f"{where}: there is no key, or one of a kind that is not used.",
            vi=f"{where}: không có khoá, hoặc loại khoá không được dùng.",
            what="key",
        )
    own, chain = matched(require_strong(key.public_key()), certificates, where=where)
    return SoftwareKey(key, certificate=own, chain=chain, kid=kid)


def _private(path: Path | None, *, where: str) -> bytes:
    """The open file is asked who may read it, not the path: nobody can swap it in between (as `signing.keyfile`)."""
    if path is None:
        raise ConfigurationError(f"{where}: `path` is missing.", vi=f"{where}: thiếu `path`.", what="key")
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read()
    except OSError as exc:
        raise ConfigurationError(
            f"{where}: {path.name} cannot be read: {exc.strerror}.",
            vi=f"{where}: không đọc được {path.name}.",
            what="key",
        ) from exc
    if mode & 0o077:
        raise ConfigurationError(
            f"{where}: {path.name} may be read by others (mode {mode:04o}). Run: chmod 600, then replace the key.",
            vi=f"{where}: {path.name} đang cho người khác đọc (quyền {mode:04o}). Đặt lại quyền 600 rồi thay khoá.",
            what="key_mode",
        )
    return content


def _unreadable(where: str) -> NoReturn:
    raise ConfigurationError(
        f"{where}: the file is not of this kind, is damaged, or its password is another one.",
        vi=f"{where}: tệp sai loại, bị hỏng hoặc sai mật khẩu.",
        what="key",
    ) from None
