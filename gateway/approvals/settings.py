"""Four eyes, as a province sets them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ApprovalsSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    required: bool | None = Field(
        default=None, description="Whether some acts need a second person; None: unless it is a sandbox."
    )
    many: int = Field(default=10, ge=1, description="Releasing or replaying more messages than this needs one.")
    hours: float = Field(default=24.0, gt=0, description="An approval that is not used within this time is over.")
