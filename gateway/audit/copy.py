"""A log as one text file, which anybody can keep, read and verify without us: JSON lines.

    {"format": "lienthong-audit-1", "tenant": …, "verifier_key": "lienthong/audit/H99+…"}     first line
    {"index": 0, "leaf": "{…}", "leaf_hash": hex}                                            one per row
    {"checkpoint": size, "note": "…"}                                                        where it was signed

Bodies are not in it. Compare `verifier_key` with the key that you got on another way: a forger writes both.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from gateway.audit import checkpoint
from gateway.audit.rows import Row, SignedCheckpoint
from gateway.audit.store import AuditReader
from gateway.audit.verify import FoundError, Report, Verifier
from gateway.sdk.errors import TrustError

FORMAT = "lienthong-audit-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What the first line says."""

    tenant: str
    public_key: bytes


class _MalformedError(Exception):
    """A line is not one that `export` writes."""


async def export(reader: AuditReader, tenant: str, *, public_key: bytes) -> AsyncIterator[bytes]:
    """The lines of a copy, each with its end of line."""
    yield _line(_header(tenant, public_key))
    size = (await reader.head(tenant)).size
    notes = [note for note in await reader.checkpoints(tenant) if note.size <= size]
    async for row in reader.rows(tenant):
        if row.index >= size:
            break
        yield _line({"index": row.index, "leaf": row.leaf.decode(), "leaf_hash": row.leaf_hash.hex()})
        while notes and notes[0].size == row.index + 1:
            note = notes.pop(0)
            yield _line({"checkpoint": note.size, "note": note.note})


def verify_copy(lines: Iterable[bytes], *, public_key: bytes | None = None) -> Report:
    """Verify a copy. Without `public_key` the one in the copy is believed, which only finds careless changes.

    A copy ends at a checkpoint or a little behind it; a copy that was cut short at a checkpoint is a shorter, valid
    log, and only comparing its size with the original tells.
    """
    rows, notes, finding = list[Row](), list[SignedCheckpoint](), None
    size = signed = checkpoints = 0
    try:
        origin = _first(lines := iter(lines))
        for number, line in enumerate(lines, 2):
            _sort(line, number, rows=rows, notes=notes)
        key = public_key or origin.public_key
        verifier = Verifier(origin.tenant, key, notes)
        try:
            for row in rows:
                verifier.take(row)
            verifier.finish(None)
        finally:
            size, signed, checkpoints = verifier.size, verifier.signed, verifier.checkpoints
    except FoundError as exc:
        finding = exc.finding
    return Report(size=size, signed=signed, checkpoints=checkpoints, bodies=0, erased=0, finding=finding)


def _first(lines: Iterator[bytes]) -> Origin:
    line = next(lines, b"")
    try:
        document = orjson.loads(line)
        origin = Origin(tenant=document["tenant"], public_key=checkpoint.public_key_of(document["verifier_key"]))
    except (TrustError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise _unreadable() from exc
    if line != _line(_header(origin.tenant, origin.public_key)):
        raise _unreadable()
    return origin


def _header(tenant: str, public_key: bytes) -> dict[str, str]:
    name = checkpoint.origin(tenant)
    return {"format": FORMAT, "tenant": tenant, "verifier_key": checkpoint.verifier_key(name, public_key)}


def _sort(line: bytes, number: int, *, rows: list[Row], notes: list[SignedCheckpoint]) -> None:
    """Put one line where it belongs. What cannot be read is the next row's fault, or the last checkpoint's."""
    try:
        document = orjson.loads(line)
        if line != _line(document):
            raise _MalformedError
        if "checkpoint" in document:
            notes.append(_note(document))
        else:
            rows.append(_row(document))
    except (_MalformedError, ValueError, KeyError, TypeError, AttributeError) as exc:
        index = len(rows)
        raise FoundError(
            index,
            f"Line {number} of the copy, at row {index}, cannot be read.",
            f"Không đọc được dòng thứ {number} của tệp, tại dòng nhật ký {index}.",
        ) from exc


def _row(document: dict[str, Any]) -> Row:
    """The columns beside the leaf are read from the leaf: a copy has no others."""
    if document.keys() != {"index", "leaf", "leaf_hash"}:
        raise _MalformedError
    said = orjson.loads(document["leaf"])
    return Row(
        index=document["index"],
        recorded_at=datetime.fromisoformat(said["recorded_at"]),
        leaf=document["leaf"].encode(),
        leaf_hash=bytes.fromhex(document["leaf_hash"]),
        reference=said["reference"],
        trace_id=said["trace_id"],
    )


def _note(document: dict[str, Any]) -> SignedCheckpoint:
    if document.keys() != {"checkpoint", "note"} or not isinstance(document["checkpoint"], int):
        raise _MalformedError
    return SignedCheckpoint(size=document["checkpoint"], signed_at=datetime.min, note=document["note"])  # noqa: DTZ901


def _line(document: Any) -> bytes:
    return orjson.dumps(document) + b"\n"


def _unreadable() -> FoundError:
    return FoundError(
        None, "The first line does not say whose log this is.", "Dòng đầu không cho biết đây là nhật ký của ai."
    )
