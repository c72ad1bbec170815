"""The story that `make demo` tells, chapter by chapter, over real sockets."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import desk
import exchange
import httpx
import money
import people
from report import Report, console
from town import Town, call

VERIFIER = Path(__file__).resolve().parents[2] / "docs" / "verify_evidence.py"
VIETNAM = timezone(timedelta(hours=7))
DOSSIER = "000.00.05.H99-261123-0007"
PURPOSE = {
    "dossier_code": DOSSIER,
    "procedure_code": "1.009999",
    "officer_id": "canbo.mau",
    "agency_id": "000.00.05.H99",
}
CITIZENS = [
    ("099185000001", "Trần Thị Mẫu", "1985-06-15", "match"),
    ("099190000003", "Lê Văn Thử", "1991-03-02", "mismatch"),
    ("099199999999", "Nguyễn Văn Không Có", "1999-09-09", "not_found"),
]
ENTERPRISES = [
    ("9900000016", "Công ty TNHH Mẫu Sóc Trăng", "Đang hoạt động"),
    ("9900000023", "an enterprise that is no more", "Đã giải thể, phá sản, chấm dứt tồn tại"),
]
JOURNEY = [1, 2, 4, 6, 4, 9, 10]
BEGAN = datetime(2026, 11, 23, 8, 30, tzinfo=VIETNAM)
SCOPES = [
    "citizens:verify", "citizens:read", "enterprises:read", "payments:write", "payments:read",
    "dossiers:write", "dossiers:read", "files:read", "arrivals:read", "arrivals:write", "procedures:read",
    "feedback:read", "feedback:write",
]  # fmt: skip


class Caller:
    """The provincial one-stop system: an ordinary HTTP client with a key."""

    def __init__(self, town: Town, key: str) -> None:
        self.town = town
        self.key = key
        self._http = httpx.Client(
            base_url=town.api, headers={"Authorization": f"Bearer {key}"}, timeout=30, trust_env=False
        )

    def close(self) -> None:
        self._http.close()

    def send(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key or str(uuid.uuid4())} if method == "POST" else {}
        return self._http.request(method, path, json=body, headers=headers)

    def put_file(self, file_id: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
        return self._http.put(f"/v1/files/{file_id}", content=content, headers=headers)

    def fetch(self, path: str) -> bytes:
        return self._http.get(path).raise_for_status().content

    def arrived(self, code: str) -> Any:
        """How far a dossier is, once everything was delivered or nothing moves any more."""
        return wait_for(lambda: self.json("GET", f"/v1/dossiers/{code}/sync"), lambda view: view["complete"])

    def until(self, path: str, enough: Callable[[Any], bool]) -> Any:
        return wait_for(lambda: self.json("GET", path), enough)

    def delivered(self, key: str) -> Any:
        return wait_for(lambda: self.json("GET", f"/v1/deliveries/{key}"), lambda view: view["complete"])

    def step(self, number: int, status: int, at: datetime) -> dict[str, Any]:
        return step(number, status, at)

    def json(self, method: str, path: str, body: Any = None) -> Any:
        response = self.send(method, path, body)
        if response.status_code >= 400:
            console.print(f"  [red]{method} {path}: {response.status_code} {response.text}[/]")
        return response.json()


def tell(town: Town, report: Report, *, key: str) -> None:
    """Every chapter, in order; each leaves the town as the next expects it."""
    with closing(Caller(town, key)) as caller:
        _tell(town, caller, report)


def _tell(town: Town, caller: Caller, report: Report) -> None:
    citizens(caller, report)
    enterprises(caller, report)
    people.restraint(caller, report, PURPOSE)
    people.recheck(town, caller, report, PURPOSE)
    people.soap(town, report, key=caller.key, purpose=PURPOSE)
    people.shadow(town, report)
    payment = pay(caller, report)
    dossier(town, caller, report)
    forgery(caller, report, payment)
    money.receipts(town, caller, report, payment)
    money.paid_twice(town, caller, report, payment_document())
    money.closing(town, caller, report, payment_document())
    document = dossier_document(BEGAN)
    exchange.catalogues(town, caller, report, document)
    exchange.newer_portal(town, caller, report, document, at=BEGAN)
    exchange.arrivals(town, caller, report)
    exchange.questions(caller, report)
    exchange.proof(town, caller, report)
    evidence(town, report)
    package(town, report)
    desk.console(town, report, dossier=DOSSIER)


def citizens(caller: Caller, report: Report) -> None:
    report.chapter("Xác thực công dân", "Three citizens: one matches, one differs, one is not in the register.")
    for number, name, birth, expected in CITIZENS:
        body = {"personal_id": number, "full_name": name, "birth_date": birth, "purpose": PURPOSE}
        answer = caller.json("POST", "/v1/citizens/verification", body)
        report.check(f"{name}", answer.get("verdict"), expected)
        report.note(answer.get("explanation_vi", ""))
    refused = caller.send("POST", "/v1/citizens/verification", {"personal_id": "099185000001"})
    report.check("a look-up without a purpose is refused", refused.status_code, 422)


def enterprises(caller: Caller, report: Report) -> None:
    report.chapter(
        "Xác thực doanh nghiệp", "Two enterprises; the legal status passes through as the registry words it."
    )
    for code, name, words in ENTERPRISES:
        answer = caller.json("POST", "/v1/enterprises/lookup", {"enterprise_code": code, "purpose": PURPOSE})
        report.check(name, answer.get("record", {}).get("status"), words)
    body = {"enterprise_code": "9900000016", "name": "Công ty TNHH Mẫu Soc Trang", "purpose": PURPOSE}
    answer = caller.json("POST", "/v1/enterprises/verification", body)
    report.check("a name that differs in marks only", answer.get("verdict"), "needs_review")


def pay(caller: Caller, report: Report) -> str:
    report.chapter(
        "Thu phí trực tuyến", "A fee is opened and paid on the mock bank page; its notice arrives three times."
    )
    body = payment_document()
    key = str(uuid.uuid4())
    opened = caller.send("POST", "/v1/payments", body, key=key).json()
    report.check("state after opening", opened.get("state"), "opened")
    again = caller.send("POST", "/v1/payments", body, key=key)
    report.check("the same request again opens no second payment", again.json().get("id"), opened.get("id"))
    thrice = {"fault": "duplicate:3", "contains": "action=pay"}
    call("POST", f"{caller.town.mock_url('payment')}/_mock/faults", json=thrice)
    page = call("GET", opened["pay_url"])
    report.check("the bank page opens", (page.status_code, "150.000" in page.text), (200, True))
    call("POST", opened["pay_url"], data={"action": "pay"})
    paid = wait_for(
        lambda: caller.json("GET", f"/v1/payments/{opened['id']}"), lambda p: p["state"] == "paid" and p["notices"] >= 3
    )
    report.check("state after payment", paid["state"], "paid")
    report.check("notices received", paid["notices"], 3)
    report.check("postings made", paid["postings"], 1)
    return str(opened["id"])


def dossier(town: Town, caller: Caller, report: Report) -> None:
    report.chapter(
        "Đồng bộ hồ sơ",
        f"A dossier goes {' → '.join(map(str, JOURNEY))}; the portal is killed in the middle and comes back.",
    )
    began = BEGAN
    accepted = caller.send("PUT", f"/v1/dossiers/{DOSSIER}", dossier_document(began))
    report.check("the dossier is taken in", accepted.status_code, 202)
    for number, status in enumerate(JOURNEY[1:], 1):
        if number == 3:
            synced(caller, lambda view: view["complete"])
            town.kill("national_portal")
            report.note("the portal was killed")
        if number == len(JOURNEY) - 1:
            view = caller.json("GET", f"/v1/dossiers/{DOSSIER}/sync")
            report.check("while the portal is down, nothing is called delivered", view["complete"], False)
            town.start_mock("national_portal")
            report.note("the portal is back")
        event = step(number, status, began + timedelta(hours=number))
        taken = caller.send("POST", f"/v1/dossiers/{DOSSIER}/status-events", event)
        if taken.status_code != 202:
            report.check(f"status {status} is taken in", taken.text, 202)
    view = synced(caller, lambda v: v["complete"])
    report.check("every message was delivered", view["complete"], True)
    held = call("GET", f"{town.mock_url('national_portal')}/_mock/dossiers/{DOSSIER}").json()
    report.check("steps at the portal, in order", [int(step["TrangThai"]) for step in held["steps"]], JOURNEY[1:])
    report.check("status at the portal", held["dossier"]["TrangThaiHoSo"], "10")
    backwards = caller.send("POST", f"/v1/dossiers/{DOSSIER}/status-events", step(99, 4, began + timedelta(hours=20)))
    report.check("a returned dossier cannot be reopened", backwards.status_code, 422)
    report.note(backwards.json().get("detail", ""))


def forgery(caller: Caller, report: Report, payment: str) -> None:
    report.chapter("Thông báo giả", "Somebody who knows the address sends a payment notice with a wrong checksum.")
    forged = {
        "LoaiBanTin": "CONFIRM", "MaLoi": "00", "MaDoiTac": "DEMO-H99", "MaThamChieu": payment, "SoTien": 150000,
        "MaTienTe": "VND", "MaGiaoDich": "FORGED1", "MaNganHang": "DEMOBANK", "ThoiGianGD": "20261123143142",
        "ThongTinGiaoDich": "THANH TOAN", "MaXacThuc": "0" * 64,
    }  # fmt: skip
    answer = call("POST", f"{caller.town.api}/inbound/payment/ipn", json=forged)
    report.check("the forged notice is refused", answer.json().get("MaLoi"), "99")
    after = caller.json("GET", f"/v1/payments/{payment}")
    report.check("and changed nothing", (after["notices"], after["postings"]), (3, 1))


def evidence(town: Town, report: Report) -> None:
    report.chapter("Bằng chứng", "The audit log verifies; one byte is altered in a copy, and the verifier names it.")
    verified = town.lienthong("audit", "verify", check=False)
    report.check("the log verifies", verified.returncode, 0)
    report.note(verified.stdout.strip().splitlines()[-1] if verified.stdout.strip() else verified.stderr)
    copy = town.logs / "audit-copy.jsonl"
    town.lienthong("audit", "copy", str(copy))
    altered = alter_one_byte(copy.read_text())
    copy.write_text(altered[0])
    found = town.lienthong("audit", "verify", "--file", str(copy), check=False)
    report.check("the altered copy does not verify", found.returncode, 1)
    report.check(f"and the verifier names row {altered[1]}", bool(re.search(rf"\b{altered[1]}\b", found.stdout)), True)
    report.note(found.stdout.strip().splitlines()[0] if found.stdout.strip() else found.stderr)


def package(town: Town, report: Report) -> None:
    report.chapter("Gói chứng cứ", "What happened to one dossier, in one file that a stranger can verify without us.")
    file, key = town.logs / "goi-chung-cu.zip", town.lienthong("audit", "key").stdout.strip()
    town.lienthong("audit", "export", str(file), "--reference", DOSSIER)
    checked = town.lienthong("audit", "check", str(file), "--key", key, check=False)
    report.check("the package verifies offline", checked.returncode, 0)
    report.note(checked.stdout.strip().splitlines()[0] if checked.stdout.strip() else checked.stderr)
    stranger = [sys.executable, "-I", str(VERIFIER), str(file), "--key", key]
    alone = subprocess.run(stranger, capture_output=True, text=True, check=False)
    report.check("so says the auditors' own program, which shares nothing with the gateway", alone.returncode, 0)


def alter_one_byte(text: str) -> tuple[str, int]:
    """Turn one recorded refusal or answer into something else, deep inside the file."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        row = json.loads(line)
        if '"answered"' in line.replace('\\"', '"') and "index" in row and row["index"] > 2:
            lines[number] = line.replace("answered", "answerec", 1)
            return "\n".join(lines) + "\n", row["index"]
    raise LookupError("no row to alter")


