"""The gate before every endpoint: where a call comes from, how often, and what a recognised client may ask for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

import structlog

from gateway.alarms.model import AlarmService, Occasion
from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.clients.model import Client
from gateway.clients.settings import QuotaSettings
from gateway.clients.throttle import Throttle
from gateway.clients.usage import Usage
from gateway.clients.ways import Peer, is_within
from gateway.domain import Context
from gateway.sdk.errors import GatewayError, NotAllowedError, TooManyRequestsError

REFUSALS_TOLD_PER_MINUTE = 6
"""Leaves that one stranger can cause in this way; the alarm counts no faster."""

log = structlog.get_logger()


class Gate:
    """Every process has one. `networks`: by national system, where its calls come from; none: from anywhere."""

    def __init__(
        self,
        usage: Usage,
        *,
        quotas: QuotaSettings,
        networks: Mapping[str, Collection[str]],
        alarms: AlarmService,
        recorder: Recorder,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self.usage = usage
        self._networks = networks
        self._alarms = alarms
        self._recorder = recorder
        self._clock = clock
        self._public = Throttle(per_minute=quotas.public_per_minute, monotonic=monotonic)
        self._inbound = Throttle(per_minute=quotas.inbound_per_minute, monotonic=monotonic)
        self._failures = Throttle(
            per_minute=quotas.failures_per_minute, monotonic=monotonic, longest_wait_s=quotas.failures_wait_s
        )
        self._told = Throttle(per_minute=REFUSALS_TOLD_PER_MINUTE, monotonic=monotonic)

    async def admit(self, client: Client, peer: Peer, *, operation: str) -> None:
        """A client that was recognised: `NotAllowedError` from elsewhere than its networks or for another operation
        than its own, `TooManyRequestsError` beyond its quota."""
        if client.networks and not is_within(peer.address, client.networks):
            raise NotAllowedError(
                "This client may not call from here.", vi="Hệ thống này không được gọi từ địa chỉ này.", what="network"
            )
        await self.usage.count(client)
        if client.operations and operation not in client.operations:
            raise NotAllowedError(
                "This client may not call that operation.",
                vi="Hệ thống này không được dùng nghiệp vụ này.",
                what="operation",
            )

    def admit_public(self, address: str) -> None:
        """What needs no key. `TooManyRequestsError`."""
        _wait(self._public.take(address))

    async def admit_inbound(self, system: str, address: str, *, context: Context) -> None:
        """A call in a national system's name, before a byte of it is read. `NotAllowedError` from elsewhere than its
        networks: a leaf and an alarm, though not for each of a flood."""
        networks = self._networks.get(system, ())
        if networks and not is_within(address, networks):
            refusal = NotAllowedError(
                "That system does not call from here.", vi="Hệ thống này không gọi từ địa chỉ đó.", what="network"
            )
            if not self._told.take(address):
                await self._tell(system, address, refusal=refusal, context=context)
            raise refusal
        _wait(self._inbound.take(address))

    async def failed(self, address: str, *, context: Context) -> GatewayError | None:
        """A log-in that failed. None: it is one of few and gets its leaf and its 401. Otherwise what is answered in
        their place; the alarm counts it. A key that is right opens all the same: its 192 bits cannot be guessed, and
        nobody must be able to lock out the systems that share an address with them."""
        wait_s = self._failures.take(address)
        if not wait_s:
            return None
        if not self._told.take(address):
            facts: dict[str, str | int] = {"wait_s": round(wait_s), "source": address}
            occasion = Occasion(kind="logins_failed", about="address:" + (address or "unknown"), facts=facts)
            await self._alarms.raise_alarm(occasion, context=context)
        return _too_often(wait_s)

    async def _tell(self, system: str, address: str, *, refusal: GatewayError, context: Context) -> None:
        facts: dict[str, str | int] = {"code": refusal.error_code, "source": address}
        log.warning("inbound_refused", system=system, code=refusal.error_code)
        entry = Entry(
            kind=EntryKind.INBOUND,
            tenant=context.tenant,
            actor=context.actor,
            operation="inbound",
            outcome=refusal.error_code,
            occurred_at=self._clock(),
            trace_id=context.trace_id,
            system=system,
            facts={"http_status": refusal.http_status, "source": address},
        )
        await self._recorder.record(entry)
        occasion = Occasion(kind="inbound_not_trusted", about=f"system:{system}", facts=facts)
        await self._alarms.raise_alarm(occasion, context=context)


def _wait(wait_s: float) -> None:
    if wait_s:
        raise _too_often(wait_s)


def _too_often(wait_s: float) -> TooManyRequestsError:
    return TooManyRequestsError(
        "Too many calls from this address; wait as long as Retry-After says.",
        vi="Địa chỉ này gọi quá nhiều; hãy chờ theo Retry-After.",
        retry_after_s=max(1.0, wait_s),
    )
