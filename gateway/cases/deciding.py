"""A person's decision about a case: the decision and its leaf, together."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

from gateway.audit.acts import Act
from gateway.audit.recorder import Recorder
from gateway.cases.model import Case, CaseService
from gateway.domain import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who cleared it up, what was found out and done, and the SHA-256 of what proves it (empty: nothing does)."""

    by: str
    resolution: str
    evidence: str = ""


class Deciding:
    """What the command line and the console call."""

    def __init__(
        self,
        cases: CaseService,
        recorder: Recorder,
        *,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._cases = cases
        self._recorder = recorder
        self._atomically = atomically
        self._clock = clock

    async def resolve(self, case_id: int, decision: Decision, *, context: Context) -> Case:
        """As `CaseService.resolve`, with its errors."""
        by, resolution, evidence = decision.by, decision.resolution, decision.evidence
        async with self._atomically():
            case = await self._cases.resolve(context.tenant, case_id, by=by, resolution=resolution, evidence=evidence)
            act = Act(
                operation="resolve_case",
                reference=f"case:{case_id}",
                facts={"kind": case.opening.kind.value, "about": case.opening.about, "evidence": evidence},
                bodies={"by": by.encode(), "resolution": resolution.encode()},
            )
            await self._recorder.record(act.entry(context, at=self._clock()))
        return case
