"""`lienthong rechecks`: verifications that are asked again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway, utc_now
from gateway.cli.output import console
from gateway.cli.session import record_act, with_gateway
from gateway.rechecks.model import Recheck, RecheckState
from gateway.sdk.errors import NotFoundError

app = typer.Typer(
    help="Verifications that are asked again until there is an answer. Các yêu cầu xác thực lại.", no_args_is_help=True
)
RecheckId = Annotated[str, typer.Argument(help="Id that the API gave. Mã yêu cầu xác thực lại.")]


@app.command("list")
def list_rechecks(
    *,
    state: Annotated[
        RecheckState | None, typer.Option(help="Of one state only; given_up wants a person. Chỉ một trạng thái.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="So many, newest first. Số dòng.")] = 50,
) -> None:
    """What is asked again, and how far it is. Danh sách yêu cầu xác thực lại."""

    async def act(gateway: Gateway) -> Sequence[Recheck]:
        return await gateway.stores.office.rechecks.latest(gateway.tenant, state=state, limit=limit)

    found = with_gateway(act)
    table = Table("recheck", "client", "operation", "dossier", "state", "tries", "due", "code", "callback")
    for recheck in found:
        table.add_row(
            recheck.recheck_id,
            recheck.client_id,
            recheck.operation,
            recheck.dossier_code,
            recheck.state,
            str(recheck.tries),
            _time(recheck.due),
            recheck.trouble or recheck.callback_trouble,
            recheck.callback,
        )
    console.print(table if found else "There are none. Không có yêu cầu nào.")


@app.command()
def show(recheck_id: RecheckId) -> None:
    """One of them, without anything about the person. Một yêu cầu, không có dữ liệu cá nhân."""

    async def act(gateway: Gateway) -> Recheck | None:
        return await gateway.stores.office.rechecks.find(gateway.tenant, recheck_id)

    recheck = with_gateway(act)
    if recheck is None:
        raise _unknown()
    lines = {
        "recheck": recheck.recheck_id,
        "client": recheck.client_id,
        "operation": recheck.operation.value,
        "dossier": recheck.dossier_code,
        "reference": recheck.reference,
        "trace": recheck.trace_id,
        "state": f"{recheck.state.value} ({recheck.state.label_vi})",
        "tries": f"{recheck.tries} {recheck.trouble}".strip(),
        "created": _time(recheck.created_at),
        "due": _time(recheck.due),
        "ended": _time(recheck.ended_at),
        "callback": f"{recheck.callback.value} {recheck.callback_tries} {recheck.callback_trouble}".strip(),
        "erased": _time(recheck.erased_at),
    }
    for name, said in lines.items():
        console.print(f"{name:<10} {said}")


@app.command()
def hurry(recheck_id: RecheckId) -> None:
    """Ask, or call the client, now. Hỏi lại (hoặc gọi báo) ngay."""

    async def act(gateway: Gateway) -> bool:
        async with gateway.ground.database.transaction():
            done = await gateway.stores.office.rechecks.hurry(gateway.tenant, recheck_id, now=utc_now())
            if done:
                await record_act(gateway, "hurry_recheck", reference=recheck_id, facts={})
        return done

    if not with_gateway(act):
        raise _unknown()
    typer.echo(f"{recheck_id}: due now. Sẽ được hỏi lại ngay.")


def _time(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""


def _unknown() -> NotFoundError:
    return NotFoundError(
        "No recheck has this id, or nothing is left to do about it.",
        vi="Không có yêu cầu xác thực lại nào mang mã này, hoặc không còn gì phải làm.",
    )
