"""The port to indexed transactions. PostgreSQL implements it (`postgres`), and a list for tests (`memory`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.transactions.model import Found, Place, Transaction, Waiting, Wanted

READER = "transactions"
"""How this reader of the log is called beside others."""


class TransactionStore(Protocol):
    """Rows are written once, in the order of the log, and never changed."""

    async def turn(self, tenant: str) -> int | None:
        """The first leaf that was not read yet. Nobody else has the turn until the open transaction ends; None:
        somebody has it."""

    async def add(self, tenant: str, rows: Sequence[Transaction], *, next_index: int, now: datetime) -> None:
        """What was read, and how far: all that was recorded until `now`. Joins the transaction that is open; a row that
        is there already stays."""

    async def read_up_to(self, tenant: str) -> int:
        """The first leaf that is not indexed."""

    async def search(self, tenant: str, wanted: Wanted, *, before: Place | None = None, limit: int = 50) -> Found:
        """A page, newest first. It looks at a bounded number of rows, however rare what is wanted."""

    async def at(self, tenant: str, indexes: Sequence[int]) -> Sequence[Transaction]:
        """The rows of these leaves, newest first."""


class Relations(Protocol):
    """What else is called what: the numbers that payments, refunds, rechecks, callbacks and national systems go by."""

    async def related(self, tenant: str, code: str) -> Sequence[str]:
        """The references of leaves that `code` leads to, itself first: of a dossier its bills, payments and refunds; of
        a number that a partner gave, what it was given to. A bounded number."""

    async def waiting(self, tenant: str, references: Sequence[str]) -> Sequence[Waiting]:
        """Rechecks and callbacks about them that are not done, the next one first. A bounded number."""
