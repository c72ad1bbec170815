"""`[reconciliation]` of the settings: when money is compared, and how the bank calls its columns."""

from __future__ import annotations

from datetime import time
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Column = Literal["day", "transaction_id", "reference", "amount", "account", "content"]


class ReconciliationSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    at: time = Field(
        default=time(6), lt=time(10), description="Local time of the daily comparison of money; before 10:00."
    )
    sample: int = Field(
        default=20, ge=1, description="Where a rail has no list, one in so many ended payments is asked about."
    )
    statement_columns: dict[Column, str] = Field(
        default_factory=dict, description="How the columns of the bank's statement are called, where other than here."
    )
