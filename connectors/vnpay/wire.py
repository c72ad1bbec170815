"""What VNPAY sends, as read: replies to querydr and refund, and the parameters of a notice (5.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_pascal

SUCCESS = "00"
PAYMENT, WHOLE_REFUND, PART_REFUND = "01", "02", "03"
"""vnp_TransactionType."""
EXPIRED_CODE = "11"
FAILURE_CODES = frozenset({"09", "10", "24", "51", "65", "75"})
"""Pay codes that surely mean failure. 07 (debited, but suspicious) and 99 (other) do not."""
PER_DONG = 100
REFERENCE = re.compile(r"[0-9A-Za-z]{1,100}")


def _text(value: Any) -> Any:
    """Numbers may stand as numbers; nothing is nothing."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _short(value: Any) -> str:
    return value[:255] if isinstance(value, str) else ""


Text = Annotated[str, BeforeValidator(_text), Field(max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Told(BaseModel):
    """What a reply or a notice tells of a transaction, by the names of the contract (`vnp_TxnRef`). Card
    fields are not read, so they cannot be stored."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, alias_generator=lambda name: f"vnp_{to_pascal(name)}"
    )

    response_code: Text = ""
    message: Annotated[str, BeforeValidator(_short)] = ""
    tmn_code: Text = ""
    txn_ref: Text = ""
    amount: Text = ""
    bank_code: Text = ""
    pay_date: Text = ""
    transaction_no: Text = ""
    transaction_type: Text = ""
    transaction_status: Text = ""

    @property
    def dong(self) -> int | None:
        """The amount in whole đồng; None when it is no amount, or not a whole one."""
        text = self.amount
        if not text.isascii() or not text.isdecimal() or len(text) > 18:
            return None
        dong, rest = divmod(int(text), PER_DONG)
        return None if rest else dong

    @property
    def number(self) -> str:
        """vnp_TransactionNo; empty when there is none (also written as zeros)."""
        return self.transaction_no if self.transaction_no.strip("0") else ""

    def facts(self, verdict: str) -> dict[str, Any]:
        """For the mapping: `SoTien` in đồng, `KetQua` as this connector reads the codes."""
        body = {
            "vnp_TmnCode": self.tmn_code,
            "vnp_TxnRef": self.txn_ref,
            "vnp_TransactionNo": self.number,
            "SoTien": self.dong,
            "KetQua": verdict,
        }
        more = {
            "vnp_BankCode": self.bank_code,
            "vnp_PayDate": self.pay_date if _is_time(self.pay_date) else "",
        }
        return {**body, **{name: value for name, value in more.items() if value}}


def verdict_of(told: Told) -> str:
    """What a notice says. Success needs both codes; a failure is believed only where neither says success."""
    code, status = told.response_code, told.transaction_status
    if code == status == SUCCESS:
        return "paid"
    if SUCCESS in {code, status}:
        return "unclear"
    if code == EXPIRED_CODE:
        return "expired"
    return "failed" if code in FAILURE_CODES else "unclear"


def read(message: Mapping[str, Any]) -> Told:
    """`ValidationError` when a field has another shape."""
    return Told.model_validate(message)


def _is_time(text: str) -> bool:
    if len(text) != 14 or not text.isascii() or not text.isdecimal():
        return False
    try:
        datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007 - only whether it is one
    except ValueError:
        return False
    return True
