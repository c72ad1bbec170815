"""A rail's word about a payment, as the connectors' mappings put it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Lời của kênh thanh toán. `amount`: None where it was not told; it may be no whole number."""

    rail: str
    reference: str
    status: str
    """`paid`, `failed`, `expired`, `pending`; anything else says nothing."""
    amount: Any
    currency: str
    transaction_id: str
    paid_at: datetime | None
    dossier_code: str
    lookup_id: str
    """Under which the portal was told the bill (contract 2.10)."""
    account: str
    """The beneficiary's, where the rail tells it."""
    voucher_url: str

    @classmethod
    def of(cls, result: Mapping[str, Any], *, rail: str) -> Told:
        paid_at = result.get("paid_at")
        return cls(
            rail=rail,
            reference=_text(result, "reference"),
            status=_text(result, "status"),
            amount=result.get("amount"),
            currency=_text(result, "currency"),
            transaction_id=_text(result, "transaction_id"),
            paid_at=datetime.fromisoformat(paid_at) if paid_at else None,
            dossier_code=_text(result, "dossier_code"),
            lookup_id=_text(result, "lookup_id"),
            account=_text(result, "beneficiary_account"),
            voucher_url=_text(result, "voucher_url"),
        )

    @property
    def facts(self) -> Mapping[str, str | int]:
        """What a case shows of it; no personal data."""
        said = {"status": self.status, "amount": self.amount, "currency": self.currency, "account": self.account}
        return {name: value for name, value in said.items() if type(value) in {str, int} and value != ""}


def _text(result: Mapping[str, Any], name: str) -> str:
    value = result.get(name)
    return "" if value is None else str(value)
