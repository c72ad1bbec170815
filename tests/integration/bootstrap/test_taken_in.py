"""The composed gateway on a real database: what happens in the transaction that takes something in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from operations import BODIED
from postgres import fresh_database
from pydantic import SecretStr
from services import CONTEXT, NOW

from gateway.bootstrap import Gateway, open_gateway
from gateway.database import migrate
from gateway.database.queries import SQL
from gateway.procedures.model import ProcedureVersion, digest_of
from gateway.sdk import GatewayError, NotFoundError
from gateway.settings import Settings

DOSSIER: Any = next(operation.body for operation in BODIED if operation.name == "put_dossier")
ANSWER = {
    "id": 90001,
    "agency_code": "000.00.05.H99",
    "officer_name": "Lê Văn Thử",
    "at": "2026-11-23T09:00:00+07:00",
    "answer": "Chỉ cần tờ khai.",
}
FIRST, SECOND, THIRD = (f"000.00.05.H99-261123-000{number}" for number in (1, 2, 3))


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The keys of the module's database."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture
async def gateway(database_url: str, state: Path) -> AsyncIterator[Gateway]:
    settings = Settings(sandbox=True, database_url=SecretStr(database_url), state=state)
    async with open_gateway(settings, database_url) as opened:
        yield opened


async def undone(gateway: Gateway, act: Awaitable[object]) -> None:
    """Do it in a transaction that fails at its end."""
    async with gateway.ground.database.transaction():
        await act
        raise GatewayError("the transaction fails")


async def test_a_dossier_is_pinned_in_the_transaction_that_takes_it_in(gateway: Gateway) -> None:
    """DOS-23 (part)."""
    services, document = gateway.services, {"name": "Cấp giấy"}
    await services.dossiers.put(FIRST, DOSSIER, context=CONTEXT)
    version = ProcedureVersion(
        tenant="H99",
        code="1.009999",
        version=1,
        digest=digest_of(document),
        document=document,
        fetched_at=NOW,
        confirmed_at=NOW,
    )
    await gateway.stores.procedures.add(version)
    await services.dossiers.put(FIRST, {**DOSSIER, "note": "đổi"}, context=CONTEXT)
    await services.dossiers.put(SECOND, DOSSIER, context=CONTEXT)
    pins = [await services.procedures.of_dossier(code, context=CONTEXT) for code in (FIRST, SECOND)]
    assert [pin.version for pin in pins] == [None, 1]
    with pytest.raises(GatewayError):
        await undone(gateway, services.dossiers.put(THIRD, DOSSIER, context=CONTEXT))
    with pytest.raises(NotFoundError):
        await services.procedures.of_dossier(THIRD, context=CONTEXT)


async def test_an_answer_that_was_not_committed_is_taken_in_anew(gateway: Gateway) -> None:
    """SYN-08 (part): what remembers it and what sends it are one transaction."""
    feedback = gateway.services.feedback
    with pytest.raises(GatewayError):
        await undone(gateway, feedback.answer(ANSWER, context=CONTEXT))
    told = [await feedback.answer(ANSWER, context=CONTEXT) for _ in range(2)]
    assert [one.again for one in told] == [False, True]
    (view,) = await feedback.deliveries(told[0].key, context=CONTEXT)
    assert (view.head, view.tail) == (0, 1)
    with pytest.raises(NotFoundError):
        await feedback.deliveries(told[0].key, context=replace(CONTEXT, tenant="H98"))


async def test_a_dossier_of_before_keeps_no_version_that_nobody_knows(postgresql: str, tmp_path: Path) -> None:
    """DOS-23 (part): the version of its first day is not guessed on the day of the upgrade."""
    for file in (SQL / "migrations").glob("*.sql"):
        if file.name < "0017":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with fresh_database(postgresql) as dsn:
        await migrate(dsn, folder=tmp_path)
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "INSERT INTO lienthong.dossier (tenant, code, version, status, document, created_at, updated_at, pack) "
                "VALUES ('H99', %s, 1, 2, '', %s, %s, '')",
                (FIRST, NOW - timedelta(days=9), NOW),
            )
        await migrate(dsn)
        with psycopg.connect(dsn) as connection:
            rows = connection.execute("SELECT dossier, code, version FROM lienthong.dossier_procedure").fetchall()
    assert rows == [(FIRST, "", None)]
