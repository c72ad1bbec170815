"""`[retention]`: days that bodies of the log are kept, none below the year that logs are kept (SEC-03); `[storage]`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gateway.retention.kinds import DataKind

LEAST_DAYS = 365
"""QCVN 12:2026 3.9.2.1.9; NĐ 53/2022: logs are kept for 12 months at least."""
Days = Annotated[int, Field(ge=LEAST_DAYS)]


class RetentionSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    lookups_days: Days = Field(default=LEAST_DAYS, description="Look-ups of citizens and enterprises.")
    dossiers_days: Days = Field(default=730, description="Dossiers, their steps and files as sent.")
    money_days: Days = Field(default=3653, description="Bills, payments, refunds, receipts: accounting documents.")
    inbound_days: Days = Field(default=730, description="What national systems told us.")
    staff_days: Days = Field(default=730, description="What staff wrote, such as reasons.")
    other_days: Days = Field(default=LEAST_DAYS, description="Everything else.")
    subjects_days: Days = Field(default=730, description="The index by which a person finds who asked about them.")
    rules: dict[Annotated[str, Field(pattern=r"^[a-z_]{1,60}$")], int] = Field(
        default_factory=dict,
        description="Operation to the days that its provider's own rule wants; the longer counts (47/2020 Art 45.3).",
    )
    per_night: int = Field(default=100_000, ge=1, description="Rows whose bodies one night erases at most.")
    erase_at: time = Field(default=time(3, 30), description="Local time at which they are erased.")

    @property
    def kept(self) -> Mapping[DataKind, timedelta]:
        return {kind: timedelta(days=getattr(self, f"{kind}_days")) for kind in DataKind}


class StorageSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    warn_percent: int = Field(default=80, ge=1, le=99, description="Full to so many percent, storage is alarmed.")
    database_bytes: int | None = Field(
        default=None, ge=1, description="What a database on another machine may grow to; None: not watched."
    )
