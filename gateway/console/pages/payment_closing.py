"""The day's three-way closing (PAY-07), and the bank's statements."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, UploadFile
from starlette.responses import Response

from gateway.cases.model import CaseKind
from gateway.console.given import Day, KnownDay
from gateway.console.money_lists import path_of, show
from gateway.console.visit import Visit, visit
from gateway.domain import local_day
from gateway.operators.model import Right
from gateway.reconciliation.model import BANK, MoneyDay, Statement, owner_of
from gateway.reconciliation.piles import Choice, Figure, Group, Line, Pile
from gateway.reconciliation.three_books import side_by_side
from gateway.sdk.errors import TooLargeError, UnprocessableError

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Acting = Annotated[Visit, Depends(visit(Right.OPERATE))]
HOME = "/console/payments/closing"
STATEMENTS = "/console/payments/statements"
SHOWN = 50
"""Lines of a rail's findings, and of a statement's faults, on one page."""
LARGEST = 5_242_880
Name = Annotated[str, Form(max_length=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One rail, or the bank, on the day. `day`: None: it was never compared."""

    rail: str
    day: MoneyDay | None
    states: dict[str, Figure]
    lines: list[Line]
    link: str

    @property
    def open(self) -> int:
        """Findings that somebody must act on."""
        return sum(self.states[state].count for state in ("no_case", "case_open") if state in self.states)

    @property
    def may_close(self) -> bool:
        is_ended = self.day is not None and self.day.ended_at is not None and self.day.closed_at is None
        return is_ended and "no_case" not in self.states


@router.get(HOME, name="payment_closing")
async def closing(visitor: Viewer, day: Annotated[Day, Query()] = None) -> Response:
    """Yesterday, unless a day is named."""
    money, today = visitor.desk.money, local_day(visitor.desk.services.clock())
    on = day or today - timedelta(days=1)
    visitor.about(on.isoformat())
    sides = [await _side(visitor, rail, on) for rail in (*money.day_acts.rails, BANK)]
    known = [side.day for side in sides if side.day is not None]
    return show(
        visitor,
        "closing",
        day=on,
        is_over=on < today,
        before=on - timedelta(days=1),
        after=on + timedelta(days=1),
        sides=sides,
        books=side_by_side(known),
        is_compared=len(known) == len(sides),
        bank=BANK,
        owner_of=lambda kind: owner_of(CaseKind(kind)).value,
    )


@router.post(f"{HOME}/compare", name="compare_payment_day")
async def compare(visitor: Acting, day: Annotated[KnownDay, Form()], rail: Name = "") -> Response:
    """One rail after the other; what was compared before one did not answer stays."""
    visitor.about(day.isoformat())
    acts, context = visitor.desk.money.day_acts, visitor.context
    for name in await acts.begin(day, rail, context=context):
        await acts.compare(day, name, context=context)
    told = {"vi": f"Đã đối soát ngày {day:%d/%m/%Y}.", "en": f"{day.isoformat()} was compared."}
    return visitor.back(f"{HOME}?day={day.isoformat()}", **told)


@router.post(f"{HOME}/close", name="close_payment_day")
async def close(visitor: Acting, day: Annotated[KnownDay, Form()], rail: Name) -> Response:
    """In the operator's own name. It cannot be undone."""
    visitor.about(day.isoformat())
    await visitor.desk.money.day_acts.close(day, rail, by=visitor.operator.login, context=visitor.context)
    return visitor.back(f"{HOME}?day={day.isoformat()}", vi="Đã khoá sổ.", en="The day is closed.")


@router.get(STATEMENTS, name="payment_statements")
async def statements(visitor: Viewer) -> Response:
    return await _statements(visitor)


@router.post(STATEMENTS, name="take_payment_statement")
async def take(
    visitor: Acting, *, account: Annotated[str, Form(max_length=60)], file: UploadFile, do: Name = "preview"
) -> Response:
    """Look at a file, or take it in; one that is wrong anywhere is refused with every line that is."""
    acts, account = visitor.desk.money.statements, account.strip()
    try:
        content = await _read(file)
        statement = await asyncio.to_thread(acts.read, content, account=_checked(account))
    except UnprocessableError as exc:
        return await _statements(visitor, account=account, refused=exc)
    visitor.about(f"statement:{account}")
    if do != "take":
        return await _statements(visitor, account=account, seen=statement)
    added = await acts.take(statement, by=visitor.operator.login, context=visitor.context)
    if added is None:
        told = {"vi": "Tệp này đã nhập trước đó; không thay đổi gì.", "en": "This very file was taken before."}
    else:
        count = len(statement.lines)
        told = {"vi": f"Đã nhập {added} dòng mới trong {count} dòng.", "en": f"{added} new lines of {count}."}
    return visitor.back(STATEMENTS, **told)


async def _side(visitor: Visit, rail: str, day: date) -> Side:
    held = await visitor.desk.money.days.find(visitor.tenant, rail, day)
    choice, piles = Choice(pile=Pile.DAY_FINDINGS, rail=rail, first=day), visitor.desk.money.piles
    found = await piles.page(visitor.tenant, choice, after=None, limit=SHOWN) if held else []
    states = await piles.by(visitor.tenant, choice, Group.STATE) if held else {}
    return Side(rail=rail, day=held, states=dict(states), lines=list(found), link=path_of(choice))


async def _statements(
    visitor: Visit, *, account: str = "", refused: UnprocessableError | None = None, seen: Statement | None = None
) -> Response:
    return show(
        visitor,
        "statements",
        status=refused.http_status if refused else 200,
        covered=await visitor.desk.money.statements.covered(visitor.tenant),
        account=account,
        refused=refused,
        shown=SHOWN,
        seen=seen,
    )


async def _read(file: UploadFile) -> bytes:
    content = await file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise TooLargeError("A statement has at most 5 MB.", vi="Tệp sao kê tối đa 5 MB.")
    return content


def _checked(account: str) -> str:
    if not account:
        english, vietnamese = "Say whose statement it is.", "Phải ghi tài khoản của sao kê."
        raise UnprocessableError(english, vi=vietnamese, what="statement")
    return account
