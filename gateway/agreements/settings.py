"""Settings of sharing agreements."""

from __future__ import annotations

from datetime import time

from pydantic import BaseModel, ConfigDict, Field


class AgreementsSettings(BaseModel):
    """`[agreements]`"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    required: bool = Field(
        default=False,
        description="Whether a system without any registered agreement is refused; where one is, it counts.",
    )
    watch_at: time = Field(
        default=time(6), description="Local time at which agreements that end and late requests are told."
    )
