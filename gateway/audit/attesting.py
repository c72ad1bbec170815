"""Others attest our checkpoints: witnesses cosign them (C2SP tlog-witness), an authority stamps them (RFC 3161).

Nothing waits for them. Whoever does not answer is asked again; what is overdue, and every refusal, is told.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from gateway.audit import cosignature
from gateway.audit.cosignature import Witness
from gateway.audit.keys import Stamper
from gateway.audit.proofs import Prover
from gateway.audit.rows import Cosignature, SignedCheckpoint, Stamp
from gateway.audit.store import AuditStore
from gateway.sdk.errors import GatewayError, TransientRemoteError, TrustError
from gateway.sdk.wire import WireReply, WireRequest

SIZE = "text/x.tlog.size"

log = structlog.get_logger()


class Transport(Protocol):
    """The way to a witness; `gateway.exchange.transport` has it."""

    async def send(self, request: WireRequest) -> WireReply: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A witness, how alarms call it, and where it listens."""

    name: str
    url: str
    witness: Witness


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What a person must look at. `kind`: `witness_refused`, `witness_overdue`, `stamp_refused`, `stamp_overdue`."""

    kind: str
    about: str
    size: int
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long things may take."""

    stamp_every: timedelta = timedelta(minutes=10)
    overdue: timedelta = timedelta(hours=1)


class Attesting:
    """Of one tenant's log."""

    def __init__(
        self,
        store: AuditStore,
        tenant: str,
        *,
        transport: Transport,
        clock: Callable[[], datetime],
        patience: Patience | None = None,
    ) -> None:
        self._store = store
        self._tenant = tenant
        self._transport = transport
        self._clock = clock
        self._patience = patience or Patience()

    async def run(self, witnesses: Sequence[Asked], stamper: Stamper | None) -> Sequence[Trouble]:
        """Ask for what the newest checkpoint lacks; what went wrong with it."""
        note = await self._store.checkpoint(self._tenant)
        if note is None:
            return []
        found = [await self._cosign(note, asked) for asked in witnesses]
        if stamper:
            found.append(await self._stamp(note, stamper))
        return [trouble for trouble in found if trouble]

    async def _cosign(self, note: SignedCheckpoint, asked: Asked) -> Trouble | None:
        last = await self._store.cosigned(self._tenant, asked.witness.name)
        old = last.size if last else 0
        if old >= note.size:
            return None
        try:
            line = await self._add_checkpoint(note, asked, old=old)
            at = cosignature.verify(note.note + line, asked.witness)
        except TrustError as exc:
            return Trouble(kind="witness_refused", about=asked.name, size=note.size, code=exc.error_code)
        except GatewayError as exc:
            log.warning("witness_silent", witness=asked.name, code=exc.error_code)
            late = await self._late(old)
            return Trouble(kind="witness_overdue", about=asked.name, size=note.size) if late else None
        said = Cosignature(size=note.size, witness=asked.witness.name, at=at, line=line)
        await self._store.add_cosignature(self._tenant, said)
        return None

    async def _add_checkpoint(self, note: SignedCheckpoint, asked: Asked, *, old: int) -> str:
        """The line of the witness. One that knows another size than we think is asked once more from there; one that
        knows more than there is saw another log; more than there was when we began, another process asked meanwhile."""
        reply = await self._ask(note, asked, old=old)
        if reply.status == 409 and reply.media_type == SIZE:
            known = _size(reply.content)
            if known > note.size:
                newest = await self._store.checkpoint(self._tenant)
                raise _silent() if newest and newest.size >= known else _refused()
            reply = await self._ask(note, asked, old=known)
        if reply.status != 200:
            raise _refused() if 400 <= reply.status < 500 else _silent()
        return cosignature.line_of(_text(reply.content), asked.witness)

    async def _ask(self, note: SignedCheckpoint, asked: Asked, *, old: int) -> WireReply:
        proof = await Prover(self._store, self._tenant).consistency(old, note.size)
        lines = "".join(f"{base64.b64encode(node).decode()}\n" for node in proof)
        body = f"old {old}\n{lines}\n{note.note}".encode()
        url = f"{asked.url.rstrip('/')}/add-checkpoint"
        return await self._transport.send(WireRequest(method="POST", url=url, content=body))

    async def _stamp(self, note: SignedCheckpoint, stamper: Stamper) -> Trouble | None:
        last, now = await self._store.stamp(self._tenant), self._clock()
        if last and (last.size >= note.size or now - last.at < self._patience.stamp_every):
            return None
        message = note.note.encode()
        try:
            token = await stamper.stamp(message)
            stamp = Stamp(size=note.size, at=stamper.verify(token, message), token=token)
        except TrustError as exc:
            return Trouble(kind="stamp_refused", about="stamps", size=note.size, code=exc.error_code)
        except GatewayError as exc:
            log.warning("stamps_silent", code=exc.error_code)
            late = await self._late(last.size if last else 0)
            return Trouble(kind="stamp_overdue", about="stamps", size=note.size) if late else None
        await self._store.add_stamp(self._tenant, stamp)
        return None

    async def _late(self, attested: int) -> bool:
        """Whether the first checkpoint that nobody attested has waited too long."""
        waiting = await self._store.checkpoint(self._tenant, least=attested + 1)
        return waiting is not None and self._clock() - waiting.signed_at > self._patience.overdue


def _size(content: bytes) -> int:
    text = _text(content).strip()
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise _refused()
    return int(text)


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as exc:
        raise _refused() from exc


def _refused() -> TrustError:
    return TrustError(
        "The witness refuses our checkpoint.", vi="Nhân chứng từ chối điểm kiểm chứng.", what="witness_refused"
    )


def _silent() -> TransientRemoteError:
    return TransientRemoteError("The witness does not answer.", vi="Nhân chứng chưa trả lời.")
