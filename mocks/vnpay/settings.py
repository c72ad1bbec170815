"""Switches of the mock VNPAY gateway. `POST /_mock/settings` changes them at run time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mocks._kit.errors import SettingNotKnown
from mocks._kit.settings import Settings


class VnpaySettings(BaseModel):
    """Everything that can be turned on the mock gateway."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    terminals: dict[str, list[str]] = Field(
        default={"DEMOTMN1": ["VNPSECRET"], "DEMOTMN2": ["VNPSECRETOTHER"]},
        description="Secrets by vnp_TmnCode. All are accepted; the gateway itself signs with the first.",
    )
    ipn_url: str = Field(default="http://127.0.0.1:7100/inbound/vnpay/ipn", description="Where the IPN goes.")
    ipn_tries: int = Field(default=10, ge=1, description="Sendings of an IPN until RspCode 00 or 02 (section 5.4).")
    ipn_interval_s: float = Field(default=300, ge=0, description="Between two tries, before time_factor.")
    time_factor: float = Field(default=100, gt=0, description="The retry ladder runs this many times faster.")
    ipn_timeout_s: float = Field(default=15, gt=0, description="How long the gateway waits for the answer.")
    query_window_s: float = Field(
        default=0, ge=0, description="A second querydr of a reference within so many seconds is code 94."
    )
    amount_form: Literal["string", "number"] = Field(default="string", description="vnp_Amount in JSON replies.")
    sign_errors: bool = Field(default=True, description="Replies with another code than 00 are signed, too.")


def current(settings: Settings) -> VnpaySettings:
    """The switches as they stand."""
    return checked(settings.as_json())


def checked(values: Mapping[str, object]) -> VnpaySettings:
    """The values as switches; `SettingNotKnown` (HTTP 422) when one is impossible."""
    try:
        return VnpaySettings.model_validate(values)
    except ValidationError as exc:
        raise SettingNotKnown(f"impossible setting: {exc.errors()[0]['loc'][0]}") from exc
