"""A night at the portal: its list drifts, traffic names a code too early, and arrives when the list has it."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from operations import BODIED
from province import TENANT, Province, now
from services import atomically

from gateway.catalogues.nightly import takeovers
from gateway.delivery.policy import Policy
from gateway.delivery.worker import Worker
from gateway.domain import Context
from gateway.sdk import WireRequest
from gateway.sdk.errors import UnprocessableError

DOSSIER = next(operation for operation in BODIED if operation.name == "put_dossier")
CODE = "000.00.05.H99-261123-0007"
CONTEXT = Context(tenant=TENANT, actor="nightly", trace_id="a" * 32, traceparent="")


async def night(province: Province) -> None:
    for chore in takeovers(province.catalogues, ["fields", "procedures"], tenant=TENANT, at=now().time()):
        await chore.do()


async def deliver(province: Province) -> None:
    worker = Worker(
        province.outbox, province.exchange, name="w", atomically=atomically, clock=now, policy=Policy(), follow_ups={}
    )
    while await worker.drain():
        pass


class Portal:
    """The mock's own window."""

    def __init__(self, province: Province) -> None:
        self._transport = province.systems["national_portal"].transport

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        content = b"" if body is None else json.dumps(body).encode()
        reply = await self._transport.send(
            WireRequest(method=method, url=f"http://127.0.0.1:7103/_mock/{path}", content=content)
        )
        return reply.status, json.loads(reply.content) if reply.content else None


@pytest.fixture
async def province() -> AsyncIterator[Province]:
    """The mocks are shared by the process, so what drifts is put back."""
    made = Province()
    await Portal(made).ask("POST", "reset")
    yield made
    await Portal(made).ask("POST", "reset")


async def test_a_list_of_unknown_fields_is_watched_row_by_row(province: Province) -> None:
    """COD-12 (part): drift of the catalogues whose shape is not public."""
    first = await province.catalogues.sync("genders", context=CONTEXT)
    assert sorted(json.loads(row)["MOCK-TEN"] for row in first.drift.added.values()) == ["Nam", "Nữ"]
    assert (await province.catalogues.sync("genders", context=CONTEXT)).drift.is_empty
    rows = {"LayDanhMucGioiTinh": [{"MOCK-MA": "1", "MOCK-TEN": "Nam"}, {"MOCK-MA": "2", "MOCK-TEN": "Nữ giới"}]}
    await Portal(province).ask("POST", "catalogue", {"name": "small", "rows": rows})
    second = await province.catalogues.sync("genders", context=CONTEXT)
    assert [json.loads(row)["MOCK-TEN"] for row in second.drift.added.values()] == ["Nữ giới"]
    assert [json.loads(row)["MOCK-TEN"] for row in second.drift.vanished.values()] == ["Nữ"]
    assert (await province.catalogues.sync("online_services", context=CONTEXT)).drift.added == {
        "1.009999.02": "Nộp trực tuyến ví dụ"
    }
    with pytest.raises(UnprocessableError):
        await province.catalogues.sync("weather", context=CONTEXT)


async def test_a_code_that_the_portal_brings_later_is_waited_for_and_then_arrives(
    province: Province,
) -> None:
    """COD-12 (part): nightly diff report, an unknown code in traffic is quarantined, and nothing is lost."""
    mock, caller = Portal(province), province.client(await province.issue())
    body = copy.deepcopy(DOSSIER.body)
    body["field"] = {"code": "G09-MOI01", "name": "Lĩnh vực mới"}
    await night(province)
    assert (await caller.put(f"/v1/dossiers/{CODE}", json=body)).status_code == 202
    event = {"event_id": "b-1", "status": 4, "at": "2026-11-23T09:00:00+07:00"}
    event |= {"officer_name": "Lê Văn Thử", "content": "Chuyển xử lý"}
    steps = f"/v1/dossiers/{CODE}/status-events"
    assert (await caller.post(steps, json=event, headers={"Idempotency-Key": "1"})).status_code == 202
    await deliver(province)
    [target] = (await caller.get(f"/v1/dossiers/{CODE}/sync")).json()["targets"]
    assert (target["state"], target["trouble"]["code"]) == ("held", "caller.unknown_code")
    assert "G09-MOI01" in target["trouble"]["detail"]
    assert (await mock.ask("GET", f"dossiers/{CODE}"))[0] == 404
    rows = [
        {"MALINHVUC": "G03-GD10", "TENLINHVUC": "Lĩnh vực ví dụ", "MANGANH": "G03"},
        {"MALINHVUC": "G09-MOI01", "TENLINHVUC": "Lĩnh vực mới", "MANGANH": "G09"},
    ]
    assert (await mock.ask("POST", "catalogue", {"name": "fields", "rows": rows}))[0] == 204
    await night(province)
    newest = (await province.lists.reports(TENANT, limit=1))[0]
    assert newest.drift.added == {"G09-MOI01": "Lĩnh vực mới"}
    assert newest.drift.vanished == {"G05-VD20": "Lĩnh vực mẫu"}
    await deliver(province)
    _, held = await mock.ask("GET", f"dossiers/{CODE}")
    assert held["dossier"]["MaLinhVuc"] == "G09-MOI01"
    assert [step["TrangThai"] for step in held["steps"]] == ["4"]
    assert (await caller.get(f"/v1/dossiers/{CODE}/sync")).json()["complete"]
