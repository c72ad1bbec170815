"""How much looking up is usual, as a province sets it."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OfficerRates(_Section):
    minute: int = Field(default=60, ge=1, description="Look-ups of one officer in a minute of the clock.")
    hour: int = Field(default=600, ge=1)
    day: int = Field(default=3000, ge=1)


class ClientRates(_Section):
    minute: int = Field(default=1200, ge=1, description="Look-ups of one client (key) in a minute of the clock.")
    hour: int = Field(default=30_000, ge=1)
    day: int = Field(default=200_000, ge=1)


class PatternSettings(_Section):
    people_per_dossier: int = Field(default=30, ge=1, description="Distinct people for one dossier.")
    people_per_hour: int = Field(default=60, ge=1, description="Distinct people by one officer in an hour.")
    neighbours: int = Field(default=8, ge=1, description="Numbers in a row by one officer in a day.")
    client_neighbours: int = Field(default=40, ge=1, description="The same by all officers of one client.")
    neighbour_digits: int = Field(default=2, ge=1, le=4, description="Last digits in which neighbours may differ.")
    dossiers_per_person: int = Field(default=10, ge=1, description="Dossiers under which one person is asked in a day.")
    questions_per_person: int = Field(
        default=12, ge=1, description="Different questions about one person by one officer in a day."
    )
    client_questions_per_person: int = Field(default=40, ge=1, description="The same by all officers of one client.")
    miss_share: float = Field(default=0.6, gt=0, le=1, description="Share of not found or mismatch.")
    misses_from: int = Field(default=20, ge=1, description="Fewer people of an officer in an hour have no share.")
    client_misses_from: int = Field(default=300, ge=1, description="The same of a client.")


class RestraintSettings(_Section):
    purposes: Path | None = Field(default=None, description="Folder of the province's files of purposes.")
    officer: OfficerRates = OfficerRates()
    client: ClientRates = ClientRates()
    patterns: PatternSettings = PatternSettings()
    blocked_hours: float = Field(default=24.0, gt=0, description="A block ends after this time, or by a person.")
    keep_days: int = Field(default=30, ge=2, description="Marks of look-ups are forgotten after this time.")
