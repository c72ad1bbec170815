"""A case about money, and the service through which every other part opens one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from gateway.domain import Context


class CaseKind(StrEnum):
    """Loại sai lệch (payment contract, section 8), and what notices and queries can be wrong about."""

    LOCAL_ONLY = "local_only"
    REMOTE_ONLY = "remote_only"
    AMOUNT_MISMATCH = "amount_mismatch"
    STATUS_MISMATCH = "status_mismatch"
    DUPLICATE_PAID = "duplicate_paid"
    LATE = "late"
    REFUND_PENDING = "refund_pending"
    REFUND_MISMATCH = "refund_mismatch"
    ACCOUNT_MISMATCH = "account_mismatch"
    UNKNOWN_REFERENCE = "unknown_reference"
    """Money for something that was never asked here."""
    TRANSACTION_DIFFERS = "transaction_differs"
    """One attempt, two transaction numbers; or one number, two attempts."""
    CURRENCY_MISMATCH = "currency_mismatch"
    AMBIGUOUS_BILL = "ambiguous_bill"
    """Paid at the portal for a dossier with several bills over this amount."""
    UNPROVEN = "unproven"
    """Somebody says that it was paid and proves nothing."""
    STATEMENT_MISSING = "statement_missing"
    """The bank's statement lacks what books and rail agree on."""
    STATEMENT_ONLY = "statement_only"


class Owner(StrEnum):
    """Whose side must act."""

    PROVINCE = "province"
    RAIL = "rail"
    BANK = "bank"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What was found. `about` names it within its kind: the same kind about the same is the same case until it is
    resolved, and after that only with other `facts`. Neither holds personal data: ids, numbers and days only."""

    kind: CaseKind
    about: str
    rail: str
    finder: str
    """`notice`, `query`, `push`, `reconciliation:2026-11-23`, …"""
    owner: Owner
    facts: Mapping[str, str | int] = field(default_factory=dict)
    day: date | None = None
    """The day of the books that it belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Hồ sơ xử lý sai lệch. `due_at`: the end of the day on which it was found, else of the next working day
    (TT 89/2026/TT-BTC Art 37(1)(a))."""

    id: int
    opening: Opening
    opened_at: datetime
    due_at: datetime
    resolved_at: datetime | None = None
    resolved_by: str = ""
    resolution: str = ""
    evidence: str = ""
    """SHA-256 of what proves it, lower-case hex."""


class CaseService(Protocol):
    """What other parts may do with cases. `open` joins the transaction that is open."""

    async def open(self, opening: Opening, *, context: Context) -> Case:
        """Open it, or find the one that is open (or was resolved) about exactly this. A new one is a leaf of the audit
        log before this returns."""

    async def listed(
        self, tenant: str, *, everything: bool, limit: int, day: date | None = None, rail: str = ""
    ) -> Sequence[Case]:
        """By the time at which they are due; `everything`: resolved ones, too. Of a day and a rail, or of any."""

    async def find(self, tenant: str, case_id: int) -> Case:
        """`NotFoundError`: there is none."""

    async def resolve(self, tenant: str, case_id: int, *, by: str, resolution: str, evidence: str = "") -> Case:
        """`NotFoundError`: there is none. `ConflictError`: it was resolved before. `UnprocessableError`: by nobody,
        without words, or with something else than a digest as evidence."""
