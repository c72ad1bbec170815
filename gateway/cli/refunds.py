"""`lienthong refunds`: money that goes back to payers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway
from gateway.bootstrap.money_acts import MoneyActs
from gateway.cli.output import console
from gateway.cli.session import acting, acting_login, with_gateway
from gateway.domain import VIETNAM
from gateway.reconciliation.words import money
from gateway.refunds.acts import RefundActs
from gateway.refunds.model import Approval, Proof, Refund, RefundState, RefundWay, Step
from gateway.sdk.errors import UnprocessableError

app = typer.Typer(help="Money that goes back to payers. Hoàn trả phí, lệ phí.", no_args_is_help=True)
RefundId = Annotated[str, typer.Argument(help="Id of the refund. Mã hoàn trả.")]


@app.command("list")
def list_refunds(
    *,
    state: Annotated[
        RefundState | None, typer.Option(help="Of one state only; requested and approved want a person. Trạng thái.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="So many, newest first. Số dòng.")] = 50,
) -> None:
    """Refunds, newest first. Danh sách các khoản hoàn trả."""

    async def act(gateway: Gateway) -> Sequence[Refund]:
        if state is RefundState.UNKNOWN:
            sent = await gateway.stores.refunds.latest(gateway.tenant, state=RefundState.SENT, limit=limit)
            seen = [await gateway.services.refunds.get(r.refund_id, context=acting(gateway)) for r in sent]
            return [refund for refund in seen if refund.state is RefundState.UNKNOWN]
        return await gateway.stores.refunds.latest(gateway.tenant, state=state, limit=limit)

    found = with_gateway(act)
    table = Table("refund", "payment", "dossier", "amount", "kind", "way", "state", "asked by", "since", "code")
    for refund in found:
        named = (refund.refund_id, refund.payment_id, refund.dossier_code, money(refund.amount), refund.kind)
        table.add_row(*named, refund.way, refund.state, refund.requested_by, _time(refund.created_at), refund.trouble)
    console.print(table if found else "There are none. Không có khoản hoàn trả nào.")


@app.command()
def show(refund_id: RefundId) -> None:
    """One of them and every state that it was in. Một khoản hoàn trả và các trạng thái đã qua."""

    async def act(gateway: Gateway) -> tuple[Refund, Sequence[Step]]:
        context = acting(gateway)
        refund = await gateway.services.refunds.get(refund_id, context=context)
        return refund, await gateway.services.refunds.steps(refund_id, context=context)

    refund, steps = with_gateway(act)
    decision = f"{refund.decision_number} {refund.decision_day or ''}".strip()
    lines = {
        "refund": refund.refund_id,
        "payment": f"{refund.payment_id} ({refund.rail})",
        "dossier": refund.dossier_code,
        "amount": f"{money(refund.amount)} {refund.currency} (phí {money(refund.fee)}, lệ phí {money(refund.charge)})",
        "kind, way": f"{refund.kind.value}, {refund.way.value}",
        "state": f"{refund.state.value} ({refund.state.label_vi}) {refund.trouble}".strip(),
        "reason": refund.reason,
        "decision": decision,
        "number": refund.refund_transaction_id,
    }
    for name, said in lines.items():
        console.print(f"{name:<10} {said}")
    for step in steps:
        console.print(f"  {_time(step.at)} {step.state.value:<10} {step.actor}")


@app.command()
def approve(
    refund_id: RefundId,
    *,
    number: Annotated[str, typer.Option(help="Of the decision, unless the request named it. Số quyết định.")] = "",
    day: Annotated[str, typer.Option(help="Its date, YYYY-MM-DD. Ngày quyết định.")] = "",
    by_hand: Annotated[bool, typer.Option("--by-hand", help="Not over the rail. Hoàn thủ công.")] = False,
) -> None:
    """Allow it, in your own name; not what you asked for yourself. Phê duyệt hoàn trả bằng tài khoản của bạn."""
    signed = _day(day) if day else None
    way = RefundWay.BY_HAND if by_hand else None

    async def act(gateway: Gateway) -> Refund:
        approval = Approval(approved_by=acting_login(), decision_number=number, decision_day=signed, way=way)
        return await _acts(gateway).approve(refund_id, approval, context=acting(gateway))

    _do(act, refund_id)


@app.command()
def record(
    refund_id: RefundId,
    *,
    document: Annotated[str, typer.Option(help="Number of the payment order. Số chứng từ chi.")],
    paid_at: Annotated[str, typer.Option(help="When, such as 2026-11-24T10:00. Thời điểm chi trả.")],
) -> None:
    """Money went back by hand: what proves it. Ghi nhận đã hoàn trả thủ công, kèm chứng từ.

    To whose account is asked for: everybody on the machine sees the words of a command. Số và tên tài khoản được hỏi.
    """
    moment = _moment(paid_at)
    account, name = typer.prompt("Số tài khoản nhận"), typer.prompt("Tên tài khoản nhận")

    async def act(gateway: Gateway) -> Refund:
        proof = Proof(
            recorded_by=acting_login(),
            document_number=document,
            paid_at=moment,
            payee_account=account,
            payee_name=name,
        )
        return await _acts(gateway).record(refund_id, proof, context=acting(gateway))

    _do(act, refund_id)


@app.command()
def cancel(refund_id: RefundId) -> None:
    """No money shall go back; of one under way only once it is held. Huỷ khoản hoàn trả."""

    async def act(gateway: Gateway) -> Refund:
        return await _acts(gateway).cancel(refund_id, by=acting_login(), context=acting(gateway))

    _do(act, refund_id)


def _do(act: Callable[[Gateway], Awaitable[Refund]], refund_id: str) -> None:
    refund = with_gateway(act)
    typer.echo(f"{refund_id}: {refund.state.value}. {refund.state.label_vi}.")


def _acts(gateway: Gateway) -> RefundActs:
    return MoneyActs.on(gateway.ground, gateway.stores, gateway.able).refunds


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise UnprocessableError("--day is written 2026-11-23.", vi="--day phải ghi như 2026-11-23.") from exc


def _moment(text: str) -> datetime:
    """Local time, unless it names its zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise UnprocessableError(
            "--paid-at is written 2026-11-24T10:00.", vi="--paid-at phải ghi như 2026-11-24T10:00."
        ) from exc
    return moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)


def _time(at: datetime) -> str:
    return at.astimezone(VIETNAM).isoformat(timespec="seconds")
