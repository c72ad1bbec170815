"""What the log in PostgreSQL keeps around its leaves: tiles, and what others said of its checkpoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from gateway.audit import tiles
from gateway.audit.errors import AuditUnavailableError
from gateway.audit.rows import Cosignature, Row, SignedCheckpoint, Stamp
from gateway.audit.tiles import WIDTH, TileId
from gateway.audit.tree import HASH_SIZE
from gateway.database import Database, queries
from gateway.database.connection import Connection

SQL = queries("audit_evidence")
AT_ONCE = 64
"""Tiles that a log from before gets in one transaction, while its writers wait."""
AS_IT_GROWS = 8
"""And with each batch of leaves."""

log = structlog.get_logger()


class PostgresAuditReader:
    """The part of `AuditStore` that is about tiles, checkpoints, cosignatures and stamps."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tiles(self, tenant: str, wanted: Sequence[TileId]) -> Mapping[TileId, bytes]:
        found = await self._stored(tenant, wanted)
        if len(found) < len(wanted) and await self._catch_up(tenant):
            found = await self._stored(tenant, wanted)
        return found

    async def span(self, tenant: str, *, first: int, last: int, limit: int = WIDTH) -> Sequence[Row]:
        return [Row(**row) for row in await self._read("span", tenant=tenant, first=first, last=last, limit=limit)]

    async def checkpoint(self, tenant: str, *, least: int | None = None) -> SignedCheckpoint | None:
        name = "newest_checkpoint" if least is None else "checkpoint_over"
        rows = await self._read(name, tenant=tenant, least=least)
        return SignedCheckpoint(**rows[0]) if rows else None

    async def add_cosignature(self, tenant: str, said: Cosignature) -> None:
        values = {"size": said.size, "witness": said.witness, "at": said.at, "line": said.line}
        await self._write("add_cosignature", tenant=tenant, **values)

    async def cosignatures(self, tenant: str, size: int) -> Sequence[Cosignature]:
        return [Cosignature(**row) for row in await self._read("cosignatures", tenant=tenant, size=size)]

    async def cosigned(self, tenant: str, witness: str) -> Cosignature | None:
        rows = await self._read("cosigned", tenant=tenant, witness=witness)
        return Cosignature(**rows[0]) if rows else None

    async def add_stamp(self, tenant: str, stamp: Stamp) -> None:
        await self._write("add_stamp", tenant=tenant, size=stamp.size, at=stamp.at, token=stamp.token)

    async def stamp(self, tenant: str, *, least: int | None = None) -> Stamp | None:
        rows = await self._read("newest_stamp" if least is None else "stamp_over", tenant=tenant, least=least)
        return Stamp(**rows[0]) if rows else None

    async def _stored(self, tenant: str, wanted: Sequence[TileId]) -> dict[TileId, bytes]:
        """A tile that has become full since is cut."""
        fields = {name: [getattr(tile, name) for tile in wanted] for name in ("level", "index", "width")}
        rows = {
            (row["level"], row["index"]): row["hashes"] for row in await self._read("tiles", tenant=tenant, **fields)
        }
        found = {tile: rows[tile.level, tile.index][: tile.width * HASH_SIZE] for tile in wanted}
        return {tile: hashes for tile, hashes in found.items() if len(hashes) == tile.width * HASH_SIZE}

    async def _catch_up(self, tenant: str) -> bool:
        """Store what is due; whether there was any."""
        made = 0
        with translated():
            while True:
                async with self._database.own_transaction() as connection:
                    row = await (await connection.execute(LOCK, {"tenant": tenant})).fetchone()
                    added = await store_tiles(connection, tenant, size=row["size"], most=AT_ONCE) if row else 0
                if not added:
                    return made > 0
                made += added

    async def _read(self, name: str, **values: Any) -> list[dict[str, Any]]:
        with translated():
            return await (await self._database.run_alone(SQL[name], values)).fetchall()

    async def _write(self, name: str, **values: Any) -> None:
        with translated():
            await self._database.run_alone(SQL[name], values)


LOCK = queries("audit")["lock"]


async def store_tiles(connection: Connection, tenant: str, *, size: int, most: int) -> int:
    """Store tiles that are full and not stored, in order, while the head is locked; how many. A hash that is missing
    or stands twice stops it: that is for the verifier to name, and no reason to refuse new leaves."""
    row: Any = await (await connection.execute(SQL["tiled"], {"tenant": tenant})).fetchone()
    made, tiled = 0, row["tiled"]
    for tile in tiles.due(tiled, size, most=most):
        statement = SQL[_children(tile)]
        found = await (await connection.execute(statement, {"tenant": tenant, **_range(tile)})).fetchone()
        hashes = (found or {}).get("hashes") or b""
        if len(hashes) != WIDTH * HASH_SIZE:
            log.error("audit_tile_not_made", level=tile.level, index=tile.index)
            break
        root = tiles.fold(tiles.split(hashes))
        place = {"tenant": tenant, "level": tile.level, "index": tile.index}
        await connection.execute(SQL["add_tile"], {**place, "hashes": hashes, "root": root})
        tiled = max(tiled, (tile.index + 1) * WIDTH if tile.level == 0 else 0)
        made += 1
    if made:
        await connection.execute(SQL["tile_up_to"], {"tenant": tenant, "tiled": tiled})
    return made


def _children(tile: TileId) -> str:
    return "roots" if tile.level else "leaf_hashes"


def _range(tile: TileId) -> dict[str, int]:
    return {"level": tile.level - 1, "first": tile.first, "last": tile.first + tile.width}


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except (psycopg.Error, PoolTimeout) as exc:
        raise AuditUnavailableError("The audit log cannot be reached or written.") from exc
