"""Tries of partners: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import NOW

from gateway.diagnostics.memory import MemoryRuns
from gateway.diagnostics.model import Finding, Run, Step, Verdict
from gateway.diagnostics.postgres import PostgresRuns

FINDING = Finding(step=Step.TCP, verdict=Verdict.GOOD, why="tcp_open", facts={"port": 443, "host": "h"}, took_ms=3)


@pytest.fixture
def store(on: Any) -> Any:
    return PostgresRuns(on) if on else MemoryRuns()


@pytest.fixture
def run() -> Run:
    tenant = f"T{uuid4().hex[:12].upper()}"
    return Run(tenant=tenant, system="s", id="A", line="direct", actor="operator:an", began_at=NOW)


async def test_a_run_is_kept_as_it_stands(store: Any, run: Run) -> None:
    assert await store.find(run.tenant, "s", "A") is None
    await store.save(run)
    assert await store.find(run.tenant, "s", "A") == run
    ended = replace(run, findings=(FINDING,), ended_at=NOW + timedelta(seconds=4))
    await store.save(ended)
    assert await store.find(run.tenant, "s", "A") == ended
    assert await store.find(run.tenant, "other", "A") is None
    assert await store.find("OTHER", "s", "A") is None


async def test_the_newest_are_listed_and_the_others_forgotten(store: Any, run: Run) -> None:
    runs = [replace(run, id=f"R{number}", began_at=NOW + timedelta(minutes=number)) for number in range(4)]
    for one in [*runs, replace(run, system="other")]:
        await store.save(one)
    assert await store.listed(run.tenant, "s", most=2) == [runs[3], runs[2]]
    await store.forget(run.tenant, "s", kept=3)
    assert [one.id for one in await store.listed(run.tenant, "s", most=9)] == ["R3", "R2", "R1"]
    assert len(await store.listed(run.tenant, "other", most=9)) == 1
