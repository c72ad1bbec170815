"""Copies of answers, only where a provider's rule allows it (47/2020 Art 41.2.a, 42; POP-08): encrypted, and readable
no longer than that rule says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

import orjson
import structlog

from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.delivery.model import Draft, StreamKey
from gateway.domain import Context, local_day, people_in
from gateway.exchange.model import Exchange, Exchanged
from gateway.sdk import Answered, Call, Settlement
from gateway.sdk.errors import IntegrityError
from gateway.signing.model import Digester, Sealer

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A sealed answer. `name`: keyed digest of the question. The end is bound into what is sealed: a row whose end was
    moved does not open."""

    tenant: str
    name: bytes
    system: str
    operation: str
    asked_at: datetime
    expires_at: datetime
    sealed: bytes


class CopyStore(Protocol):
    """Where copies are."""

    async def keep(self, copy: Copy) -> None:
        """In place of an older one of the same question."""

    async def find(self, tenant: str, name: bytes, *, now: datetime) -> Copy | None:
        """None: there is none, or its time is over."""

    async def clear(self, tenant: str, *, system: str = "") -> int:
        """Delete all, or those of one system; how many (CON-17)."""

    async def expire(self, tenant: str, *, now: datetime) -> int:
        """Delete those whose time is over; how many."""


class CopyKeys(Sealer, Digester, Protocol):
    """All that copies need of the keyring."""


class CopyingExchange:
    """Implements `Exchange` around another one. Of the operations in `kept_for` a clear answer is kept for so long, and
    told again, with its own leaf, to whoever asks the same; everything else passes through."""

    def __init__(
        self,
        inner: Exchange,
        store: CopyStore,
        keys: CopyKeys,
        *,
        kept_for: Mapping[str, timedelta],
        recorder: Recorder,
        clock: Callable[[], datetime],
    ) -> None:
        self._inner = inner
        self._store = store
        self._keys = keys
        self._kept_for = kept_for
        self._recorder = recorder
        self._clock = clock

    async def ask(
        self, operation: str, canonical: Mapping[str, Any], *, context: Context, reference: str = "", target: str = ""
    ) -> Exchanged:
        if target or operation not in self._kept_for:
            return await self._inner.ask(operation, canonical, context=context, reference=reference, target=target)
        name = self._name(operation, canonical, context)
        copy = await self._store.find(context.tenant, name, now=self._clock())
        if copy is not None and (held := self._open(copy)) is not None:
            return await self._told(copy, held, context=context, reference=reference)
        asked_at = self._clock()
        exchanged = await self._inner.ask(operation, canonical, context=context, reference=reference)
        if isinstance(exchanged.outcome, Answered):
            await self._store.keep(self._sealed(operation, name, exchanged, asked_at=asked_at, tenant=context.tenant))
        return exchanged

    def _name(self, operation: str, canonical: Mapping[str, Any], context: Context) -> bytes:
        """The very question in the system's own words, to that system, under that mapping, for those fields, on that
        day: what is asked about today is another question tomorrow."""
        asked = self._inner.draft(operation, canonical, key="-", context=context)
        question = {
            "system": asked.stream.target,
            "operation": operation,
            "mapping": asked.mapping_version,
            "body": asked.body,
            "fields": sorted(canonical.get("fields") or ()),
            "day": local_day(self._clock()).isoformat(),
        }
        told = orjson.dumps(question, option=orjson.OPT_SORT_KEYS)
        return self._keys.digest(told, purpose=f"lookup-copy/{context.tenant}")

    def _sealed(self, operation: str, name: bytes, exchanged: Exchanged, *, asked_at: datetime, tenant: str) -> Copy:
        copy = Copy(
            tenant=tenant,
            name=name,
            system=exchanged.system,
            operation=operation,
            asked_at=asked_at,
            expires_at=asked_at + self._kept_for[operation],
            sealed=b"",
        )
        told = {"canonical": exchanged.canonical, "call_id": exchanged.call_id, "leaf": exchanged.audit_index}
        return replace(copy, sealed=self._keys.seal(orjson.dumps(told), purpose=_purpose(copy)))

    def _open(self, copy: Copy) -> Mapping[str, Any] | None:
        """None: it is not what was kept, and the register is asked instead; nothing is concluded from it."""
        try:
            held: Mapping[str, Any] = orjson.loads(self._keys.unseal(copy.sealed, purpose=_purpose(copy)))
        except IntegrityError as exc:
            log.error("copy_altered", code=exc.error_code, system=copy.system, operation=copy.operation)
            return None
        return held

    async def _told(self, copy: Copy, held: Mapping[str, Any], *, context: Context, reference: str) -> Exchanged:
        """No call was made, and the leaf says so: from which call and which leaf the answer is."""
        entry = Entry(
            kind=EntryKind.EXCHANGE,
            tenant=context.tenant,
            actor=context.actor,
            operation=copy.operation,
            outcome="copied",
            occurred_at=self._clock(),
            trace_id=context.trace_id,
            system=copy.system,
            reference=reference or held["call_id"],
            purpose=context.purpose.facts() if context.purpose else {},
            facts={
                "copy_of_call": held["call_id"],
                **({} if held["leaf"] is None else {"copy_of_leaf": held["leaf"]}),
                "asked_at": copy.asked_at.astimezone(UTC).isoformat(),
            },
            subjects=tuple(dict.fromkeys([*context.subjects, *people_in(held["canonical"])])),
        )
        recorded = await self._recorder.record(entry)
        log.info("answered_from_copy", operation=copy.operation, system=copy.system, call_id=held["call_id"])
        return Exchanged(
            system=copy.system,
            outcome=Answered(body={}),
            call_id=held["call_id"],
            audit_index=recorded.index,
            canonical=held["canonical"],
            asked_at=copy.asked_at,
        )

    def system_for(self, operation: str, *, on: date | None = None, procedure: str = "") -> str:
        return self._inner.system_for(operation, on=on, procedure=procedure)

    def offers(self, operation: str, *, target: str) -> bool:
        return self._inner.offers(operation, target=target)

    def draft(
        self, operation: str, canonical: Mapping[str, Any], *, key: str, context: Context, target: str = ""
    ) -> Draft:
        return self._inner.draft(operation, canonical, key=key, context=context, target=target)

    async def deliver(self, stream: StreamKey, call: Call, *, context: Context) -> Exchanged:
        return await self._inner.deliver(stream, call, context=context)

    async def settle(self, stream: StreamKey, call: Call, *, context: Context) -> Settlement:
        return await self._inner.settle(stream, call, context=context)

    def asks_first(self, stream: StreamKey, operation: str) -> bool:
        return self._inner.asks_first(stream, operation)


def _purpose(copy: Copy) -> str:
    return f"lookup-copy/{copy.tenant}/{copy.name.hex()}/{copy.expires_at.astimezone(UTC).isoformat()}"
