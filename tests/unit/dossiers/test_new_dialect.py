"""From the province to the mock of the 2026 adapter: intake, outbox, worker, exchange, connector. Stores in memory."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import tenacity
from services import CONTEXT, atomically, take_step
from systems import bench, examples

from gateway.audit.model import Entry, Recorded
from gateway.delivery.backoff import Backoff
from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.model import StreamKey, StreamState
from gateway.delivery.policy import Policy
from gateway.delivery.worker import Worker
from gateway.dossiers.memory import MemoryDossiers
from gateway.dossiers.service import Dossiers
from gateway.exchange.attempt import Attempts
from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.exchange.routes import Route
from gateway.exchange.service import GatewayExchange
from gateway.exchange.system import System
from gateway.ledger.model import Line, Round
from gateway.ledger.service import Ledger
from gateway.sdk import WireRequest

FAMILIES = ("national_portal", "portal_adapter")
GIVEN = next(example for example in examples("portal_adapter") if example.name == "sync_first").given
CODE = GIVEN["code"]
DOSSIER = {**{name: value for name, value in GIVEN.items() if name != "code"}, "components": []}


class Recorder:
    async def record(self, entry: Entry) -> Recorded:
        return Recorded(index=0, leaf_hash=b"")


class Lines:
    """The ledger in a dictionary."""

    def __init__(self) -> None:
        self.lines: dict[StreamKey, Line] = {}

    async def line(self, stream: StreamKey) -> Line | None:
        return self.lines.get(stream)

    async def note(self, line: Line) -> None:
        self.lines[line.stream] = line

    async def record(self, tenant: str, found: Round) -> None: ...


@contextlib.asynccontextmanager
async def nothing_open() -> AsyncIterator[None]:
    yield


async def payment_state(tenant: str, code: str) -> str:
    return "none"


class Town:
    """Both families configured; dossiers of one procedure go to the newer."""

    def __init__(self, **settings: Any) -> None:
        self.now = datetime(2026, 1, 20, tzinfo=UTC)
        self.benches = {name: bench(name, **(settings if name == "portal_adapter" else {})) for name in FAMILIES}
        systems = {
            name: System(
                connector=ours.connector,
                mappings=ours.mappings,
                settings=ours.settings,
                transport=ours.transport,
                breaker=Breaker(BreakerPolicy(), monotonic=time.monotonic),
            )
            for name, ours in self.benches.items()
        }
        attempts = Attempts(Recorder(), clock=lambda: self.now, monotonic=time.monotonic)  # type: ignore[arg-type]  # it records
        newer = Route(to="portal_adapter", procedures=frozenset({"1.009999"}))
        exchange = GatewayExchange(
            systems,
            attempts,
            clock=lambda: self.now,
            routes={"sync_dossier": [newer]},
            wait=tenacity.wait_none(),
        )
        self.outbox = MemoryOutbox()
        self.ledger = Ledger(
            Lines(),  # type: ignore[arg-type]  # what a round needs of one
            self.outbox,
            exchange,
            recorder=Recorder(),  # type: ignore[arg-type]  # it records
            atomically=atomically,
            clock=lambda: self.now,
        )
        self.dossiers = Dossiers(
            MemoryDossiers(),
            self.outbox,
            exchange=exchange,
            atomically=atomically,
            clock=lambda: self.now,
            payment_state=payment_state,
        )
        self.worker = Worker(
            self.outbox,
            exchange,
            name="w",
            atomically=nothing_open,
            clock=lambda: self.now,
            policy=Policy(backoff=Backoff(uniform=lambda _, most: most)),
            follow_ups={},
        )

    async def put(self, code: str = CODE, **changes: Any) -> None:
        await self.dossiers.put(code, {**DOSSIER, **changes}, context=CONTEXT)

    async def event(self, number: int, status: int, **more: Any) -> None:
        event = {
            "event_id": f"buoc-{number}",
            "status": status,
            "at": f"2026-01-{number + 2:02}T08:30:00+07:00",
            "officer_name": "Lê Văn Thử",
            "content": "Bước xử lý",
            **more,
        }
        await take_step(self.dossiers, CODE, event, context=CONTEXT)

    async def drain(self) -> Any:
        self.now += timedelta(minutes=30)
        await self.worker.drain()
        return (await self.outbox.views("H99", CODE, now=self.now))[0]

    async def held(self, family: str = "portal_adapter", code: str = CODE) -> Any:
        port = {"national_portal": 7103, "portal_adapter": 7105}[family]
        request = WireRequest(method="GET", url=f"http://127.0.0.1:{port}/_mock/dossiers/{code}")
        return json.loads((await self.benches[family].transport.send(request)).content)

    async def lose(self) -> None:
        url = f"http://127.0.0.1:7105/_mock/dossiers/{CODE}"
        await self.benches["portal_adapter"].transport.send(WireRequest(method="DELETE", url=url))

    async def findings(self) -> dict[str, int]:
        return dict((await self.ledger.reconcile("portal_adapter", context=CONTEXT)).counts)

    async def fault(self, name: str, path: str) -> None:
        content = json.dumps({"fault": name, "path": path}).encode()
        url = "http://127.0.0.1:7105/_mock/faults"
        await self.benches["portal_adapter"].transport.send(WireRequest(method="POST", url=url, content=content))


async def test_a_dossier_reaches_the_newer_family_with_no_change_in_what_the_province_sends() -> None:
    """SYN-04 (part): the route alone decides; the other procedure's dossier stays with the older family."""
    town = Town()
    await town.put()
    await town.event(1, 4)
    await town.event(2, 9)
    await town.event(3, 10)
    other = "000.00.05.H99-260102-0008"
    await town.put(other, procedure={"code": "1.009998", "name": "Cấp lại giấy xác nhận ví dụ"})
    view = await town.drain()
    assert (view.state, view.head) == (StreamState.IDLE, view.tail)
    held = await town.held()
    assert [status["TrangThai"] for status in held["statuses"]] == [2, 4, 9, 10]
    assert [step["TrangThai"] for step in held["steps"]] == [4, 9, 10]
    assert {step["IDHoSo"] for step in held["steps"]} == {held["IdHoSo"]}
    assert (await town.held("national_portal", other))["dossier"]["MaHoSo"] == other
    assert "error" in await town.held("national_portal")


