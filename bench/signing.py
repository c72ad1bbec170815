"""What it costs to sign a request and to verify its reply, scheme by scheme, beside what cannot be saved.

    .venv/bin/python bench/signing.py [--messages 40] [--rounds 7] [--only wsse] [--write docs]

In one process, without network and database: the safeguard of a rule signs a request, a partner with keys of its own
answers it under its signature, and the safeguard reads that. Each way has its pair beside it in the same round: a bare
loop that only makes and checks the same signatures (for SOAP: fills a byte template, canonicalises with lxml, hashes,
and trusts everybody), libxmlsec's own signing and verifying, and the operation of the key alone. CPU of the process in
microseconds a message; medians of rounds in turns. Every message that is signed is checked by the partner. `--write`:
the table of performance.md in that folder.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import secrets
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import result
import xmlsec
from comparison import running
from comparison.commit import origin
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from curving import page
from lxml import etree
from result import RESULTS

from gateway.exchange.safeguards import Layer, Safeguard
from gateway.sdk import InboundRequest, TransientRemoteError, WireReply, WireRequest
from gateway.signing.certificates import thumbprint
from gateway.signing.keys import load_keys
from gateway.signing.schemes import protection
from gateway.signing.settings import Domain, KeySettings, ProtectionSettings, TrustSettings
from gateway.signing.trust import load_trust
from mocks._kit import pki

URL = "https://csdlqg.example.vn/ws"
REQUEST = (
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    '<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/"><soap-env:Header/><soap-env:Body>'
    '<ns0:TraCuu xmlns:ns0="urn:vn:dancu"><ns0:soDinhDanh>099185000001</ns0:soDinhDanh><ns0:hoTen>Trần Thị Mẫu'
    "</ns0:hoTen><ns0:ngaySinh>1985-06-15</ns0:ngaySinh><ns0:maCanBo>canbo.mau</ns0:maCanBo></ns0:TraCuu>"
    "</soap-env:Body></soap-env:Envelope>"
).encode()
_FIELDS = "".join(f"<q:truong{n}>Giá trị thứ {n} của bản ghi</q:truong{n}>" for n in range(24))
REPLY = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header/><s:Body>'
    f'<q:KetQua xmlns:q="urn:vn:dancu"><q:hoTen>Trần Thị Mẫu</q:hoTen>{_FIELDS}</q:KetQua></s:Body></s:Envelope>'
).encode()
JSON = b'{"enterprise_code":"9900000016","fields":[' + b",".join(b'"truong %d"' % n for n in range(60)) + b"]}"
SCHEMES: dict[str, dict[str, Any]] = {
    "wsse-x509 RSA-2048": {"scheme": "wsse-x509", "kind": "rsa2048"},
    "wsse-x509 P-256": {"scheme": "wsse-x509", "kind": "p256"},
    "xmldsig RSA-2048": {"scheme": "xmldsig", "kind": "rsa2048"},
    "jws RSA-2048": {"scheme": "jws", "kind": "rsa2048", "options": {"algorithm": "RS256"}},
    "jws P-256": {"scheme": "jws", "kind": "p256"},
    "http-signature P-256": {"scheme": "http-signature", "kind": "p256"},
    "hmac": {"scheme": "hmac", "kind": "p256"},
}
SHARED, WORD = "chung", secrets.token_hex(32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=40, help="of each kind in a round")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default="", help="schemes whose name holds this; nothing is written then")
    parser.add_argument("--write", type=Path, default=RESULTS, help="folder for signing.json, performance.md")
    options = parser.parse_args()
    head = result.head()
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, dict[str, list[float]]] = {}
        pairs = [Pair(name, Path(folder), messages=options.messages) for name in SCHEMES if options.only in name]
        for pair in pairs:
            asyncio.run(pair.meet())
        for number in range(options.rounds + 1):
            for pair in pairs:
                for step, took in pair.round().items():
                    if number:  # the first one warms
                        found.setdefault(pair.name, {}).setdefault(step, []).append(took)
    print(f"{'µs of CPU a message':<24}{'':<22} {'sign':>8} {'verify':>8} {'both':>8}")
    for name, steps in found.items():
        for who in sorted({step.partition("/")[0] for step in steps}, key=WHO.index):
            sign, verify = (median(steps[f"{who}/{part}"]) for part in ("sign", "verify"))
            print(f"{name:<24}{who:<22} {sign:>8.0f} {verify:>8.0f} {sign + verify:>8.0f}")
    if not options.only:
        told = {
            **head,
            "load_after": running.load_now(),
            "options": {"rounds": options.rounds, "messages": options.messages},
            "schemes": {name: {step: median(took) for step, took in steps.items()} for name, steps in found.items()},
        }
        result.write(options.write / "signing.json", told)
        page.fill(options.write, {"signing": table(told)}, name=page.PERFORMANCE)


def table(told: Mapping[str, Any]) -> str:
    """Of what goes out and comes back: our request, their reply."""
    options, shown = told["options"], ("gateway, outbound", *WHO[2:])
    lines = page.provisional(told, rounds=options["rounds"])
    lines += ["| µs of CPU: sign, verify | ours | bare loop | libxmlsec | the key alone |", "|---|---|---|---|---|"]
    for name, steps in told["schemes"].items():
        pairs = [(steps.get(f"{who}/sign"), steps.get(f"{who}/verify")) for who in shown]
        cells = ["" if sign is None else f"{sign:.0f}, {verify:.0f}" for sign, verify in pairs]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    said = f"load {told['load_before']} before and {told['load_after']} after"
    rounds = f"medians of {options['rounds']} rounds of {options['messages']} messages in turns"
    return "\n".join([*lines, "", f"{origin(told)}; {said}; {rounds}."])


WHO = ["gateway, outbound", "gateway, inbound", "bare loop", "libxmlsec", "key alone"]


class Pair:
    """A province and its partner under one rule, and the loops beside them."""

    def __init__(self, name: str, folder: Path, *, messages: int) -> None:
        self.name, self._messages = name, messages
        own = SCHEMES[name]
        ours, theirs = _party("Tỉnh Thử Nghiệm", own["kind"]), _party("CSDLQG (mẫu)", own["kind"])
        self.us, self.them = (_safeguard(own, us, them, folder / name) for us, them in ((ours, theirs), (theirs, ours)))
        self._is_soap = own["scheme"] == "wsse-x509"
        self._is_xml = self._is_soap or own["scheme"] == "xmldsig"
        self._bare = Bare(ours.key, theirs.key, ours.certificate) if own["scheme"] != "hmac" else None
        self._request = WireRequest(
            method="POST",
            url=URL,
            headers={"Content-Type": "text/xml; charset=utf-8" if self._is_xml else "application/json"},
            content=REQUEST if self._is_xml else JSON,
        )

    async def meet(self) -> None:
        """A message each way. What is not known of the other's certificate yet is asked for in a task of a loop, and
        the loops that are timed have none."""
        at = datetime.now(UTC)
        asked = self.us.sign(self._request, at=at)
        call = _inbound(asked)
        await self.them.read_request(call, at=at)
        await self.us.read(self.them.sign_reply(self._said, answers=call, at=at), answers=asked, at=at)

    @property
    def _said(self) -> WireReply:
        return WireReply(status=200, headers=self._request.headers, content=REPLY if self._is_xml else JSON)

    def round(self) -> dict[str, float]:
        at, said = datetime.now(UTC), self._said
        asked: list[WireRequest] = []
        spent = {"gateway, outbound/sign": self._timed(lambda _: asked.append(self.us.sign(self._request, at=at)))}
        calls = [_inbound(one) for one in asked]
        read = lambda n: _run(self.them.read_request(calls[n], at=at))  # noqa: E731 - one line
        spent["gateway, inbound/verify"] = self._timed(read)
        replies: list[WireReply] = []
        answer = lambda n: replies.append(self.them.sign_reply(said, answers=calls[n], at=at))  # noqa: E731
        spent["gateway, inbound/sign"] = self._timed(answer)
        take = lambda n: _run(self.us.read(replies[n], answers=asked[n], at=at))  # noqa: E731
        spent["gateway, outbound/verify"] = self._timed(take)
        if self._bare is not None:
            spent |= self._beside(self._bare)
        return spent

    def _beside(self, bare: Bare) -> dict[str, float]:
        signed: list[Any] = []
        spent = {
            "key alone/sign": self._timed(lambda _: signed.append(bare.sign(JSON))),
            "key alone/verify": self._timed(lambda n: bare.verify(JSON, signed[n])),
        }
        if not self._is_soap:
            return spent
        for who, make, check in (
            ("bare loop", bare.sign_soap, bare.verify_soap),
            ("libxmlsec", bare.sign_by_xmlsec, bare.verify_by_xmlsec),
        ):
            made: list[bytes] = []
            replies: list[bytes] = []
            spent[f"{who}/sign"] = self._timed(lambda _, make=make, made=made: made.append(make(REQUEST)))  # type: ignore[misc]  # bound now
            replies += [make(REPLY) for _ in range(self._messages)]
            spent[f"{who}/verify"] = self._timed(lambda n, check=check, replies=replies: check(replies[n]))  # type: ignore[misc]  # bound now
        return spent

    def _timed(self, work: Callable[[int], Any]) -> float:
        began = time.process_time()
        for number in range(self._messages):
            work(number)
        return (time.process_time() - began) / self._messages * 1e6


@dataclass(frozen=True)
class Party:
    """One side. The authority above it has a list of what it revoked, which is empty."""

    name: str
    authority: pki.Authority
    holder: pki.Holder

    @property
    def key(self) -> Any:
        return self.holder.key

    @property
    def certificate(self) -> x509.Certificate:
        return self.holder.certificate


def _party(name: str, kind: str) -> Party:
    authority = pki.root(f"CA của {name}", defaults=pki.Wanted(key=kind))
    return Party(name, authority, authority.issue(name))


def _safeguard(own: dict[str, Any], us: Party, them: Party, folder: Path) -> Safeguard:
    """By keys in a file; whom it believes is found by a path to a root, with a list of the revoked."""
    folder.mkdir(exist_ok=True)
    mine = us.holder.write_pem(folder / f"{us.name}.pem")
    root = pki.pem(them.authority.certificate)
    (folder / f"{them.name}-root.pem").write_bytes(root)
    (folder / f"{them.name}.crl").write_bytes(_list(them.authority))
    (folder / f"{them.name}.pub").write_bytes(
        them.key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    keys = load_keys(
        {"ours": [KeySettings(source="pem", path=mine)], SHARED: [KeySettings(source="secret", password_env="S")]},
        environment={"S": WORD},
    )
    scheme = own["scheme"]
    settings = TrustSettings(
        domain=Domain.TECHNICAL,
        roots=(folder / f"{them.name}-root.pem",),
        names=(them.name,),
        crls=(folder / f"{them.name}.crl",),
        public_keys={thumbprint(them.key.public_key()): folder / f"{them.name}.pub"},
        secret=SHARED if scheme == "hmac" else "",
    )
    trust = load_trust(
        {"theirs": settings}, keys=keys, fetch=_no_fetch, clock=lambda: datetime.now(UTC), alarm=_no_alarm
    )
    rule = ProtectionSettings(scheme=scheme, key="ours", trust="theirs", options=own.get("options", {}))
    made = protection(rule, keys=keys, trust=trust)
    return Safeguard([Layer(rule=rule, protection=made, trust=trust["theirs"])])


def _list(authority: pki.Authority) -> bytes:
    now = datetime.now(UTC)
    builder = x509.CertificateRevocationListBuilder().issuer_name(authority.certificate.subject)
    builder = builder.last_update(now).next_update(now.replace(year=now.year + 1))
    signed = builder.sign(authority.key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.DER)


async def _no_fetch(url: str, *, content: bytes | None = None, media_type: str = "") -> bytes:
    raise TransientRemoteError("nobody is asked")


async def _no_alarm(kind: str, about: str) -> None:
    raise SystemExit(f"{kind} about {about}")


def _inbound(request: WireRequest) -> InboundRequest:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return InboundRequest(
        method=request.method, path="ws", headers=headers, query={}, content=request.content, url=request.url
    )


def _run(work: Any) -> Any:
    """To its end without an event loop, which nothing here waits for."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise SystemExit("something waited")


