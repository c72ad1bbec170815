"""`lienthong receipts tax`: whether the tax authority has learnt of every receipt."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway, utc_now
from gateway.bootstrap.taxing import transmission_watch
from gateway.cli.output import console
from gateway.cli.session import with_gateway
from gateway.domain import VIETNAM, local_day
from gateway.receipts.tax_watch import Haste, Standing

HASTE = {
    Haste.NONE: "in time — đúng hạn",
    Haste.LATE: "late: the second working day — chậm: sang ngày làm việc thứ hai",
    Haste.OVERDUE: "overdue — quá hạn",
}


def tax(
    *,
    days: Annotated[int, typer.Option(min=1, max=366, help="Count the told ones of so many days. Số ngày.")] = 1,
) -> None:
    """How many receipts the tax authority was told of, how many wait, since when, and by when they must be there.
    Tình hình truyền dữ liệu biên lai tới cơ quan thuế."""

    async def act(gateway: Gateway) -> Standing | None:
        watch = transmission_watch(gateway.ground, gateway.stores, gateway.able.alarms)
        if not watch.chores():
            return None
        return await watch.standing(since=local_day(utc_now()) - timedelta(days=days - 1))

    standing = with_gateway(act)
    if standing is None:
        console.print("Receipts are not told to the tax authority. Chưa truyền dữ liệu biên lai tới cơ quan thuế.")
        raise typer.Exit(1)
    table = Table("told", "since", "waiting", "held", "oldest", "due", "state")
    table.add_row(
        str(standing.told),
        standing.since.isoformat(),
        str(standing.waiting),
        str(standing.held),
        standing.oldest.isoformat() if standing.oldest else "",
        _local(standing.due),
        HASTE[standing.haste],
    )
    console.print(table)
    raise typer.Exit(1 if standing.haste is Haste.OVERDUE else 0)


def _local(moment: datetime | None) -> str:
    return f"{moment.astimezone(VIETNAM):%Y-%m-%d %H:%M}" if moment else ""
