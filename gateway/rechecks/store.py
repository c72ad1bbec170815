"""The port to stored rechecks. Every method joins the transaction that is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from gateway.callbacks.model import Lease
from gateway.lookups.model import Verification
from gateway.rechecks.model import Contents, Recheck, RecheckOperation, RecheckState


class RecheckStore(Protocol):
    """Rechecks. What speaks of people is sealed where it outlives the process."""

    async def add(self, recheck: Recheck, request: Mapping[str, Any]) -> Recheck:
        """Store it, or return the one that has its id already."""

    async def find(self, tenant: str, recheck_id: str) -> Recheck | None: ...

    async def contents(self, tenant: str, recheck_id: str) -> Contents:
        """Empty once erased. `IntegrityError` when what is stored was altered."""

    async def claim(self, tenant: str, operation: RecheckOperation, *, lease: Lease, most: int) -> Sequence[Recheck]:
        """Of those that wait and are due, the ones due first that nobody holds any more; each to one owner alone."""

    async def claim_calls(self, tenant: str, *, lease: Lease, most: int) -> Sequence[Recheck]:
        """The same of those that ended and whose client is to be called."""

    async def postpone_calls(self, tenant: str, client_id: str, *, until: datetime) -> None:
        """No call to this client before then, but for those that are under way."""

    async def settle(self, after: Recheck, *, owner: str, result: Verification | None = None) -> bool:
        """Store how it stands now, and give it back. Request and result go if it is erased. False: the owner has
        lost it, and nothing was stored."""

    async def withdraw(self, tenant: str, recheck_id: str, *, now: datetime) -> bool:
        """End it and erase its request, also under a worker's hands. False: it does not wait any more."""

    async def hurry(self, tenant: str, recheck_id: str, *, now: datetime) -> bool:
        """Make it due now. False: there is nothing left to do about it."""

    async def latest(self, tenant: str, *, state: RecheckState | None, limit: int) -> Sequence[Recheck]:
        """Newest first, of one state or of all."""

    async def erase(self, tenant: str, *, ended_before: datetime, now: datetime) -> int:
        """Erase request and result of those that ended before; their rows stay. How many there were."""
