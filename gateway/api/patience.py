"""For how long whoever asks waits: what is asked of others in its name must be answered by then."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gateway.sdk.errors import RequestError

_SECONDS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?", re.ASCII)


def patience(header: Mapping[str, str], *, most: float) -> float:
    """`Request-Timeout` in seconds: for how long the caller waits; never longer than is set."""
    told = header.get("request-timeout", "")
    if not told:
        return most
    if not _SECONDS.fullmatch(told) or float(told) == 0:
        raise RequestError(
            "Request-Timeout is a number of seconds, such as 10 or 2.5.",
            vi="Request-Timeout là số giây, ví dụ 10 hoặc 2.5.",
            what="request_timeout",
        )
    return min(float(told), most)
