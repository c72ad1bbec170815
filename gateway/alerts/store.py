"""The port to rules, receivers and tellings. Every method joins the transaction that is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.alerts.model import Receiver, Rule, Standing, Telling
from gateway.callbacks.model import Lease

Key = tuple[int, str]
"""A rule's id, and the subject that it stands on."""


class AlertStore(Protocol):
    async def turn(self, tenant: str) -> bool:
        """Whether the caller evaluates until its transaction ends; False: another process does."""

    async def rules(self, tenant: str) -> Sequence[Rule]:
        """By id."""

    async def add_rule(self, tenant: str, rule: Rule) -> int:
        """Its id."""

    async def switch_rule(self, tenant: str, rule_id: int, *, is_on: bool) -> bool:
        """How it stood is forgotten. False: there is no such rule."""

    async def remove_rule(self, tenant: str, rule_id: int) -> bool: ...

    async def receivers(self, tenant: str) -> Sequence[Receiver]:
        """By id."""

    async def add_receiver(self, tenant: str, receiver: Receiver) -> int:
        """Its id."""

    async def remove_receiver(self, tenant: str, receiver_id: int) -> bool: ...

    async def standings(self, tenant: str) -> Mapping[Key, Standing]: ...

    async def stand(self, tenant: str, key: Key, standing: Standing) -> None: ...

    async def enqueue(self, tenant: str, tellings: Sequence[Telling]) -> None: ...

    async def claim(self, tenant: str, lease: Lease, *, most: int) -> Sequence[Telling]:
        """Lend what is due, of each receiver the oldest alone."""

    async def settle(self, tenant: str, after: Telling, *, owner: str) -> bool:
        """False: it was lent to somebody else meanwhile."""

    async def tellings(self, tenant: str, *, limit: int) -> Sequence[Telling]:
        """Newest first."""

    async def forget(self, tenant: str, *, before: datetime) -> None:
        """Delete what was told and is older."""
