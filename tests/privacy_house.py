"""A log with an index of whom its leaves are about, as the tests of privacy fill it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services import CONTEXT, NOW, PURPOSE, Clock, ListedRecorder

from gateway.approvals.model import Approval
from gateway.audit.log import AuditLog
from gateway.audit.memory import MemoryAudit
from gateway.audit.model import Entry, EntryKind
from gateway.audit.subject import subject_digest
from gateway.operators.model import Operator, Role
from gateway.privacy.breaches import Breaches
from gateway.privacy.clocks import Law
from gateway.privacy.desk import Privacy
from gateway.privacy.kinds import load_kinds
from gateway.privacy.log import TreeProofs
from gateway.privacy.looks import AccessReports
from gateway.privacy.memory import MemoryBreaches, MemoryRequests
from gateway.privacy.memory_index import MemorySubjects
from gateway.privacy.model import Erased
from gateway.privacy.pack import BreachPacks
from gateway.privacy.requests import PersonRequests
from gateway.privacy.settings import PrivacySettings
from gateway.privacy.shown import Fields
from gateway.rules.packs import load_calendar, load_packs
from gateway.sdk.errors import NotAllowedError
from gateway.signing import Keyring

TENANT = "H99"
MINE, OTHER = "099000000013", "099000000014"
OFFICER = Operator(tenant=TENANT, login="baove.mau", roles=frozenset({Role.PROTECTION_OFFICER}))


class ListedApprovals:
    """Spends what the test allowed; everything else needs an approval."""

    def __init__(self) -> None:
        self.allowed: list[tuple[str, dict[str, Any], str]] = []

    async def use(self, act: str, parameters: Mapping[str, str | int], *, by: Operator) -> Approval:
        wanted = (act, dict(parameters), by.login)
        if wanted not in self.allowed:
            raise NotAllowedError("Ask first.", vi="Cần phê duyệt.", what="needs_approval")
        self.allowed.remove(wanted)
        return Approval(
            id="A", tenant=TENANT, act=act, parameters={}, reason="", asked_by="", asked_at=NOW, expires_at=NOW
        )


class Records:
    """The log under test. `await note(…)` writes a leaf about somebody."""

    def __init__(self, log: MemoryAudit | None = None) -> None:
        self.clock, self.keyring, self.log = Clock(), Keyring.ephemeral(), log or MemoryAudit()
        self.index = MemorySubjects(self.log)
        self.proofs = TreeProofs(self.log, public_key=self.keyring.public_key)
        self.audit = AuditLog(self.log, self.keyring, clock=self.clock)

    def subject(self, tenant: str, number: str) -> bytes:
        return subject_digest(number, self.keyring, tenant=tenant)

    async def note(self, *numbers: str, **said: Any) -> int:
        entry = Entry(
            **{
                "kind": EntryKind.EXCHANGE,
                "tenant": TENANT,
                "actor": CONTEXT.actor,
                "operation": "lookup_citizen",
                "outcome": "answered",
                "occurred_at": NOW,
                "trace_id": CONTEXT.trace_id,
                "system": "population",
                "purpose": replace(PURPOSE, basis="NĐ mẫu Điều 1").facts(),
                **said,
            }
        )
        return (await self.audit.record(replace(entry, subjects=numbers))).index

    async def both(self, *numbers: str, trace: str, at: datetime = NOW, **said: Any) -> None:
        """A look-up as it is: the exchange, then the request."""
        await self.note(*numbers, trace_id=trace, occurred_at=at, **said)
        outcome = said.pop("outcome", "answered")
        await self.note(
            *numbers,
            trace_id=trace,
            occurred_at=at + timedelta(seconds=1),
            **{**said, "kind": EntryKind.REQUEST, "system": "", "outcome": outcome},
        )


class NoErasure:
    """Everything may be erased, and two records were."""

    async def erase(self, tenant: str, subject: bytes, *, reference: str, by: Operator) -> Erased:
        return Erased(erased=2)


def privacy(records: Records, *, recorder: Any = None) -> Privacy:
    """Everything about the data of persons, in memory, over the log of `records`."""
    law = Law(calendar=load_calendar(), packs=load_packs())
    return Privacy(
        reports=AccessReports(
            records.index,
            records.proofs,
            subject=records.subject,
            recorder=recorder or ListedRecorder(),
            clock=records.clock,
        ),
        requests=PersonRequests(
            MemoryRequests(), subject=records.subject, erasure=NoErasure(), law=law, clock=records.clock
        ),
        breaches=Breaches(MemoryBreaches(), law=law, clock=records.clock),
        packs=BreachPacks(
            records.log,
            records.index,
            proofs=records.proofs,
            fields=Fields({}, load_kinds()),
            approvals=ListedApprovals(),
            sealer=records.keyring,
            settings=PrivacySettings(),
            clock=records.clock,
        ),
        settings=PrivacySettings(contact="phong.mau@example.vn"),
    )
