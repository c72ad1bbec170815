"""What became of a refund whose answer is missing. The order is never repeated on a guess: querydr knows the payment
alone, and a request id stands for one day only."""

from __future__ import annotations

from gateway.sdk import Answered, Call, CannotTell, Outcome, Pending, ProtocolViolation, SendNow, Settlement, TookEffect

KNOWN_BY = ("MaHoanTien", "vnp_TxnRef", "vnp_TransactionDate", "SoTien")


def question(call: Call) -> Call | Settlement:
    """A pay address is made here and opens nothing; a question may be put again."""
    if call.operation != "refund_payment":
        return SendNow(call=call)
    body = {name: call.body[name] for name in KNOWN_BY}
    return Call(operation="query_refund", body=body, call_id=call.call_id, at=call.at)


def settle(call: Call, answer: Outcome) -> Settlement:
    """VNPAY has it, however it ended. An open answer may mean that it is under way: it is asked a few times more, and
    then a person looks (`ProtocolViolation`)."""
    if isinstance(answer, Answered):
        return TookEffect(reference=str(call.body["MaHoanTien"]))
    if isinstance(answer, Pending):
        raise ProtocolViolation(
            "VNPAY does not tell yet what became of the refund.",
            vi="VNPAY chưa cho biết lệnh hoàn tiền đã được nhận hay chưa",
            what="cannot_tell",
        )
    return CannotTell(
        reason="VNPAY does not tell whether the refund was taken.",
        reason_vi="VNPAY không cho biết lệnh hoàn tiền đã được nhận hay chưa; cần cán bộ đối chiếu.",
    )
