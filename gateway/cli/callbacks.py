"""`lienthong callbacks`: what the one-stop systems are told about money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway, utc_now
from gateway.callbacks.model import Event, EventState
from gateway.cli.output import console
from gateway.cli.session import record_act, with_gateway
from gateway.sdk.errors import NotFoundError

app = typer.Typer(
    help="What one-stop systems are told about payments and refunds. Thông báo về thanh toán, hoàn trả.",
    no_args_is_help=True,
)
EventId = Annotated[str, typer.Argument(help="Its webhook-id. Mã thông báo (webhook-id).")]


@app.command("list")
def list_events(
    *,
    state: Annotated[
        EventState | None, typer.Option(help="Of one state only; given_up wants a person. Chỉ một trạng thái.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="So many, newest first. Số dòng.")] = 50,
) -> None:
    """What clients were told, and are still to be told. Danh sách thông báo."""

    async def act(gateway: Gateway) -> Sequence[Event]:
        return await gateway.stores.events.latest(gateway.tenant, state=state, limit=limit)

    found = with_gateway(act)
    table = Table("event", "client", "type", "about", "dossier", "state", "tries", "due", "code")
    for event in found:
        due = event.due.isoformat(timespec="seconds") if event.due else ""
        said = (event.event_id, event.client_id, event.type, event.subject, event.reference, event.state)
        table.add_row(*said, str(event.tries), due, event.trouble)
    console.print(table if found else "There are none. Không có thông báo nào.")


@app.command()
def hurry(event_id: EventId) -> None:
    """Call now whoever still waits for it. Gọi báo ngay."""

    async def act(gateway: Gateway) -> bool:
        async with gateway.ground.database.transaction():
            done = await gateway.stores.events.hurry(gateway.tenant, event_id, now=utc_now())
            if done:
                await record_act(gateway, "hurry_callback", reference=event_id, facts={})
        return done

    if not with_gateway(act):
        raise NotFoundError("No event of this id waits.", vi="Không có thông báo nào mang mã này đang chờ.")
    typer.echo(f"{event_id}: due now. Sẽ được gọi báo ngay.")
