"""Switches of the mock PayGov. `POST /_mock/settings` changes them at run time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mocks._kit.errors import SettingNotKnown
from mocks._kit.settings import Settings
from mocks.paygov.checksum import MOCK_ORDER


class Partner(BaseModel):
    """What a province was given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    access_key: str
    secrets: list[str] = Field(min_length=1, description="All are accepted; PayGov itself signs with the first.")


class PayGovSettings(BaseModel):
    """Everything that can be turned on the mock."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    partners: dict[str, Partner] = Field(
        default={
            "PAYGOV-DEMO": Partner(access_key="AKDEMO", secrets=["SKDEMO"]),
            "PAYGOV-OTHER": Partner(access_key="AKOTHER", secrets=["SKOTHER"]),
        },
        description="Keys by partnerCode.",
    )
    dialect: Literal["either", "direct", "lgsp"] = Field(default="either", description="Shapes of creation taken.")
    need_lgsp_token: bool = Field(default=True, description="Demand the header lgspaccesstoken with the right keys.")
    bearer_token: str = Field(default="", description="When set, calls need it in the Authorization header.")
    request_code_pattern: str = Field(default="[0-9A-Za-z]{1,50}", description="MOCK: requestCode.")
    order_once: bool = Field(default=False, description="MOCK: a second creation with the same orderId is refused.")
    public_url: str = Field(default="", description="Where browsers reach the pay page; empty: as we were called.")
    ipn_url: str = Field(default="http://127.0.0.1:7100/inbound/paygov/ipn", description="Where the IPN goes.")
    notice_order: list[str] = Field(default=list(MOCK_ORDER), description="MOCK-ORDER of IPN and return.")
    notice_separator: str = Field(default="", description="MOCK: between these parts.")
    failed_code: str = Field(default="99", description="MOCK: errorCode of a payment that failed.")
    pay_date_format: str = Field(default="%Y%m%d%H%M%S", description="MOCK: payDate.")
    amount_form: Literal["number", "string"] = Field(default="number", description="amount in the IPN.")
    ipn_on_cancel: bool = Field(default=True, description="MOCK: a cancelled payment is notified too.")
    ipn_tries: int = Field(default=10, ge=1, description="Sendings of an IPN until it is acknowledged.")
    ipn_interval_s: float = Field(default=300, ge=0, description="Between two tries, before time_factor.")
    time_factor: float = Field(default=100, gt=0, description="The retry ladder runs this many times faster.")
    ipn_timeout_s: float = Field(default=15, gt=0, description="How long PayGov waits for the acknowledgement.")
    receipt_link_life_s: float = Field(default=300, ge=0, description="MOCK: life of a receipt link.")

    def keys_of(self, partner: str) -> list[dict[str, str]]:
        """The sets of keys that a checksum of this partner may be made with, the current one first."""
        known = self.partners.get(partner)
        own = {"accessKey": known.access_key, "partnerCode": partner} if known else {}
        return [{**own, "secretKey": secret} for secret in known.secrets] if known else []


def current(settings: Settings) -> PayGovSettings:
    """The switches as they stand."""
    return checked(settings.as_json())


def checked(values: Mapping[str, object]) -> PayGovSettings:
    """The values as switches; `SettingNotKnown` (HTTP 422) when one is impossible."""
    try:
        return PayGovSettings.model_validate(values)
    except ValidationError as exc:
        raise SettingNotKnown(f"impossible setting: {exc.errors()[0]['loc'][0]}") from exc
