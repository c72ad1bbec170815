"""Where money may go, and how long an attempt counts, as a province sets it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BeneficiarySettings(_Section):
    agency_id: str = Field(description="Who collects.")
    account: str = Field(description="The account.")
    bank_code: str = Field(description="The bank's code at the rail.")
    kinds: frozenset[Literal["fee", "charge"]] = Field(
        default=frozenset({"fee", "charge"}), description="What is collected there: fee (phí), charge (lệ phí)."
    )


class PaymentsSettings(_Section):
    beneficiaries: tuple[BeneficiarySettings, ...] = Field(
        default=(), description="Accounts that money may be sent to; none: none is refused."
    )
    attempt_blocks_s: float = Field(
        default=5400.0, gt=0, description="So long an attempt of our own keeps the portal from collecting the bill."
    )
    refund_over_rail_hours: float | None = Field(
        default=None,
        gt=0,
        description="Hours after which money is not refunded over the rail, as its data went to the treasury or tax.",
    )
