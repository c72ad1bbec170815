"""Time stamps at the mock of an authority: what is believed, what is not, and what other programs say of the same."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import rfc3161_client
from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from signing_parties import Believing

from gateway.sdk.errors import TransientRemoteError, TrustError
from gateway.sdk.wire import WireReply, WireRequest
from gateway.signing.stamps import Stamper, StampReader, granted_token, unsafe_certificates, verify_stamp
from mocks.tsa import authority
from mocks.tsa.app import ROOT, STAMP, create_app

AT = datetime.now().astimezone().replace(microsecond=0)
"""The programs beside us look at the machine's clock."""
MESSAGE = b"checkpoint of 2026-11-29"
URL = f"http://tsa.example{STAMP}"
OPENSSL = shutil.which("openssl") or "openssl"


@dataclass
class Roots(Believing):
    """Believes what one of these issued, in its time."""

    roots: list[x509.Certificate] = field(default_factory=list)
    asked: list[datetime] = field(default_factory=list)

    def check(self, certificate: x509.Certificate, chain: Any, *, at: datetime, stamps: bool = False) -> None:
        assert stamps
        self.asked.append(at)
        for root in self.roots:
            if _issued(certificate, root) and certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
                return
        raise TrustError("Not believed.", vi="Không tin.", what="certificate")


def _issued(certificate: x509.Certificate, root: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(root)
    except (ValueError, InvalidSignature):
        return False
    return True


@dataclass
class Way:
    """Into the mock, without a socket."""

    app: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: list[WireRequest] = field(default_factory=list)
    replies: list[bytes] = field(default_factory=list)

    async def send(self, request: WireRequest, **_: object) -> WireReply:
        self.sent.append(request)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://tsa.example") as client:
            reply = await client.request(
                request.method, request.url, headers={**request.headers, **self.headers}, content=request.content
            )
        self.replies.append(reply.content)
        return WireReply(status=reply.status_code, headers=dict(reply.headers), content=reply.content)


async def house(fault: str = "", *, clock: datetime = AT, **switches: object) -> tuple[Stamper, Way, Roots]:
    way = Way(create_app(switches, clock=lambda: clock))
    root = await way.send(WireRequest(method="GET", url=f"http://tsa.example{ROOT}"))
    trust = Roots(roots=[x509.load_pem_x509_certificate(root.content)])
    way.headers = {"X-Mock-Fault": fault} if fault else {}
    return Stamper(way, url=URL, trust=trust, clock=lambda: AT), way, trust


@pytest.fixture
async def stamped() -> tuple[bytes, Roots]:
    stamper, _, trust = await house()
    return await stamper.stamp(MESSAGE), trust


async def test_a_stamp_is_asked_for_and_verifies_offline() -> None:
    """SIG-05 (part)."""
    stamper, way, trust = await house()
    stamp = await stamper.stamp(MESSAGE)
    assert StampReader(trust, clock=lambda: AT).verify(stamp, MESSAGE) == stamper.verify(stamp, MESSAGE) == AT
    assert MESSAGE not in way.sent[-1].content
    assert [one.subject.rfc4514_string() for one in trust.learned] == ["CN=MOCK TSA,C=VN"]
    assert verify_stamp(stamp, message=MESSAGE, trust=trust, at=AT) == AT


async def test_a_stamp_holds_when_its_certificate_has_expired_since(stamped: tuple[bytes, Roots]) -> None:
    """SIG-06 (part): it is judged at the time that it names."""
    stamp, trust = stamped
    assert verify_stamp(stamp, message=MESSAGE, trust=trust, at=AT + timedelta(days=10_000)) == AT
    assert trust.asked[-1] == AT


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("refuse", "security.time_stamp"),
        ("wrong_imprint", "security.time_stamp"),
        ("wrong_nonce", "security.time_stamp"),
        ("no_purpose", "security.time_stamp"),
        ("of_the_future", "security.time_stamp"),
        ("of_the_past", "security.time_stamp"),
        ("expired_certificate", "security.certificate"),
        ("garbage", "security.time_stamp"),
        ("empty", "security.time_stamp"),
        ("truncated", "security.time_stamp"),
    ],
)
async def test_what_is_no_stamp_of_this_message_is_refused(fault: str, code: str) -> None:
    """SIG-04 (part), SIG-05 (part)."""
    stamper, _, _ = await house(fault)
    with pytest.raises(TrustError) as caught:
        await stamper.stamp(MESSAGE)
    assert caught.value.error_code == code


