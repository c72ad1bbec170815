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
STRANGE = ("not_found", "mismatch")
"""What ours and what its peers call it that the register holds nobody with exactly these details."""
STRANGE_FIRM = "9900000087"
STRANGER_FIRST, STRANGER_EACH = 24, 250
"""The 25th question of a round is about somebody who is not on record, and each 250th after it: so few that the p99 is
not theirs. A no is asked of the register of citizens a second time, by us alone."""
PAYMENT: Mapping[str, Any] = payment_document()
"""As the demo pays; only the dossier is another each time."""
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


@dataclass(frozen=True)
class Asking:
    """How one subject is asked, and what is wrong with an answer."""

    make: Make
    complaint: Complaint


IsRight = Callable[[bytes], bool]
"""Whether the body of an answer is what was to be said."""


def mixed(known: tuple[Sequence[bytes], IsRight], stranger: tuple[bytes, IsRight]) -> Asking:
    """Who is on record, in turns, and in between somebody who is not: who says yes to everybody is found out."""
    asks, is_known = known
    ask, is_strange = stranger

    def complaint(number: int, status: int, body: bytes) -> str:
        is_right = is_strange if is_stranger(number) else is_known
        who = "of a stranger, " if is_stranger(number) else ""
        return who + wrong if (wrong := _unless(status == 200 and is_right(body), status, body)) else ""

    return Asking(make=lambda n: ask if is_stranger(n) else asks[n % len(asks)], complaint=complaint)


def is_stranger(number: int) -> bool:
    """Whether the n-th question is about somebody who is not on record."""
    return number % STRANGER_EACH == STRANGER_FIRST


def strangers(asked: int) -> int:
    """How many of so many questions are."""
    return sum(is_stranger(number) for number in range(asked))


def says(*verdicts: str) -> IsRight:
    return lambda body: json.loads(body).get("verdict") in verdicts


def citizen(key: str) -> Asking:
    path = "/v1/citizens/verification"
    asks = [wired("POST", path, _citizen(*person), key=key) for person in PEOPLE]
    return mixed((asks, says("match")), (wired("POST", path, _citizen(*STRANGER), key=key), says(*STRANGE)))


def enterprise(key: str) -> Asking:
    path = "/v1/enterprises/lookup"
    ask = wired("POST", path, {"enterprise_code": FIRM, "purpose": PURPOSE}, key=key)

    def is_right(body: bytes) -> bool:
        record = json.loads(body).get("record") or {}
        return record.get("name") == FIRM_NAME and record.get("enterprise_code") == FIRM

    strange = wired("POST", path, {"enterprise_code": STRANGE_FIRM, "purpose": PURPOSE}, key=key)
    return mixed(([ask], is_right), (strange, says("not_found")))


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
    return mixed((asks, lambda body: b"TonTai>true<" in body), (ask(STRANGER), lambda body: b"TonTai>false<" in body))


def raw_enterprise(upstream: int) -> Asking:
    token = Request(f"http://127.0.0.1:{upstream}/token", common.GRANT.encode(), common.TOKEN_HEADERS, method="POST")
    with urlopen(token) as granted:
        headers = {"Authorization": f"Bearer {json.load(granted)['access_token']}"}
    path = "/apiCSDLDKDN/1.0/chiTietDoanhNghiep?msdn="
    ask, strange = (request("GET", path + code, headers) for code in (FIRM, STRANGE_FIRM))

    def is_nobody(body: bytes) -> bool:
        return not (json.loads(body)["Data"] or {}).get("MainInformation")

    return mixed(([ask], lambda body: FIRM_NAME.encode() in body), (strange, is_nobody))


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
