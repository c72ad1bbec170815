"""A log as one text file, which anybody can keep, read and verify without us: JSON lines.

    {"format": "lienthong-audit-2", "tenant": …, "verifier_key": …, "rows": 12, "signed": 12, "checkpoints": 3}
    {"index": 0, "leaf": "{…}", "leaf_hash": hex}                                              one per row
    {"checkpoint": size, "note": "…"}                                                          where it was signed

Bodies are not in it. Compare `verifier_key` with the key that you got on another way: a forger writes both. The counts
find a copy that was cut; whoever cuts it on purpose writes them too, and makes a valid, shorter log, which only a
checkpoint from elsewhere gives away. Copies of before (`lienthong-audit-1`) do not count their checkpoints.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson

from gateway.audit import checkpoint
from gateway.audit.checkpoint import Checkpoint
from gateway.audit.findings import Finding, FoundError
from gateway.audit.rows import Row, SignedCheckpoint
from gateway.audit.store import AuditReader
from gateway.audit.verify import Report, Verifier
from gateway.sdk.errors import TrustError

FORMAT, OLD_FORMAT = "lienthong-audit-2", "lienthong-audit-1"
NOTE = b'{"checkpoint":'
_NEVER = datetime.min.replace(tzinfo=UTC)
"""A copy does not say when a checkpoint was signed: the time is not part of the evidence."""

_Read = TypeVar("_Read", bound="Header | Row | SignedCheckpoint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the first line says."""

    tenant: str
    public_key: bytes
    rows: int
    signed: int
    checkpoints: int | None = None
    """None: a copy of before."""


class _MalformedError(Exception):
    """A line is not one that `export` writes, byte for byte."""


async def export(reader: AuditReader, tenant: str, *, public_key: bytes) -> AsyncIterator[bytes]:
    """The lines of a copy, each with its end of line."""
    size = (await reader.head(tenant)).size
    notes = deque(note for note in await reader.checkpoints(tenant) if note.size <= size)
    signed = notes[-1].size if notes else 0
    header = Header(tenant=tenant, public_key=public_key, rows=size, signed=signed, checkpoints=len(notes))
    yield _header_line(header)
    async for row in reader.rows(tenant):
        if row.index >= size:
            break
        yield _row_line(row)
        while notes and notes[0].size <= row.index + 1:
            yield _note_line(notes.popleft())


def verify_copy(lines: Iterable[bytes], *, public_key: bytes | None = None, known: str = "") -> Report:
    """Verify a copy line by line, however long it is. Without `public_key` the one in the copy is believed, which only
    finds careless changes. `known`: a checkpoint's note from elsewhere (`TrustError` when that key did not sign it),
    which alone finds that a log was cut at an older checkpoint."""
    size = signed = checkpoints = 0
    finding: Finding | None = None
    try:
        header = _first(lines := iter(lines), public_key)
        verifier = Verifier(header.tenant, header.public_key, known=_known(known, header))
        try:
            _follow(lines, verifier, header)
        finally:
            size, signed, checkpoints = verifier.size, verifier.signed, verifier.checkpoints
    except FoundError as exc:
        finding = exc.finding
    return Report(size=size, signed=signed, checkpoints=checkpoints, bodies=0, erased=0, finding=finding)


def _known(note: str, header: Header) -> Checkpoint | None:
    name = checkpoint.origin(header.tenant)
    return checkpoint.verify(note, name=name, public_key=header.public_key) if note else None


def _first(lines: Iterator[bytes], public_key: bytes | None) -> Header:
    try:
        header = _header(next(lines, b""))
    except _MalformedError as exc:
        raise FoundError(
            None, "The first line does not say whose log this is.", "Dòng đầu không cho biết đây là nhật ký của ai."
        ) from exc
    if public_key not in {None, header.public_key}:
        raise FoundError(
            None, "The copy names another key than the one given.", "Bản sao ghi khoá khác với khoá đã cung cấp."
        )
    return header


