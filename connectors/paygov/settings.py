"""What a province is given when it registers with PayGov, or with the LGSP that passes it on (contract, section 4)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_core import PydanticCustomError

from gateway.sdk import SystemSettings

Part = Literal[
    "secretKey", "accessKey", "partnerCode", "amount", "orderId", "orderInfo", "requestCode", "transactionNo",
    "payDate", "paygate", "errorCode", "type", "transactionCode",
]  # fmt: skip
NoticeField = Literal[
    "amount", "orderId", "orderInfo", "requestCode", "transactionNo", "payDate", "paygate", "errorCode", "type",
    "transactionCode", "checksum",
]  # fmt: skip
FACTS = frozenset({"amount", "requestCode", "errorCode"})
"""What is entered into the books: a proof that leaves one of them out proves nothing."""


def _proves(order: tuple[Part, ...]) -> tuple[Part, ...]:
    if order and not {"secretKey", *FACTS} <= set(order):
        raise PydanticCustomError("no_proof", "must have secretKey, amount, requestCode and errorCode among its parts")
    return order


def _covers(fields: tuple[NoticeField, ...]) -> tuple[NoticeField, ...]:
    if not {"checksum", *FACTS} <= set(fields):
        raise PydanticCustomError("no_proof", "must have checksum, amount, requestCode and errorCode among the fields")
    return fields


class PayGovSettings(SystemSettings):
    """Keys, paths, and everything that no public document says."""

    dialect: Literal["direct", "lgsp"] = Field(
        default="direct",
        description="Shape of the creation: with accessKey, serviceCode and checksum; a province's LGSP has none.",
    )
    partner_code: str = Field(min_length=1, max_length=50, description="partnerCode, such as PAYGOV-<PROVINCE>.")
    access_key: SecretStr = Field(min_length=1, description="accessKey.")
    secret: SecretStr = Field(
        min_length=1, description="secretKey: begins every checksum; at least 32 random characters."
    )
    previous_secret: SecretStr | None = Field(
        default=None, min_length=1, description="Still accepted in notices while it rotates."
    )
    service_code: str = Field(default="", description="serviceCode of the creation; the dialect lgsp has none.")
    create_path: str = Field(description="Path of the creation under base_url; the real one comes with registration.")
    receipt_path: str = Field(description="Path of the receipt call under base_url.")
    verify_path: str = Field(
        default="/api/v1/PayGov/CheckSumUrlReturn",
        description="Path of the LGSP's call that says whether PayGov signed what a notice or a return tells.",
    )
    verify_fields: Annotated[tuple[NoticeField, ...], AfterValidator(_covers)] = Field(
        default=NoticeField.__args__,  # type: ignore[attr-defined] # a Literal keeps its values there
        description="Fields of the notice that this call is sent. Its request is not public.",
    )
    verify_extra: dict[str, str] = Field(default={}, description="Further fields that this call wants, as they are.")
    forged_codes: tuple[str, ...] = Field(
        default=("SIGNATURE_WRONG",), description="error_code of this call that surely mean 'PayGov did not sign it'."
    )
    bearer_token: SecretStr = Field(default=SecretStr(""), description="Authorization, if the way there wants one.")
    app_name: str = Field(default="", description="AppName in the header lgspaccesstoken.")
    partner_code_cus: str = Field(default="", description="PartnerCodeCus in the header lgspaccesstoken.")
    beneficiary_code: str = Field(default="", description="beneficiaryCode of the dialect lgsp; known only empty.")
    beneficiary_unit_code: str = Field(
        default="", description="beneficiaryUnitCode of the receipt call; empty: the agency's code."
    )
    order_id_per_attempt: bool = Field(
        default=False,
        description="End orderId in our reference instead of -01, which stays the same for every attempt at a dossier.",
    )
    return_url: str = Field(default="", description="returnUrl when the payment names none.")
    server_ip: str = Field(default="127.0.0.1", description="ipAddress when the payer's is not known.")
    pay_hosts: tuple[str, ...] = Field(min_length=1, description="Hosts (with port) that payers may be sent to.")
    receipt_hosts: tuple[str, ...] = Field(min_length=1, description="Hosts (with port) that receipts come from.")
    smallest_receipt_bytes: int = Field(
        default=10_000, ge=0, description="A smaller file is a placeholder, asked again."
    )
    allow_http: bool = Field(
        default=False, description="Let addresses be plain http, and private ones; for a sandbox only."
    )
    refusal_codes: tuple[str, ...] = Field(
        default=(), description="error_code of the creation that surely mean 'not opened'. The table is not public."
    )
    notice_checksum: Annotated[tuple[Part, ...], AfterValidator(_proves)] = Field(
        default=(),
        description="Order of the parts in the checksum of notices. Empty: unknown, no notice is proof by itself.",
    )
    notice_separator: str = Field(default="", description="Between these parts; the creation has nothing there.")
    pay_date_format: str = Field(default="%Y%m%d%H%M%S", description="payDate; its form is not public.")