def synced(caller: Caller, enough: Callable[[Any], bool]) -> Any:
    return wait_for(lambda: caller.json("GET", f"/v1/dossiers/{DOSSIER}/sync"), enough)


def wait_for(read: Callable[[], Any], enough: Callable[[Any], bool], seconds: float = 40.0) -> Any:
    """Read until it is enough or the time is over; the check that follows says what was missing."""
    end = time.monotonic() + seconds
    with console.status("waiting …") as status:
        while True:
            value = read()
            if enough(value) or time.monotonic() > end:
                return value
            status.update(f"waiting … {progress(value)}")
            time.sleep(0.1)


def progress(value: Any) -> str:
    return ", ".join(f"{t['target']} {t['delivered']}/{t['total']}" for t in value.get("targets", ()))


def payment_document() -> dict[str, Any]:
    return {
        "dossier_code": DOSSIER,
        "procedure_code": "1.009999",
        "procedure_name": "Cấp giấy xác nhận ví dụ",
        "service_code": "1.009999.01",
        "agency_id": "000.00.05.H99",
        "agency_name": "UBND xã Ví Dụ",
        "amount": 150000,
        "payer": {
            "full_name": "Trần Thị Mẫu",
            "personal_id": "099185000001",
            "address": "1 Phố Mẫu",
            "province": "Tỉnh Mẫu",
        },
        "lines": [
            {"kind": "fee", "code": "P01", "name": "Phí thẩm định", "amount": 120000},
            {"kind": "charge", "code": "L01", "name": "Lệ phí cấp", "amount": 30000},
        ],
        "beneficiary": {"account": "0000111122", "bank_code": "DEMOBANK", "name": "UBND XA VI DU"},
    }


