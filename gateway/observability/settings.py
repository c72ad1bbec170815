"""Settings of the metrics."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class MetricsSettings(BaseModel):
    """`[metrics]`"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", description="Where each process serves its metrics.")
    port: int = Field(
        default=0, ge=0, le=65435, description="Of the first process; each further one takes the next that is free."
    )