@pytest.mark.parametrize("fault", ["unavailable", "error", "html"])
async def test_an_authority_that_is_down_may_be_asked_again(fault: str) -> None:
    stamper, _, _ = await house(fault)
    with pytest.raises(TransientRemoteError) as caught:
        await stamper.stamp(MESSAGE)
    assert caught.value.error_code == "partner.unavailable"


async def test_an_authority_that_is_closed_refuses() -> None:
    stamper, _, _ = await house(closed=True)
    with pytest.raises(TrustError):
        await stamper.stamp(MESSAGE)


async def test_an_authority_that_nobody_trusts_is_refused(stamped: tuple[bytes, Roots]) -> None:
    """SIG-03 (part)."""
    stamp, _ = stamped
    _, _, others = await house()
    for trust in (others, Roots()):
        with pytest.raises(TrustError) as caught:
            verify_stamp(stamp, message=MESSAGE, trust=trust, at=AT)
        assert caught.value.error_code == "security.certificate"


def test_another_message_nonce_or_time_is_refused(stamped: tuple[bytes, Roots]) -> None:
    stamp, trust = stamped
    with pytest.raises(TrustError):
        verify_stamp(stamp, message=MESSAGE + b" ", trust=trust, at=AT)
    with pytest.raises(TrustError):
        verify_stamp(stamp, message=MESSAGE, trust=trust, at=AT, nonce=1)
    with pytest.raises(TrustError):
        verify_stamp(stamp, message=MESSAGE, trust=trust, at=AT - timedelta(hours=1))


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_any_bit_that_is_flipped_leaves_no_other_time(data: st.DataObject) -> None:
    """Some bytes of CMS are signed by nobody (its version, a certificate that is not used). Whatever is flipped, the
    stamp is refused or says the very same."""
    token, trust = _token()
    place, bit = data.draw(st.integers(0, len(token) - 1)), data.draw(st.integers(0, 7))
    flipped = token[:place] + bytes([token[place] ^ (1 << bit)]) + token[place + 1 :]
    try:
        assert verify_stamp(flipped, message=MESSAGE, trust=trust, at=AT) == AT
    except TrustError:
        return
    assert place not in _signed_places(token)


_KEPT: list[tuple[bytes, Roots]] = []


def _token() -> tuple[bytes, Roots]:
    if not _KEPT:
        stamper, _, trust = asyncio.run(house())
        _KEPT.append((asyncio.run(stamper.stamp(MESSAGE)), trust))
    return _KEPT[0]


def _signed_places(token: bytes) -> set[int]:
    """Where the TSTInfo, the signed attributes and the signature stand."""
    signed = cms.ContentInfo.load(token)["content"]
    signer = signed["signer_infos"][0]
    parts = (
        bytes(signed["encap_content_info"]["content"]),
        signer["signed_attrs"].contents,
        signer["signature"].native,
    )
    return {place for part in parts for place in range(token.index(part), token.index(part) + len(part))}


def _resigned(change: Any, *, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> bytes:
    """A token that its signer changed before signing."""
    asked = tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha256"},
                "hashed_message": hashlib.sha256(MESSAGE).digest(),
            },
            "nonce": 7,
        }
    )
    reply = authority.granted(asked, authority.Holder(key, certificate), serial=1, at=AT)
    response = tsp.TimeStampResp.load(reply)
    token = response["time_stamp_token"]
    change(token)
    return bytes(token.dump(force=True))


def _issuer(
    *purposes: x509.ObjectIdentifier, critical: bool = True
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Own")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(5).not_valid_before(AT - timedelta(days=1)).not_valid_after(AT + timedelta(days=1))
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(purposes)), critical=critical)
    return key, builder.sign(key, SHA256())


def _two_signers(token: Any) -> None:
    signed = token["content"]
    signed["signer_infos"].append(signed["signer_infos"][0].copy())


def _no_certificate(token: Any) -> None:
    token["content"]["certificates"] = []


def _other_content(token: Any) -> None:
    token["content"]["encap_content_info"]["content_type"] = "data"


def _weak_hash(token: Any) -> None:
    token["content"]["signer_infos"][0]["digest_algorithm"] = {"algorithm": "sha1"}


