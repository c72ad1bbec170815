"""An entry as bytes: canonical JSON (UTF-8, sorted keys, no spaces), which is what gets hashed.

    {"actor", "bodies": {name: digest}, "facts", "index", "kind", "occurred_at", "operation", "outcome", "previous",
     "purpose", "recorded_at", "reference", "system", "tenant", "trace_id", "v": 1}

A body enters only as SHA-256(salt ‖ body) with 32 random bytes of salt. Most of a body can be guessed (a personal
number has few unknown digits), so the salt must be as secret as the body: both are sealed as one, and erasing that one
blob leaves a digest that nobody can link to anybody. `previous` is the hash of the leaf before, empty for the first:
it lets a verifier name the very row whose hash was recomputed after an edit, where the tree alone gives a range.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from binascii import hexlify
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from gateway.audit.errors import UnrecordableEntryError
from gateway.audit.keys import EntryKeys, RecordKey, Sealer
from gateway.audit.model import Entry, Prepared
from gateway.audit.rows import SealedBody
from gateway.audit.subject import subject_digest
from gateway.sdk.errors import IntegrityError

VERSION = 1
SALT_SIZE = 32
_TENANT = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
"""A tenant is part of the signed note's key name, which allows neither spaces nor a plus sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """What a verifier reads in a leaf."""

    index: int
    tenant: str
    recorded_at: str
    previous: bytes
    reference: str
    trace_id: str
    bodies: Mapping[str, bytes]


def prepare(entry: Entry, keys: EntryKeys) -> Prepared:
    """Do all the work that needs no place, so that the head is locked briefly. `UnrecordableEntryError` if it cannot
    be written: one bad entry must not fail the others of its batch."""
    _check(entry)
    salted = _salted(entry.bodies)
    pieces = _pieces(entry, {name: hashlib.sha256(content).hexdigest() for name, content in salted.items()})
    key, sealed = _sealed(entry.tenant, salted, keys)
    return Prepared(
        tenant=entry.tenant,
        reference=entry.reference,
        trace_id=entry.trace_id,
        kind=entry.kind.value,
        operation=entry.operation,
        pieces=pieces,
        bodies=sealed,
        wrapped=key.wrapped if key else b"",
        kek_id=key.kek_id if key else b"",
        subjects=tuple({subject_digest(number, keys, tenant=entry.tenant): None for number in entry.subjects}),
    )


def _salted(bodies: Mapping[str, bytes]) -> dict[str, bytes]:
    """Each behind a salt of its own, of which all are drawn at once."""
    salts = os.urandom(SALT_SIZE * len(bodies))
    return {name: salts[at * SALT_SIZE : (at + 1) * SALT_SIZE] + body for at, (name, body) in enumerate(bodies.items())}


def _sealed(tenant: str, salted: Mapping[str, bytes], keys: EntryKeys) -> tuple[RecordKey | None, Mapping[str, bytes]]:
    """The bodies, each behind its salt, under one new key; none without bodies."""
    if not salted:
        return None, {}
    key = keys.new_record(purpose=key_purpose(tenant))
    purposes = _purposes(tenant, tuple(salted))
    return key, dict(zip(salted, key.seal_each([*salted.values()], purposes=purposes), strict=True))


def _pieces(entry: Entry, digests: Mapping[str, str]) -> tuple[bytes, bytes, bytes, bytes]:
    """The leaf without the three fields that say its place, cut where they stand between the others. Each piece is
    written by itself, so that no text of anybody's can pass for a place to cut."""
    before = {"actor": entry.actor, "bodies": digests, "facts": dict(entry.facts)}
    happened = {
        "kind": entry.kind.value,
        "occurred_at": instant(entry.occurred_at),
        "operation": entry.operation,
        "outcome": entry.outcome,
    }
    found = {
        "reference": entry.reference,
        "system": entry.system,
        "tenant": entry.tenant,
        "trace_id": entry.trace_id,
        "v": VERSION,
    }
    return _dump(before)[:-1], _dump(happened)[1:-1], _dump({"purpose": dict(entry.purpose)})[1:-1], _dump(found)[1:]


