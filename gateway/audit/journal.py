"""A file of entries that the log could not take: sealed, flushed to disk before anybody relies on it, read in order.

    frame: length of the sealed entry 4 │ the same, every bit turned 4 │ sealed entry

A frame that is torn was never relied on: it ends the file. The length stands there twice so that an altered one does
not pass for that. Each is sealed for its file and place, so that none can be moved, and what was altered does not open.
"""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import orjson

from gateway.audit.errors import AuditUnavailableError
from gateway.audit.keys import Sealer
from gateway.audit.model import Entry, EntryKind
from gateway.sdk.errors import IntegrityError

_HEAD = 8
_TURNED = (1 << 32) - 1
SUFFIX = ".journal"


class Journal:
    """One file, locked by the process that has it open; the lock of a process that died is gone with it."""

    def __init__(self, path: Path, sealer: Sealer) -> None:
        self._sealer = sealer
        self.path = path
        self._done = path.with_suffix(".done")
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    @classmethod
    def create(cls, folder: Path, sealer: Sealer) -> Self:
        """A new one, named so that its name says nothing but sorts by age. `AuditUnavailableError`: the disk fails."""
        with _translated():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            age = len(list(folder.glob(f"*{SUFFIX}")))
            journal = cls(folder / f"{age:06d}-{secrets.token_hex(8)}{SUFFIX}", sealer)
            if not journal.lock():  # another process took it for one that was left behind, and removes it
                journal.close()
                return cls.create(folder, sealer)
            _sync(folder)
        return journal

    def lock(self) -> bool:
        """False: another process has it, or it was emptied and removed meanwhile."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return os.fstat(self._descriptor).st_nlink > 0

    def append(self, entry: Entry) -> None:
        """On disk when it returns. `AuditUnavailableError`: it is not, and nothing of it is left."""
        with _translated():
            end = os.fstat(self._descriptor).st_size
            sealed = self._sealer.seal(_dump(entry), purpose=self._purpose(end))
            frame = _head(len(sealed)) + sealed
            try:
                if os.pwrite(self._descriptor, frame, end) != len(frame):
                    raise OSError("short write")
                os.fsync(self._descriptor)
            except OSError:
                os.ftruncate(self._descriptor, end)  # what follows must not stand behind half a frame
                raise

    def read(self) -> tuple[Entry, int] | None:
        """The oldest entry that is not done, and where it ends; None: there is none. `IntegrityError`: altered."""
        begin = self._progress()
        head = os.pread(self._descriptor, _HEAD, begin)
        if len(head) < _HEAD or not any(head):
            return None
        length = int.from_bytes(head[: _HEAD // 2], "big")
        if head != _head(length):
            raise IntegrityError("A journal of the log was altered.", vi="Sổ tạm của nhật ký đã bị thay đổi.")
        sealed = os.pread(self._descriptor, length, begin + _HEAD)
        if len(sealed) < length:
            return None
        entry = _load(self._sealer.unseal(sealed, purpose=self._purpose(begin)))
        return entry, begin + _HEAD + length

    def finish(self, end: int) -> None:
        """The log has it. Lost in a crash, the entry is written twice, which its `late_id` shows; never not at all."""
        with _translated():
            self._done.write_bytes(end.to_bytes(8, "big"))

    def remove(self) -> None:
        """It is empty, or all is done."""
        with _translated():
            self.path.unlink(missing_ok=True)
            self._done.unlink(missing_ok=True)
        self.close()

    def set_aside(self) -> None:
        """It does not open: kept for a person to look at."""
        with _translated():
            self.path.rename(self.path.with_suffix(".damaged"))
        self.close()

    def close(self) -> None:
        os.close(self._descriptor)

    def late_id(self, end: int) -> str:
        """Names one frame."""
        return f"{self.path.stem}/{end}"

    def _progress(self) -> int:
        try:
            return int.from_bytes(self._done.read_bytes(), "big")
        except FileNotFoundError:
            return 0

    def _purpose(self, place: int) -> str:
        return f"audit-spool/{self.path.stem}/{place}"


def left_behind(folder: Path, sealer: Sealer) -> Iterator[Journal]:
    """Journals of processes that are gone, oldest first, locked for the caller."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        journal = Journal(path, sealer)
        if journal.lock():
            yield journal
        else:
            journal.close()


def size_of(folder: Path) -> int:
    """Bytes of all journals."""
    return sum(path.stat().st_size for path in folder.glob(f"*{SUFFIX}"))


def _head(length: int) -> bytes:
    return length.to_bytes(_HEAD // 2, "big") + (length ^ _TURNED).to_bytes(_HEAD // 2, "big")


def _dump(entry: Entry) -> bytes:
    fields: dict[str, Any] = {name: getattr(entry, name) for name in entry.__slots__}
    fields["bodies"] = {name: base64.b64encode(body).decode() for name, body in entry.bodies.items()}
    fields |= {name: dict(getattr(entry, name)) for name in ("purpose", "facts")}
    return orjson.dumps(fields)


def _load(content: bytes) -> Entry:
    fields: Mapping[str, Any] = orjson.loads(content)
    own = {
        "kind": EntryKind(fields["kind"]),
        "occurred_at": datetime.fromisoformat(fields["occurred_at"]),
        "subjects": tuple(fields["subjects"]),
        "bodies": {name: base64.b64decode(body) for name, body in fields["bodies"].items()},
    }
    return Entry(**{**fields, **own})


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise AuditUnavailableError("Neither the audit log nor its spool can be written.") from exc