def _follow(lines: Iterator[bytes], verifier: Verifier, header: Header) -> None:
    for number, line in enumerate(lines, 2):
        try:
            item = _note(line) if line.startswith(NOTE) else _row(line)
        except _MalformedError as exc:
            raise _illegible(number, index=verifier.signed if line.startswith(NOTE) else verifier.size) from exc
        if isinstance(item, Row):
            verifier.take(item)
        else:
            verifier.check(item)
    verifier.finish(size=header.rows, signed=header.signed)
    counted = header.checkpoints in {None, verifier.checkpoints}
    if not counted or (verifier.size, verifier.signed) != (header.rows, header.signed):
        raise FoundError(
            None,
            "The first line counts other rows or checkpoints than there are.",
            "Dòng đầu ghi số dòng hoặc số điểm kiểm chứng khác với thực tế.",
        )


def _header(line: bytes) -> Header:
    document = _document(line)
    try:
        header = Header(
            tenant=document["tenant"],
            public_key=checkpoint.public_key_of(document["verifier_key"]),
            rows=document["rows"],
            signed=document["signed"],
            checkpoints=document["checkpoints"] if document["format"] == FORMAT else None,
        )
    except (TrustError, KeyError, TypeError, AttributeError) as exc:
        raise _MalformedError from exc
    return _written_as(header, _header_line(header), line)


def _row(line: bytes) -> Row:
    """The columns beside the leaf are read from the leaf: a copy has no others."""
    document = _document(line)
    try:
        said = orjson.loads(document["leaf"])
        row = Row(
            index=document["index"],
            recorded_at=_aware(said["recorded_at"]),
            leaf=document["leaf"].encode(),
            leaf_hash=bytes.fromhex(document["leaf_hash"]),
            reference=said["reference"],
            trace_id=said["trace_id"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise _MalformedError from exc
    return _written_as(row, _row_line(row), line)


def _note(line: bytes) -> SignedCheckpoint:
    document = _document(line)
    try:
        note = SignedCheckpoint(size=document["checkpoint"], signed_at=_NEVER, note=document["note"])
    except KeyError as exc:
        raise _MalformedError from exc
    if not isinstance(note.note, str):
        raise _MalformedError
    return _written_as(note, _note_line(note), line)


def _document(line: bytes) -> dict[str, Any]:
    """An object whose numbers are all whole: `true` and `1.0` equal 1, and are not how `export` writes it."""
    try:
        document = orjson.loads(line)
    except ValueError as exc:
        raise _MalformedError from exc
    if not isinstance(document, dict) or any(type(value) not in {int, str} for value in document.values()):
        raise _MalformedError
    return document


def _written_as(read: _Read, again: bytes, line: bytes) -> _Read:
    """What was read, if writing it gives the same bytes: no letter case, space or field escapes notice."""
    if again != line:
        raise _MalformedError
    return read


def _aware(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise _MalformedError
    return at


def _header_line(header: Header) -> bytes:
    key = checkpoint.verifier_key(checkpoint.origin(header.tenant), header.public_key)
    counts = {"rows": header.rows, "signed": header.signed}
    if header.checkpoints is None:
        return _line({"format": OLD_FORMAT, "tenant": header.tenant, "verifier_key": key, **counts})
    counts["checkpoints"] = header.checkpoints
    return _line({"format": FORMAT, "tenant": header.tenant, "verifier_key": key, **counts})


def _row_line(row: Row) -> bytes:
    """A leaf that is no longer text was altered; it is written as well as it can be, so that the copy shows it."""
    leaf = row.leaf.decode(errors="replace")
    return _line({"index": row.index, "leaf": leaf, "leaf_hash": row.leaf_hash.hex()})


def _note_line(note: SignedCheckpoint) -> bytes:
    return _line({"checkpoint": note.size, "note": note.note})


def _line(document: Mapping[str, str | int]) -> bytes:
    return orjson.dumps(document) + b"\n"


def _illegible(number: int, *, index: int) -> FoundError:
    return FoundError(
        index,
        f"Line {number} of the copy, at row {index}, cannot be read.",
        f"Không đọc được dòng thứ {number} của tệp, tại dòng nhật ký {index}.",
    )
