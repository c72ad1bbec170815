"""Switches of the mock payment platform. `POST /_mock/settings` changes them at run time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mocks._kit.errors import SettingNotKnown
from mocks._kit.settings import Settings


class PaymentSettings(BaseModel):
    """Everything that can be turned on the mock platform."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    partners: dict[str, list[str]] = Field(
        default={"DEMO-H99": ["S3cretDEMO"], "DEMO-H98": ["S3cretOTHER"]},
        description="Secrets by MaDoiTac. All are accepted; the platform itself signs with the first.",
    )
    bearer_token: str = Field(default="", description="When set, calls need it in the Authorization header.")
    envelope: Literal["direct", "adapter", "adapter_twice"] = Field(
        default="direct", description="Form of the INIT reply (section 2.3); adapter_twice is wrapped once more."
    )
    reference_pattern: str = Field(default="[0-9A-Za-z]{1,20}", description="MaThamChieu (section 2.9).")
    public_url: str = Field(default="", description="Where browsers reach the bank page; empty: as INIT was called.")
    return_url: str = Field(
        default="http://127.0.0.1:7100/inbound/payment/return",
        description="Where the bank page links back to; empty: no link.",
    )
    ipn_url: str = Field(default="http://127.0.0.1:7100/inbound/payment/ipn", description="Where the IPN goes.")
    lookup_url: str = Field(
        default="http://127.0.0.1:7100/inbound/payment/dptracuuthanhtoanhs",
        description="Where the portal asks what is due.",
    )
    push_url: str = Field(
        default="http://127.0.0.1:7100/inbound/payment/dpnhankqthanhtoanhs",
        description="Where the result of a payment at the portal goes.",
    )
    ipn_literal: str = Field(default="CONFIRM", description="LoaiBanTin of the IPN.")
    ipn_on_cancel: bool = Field(default=True, description="A cancelled payment is notified too, with MaLoi 99.")
    ipn_tries: int = Field(default=10, ge=1, description="Sendings of an IPN until it is acknowledged.")
    ipn_interval_s: float = Field(default=300, ge=0, description="Between two tries, before time_factor.")
    time_factor: float = Field(default=100, gt=0, description="The retry ladder runs this many times faster.")
    ipn_timeout_s: float = Field(default=15, gt=0, description="How long the platform waits for the ack.")
    ack_check: Literal["off", "echo", "recompute"] = Field(
        default="echo", description="MaXacThuc of the ack: not looked at, the IPN's own, or over MOCK-ACK-ORDER."
    )
    amount_form: Literal["number", "string"] = Field(default="number", description="SoTien in IPN and QUERY reply.")
    open_state: Literal["2", "3"] = Field(default="3", description="TrangThaiGD of what is neither paid nor failed.")
    query_script: list[str] = Field(default=[], description="TrangThaiGD answered first, one per QUERY of a reference.")
    sign_query_reply: bool = Field(default=False, description="Add MaXacThuc in IPN order; the real order is unknown.")
    receipt_mode: Literal["url", "pdf"] = Field(default="url", description="GET_BILL answers a link or the file.")
    receipt_time: Literal["ipn", "init", "either"] = Field(
        default="either", description="ThoiGianGD that GET_BILL must carry (the sources disagree)."
    )
    key_order: Literal["contract", "reversed"] = Field(default="contract", description="Order of keys in what it says.")
    extra_fields: dict[str, Any] = Field(default={}, description="Added, unsigned, to everything that it says.")
    query_set: dict[str, Any] = Field(
        default={}, description="Replaces fields of the QUERY reply, before it is signed."
    )
    recon_damage: Literal["none", "count", "total", "checksum"] = Field(
        default="none", description="What is wrong with the day's list; count and total are then well signed."
    )
    bill_link_life_s: float = Field(default=300, ge=0, description="Life of a receipt link.")


def current(settings: Settings) -> PaymentSettings:
    """The switches as they stand."""
    return checked(settings.as_json())


def checked(values: Mapping[str, object]) -> PaymentSettings:
    """The values as switches; `SettingNotKnown` (HTTP 422) when one is impossible."""
    try:
        return PaymentSettings.model_validate(values)
    except ValidationError as exc:
        raise SettingNotKnown(f"impossible setting: {exc.errors()[0]['loc'][0]}") from exc


def spoken(body: Mapping[str, Any], settings: PaymentSettings) -> dict[str, Any]:
    """A message as the switches want it written: further fields, and keys in another order (F33)."""
    whole = {**settings.extra_fields, **body}
    return dict(reversed(whole.items())) if settings.key_order == "reversed" else whole
