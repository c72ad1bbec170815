"""Witnesses and stamps: asked until they answer, believed only when it verifies, and told when they do not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from services import NOW

from gateway.audit import batch, checkpoint, cosignature, leaf, tree
from gateway.audit.attesting import Asked, Attesting
from gateway.audit.cosignature import Witness, witness_of
from gateway.audit.memory import MemoryAudit
from gateway.audit.model import Entry
from gateway.audit.rows import Head, SignedCheckpoint
from gateway.sdk.errors import TransientRemoteError, TrustError
from gateway.sdk.wire import WireReply, WireRequest
from gateway.signing import Keyring
from mocks.witness.app import create_app

T = "H99"
Make = Callable[..., Entry]
LATER = NOW + timedelta(days=30)


class ToMock:
    """The way to the mock in this process; `broken` is raised instead."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.broken: Exception | None = None
        self.headers: dict[str, str] = {}
        self.asked: list[bytes] = []

    async def send(self, request: WireRequest, **_: object) -> WireReply:
        if self.broken:
            raise self.broken
        self.asked.append(request.content)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app)) as client:
            reply = await client.request(
                request.method, request.url, content=request.content, headers={**request.headers, **self.headers}
            )
        return WireReply(status=reply.status_code, headers=dict(reply.headers), content=reply.content)


class Stamps:
    """An authority of our own making."""

    def __init__(self) -> None:
        self.broken: Exception | None = None
        self.given = 0

    async def stamp(self, message: bytes) -> bytes:
        if self.broken:
            raise self.broken
        self.given += 1
        return b"stamp:" + message

    def verify(self, token: bytes, message: bytes) -> datetime:
        if token != b"stamp:" + message:
            raise TrustError("no stamp of this")
        return LATER


@pytest.fixture
def way() -> ToMock:
    return ToMock(create_app(clock=lambda: NOW))


@pytest.fixture
async def asked(way: ToMock) -> Asked:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(way._app), base_url="http://w") as client:
        key = (await client.get("/MOCK-WITNESS/key")).text
    return Asked(name="mau", url="http://w/MOCK-WITNESS", witness=witness_of(key))


@pytest.fixture
def grow(keyring: Keyring, entry: Make) -> Callable[..., Any]:
    async def grow(store: MemoryAudit, rows: int, *, signed: bool = True, at: datetime = NOW) -> None:
        prepared = [leaf.prepare(entry(number, bodies={}), keyring) for number in range(rows)]

        def build(head: Head) -> batch.Batch:
            grown = batch.extend(head, prepared, now=at)
            return batch.signed(grown, tenant=T, signer=keyring, now=at) if signed else grown

        await store.append(T, build)

    return grow


def attesting(store: MemoryAudit, way: ToMock, *, clock: Callable[[], datetime] = lambda: LATER) -> Attesting:
    return Attesting(store, T, transport=way, clock=clock)


async def test_a_witness_signs_each_checkpoint_that_only_grew(way: ToMock, asked: Asked, grow: Any) -> None:
    """SEC-09 (part): a log that was rewritten would no longer be signed by anybody but us."""
    store = MemoryAudit()
    for rows in (3, 4, 300):
        await grow(store, rows)
        assert await attesting(store, way).run([asked], None) == []
        note = await store.checkpoint(T)
        assert note
        (said,) = await store.cosignatures(T, note.size)
        assert (cosignature.verify(note.note + said.line, asked.witness), said.at) == (NOW, NOW)
    assert await attesting(store, way).run([asked], None) == []
    assert len(way.asked) == 3  # what is cosigned is not asked for again


async def test_our_own_check_still_finds_our_signature(way: ToMock, asked: Asked, grow: Any, keyring: Keyring) -> None:
    store = MemoryAudit()
    await grow(store, 3)
    await attesting(store, way).run([asked], None)
    note = await store.checkpoint(T)
    assert note
    whole = note.note + (await store.cosignatures(T, note.size))[0].line
    assert checkpoint.verify(whole, name=checkpoint.origin(T), public_key=keyring.public_key).size == 3


async def test_a_witness_that_forgot_or_knows_more_than_we_is_asked_from_there(
    way: ToMock, asked: Asked, grow: Any
) -> None:
    store = MemoryAudit()
    await grow(store, 3)
    await attesting(store, way).run([asked], None)
    store.witnessed[T].clear()  # as after a restore of our database
    await grow(store, 5)
    assert await attesting(store, way).run([asked], None) == []
    assert (await store.cosigned(T, asked.witness.name)).size == 8  # type: ignore[union-attr]  # it is there


async def test_a_log_that_was_rolled_back_is_refused(way: ToMock, asked: Asked, grow: Any) -> None:
    store, restored = MemoryAudit(), MemoryAudit()
    await grow(store, 9)
    await attesting(store, way).run([asked], None)
    await grow(restored, 4)
    (trouble,) = await attesting(restored, way).run([asked], None)
    assert (trouble.kind, trouble.about, trouble.size) == ("witness_refused", "mau", 4)
    assert restored.witnessed[T] == []


