"""What an enveloped signature says beside the signed element: SignatureProperties (XML Signature 1.1, 5.2) that hold a
wsu:Timestamp and, of an answer, the wsse11:SignatureConfirmation. Both are the standards' own elements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.signing.xml.names import CONFIRMATION, ds, wsu
from gateway.signing.xml.reading import Signature
from gateway.signing.xml.times import add_timestamp
from gateway.signing.xml.tree import Element, child, refuse, text64
from gateway.signing.xml.writing import Part, fresh_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Properties:
    """`element` is signed beside the document, if it is there at all."""

    element: Element | None = None
    timestamp: Element | None = None
    confirmation: Element | None = None


def add_properties(signature: Element, *, at: datetime | None, fresh_s: float, confirms: bytes | None) -> list[Part]:
    """`at`: None where the document itself has its time. The part to be signed, if there is one."""
    if at is None and confirms is None:
        return []
    properties = child(child(signature, ds("Object")), ds("SignatureProperties"), Id=fresh_id("SP"))
    inside = child(properties, ds("SignatureProperty"), Target=f"#{signature.get('Id')}")
    if at is not None:
        add_timestamp(inside, at=at, fresh_s=fresh_s, id=fresh_id("TS"))
    if confirms is not None:
        child(inside, CONFIRMATION, Value=text64(confirms))
    return [Part(element=properties, id=properties.get("Id", ""))]


def read_properties(signature: Signature) -> Properties:
    """`TrustError` when they are there and not signed, or not unmistakable."""
    found = list(signature.element.iter(ds("SignatureProperties")))
    if not found:
        return Properties()
    place = found[0].getparent()
    if len(found) > 1 or place is None or place.getparent() is not signature.element or not signature.signs(found[0]):
        refuse("The properties of the signature are not signed.", vi="Thuộc tính của chữ ký chưa được ký.")
    return Properties(
        element=found[0],
        timestamp=_one(found[0], wsu("Timestamp")),
        confirmation=_one(found[0], CONFIRMATION),
    )


def _one(properties: Element, name: str) -> Element | None:
    found = list(properties.iter(name))
    if len(found) > 1:
        refuse("The signature has two times or two requests.", vi="Chữ ký có hai thời điểm hoặc hai yêu cầu.")
    return found[0] if found else None
