"""The port to the outbox. PostgreSQL implements it (`postgres`), and a dictionary for tests (`memory`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.delivery.model import Claim, Draft, StreamKey, StreamView, Trouble, Verdict


class Outbox(Protocol):
    """Every write that takes a `Claim` is fenced by its owner: a worker that lost its lease changes nothing and
    is told so by `False`."""

    async def enqueue(self, drafts: Sequence[Draft], *, now: datetime) -> None:
        """Append in order. Joins the transaction that is open (`Database.transaction`)."""

    async def claim(self, *, owner: str, now: datetime, lease_s: float, limit: int) -> Sequence[Claim]:
        """Lend the due streams that nobody holds, and those whose lease ran out (as *unsettled*). `owner` is used
        for one claim only, or the fence would not tell a worker from its former self."""

    async def acknowledge(self, claim: Claim, *, seq: int, now: datetime) -> bool:
        """The target has everything up to `seq`. Joins the transaction that is open. The lease is kept."""

    async def release(self, claim: Claim, *, now: datetime) -> bool:
        """Give the stream back; ready again at once if anything is left."""

    async def retry(
        self, claim: Claim, trouble: Trouble, *, due: datetime, unsettled: bool, counted: bool = True
    ) -> bool:
        """Try the same message again at `due`. `counted`: it was an attempt, so the next wait is longer."""

    async def hold(self, claim: Claim, trouble: Trouble) -> bool:
        """Stop this stream, and only this one, until a person releases it."""

    async def resume(self, stream: StreamKey, verdict: Verdict, *, now: datetime) -> bool:
        """Release a held stream with what a person says of its first message. False: it was not held, or nothing
        later is there to replace the message. Joins the transaction that is open."""

    async def hurry(self, stream: StreamKey, *, now: datetime) -> None:
        """Make a waiting stream due now (a payer came back from the bank page)."""

    async def views(self, tenant: str, key: str, *, now: datetime) -> Sequence[StreamView]:
        """All streams of one dossier or payment, by target."""


class Bell(Protocol):
    """Rings when something was enqueued."""

    async def wait(self, timeout_s: float) -> None:
        """Return when it rings or the time is over. May return early; must not be relied on for more than speed."""
