"""Settings of alerts."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class SmtpSettings(BaseModel):
    """`[alerts.smtp]`: the mail server. There is no way to it without TLS, and its certificate is always verified."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(default="", description="Empty: no mail is sent.")
    port: int = Field(default=587, ge=1, le=65_535)
    tls: Literal["starttls", "tls"] = Field(default="starttls", description="`tls`: from the first byte (port 465).")
    ca: Path | None = Field(default=None, description="PEM: these roots instead of the machine's.")
    username: str = ""
    password: SecretStr = SecretStr("")
    sender: str = Field(default="", max_length=254, description="Address that the mail comes from.")
    timeout_s: float = Field(default=20.0, gt=0)


class AlertsSettings(BaseModel):
    """`[alerts]`"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    every_s: float = Field(default=30.0, gt=0, description="How often the rules are looked at.")
    keep_days: int = Field(default=90, ge=1, description="How long it is kept what was told.")
    smtp: SmtpSettings = SmtpSettings()
