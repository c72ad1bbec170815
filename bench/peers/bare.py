"""The floor in Python: one bare protocol on uvloop that fills in a template, signs, sends, verifies and walks.

    python bare.py PORT

No framework, no schema, no errors worth the name: how fast Python can be, not how one should write it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import sys
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import uvloop
from common import (
    FIRM,
    GRANT,
    INIT,
    KEYS,
    NAMESPACE,
    OPERATION,
    TOKEN,
    TOKEN_HEADERS,
    UPSTREAM,
    VERIFY,
    Citizen,
    Enterprise,
    Payment,
    firm,
    init,
    opened,
    proof,
    question,
    verdict,
)
from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE, WSU = f"{OASIS}wssecurity-secext-1.0.xsd", f"{OASIS}wssecurity-utility-1.0.xsd"
DS, EXC = "http://www.w3.org/2000/09/xmldsig#", "http://www.w3.org/2001/10/xml-exc-c14n#"
NAMES = {"s": SOAP, "o": WSSE, "u": WSU, "d": DS, "dan": NAMESPACE}
SHA256, RSA = "http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
X509 = f"{OASIS}x509-token-profile-1.0#X509v3"
PLAIN = f'<s:Envelope xmlns:s="{SOAP}"><s:Header/><s:Body>{{}}</s:Body></s:Envelope>'
BODY = f'<s:Body xmlns:s="{SOAP}" xmlns:u="{WSU}" u:Id="B">{{}}</s:Body>'
STAMP = f'<u:Timestamp xmlns:u="{WSU}" u:Id="S"><u:Created>{{}}</u:Created><u:Expires>{{}}</u:Expires></u:Timestamp>'
REFERENCE = (
    f'<d:Reference URI="#{{}}"><d:Transforms><d:Transform Algorithm="{EXC}"></d:Transform></d:Transforms>'
    f'<d:DigestMethod Algorithm="{SHA256}"></d:DigestMethod><d:DigestValue>{{}}</d:DigestValue></d:Reference>'
)
INFO = (
    f'<d:SignedInfo xmlns:d="{DS}"><d:CanonicalizationMethod Algorithm="{EXC}"></d:CanonicalizationMethod>'
    f'<d:SignatureMethod Algorithm="{RSA}"></d:SignatureMethod>{{}}</d:SignedInfo>'
)
SECURED = (
    f'<s:Envelope xmlns:s="{SOAP}"><s:Header><o:Security xmlns:o="{WSSE}" xmlns:u="{WSU}">{{stamp}}'
    f'<o:BinarySecurityToken u:Id="T" EncodingType="{OASIS}soap-message-security-1.0#Base64Binary" ValueType="{X509}">'
    f'{{token}}</o:BinarySecurityToken><d:Signature xmlns:d="{DS}">{{info}}<d:SignatureValue>{{value}}'
    "</d:SignatureValue><d:KeyInfo><o:SecurityTokenReference>"
    f'<o:Reference URI="#T" ValueType="{X509}"/></o:SecurityTokenReference></d:KeyInfo></d:Signature></o:Security>'
    "</s:Header>{body}</s:Envelope>"
)
SIGNATURE = etree.XPath("/s:Envelope/s:Header/o:Security/d:Signature", namespaces=NAMES)
EXISTS = etree.XPath("string(dan:KetQuaXacThuc/dan:TonTai)", namespaces=NAMES)
MOMENT = "%Y-%m-%dT%H:%M:%SZ"

if KEYS:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    KEY: Any = load_pem_private_key((KEYS / "ours-key.pem").read_bytes(), password=None)
    THEIRS: Any = x509.load_pem_x509_certificate((KEYS / "theirs.pem").read_bytes()).public_key()
    BEARER = "".join((KEYS / "ours.pem").read_text().splitlines()[1:-1])


def elements(asked: Citizen) -> str:
    """The operation's element, in its own canonical form."""
    parts = question(asked)
    born = f"<dan:NgayThangNam>{parts.pop('NgayThangNamSinh')['NgayThangNam']}</dan:NgayThangNam>"
    texts = "".join(f"<dan:{name}>{escape(value)}</dan:{name}>" for name, value in parts.items())
    inside = f"{texts}<dan:NgayThangNamSinh>{born}</dan:NgayThangNamSinh>"
    return f'<dan:{OPERATION} xmlns:dan="{NAMESPACE}">{inside}</dan:{OPERATION}>'


