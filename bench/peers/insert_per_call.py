"""FastAPI that takes in a status event durably: one INSERT and one commit for each call, over a pool of connections."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

pool = AsyncConnectionPool(os.environ.get("DSN", ""), min_size=16, max_size=16, open=False)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with pool:
        async with pool.connection() as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(1)")  # processes that start at the same time
            await connection.execute(
                "CREATE TABLE IF NOT EXISTS event_per_call (id bigserial PRIMARY KEY, dossier text NOT NULL,"
                " at timestamptz NOT NULL DEFAULT now(), body jsonb NOT NULL)"
            )
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/v1/dossiers/{code}/status-events", status_code=202)
async def told(code: str, event: dict[str, Any]) -> dict[str, str]:
    async with pool.connection() as connection:
        await connection.execute("INSERT INTO event_per_call (dossier, body) VALUES (%s, %s)", (code, Jsonb(event)))
    return {"state": "accepted"}
