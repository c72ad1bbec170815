"""`lienthong retention`: what must not be erased, and what is erased by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from gateway.audit.subject import subject_digest
from gateway.bootstrap import Gateway
from gateway.bootstrap.retaining import retention_of
from gateway.cli.asking import ask_number, operator_of
from gateway.cli.output import console
from gateway.cli.session import operator, with_gateway
from gateway.operators.model import Operator, Right
from gateway.retention.model import Erased, Hold, Scope
from gateway.retention.service import Retention
from gateway.sdk.errors import NotAllowedError, UnprocessableError

app = typer.Typer(help="How long bodies are kept. Thời hạn lưu và lệnh giữ dữ liệu.", no_args_is_help=True)
MOST_DIGITS = 18
"""Of a row's index; the database counts to 2⁶³."""
Reason = Annotated[str, typer.Option(help="Why; it is kept sealed. Lý do.")]
Reference = Annotated[str, typer.Option(help="Dossier code or another reference. Mã hồ sơ hoặc mã tham chiếu.")]


@app.command()
def hold(
    *,
    reason: Reason,
    reference: Reference = "",
    index_range: Annotated[str, typer.Option(help="Rows FIRST-LAST. Khoảng dòng nhật ký.")] = "",
    subject: Annotated[bool, typer.Option("--subject", help="A person; the number is asked. Một người.")] = False,
) -> None:
    """Nothing of it is erased until it is lifted. Giữ dữ liệu: không xoá cho tới khi gỡ."""
    number = ask_number() if subject else ""

    async def act(gateway: Gateway) -> Hold:
        digest = subject_digest(number, gateway.ground.keyring, tenant=gateway.tenant) if number else b""
        first, last = _range(index_range)
        scope = Scope(reference=reference, first=first, last=last, subject=digest)
        return await _service(gateway).hold(scope, reason=reason, by=operator_of(gateway))

    placed = with_gateway(act, right=Right.PRIVACY)
    typer.echo(f"Đã giữ, lệnh số {placed.id}. Held: number {placed.id}.")


@app.command()
def lift(
    hold_id: Annotated[int, typer.Argument(min=1, help="Number from `list`. Số của lệnh.")], *, reason: Reason
) -> None:
    """Lift a hold; a second person must have allowed it. Gỡ lệnh giữ, cần người thứ hai chấp thuận."""

    async def act(gateway: Gateway) -> Hold:
        service = _service(gateway)
        return await service.lift(hold_id, reason=reason, by=_somebody())

    typer.echo(f"Đã gỡ lệnh số {with_gateway(act).id}. Lifted.")


@app.command("list")
def list_holds(
    *, everything: Annotated[bool, typer.Option("--all", help="Lifted ones, too. Cả lệnh đã gỡ.")] = False
) -> None:
    """Holds that stand. Các lệnh giữ đang có hiệu lực."""

    async def act(gateway: Gateway) -> Sequence[Hold]:
        return await _service(gateway).holds(gateway.tenant, everything=everything)

    found = with_gateway(act)
    table = Table("id", "what", "by", "since", "lifted", "reason")
    for one in found:
        lifted = one.lifted_at.isoformat(timespec="seconds") if one.lifted_at else ""
        since = one.at.isoformat(timespec="seconds")
        table.add_row(str(one.id), _what(one.scope), one.by, since, lifted, one.reason)
    console.print(table if found else "Nothing is held. Không có lệnh giữ nào.")


@app.command()
def erase(*, reference: Reference, reason: Reason) -> None:
    """Erase the bodies of one reference; a second person must have allowed it. Xoá nội dung của một hồ sơ."""

    async def act(gateway: Gateway) -> Erased:
        service = _service(gateway)
        return await service.erase(reference, reason=reason, by=_somebody())

    done = with_gateway(act)
    typer.echo(f"Đã xoá {done.bodies} nội dung của {done.rows} dòng. Erased {done.bodies} bodies of {done.rows} rows.")


def _service(gateway: Gateway) -> Retention:
    return retention_of(gateway.ground, gateway.stores, gateway.able.approvals)


def _somebody() -> Operator:
    who = operator()
    if who is None:
        raise NotAllowedError(
            "This takes two operators who are known by name: `lienthong login` first, then `lienthong approvals ask`.",
            vi="Việc này cần hai người vận hành có tài khoản: `lienthong login`, rồi `lienthong approvals ask`.",
            what="needs_approval",
        )
    return who


def _what(scope: Scope) -> str:
    if scope.first is not None:
        return f"{scope.first}-{scope.last}"
    return scope.reference or "a person — một người"


def _range(text: str) -> tuple[int | None, int | None]:
    """`12-40`; both None when nothing was said."""
    if not text:
        return None, None
    first, dash, last = text.partition("-")
    if not (dash and all(end.isascii() and end.isdigit() and len(end) <= MOST_DIGITS for end in (first, last))):
        raise UnprocessableError("A range is FIRST-LAST.", vi="Khoảng dòng viết là ĐẦU-CUỐI.", what="hold_scope")
    return int(first), int(last)
