"""`[scores]` of the settings."""

from __future__ import annotations

from datetime import time
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class ScoresSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    packs: Path | None = Field(
        default=None, description="Folder with the province's own scorecards (QĐ 766/QĐ-TTg), over those shipped."
    )
    ahead_days: int = Field(default=7, ge=1, le=60, description="Dossiers due within so many days are warned of.")
    alarms_at: time = Field(default=time(6, 30), description="Local time of the morning's deadline alarms.")
