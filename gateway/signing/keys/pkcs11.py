"""Keys that never leave an HSM (PKCS#11): RSA and EC ones that sign, and an AES one that wraps other keys."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pkcs11 import MGF, Attribute, GCMParams, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import EncryptedDataInvalid, EncryptedDataLenRange, FunctionFailed, GeneralError, NoSuchKey
from pkcs11.util.ec import encode_ec_public_key
from pkcs11.util.rsa import encode_rsa_public_key

from gateway.sdk.errors import ConfigurationError, IntegrityError
from gateway.signing.algorithms import Algorithm
from gateway.signing.certificates import read_certificates
from gateway.signing.keys.files import matched
from gateway.signing.keys.software import DIGESTS, NamedKey, NotShown, require_fit, require_strong
from gateway.signing.keys.token import HsmToken
from gateway.signing.model import PublicKey
from gateway.signing.settings import KeySettings

_RSA = {
    Algorithm.RS256: Mechanism.SHA256_RSA_PKCS,
    Algorithm.RS384: Mechanism.SHA384_RSA_PKCS,
    Algorithm.RS512: Mechanism.SHA512_RSA_PKCS,
    Algorithm.PS256: Mechanism.SHA256_RSA_PKCS_PSS,
}
_PSS = (Mechanism.SHA256, MGF.SHA256, 32)
_TAG_BITS = 128


class HsmKey(NamedKey):
    """Implements `SigningKey`."""

    __slots__ = ("_label", "_token")

    def __init__(self, token: HsmToken, label: str, *, public: PublicKey, kid: str = "") -> None:
        self._token = token
        self._label = label
        super().__init__(public, kid=kid)

    def certified(self, certificates: Sequence[x509.Certificate], *, where: str) -> HsmKey:
        """This key, with those of the certificates that are its own."""
        self._certificate, self._chain = matched(self._public, certificates, where=where)
        return self

    def sign(self, message: bytes, *, algorithm: Algorithm) -> bytes:
        """Of ECDSA, only the hash goes to the HSM: few of them hash by themselves."""
        require_fit(algorithm, self.algorithms)
        if isinstance(self._public, RSAPublicKey):
            said: dict[str, Any] = {"mechanism": _RSA[algorithm]}
            if algorithm is Algorithm.PS256:
                said["mechanism_param"] = _PSS
            content = message
        else:
            said = {"mechanism": Mechanism.ECDSA}
            content = hashlib.new(DIGESTS[algorithm].name, message).digest()
        return self._token.with_session(lambda session: bytes(_private(session, self._label).sign(content, **said)))


class HsmKek(NotShown):
    """Implements `KeyEncryptionKey` (`gateway.signing.kek`) with AES-256-GCM inside the HSM."""

    __slots__ = ("_id", "_label", "_token")

    def __init__(self, token: HsmToken, label: str) -> None:
        """A new key wants a new label: the id is of the names, since nothing of the key itself can be read."""
        self._token = token
        self._label = label
        self._id = hashlib.sha256(f"lienthong hsm kek id\n{token.label}\n{label}".encode()).digest()[:8]

    def __repr__(self) -> str:
        return f"HsmKek(id='{self._id.hex()}')"

    @property
    def id(self) -> bytes:
        return self._id

    def wrap(self, key: bytes, *, nonce: bytes, bound: bytes) -> bytes:
        """Ciphertext and tag, 16 bytes longer than `key`."""
        said = {"mechanism": Mechanism.AES_GCM, "mechanism_param": GCMParams(nonce, bound, _TAG_BITS)}
        return self._token.with_session(lambda session: bytes(_aes(session, self._label).encrypt(key, **said)))

    def unwrap(self, wrapped: bytes, *, nonce: bytes, bound: bytes) -> bytes:
        """`IntegrityError` unless each byte is as it was."""
        said = {"mechanism": Mechanism.AES_GCM, "mechanism_param": GCMParams(nonce, bound, _TAG_BITS)}

        def work(session: Any) -> bytes | None:
            aes = _aes(session, self._label)
            try:
                return bytes(aes.decrypt(wrapped, **said))
            except (EncryptedDataInvalid, EncryptedDataLenRange, GeneralError, FunctionFailed):
                return None  # tokens tell a wrong tag in several ways

        key = self._token.with_session(work)
        if key is None:
            raise IntegrityError(
                "A wrapped key was altered, or wrapped for another purpose.",
                vi="Khoá được bọc đã bị thay đổi hoặc được bọc cho mục đích khác.",
            )
        return key


def open_token(own: KeySettings, *, where: str, pin: str) -> HsmToken:
    missing = [name for name in ("module", "token", "label") if not getattr(own, name)]
    if missing or own.module is None:
        said = ", ".join(f"`{name}`" for name in missing)
        raise ConfigurationError(f"{where}: {said} missing.", vi=f"{where}: thiếu {said}.", what="key")
    return HsmToken(own.module, own.token, pin=pin, where=where)


def open_key(own: KeySettings, *, where: str, pin: str) -> HsmKey:
    """`ConfigurationError`: not there, weak, exportable, or not of its certificate."""
    token = open_token(own, where=where, pin=pin)
    token.with_session(lambda session: _require_kept(_private(session, own.label), where=where).label)
    beside = list(read_certificates([own.certificate] if own.certificate else [], where=where))
    certificates = beside or token.with_session(lambda session: _certificates(session, own.label))
    public = token.with_session(lambda session: _public(session, own.label, certificates, where=where))
    key = HsmKey(token, own.label, public=require_strong(public), kid=own.kid).certified(certificates, where=where)
    _require_pair(key, where=where)
    return key


def open_kek(own: KeySettings, *, where: str, environment: Mapping[str, str]) -> HsmKek:
    """`ConfigurationError`: not there, not AES-256, or exportable."""
    token = open_token(own, where=where, pin=environment.get(own.pin_env, ""))
    bits = token.with_session(lambda session: _require_kept(_aes(session, own.label), where=where).key_length)
    if bits != 256:
        raise ConfigurationError(
            f"{where}: the key that wraps others must be AES-256.",
            vi=f"{where}: khoá bọc khoá phải là AES-256.",
            what="weak_key",
        )
    return HsmKek(token, own.label)


def _private(session: Any, label: str) -> Any:
    return session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=label)


def _aes(session: Any, label: str) -> Any:
    return session.get_key(object_class=ObjectClass.SECRET_KEY, key_type=KeyType.AES, label=label)


def _require_kept(key: Any, *, where: str) -> Any:
    """The key. An HSM that would hand the key out is none."""
    if key[Attribute.EXTRACTABLE] or not key[Attribute.SENSITIVE]:
        raise ConfigurationError(
            f"{where}: the key can be taken out of the HSM; make another one that is sensitive and not extractable.",
            vi=f"{where}: khoá này lấy được ra khỏi HSM; hãy tạo khoá mới không cho trích xuất.",
            what="hsm_exportable",
        )
    return key


def _certificates(session: Any, label: str) -> list[x509.Certificate]:
    said = {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.LABEL: label}
    try:
        return [x509.load_der_x509_certificate(bytes(one[Attribute.VALUE])) for one in session.get_objects(said)]
    except ValueError:
        return []


def _public(session: Any, label: str, certificates: Sequence[x509.Certificate], *, where: str) -> object:
    """Of the token, or of the first certificate; whether it is this key's is tried out."""
    try:
        found = session.get_key(object_class=ObjectClass.PUBLIC_KEY, label=label)
    except NoSuchKey:
        if certificates:
            return certificates[0].public_key()
        raise ConfigurationError(
            f"{where}: the token holds no public key and no certificate beside it; set `certificate`.",
            vi=f"{where}: token không có khoá công khai hay chứng thư số đi kèm; hãy đặt `certificate`.",
            what="key",
        ) from None
    encode = encode_rsa_public_key if found.key_type is KeyType.RSA else encode_ec_public_key
    return serialization.load_der_public_key(encode(found))


def _require_pair(key: HsmKey, *, where: str) -> None:
    """The token signs, and the public key verifies: at start, not at the first message."""
    probe, public = b"lienthong: does this key belong to its certificate?", key.public_key
    algorithm = next(iter(key.algorithms - {Algorithm.PS256, Algorithm.RS384, Algorithm.RS512}))
    signature = key.sign(probe, algorithm=algorithm)
    try:
        if isinstance(public, RSAPublicKey):
            public.verify(signature, probe, PKCS1v15(), DIGESTS[algorithm])
        elif isinstance(public, EllipticCurvePublicKey):
            half = len(signature) // 2
            r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
            public.verify(encode_dss_signature(r, s), probe, ECDSA(DIGESTS[algorithm]))
    except InvalidSignature:
        raise ConfigurationError(
            f"{where}: key and certificate do not belong together.",
            vi=f"{where}: khoá và chứng thư số không phải một cặp.",
            what="key",
        ) from None
