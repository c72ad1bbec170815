"""Switches of the mock adapter. Defaults are the sandbox's; `POST /_mock/settings` changes them at run time."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mocks._kit.errors import SettingNotKnown
from mocks._kit.settings import Settings


class AdapterSettings(BaseModel):
    """Everything that can be turned on the mock adapter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: str = "tinh.vidu"
    client_secret: str = "made-up"  # noqa: S105 - the made-up account of the sandbox
    token_ttl_s: int = Field(default=600, ge=0, description="Life of a token.")
    tell_expires_in: bool = Field(default=True, description="Say how long a token lives.")
    success_code: str = Field(default="200", description="`code` of success; the official values are unknown.")
    code_as_number: bool = Field(default=True, description="Write `code` as a number where it is one.")
    value_agency: str = Field(default="G99.20", description="What the next dossier code begins with.")
    hash_algorithm: str = Field(default="sha256", pattern="^(sha256|md5)$", description="Of HashTepTin; unknown.")
    partial_batch: bool = Field(default=False, description="A batch with a bad step keeps its good steps.")
    max_batch: int = Field(default=100, ge=1, description="Items in one message; the official limit is unknown.")
    state_file: str = Field(default="", description="JSON lines kept across restarts; read once, at start.")


def current(settings: Settings) -> AdapterSettings:
    """The switches as they stand."""
    return checked(settings.as_json())


def checked(values: Mapping[str, object]) -> AdapterSettings:
    """The values as switches; `SettingNotKnown` (HTTP 422) when one is impossible."""
    try:
        return AdapterSettings.model_validate(values)
    except ValidationError as exc:
        raise SettingNotKnown(f"impossible setting: {exc.errors()[0]['loc'][0]}") from exc
