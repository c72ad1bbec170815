"""FastAPI with httpx, the envelope made and read with lxml, signed and verified with xmlsec, keys read once: what
an experienced user writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import xmlsec
from common import (
    FIRM,
    GRANT,
    INIT,
    KEYS,
    NAMESPACE,
    OPERATION,
    TOKEN,
    TOKEN_HEADERS,
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
from fastapi import FastAPI
from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE, WSU = f"{OASIS}wssecurity-secext-1.0.xsd", f"{OASIS}wssecurity-utility-1.0.xsd"
X509 = f"{OASIS}x509-token-profile-1.0#X509v3"
DS = "http://www.w3.org/2000/09/xmldsig#"
MOMENT = "%Y-%m-%dT%H:%M:%SZ"

http = httpx.AsyncClient(
    limits=httpx.Limits(max_connections=512, max_keepalive_connections=512), timeout=30, trust_env=False
)
app = FastAPI()
token: dict[str, str] = {}
if KEYS:
    OURS = xmlsec.Key.from_file(str(KEYS / "ours-key.pem"), xmlsec.KeyFormat.PEM)
    THEIRS = xmlsec.Key.from_file(str(KEYS / "theirs.pem"), xmlsec.KeyFormat.CERT_PEM)
    TOKEN_TEXT = "".join((KEYS / "ours.pem").read_text().splitlines()[1:-1])


def envelope(asked: Citizen) -> Any:
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"s": SOAP, "dan": NAMESPACE})
    etree.SubElement(root, f"{{{SOAP}}}Header")
    operation = etree.SubElement(etree.SubElement(root, f"{{{SOAP}}}Body"), f"{{{NAMESPACE}}}{OPERATION}")
    for name, value in question(asked).items():
        element = etree.SubElement(operation, f"{{{NAMESPACE}}}{name}")
        if isinstance(value, dict):
            etree.SubElement(element, f"{{{NAMESPACE}}}NgayThangNam").text = value["NgayThangNam"]
        else:
            element.text = value
    return root


def sign(root: Any) -> None:
    """A Security header over the Body and a Timestamp."""
    now = datetime.now(UTC)
    security = etree.SubElement(root[0], f"{{{WSSE}}}Security", nsmap={"o": WSSE, "u": WSU})
    stamp = etree.SubElement(security, f"{{{WSU}}}Timestamp")
    etree.SubElement(stamp, f"{{{WSU}}}Created").text = now.strftime(MOMENT)
    etree.SubElement(stamp, f"{{{WSU}}}Expires").text = (now + timedelta(minutes=5)).strftime(MOMENT)
    kinds = {"ValueType": X509, "EncodingType": f"{OASIS}soap-message-security-1.0#Base64Binary"}
    bearer = etree.SubElement(security, f"{{{WSSE}}}BinarySecurityToken", kinds)
    bearer.text = TOKEN_TEXT
    bearer.set(f"{{{WSU}}}Id", "T")
    signature = xmlsec.template.create(root, xmlsec.Transform.EXCL_C14N, xmlsec.Transform.RSA_SHA256)
    security.append(signature)
    context = xmlsec.SignatureContext()
    for name, part in (("B", root[1]), ("S", stamp)):
        part.set(f"{{{WSU}}}Id", name)
        context.register_id(part, "Id", WSU)
        reference = xmlsec.template.add_reference(signature, xmlsec.Transform.SHA256, uri=f"#{name}")
        xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    info = xmlsec.template.ensure_key_info(signature)
    named = etree.SubElement(info, f"{{{WSSE}}}SecurityTokenReference")
    etree.SubElement(named, f"{{{WSSE}}}Reference", {"URI": "#T", "ValueType": X509})
    context.key = OURS
    context.sign(signature)


def verified(root: Any) -> Any:
    """The Body, which must be among what was signed."""
    body = root.find(f"{{{SOAP}}}Body")
    signature = root.find(f"{{{SOAP}}}Header/{{{WSSE}}}Security/{{{DS}}}Signature")
    named = {reference.get("URI") for reference in signature.iter(f"{{{DS}}}Reference")}
    if f"#{body.get(f'{{{WSU}}}Id')}" not in named:
        raise ValueError("the Body is not signed")
    context = xmlsec.SignatureContext()
    for part in root.iter():
        if part.get(f"{{{WSU}}}Id"):
            context.register_id(part, "Id", WSU)
    context.key = THEIRS
    context.verify(signature)
    return body


@app.post("/v1/citizens/verification")
async def verify(asked: Citizen) -> dict[str, str]:
    root = envelope(asked)
    if KEYS:
        sign(root)
    answer = await http.post(
        VERIFY, content=etree.tostring(root, xml_declaration=True, encoding="UTF-8"), headers=proof()
    )
    answer.raise_for_status()
    reply = etree.fromstring(answer.content)
    body = verified(reply) if KEYS else reply.find(f"{{{SOAP}}}Body")
    return verdict(body.findtext(f"{{{NAMESPACE}}}KetQuaXacThuc/{{{NAMESPACE}}}TonTai") in ("true", "1"))


@app.post("/v1/enterprises/lookup")
async def lookup(asked: Enterprise) -> dict[str, Any]:
    if not token:
        answer = await http.post(TOKEN, content=GRANT, headers=TOKEN_HEADERS)
        token["Authorization"] = f"Bearer {answer.json()['access_token']}"
    found = await http.get(FIRM, params={"msdn": asked.enterprise_code}, headers=token)
    found.raise_for_status()
    return firm(found.json())


@app.post("/v1/payments")
async def pay(asked: Payment) -> dict[str, Any]:
    message = init(asked)
    answer = await http.post(INIT, json=message)
    answer.raise_for_status()
    return opened(message, answer.json())
