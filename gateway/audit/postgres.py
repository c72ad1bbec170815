"""The log in PostgreSQL. The tenant's head row is the lock: several processes append to one log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from gateway.audit.postgres_reader import AS_IT_GROWS, PostgresAuditReader, store_tiles, translated
from gateway.audit.rows import Batch, Build, Filter, Head, Row, SealedBody, SignedCheckpoint
from gateway.audit.tiles import WIDTH
from gateway.audit.tree import HASH_SIZE, Frontier
from gateway.database import columns, queries

SQL = queries("audit")
PAGE = 1000
LOWEST = -(2**63)
"""An index that the log never gives is read too: a verifier must see what others put in."""


class PostgresAudit(PostgresAuditReader):
    """Implements `AuditStore`."""

    async def head(self, tenant: str) -> Head:
        rows = await self._all("head", tenant=tenant)
        return _head(rows[0]) if rows else Head()

    async def rows(self, tenant: str) -> AsyncIterator[Row]:
        place = {"index": LOWEST, "place": "-infinity"}
        while page := await self._all("rows", tenant=tenant, limit=PAGE, **place):
            place = {"index": page[-1]["index"], "place": page[-1]["place"]}
            for row in page:
                del row["place"]
                yield Row(**row)

    async def bodies(self, tenant: str, *, first: int, last: int) -> Sequence[SealedBody]:
        return [SealedBody(**row) for row in await self._all("bodies", tenant=tenant, first=first, last=last)]

    async def checkpoints(self, tenant: str) -> Sequence[SignedCheckpoint]:
        return [SignedCheckpoint(**row) for row in await self._all("checkpoints", tenant=tenant)]

    async def append(self, tenant: str, build: Build) -> Batch:
        with translated():
            async with self._database.own_transaction() as connection:
                await connection.execute(SQL["begin"], {"tenant": tenant})
                row: Any = await (await connection.execute(SQL["lock"], {"tenant": tenant})).fetchone()
                batch = build(_head(row))
                for name, several in _parts(batch):
                    rows = [{field: getattr(row, field) for field in row.__slots__} for row in several]
                    await connection.execute(SQL[name], {"tenant": tenant, **columns(rows)})
                if batch.checkpoint:
                    await connection.execute(SQL["checkpoint"], {"tenant": tenant, **asdict(batch.checkpoint)})
                await connection.execute(SQL["move"], {"tenant": tenant, **_columns(batch.head)})
                if batch.rows and _crosses(row["size"], batch.head.size):
                    await store_tiles(connection, tenant, size=batch.head.size, most=AS_IT_GROWS)
        return batch

    async def unsigned(self) -> Sequence[str]:
        return [row["tenant"] for row in await self._all("unsigned")]

    async def find(
        self, tenant: str, *, reference: str = "", trace_id: str = "", before: int | None = None, limit: int = 50
    ) -> Sequence[Row]:
        wanted = Filter(reference=reference, trace_id=trace_id)
        return await self.search(tenant, wanted, before=before, limit=limit)

    async def search(self, tenant: str, wanted: Filter, *, before: int | None = None, limit: int = 50) -> Sequence[Row]:
        rows = await self._all("find", tenant=tenant, **asdict(wanted), before=before, limit=limit)
        return [Row(**row) for row in rows]

    async def of_subject(
        self, tenant: str, digest: bytes, *, before: int | None = None, limit: int = 50
    ) -> Sequence[Row]:
        values = {"digest": digest, "before": before, "limit": limit}
        return [Row(**row) for row in await self._all("of_subject", tenant=tenant, **values)]

    async def erase_bodies(self, tenant: str, index: int) -> int:
        with translated():
            async with self._database.own_transaction() as connection:
                row = await (await connection.execute(SQL["erase"], {"tenant": tenant, "index": index})).fetchone()
                return int(row["erased"]) if row else 0

    async def _all(self, name: str, **values: Any) -> list[dict[str, Any]]:
        with translated():
            async with self._database.own_transaction() as connection:
                return await (await connection.execute(SQL[name], values)).fetchall()


def _crosses(before: int, after: int) -> bool:
    """Whether a tile became full; most batches end within one."""
    return before // WIDTH < after // WIDTH


def _parts(batch: Batch) -> Iterator[tuple[str, Sequence[Any]]]:
    """Each table's rows that are there, by the statement that adds them. What a row holds of other tables is no column
    of its own: `unnest` takes what it names."""
    for name, several in (
        ("leaf", batch.rows),
        ("body", batch.bodies),
        ("key", batch.keys),
        ("subject", batch.subjects),
    ):
        if several:
            yield name, several


def _head(row: dict[str, Any]) -> Head:
    peaks = bytes(row["peaks"])
    parts = tuple(peaks[start : start + HASH_SIZE] for start in range(0, len(peaks), HASH_SIZE))
    return Head(
        frontier=Frontier(row["size"], parts),
        last_hash=bytes(row["last_hash"]),
        signed_size=row["signed_size"],
        signed_at=row["signed_at"],
    )


def _columns(head: Head) -> dict[str, Any]:
    return {
        "size": head.size,
        "peaks": b"".join(head.frontier.peaks),
        "last_hash": head.last_hash,
        "signed_size": head.signed_size,
        "signed_at": head.signed_at,
    }
