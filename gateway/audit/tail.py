"""Verify the newest rows of a log: from a checkpoint whose signed tree the stored hashes still make up, every row, link
and checkpoint to the end. What stands before that checkpoint is not read: `verify` does."""

from __future__ import annotations

from gateway.audit import checkpoint, findings, tree
from gateway.audit.findings import Finding, FoundError
from gateway.audit.proofs import Prover, nodes_of
from gateway.audit.rows import SignedCheckpoint
from gateway.audit.store import AuditReader
from gateway.audit.tiles import WIDTH
from gateway.audit.tree import Frontier
from gateway.audit.verify import Report, Start, Verifier
from gateway.sdk.errors import IntegrityError, NotFoundError, TrustError


class Tail:
    """One pass over the newest rows. `first`: where it began; `size`: how far it has come."""

    def __init__(self, reader: AuditReader, tenant: str, *, public_key: bytes) -> None:
        self._reader = reader
        self._tenant = tenant
        self._public_key = public_key
        self._prover = Prover(reader, tenant)
        self._verifier = Verifier(tenant, public_key)
        self.first = 0

    @property
    def size(self) -> int:
        return self._verifier.size

    async def verify(self, *, rows: int) -> Report:
        """At least the newest `rows` rows, from the checkpoint before them."""
        finding: Finding | None = None
        try:
            await self._begin(rows)
            await self._read()
        except FoundError as exc:
            finding = exc.finding
        return Report(
            size=self._verifier.size,
            signed=self._verifier.signed,
            checkpoints=self._verifier.checkpoints,
            bodies=0,
            erased=0,
            finding=finding,
        )

    async def _begin(self, rows: int) -> None:
        head = await self._reader.head(self._tenant)
        before = await self._before(head.size, rows=rows)
        if before is None:
            return
        self.first = before.size
        start = await self._started(before)
        self._verifier = Verifier(self._tenant, self._public_key, start=start)

    async def _before(self, size: int, *, rows: int) -> SignedCheckpoint | None:
        """A checkpoint that leaves at least so many of `size` rows; looked for further and further back. None: begin
        with the first row."""
        back = rows
        while back < size:
            note = await self._reader.checkpoint(self._tenant, least=size - back)
            if note and note.size <= size - rows:
                return note
            back *= 2
        return None

    async def _started(self, note: SignedCheckpoint) -> Start:
        """The peaks that the tiles make up have to be those that were signed, and its last row one of them."""
        size = note.size
        try:
            stated = checkpoint.verify(note.note, name=checkpoint.origin(self._tenant), public_key=self._public_key)
            spans = [(node.index << node.height, (node.index + 1) << node.height) for node in nodes_of((0, size))]
            frontier = Frontier(size, tuple(await self._prover.roots(spans, size)))
            path = await self._prover.inclusion(size - 1, size)
        except TrustError as exc:
            raise findings.unproven(0, size) from exc
        except (IntegrityError, NotFoundError) as exc:
            raise findings.missing(size - 1) from exc
        if stated.size != size or stated.root != frontier.root():
            raise findings.rewritten(0, size)
        last = await self._reader.span(self._tenant, first=size - 1, last=size - 1, limit=1)
        if not last:
            raise findings.missing(size - 1)
        own = tree.leaf_hash(last[0].leaf)
        if not tree.verify_inclusion(own, index=size - 1, size=size, proof=path, root=stated.root):
            raise findings.altered(size - 1)
        return Start(frontier=frontier, last_hash=own)

    async def _read(self) -> None:
        verifier, head = self._verifier, await self._reader.head(self._tenant)
        note = await self._next()
        verifier.meet(head)
        while verifier.size < head.size:
            last = min(verifier.size + WIDTH, head.size) - 1
            rows = await self._reader.span(self._tenant, first=verifier.size, last=last)
            if not rows:
                raise findings.missing(verifier.size)
            for row in rows:
                verifier.take(row)
                while note and note.size <= verifier.size:
                    verifier.check(note)
                    note = await self._next()
            verifier.meet(head)
        verifier.finish(size=head.size, signed=head.signed_size)
        if note and note.size > (await self._reader.head(self._tenant)).size:
            raise findings.missing(verifier.size)

    async def _next(self) -> SignedCheckpoint | None:
        """The first checkpoint beyond the rows that were taken."""
        return await self._reader.checkpoint(self._tenant, least=self.size + 1)
