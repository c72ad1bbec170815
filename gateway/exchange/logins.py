"""Sessions at systems and tokens of platforms: each obtained once, and each log-in a leaf of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from gateway.audit.recorder import Recorder
from gateway.domain import Context
from gateway.exchange.grants import Grants
from gateway.exchange.trail import Trail
from gateway.sdk import (
    Call,
    GatewayError,
    Grant,
    ProtocolViolation,
    TransientRemoteError,
    TrustError,
    Unsettled,
    WireReply,
)

LOCKED_OUT_S = 60.0
"""Seconds before a refused log-in is tried again: many systems lock an account that knocks too often."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Door:
    """How to log in, as the newest caller would: its way there, its tenant and its trace."""

    knock: Callable[[], Awaitable[WireReply]]
    read: Callable[[WireReply], Grant]
    context: Context


class LogIns:
    """The grants of this process, by the name of who issues them."""

    def __init__(self, recorder: Recorder, *, clock: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._recorder = recorder
        self._clock = clock
        self._monotonic = monotonic
        self._grants: dict[str, Grants] = {}
        self._doors: dict[str, Door] = {}

    def held(self, issuer: str) -> Grant | None:
        """What there is already; nobody logs in."""
        return self._grants[issuer].held if issuer in self._grants else None

    def left_s(self, issuer: str) -> float | None:
        """Seconds for which its grant is still used; None: there is none."""
        return self._grants[issuer].left_s if issuer in self._grants else None

    def at(self, issuer: str, door: Door) -> Grants:
        """Grants of `issuer`. From now on whoever has to log in takes this door: the way of yesterday may be closed."""
        self._doors[issuer] = door
        if issuer not in self._grants:

            async def log_in() -> Grant:
                return await self._log_in(issuer, self._doors[issuer])

            self._grants[issuer] = Grants(log_in, monotonic=self._monotonic)
        return self._grants[issuer]

    async def finish(self) -> None:
        """Wait for log-ins under way, and so for their leaves."""
        await asyncio.gather(*(grants.finish() for grants in self._grants.values()))

    async def _log_in(self, issuer: str, door: Door) -> Grant:
        """Recorded without its bodies: they hold our secret and theirs."""
        trail = Trail(
            system=issuer,
            call=Call(operation="login", body={}, call_id="LOGIN", at=self._clock()),
            context=replace(door.context, actor="gateway", purpose=None),
            reference=issuer,
            started=self._monotonic(),
            monotonic=self._monotonic,
        )
        try:
            reply = await door.knock()
            trail.facts["http_status"] = reply.status
            grant = door.read(reply)
        except Unsettled as exc:
            await self._record(trail, exc.error_code)
            raise TransientRemoteError("The log-in was not answered.", what="no_answer") from exc
        except ProtocolViolation as exc:
            # The account is wrong, not a message: every stream waits, none is held for a person one by one.
            await self._record(trail, "partner.login_refused")
            raise TransientRemoteError(
                exc.detail or "The system refused our log-in; check the account in its settings.",
                vi=exc.detail_vi,
                what="login_refused",
                retry_after_s=LOCKED_OUT_S,
            ) from exc
        except TrustError as exc:  # it is not about any message either; whoever asks alarms
            await self._record(trail, exc.error_code)
            raise TransientRemoteError(
                "The reply to our log-in does not hold; nothing goes out until it does.",
                vi="Câu trả lời đăng nhập không tin cậy được; chưa gửi gì cho tới khi tin được",
                what="login_not_trusted",
                retry_after_s=LOCKED_OUT_S,
            ) from exc
        except GatewayError as exc:
            await self._record(trail, exc.error_code)
            raise
        await self._record(trail, "answered")
        log.info("logged_in", issuer=issuer)
        return grant

    async def _record(self, trail: Trail, outcome: str) -> None:
        await self._recorder.record(trail.entry(outcome, at=self._clock()))
