"""The day's files: what the platform lists (`MOCK-RECON`) and what the bank states (`MOCK-STATEMENT`).

PPDVCQG 1.0.6 shows agencies no such list and no bank's statement has a public form here, so both layouts are ours.

    MOCK-RECON|{yyyy-mm-dd}|{MaDoiTac}|{count}|{total}|{checksum}
    MaGiaoDich|MaThamChieu|PAY or REFUND|TrangThaiGD|SoTien|MaTienTe|ThoiGianGD|TKThuHuong|MaNganHang

The day is that of ThoiGianGD in UTC+7; `total` adds up every SoTien; `checksum` is SHA-256 over the head without it, a
line feed, the lines (each with its line feed) and the partner's first secret, in lower-case hex.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit.orders import order_of
from mocks.payment.control import refused
from mocks.payment.ledger import BANK, Ledger, State, Transaction
from mocks.payment.platform import Platform
from mocks.payment.rules import is_moment
from mocks.payment.settings import PaymentSettings

COLUMNS = (
    "MaGiaoDich", "MaThamChieu", "Loai", "TrangThaiGD", "SoTien", "MaTienTe", "ThoiGianGD", "TKThuHuong", "MaNganHang",
)  # fmt: skip
BESIDE = ("MaDoiTac", "ThongTinGiaoDich")
STATEMENT = ("day", "transaction_id", "reference", "amount", "account", "content")
FILES = ("recon", "statement")
ACTS = ("drop", "add", "change", "delay")

Line = dict[str, Any]
"""`COLUMNS` and `BESIDE`, and `day`: the file's."""


class Changes:
    """What the files are to say otherwise than the truth, in the order it was planned."""

    def __init__(self) -> None:
        self.planned: list[dict[str, Any]] = []

    def clear(self) -> None:
        self.planned.clear()

    def plan(self, order: Mapping[str, Any]) -> str:
        """Take a change, or say why it makes none. `do` is drop, add, change or delay; `transaction` is MaGiaoDich or
        MaThamChieu; `set` names fields of the line; `days` is how late it is; `in` names the files, both unless told.
        """
        told: dict[str, Any] = {"transaction": "", "set": {}, "days": 1, "in": list(FILES), **order}
        if set(told) != {"do", "transaction", "set", "days", "in"} or told["do"] not in ACTS:
            return f"a change has do ({', '.join(ACTS)}), transaction, set, days, in"
        if set(told["set"]) - {*COLUMNS, *BESIDE} or not set(told["in"]) <= set(FILES):
            return f"set names {', '.join((*COLUMNS, *BESIDE))}; in names {', '.join(FILES)}"
        if not isinstance(told["set"].get("SoTien", 0), int) or not isinstance(told["days"], int):
            return "SoTien and days are whole numbers"
        if told["do"] == "add" and not is_moment(str(told["set"].get("ThoiGianGD", ""))):
            return "a line is added with its ThoiGianGD"
        if told["do"] != "add" and not told["transaction"]:
            return "which transaction?"
        self.planned.append(told)
        return ""

    def made(self, lines: Iterable[Line], file: str, partner: str) -> list[Line]:
        """The lines as the file says them."""
        result = list(lines)
        for change in (change for change in self.planned if file in change["in"]):
            if change["do"] == "add":
                result.append(_added(change["set"], partner))
                continue
            hit = [line for line in result if change["transaction"] in (line["MaGiaoDich"], line["MaThamChieu"])]
            for line in hit:
                if change["do"] == "drop":
                    result.remove(line)
                elif change["do"] == "delay":
                    line["day"] = _day(line["day"]) + timedelta(days=change["days"])
                else:
                    line.update(change["set"], day=_day(change["set"].get("ThoiGianGD", line["day"])))
        return result


async def recon(request: Request) -> Response:
    """`?partner=` names the partner; the first one unless told."""
    day = _asked_day(request)
    if day is None:
        return refused("the day is yyyy-mm-dd")
    settings: PaymentSettings = request.app.state.platform.settings
    partner = request.query_params.get("partner") or next(iter(settings.partners))
    lines = [line for line in _lines(request, "recon", partner) if line["MaDoiTac"] == partner and line["day"] == day]
    rest = "".join("|".join(_cell(line[name]) for name in COLUMNS) + "\n" for line in lines)
    count, total = len(lines), sum(line["SoTien"] for line in lines)
    damage = settings.recon_damage
    head = f"MOCK-RECON|{day}|{partner}|{count + (damage == 'count')}|{total + (damage == 'total')}"
    secret = settings.partners.get(partner, [""])[0] + ("?" if damage == "checksum" else "")
    digest = hashlib.sha256(f"{head}\n{rest}{secret}".encode()).hexdigest()
    return Response(f"{head}|{digest}\n{rest}", media_type="text/plain")


