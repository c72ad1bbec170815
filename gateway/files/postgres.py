"""Files in PostgreSQL, sealed in parts (`sealing`). No connection is held while anybody sends or reads: each part is a
statement by itself, and no more of them run at a time than leave room for everybody else."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from psycopg import Rollback

from gateway.database import Database, queries
from gateway.delivery.model import StreamKey
from gateway.files.model import PART, FileRecord, parts_lost, pieces_of
from gateway.files.rewrapping import SealedFile
from gateway.files.sealing import FileKey, parts_of, place
from gateway.sdk.errors import IntegrityError
from gateway.signing.model import RecordSealer

SQL = queries("files")

WHOLE = 2
"""Old files that are opened whole at a time, to be cut into parts."""


class PostgresFiles:
    def __init__(self, database: Database, sealer: RecordSealer, *, lanes: int = 4) -> None:
        """`lanes`: parts that are written or read at a time."""
        self._database = database
        self._sealer = sealer
        self._lanes = asyncio.Semaphore(lanes)
        self._whole = asyncio.Semaphore(WHOLE)

    def take(self, tenant: str, file_id: str, *, at: datetime | None) -> PostgresTaking:
        """`at`: None: now, by the server's clock."""
        return PostgresTaking(self, FileKey.new(tenant, file_id, sealer=self._sealer), at=at)

    async def find(self, tenant: str, file_id: str) -> FileRecord | None:
        rows = await self._rows("find", tenant=tenant, file_id=file_id)
        return self._record(rows[0]) if rows else None

    async def parts(self, tenant: str, file_id: str) -> AsyncIterator[bytes]:
        row = await self._opening(tenant, file_id)
        if row is not None and row["is_whole"]:
            if self._database.in_transaction:  # which could be rolled back, or keep others waiting
                async for part in pieces_of(await self._opened(tenant, file_id) or b""):
                    yield part
                return
            await self._cut(tenant, file_id)
            row = await self._opening(tenant, file_id)
        if row is None:
            return
        key, size = self._key(row, tenant, file_id), row["size"]
        if not key.seals(row["seal"], sha256=row["sha256"].hex(), size=size):
            raise IntegrityError("The seal of a file speaks of another one.")
        count = parts_of(size)
        for number in range(count):
            yield key.unseal(await self._part(key, number), number=number, is_last=number == count - 1)

    async def sweep(self, tenant: str, *, before: datetime) -> int:
        return await self.unnote("sweep", {"tenant": tenant, "before": before})

    async def known(self, tenant: str, file_ids: Iterable[str]) -> frozenset[str]:
        rows = await self._rows("known", tenant=tenant, file_ids=list(file_ids))
        return frozenset(row["file_id"] for row in rows)

    async def unchecked(self, tenant: str, *, before: datetime, limit: int) -> Sequence[str]:
        return [row["file_id"] for row in await self._rows("unchecked", tenant=tenant, before=before, limit=limit)]

    async def checked(self, tenant: str, file_id: str, *, at: datetime) -> None:
        await self._rows("checked", tenant=tenant, file_id=file_id, at=at)

    async def assign(self, stream: StreamKey, file_ids: Sequence[str]) -> Sequence[str]:
        rows = await self._rows("assign", **asdict(stream), file_ids=list(dict.fromkeys(file_ids)))
        new = {row["file_id"] for row in rows}
        return [name for name in dict.fromkeys(file_ids) if name in new]

    async def elsewhere(self, tenant: str) -> int:
        return int((await self._rows("elsewhere", tenant=tenant, kek_id=self._sealer.kek_id))[0]["files"])

    async def under_others(self, tenant: str, *, after: str, limit: int) -> Sequence[SealedFile]:
        rows = await self._rows("under_others", tenant=tenant, kek_id=self._sealer.kek_id, after=after, limit=limit)
        return [SealedFile(**row) for row in rows]

    async def rewrap(self, tenant: str, file: SealedFile) -> int:
        if file.key is None:  # in parts, it has a key of its own, under the newest KEK
            await self._cut(tenant, file.file_id)
            file = replace(file, key=await self._wrapped(tenant, file.file_id))
        if file.key is None:
            return 0
        name = self._sealer.unseal(file.name, purpose=place(tenant, file.file_id, "name"))
        new = {
            "name": self._sealer.seal(name, purpose=place(tenant, file.file_id, "name")),
            "key": self._sealer.rewrap(file.key, purpose=place(tenant, file.file_id, "key")),
        }
        return await self.write("rewrapped", {"tenant": tenant, "file_id": file.file_id, "was": file.key, **new})

    async def write(self, name: str, values: dict[str, Any], *, content: Callable[[], bytes] | None = None) -> int:
        """A statement of a `PostgresTaking`, a transaction by itself; how many rows it was about. `content` is sealed
        when its turn has come: until then it is in memory once."""
        async with self._lanes:
            more = {"content": content()} if content else {}
            return (await self._database.run_alone(SQL[name], {**values, **more})).rowcount

    async def settle(self, statements: Sequence[tuple[str, dict[str, Any]]]) -> str:
        """The end of a `PostgresTaking`, in one transaction. The name of the statement that found no row to be about,
        with which nothing is done; empty when all is."""
        missed = ""
        async with self._lanes, self._database.own_transaction() as connection:
            for name, values in statements:
                if (await connection.execute(SQL[name], values)).rowcount != 1:
                    missed = name
                    raise Rollback
        return missed

    async def unnote(self, name: str, values: dict[str, Any]) -> int:
        """Delete notes, by the statement `name`, and then the parts of those that were there; how many those are. Parts
        whose note is gone are a file's, or nobody's who has not taken them along."""
        async with self._lanes, self._database.own_transaction() as connection:
            notes = await (await connection.execute(SQL[name], values)).fetchall()
            if notes:
                gone = {"file_ids": [note["file_id"] for note in notes], "takings": [note["taking"] for note in notes]}
                await connection.execute(SQL["gone"], {"tenant": values["tenant"], **gone})
        return len(notes)

    def seal_name(self, record: FileRecord) -> bytes:
        return self._sealer.seal(record.name.encode(), purpose=place(record.tenant, record.id, "name"))

    async def _cut(self, tenant: str, file_id: str) -> None:
        """A file as they were kept before there were parts becomes one in parts: once, when somebody wants it."""
        async with self._whole:
            content = await self._opened(tenant, file_id)
            if content is None:  # somebody else has done it
                return
            record = await self.find(tenant, file_id)
            digest = (await asyncio.to_thread(hashlib.sha256, content)).hexdigest()
            if record is None or (record.sha256, record.size) != (digest, len(content)):
                raise IntegrityError("A stored file does not have its digest.")
            taking = self.take(tenant, file_id, at=None)
            try:
                last = (parts_of(record.size) - 1) * PART
                for begin in range(0, last, PART):
                    await taking.add(content[begin : begin + PART])
                await taking.replace(record, content[last:], was_whole=True)
            finally:
                await taking.drop()

    async def _opened(self, tenant: str, file_id: str) -> bytes | None:
        """All of an old file, in memory; in a thread, since 25 MB take long. None: it is in parts."""
        rows = await self._rows("content", tenant=tenant, file_id=file_id)
        if not rows or rows[0]["content"] is None:
            return None
        return await asyncio.to_thread(self._sealer.unseal, rows[0]["content"], purpose=place(tenant, file_id))

    async def _opening(self, tenant: str, file_id: str) -> dict[str, Any] | None:
        rows = await self._rows("opening", tenant=tenant, file_id=file_id)
        return rows[0] if rows else None

    async def _wrapped(self, tenant: str, file_id: str) -> bytes | None:
        row = await self._opening(tenant, file_id)
        return row["key"] if row else None

    def _key(self, row: dict[str, Any], tenant: str, file_id: str) -> FileKey:
        key = self._sealer.open_record(row["key"], purpose=place(tenant, file_id, "key"))
        return FileKey(tenant=tenant, file_id=file_id, taking=UUID(str(row["taking"])), key=key)

    async def _part(self, key: FileKey, number: int) -> bytes:
        async with self._lane():
            cursor = await self._database.run(SQL["read"], {**key.name, "number": number}, binary=True)
            row = await cursor.fetchone()
        if row is None:
            raise IntegrityError("A part of a stored file is missing.")
        return bytes(row["content"])

    def _lane(self) -> AbstractAsyncContextManager[None]:
        """Whoever holds a connection already must not wait for those who still need one."""
        return nullcontext() if self._database.in_transaction else self._lanes

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        cursor = await self._database.run(SQL[name], values, binary=True)
        return await cursor.fetchall()

    def _record(self, row: dict[str, Any]) -> FileRecord:
        tenant, file_id = row["tenant"], row["file_id"]
        return FileRecord(
            tenant=tenant,
            id=file_id,
            name=self._sealer.unseal(row["name"], purpose=place(tenant, file_id, "name")).decode(),
            media_type=row["media_type"],
            size=row["size"],
            sha256=row["sha256"].hex(),
            stored_at=row["stored_at"],
        )