DS, EXC = "http://www.w3.org/2000/09/xmldsig#", "http://www.w3.org/2001/10/xml-exc-c14n#"
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE, WSU = f"{OASIS}wssecurity-secext-1.0.xsd", f"{OASIS}wssecurity-utility-1.0.xsd"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


class Bare:
    """Signs and checks, and asks nothing: not who it was, nor when, nor whether it is the Body that is read."""

    def __init__(self, key: Any, theirs: Any, certificate: x509.Certificate) -> None:
        self._key, self._public = key, key.public_key()
        self._token = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER))
        self._is_rsa = isinstance(key, rsa.RSAPrivateKey)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._xmlsec = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)
        self._method = b"rsa-sha256" if self._is_rsa else b"ecdsa-sha256"

    def sign(self, message: bytes) -> bytes:
        if self._is_rsa:
            made: bytes = self._key.sign(message, padding.PKCS1v15(), hashes.SHA256())
            return made
        r, s = decode_dss_signature(self._key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def verify(self, message: bytes, signature: bytes) -> None:
        if self._is_rsa:
            self._public.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
            return
        pair = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        self._public.verify(pair, message, ec.ECDSA(hashes.SHA256()))

    def sign_soap(self, envelope: bytes) -> bytes:
        """The Body is taken to be canonical but for its Id."""
        start, end = envelope.index(b"Body>"), envelope.rindex(b"</")
        end = envelope.rindex(b"</", 0, end)
        prefix = envelope[envelope.rindex(b"<", 0, start) + 1 : start]
        inside = envelope[start + 5 : end]
        name = b"B-" + secrets.token_hex(8).encode()
        body = b'<%bBody xmlns:%b="%b" xmlns:wsu="%b" wsu:Id="%b">%b</%bBody>' % (
            prefix, prefix[:-1], SOAP.encode(), WSU.encode(), name, inside, prefix,
        )  # fmt: skip
        stamp = b'<wsu:Timestamp xmlns:wsu="%b" wsu:Id="T"><wsu:Created>%b</wsu:Created></wsu:Timestamp>' % (
            WSU.encode(),
            datetime.now(UTC).isoformat().encode(),
        )
        info = self._info((name, body), (b"T", stamp))
        value = base64.b64encode(self.sign(info))
        name, inner = prefix[:-1], stamp + self._signature(info, value)
        start = b'<%bEnvelope xmlns:%b="%b">' % (prefix, name, SOAP.encode())
        header = b'<%bHeader><wsse:Security xmlns:wsse="%b">%b</wsse:Security></%bHeader>'
        return start + header % (prefix, WSSE.encode(), inner, prefix) + body + b"</%bEnvelope>" % prefix

    def _info(self, *parts: tuple[bytes, bytes]) -> bytes:
        references = b"".join(
            b'<ds:Reference URI="#%b"><ds:Transforms><ds:Transform Algorithm="%b"></ds:Transform></ds:Transforms>'
            b'<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>'
            b"<ds:DigestValue>%b</ds:DigestValue></ds:Reference>"
            % (name, EXC.encode(), base64.b64encode(hashlib.sha256(part).digest()))
            for name, part in parts
        )
        return (
            b'<ds:SignedInfo xmlns:ds="%b"><ds:CanonicalizationMethod Algorithm="%b"></ds:CanonicalizationMethod>'
            b'<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#%b"></ds:SignatureMethod>%b'
            b"</ds:SignedInfo>" % (DS.encode(), EXC.encode(), self._method, references)
        )

    def _signature(self, info: bytes, value: bytes) -> bytes:
        return (
            b'<ds:Signature xmlns:ds="%b">%b<ds:SignatureValue>%b</ds:SignatureValue></ds:Signature>'
            b"<wsse:BinarySecurityToken>%b</wsse:BinarySecurityToken>" % (DS.encode(), info, value, self._token)
        )

    def verify_soap(self, content: bytes) -> None:
        root = etree.fromstring(content)
        header, body = root
        security = header[0]
        stamp, signature = security[0], security[1]
        for reference, part in zip(signature[0][2:], (body, stamp), strict=True):
            made = etree.tostring(part, method="c14n", exclusive=True)
            if base64.b64decode(reference[2].text or "") != hashlib.sha256(made).digest():
                raise SystemExit("a digest does not fit")
        info = etree.tostring(signature[0], method="c14n", exclusive=True)
        self.verify(info, base64.b64decode(signature[1].text or ""))

    def sign_by_xmlsec(self, envelope: bytes) -> bytes:
        root = etree.fromstring(envelope)
        header, body = root
        body.set(f"{{{WSU}}}Id", "B")
        security = etree.SubElement(header, f"{{{WSSE}}}Security")
        stamp = etree.SubElement(security, f"{{{WSU}}}Timestamp", {f"{{{WSU}}}Id": "T"})
        etree.SubElement(stamp, f"{{{WSU}}}Created").text = datetime.now(UTC).isoformat()
        k = xmlsec.constants
        method = k.TransformRsaSha256 if self._is_rsa else k.TransformEcdsaSha256
        signature = xmlsec.template.create(root, k.TransformExclC14N, method)
        context = xmlsec.SignatureContext()
        for part in (body, stamp):
            reference = xmlsec.template.add_reference(signature, k.TransformSha256, uri=f"#{part.get(f'{{{WSU}}}Id')}")
            xmlsec.template.add_transform(reference, k.TransformExclC14N)
            context.register_id(part, "Id", WSU)
        security.append(signature)
        context.key = self._xmlsec
        context.sign(signature)
        return etree.tostring(root)

    def verify_by_xmlsec(self, content: bytes) -> None:
        root = etree.fromstring(content)
        context = xmlsec.SignatureContext()
        for part in (root[1], root[0][0][0]):
            context.register_id(part, "Id", WSU)
        context.key = self._xmlsec
        context.verify(root[0][0][1])


if __name__ == "__main__":
    main()
