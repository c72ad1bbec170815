"""`[files]`: what is taken in, where it is fetched, how often it is checked."""

from __future__ import annotations

from datetime import time

from pydantic import BaseModel, ConfigDict, Field

from gateway.files.model import MEDIA_TYPES


class FilesSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    max_bytes: int = Field(default=25_000_000, ge=1, description="A larger file is answered 413.")
    media_types: tuple[str, ...] = Field(default=MEDIA_TYPES, description="Kinds of files that are taken in.")
    public_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="Where national systems reach `/downloadfile/<id>` of this gateway; links to files begin with it.",
    )
    link_days: int = Field(default=90, ge=1, description="Days for which such a link opens.")
    check_days: int = Field(default=30, ge=1, description="Each file is compared with its digest once in so many days.")
    checks_per_night: int = Field(default=5000, ge=1, description="Files that one night compares at most.")
    check_at: time = Field(default=time(4), description="Local time at which they are compared.")
