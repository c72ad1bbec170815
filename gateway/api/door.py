"""The door: how many requests a process has under way at a time. Whoever comes when it is full is told so at once,
before a byte of the body is read or the database is asked anything, and without a leaf: a process that is at its end
must not spend what it has left on saying no.

No address has all the places: whoever fills its share is refused while others still come in (`peer` says whose call it
is, behind trusted proxies, too; callers behind a proxy that is not known as one have one share together).

Probes always come in. The pages of staff have places of their own, as many as all the rest together, so that whoever
looks after an overload is not locked out by it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping

import structlog
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api import problems
from gateway.api.peer import peer_of
from gateway.observability import accept_trace
from gateway.observability.flood import Flood
from gateway.sdk.errors import BusyError, GatewayError

PROBES = frozenset({"/healthz", "/readyz"})
LONGEST_WAIT_S = 3
"""Who is sent away is told to wait 1 to so many seconds, in turns: they do not all come back together."""

log = structlog.get_logger()

Refusal = Callable[[GatewayError, str], Response]
"""Says an error in the words of one kind of callers; the second argument is the trace id."""


class Door:
    """Wraps everything that may be crowded. `staff`: how the addresses of their pages begin. `refusals`: by address,
    where a problem document is not what callers there read. `each`: how many of `most` one caller's address may have;
    None: all of them."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        most: int,
        each: int | None = None,
        staff: Collection[str] = (),
        refusals: Mapping[str, Refusal] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._most = most
        self._each = most if each is None else each
        self._staff = tuple(staff)
        self._refusals = refusals or {}
        self._under_way = {True: 0, False: 0}
        self._of = Counter[tuple[bool, str]]()
        self._flood = Flood(monotonic)

    @property
    def refused(self) -> int:
        """So far."""
        return self._flood.count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        is_staff = scope["path"].startswith(self._staff) if self._staff else False
        whose = is_staff, peer_of(scope).address
        if self._under_way[is_staff] >= self._most or self._of[whose] >= self._each:
            await self._refusal(scope)(scope, receive, send)
            return
        self._under_way[is_staff] += 1
        self._of[whose] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way[is_staff] -= 1
            self._of[whose] -= 1
            if not self._of[whose]:
                del self._of[whose]

    def _refusal(self, scope: Scope) -> Response:
        if refused := self._flood.one():
            log.warning("requests_refused_busy", refused=refused, most_under_way=self._most)
        wait_s = 1.0 + self.refused % LONGEST_WAIT_S
        error = BusyError(
            "This process has all the requests under way that it takes on, of all or of your address; wait as long as"
            " Retry-After says.",
            vi="Cổng đang xử lý hết số yêu cầu có thể nhận, của mọi bên hoặc của địa chỉ này; hãy chờ theo Retry-After"
            " rồi gửi lại.",
            retry_after_s=wait_s,
        )
        told = [value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"]
        return self._refusals.get(scope["path"], as_problem)(error, accept_trace(told, ()).trace_id)


def as_problem(error: GatewayError, trace_id: str) -> Response:
    """What REST answers."""
    content = problems.problem(error, trace_id=trace_id)
    return Response(content, status_code=error.http_status, headers=problems.headers(error))