def signed(inside: str) -> bytes:
    """Every template is its own exclusive canonical form, so that nothing has to be parsed."""
    now = datetime.now(UTC)
    body, stamp = BODY.format(inside), STAMP.format(now.strftime(MOMENT), (now + timedelta(minutes=5)).strftime(MOMENT))
    digests = [base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in (body, stamp)]
    info = INFO.format(REFERENCE.format("B", digests[0]) + REFERENCE.format("S", digests[1]))
    value = base64.b64encode(KEY.sign(info.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    return SECURED.format(stamp=stamp, token=BEARER, info=info, value=value, body=body).encode()


def verified(root: Any) -> Any:
    """The Body, whose digest was signed by the partner."""
    [signature] = SIGNATURE(root)
    info = signature.find(f"{{{DS}}}SignedInfo")
    value = base64.b64decode(signature.findtext(f"{{{DS}}}SignatureValue"))
    THEIRS.verify(value, etree.tostring(info, method="c14n", exclusive=True), padding.PKCS1v15(), hashes.SHA256())
    parts = {part.get(f"{{{WSU}}}Id"): part for part in (*root, *signature.getparent())}
    referred = info.findall(f"{{{DS}}}Reference")
    for reference in referred:
        part = etree.tostring(parts[reference.get("URI")[1:]], method="c14n", exclusive=True)
        if base64.b64encode(hashlib.sha256(part).digest()).decode() != reference.findtext(f"{{{DS}}}DigestValue"):
            raise ValueError("a digest does not fit")
    body = root.find(f"{{{SOAP}}}Body")
    if f"#{body.get(f'{{{WSU}}}Id')}" not in [reference.get("URI") for reference in referred]:
        raise ValueError("the Body is not signed")
    return body


class Wire(asyncio.Protocol):
    """One connection, to us or from us: bytes in, whole messages out."""

    def __init__(self, on_message: Callable[[Wire, bytes, bytes], None]) -> None:
        self._on_message = on_message
        self._buffer = b""
        self.waiting: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            at = head.lower().find(b"\r\ncontent-length:")
            length = int(head[at + 17 :].partition(b"\r\n")[0]) if at >= 0 else 0
            if len(self._buffer) < end + 4 + length:
                return
            body, self._buffer = self._buffer[end + 4 : end + 4 + length], self._buffer[end + 4 + length :]
            self._on_message(self, head, body)


HOST = urlsplit(UPSTREAM)
idle: deque[Wire] = deque()
token: dict[str, str] = {}
tasks: set[asyncio.Task[None]] = set()


def _replied(wire: Wire, head: bytes, body: bytes) -> None:
    waiting, wire.waiting = wire.waiting, None
    if waiting is not None:
        waiting.set_result(body) if head[9:12] == b"200" else waiting.set_exception(OSError(head.decode()))


async def send(method: str, url: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Over a kept connection, the last used one first."""
    loop = asyncio.get_running_loop()
    if idle:
        wire = idle.pop()
    else:
        _, wire = await loop.create_connection(lambda: Wire(_replied), HOST.hostname, HOST.port)
    wire.waiting = waiting = loop.create_future()
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"{method} {url.removeprefix(UPSTREAM)} HTTP/1.1\r\nHost: {HOST.netloc}\r\n{lines}"
    wire.transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    answer = await waiting
    idle.append(wire)
    return answer


async def verify(body: bytes) -> dict[str, Any]:
    inside = elements(Citizen.model_validate_json(body))
    reply = etree.fromstring(
        await send("POST", VERIFY, proof(), signed(inside) if KEYS else PLAIN.format(inside).encode())
    )
    return verdict(EXISTS(verified(reply) if KEYS else reply.find(f"{{{SOAP}}}Body")) in ("true", "1"))


async def lookup(body: bytes) -> dict[str, Any]:
    asked = Enterprise.model_validate_json(body)
    if not token:
        granted = json.loads(await send("POST", TOKEN, TOKEN_HEADERS, GRANT.encode()))
        token["Authorization"] = f"Bearer {granted['access_token']}"
    return firm(json.loads(await send("GET", f"{FIRM}?msdn={asked.enterprise_code}", token)))


async def pay(body: bytes) -> dict[str, Any]:
    message = init(Payment.model_validate_json(body))
    content = json.dumps(message, ensure_ascii=False).encode()
    return opened(message, json.loads(await send("POST", INIT, {"Content-Type": "application/json"}, content)))


ROUTES: dict[bytes, Callable[[bytes], Awaitable[dict[str, Any]]]] = {
    b"/v1/citizens/verification": verify,
    b"/v1/enterprises/lookup": lookup,
    b"/v1/payments": pay,
}


def _asked(wire: Wire, head: bytes, body: bytes) -> None:
    task = asyncio.ensure_future(_answer(wire, ROUTES[head.split(b" ", 2)[1]], body))
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def _answer(wire: Wire, route: Callable[[bytes], Awaitable[dict[str, Any]]], body: bytes) -> None:
    content = json.dumps(await route(body), ensure_ascii=False).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(content)
    wire.transport.write(head + content)


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Wire(_asked), "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
