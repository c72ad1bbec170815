"""Switches of the mock portal. Defaults are the sandbox's; `POST /_mock/settings` changes them at run time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mocks._kit.errors import SettingNotKnown
from mocks._kit.settings import Settings


class PortalSettings(BaseModel):
    """Everything that can be turned on the mock portal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    username: str = "tinh.vidu"
    password: str = "made-up"  # noqa: S105 - the made-up account of the contract page
    madonvi: str = Field(default="000.00.00.H99", description="Agency id that the envelope must carry.")
    dstcode: str = Field(default="VN:GOV:000.00.00.G22:vpcpdvcprovider", description="Header or query parameter.")
    share_path: str = Field(default="mapi/MOCK-share", description="After forward/; the official path is unknown.")
    integration_path: str = Field(default="mapi/MOCK-data", description="After forward/; the official path is unknown.")
    session_ttl_s: float = Field(default=600, ge=0, description="Life of a session; the official one is unknown.")
    empty_login: bool = Field(default=False, description="Accept a login without a body (seen once in the field).")
    code_form: Literal["cycle", "int", "string", "double"] = Field(
        default="cycle", description='Form of a success code: 0, "0", "00", or each in turn.'
    )
    answer_form: Literal["list", "object"] = Field(
        default="list", description="Form of the result of LayNoiDungTraLoiTheoCauHoi; the page leaves it open."
    )
    check_code_pattern: bool = Field(default=True, description="Refuse a MaHoSo outside the tolerant pattern of 9.1.")
    may_be_empty: list[str] = Field(
        default=["Email", "NgayHenTra"], description='Mandatory fields that may be "" (section 5.1).'
    )
    partial_batch: bool = Field(default=False, description="A batch with a bad item keeps its good items.")
    max_batch: int = Field(default=100, ge=1, description="Items in one message; the official limit is unknown.")
    province_url: str = Field(
        default="http://127.0.0.1:7100/inbound/national_portal", description="Where the portal reaches the province."
    )
    province_prefix: str = Field(default="", description="Put before the path, XrdAdapter/RestService/forward/ say.")
    province_timeout_s: float = Field(default=15, gt=0, description="How long the portal waits for the province.")
    security_key: str = Field(default="", description="SecurityKey of every message to the province, if any.")
    state_file: str = Field(default="", description="JSON lines kept across restarts; read once, at start.")


def current(settings: Settings) -> PortalSettings:
    """The switches as they stand."""
    return checked(settings.as_json())


def checked(values: Mapping[str, object]) -> PortalSettings:
    """The values as switches; `SettingNotKnown` (HTTP 422) when one is impossible."""
    try:
        return PortalSettings.model_validate(values)
    except ValidationError as exc:
        raise SettingNotKnown(f"impossible setting: {exc.errors()[0]['loc'][0]}") from exc
