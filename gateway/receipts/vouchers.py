"""Fetch the rail's own receipt as soon as the money is there, and keep the file with its digest (contract page, 2.7).

A rail answers the file, or a link that lives for minutes. Each step is a message of its own in the outbox, so that a
crash loses nothing, and the file is kept in the transaction that acknowledges the step; `voucher_steps` takes them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from gateway.alarms.model import AlarmService, Occasion
from gateway.delivery.model import StreamKey
from gateway.delivery.store import Outbox
from gateway.domain import Context
from gateway.exchange.model import Exchange
from gateway.observability import own_context
from gateway.payments.model import Bill, Money, Payment
from gateway.payments.store import BillStore, PaymentStore
from gateway.receipts.voucher_model import Voucher, VoucherStore
from gateway.sdk import NotFoundError, ProtocolViolation, StoredFile
from gateway.sdk.errors import ConfigurationError, IntegrityError, UnprocessableError

FETCH, DOWNLOAD = "fetch_voucher", "download_voucher"
ASK, ASK_OTHERWISE, FILE = "voucher", "voucher_otherwise", "voucher_file"
"""Kinds of streams: the question, the question put the second way, and the link. A payment has one of each at most."""
OTHER_READING = "init"
"""The second reading of the time in the question (2.7): of the opening, where that of the payment was refused."""
AGAIN_S = (60.0, 300.0, 1_800.0, 10_800.0, 43_200.0, 86_400.0)
"""Seconds until a new link is asked for when one died before the file was there, by how often it was asked; then a
person looks."""
MEDIA_TYPES = {"application/pdf": b"%PDF-", "application/xml": b"<", "image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8"}
"""What a voucher may be, and how such a file begins."""
MOST_BYTES = 10_000_000

log = structlog.get_logger()


class Vouchers:
    """Implements `VoucherService`."""

    def __init__(
        self,
        store: VoucherStore,
        outbox: Outbox,
        exchange: Exchange,
        *,
        bills: BillStore,
        payments: PaymentStore,
        alarms: AlarmService,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._exchange = exchange
        self._bills = bills
        self._payments = payments
        self._alarms = alarms
        self._clock = clock

    async def due(self, money: Money, *, url: str = "") -> None:
        """Money was collected: ask its rail for the voucher. Joins the transaction that is open, and never undoes it: a
        rail that cannot be asked is an alarm. `url`: a link that came with the money, which proves nothing and is
        followed only where the connector lets it."""
        payment = replace(money.payment, paid_at=money.paid_at, transaction_id=money.transaction_id)
        try:
            url = url or str(payment.document.get("voucher_url", ""))
            if url and self._exchange.offers(DOWNLOAD, target=payment.system):
                await self.follow(payment.tenant, payment.payment_id, rail=payment.system, url=url)
            elif self._exchange.offers(FETCH, target=payment.system):
                await self._ask(payment, money.bill, kind=ASK, due=None)
        except (ConfigurationError, UnprocessableError) as exc:
            log.error("voucher_not_asked", payment_id=payment.payment_id, code=exc.error_code)
            facts = {"code": exc.error_code, "payment": payment.payment_id}
            occasion = Occasion(kind="voucher_missing", about=f"rail:{payment.system}", facts=facts)
            await self._alarms.raise_alarm(occasion, context=own_context(payment.tenant))

    async def of_payment(self, payment_id: str, *, context: Context) -> Sequence[Voucher]:
        return await self._store.of_payment(context.tenant, payment_id)

    async def file(self, payment_id: str, sha256: str, *, context: Context) -> StoredFile:
        found = await self._store.of_payment(context.tenant, payment_id)
        voucher = next((voucher for voucher in found if voucher.sha256 == sha256), None)
        if voucher is None:
            raise NotFoundError("No voucher of this payment has this digest.", vi="Không có chứng từ này.")
        content = await self._store.content(context.tenant, payment_id, sha256)
        if content is None or hashlib.sha256(content).hexdigest() != sha256:
            raise IntegrityError(
                "A kept voucher is not the one that was fetched; it is not handed out.",
                vi="Chứng từ lưu trữ không còn đúng như khi nhận; không được đưa ra.",
                what="voucher_altered",
            )
        name = f"chung-tu-{payment_id}.{voucher.media_type.rpartition('/')[2]}"
        return StoredFile(id=sha256, name=name, media_type=voucher.media_type, sha256=sha256, content=content)

    async def is_kept(self, stream: StreamKey) -> bool:
        return bool(await self._store.of_payment(stream.tenant, payment_of(stream)))

    async def follow(self, tenant: str, payment_id: str, *, rail: str, url: str) -> None:
        """Download what a link leads to. `UnprocessableError`, `ConfigurationError`: it cannot be written down."""
        draft = self._exchange.draft(
            DOWNLOAD, {"url": url}, key=f"{FILE}:{payment_id}", context=own_context(tenant), target=rail
        )
        await self._outbox.enqueue([draft], now=self._clock())

    async def keep(self, stream: StreamKey, canonical: Mapping[str, Any], *, source: str) -> None:
        """Store the file of an answer. `ProtocolViolation`: it is none, so it is kept nowhere."""
        payment_id = payment_of(stream)
        payment = await self._payments.find(stream.tenant, payment_id)
        content = _file(canonical)
        voucher = Voucher(
            tenant=stream.tenant,
            payment_id=payment_id,
            rail=stream.target,
            transaction_id=payment.transaction_id if payment else "",
            media_type=canonical["media_type"],
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            source=source,
            fetched_at=self._clock(),
        )
        await self._store.add(voucher, content)
        log.info("voucher_kept", payment_id=payment_id, rail=stream.target, size=voucher.size)

    async def ask_otherwise(self, stream: StreamKey) -> bool:
        """Put the question the second way. False: it was put so before, or the payment is not there."""
        return stream.key.startswith(f"{ASK}:") and await self._ask_of(stream, kind=ASK_OTHERWISE, due=None)

    async def ask_again(self, stream: StreamKey, *, now: datetime) -> bool:
        """Have a new link asked for, when its turn has come; asked twice, it is asked for once. False: that was done
        often enough, or cannot be done."""
        views = {
            kind: view
            for kind in (ASK, ASK_OTHERWISE, FILE)
            for view in await self._outbox.views(stream.tenant, f"{kind}:{payment_of(stream)}", now=now)
            if view.stream.target == stream.target
        }
        links = views.pop(FILE, None)
        if (links and links.tail - links.head > 1) or any(view.head < view.tail for view in views.values()):
            return True  # a newer link waits behind this one, or is being asked for
        rounds = sum(view.tail for view in views.values())
        if rounds >= len(AGAIN_S) or not self._exchange.offers(FETCH, target=stream.target):
            return False
        kind = ASK_OTHERWISE if ASK_OTHERWISE in views else ASK
        return await self._ask_of(stream, kind=kind, due=now + timedelta(seconds=AGAIN_S[rounds]))

    async def _ask_of(self, stream: StreamKey, *, kind: str, due: datetime | None) -> bool:
        payment = await self._payments.find(stream.tenant, payment_of(stream))
        bill = await self._bills.find(stream.tenant, payment.bill_id) if payment else None
        if payment is None or bill is None:
            return False
        try:
            await self._ask(payment, bill, kind=kind, due=due)
        except UnprocessableError:
            return False
        return True

    async def _ask(self, payment: Payment, bill: Bill, *, kind: str, due: datetime | None) -> None:
        canonical = _question(payment, bill, reading=OTHER_READING if kind == ASK_OTHERWISE else "")
        key, context = f"{kind}:{payment.payment_id}", own_context(payment.tenant)
        draft = self._exchange.draft(FETCH, canonical, key=key, context=context, target=payment.system)
        await self._outbox.enqueue([replace(draft, due=due)], now=self._clock())


def payment_of(stream: StreamKey) -> str:
    return stream.key.partition(":")[2]


def _question(payment: Payment, bill: Bill, *, reading: str) -> dict[str, Any]:
    """What rails want to know of a payment whose voucher is asked for; each mapping takes its part."""
    return {
        **bill.document,
        **payment.document,
        "reference": payment.reference,
        "initiated_at": payment.document.get("initiated_at") or payment.created_at.isoformat(),
        "paid_at": payment.paid_at.isoformat() if payment.paid_at else None,
        "transaction_id": payment.transaction_id,
        "dossier_code": payment.dossier_code,
        "amount": payment.amount,
        "currency": payment.currency,
        "reading": reading or None,
    }


def _file(canonical: Mapping[str, Any]) -> bytes:
    """An error page, a few bytes or something else under the name of a voucher is worse than none."""
    begins = MEDIA_TYPES.get(str(canonical.get("media_type")))
    try:
        content = base64.b64decode(str(canonical.get("content", "")), validate=True)
    except (ValueError, binascii.Error) as exc:
        raise _no_voucher() from exc
    if begins is None or not content.startswith(begins) or len(content) > MOST_BYTES:
        raise _no_voucher()
    return content


def _no_voucher() -> ProtocolViolation:
    return ProtocolViolation(
        "What the rail gave is not a voucher.", vi="Nội dung nhận được không phải chứng từ", what="no_voucher"
    )
