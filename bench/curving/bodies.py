"""What is asked along the payload curve: a firm and a person of whom the register tells more and more, and a dossier
with more and more papers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from comparison.questions import FIRM, FIRM_NAME, PEOPLE, PURPOSE, Asking, wired
from load import BEGAN
from story import dossier_document

URL = "https://kho.example.vn/giay-to/"
LETTERS = 4000
"""Of what is missing, in one round of supplements: as many as the contract allows."""
PAPERS, ROUNDS = 200, 50
"""Of a dossier, and of supplements, at most."""


def enterprise(key: str, *, least: int) -> Asking:
    """The whole record of a firm; the register's reply and ours grow alike."""
    ask = wired("POST", "/v1/enterprises/lookup", {"enterprise_code": FIRM, "purpose": PURPOSE}, key=key)

    def complaint(_: int, status: int, body: bytes) -> str:
        is_right = status == 200 and FIRM_NAME.encode() in body and len(body) >= least // 2
        return "" if is_right else f"{status}, {len(body)} bytes: {body[:600].decode(errors='replace')}"

    return Asking(make=lambda n: ask, complaint=complaint)


def record(key: str) -> Asking:
    """Two fields of a person of whom the register tells much more: its reply grows, ours does not."""
    number, name, born = PEOPLE[0]
    asked = {"personal_id": number, "full_name": name, "birth_date": born, "purpose": PURPOSE}
    ask = wired("POST", "/v1/citizens/lookup", {**asked, "fields": ["full_name", "permanent_address"]}, key=key)

    def complaint(_: int, status: int, body: bytes) -> str:
        is_right = status == 200 and b'"permanent_address"' in body
        return "" if is_right else f"{status}: {body[:600].decode(errors='replace')}"

    return Asking(make=lambda n: ask, complaint=complaint)


def dossiers(key: str, *, size: int, numbers: Iterator[int]) -> Asking:
    """A dossier of about `size` bytes, each time under another code: of the next of `numbers`, which the sizes share,
    so that none is told what it was told before."""
    document = dossier(size)

    def make(_: int) -> bytes:
        number = next(numbers)
        code = f"000.00.05.H99-2611{10 + number // 100000 % 20}-{number % 100000:05d}"
        return wired("PUT", f"/v1/dossiers/{code}", document, key=key, once=True)

    def complaint(_: int, status: int, body: bytes) -> str:
        return "" if status == 202 else f"{status}: {body[:600].decode(errors='replace')}"

    return Asking(make=make, complaint=complaint)


def dossier(size: int) -> Mapping[str, Any]:
    """As the demo's with papers, then rounds of supplements with papers of their own, until it is `size` bytes long or
    the contract allows no more of them."""
    document: dict[str, Any] = {**dossier_document(BEGAN), "components": [], "supplements": []}
    left = size - length(document)
    while left > 0 and len(document["components"]) < PAPERS:
        document["components"].append(paper := _paper(len(document["components"])))
        left -= length(paper)
    while left > 0 and len(document["supplements"]) < ROUNDS:
        number = len(document["supplements"]) + 1
        supplement = _supplement(number, letters=min(LETTERS, max(left // 2, 1)))
        left -= length(supplement)
        while left > 0 and len(supplement["components"]) < PAPERS:
            supplement["components"].append(paper := _paper(number * 1000 + len(supplement["components"])))
            left -= length(paper)
        document["supplements"].append(supplement)
    return document


def length(document: Any) -> int:
    """On the wire."""
    return len(json.dumps(document, ensure_ascii=False).encode())


def _paper(number: int) -> dict[str, Any]:
    return {"id": f"tp-{number}", "name": f"Giấy tờ thử số {number}.pdf", "url": f"{URL}{number}.pdf"}


def _supplement(number: int, *, letters: int) -> dict[str, Any]:
    return {
        "number": number,
        "requested_by": "Lê Văn Thử",
        "content": "Bổ sung giấy tờ. ".ljust(letters, "x"),
        "requested_at": BEGAN.isoformat(),
        "components": [],
    }
