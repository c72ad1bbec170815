"""Lists of money: how each pile is shown, filtered, and led to from a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.console import given
from gateway.console import money_words as words
from gateway.console.given import Day
from gateway.console.links import linked
from gateway.console.money_words import Word, Words
from gateway.console.visit import Visit
from gateway.reconciliation.board import OWING, UNCLEAR
from gateway.reconciliation.piles import Choice, Figure, Line, Pile

ROWS = 50
BASE = "/console/payments"
Code = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]


class Asked(BaseModel):
    """What a list's address says; empty is any."""

    pile: str = ""
    state: Code = ""
    kind: Code = ""
    rail: Code = ""
    owner: Code = ""
    dossier: Code = ""
    first: Day = None
    last: Day = None
    late: bool = False
    after: Code = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How one pile looks. Heads are pairs of Vietnamese and English; a column without one is not shown."""

    path: str
    vi: str
    en: str
    at: tuple[str, str]
    about: tuple[str, str] = ("Hồ sơ", "Dossier")
    rail: tuple[str, str] = ("Kênh", "Rail")
    note: tuple[str, str] = ("", "")
    amount: tuple[str, str] = ("Số tiền", "Amount")
    states: Words = field(default_factory=dict)
    kinds: Words = field(default_factory=dict)
    notes: Words = field(default_factory=dict)
    several: Mapping[str, Word] = field(default_factory=dict)
    """Choices of several states at once, by their codes with commas between."""
    one: str = ""
    """Where one of them is shown."""
    filters: tuple[str, ...] = ("state", "first", "last")


SPAN = ("first", "last")
LOOKS: Mapping[Pile, Look] = {
    Pile.BILLS: Look(
        path="bills", vi="Khoản phải thu", en="Bills", at=("Lập lúc", "Issued"), rail=("", ""),
        note=("Tài khoản thụ hưởng", "Beneficiary account"), states=words.BILL_STATES, one="bills",
        several={",".join(OWING): Word("Phải thu (trừ miễn, huỷ)", "Due (not exempt or cancelled)")},
        filters=("state", *SPAN, "dossier"),
    ),
    Pile.PAID: Look(
        path="attempts", vi="Đã nộp trực tuyến", en="Paid online", at=("Nộp lúc", "Paid"), states=words.ATTEMPT_STATES,
        kinds=words.PAID_KINDS, note=("Mã giao dịch của kênh", "Transaction of the rail"), one="attempts",
        filters=("kind", "rail", *SPAN, "dossier"),
    ),
    Pile.ATTEMPTS: Look(
        path="attempts", vi="Lần thanh toán", en="Attempts to pay", at=("Bắt đầu lúc", "Begun"),
        states=words.ATTEMPT_STATES, note=("Mã giao dịch của kênh", "Transaction of the rail"), one="attempts",
        several={",".join(UNCLEAR): Word("Chưa rõ kết quả", "Without a clear end")},
        filters=("state", "rail", *SPAN, "dossier"),
    ),
    Pile.REFUNDS: Look(
        path="refunds", vi="Hoàn trả", en="Refunds", at=("Trạng thái từ lúc", "State since"),
        states=words.REFUND_STATES, kinds=words.REFUND_KINDS, notes=words.WAYS, note=("Cách hoàn", "Way"),
        one="refunds", filters=("state", "rail", *SPAN),
    ),
    Pile.CASES_OPEN: Look(
        path="cases", vi="Vụ việc chưa xử lý", en="Open cases", at=("Hạn xử lý", "Due"), about=("Về", "About"),
        states=words.CASE_STATES, kinds=words.CASE_KINDS, notes=words.OWNERS, note=("Bên phải xử lý", "Who must act"),
        one="cases", filters=("kind", "rail", "owner"),
    ),
    Pile.CASES_RESOLVED: Look(
        path="cases", vi="Vụ việc đã xử lý", en="Resolved cases", at=("Xử lý lúc", "Resolved"), about=("Về", "About"),
        states=words.CASE_STATES, kinds=words.CASE_KINDS, notes=words.OWNERS, note=("Bên phải xử lý", "Who had to act"),
        one="cases", filters=("kind", "rail", "owner", *SPAN),
    ),
    Pile.FINDINGS: Look(
        path="findings", vi="Chưa khớp, chưa có vụ việc", en="Unmatched, no case", at=("Thấy lúc", "Found"),
        about=("Mã tham chiếu", "Reference"), states=words.CASE_STATES, kinds=words.CASE_KINDS,
        note=("Ngày của sổ", "Day of the books"), filters=(),
    ),
    Pile.DAY_FINDINGS: Look(
        path="findings", vi="Kết quả so một ngày", en="What a day's comparison found", at=("Thấy lúc", "Found"),
        about=("Mã tham chiếu", "Reference"), states=words.FINDING_STATES, kinds=words.CASE_KINDS,
        note=("Vụ việc", "Case"), filters=("kind",),
    ),
    Pile.RECEIPTS: Look(
        path="receipts", vi="Biên lai đã lập", en="Issued receipts", at=("Lập lúc", "Issued"),
        states=words.RECEIPT_STATES, kinds=words.RECEIPT_KINDS, rail=("Đơn vị thu", "Unit"),
        note=("Ký hiệu, số", "Symbol, number"), one="receipts",
        filters=("state", *SPAN, "dossier"),
    ),
    Pile.RECEIPTS_DUE: Look(
        path="receipts", vi="Biên lai chờ lập", en="Receipts to be issued", at=("Từ lúc", "Since"),
        states=words.RECEIPT_STATES, kinds=words.RECEIPT_KINDS, rail=("Đơn vị thu", "Unit"),
        note=("Vì sao chờ", "Why it waits"), one="receipts", filters=(),
    ),
    Pile.RECEIPTS_WAITING: Look(
        path="receipts", vi="Chưa tới cơ quan thuế", en="Not yet at the tax office", at=("Lập lúc", "Issued"),
        states=words.RECEIPT_STATES, kinds=words.RECEIPT_KINDS, rail=("Đơn vị thu", "Unit"),
        note=("Lần gửi cuối", "Last try"), one="receipts", filters=SPAN,
    ),
    Pile.RECEIPTS_UNTOLD: Look(
        path="receipts", vi="Chưa từng gửi cơ quan thuế", en="Never sent to the tax office", at=("Lập lúc", "Issued"),
        states=words.RECEIPT_STATES, kinds=words.RECEIPT_KINDS, rail=("Đơn vị thu", "Unit"),
        note=("Ký hiệu, số", "Symbol, number"), one="receipts", filters=SPAN,
    ),
    Pile.PAPERS: Look(
        path="receipts", vi="Thu tại quầy (biên lai giấy)", en="Paid at a counter (on paper)",
        at=("Ghi nhận lúc", "Recorded"), states=words.RECEIPT_STATES, kinds=words.RECEIPT_KINDS, rail=("", ""),
        note=("Ngày trên biên lai", "Date on it"), filters=SPAN,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page of a pile, the figure over all of it, and the address of the next page (empty: there is none)."""

    choice: Choice
    look: Look
    lines: Sequence[Line]
    figure: Figure
    onward: str


