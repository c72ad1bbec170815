"""What every subject is asked, how it goes over the wire, and what is right for an answer.

The floor translates nothing: it is sent what the others would send to the upstream, and its answer is the upstream's.
"""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

from peers import common
from story import payment_document

from comparison.asking import Complaint, Make
from comparison.purpose import PURPOSE

PEOPLE = (
    ("099185000001", "Trần Thị Mẫu", "1985-06-15"),
    ("099090000002", "Nguyễn Văn Mẫu", "1990-01-20"),
)
"""On record at the mock."""
STRANGER = ("099185000001", "Trần Thị Mẫu", "1985-06-16")
"""The first of them with a wrong date of birth: whoever calls that a match compares nothing."""
FIRM, FIRM_NAME = "9900000016", "CÔNG TY TNHH MẪU SÓC TRĂNG"
STRANGE_FIRM = "9900000087"
PAYMENT: Mapping[str, Any] = payment_document()
"""As the demo pays; only the dossier is another each time."""
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


@dataclass(frozen=True)
class Asking:
    """How one subject is asked, and what it must not take for a match."""

    make: Make
    complaint: Complaint
    trap: bytes = b""
    """A question whose right answer is no; empty: there is none."""
    fell_for: Callable[[int, bytes], bool] = lambda status, body: False


def citizen(key: str) -> Asking:
    path = "/v1/citizens/verification"
    asks = [wired("POST", path, _citizen(*person), key=key) for person in PEOPLE]
    trap = wired("POST", path, _citizen(*STRANGER), key=key)
    return Asking(
        make=lambda n: asks[n % len(asks)],
        complaint=lambda n, status, body: _unless(
            status == 200 and json.loads(body).get("verdict") == "match", status, body
        ),
        trap=trap,
        fell_for=lambda status, body: json.loads(body).get("verdict") in (None, "match"),
    )


def enterprise(key: str) -> Asking:
    path = "/v1/enterprises/lookup"
    ask = wired("POST", path, {"enterprise_code": FIRM, "purpose": PURPOSE}, key=key)

    def is_right(body: bytes) -> bool:
        record = json.loads(body).get("record") or {}
        return record.get("name") == FIRM_NAME and record.get("enterprise_code") == FIRM

    return Asking(
        make=lambda n: ask,
        complaint=lambda n, status, body: _unless(status == 200 and is_right(body), status, body),
        trap=wired("POST", path, {"enterprise_code": STRANGE_FIRM, "purpose": PURPOSE}, key=key),
        fell_for=lambda status, body: json.loads(body).get("verdict") != "not_found",
    )


def payment(key: str) -> Asking:
    """Each for another dossier, and each with a key of its own, as a one-stop system opens them."""
    numbers = itertools.count()

    def make(_: int) -> bytes:
        number = next(numbers)
        code = f"000.00.05.H99-26112{number // 100000 % 10}-{number % 100000:05d}"
        return wired("POST", "/v1/payments", {**PAYMENT, "dossier_code": code}, key=key, once=True)

    def is_right(body: bytes) -> bool:
        opened = json.loads(body)
        return opened.get("state") == "opened" and "/pp/pay/" in str(opened.get("pay_url"))

    return Asking(
        make=make,
        complaint=lambda n, status, body: _unless(status in (200, 201) and is_right(body), status, body),
    )


def raw_citizen(upstream: int) -> Asking:
    def ask(person: Sequence[str]) -> bytes:
        asked = common.Citizen.model_validate(_citizen(*person))
        parts = common.question(asked)
        born = f"<NgayThangNam>{parts.pop('NgayThangNamSinh')['NgayThangNam']}</NgayThangNam>"
        texts = "".join(f"<{name}>{value}</{name}>" for name, value in parts.items())
        body = (
            f'<s:Envelope xmlns:s="{SOAP}"><s:Header/><s:Body><{common.OPERATION} xmlns="{common.NAMESPACE}">{texts}'
            f"<NgayThangNamSinh>{born}</NgayThangNamSinh></{common.OPERATION}></s:Body></s:Envelope>"
        )
        return request("POST", f"/csdldc/{common.OPERATION}", common.proof(), body.encode())

    asks = [ask(person) for person in PEOPLE]
    return Asking(
        make=lambda n: asks[n % len(asks)],
        complaint=lambda n, status, body: _unless(status == 200 and b"TonTai>true<" in body, status, body),
        trap=ask(STRANGER),
        fell_for=lambda status, body: b"TonTai>false<" not in body,
    )


def raw_enterprise(upstream: int) -> Asking:
    token = Request(f"http://127.0.0.1:{upstream}/token", common.GRANT.encode(), common.TOKEN_HEADERS, method="POST")
    with urlopen(token) as granted:
        headers = {"Authorization": f"Bearer {json.load(granted)['access_token']}"}
    ask = request("GET", f"/apiCSDLDKDN/1.0/chiTietDoanhNghiep?msdn={FIRM}", headers)
    return Asking(
        make=lambda n: ask,
        complaint=lambda n, status, body: _unless(status == 200 and FIRM_NAME.encode() in body, status, body),
    )


def raw_payment(upstream: int) -> Asking:
    document = common.Payment.model_validate({**PAYMENT, "dossier_code": PURPOSE["dossier_code"]})
    body = json.dumps(common.init(document), ensure_ascii=False).encode()
    ask = request("POST", "/pp/init", {"Content-Type": "application/json"}, body)
    return Asking(
        make=lambda n: ask,
        complaint=lambda n, status, body: _unless(status == 200 and b"/pp/pay/" in body, status, body),
    )


def wired(method: str, path: str, document: Any, *, key: str, once: bool = False) -> bytes:
    """One call of the one-stop system. `once`: with a key that no other call has."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    if once:
        headers["Idempotency-Key"] = str(uuid.uuid4())
    return request(method, path, headers, json.dumps(document, ensure_ascii=False).encode())


def request(method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _citizen(number: str, name: str, born: str) -> dict[str, Any]:
    return {"personal_id": number, "full_name": name, "birth_date": born, "purpose": PURPOSE}


def _unless(is_right: bool, status: int, body: bytes) -> str:
    return "" if is_right else f"{status}: {body[:600].decode(errors='replace')}"


def refused(status: int, body: bytes) -> str:
    """The code of an answer that says that it knows nothing, and so is neither right nor wrong; empty: it is none."""
    return coded(status, body) if status in (429, 500, 502, 503, 504) else ""


def coded(status: int, body: bytes) -> str:
    """The status, and the code of the problem document, where it is one."""
    try:
        code = json.loads(body).get("code")
    except (ValueError, AttributeError):
        code = None
    return f"{status} {code}" if code else str(status)


def unknown(status: int, body: bytes) -> str:
    """As `refused`, and of ours a verdict that no conclusion may be drawn, with what kept us from one."""
    if status == 200 and b'"undetermined"' in body:
        said = json.loads(body)
        if said.get("verdict") == "undetermined":
            return f"undetermined {said.get('trouble') or said.get('fault')}"
    return refused(status, body)