class PostgresTaking:
    """Implements `Taking`. A file of one part is one transaction; of a longer one the parts come before, under a note
    by which they are swept if their file does not come to its end."""

    def __init__(self, files: PostgresFiles, key: FileKey, *, at: datetime | None) -> None:
        self._files = files
        self._key = key
        self._at = at
        self._count = 0
        self._is_settled = False

    async def add(self, part: bytes) -> None:
        if not self._count:
            await self._files.write("begin", {**self._key.name, "at": self._at})
        values = {**self._key.name, "number": self._count}
        sealed = partial(self._key.seal, part, number=self._count, is_last=False)
        self._count += 1
        if not await self._files.write("part", values, content=sealed):
            raise parts_lost()

    async def keep(self, record: FileRecord, last: bytes) -> bool:
        values = {
            "name": self._files.seal_name(record),
            "media_type": record.media_type,
            "sha256": bytes.fromhex(record.sha256),
            "stored_at": record.stored_at,
        }
        return await self._settle("keep", record, last, values=values)

    async def replace(self, record: FileRecord, last: bytes, *, was_whole: bool = False) -> bool:
        """`was_whole`: unless somebody else has done it meanwhile."""
        return await self._settle("replace", record, last, values={"was_whole": was_whole})

    async def drop(self) -> None:
        if self._count and not self._is_settled:
            await self._files.unnote("drop", self._key.name)

    async def _settle(self, name: str, record: FileRecord, last: bytes, *, values: dict[str, Any]) -> bool:
        own = self._key.name
        sealed = self._key.seal(last, number=self._count, is_last=True)
        whole = {"size": record.size, "key": self._key.key.wrapped, "seal": self._key.seal_whole(record)}
        missed = await self._files.settle(
            [
                *([("stands", own)] if name == "replace" else []),
                (name, {**own, **whole, **values}),
                ("last", {**own, "number": self._count, "content": sealed}),
                *([("arrived", {**own, "count": self._count + 1})] if self._count else []),
            ]
        )
        if missed == "arrived":
            raise parts_lost()
        self._is_settled = not missed
        return not missed
