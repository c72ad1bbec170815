"""Verify a log: every row, the links between them, every checkpoint, the end, and the bodies that still exist.

The first finding is the one that counts: it names the row. Nothing here trusts a column when the leaf itself can be
asked, or a leaf when a signature can.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass

from gateway.audit import checkpoint, findings, leaf, tree
from gateway.audit.checkpoint import Checkpoint
from gateway.audit.findings import Finding, FoundError
from gateway.audit.keys import Sealer
from gateway.audit.leaf import Leaf
from gateway.audit.rows import Head, Row, SealedBody, SignedCheckpoint
from gateway.audit.store import AuditReader
from gateway.audit.tile_check import TileCheck
from gateway.audit.tree import Frontier
from gateway.sdk.errors import IntegrityError, TrustError

BODIES_AT_ONCE = 200


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A tree that a checkpoint signed, and the hash of its last row."""

    frontier: Frontier
    last_hash: bytes


class Verifier:
    """Takes rows and checkpoints in the order of the log. `public_key` must have come on another way than the log."""

    def __init__(
        self, tenant: str, public_key: bytes, *, known: Checkpoint | None = None, start: Start | None = None
    ) -> None:
        """`known`: a checkpoint from elsewhere, verified. Without one nobody sees that a log was cut at an older
        checkpoint by somebody who made everything else fit. `start`: what comes before it was verified otherwise."""
        self._tenant = tenant
        self._public_key = public_key
        self._known = known
        self._frontier = start.frontier if start else Frontier()
        self._last_hash = start.last_hash if start else b""
        self._broken: FoundError | None = None
        self.signed = self._frontier.size
        self.checkpoints = 0

    @property
    def size(self) -> int:
        return self._frontier.size

    def take(self, row: Row) -> Leaf:
        """Check the next row; what its leaf says."""
        expected = self.size
        said = _decoded(row)
        if self._broken:
            raise self._broken if said is None or said.previous == self._last_hash else findings.relinked(expected)
        if row.index != expected and (said is None or said.index != expected):
            raise findings.foreign(row.index) if row.index < expected else findings.missing(expected)
        if said is None or not _columns_agree(row, said, self._tenant):
            raise findings.altered(expected)
        if said.previous != self._last_hash:
            # What a checkpoint covers is proven, so a link that breaks right behind one is this row's fault.
            raise findings.altered(expected) if self.signed == expected else findings.relinked(expected)
        self._frontier = self._frontier.append(row.leaf_hash)
        self._last_hash = row.leaf_hash
        if self._known and self._known.size == self.size and self._known.root != self._frontier.root():
            raise findings.other_log(self.size)
        return said

    def check(self, note: SignedCheckpoint) -> None:
        """A checkpoint that was signed when the log had just the rows taken so far.

        When the rows are not what it signed, the next row is asked first: if only the last one was altered, the next
        still names the old hash, and the finding is one row instead of a range.
        """
        try:
            stated = checkpoint.verify(note.note, name=checkpoint.origin(self._tenant), public_key=self._public_key)
        except TrustError as exc:
            raise findings.unproven(self.signed, note.size) from exc
        if stated.size == note.size > self.size:
            raise findings.missing(self.size)
        if not self.signed < note.size == stated.size == self.size:
            raise findings.unproven(self.signed, note.size)
        if stated.root != self._frontier.root():
            self._broken = findings.rewritten(self.signed, note.size)
            return
        self.signed = note.size
        self.checkpoints += 1

    def meet(self, head: Head) -> None:
        """The stored head, when it has just the rows taken so far, must be the one that they lead to."""
        if head.size == self.size and (head.frontier, head.last_hash) != (self._frontier, self._last_hash):
            last = self.size - 1
            raise FoundError(
                last, f"The head of the log does not follow from row {last}.", f"Đầu nhật ký không khớp dòng {last}."
            )

    def finish(self, *, size: int, signed: int) -> None:
        """Nothing is missing at the end: there are `size` rows, and a checkpoint of `signed` of them."""
        if self._broken:
            raise self._broken
        if size > self.size:
            raise FoundError(
                self.size,
                f"Row {self.size} and what follows it are missing.",
                f"Thiếu từ dòng {self.size} trở đi.",
            )
        if signed > self.signed:
            raise findings.unproven(self.signed, signed)
        if self._known and self._known.size > self.size:
            raise findings.cut(self.size, self._known.size)


