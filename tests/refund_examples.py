"""The payments and refunds that the API's own examples name."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from refunds_house import bill, payment, refund

from gateway.payments.model import BillState
from gateway.refunds.model import RefundState, RefundWay

if TYPE_CHECKING:
    from province import Province

PAYMENT = "P7Q2M0001ABCDEFGHIJK"
WAITING, BY_HAND = "F7Q2M0001ABCDEFGHIJK", "F7Q2M0002ABCDEFGHIJK"
DOSSIER = "000.00.05.H99-261123-0098"


async def give_refunds(province: Province) -> None:
    """A paid payment of which all can go back, and two with a refund: one waits for approval, one for its proof."""
    now = datetime.now(UTC) - timedelta(days=1)
    lines = [{"kind": "fee", "code": "P01", "name": "Phí thẩm định", "amount": 150_000}]
    same = {"amount": 150_000, "created_at": now, "updated_at": now, "dossier_code": DOSSIER}
    for number, name in enumerate((PAYMENT, "P0000001WAITS", "P0000002BYHAND"), 1):
        document = {"lines": lines, "agency_id": "000.00.05.H99"}
        state = BillState.PAID if name == PAYMENT else BillState.REFUND_PENDING
        await province.till.bills.add(bill(bill_id=f"B000000{number}", state=state, document=document, **same))
        paid = payment(payment_id=name, bill_id=f"B000000{number}", reference=name, system="payment", **same)
        await province.till.payments.add(paid)
    asked = {**same, "rail": "payment", "fee": 150_000, "charge": 0, "way": RefundWay.BY_HAND}
    waiting = refund(refund_id=WAITING, payment_id="P0000001WAITS", bill_id="B0000002", **asked)
    decided = {"decision_number": "12/QĐ-UBND", "decision_day": date(2026, 11, 23), "approved_by": "chutich.mau"}
    asked |= {"state": RefundState.APPROVED, **decided}
    by_hand = refund(refund_id=BY_HAND, payment_id="P0000002BYHAND", bill_id="B0000003", **asked)
    for one in (waiting, by_hand):
        await province.refunds.add(one, actor="motcua")
    province.given = len(province.payments.payments)