def dossier_document(at: datetime) -> dict[str, Any]:
    return {
        "status": 1,
        "procedure": {"code": "1.009999", "name": "Cấp giấy xác nhận ví dụ"},
        "field": {"code": "G03-GD10", "name": "Lĩnh vực ví dụ"},
        "channel": "online",
        "applicant": {
            "kind": "citizen",
            "full_name": "Trần Thị Mẫu",
            "identifiers": [{"kind": "personal_id", "value": "099185000001"}],
            "phone": "0900000001",
            "email": "mau@example.invalid",
        },
        "summary": "Đề nghị cấp giấy xác nhận",
        "submitted_at": at.isoformat(),
        "received_at": at.isoformat(),
        "due_at": (at + timedelta(days=5)).isoformat(),
        "return_method": "in_person",
        "processing_unit": "UBND xã Ví Dụ",
        "verified_by_vneid": True,
        "digitised": True,
        "online_payment": "national_platform",
        "fees": [
            {"name": "Phí thẩm định", "code": "P01", "amount": 120000, "collected_at": "reception", "kind": "ordinary"}
        ],
        "results": [],
    }


def step(number: int, status: int, at: datetime) -> dict[str, Any]:
    return {
        "event_id": f"demo-{number}",
        "status": status,
        "at": at.isoformat(),
        "officer_name": "Lê Văn Thử",
        "officer_title": "Công chức một cửa",
        "unit": "Bộ phận một cửa",
        "content": f"Bước {number}",
    }
