"""The port to the marks that look-ups leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.restraint.model import Look, Seen, Window


class RestraintStore(Protocol):
    async def admit(self, look: Look, within: Sequence[Window], *, now: datetime) -> Seen:
        """Count the look-up in each window, mark whom it is about, and tell what that makes: in one step, so that of
        many at once, in however many processes, no two are told the same count. It stands also when whatever is under
        way fails. A party that is blocked is told so and nothing is counted."""

    async def missed(self, look: Look, *, missed: bool, hour: datetime) -> None:
        """Note whether the register knew whom a look-up was about; `hour`: in which the client's misses are counted."""

    async def block(self, tenant: str, parties: Sequence[str], *, until: datetime) -> None:
        """Refuse their look-ups. A longer block that stands is not shortened."""

    async def lift(self, tenant: str, parties: Sequence[str], *, now: datetime) -> Sequence[str]:
        """End the blocks that stand, and begin their counts anew. Those that were lifted."""

    async def sweep(self, tenant: str, *, before: datetime) -> int:
        """Forget what is older; how many rows."""
