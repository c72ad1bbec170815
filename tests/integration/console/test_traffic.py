"""Plots and sharing statistics: figures that equal the log, whatever is asked (KPI-10, KPI-11)."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from console_house import House

from gateway.audit.model import Entry, EntryKind
from gateway.bootstrap import utc_now
from gateway.bootstrap.following import indexer_of
from gateway.domain import local_day
from gateway.operators.model import Role

PLOT = re.compile(r'<script type="application/json" id="plot-([a-z]+)">(.*?)</script>', re.S)


@pytest.mark.parametrize("span", ["hour", "day", "month"])
@pytest.mark.parametrize("kind", ["exchange", "inbound", "request"])
async def test_each_plot_has_a_point_for_every_span_and_a_table(house: House, span: str, kind: str) -> None:
    browser = await house.enter(Role.VIEWER)
    await indexed(house)
    page = await browser.get(f"/console/traffic?span={span}&kind={kind}&system=population")
    plots = {name: json.loads(text) for name, text in PLOT.findall(page)}
    assert set(plots) == {"outcomes", "latency", "success", "backlog", "oldest"}
    wanted = {"hour": 60, "day": 24, "month": 30}[span]
    assert {len(column) for plot in plots.values() for column in plot["data"]} == {wanted}
    assert plots["outcomes"]["form"] == "stack"
    assert page.count("<summary>Số liệu</summary>") == 5


async def test_what_was_not_measured_is_a_gap_and_not_nought(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    await indexed(house)
    page = await browser.get("/console/traffic?span=hour&system=vnpay")
    plots = {name: json.loads(text) for name, text in PLOT.findall(page)}
    assert set(plots["latency"]["data"][1]) == {None}
    assert set(plots["success"]["data"][1]) == {None}
    assert set(plots["outcomes"]["data"][1]) == {0}


async def test_what_is_not_counted_yet_is_a_gap_and_not_nought(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    await indexed(house)
    assert "chưa được đếm tới hiện tại" not in await browser.get("/console/traffic?span=hour&system=vnpay")
    async with house.gateway.ground.database.transaction() as connection:
        await connection.execute("UPDATE log_reader SET moved_at = moved_at - interval '30 min' WHERE name = 'traffic'")
    page = await browser.get("/console/traffic?span=hour&system=vnpay")
    assert "chưa được đếm tới hiện tại" in page
    plots = {name: json.loads(text) for name, text in PLOT.findall(page)}
    calls = plots["outcomes"]["data"][1]
    assert (calls[0], calls[-1]) == (0, None)
    assert 29 <= calls.count(None) <= 31
    await indexed(house)


@pytest.mark.parametrize("query", ["span=year", "kind=admin", "system=a'b", "system=" + "x" * 60])
async def test_what_makes_no_sense_is_refused(house: House, query: str) -> None:
    browser = await house.enter(Role.VIEWER)
    await browser.get(f"/console/traffic?{query}", status=422)


@pytest.mark.usefixtures("one_day")
async def test_sharing_statistics_equal_the_log(house: House) -> None:
    """KPI-11: the totals of page and file equal the exchanges of the log."""
    tenant, gateway = house.gateway.tenant, house.gateway
    browser = await house.enter(Role.VIEWER)
    for number in range(3):
        await gateway.ground.recorder.record(exchange(tenant, number))
    await indexed(house)
    async with gateway.ground.database.transaction() as connection:
        cursor = await connection.execute(
            "SELECT count(*) AS n FROM transaction WHERE tenant = %s AND kind IN ('exchange', 'inbound')"
            " AND system <> '' AND position(':' IN system) = 0",
            (tenant,),
        )
        row = await cursor.fetchone()
    assert row is not None
    assert row["n"] >= 3
    response = await browser.client.get("/console/traffic/sharing.csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert f"{local_day(utc_now()):%Y-%m}.csv" in response.headers["content-disposition"]
    table = list(csv.reader(io.StringIO(response.text.removeprefix("\ufeff"))))
    assert sum(int(line[4]) for line in table[1:-1]) == int(table[-1][4]) == row["n"]
    assert any(line[2] == "'=client" for line in table)  # no formula for a spreadsheet
    page = await browser.get("/console/traffic/sharing")
    assert f"<strong>{row['n']}</strong>" in page


async def test_a_month_that_is_none_is_refused_and_an_empty_one_says_so(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    await browser.get("/console/traffic/sharing?month=2026-13", status=422)
    assert "chưa có giao dịch nào" in await browser.get("/console/traffic/sharing?month=2020-01")


def exchange(tenant: str, number: int) -> Entry:
    return Entry(
        kind=EntryKind.EXCHANGE,
        tenant=tenant,
        actor="=client",
        operation="lookup_enterprise",
        outcome="answered",
        occurred_at=utc_now(),
        trace_id=f"{number:032x}",
        system="business_registry",
        facts={"duration_ms": 120},
    )


async def indexed(house: House) -> None:
    indexer = indexer_of(house.gateway.ground, house.gateway.stores)
    while await indexer.step():
        pass
    await house.gateway.work.counter.catch_up()
