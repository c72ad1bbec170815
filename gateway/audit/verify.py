"""Verify a log: every row, the links between them, every checkpoint, the end, and the bodies that still exist.

The first finding is the one that counts: it names the row. Nothing here trusts a column when the leaf itself can be
asked, or a leaf when a signature can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.audit import checkpoint, leaf, tree
from gateway.audit.keys import Sealer
from gateway.audit.leaf import Leaf
from gateway.audit.rows import Head, Row, SealedBody, SignedCheckpoint
from gateway.audit.store import AuditReader
from gateway.audit.tree import Frontier
from gateway.sdk.errors import IntegrityError, TrustError

BODIES_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong, and with which row. `index` None: with the log as a whole (its head, a checkpoint)."""

    index: int | None
    text: str
    text_vi: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was verified. `signed`: how many rows the newest checkpoint covers; the rest is not yet provable."""

    size: int
    signed: int
    checkpoints: int
    bodies: int
    erased: int
    finding: Finding | None = None

    @property
    def sound(self) -> bool:
        return self.finding is None


class FoundError(Exception):
    """Carries the first finding up."""

    def __init__(self, index: int | None, text: str, vi: str) -> None:
        super().__init__(text)
        self.finding = Finding(index=index, text=text, text_vi=vi)


class Verifier:
    """Takes rows one by one. `public_key` must have come on another way than the log."""

    def __init__(self, tenant: str, public_key: bytes, checkpoints: Sequence[SignedCheckpoint]) -> None:
        self._tenant = tenant
        self._public_key = public_key
        self._waiting = sorted(checkpoints, key=lambda note: note.size)
        self._frontier = Frontier()
        self._last_hash = b""
        self.signed = 0
        self.checkpoints = 0

    @property
    def size(self) -> int:
        return self._frontier.size

    def take(self, row: Row) -> Leaf:
        """Check the next row; what its leaf says."""
        expected = self._frontier.size
        if row.index != expected:
            raise FoundError(expected, f"Row {expected} is missing.", f"Thiếu dòng {expected}.")
        if tree.leaf_hash(row.leaf) != row.leaf_hash:
            raise _altered(expected)
        try:
            said = leaf.decode(row.leaf)
        except IntegrityError as exc:
            raise _altered(expected) from exc
        if said.previous != self._last_hash:
            raise _relinked(expected)
        if not _columns_agree(row, said, self._tenant):
            raise _altered(expected)
        self._frontier = self._frontier.append(row.leaf_hash)
        self._last_hash = row.leaf_hash
        self._check_notes()
        return said

    def finish(self, head: Head | None) -> None:
        """Check that nothing is missing at the end."""
        size = self._frontier.size
        if self._waiting or (head is not None and head.size > size):
            raise FoundError(size, f"Row {size} and what follows it are missing.", f"Thiếu từ dòng {size} trở đi.")
        if head is not None and (head.frontier, head.last_hash) != (self._frontier, self._last_hash):
            last = size - 1
            raise FoundError(
                last, f"The head of the log does not follow from row {last}.", f"Đầu nhật ký không khớp dòng {last}."
            )

    def _check_notes(self) -> None:
        while self._waiting and self._waiting[0].size <= self._frontier.size:
            note = self._waiting.pop(0)
            if not self._holds(note):
                first = self.signed
                raise FoundError(
                    first,
                    f"The checkpoint at size {note.size} does not hold: rows {first} to {note.size - 1} "
                    "are not what was signed.",
                    f"Điểm kiểm chứng tại {note.size} không khớp: các dòng từ {first} đến {note.size - 1} "
                    "không còn như khi ký.",
                )
            self.signed = note.size
            self.checkpoints += 1

    def _holds(self, note: SignedCheckpoint) -> bool:
        name = checkpoint.origin(self._tenant)
        try:
            stated = checkpoint.verify(note.note, name=name, public_key=self._public_key)
        except TrustError:
            return False
        return (stated.size, stated.root) == (self._frontier.size, self._frontier.root()) and note.size == stated.size


async def verify(reader: AuditReader, tenant: str, *, public_key: bytes, sealer: Sealer | None = None) -> Report:
    """Verify a whole log. With a `sealer` the bodies are opened and compared with their digests too."""
    notes = await reader.checkpoints(tenant)  # before the head, so that a shorter head is a log that was cut
    before = await reader.head(tenant)  # rows that are appended while we read are not expected
    verifier = Verifier(tenant, public_key, notes)
    bodies = _Bodies(reader, tenant, sealer)
    finding = None
    try:
        async for row in reader.rows(tenant):
            if row.index >= before.size:
                break
            await bodies.take(row.index, verifier.take(row))
        verifier.finish(before)
        await bodies.finish()
    except FoundError as exc:
        finding = exc.finding
    return Report(
        size=verifier.size,
        signed=verifier.signed,
        checkpoints=verifier.checkpoints,
        bodies=bodies.opened,
        erased=bodies.erased,
        finding=finding,
    )


class _Bodies:
    """Opens bodies in groups, behind the rows."""

    def __init__(self, reader: AuditReader, tenant: str, sealer: Sealer | None) -> None:
        self._reader = reader
        self._tenant = tenant
        self._sealer = sealer
        self._leaves: dict[int, Leaf] = {}
        self.opened = 0
        self.erased = 0

    async def take(self, index: int, said: Leaf) -> None:
        if self._sealer is None:
            return
        self._leaves[index] = said
        if len(self._leaves) >= BODIES_AT_ONCE:
            await self.finish()

    async def finish(self) -> None:
        if not self._leaves or self._sealer is None:
            return
        stored = await self._reader.bodies(self._tenant, first=min(self._leaves), last=max(self._leaves))
        for body in stored:
            self._open(body, self._sealer)
        expected = sum(len(said.bodies) for said in self._leaves.values())
        self.opened += len(stored)
        self.erased += expected - len(stored)
        self._leaves.clear()

    def _open(self, body: SealedBody, sealer: Sealer) -> None:
        digest = self._leaves[body.index].bodies.get(body.name)
        try:
            if digest is None:
                raise IntegrityError("no such body")
            leaf.open_body(body.sealed, sealer, tenant=self._tenant, name=body.name, digest=digest)
        except IntegrityError as exc:
            raise FoundError(
                body.index,
                f"A body of row {body.index} is not the one that was recorded.",
                f"Nội dung lưu kèm dòng {body.index} không đúng với lúc ghi.",
            ) from exc


def _columns_agree(row: Row, said: Leaf, tenant: str) -> bool:
    return (said.index, said.tenant, said.recorded_at, said.reference, said.trace_id) == (
        row.index,
        tenant,
        leaf.instant(row.recorded_at),
        row.reference,
        row.trace_id,
    )


def _altered(index: int) -> FoundError:
    return FoundError(index, f"Row {index} was altered.", f"Dòng {index} đã bị sửa.")


def _relinked(index: int) -> FoundError:
    """The row before was altered and its hash recomputed; only this link still speaks of the old one."""
    before = index - 1
    if before < 0:
        return _altered(0)
    return FoundError(
        before,
        f"Row {before} was altered and its hash recomputed: row {index} still names the old one.",
        f"Dòng {before} đã bị sửa và tính lại mã băm: dòng {index} vẫn ghi mã băm cũ.",
    )