async def test_a_creation_whose_answer_was_lost_is_one_dossier_and_its_steps_follow() -> None:
    town = Town()
    await town.fault("late_success", "MOCK-NoiHoSo")
    await town.put()
    await town.event(1, 4)
    assert (await town.drain()).unsettled
    view = await town.drain()
    assert (view.state, view.head) == (StreamState.IDLE, view.tail)
    held = await town.held()
    assert view.known["dossier"] == held["IdHoSo"]
    assert ([s["TrangThai"] for s in held["statuses"]], len(held["steps"])) == ([2, 4], 1)


async def test_a_status_that_does_not_follow_the_creation_is_told_later_and_nothing_twice() -> None:
    town = Town()
    await town.fault("unavailable", "MOCK-CapNhatTrangThai")
    await town.put()
    view = await town.drain()
    assert (view.head, view.tail, "dossier" in view.known) == (0, 1, True)
    assert (await town.held())["statuses"] == []
    assert (await town.drain()).state is StreamState.IDLE
    assert [status["TrangThai"] for status in (await town.held())["statuses"]] == [2]


async def test_without_a_dossier_list_a_lost_answer_waits_for_a_person() -> None:
    town = Town(find_path="")
    await town.fault("late_success", "MOCK-NoiHoSo")
    await town.put()
    await town.drain()
    view = await town.drain()
    assert view.state is StreamState.HELD
    assert view.trouble.code == "partner.cannot_tell"
    assert (await town.held())["statuses"] == []


async def test_a_token_that_ended_is_renewed_on_the_way() -> None:
    town = Town()
    await town.fault("expired_token", "MOCK-NoiHoSo")
    await town.put()
    assert (await town.drain()).state is StreamState.IDLE


async def test_the_nightly_comparison_finds_a_lost_dossier_and_it_is_told_again() -> None:
    town = Town()
    await town.put()
    await town.event(1, 4)
    await town.event(2, 9)
    await town.drain()
    before = await town.held()
    assert await town.findings() == {"equal": 1}
    await town.lose()
    assert await town.findings() == {"missing": 1}
    assert (await town.drain()).state is StreamState.IDLE
    after = await town.held()
    assert after["IdHoSo"] != before["IdHoSo"]
    assert ([step["NoiDungXuLy"] for step in after["steps"]], after["statuses"][-1]["TrangThai"]) == (
        ["Bước xử lý"] * 2,
        9,
    )
    assert await town.findings() == {"equal": 1}
