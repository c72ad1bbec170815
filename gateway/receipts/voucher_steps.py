"""What the owner of a voucher does with each answer: the follow-ups of `fetch_voucher` and `download_voucher`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from gateway.delivery.courier import FollowUp
from gateway.delivery.model import StreamKey
from gateway.delivery.store import Outbox
from gateway.delivery.troubles import of_open_answer
from gateway.receipts.vouchers import DOWNLOAD, FETCH, Vouchers, payment_of
from gateway.sdk import ProtocolViolation
from gateway.sdk.errors import ConfigurationError, UnprocessableError

LADDER_S = (60, 300, 900, 3_600, 21_600, 86_400, 259_200)
"""Ages of a question at which it is put again while there is no voucher yet; then a person looks."""
LINK_LIFE_S = 300.0
"""A link opens so long (2.7)."""
TRIES = 3
"""How often a link is tried before a new one is asked for."""


def steps(vouchers: Vouchers, outbox: Outbox, *, clock: Callable[[], datetime]) -> Mapping[str, FollowUp]:
    """By operation, for the worker."""
    return {FETCH: Fetching(vouchers, outbox), DOWNLOAD: Downloading(vouchers, outbox, clock=clock)}


class Fetching:
    """Implements `FollowUp` and `AsksOtherwise` for `fetch_voucher`."""

    def __init__(self, vouchers: Vouchers, outbox: Outbox) -> None:
        self._vouchers = vouchers
        self._outbox = outbox

    async def needed(self, stream: StreamKey) -> bool:
        return not await self._vouchers.is_kept(stream)

    async def next_wait_s(self, stream: StreamKey, *, now: datetime) -> float | None:
        message = await self._outbox.first(stream)
        asked_at = message.taken_at if message and message.taken_at else now
        age = (now - asked_at).total_seconds()
        return next((rung - age for rung in LADDER_S if rung > age), None)

    async def conclude(self, stream: StreamKey, canonical: Mapping[str, Any]) -> None:
        """Keep the file, or follow the link in the same transaction. `ProtocolViolation`: neither came."""
        if canonical.get("content"):
            await self._vouchers.keep(stream, canonical, source=FETCH)
            return
        url = str(canonical.get("url") or "")
        if not url:
            raise ProtocolViolation("The rail gave neither a voucher nor a link to one.", what="no_voucher")
        try:
            await self._vouchers.follow(stream.tenant, payment_of(stream), rail=stream.target, url=url)
        except (ConfigurationError, UnprocessableError) as exc:
            raise ProtocolViolation("The rail gave a link that cannot be followed.", what="no_voucher") from exc

    async def refused(self, stream: StreamKey) -> bool:
        return await self._vouchers.ask_otherwise(stream)


class Downloading:
    """Implements `FollowUp` and `AsksOtherwise` for `download_voucher`. A link that died is not tried for ever: a new
    one is asked for."""

    def __init__(self, vouchers: Vouchers, outbox: Outbox, *, clock: Callable[[], datetime]) -> None:
        self._vouchers = vouchers
        self._outbox = outbox
        self._clock = clock

    async def needed(self, stream: StreamKey) -> bool:
        """False, too, when the link is dead and a new one will come. What asks for it is there before this message is
        gone, and asking twice asks once, so a crash in between loses nothing."""
        if await self._vouchers.is_kept(stream):
            return False
        now = self._clock()
        return not (await self._is_dead(stream, now) and await self._vouchers.ask_again(stream, now=now))

    async def next_wait_s(self, stream: StreamKey, *, now: datetime) -> float | None:
        """The rail says that the link is dead; none: no new one is asked for any more."""
        return 0.0 if await self._vouchers.ask_again(stream, now=now) else None

    async def conclude(self, stream: StreamKey, canonical: Mapping[str, Any]) -> None:
        await self._vouchers.keep(stream, canonical, source=DOWNLOAD)

    async def refused(self, stream: StreamKey) -> bool:
        return await self._vouchers.ask_again(stream, now=self._clock())

    async def _is_dead(self, stream: StreamKey, now: datetime) -> bool:
        message = await self._outbox.first(stream)
        views = await self._outbox.views(stream.tenant, stream.key, now=now)
        view = next((view for view in views if view.stream == stream), None)
        if message is None or view is None or message.taken_at is None:
            return False
        is_old = (now - message.taken_at).total_seconds() > LINK_LIFE_S
        is_open = view.trouble is not None and view.trouble.code == of_open_answer().code
        return is_old or is_open or view.attempts >= TRIES
