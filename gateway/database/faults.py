"""What a caller is told when the database has no room for it, or is out of reach."""

from __future__ import annotations

from psycopg import OperationalError
from psycopg.errors import IdleInTransactionSessionTimeout

from gateway.sdk.errors import BusyError, GatewayError, UndeterminedError

LOST = (OperationalError, IdleInTransactionSessionTimeout)
"""What the database raises that is out of reach, has no room or hung up. Of who said nothing for too long inside a
transaction, nothing was done; psycopg counts that among the faults of the server's inside."""


class OutcomeLostError(OperationalError):
    """The connection was lost while something was being made durable: nobody knows whether it was."""


def may_be_done(exc: OperationalError, statement: str) -> bool:
    """Whether a statement that stood alone may have been carried out. Where the server says why not, it was not, unless
    the server was ending (class 57P): then it may have said so after the commit."""
    is_said = exc.sqlstate is not None and not exc.sqlstate.startswith("57P")
    return not is_said and statement.lstrip()[:6].upper() != "SELECT"


def in_our_words(exc: Exception, *, has_begun: bool = False) -> GatewayError | None:
    """None: it is no such fault. No room in the pool, a statement that took too long and a server that is
    gone have undone what they met. `has_begun`: something may have been sent or stored before."""
    if isinstance(exc, OutcomeLostError) or (has_begun and isinstance(exc, LOST)):
        return UndeterminedError(
            "The database was lost before it was known what became of this request. Send the same request again, with"
            " the same Idempotency-Key.",
            vi="Mất cơ sở dữ liệu trước khi biết kết quả của yêu cầu này. Hãy gửi lại đúng yêu cầu đó, cùng"
            " Idempotency-Key.",
        )
    if isinstance(exc, LOST):
        return BusyError(
            "The database has no room for this request, or does not answer. Wait as long as Retry-After says, then send"
            " it again.",
            vi="Cơ sở dữ liệu hết chỗ cho yêu cầu này hoặc không trả lời. Hãy chờ theo Retry-After rồi gửi lại.",
        )
    return None
