"""Ask the rail what became of a payment, until it is known (payment contract, section 8: the query ladder)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog

from gateway.delivery.model import StreamKey
from gateway.payments.model import PaymentState, Source
from gateway.payments.settling import Settling
from gateway.payments.store import PaymentStore

LADDER_S = (30, 150, 450, 1_350, 4_950, 15_750, *range(37_350, 259_200, 21_600), 259_200)
"""Ages of a payment at which it is asked about: 30 s, then 2 min, 5 min, 15 min, 1 h, 3 h later, then every 6 hours to
the third day; then a person looks. By age, not by count: a payer who comes back early uses up none of them, nor does a
platform that was down."""


log = structlog.get_logger()


class QueryFollowUp:
    """Implements `delivery.courier.FollowUp` for `query_payment`."""

    def __init__(self, settling: Settling, store: PaymentStore) -> None:
        self._settling = settling
        self._store = store

    async def needed(self, stream: StreamKey) -> bool:
        """A notice may have been faster. A failed payment is still asked about: a late success is accepted on proof."""
        payment = await self._store.find(stream.tenant, stream.key)
        return payment is not None and payment.state is not PaymentState.PAID

    async def next_wait_s(self, stream: StreamKey, *, now: datetime) -> float | None:
        payment = await self._store.find(stream.tenant, stream.key)
        age = (now - payment.created_at).total_seconds() if payment else 0.0
        return next((rung - age for rung in LADDER_S if rung > age), None)

    async def conclude(self, stream: StreamKey, canonical: Mapping[str, Any]) -> None:
        """A result that does not fit ends the ladder with a case: asking again would bring the same answer."""
        await self._settling.settle(canonical, tenant=stream.tenant, rail=stream.target, source=Source.QUERY)


class ReportFollowUp:
    """For `verify_report`: a rail says that what somebody told us of a payment was really its word (contract 4.1)."""

    def __init__(self, settling: Settling) -> None:
        self._settling = settling

    async def needed(self, stream: StreamKey) -> bool:  # noqa: ARG002 - a follow-up's shape
        return True

    async def next_wait_s(self, stream: StreamKey, *, now: datetime) -> float | None:  # noqa: ARG002
        """An open answer is no proof, and stays none."""
        return None

    async def conclude(self, stream: StreamKey, canonical: Mapping[str, Any]) -> None:
        if canonical.get("status") == "forged":
            log.warning("payment_report_forged", rail=stream.target)
            return
        await self._settling.settle(canonical, tenant=stream.tenant, rail=stream.target, source=Source.QUERY)
