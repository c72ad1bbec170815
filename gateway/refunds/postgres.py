"""Refunds in PostgreSQL. What people wrote and where money went is sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from gateway.database import Database, queries
from gateway.refunds.model import Proof, Refund, RefundKind, RefundState, RefundWay, Step
from gateway.signing.model import Sealer

SQL = queries("refunds")
DOCUMENT, PROOF = "refund/document", "refund/proof"
SEALED = ("agency_id", "fee", "charge", "reason", "requested_by", "decision_number", "decision_day", "approved_by")
"""Fields that stand in `document`."""
COLUMNS = tuple(field.name for field in fields(Refund) if field.name not in {*SEALED, "proof"})
DOCUMENTS, PROOFS = TypeAdapter(dict[str, Any]), TypeAdapter(Proof)


class PostgresRefunds:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def add(self, refund: Refund, *, actor: str) -> None:
        await self._write("add", refund, actor)

    async def find(self, tenant: str, refund_id: str) -> Refund | None:
        rows = await self._rows("find", tenant=tenant, refund_id=refund_id)
        return self._refund(rows[0]) if rows else None

    async def save(self, refund: Refund, *, actor: str) -> None:
        await self._write("save", refund, actor)

    async def of_bill(self, tenant: str, bill_id: str) -> Sequence[Refund]:
        return [self._refund(row) for row in await self._rows("of_bill", tenant=tenant, bill_id=bill_id)]

    async def under_way(self, tenant: str, rail: str) -> Sequence[Refund]:
        return [self._refund(row) for row in await self._rows("under_way", tenant=tenant, rail=rail)]

    async def steps(self, tenant: str, refund_id: str) -> Sequence[Step]:
        rows = await self._rows("steps", tenant=tenant, refund_id=refund_id)
        return [Step(state=RefundState(row["state"]), at=row["at"], actor=row["actor"]) for row in rows]

    async def latest(self, tenant: str, *, state: RefundState | None, limit: int) -> Sequence[Refund]:
        return [self._refund(row) for row in await self._rows("latest", tenant=tenant, state=state, limit=limit)]

    async def _write(self, statement: str, refund: Refund, actor: str) -> None:
        """The row and its step, together."""
        values = {name: value for name, value in asdict(refund).items() if name in COLUMNS}
        document = DOCUMENTS.dump_json({name: getattr(refund, name) for name in SEALED})
        values["document"] = self._sealer.seal(document, purpose=_purpose(DOCUMENT, refund.tenant, refund.refund_id))
        values["proof"] = refund.proof and self._sealer.seal(
            PROOFS.dump_json(refund.proof), purpose=_purpose(PROOF, refund.tenant, refund.refund_id)
        )
        async with self._database.transaction() as connection:
            await connection.execute(SQL[statement], values)
            await connection.execute(SQL["step"], {**values, "actor": actor})

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        return await (await self._database.run(SQL[name], values)).fetchall()

    def _refund(self, row: Mapping[str, Any]) -> Refund:
        tenant, refund_id = row["tenant"], row["refund_id"]
        opened = self._sealer.unseal(row["document"], purpose=_purpose(DOCUMENT, tenant, refund_id))
        proof = row["proof"] and self._sealer.unseal(row["proof"], purpose=_purpose(PROOF, tenant, refund_id))
        told = {
            **{name: row[name] for name in COLUMNS},
            **DOCUMENTS.validate_json(opened),
            "kind": RefundKind(row["kind"]),
            "way": RefundWay(row["way"]),
            "state": RefundState(row["state"]),
            "proof": PROOFS.validate_json(proof) if proof else None,
        }
        if told["decision_day"]:
            told["decision_day"] = date.fromisoformat(told["decision_day"])
        return Refund(**told)


def _purpose(kind: str, tenant: str, refund_id: str) -> str:
    """So that nothing sealed can stand in another row's place."""
    return f"{kind}/{tenant}/{refund_id}"
