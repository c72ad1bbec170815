"""Evidence packages as staff make them: which rows, what of them, with whose approval, and the leaf that says so
(PDP-13)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from gateway.approvals.model import Approval, Approvals
from gateway.audit import package
from gateway.audit.evidence import Evidence
from gateway.audit.exhibits import MOST, chosen
from gateway.audit.leaf import SALT_SIZE
from gateway.audit.model import Entry, EntryKind
from gateway.audit.rows import Row
from gateway.audit.spool import SigningRecorder
from gateway.audit.store import AuditStore
from gateway.observability import own_context
from gateway.operators.model import Operator, Right
from gateway.privacy.people import people_of
from gateway.sdk.errors import NotAllowedError, NotFoundError, UnprocessableError

ACT = "export_bodies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Rows by index, and every row of a dossier, payment or call, or of a trace."""

    indexes: Sequence[int] = ()
    reference: str = ""
    trace_id: str = ""


class EvidencePackages:
    """Of one tenant's log."""

    def __init__(
        self,
        evidence: Evidence,
        log: AuditStore,
        *,
        approvals: Approvals,
        recorder: SigningRecorder,
        clock: Callable[[], datetime],
    ) -> None:
        self._evidence = evidence
        self._log = log
        self._approvals = approvals
        self._recorder = recorder
        self._clock = clock

    async def rows(self, tenant: str, wanted: Wanted) -> Sequence[int]:
        """Their indexes. Nothing named means nothing, and not everything (`UnprocessableError`). `NotFoundError`."""
        if not (wanted.indexes or wanted.reference or wanted.trace_id):
            raise UnprocessableError(
                "Name rows by index, reference or trace; `audit copy` takes the whole log.",
                vi="Hãy nêu số dòng, mã tham chiếu hoặc mã truy vết; `audit copy` xuất cả nhật ký.",
                what="no_rows",
            )
        found: Sequence[Row] = []
        if wanted.reference or wanted.trace_id:
            found = await self._log.find(tenant, reference=wanted.reference, trace_id=wanted.trace_id, limit=MOST + 1)
        rows = chosen([*wanted.indexes, *(row.index for row in found)])
        if not rows:
            raise NotFoundError("The log has no such row.", vi="Nhật ký không có dòng này.")
        return rows

    async def ask(self, rows: Sequence[int], *, reason: str, by: Operator) -> Approval:
        """For the contents of exactly these rows; `make` with them once another operator has allowed it."""
        return await self._approvals.ask(ACT, parameters_of(rows), reason=reason, by=by)

    async def make(self, rows: Sequence[int], *, include: bool, reference: str, by: Operator) -> bytes:
        """The ZIP; with `include` what was exchanged, too: contents leave the gateway with four eyes alone.
        `NotAllowedError` (`caller.needs_approval`)."""
        if include:
            if Right.UNSEAL not in by.rights:
                raise NotAllowedError(
                    "Log in as an operator with the right unseal first.",
                    vi="Hãy đăng nhập bằng tài khoản có quyền unseal trước.",
                    what="right",
                )
            await self._approvals.use(ACT, parameters_of(rows), by=by)
        entry = _entry(rows, include=include, reference=reference, by=by, at=self._clock())
        await self._recorder.record(replace(entry, subjects=await self._people(rows) if include else ()))
        await self._recorder.sign()
        return package.write(await self._evidence.package(rows, include=include))

    async def _people(self, rows: Sequence[int]) -> tuple[str, ...]:
        """Whose data leave the gateway: each of them finds it among those who looked (PDP-03)."""
        await self._recorder.sign()  # no package without a checkpoint
        shown = await self._evidence.package(rows, include=True)
        return people_of(salted[SALT_SIZE:] for exhibit in shown.exhibits for salted in exhibit.salted.values())


def parameters_of(rows: Sequence[int]) -> dict[str, str | int]:
    """What an approval names: exactly these rows."""
    selection = hashlib.sha256(orjson.dumps(sorted(map(str, rows)))).hexdigest()
    return {"count": len(rows), "rows": f"row{rows[0]}..row{rows[-1]}", "selection": selection}


def _entry(rows: Sequence[int], *, include: bool, reference: str, by: Operator, at: datetime) -> Entry:
    return Entry(
        kind=EntryKind.ADMIN,
        tenant=by.tenant,
        actor=by.actor,
        operation="export_evidence",
        outcome="answered",
        occurred_at=at,
        trace_id=own_context(by.tenant).trace_id,
        reference=reference,
        facts={"rows": len(rows), "first": rows[0], "last": rows[-1], "bodies": str(include).lower()},
    )
