"""Certificates inside XML: a BinarySecurityToken with a KeyInfo that leads to it (X.509 token profile), or X509Data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.foreign import unsafe_certificate
from gateway.signing.model import SigningKey
from gateway.signing.xml.names import BASE64, PKI_PATH, TOKEN_TYPE, X509_V3, ds, wsse, wsu
from gateway.signing.xml.tree import Element, child, octets64, plain64, refuse, text64

MOST_CERTIFICATES = 10
LONGEST_TOKEN = 65_536
"""Letters of base64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a message says of its signer: believed only when `Trust.check` says so."""

    certificate: x509.Certificate
    chain: Sequence[x509.Certificate]


class _Path(core.SequenceOf):  # type: ignore[misc]  # asn1crypto is untyped
    _child_spec = core.Any


def add_token(security: Element, key: SigningKey, *, path: bool, id: str) -> Element:  # noqa: A002 - an XML Id
    """`path`: the whole chain as X509PKIPathv1, for partners who do not hold our intermediates."""
    names = {wsu("Id"): id, "EncodingType": BASE64, "ValueType": PKI_PATH if path else X509_V3}
    return child(security, wsse("BinarySecurityToken"), text64(token_value(key, path=path)), **names)


def token_value(key: SigningKey, *, path: bool) -> bytes:
    der = [certificate.public_bytes(Encoding.DER) for certificate in (own_certificate(key), *key.chain)]
    # A PKIPath begins at the root's side and ends with the holder (X.509, 7.3).
    return _Path([core.Any.load(one) for one in reversed(der)]).dump() if path else der[0]


def own_certificate(key: SigningKey) -> x509.Certificate:
    if key.certificate is None:
        raise ConfigurationError(
            "XML is signed with a certificate, and this key has none.",
            vi="Ký XML cần chứng thư số, nhưng khoá này không có.",
            what="key",
        )
    return key.certificate


def add_token_reference(signature: Element, *, token: str, path: bool) -> None:
    key_info = child(signature, ds("KeyInfo"))
    reference = child(key_info, wsse("SecurityTokenReference"))
    if path:
        reference.set(TOKEN_TYPE, PKI_PATH)  # WS-I Basic Security Profile 1.1; WSS4J insists
    child(reference, wsse("Reference"), URI=f"#{token}", ValueType=PKI_PATH if path else X509_V3)


def read_token(token: Element, *, key_info: Element) -> Brought:
    """`TrustError` unless KeyInfo leads to this token and nowhere else."""
    reference = key_info[0][0] if len(key_info) == 1 and len(key_info[0]) == 1 else None
    if reference is None or reference.tag != wsse("Reference") or key_info[0].tag != wsse("SecurityTokenReference"):
        refuse("The signature does not name its certificate.", vi="Chữ ký không chỉ rõ chứng thư số.")
    if reference.get("URI") != f"#{token.get(wsu('Id'))}" or reference.get("ValueType", "") not in {
        "",
        token.get("ValueType"),
    }:
        refuse("The signature names another certificate.", vi="Chữ ký chỉ tới chứng thư số khác.")
    return brought(token)


def brought(token: Element) -> Brought:
    """The certificates of a token, as they say."""
    kind = token.get("ValueType")
    if kind != X509_V3 and (kind != PKI_PATH or token.get("EncodingType", BASE64) != BASE64):
        refuse("The certificate's form is not accepted.", vi="Dạng chứng thư số không được chấp nhận.")
    return _of_token(_not_too_long(plain64(token)), is_path=kind == PKI_PATH)


@lru_cache(maxsize=256)
def _of_token(text: str, *, is_path: bool) -> Brought:
    """Partners bring the same one with each message; what cannot be read is read anew each time."""
    value = octets64(text)
    if not is_path:
        return _ordered([value])
    try:
        return _ordered([one.dump() for one in reversed(list(_Path.load(value, strict=True)))])
    except (ValueError, TypeError) as exc:
        raise TrustError("The certificate cannot be read.", vi="Không đọc được chứng thư số.") from exc


def add_x509_data(signature: Element, key: SigningKey, *, id: str = "") -> Element:  # noqa: A002 - an XML Id
    key_info = child(signature, ds("KeyInfo"))
    if id:
        key_info.set("Id", id)
    x509_data = child(key_info, ds("X509Data"))
    for certificate in (own_certificate(key), *key.chain):
        child(x509_data, ds("X509Certificate"), text64(certificate.public_bytes(Encoding.DER)))
    return key_info


def read_x509_data(key_info: Element) -> Brought:
    """The holder's certificate first, as everybody writes it. Issuer and serial beside it are not looked at."""
    found = key_info.findall(f"{ds('X509Data')}/{ds('X509Certificate')}")
    if not found:
        refuse("The signature brings no certificate.", vi="Chữ ký không kèm chứng thư số.")
    return _of_data(tuple(_not_too_long(plain64(element)) for element in found[: MOST_CERTIFICATES + 1]))


@lru_cache(maxsize=256)
def _of_data(texts: tuple[str, ...]) -> Brought:
    return _ordered([octets64(text) for text in texts])


def _not_too_long(text: str) -> str:
    """What a stranger brings is kept, so it is bounded."""
    if len(text) > LONGEST_TOKEN:
        refuse("The certificate is too large.", vi="Chứng thư số kèm theo quá lớn.")
    return text


def _ordered(values: Sequence[bytes]) -> Brought:
    if not 1 <= len(values) <= MOST_CERTIFICATES:
        refuse("The message brings too many certificates, or none.", vi="Số chứng thư số kèm theo không hợp lệ.")
    try:
        certificates = [unsafe_certificate(value) for value in values]
    except Exception as exc:  # the parser of foreign bytes raises what it likes
        raise TrustError("The certificate cannot be read.", vi="Không đọc được chứng thư số.") from exc
    return Brought(certificate=certificates[0], chain=certificates[1:])
