"""Ask the platform what became of a payment, until it is known (payment contract, section 8: the query ladder)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.delivery.model import StreamKey
from gateway.payments.model import PaymentState
from gateway.payments.service import Payments
from gateway.payments.store import PaymentStore
from gateway.sdk import ProtocolViolation, Receipt

LADDER_S = (120, 300, 900, 3_600, 10_800, *[21_600] * 11)
"""After the first question (30 s): 2 min, 5 min, 15 min, 1 h, 3 h, then every 6 hours to the third day; then a person
looks."""


class QueryFollowUp:
    """Implements `delivery.courier.FollowUp` for `query_payment`."""

    def __init__(self, payments: Payments, store: PaymentStore) -> None:
        self._payments = payments
        self._store = store

    async def needed(self, stream: StreamKey) -> bool:
        """A notice may have been faster. A failed payment is still asked about: a late success is accepted on proof."""
        payment = await self._store.find(stream.tenant, stream.key)
        return payment is not None and payment.state is not PaymentState.PAID

    def next_wait_s(self, attempts: int) -> float | None:
        return LADDER_S[attempts] if attempts < len(LADDER_S) else None

    async def conclude(self, stream: StreamKey, canonical: Mapping[str, Any]) -> None:
        """`ProtocolViolation`, so a person looks, when the result is not what was asked for: money may have moved."""
        receipt = await self._payments.settle(canonical, tenant=stream.tenant, source="query")
        if receipt is Receipt.REJECTED:
            raise ProtocolViolation(
                "The platform's result differs from this payment in amount, currency or transaction.",
                vi="Kết quả của nền tảng thanh toán không khớp giao dịch này (số tiền, loại tiền hoặc mã giao dịch)",
                what="payment_differs",
            )
