"""When a verification is asked again, as a province sets it."""

from __future__ import annotations

from datetime import time
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(gt=0)]
Ladder = Annotated[tuple[Seconds, ...], Field(min_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RechecksSettings(_Section):
    ladder_s: Ladder = Field(
        default=(60.0, 300.0, 900.0, 3600.0),
        description="Seconds before the first, second … time that a verification is asked again; the last repeats.",
    )
    give_up_after_s: float = Field(default=259_200.0, gt=0, description="After so long a person decides.")
    at_once: int = Field(default=4, ge=1, description="Rechecks of one operation that one worker asks at a time.")
    lease_s: float = Field(default=120.0, gt=0, description="A worker silent for this long has lost its rechecks.")
    poll_s: float = Field(default=1.0, gt=0, description="Look for due rechecks at least this often.")
    callback_ladder_s: Ladder = Field(
        default=(5.0, 30.0, 300.0, 1800.0, 3600.0),
        description="Seconds before a callback that did not arrive is tried again; the last repeats.",
    )
    callback_give_up_after_s: float = Field(default=259_200.0, gt=0, description="After so long no more callbacks.")
    callbacks_at_once: int = Field(default=4, ge=1, description="Callbacks that one worker makes at a time.")
    callback_timeout_s: float = Field(default=10.0, gt=0, description="Seconds to wait for a receiver.")
    keep_days: int = Field(default=30, ge=0, description="Days after the end until request and result are erased.")
    erase_at: time = Field(default=time(3), description="Local time at which they are erased.")
