"""What follows from a fee: the dossier goes on, a receipt, money that came twice, and a day that closes to zero."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from report import Report
from town import Town, call

if TYPE_CHECKING:
    from story import Caller

VIETNAM = timezone(timedelta(hours=7))
TWICE, LOST = "000.00.05.H99-261123-0010", "000.00.05.H99-261123-0011"


def receipts(town: Town, caller: Caller, report: Report, payment: str) -> None:
    report.chapter(
        "Biên lai điện tử", "The fee and the charge have a signed receipt each; the tax authority is told of both."
    )
    issued = caller.until(
        f"/v1/payments/{payment}/receipts", lambda seen: all(one["state"] == "issued" for one in seen["receipts"])
    )["receipts"]
    report.check("receipts, by kind", sorted(one["kind"] for one in issued), ["charge", "fee"])
    report.check("their numbers", sorted(one["number"] for one in issued), [1, 2])
    shown = call("GET", f"{town.api}/bien-lai/{issued[0]['lookup_code']}")
    report.check("anybody may check one by its code", shown.status_code, 200)
    files = town.logs / "receipts"
    files.mkdir(exist_ok=True)
    for one in issued:
        content = caller.fetch(f"/v1/receipts/{one['id']}/file")
        (files / f"{one['kind']}.pdf").write_bytes(content)
        report.note(f"{one['kind']}: {one['symbol']} {one['number']:08d}, {len(content):,} bytes")
    taken = _until(lambda: _mock(town, "tax_authority", "receipts"), lambda seen: len(seen) >= 2)
    report.check("told to the tax authority", len(taken), 2)
    vouchers = caller.until(f"/v1/payments/{payment}/vouchers", lambda seen: bool(seen["vouchers"]))["vouchers"]
    report.check("the platform's own voucher is kept with its digest", len(vouchers[0]["sha256"]), 64)


def paid_twice(town: Town, caller: Caller, report: Report, document: dict[str, Any]) -> None:
    report.chapter(
        "Nộp hai lần", "One bill is paid over two rails: credited once, the rest is owed, approved and sent back."
    )
    bill = caller.json("POST", "/v1/bills", {**document, "dossier_code": TWICE})
    first = caller.json("POST", f"/v1/bills/{bill['id']}/payments", {})
    second = caller.json("POST", f"/v1/bills/{bill['id']}/payments", {"rail": "vnpay"})
    _pay(town, "payment", first["id"])
    caller.until(f"/v1/payments/{first['id']}", lambda seen: seen["state"] == "paid")
    call("GET", second["pay_url"])
    _pay(town, "vnpay", second["id"])
    late = caller.until(f"/v1/payments/{second['id']}", lambda seen: seen["state"] == "paid")
    report.check("the second payment credits nothing", (late["postings"], late["excess"]), (0, True))
    report.check("the bill", caller.json("GET", f"/v1/bills/{bill['id']}")["state"], "refund_pending")
    refund = caller.json("GET", f"/v1/payments/{second['id']}/refunds")["refunds"][0]
    report.check("a refund waits for a person", (refund["state"], refund["amount"]), ("requested", 150000))
    decision = {"number": "QĐ-0012", "day": f"{datetime.now(VIETNAM):%Y-%m-%d}"}
    said = {"approved_by": "chutich.mau", "decision": decision, "way": "rail"}
    caller.json("POST", f"/v1/refunds/{refund['id']}/approval", said)
    _until(lambda: _mock(town, "vnpay", f"transactions/{second['id']}"), lambda seen: bool(seen.get("refunds")))
    done = caller.until(f"/v1/refunds/{refund['id']}", lambda seen: seen["state"] == "done")
    report.check("VNPAY gave it back", done["state"], "done")
    report.check("the bill is simply paid", caller.json("GET", f"/v1/bills/{bill['id']}")["state"], "paid")


def closing(town: Town, caller: Caller, report: Report, document: dict[str, Any]) -> None:
    report.chapter(
        "Đối soát thu phí", "Yesterday's notice was lost. The platform's list of the day has it: it is posted, once."
    )
    yesterday = datetime.now(VIETNAM) - timedelta(days=1)
    lost = caller.json("POST", "/v1/payments", {**document, "dossier_code": LOST})
    _pay(town, "payment", lost["id"], copies=0, at=f"{yesterday:%Y%m%d}235958")
    page = town.logs / "reconciliation.html"
    say = ("reconcile", f"{yesterday:%Y-%m-%d}", "--rail", "payment", "--print", str(page))
    found = town.lienthong(*say, check=False)
    report.note(next((line for line in found.stdout.splitlines() if line.strip()), found.stderr))
    after = caller.json("GET", f"/v1/payments/{lost['id']}")
    report.check("what the list knows is posted", (after["state"], after["postings"]), ("paid", 1))
    again = town.lienthong(*say, check=False)
    report.check("and the day is clean", again.returncode, 0)
    report.check("there is a page to print", page.exists(), True)


def _pay(town: Town, rail: str, payment: str, **how: Any) -> None:
    url = f"{town.mock_url(rail)}/_mock/transactions/{payment}"
    call("POST", url, json={"action": "pay", **how}).raise_for_status()


def _mock(town: Town, system: str, path: str) -> Any:
    return call("GET", f"{town.mock_url(system)}/_mock/{path}").json()


def _until(read: Any, enough: Any, seconds: float = 40.0) -> Any:
    end = time.monotonic() + seconds
    while not enough(value := read()) and time.monotonic() < end:
        time.sleep(0.1)
    return value
