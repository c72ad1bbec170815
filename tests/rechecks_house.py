"""What the tests of rechecks share: a register that answers from a script, a receiver that listens, and a worker."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from services import CONTEXT, NOW, PURPOSE, ListedRecorder

from gateway.callbacks.call import Calls
from gateway.callbacks.memory import MemoryReceivers
from gateway.callbacks.model import Receiver
from gateway.clients.memory import MemoryClients
from gateway.clients.model import Client, Scope
from gateway.domain import Context, Verdict
from gateway.lookups.model import Verification
from gateway.rechecks.asking import Asker
from gateway.rechecks.course import RecheckPolicy
from gateway.rechecks.memory import MemoryRechecks
from gateway.rechecks.model import CallbackState, Recheck, RecheckOperation
from gateway.rechecks.worker import Rechecker
from gateway.sdk import WireReply, WireRequest

TENANT = CONTEXT.tenant
CITIZEN = RecheckOperation.VERIFY_CITIZEN
REQUEST: dict[str, Any] = {
    "personal_id": "099185000001",
    "full_name": "Trần Thị Mẫu",
    "birth_date": "1985-06-15",
    "purpose": {
        "dossier_code": PURPOSE.dossier_code,
        "procedure_code": PURPOSE.procedure_code,
        "officer_id": PURPOSE.officer_id,
        "agency_id": PURPOSE.agency_id,
    },
}
RECEIVER = Receiver(tenant=TENANT, client_id="motcua", url="https://motcua.example/cb", secret=b"s" * 32)


def verification(verdict: Verdict = Verdict.MATCH, **more: Any) -> Verification:
    said = {"system": "population", "reference": "CALL1", "audit_index": 7, "checked_at": NOW}
    return Verification(verdict=verdict, explanation="as said", explanation_vi="như đã nói", **{**said, **more})


def recheck(number: int = 1, **changes: Any) -> Recheck:
    first: dict[str, Any] = {
        "tenant": TENANT,
        "recheck_id": f"R{number:04d}",
        "client_id": "motcua",
        "operation": CITIZEN,
        "dossier_code": PURPOSE.dossier_code,
        "reference": "",
        "trace_id": CONTEXT.trace_id,
        "created_at": NOW,
        "due": NOW,
    }
    return Recheck(**{**first, **changes})


def client(**changes: Any) -> Client:
    first: dict[str, Any] = {
        "tenant": TENANT,
        "client_id": "motcua",
        "title": "Một cửa",
        "scopes": frozenset(Scope),
        "agencies": (),
        "secret_digest": b"d" * 32,
        "created_at": NOW,
    }
    return Client(**{**first, **changes})


class Register:
    """Answers each verification with the next of `script`, then `undetermined`; remembers who asked."""

    def __init__(self, *script: Verdict | Verification | Exception) -> None:
        self.script = list(script)
        self.asked: list[tuple[Mapping[str, Any], Context]] = []
        self.enough, self.many = asyncio.Event(), 0
        """Set as soon as it was asked so many times."""

    async def verify_citizen(self, asked: Mapping[str, Any], *, context: Context) -> Verification:
        self.asked.append((asked, context))
        if len(self.asked) == self.many:
            self.enough.set()
        step = self.script.pop(0) if self.script else Verdict.UNDETERMINED
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, Verification) else verification(step)

    verify_enterprise = verify_representative = verify_citizen


class Listener:
    """A transport whose other end answers with the next of `script`, then 204."""

    def __init__(self, *script: int | Exception, headers: Mapping[str, str] | None = None) -> None:
        self.script = list(script)
        self.heard: list[WireRequest] = []
        self.called = asyncio.Event()
        self._headers = headers or {}

    async def send(self, request: WireRequest, **_: object) -> WireReply:
        self.heard.append(request)
        self.called.set()
        step = self.script.pop(0) if self.script else 204
        if isinstance(step, Exception):
            raise step
        return WireReply(status=step, headers=self._headers, content=b"")

    async def close(self) -> None:
        return None


class House:
    """One worker over stores in memory; time stands still unless it is told to pass."""

    def __init__(self, register: Register | None = None, listener: Listener | None = None) -> None:
        self.register, self.listener = register or Register(), listener or Listener()
        self.store, self.receivers, self.clients = MemoryRechecks(), MemoryReceivers(), MemoryClients()
        self.leaves = ListedRecorder()
        self.now = NOW
        self.free = 100
        self.policy = RecheckPolicy(poll_s=0.01)
        self.worker = self.another("w1")

    def another(self, name: str) -> Rechecker:
        """A worker beside the others on the same stores."""
        return Rechecker(
            self.store,
            Asker(
                self.register,  # type: ignore[arg-type]  # the verifications are all that is asked
                self.clients,
                self.leaves,
                room=lambda _, most: min(self.free, most),
                clock=self.clock,
            ),
            Calls(self.receivers, self.listener, self.leaves, clock=self.clock),
            tenant=TENANT,
            name=name,
            clock=self.clock,
            policy=self.policy,
        )

    def clock(self) -> datetime:
        return self.now

    async def open(self, **changes: Any) -> Recheck:
        """A client with an address, and one recheck of it that wants a callback."""
        await self.clients.add(client())
        await self.receivers.put(RECEIVER)
        return await self.store.add(recheck(**{"callback": CallbackState.WAITING, **changes}), REQUEST)

    async def drain(self, *, after_s: float = 0) -> Recheck:
        """Let time pass, work once, and show the first recheck."""
        self.now += timedelta(seconds=after_s)
        await self.worker.drain()
        return await self.shown()

    async def shown(self, recheck_id: str = "R0001") -> Recheck:
        found = await self.store.find(TENANT, recheck_id)
        assert found is not None
        return found
