"""Read a list off the end of an exchange without mistaking a refusal for an empty one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.exchange.model import Exchanged
from gateway.sdk import Absent, Answered, ProtocolViolation, Refused, RemoteError


def items_of(exchanged: Exchanged) -> Sequence[Mapping[str, Any]]:
    """The items of a list operation; none when the system says that it holds none. `RemoteError` when it refused."""
    match exchanged.outcome:
        case Answered():
            items: Sequence[Mapping[str, Any]] = exchanged.canonical["items"]
            return items
        case Absent():
            return ()
        case Refused(code=code):
            raise RemoteError(
                f"The national system refused the request (its code {code}).",
                vi=f"Hệ thống quốc gia từ chối yêu cầu (mã {code}); không kết luận được gì.",
                what="refused",
            )
    raise ProtocolViolation("The national system gave no answer that a look-up may give.")
