"""How partners are tried, as a province sets it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class DiagnosticsSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    limit_s: float = Field(default=60.0, gt=0, le=300, description="Seconds that a whole try may take.")
    at_once: int = Field(default=2, ge=1, description="Tries at a time, of all partners together, in one process.")
    kept: int = Field(default=20, ge=1, le=200, description="Tries of each system that are kept.")
