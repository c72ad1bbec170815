"""Settings of the ways to systems: which of several serves an operation, and when one is asked no more."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field


class RouteSettings(BaseModel):
    """One rule of `[routes]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: str = Field(description="The system.")
    since: date = Field(default=date.min, description="From this day on; a dossier goes by the day of its reception.")
    procedures: tuple[str, ...] = Field(default=(), description="National procedure codes; none: all.")


class BreakerSettings(BaseModel):
    """`[breaker]`"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    failures: int = Field(default=5, ge=1, description="Technical failures within the window that open it.")
    window_s: float = Field(default=30.0, gt=0)
    cool_down_s: float = Field(default=15.0, gt=0)
    permits: int = Field(default=2, ge=1, description="Probes let through at once while half open.")
    refusals_per_s: float = Field(
        default=20.0, gt=0, description="Callers that are told no at once; more of them take turns, 10 s at most."
    )
    max_in_turn: int = Field(
        default=200, ge=0, description="Callers that wait for that turn on a way to a system; more are told at once."
    )