def encode(prepared: Prepared, *, index: int, recorded_at: datetime, previous: bytes) -> bytes:
    """The leaf, once its place is known."""
    before, happened, purpose, found = prepared.pieces
    return b'%b,"index":%d,%b,"previous":"%b",%b,"recorded_at":"%b",%b' % (
        before,
        index,
        happened,
        hexlify(previous),
        purpose,
        instant(recorded_at).encode(),
        found,
    )


def decode(leaf: bytes) -> Leaf:
    """`IntegrityError` when the bytes are not a leaf."""
    try:
        document = orjson.loads(leaf)
        return Leaf(
            index=document["index"],
            tenant=document["tenant"],
            recorded_at=document["recorded_at"],
            previous=bytes.fromhex(document["previous"]),
            reference=document["reference"],
            trace_id=document["trace_id"],
            bodies={name: bytes.fromhex(digest) for name, digest in document["bodies"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise IntegrityError(
            "A row of the log is not a leaf.", vi="Một dòng nhật ký không đúng cấu trúc.", what="leaf"
        ) from exc


def body_digest(salt: bytes, body: bytes) -> bytes:
    """The salt has a fixed size, so no salt and body can stand for another pair."""
    return hashlib.sha256(salt + body).digest()


def open_body(body: SealedBody, sealer: Sealer, *, tenant: str, digest: bytes) -> bytes:
    """The body; `IntegrityError` unless it is the one that the leaf's `digest` speaks of (`…key_erased`: it is there,
    but its key is not)."""
    return open_salted(body, sealer, tenant=tenant, digest=digest)[SALT_SIZE:]


def open_salted(body: SealedBody, sealer: Sealer, *, tenant: str, digest: bytes) -> bytes:
    """The salt and the body behind it, as `open_body`: who holds both can show that they were recorded."""
    opener = sealer.open_record(body.wrapped, purpose=key_purpose(tenant)) if body.wrapped else sealer
    salted = opener.unseal(body.sealed, purpose=_purpose(tenant, body.name))
    if not hmac.compare_digest(body_digest(salted[:SALT_SIZE], salted[SALT_SIZE:]), digest):
        raise IntegrityError(
            "A stored body is not the one that was recorded.",
            vi="Nội dung lưu kèm không khớp với nhật ký.",
            what="body",
        )
    return salted


@lru_cache(maxsize=16)  # the leaves of a batch are recorded at one moment
def instant(at: datetime) -> str:
    """`2026-11-23T13:51:00.000000Z`: one spelling for one moment, to the microsecond that PostgreSQL keeps."""
    if at.tzinfo is None:
        raise UnrecordableEntryError("A time without a zone cannot be recorded.", vi="Thời điểm thiếu múi giờ.")
    if at.tzinfo is UTC and at.microsecond:  # else it would leave out the fraction
        return orjson.dumps(at, option=orjson.OPT_UTC_Z)[1:-1].decode()
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def key_purpose(tenant: str) -> str:
    """What the keys of bodies are wrapped for."""
    return f"audit-key/{tenant}"


def _purpose(tenant: str, name: str) -> str:
    return f"audit/{tenant}/{name}"


@lru_cache(maxsize=256)
def _purposes(tenant: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """There are as many as there are sets of bodies that a leaf has."""
    return tuple(_purpose(tenant, name) for name in names)


def _check(entry: Entry) -> None:
    if not _TENANT.fullmatch(entry.tenant):
        raise UnrecordableEntryError("The tenant's name does not fit a key name.", vi="Mã đơn vị không hợp lệ.")
    # PostgreSQL's text has no NUL; found here, it fails this entry alone.
    if "\x00" in "".join((entry.reference, entry.trace_id, *entry.bodies)):
        raise UnrecordableEntryError("A reference, trace or body name holds NUL.", vi="Mã tham chiếu chứa ký tự NUL.")


def _dump(document: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except TypeError as exc:
        raise UnrecordableEntryError(
            "An entry holds a value that JSON cannot.", vi="Bản ghi chứa giá trị không ghi được."
        ) from exc
