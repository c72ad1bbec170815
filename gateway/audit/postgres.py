"""The log in PostgreSQL. The tenant's head row is the lock: several processes append to one log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gateway.audit.errors import AuditUnavailableError
from gateway.audit.postgres_reader import AS_IT_GROWS, PostgresAuditReader, store_tiles, translated
from gateway.audit.rows import Batch, Build, Filter, Head, Row, SealedBody, SignedCheckpoint
from gateway.audit.tiles import WIDTH
from gateway.audit.tree import HASH_SIZE, Frontier
from gateway.database import Database, queries
from gateway.database.arrays import Bytes, Numbers, Texts
from gateway.database.connection import Connection

SQL = queries("audit")
PAGE = 1000
MOST_PATIENCE = 63
LOWEST = -(2**63)
"""An index that the log never gives is read too: a verifier must see what others put in."""


@dataclass(slots=True)
class _Guess:
    """Where a log ends, as far as this process knows. It is wrong whenever another one has written since; the more
    often it was, the more batches lock the head without trying."""

    head: Head | None = None
    patience: int = 0
    passed: int = 0

    def take(self) -> Head | None:
        """None: better look. Whoever takes it has it alone."""
        head, self.head = self.head, None
        if self.passed < self.patience:
            self.passed += 1
            return None
        return head

    def told(self, head: Head, *, held: bool) -> None:
        self.head, self.passed = head if held else None, 0
        self.patience = self.patience // 2 if held else min(2 * self.patience + 1, MOST_PATIENCE)


class PostgresAudit(PostgresAuditReader):
    """Implements `AuditStore`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._guesses: dict[str, _Guess] = {}

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
        """Where nobody else has written since we did, the head is where we left it: one statement then finds it there
        and adds to it, which is its own transaction. Otherwise the head is locked and read first."""
        guess = self._guesses.setdefault(tenant, _Guess())
        with translated():
            made: tuple[Head, Batch] | None = None
            if (head := guess.take()) is not None:
                made = head, build(head)
                if _is_plain(made[1], head):
                    moved = await self._database.run_alone(SQL["extend"], _values(tenant, made[1], after=head))
                    guess.told(made[1].head, held=moved.rowcount == 1)
                    if moved.rowcount == 1:
                        return made[1]
            batch = await self._append_locked(tenant, build, made)
        guess.head = batch.head
        return batch

    async def _append_locked(self, tenant: str, build: Build, made: tuple[Head, Batch] | None) -> Batch:
        """`made`: a head, and the batch that follows it; good if the log still ends there."""
        async with self._database.own_transaction() as connection:
            head = await self._locked(connection, tenant)
            batch = made[1] if made and made[0] == head else build(head)
            added = await connection.execute(SQL["extend"], _values(tenant, batch, after=head))
            if added.rowcount != 1:
                raise AuditUnavailableError("The head of the log moved under its lock.")
            if batch.checkpoint:
                await connection.execute(SQL["checkpoint"], {"tenant": tenant, **asdict(batch.checkpoint)})
            if batch.entries and _crosses(head.size, batch.head.size):
                await store_tiles(connection, tenant, size=batch.head.size, most=AS_IT_GROWS)
        return batch

    async def _locked(self, connection: Connection, tenant: str) -> Head:
        """Made at the first leaf. Every other writer of the log waits until the transaction ends."""
        while True:
            row = await (await connection.execute(SQL["lock"], {"tenant": tenant})).fetchone()
            if row is not None:
                return _head(row)
            await connection.execute(SQL["begin"], {"tenant": tenant})

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


def _is_plain(batch: Batch, head: Head) -> bool:
    """Rows and nothing else: a checkpoint or a tile takes a transaction around it."""
    return bool(batch.entries) and batch.checkpoint is None and not _crosses(head.size, batch.head.size)


def _values(tenant: str, batch: Batch, *, after: Head) -> dict[str, Any]:
    """The batch as columns, and the head that it follows."""
    numbered = [*batch.numbered]
    bodies = [(index, *body) for index, entry in numbered for body in entry.bodies.items()]
    keyed = [(index, entry) for index, entry in numbered if entry.wrapped]
    subjects = [(index, digest) for index, entry in numbered for digest in entry.subjects]
    return {
        "tenant": tenant,
        **_place(batch.head),
        **{f"old_{name}": value for name, value in _place(after).items()},
        "signed_at": batch.head.signed_at,
        "recorded_at": batch.recorded_at,
        "leaf_index": Numbers([index for index, _ in numbered]),
        "leaf": Bytes(batch.leaves),
        "leaf_hash": Bytes(batch.hashes),
        "reference": Texts([entry.reference for _, entry in numbered]),
        "trace_id": Texts([entry.trace_id for _, entry in numbered]),
        "body_index": Numbers([index for index, _, _ in bodies]),
        "name": Texts([name for _, name, _ in bodies]),
        "sealed": Bytes([sealed for _, _, sealed in bodies]),
        "key_index": Numbers([index for index, _ in keyed]),
        "kind": Texts([entry.kind for _, entry in keyed]),
        "operation": Texts([entry.operation for _, entry in keyed]),
        "kek_id": Bytes([entry.kek_id for _, entry in keyed]),
        "wrapped": Bytes([entry.wrapped for _, entry in keyed]),
        "subject_index": Numbers([index for index, _ in subjects]),
        "digest": Bytes([digest for _, digest in subjects]),
    }


def _head(row: dict[str, Any]) -> Head:
    peaks = bytes(row["peaks"])
    parts = tuple(peaks[start : start + HASH_SIZE] for start in range(0, len(peaks), HASH_SIZE))
    return Head(
        frontier=Frontier(row["size"], parts),
        last_hash=bytes(row["last_hash"]),
        signed_size=row["signed_size"],
        signed_at=row["signed_at"],
    )


def _place(head: Head) -> dict[str, Any]:
    return {
        "size": head.size,
        "peaks": b"".join(head.frontier.peaks),
        "last_hash": head.last_hash,
        "signed_size": head.signed_size,
    }