def _other_hash(token: Any) -> None:
    token["content"]["signer_infos"][0]["signature_algorithm"] = {"algorithm": "sha512_ecdsa"}


@pytest.mark.parametrize("change", [_two_signers, _no_certificate, _other_content, _weak_hash, _other_hash])
def test_a_token_of_another_shape_is_refused(change: Any) -> None:
    key, certificate = _issuer(ExtendedKeyUsageOID.TIME_STAMPING)
    trust = Roots(roots=[certificate])
    good = _resigned(lambda _: None, key=key, certificate=certificate)
    assert verify_stamp(good, message=MESSAGE, trust=trust, at=AT) == AT
    with pytest.raises(TrustError):
        verify_stamp(_resigned(change, key=key, certificate=certificate), message=MESSAGE, trust=trust, at=AT)


@pytest.mark.parametrize(
    ("purposes", "critical"),
    [
        ([], True),
        ([ExtendedKeyUsageOID.TIME_STAMPING], False),
        ([ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING], True),
        ([ExtendedKeyUsageOID.CODE_SIGNING], True),
        ([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE], True),
    ],
)
def test_a_certificate_that_is_for_anything_else_gives_no_stamps(purposes: list[Any], critical: bool) -> None:
    """RFC 3161, 2.3."""
    key, certificate = _issuer(*purposes, critical=critical)
    token = _resigned(lambda _: None, key=key, certificate=certificate)
    with pytest.raises(TrustError) as caught:
        verify_stamp(token, message=MESSAGE, trust=Roots(roots=[certificate]), at=AT)
    assert caught.value.error_code == "security.time_stamp"


@pytest.mark.parametrize("content", [b"", b"\x30\x00", b"\xff" * 40, b"x" * 70_000, b"\x30\x03\x02\x01\x00"])
def test_what_is_no_token_is_refused(content: bytes) -> None:
    for read in (lambda: granted_token(content), lambda: unsafe_certificates(content)):
        with pytest.raises(TrustError):
            read()


async def test_the_library_agrees() -> None:
    """rfc3161-client, with roots and clock of its own."""
    stamper, way, trust = await house()
    await stamper.stamp(MESSAGE)
    verifier = rfc3161_client.VerifierBuilder().add_root_certificate(trust.roots[0]).build()
    response = rfc3161_client.decode_timestamp_response(way.replies[-1])
    assert verifier.verify_message(response, MESSAGE)
    with pytest.raises(rfc3161_client.VerificationError):
        verifier.verify_message(response, b"another")


def test_openssl_verifies_what_we_keep(stamped: tuple[bytes, Roots], tmp_path: Path) -> None:
    stamp, trust = stamped
    for name, content in (
        ("token", stamp),
        ("message", MESSAGE),
        ("root.pem", trust.roots[0].public_bytes(Encoding.PEM)),
    ):
        (tmp_path / name).write_bytes(content)
    command = ["ts", "-verify", "-token_in", "-in", "token", "-data", "message", "-CAfile", "root.pem"]
    done = subprocess.run([OPENSSL, *command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verification: OK" in done.stdout, done.stderr


CONFIGURATION = """
[tsa]
default_tsa = one
[one]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 2.999.1
digests = sha256
ess_cert_id_alg = sha256
"""


def test_we_verify_what_openssl_stamps(tmp_path: Path) -> None:
    key, certificate = _issuer(ExtendedKeyUsageOID.TIME_STAMPING)
    asked = rfc3161_client.TimestampRequestBuilder().data(MESSAGE)
    asked = asked.hash_algorithm(rfc3161_client.HashAlgorithm.SHA256)
    query = asked.build()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for name, content in (
        ("tsa.pem", certificate.public_bytes(Encoding.PEM)),
        ("tsa.key", pem),
        ("serial", b"01\n"),
        ("tsa.cnf", CONFIGURATION.encode()),
        ("query", query.as_bytes()),
    ):
        (tmp_path / name).write_bytes(content)
    command = ["ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply"]
    done = subprocess.run([OPENSSL, *command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    token = granted_token((tmp_path / "reply").read_bytes())
    trust = Roots(roots=[certificate])
    now = datetime.now().astimezone()  # openssl has a clock of its own
    made = verify_stamp(token, message=MESSAGE, trust=trust, at=now, nonce=query.nonce)
    assert abs(made - now) < timedelta(minutes=5)
    assert unsafe_certificates(token) == [certificate]
