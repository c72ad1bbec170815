"""Intake, quarantine and sync on one PostgreSQL: what holds a dossier and what stores it commit together."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from services import CONTEXT, Clock, ScriptedExchange, take_step

from gateway.catalogues.postgres import PostgresCatalogues
from gateway.catalogues.service import UNKNOWN_CODE, Catalogues
from gateway.database import Database
from gateway.delivery.model import StreamState, Trouble
from gateway.delivery.postgres import PostgresOutbox
from gateway.domain import Context
from gateway.dossiers.postgres import PostgresDossiers
from gateway.dossiers.service import Dossiers
from gateway.sdk import Answered
from gateway.signing import Keyring

CODE = "000.00.05.H99-261123-0007"


class Portal(ScriptedExchange):
    def system_for(self, operation: str, *, on: date | None = None, procedure: str = "") -> str:
        return "portal"


class House:
    def __init__(self, database: Database) -> None:
        tenant, keyring = f"T{uuid4().hex[:12].upper()}", Keyring.ephemeral()
        self.context = Context(tenant=tenant, actor="motcua", trace_id="a" * 32, traceparent=CONTEXT.traceparent)
        self.portal = Portal()
        shared: dict[str, Any] = {"exchange": self.portal, "atomically": database.transaction, "clock": Clock()}
        self.outbox, self.lists = PostgresOutbox(database, keyring, tenant=tenant), PostgresCatalogues(database)
        store = PostgresDossiers(database, keyring)
        self.catalogues = Catalogues(self.lists, self.outbox, find=store.find, **shared)
        self.dossiers = Dossiers(
            store, self.outbox, payment_state=_no_payment, quarantine=self.catalogues.check, **shared
        )
        self.clock: Clock = shared["clock"]

    async def sync(self, codes: str) -> None:
        items = [{"code": code, "name": f"Tên {code}"} for code in codes]
        self.portal.answers["list_fields"] = (Answered(body={}), {"items": items})
        await self.catalogues.sync("fields", context=self.context)

    async def put(self, field: str, **more: Any) -> None:
        await self.dossiers.put(CODE, {"status": 2, "field": {"code": field}, **more}, context=self.context)

    async def view(self) -> Any:
        [view] = await self.outbox.views(self.context.tenant, CODE, now=self.clock())
        return view


async def _no_payment(tenant: str, code: str) -> str:
    return "none"


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def test_a_quarantined_dossier_waits_with_its_steps_until_the_list_has_its_code(house: House) -> None:
    """COD-12 (part)."""
    await house.sync("AB")
    await house.put("Z")
    event = {"event_id": "b-1", "status": 4, "at": "2026-11-23T09:00:00+07:00", "content": "x"}
    await take_step(house.dossiers, CODE, event, context=house.context)
    view = await house.view()
    assert (view.state, view.trouble.code, view.tail) == (StreamState.HELD, UNKNOWN_CODE, 3)
    await house.sync("ABZ")
    view = await house.view()
    assert (view.state, view.unsettled, view.tail) == (StreamState.READY, True, 3)
    assert await house.lists.waiting(house.context.tenant, limit=9) == []


async def test_a_corrected_dossier_stands_for_all_that_wait(house: House) -> None:
    """COD-12 (part)."""
    await house.sync("AB")
    await house.put("Y")
    await house.put("Z")
    [waiting] = await house.lists.waiting(house.context.tenant, limit=9)
    assert waiting.unknown.code == "Z"
    await house.put("B")
    view = await house.view()
    assert view.state is StreamState.READY
    claims = await house.outbox.claim(owner="w", now=house.clock(), lease_s=60, room={view.stream.target: 9})
    [mine] = [claim for claim in claims if claim.stream == view.stream]
    assert [message.body["field"]["code"] for message in mine.messages] == ["B", "B", "B"]


async def test_what_is_rolled_back_leaves_nobody_in_quarantine(house: House, database: Database) -> None:
    await house.sync("AB")

    async def fail() -> None:
        async with database.transaction():
            await house.put("Z")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await house.lists.waiting(house.context.tenant, limit=9) == []
    assert await house.outbox.views(house.context.tenant, CODE, now=house.clock()) == []


async def test_what_is_held_for_another_reason_is_not_let_go_by_a_list(house: House) -> None:
    await house.sync("AB")
    await house.put("A")
    stream = (await house.view()).stream
    assert await house.outbox.stop(stream, Trouble(code="partner.refused", detail="no", detail_vi="không"))
    await house.put("Z")
    await house.sync("ABZ")
    view = await house.view()
    assert (view.state, view.trouble.code) == (StreamState.HELD, "partner.refused")
