"""What a refund may not do, and why, in words. Pure."""

from __future__ import annotations

from datetime import datetime

from gateway.payments.model import PaymentState
from gateway.refunds.desk import Matter
from gateway.refunds.model import ON_ITS_WAY, Approval, Proof, Refund, RefundState, Wanted
from gateway.refunds.sums import refundable
from gateway.sdk.errors import ConflictError, FieldProblem, NotAllowedError, UnprocessableError


def is_same(begun: Refund, wanted: Wanted) -> None:
    """One id, one refund. What an approval may have changed since is not compared."""
    before = (begun.payment_id, begun.amount, begun.reason, begun.requested_by)
    if before != (wanted.payment_id, wanted.amount, wanted.reason, wanted.requested_by):
        raise UnprocessableError(
            "This Idempotency-Key asked for another refund before; use a new key.",
            vi="Khoá Idempotency-Key này đã dùng cho một khoản hoàn trả khác; hãy dùng khoá mới.",
            what="idempotency_key_reused",
        )


def is_refundable(matter: Matter, wanted: Wanted) -> None:
    """The caller knows how much can go back, and wants no more than that."""
    if matter.payment.state is not PaymentState.PAID:
        raise ConflictError(
            "Nothing was paid by this payment.", vi="Giao dịch này chưa thu được tiền.", what="payment_not_paid"
        )
    truth = refundable(matter.payment, matter.refunds)
    if wanted.refundable != truth:
        english = f"{truth} can still go back, not what you believe; look again before you decide."
        vietnamese = f"Số tiền còn hoàn được là {truth}, khác số đã nêu; hãy xem lại trước khi quyết định."
        fields = [FieldProblem("/refundable", english, vietnamese)]
        raise ConflictError(english, vi=vietnamese, what="refundable_differs", fields=fields)
    if wanted.amount > truth:
        english, vietnamese = f"At most {truth} can go back.", f"Chỉ còn hoàn được tối đa {truth}."
        fields = [FieldProblem("/amount", english, vietnamese)]
        raise UnprocessableError(english, vi=vietnamese, what="refund_too_large", fields=fields)


def stands_at(refund: Refund, *states: RefundState) -> None:
    if refund.state not in states:
        raise ConflictError(
            f"The refund is {refund.state.value}; this is not possible any more, or not yet.",
            vi=f"Khoản hoàn trả đang ở trạng thái: {refund.state.label_vi}; không làm được việc này.",
            what="refund_state",
        )


def is_another_person(refund: Refund, approval: Approval) -> None:
    """Nobody allows what they asked for (SEC-17)."""
    if approval.approved_by.casefold() == refund.requested_by.casefold():
        raise NotAllowedError(
            "Whoever asked for a refund cannot approve it.",
            vi="Người đề nghị hoàn trả không được tự phê duyệt.",
            what="same_officer",
        )


def has_decision(refund: Refund) -> None:
    if not refund.decision_number or refund.decision_day is None:
        english = "Name the decision that allows the refund: its number and date."
        vietnamese = "Hãy nêu số và ngày của quyết định cho phép hoàn trả."
        fields = [FieldProblem("/decision", english, vietnamese)]
        raise UnprocessableError(english, vi=vietnamese, what="decision_missing", fields=fields)


def is_past(proof: Proof, *, until: datetime) -> None:
    if proof.paid_at > until:
        english, vietnamese = "This moment lies in the future.", "Thời điểm này ở tương lai."
        fields = [FieldProblem("/paid_at", english, vietnamese)]
        raise UnprocessableError(english, vi=vietnamese, what="in_the_future", fields=fields)


def is_alone(matter: Matter, refund: Refund) -> None:
    """One at a time over a rail: some are asked by the payment alone, and cannot tell two of its refunds apart."""
    others = [o for o in matter.refunds if o.payment_id == refund.payment_id and o.refund_id != refund.refund_id]
    if any(other.state in ON_ITS_WAY for other in others):
        raise ConflictError(
            "Another refund of this payment is under way over the rail; wait for its end.",
            vi="Một khoản hoàn khác của giao dịch này đang được xử lý qua kênh; hãy chờ kết quả.",
            what="refund_on_its_way",
        )


def is_held(held: bool) -> None:
    if not held:
        raise ConflictError(
            "The refund is under way and the rail is being asked; it cannot be called off now.",
            vi="Khoản hoàn trả đang được xử lý, cổng đang hỏi kết quả; chưa thể huỷ.",
            what="refund_on_its_way",
        )


def no_rail() -> UnprocessableError:
    english = "This rail takes no refunds; the money goes back by hand."
    vietnamese = "Kênh thanh toán này không nhận lệnh hoàn trả; phải hoàn theo cách thủ công."
    fields = [FieldProblem("/way", english, vietnamese)]
    return UnprocessableError(english, vi=vietnamese, what="no_refund_over_rail", fields=fields)


def passed_on() -> ConflictError:
    return ConflictError(
        "The data of this money went to the treasury or the tax authority; it goes back by their way, by hand.",
        vi="Dữ liệu khoản thu đã chuyển Kho bạc hoặc cơ quan thuế; phải hoàn trả theo thủ tục của cơ quan đó.",
        what="refund_by_hand_only",
    )
