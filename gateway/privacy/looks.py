"""Ai đã tra cứu tôi: everything that the log holds about one person, told to that person (PDP-03, POP-12).

The number comes in, is digested, and goes: neither the report nor the leaf of having made it holds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.audit.acts import Act
from gateway.audit.model import Entry
from gateway.audit.recorder import Recorder
from gateway.domain import Context
from gateway.privacy.log import Proofs, Seen, SubjectIndex, all_of, seen
from gateway.sdk.errors import FieldProblem, UnprocessableError

REFERENCE = re.compile(r"[0-9A-Za-z._:/-]{3,100}")
NUMBER = re.compile(r"(?<![0-9])(?:[0-9]{12}|[0-9]{9})(?![0-9])")
"""What could be a personal number: the reference stands in a leaf."""
LOOKS = {"exchange", "request", "inbound", "admin"}
WORKER = "worker"
"""Who delivers what a caller has left: no caller of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One leaf of a look, and whether its proof holds."""

    index: int
    kind: str
    system: str
    operation: str
    outcome: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Một lượt: all leaves of one call, which share a trace, who asked, and why. `client`: on whose behalf it came."""

    at: datetime
    client: str
    officer: str
    agency: str
    dossier: str
    procedure: str
    basis: str
    operation: str
    systems: tuple[str, ...]
    outcome: str
    leaves: tuple[Leaf, ...]

    @property
    def holds(self) -> bool:
        return all(leaf.holds for leaf in self.leaves)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessReport:
    """`since`: from when the index knows who a leaf is about; before, the log tells nothing of persons."""

    tenant: str
    reference: str
    made_at: datetime
    since: datetime | None
    looks: tuple[Look, ...]

    @property
    def holds(self) -> bool:
        return all(look.holds for look in self.looks)


class AccessReports:
    """Makes such reports."""

    def __init__(
        self,
        index: SubjectIndex,
        proofs: Proofs,
        *,
        subject: Callable[[str, str], bytes],
        recorder: Recorder,
        clock: Callable[[], datetime],
    ) -> None:
        self._index = index
        self._proofs = proofs
        self._subject = subject
        self._recorder = recorder
        self._clock = clock

    async def make(self, number: str, *, reference: str, context: Context) -> AccessReport:
        """`reference`: the request of the person that it answers; without one it is refused. That it was made is a
        leaf about the same person, so that the next report names it. `AuditUnavailableError`: no leaf, no report."""
        if not REFERENCE.fullmatch(reference) or NUMBER.search(reference):
            problem = FieldProblem("/reference", "Name the person's request.", "Phải nêu yêu cầu của chủ thể dữ liệu.")
            raise UnprocessableError(problem.detail, vi=problem.detail_vi, what="reason_missing", fields=[problem])
        subject = self._subject(context.tenant, number)
        leaves: dict[str, list[tuple[Seen, bool]]] = {}
        async for row in all_of(self._index, context.tenant, subject):
            read = seen(row)
            if read.kind in LOOKS:
                leaves.setdefault(read.trace_id, []).append((read, await self._proofs.holds(context.tenant, row)))
        report = AccessReport(
            tenant=context.tenant,
            reference=reference,
            made_at=self._clock(),
            since=await self._index.subjects_since(context.tenant),
            looks=tuple(
                sorted(
                    (_look(call) for several in leaves.values() for call in _calls(several)),
                    key=lambda look: look.at,
                    reverse=True,
                )
            ),
        )
        await self._recorder.record(_entry(report, number, context=context))
        return report


def _calls(leaves: Sequence[tuple[Seen, bool]]) -> Sequence[Sequence[tuple[Seen, bool]]]:
    """A trace is the caller's to choose: several may come in one, of several officers, and none hides another. What
    was delivered later belongs to the call that spoke of the same thing."""
    calls: dict[tuple[str, ...], list[tuple[Seen, bool]]] = {}
    later = list[tuple[Seen, bool]]()
    for leaf, holds in sorted(leaves, key=lambda pair: pair[0].index):
        if leaf.actor == WORKER:
            later.append((leaf, holds))
        else:
            claimed = {**leaf.purpose, "basis": ""}  # which the gateway adds before it asks
            who = (leaf.actor, *(f"{name}={value}" for name, value in sorted(claimed.items())))
            calls.setdefault(who, []).append((leaf, holds))
    for pair in later:
        same = [call for call in calls.values() if any(leaf.reference == pair[0].reference for leaf, _ in call)]
        [*same, calls.setdefault((WORKER,), [])][0].append(pair)
    return [call for call in calls.values() if call]


def _look(leaves: Sequence[tuple[Seen, bool]]) -> Look:
    """The province's own request tells who and why; what was asked of whom is told by the exchanges."""
    several = sorted(leaves, key=lambda pair: pair[0].index)
    read = [leaf for leaf, _ in several]
    head = next((leaf for leaf in read if leaf.kind in {"request", "admin"}), read[0])
    purpose = {name: value for leaf in read for name, value in leaf.purpose.items()}
    return Look(
        at=min(leaf.occurred_at for leaf in read),
        client=head.actor,
        officer=purpose.get("officer_id", ""),
        agency=purpose.get("agency_id", ""),
        dossier=purpose.get("dossier_code", "") or head.reference,
        procedure=purpose.get("procedure_code", ""),
        basis=purpose.get("basis", ""),
        operation=head.operation,
        systems=tuple(dict.fromkeys(leaf.system for leaf in read if leaf.system)),
        outcome=head.outcome,
        leaves=tuple(
            Leaf(
                index=leaf.index,
                kind=leaf.kind,
                system=leaf.system,
                operation=leaf.operation,
                outcome=leaf.outcome,
                holds=holds,
            )
            for leaf, holds in several
        ),
    )


def _entry(report: AccessReport, number: str, *, context: Context) -> Entry:
    return Act(
        operation="who_looked",
        reference=report.reference,
        subjects=(number,),
        facts={"looks": len(report.looks), "leaves": sum(len(look.leaves) for look in report.looks)},
    ).entry(context, at=report.made_at)
