"""Their messages (contract, sections 4.1 to 4.3)."""

# ruff: noqa: N815 - their names
from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gateway.domain import VIETNAM

GOOD, GOOD_ACK = "00", "SUCCESSFUL"
REFERENCE = re.compile(r"[0-9A-Z]{1,20}", re.ASCII)


def _amount(value: Any) -> Any:
    """A whole number, or its digits as a text: a browser's return has nothing but texts. 150000.0 is neither."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 15:
        return int(value)
    return value


def _text(value: Any) -> Any:
    """Null is nothing; a code that came as a number is told in its digits."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Amount = Annotated[int, BeforeValidator(_amount), Field(strict=True, ge=0, lt=10**15)]
Text = Annotated[str, BeforeValidator(_text), Field(max_length=1000)]
Name = Annotated[str, BeforeValidator(_text), Field(max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A code or number, as it is stored and searched for."""


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True, defer_build=True)


class Notice(_Wire):
    """The IPN and the way back. `requestCode` is ours; `orderId` names a dossier and is matched with nothing."""

    requestCode: Annotated[Text, Field(pattern=r"^[0-9A-Z]{1,20}$")]
    amount: Amount
    errorCode: Annotated[Name, Field(min_length=1)]
    orderId: Text = ""
    orderInfo: Text = ""
    transactionNo: Name = ""
    transactionCode: Name = ""
    payDate: Text = ""
    paygate: Text = ""
    type: Text = ""
    checksum: Text = ""

    @property
    def transaction(self) -> str:
        """The receipt call asks by `transactionCode`; a notice without one has the intermediary's number at least."""
        return self.transactionCode or self.transactionNo


class Pay(_Wire):
    url: Text = ""


class CreateReply(_Wire):
    """`{data: {url}}`. How a refusal looks is not public."""

    data: Pay | None = None
    error_code: Text = ""
    error_message: Text = ""


class ReceiptReply(_Wire):
    transactionReceipt: Text = ""


class Verdict(_Wire):
    error_code: Text
    error_message: Text = ""


def told(message: Mapping[str, Any]) -> dict[str, Any]:
    """What a notice says, value by value as it stands there: the checksum is over that."""
    return {name: message[name] for name in Notice.model_fields if message.get(name) is not None}


def facts(notice: Notice, *, pay_date_format: str) -> dict[str, Any]:
    """A notice as the mapping reads it. Only "00" is known to be good; what another code means is not public, so it is
    never a failure."""
    return {
        **notice.model_dump(),
        "KetQua": "paid" if notice.errorCode == GOOD else "unclear",
        "transaction": notice.transaction,
        "paid_at": _moment(notice.payDate, pay_date_format),
    }


def _moment(text: str, pattern: str) -> str:
    """ISO with +07:00, or nothing: the form of payDate is not public, and money is not refused for it."""
    try:
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007 - their clock says no zone: it is Viet Nam's
    except ValueError:
        return ""
    return moment.replace(tzinfo=VIETNAM).isoformat() if 1000 <= moment.year <= 9998 else ""
