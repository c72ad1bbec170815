"""Settings of the protection of personal data."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class PrivacySettings(BaseModel):
    """`[privacy]`"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    controller: str = Field(default="", description="Who decides on the processing, as notices and files name it.")
    contact: str = Field(
        default="", description="The unit for data protection and how it is reached; no person's number."
    )
    breach_form: str = Field(
        default="", description="Number of the official form of a breach notice; empty: the notice names none."
    )
    breach_receiver: str = Field(
        default="Cục An ninh mạng và phòng, chống tội phạm sử dụng công nghệ cao (A05), Bộ Công an",
        description="To whom a breach is notified (NĐ 13/2023 Art 23).",
    )