def path_of(choice: Choice, *, after: str = "") -> str:
    """The list that holds exactly these lines."""
    said = {
        "pile": choice.pile.value,
        "state": ",".join(choice.states),
        "kind": choice.kind,
        "rail": choice.rail,
        "owner": choice.owner,
        "dossier": choice.dossier,
        "first": choice.first,
        "last": choice.last,
        "late": "true" if choice.late else "",
        "after": after,
    }
    return linked(f"{BASE}/{LOOKS[choice.pile].path}", **said)


async def listed(visitor: Visit, asked: Asked, piles: Sequence[Pile]) -> Listing:
    """The first of `piles` unless another one of them is asked for."""
    choice = chosen(asked, piles)
    held = visitor.desk.money.piles
    found = await held.page(visitor.tenant, choice, after=given.place(asked.after), limit=ROWS + 1)
    lines = found[:ROWS]
    onward = ""
    if len(found) > ROWS:
        onward = path_of(choice, after=given.placed(lines[-1].at, lines[-1].id))
    figure = await held.count(visitor.tenant, choice)
    return Listing(choice=choice, look=LOOKS[choice.pile], lines=lines, figure=figure, onward=onward)


def show(visitor: Visit, template: str, *, status: int = 200, **facts: Any) -> Response:
    """A page about money, which knows what its states are called."""
    known = {"words": words, "word_of": words.word_of, "looks": LOOKS, "link": path_of}
    return visitor.page(f"payments/{template}.html", status=status, **known, **facts)


def chosen(asked: Asked, piles: Sequence[Pile]) -> Choice:
    return Choice(
        pile=next((pile for pile in piles if pile.value == asked.pile), piles[0]),
        states=tuple(state for state in asked.state.split(",") if state),
        kind=asked.kind,
        rail=asked.rail,
        owner=asked.owner,
        dossier=asked.dossier.strip(),
        first=asked.first,
        last=asked.last,
        late=asked.late,
    )
