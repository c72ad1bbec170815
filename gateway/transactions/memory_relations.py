"""What else is called what, in dictionaries, for tests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from gateway.transactions.model import Waiting


class MemoryRelations:
    """Implements `Relations`: `leads` tells to which references a code leads, `waits` what is not done."""

    def __init__(self) -> None:
        self.leads: dict[str, list[str]] = defaultdict(list)
        self.waits: dict[str, list[Waiting]] = defaultdict(list)

    async def related(self, tenant: str, code: str) -> Sequence[str]:
        return tuple(dict.fromkeys([code, *self.leads[f"{tenant}/{code}"]]))

    async def waiting(self, tenant: str, references: Sequence[str]) -> Sequence[Waiting]:
        return [step for step in self.waits[tenant] if step.reference in references]
