"""Settings of the overview."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class TrafficSettings(BaseModel):
    """`[traffic]`"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slow_ms: int = Field(default=5000, gt=0, description="A system whose p95 of 15 minutes is above is called slow.")
    good_from: float = Field(
        default=0.95, gt=0, le=1, description="Share of calls without a technical fault below which it is called slow."
    )
    broken_below: float = Field(default=0.5, gt=0, le=1, description="The same, below which it is called broken.")
    least: int = Field(default=3, ge=1, description="Calls that are needed to call a system broken.")
    live_s: float = Field(default=5.0, gt=0, description="How often the live overview is read anew.")
    streams: int = Field(default=100, ge=0, description="Live overviews that one process serves at a time.")
