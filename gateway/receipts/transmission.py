"""Tell the tax authority of every receipt, in order and once (NĐ 254/2026/NĐ-CP Art 27 and 29(3)(b); PAY-13).

A message is written in the transaction that issues the receipt, so none is lost; the outbox sends it at once, and after
an outage again. What adjusts a receipt goes behind it, in the same stream.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog

from gateway.delivery.store import Outbox
from gateway.exchange.model import Exchange
from gateway.observability import own_context
from gateway.receipts.model import Content, Receipt

SUBMIT = "submit_receipts"

log = structlog.get_logger()


class Transmission:
    """Implements `receipts.model.Issued`."""

    def __init__(self, outbox: Outbox, exchange: Exchange, *, target: str, clock: Callable[[], datetime]) -> None:
        """`target`: the configured system that takes receipts; empty: there is none, and nobody is told."""
        self._outbox = outbox
        self._exchange = exchange
        self._target = target
        self._clock = clock

    async def __call__(self, receipt: Receipt, content: Content) -> None:
        """Joins the transaction that is open. `UnprocessableError`: the receipt lacks what the law demands of it."""
        if not self._target:
            log.warning("receipt_not_told", receipt_id=receipt.receipt_id)
            return
        draft = self._exchange.draft(
            SUBMIT,
            told(receipt, content),
            key=stream_of(receipt.receipt_id),
            context=own_context(receipt.tenant),
            target=self._target,
        )
        await self._outbox.enqueue([draft], now=self._clock())


def stream_of(receipt_id: str) -> str:
    """The stream's key: of the first receipt of a payment's part. `<payment>-F-<refund>` adjusts `<payment>-F`."""
    return f"receipt:{'-'.join(receipt_id.split('-')[:2])}"


def told(receipt: Receipt, content: Content) -> dict[str, Any]:
    """A receipt as the tax authority learns of it: what Art 23(2) demands, and the digest of the signed file."""
    earlier, delegator = content.earlier, content.delegator
    return {
        "event": _event(receipt),
        "receipt_id": receipt.receipt_id,
        "name": f"Biên lai thu {receipt.kind.label_vi}",
        "kind": receipt.kind.value,
        "form": receipt.form,
        "symbol": receipt.symbol,
        "number": receipt.number,
        "issued_at": receipt.issued_at.isoformat() if receipt.issued_at else None,
        "collector": {
            "name": content.unit_name,
            "tax_code": content.unit_tax_code,
            "address": content.unit_address,
        },
        "delegator": {"name": delegator.name, "tax_code": delegator.tax_code, "mandate": delegator.mandate}
        if delegator
        else None,
        "payer": {"full_name": content.payer.name, "address": content.payer.address},
        "lines": [{"code": line.code, "name": line.name, "amount": line.amount} for line in content.lines],
        "amount": receipt.amount,
        "amount_words": content.words,
        "currency": receipt.currency,
        "dossier_code": receipt.dossier_code,
        "sha256": receipt.sha256,
        "original": {
            "form": earlier.form,
            "symbol": earlier.symbol,
            "number": earlier.number,
            "issued_on": earlier.issued_on.isoformat(),
        }
        if earlier
        else None,
        "reason": content.reason,
    }


def _event(receipt: Receipt) -> str:
    if not receipt.supersedes:
        return "issued"
    return "adjusted" if receipt.amount else "cancelled"