async def test_another_process_that_asked_meanwhile_is_no_other_log(way: ToMock, asked: Asked, grow: Any) -> None:
    store = MemoryAudit()
    await grow(store, 3)

    class Overtaken(ToMock):
        async def send(self, request: WireRequest, **_: object) -> WireReply:
            if not self.asked:
                await grow(store, 5)
                assert await attesting(store, way).run([asked], None) == []
            return await super().send(request)

    assert await attesting(store, Overtaken(way._app), clock=lambda: NOW).run([asked], None) == []
    assert [said.size for said in store.witnessed[T]] == [8]


@pytest.mark.parametrize("rows", [9, 12])
async def test_another_log_of_the_same_name_is_refused(way: ToMock, asked: Asked, grow: Any, rows: int) -> None:
    """A split view: of the same size, or longer."""
    store, other = MemoryAudit(), MemoryAudit()
    await grow(store, 9)
    await attesting(store, way).run([asked], None)
    await grow(other, rows, at=NOW + timedelta(seconds=1))
    (trouble,) = await attesting(other, way).run([asked], None)
    assert trouble.kind == "witness_refused"


@pytest.mark.parametrize("fault", ["wrong_signature", "of_another"])
async def test_a_cosignature_that_does_not_verify_is_not_kept(way: ToMock, asked: Asked, grow: Any, fault: str) -> None:
    store = MemoryAudit()
    await grow(store, 3)
    way.headers = {"X-Mock-Fault": fault}
    (trouble,) = await attesting(store, way).run([asked], None)
    assert trouble.kind == "witness_refused"
    assert store.witnessed[T] == []


async def test_a_witness_that_is_silent_is_asked_again_and_overdue_in_the_end(
    way: ToMock, asked: Asked, grow: Any
) -> None:
    store = MemoryAudit()
    await grow(store, 3)
    way.broken = TransientRemoteError("down")
    assert await attesting(store, way, clock=lambda: NOW).run([asked], None) == []
    (trouble,) = await attesting(store, way).run([asked], None)
    assert trouble.kind == "witness_overdue"
    way.broken = None
    assert await attesting(store, way).run([asked], None) == []
    assert len(store.witnessed[T]) == 1


async def test_the_newest_checkpoint_is_stamped_now_and_then(way: ToMock, grow: Any) -> None:
    store, stamps = MemoryAudit(), Stamps()
    assert await attesting(store, way).run([], stamps) == []
    for rows in (3, 4):
        await grow(store, rows)
        await attesting(store, way).run([], stamps)
    assert [stamp.size for stamp in store.stamps[T]] == [3]  # the second one so soon is not due
    await attesting(store, way, clock=lambda: LATER + timedelta(minutes=10)).run([], stamps)
    assert [stamp.size for stamp in store.stamps[T]] == [3, 7]


@pytest.mark.parametrize(
    ("broken", "kind"),
    [(TrustError("no"), "stamp_refused"), (TransientRemoteError("down"), "stamp_overdue")],
    ids=["refused", "overdue"],
)
async def test_a_stamp_that_does_not_come_is_told(way: ToMock, grow: Any, broken: Exception, kind: str) -> None:
    store, stamps = MemoryAudit(), Stamps()
    await grow(store, 3)
    stamps.broken = broken
    (trouble,) = await attesting(store, way).run([], stamps)
    assert (trouble.kind, trouble.size) == (kind, 3)


def test_a_cosignature_of_another_text_or_witness_is_refused(keyring: Keyring) -> None:
    witness, other = Keyring.ephemeral(), Keyring.ephemeral()
    known = Witness(name="example.vn/w", public_key=witness.public_key)
    stated = checkpoint.Checkpoint(origin=checkpoint.origin(T), size=1, root=tree.EMPTY_ROOT)
    note = SignedCheckpoint(size=1, signed_at=NOW, note=checkpoint.sign(stated, keyring))
    line = partial(cosigned, note.note, known)
    assert cosignature.verify(note.note + line(witness), known)
    for wrong in (line(other), line(witness, text="x\n1\n"), line(witness, seconds=2**63), ""):
        with pytest.raises(TrustError):
            cosignature.verify(note.note + wrong, known)
    for key in ("", "x", checkpoint.verifier_key("example.vn/w", witness.public_key)):
        with pytest.raises(TrustError):
            witness_of(key)
    assert witness_of(known.key) == known


def cosigned(note: str, witness: Witness, key: Keyring, *, text: str = "", seconds: int = 5) -> str:
    said = f"cosignature/v1\ntime {seconds}\n{text or checkpoint.split(note)[0]}".encode()
    key_id = checkpoint.key_id(witness.name, witness.public_key, kind=cosignature.KIND)
    return checkpoint.signature_line(witness.name, key_id + seconds.to_bytes(8, "big") + key.sign(said))