async def verify(
    reader: AuditReader,
    tenant: str,
    *,
    public_key: bytes,
    sealer: Sealer | None = None,
    known: Checkpoint | None = None,
) -> Report:
    """Verify a whole log. With a `sealer` the bodies are opened and compared with their digests too."""
    return await run(Verifier(tenant, public_key, known=known), reader, tenant, sealer=sealer)


async def run(verifier: Verifier, reader: AuditReader, tenant: str, *, sealer: Sealer | None = None) -> Report:
    """The same with a new `verifier`, whose `size` tells meanwhile how far it has come."""
    bodies = _Bodies(reader, tenant, sealer)
    found = [await _finding(_read(reader, tenant, verifier=verifier, bodies=bodies)), await _finding(bodies.finish())]
    return Report(
        size=verifier.size,
        signed=verifier.signed,
        checkpoints=verifier.checkpoints,
        bodies=bodies.opened,
        erased=bodies.erased,
        finding=_first(found),
    )


async def _read(reader: AuditReader, tenant: str, *, verifier: Verifier, bodies: _Bodies) -> None:
    """One pass. Others may append meanwhile: the log may end later than `before`, never sooner, and never later than
    `after`, because a row and the head that counts it become visible together."""
    before = await reader.head(tenant)
    notes = deque(await reader.checkpoints(tenant))
    verifier.meet(before)
    tiled = TileCheck(reader, tenant)
    async for row in reader.rows(tenant):
        await bodies.take(row.index, verifier.take(row))
        await tiled.take(row.leaf_hash)
        while notes and notes[0].size <= verifier.size:
            verifier.check(notes.popleft())
        verifier.meet(before)
    after = await reader.head(tenant)
    verifier.finish(size=max(before.size, *(note.size for note in notes), 0), signed=before.signed_size)
    if after.size < verifier.size:
        raise findings.foreign(after.size)
    await tiled.finish()


async def _finding(step: Coroutine[None, None, None]) -> Finding | None:
    try:
        await step
    except FoundError as exc:
        return exc.finding
    return None


def _first(found: Sequence[Finding | None]) -> Finding | None:
    """The one of the earliest row; what concerns no row comes last."""
    real = [finding for finding in found if finding]
    return min(real, key=lambda finding: (finding.index is None, finding.index or 0), default=None)


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
        opened = sum([self._open(body, self._sealer) for body in stored])
        expected = sum(len(said.bodies) for said in self._leaves.values())
        self.opened += opened
        self.erased += expected - opened
        self._leaves.clear()

    def _open(self, body: SealedBody, sealer: Sealer) -> bool:
        """False: its key was erased, and with it the body."""
        digest = self._leaves[body.index].bodies.get(body.name)
        try:
            if digest is None:
                raise IntegrityError("no such body")
            leaf.open_body(body, sealer, tenant=self._tenant, digest=digest)
        except IntegrityError as exc:
            if exc.error_code.endswith(".key_erased"):
                return False
            raise FoundError(
                body.index,
                f"A body of row {body.index} is not the one that was recorded.",
                f"Nội dung lưu kèm dòng {body.index} không đúng với lúc ghi.",
            ) from exc
        return True


def _decoded(row: Row) -> Leaf | None:
    """What the leaf says, None when it is not the one that was hashed."""
    try:
        return leaf.decode(row.leaf) if tree.leaf_hash(row.leaf) == row.leaf_hash else None
    except IntegrityError:
        return None


def _columns_agree(row: Row, said: Leaf, tenant: str) -> bool:
    return (said.index, said.tenant, said.recorded_at, said.reference, said.trace_id) == (
        row.index,
        tenant,
        leaf.instant(row.recorded_at),
        row.reference,
        row.trace_id,
    )