async def statement(request: Request) -> Response:
    """Money that moved on accounts, refunds below zero; `?account=` keeps one."""
    day, account = _asked_day(request), request.query_params.get("account")
    if day is None:
        return refused("the day is yyyy-mm-dd")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(STATEMENT)
    for line in _lines(request, "statement", next(iter(request.app.state.platform.settings.partners))):
        if line["day"] != day or line["TrangThaiGD"] != State.PAID or account not in (None, line["TKThuHuong"]):
            continue
        amount = line["SoTien"] if line["Loai"] == "PAY" else -line["SoTien"]
        content = f"MOCK-STATEMENT {line['ThongTinGiaoDich']}"
        writer.writerow([day, line["MaGiaoDich"], line["MaThamChieu"], amount, line["TKThuHuong"], content])
    return Response(text.getvalue(), media_type="text/csv")


async def change(request: Request) -> Response:
    """GET what is planned; POST one more change; DELETE them all."""
    changes: Changes = request.app.state.changes
    if request.method == "DELETE":
        changes.clear()
    if request.method == "POST":
        complaint = changes.plan(await order_of(request))
        if complaint:
            return refused(complaint)
    return JSONResponse({"planned": changes.planned}, 201 if request.method == "POST" else 200)


ROUTES = [
    Route("/_mock/recon/{day}", recon),
    Route("/_mock/statement/{day}", statement),
    Route("/_mock/files", change, methods=["GET", "POST", "DELETE"]),
]


def _lines(request: Request, file: str, partner: str) -> list[Line]:
    platform: Platform = request.app.state.platform
    changes: Changes = request.app.state.changes
    lines = changes.made(_truth(platform.ledger), file, partner)
    return sorted(lines, key=lambda line: (line["ThoiGianGD"], line["MaGiaoDich"]))


def _truth(ledger: Ledger) -> Iterable[Line]:
    """Every transaction that came to an end, and every refund."""
    for found in ledger.by_reference.values():
        if found.state is not State.OPEN:
            told = {"Loai": "PAY", "TrangThaiGD": found.state.value, "SoTien": found.amount}
            yield _line(found, {**told, "MaGiaoDich": found.transaction_id, "ThoiGianGD": found.settled_at})
    for refund in ledger.refunds:
        told = {"Loai": "REFUND", "TrangThaiGD": State.PAID.value, "SoTien": refund.amount}
        yield _line(refund.transaction, {**told, "MaGiaoDich": refund.transaction_id, "ThoiGianGD": refund.at})


def _line(found: Transaction, told: Mapping[str, Any]) -> Line:
    return {
        "MaThamChieu": found.reference,
        "MaTienTe": found.init["MaTienTe"],
        "TKThuHuong": found.account,
        "MaNganHang": BANK,
        "MaDoiTac": found.init["MaDoiTac"],
        "ThongTinGiaoDich": found.init["ThongTinGiaoDich"],
        **told,
        "day": _day(told["ThoiGianGD"]),
    }


def _added(told: Mapping[str, Any], partner: str) -> Line:
    """A line that only the file knows (F30)."""
    plain = {"MaGiaoDich": "PP000000000001", "MaThamChieu": "", "Loai": "PAY", "TrangThaiGD": "1", "SoTien": 150000}
    more = {"MaTienTe": "VND", "TKThuHuong": "0000111122", "MaNganHang": BANK, "MaDoiTac": partner}
    whole = {**plain, **more, "ThongTinGiaoDich": "MOCK GIAO DICH", **told}
    return {**whole, "day": _day(whole["ThoiGianGD"])}


def _day(at: date | str) -> date:
    return at if isinstance(at, date) else datetime.strptime(at, "%Y%m%d%H%M%S").date()  # noqa: DTZ007 - local time


def _asked_day(request: Request) -> date | None:
    try:
        return date.fromisoformat(request.path_params["day"])
    except ValueError:
        return None


def _cell(value: object) -> str:
    """A value that cannot leave its column: the account is not signed, so it may hold anything."""
    return str(value).replace("|", " ").replace("\r", " ").replace("\n", " ")
