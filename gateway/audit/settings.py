"""`[audit]`: checkpoints, and what happens when the log cannot be written."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class AuditSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    checkpoint_every: int = Field(default=1000, ge=1, description="Leaves between signed checkpoints.")
    checkpoint_seconds: float = Field(default=60.0, gt=0)
    when_unwritable: Literal["stop", "continue"] = Field(
        default="stop", description="Whether traffic stops or goes on, with evidence kept in `spool`, and an alarm."
    )
    spool_max_bytes: int = Field(default=100_000_000, ge=1, description="When the spool is that large, traffic stops.")
