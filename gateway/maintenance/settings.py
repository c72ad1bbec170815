"""Settings of what everybody may read about the gateway."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ContactSettings(BaseModel):
    """`[contact]`: the office that answers for data sharing, as the status page names it (NĐ 47/2020 Art 7; CON-19)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    office: str = Field(default="", max_length=200, description="The office; no person's name.")
    telephone: str = Field(default="", max_length=100, description="The office's telephone.")
    email: str = Field(default="", max_length=200, description="The office's address for e-mail.")
    hours: str = Field(default="", max_length=200, description="When it is reached.")
