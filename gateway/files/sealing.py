"""How a file in parts is sealed, so that each part can be proven before the next one is read.

Each handing over has a data key of its own, which is stored wrapped beside the file. Under it are sealed the parts,
each for its number and for being the last or not, and the seal of the whole: digest, size and number of parts. A part
that was altered, moved, or swapped with one of another file, or of another handing over of the same file, does not
open; nor does the last part stand for one before it, or one before it for the last, so that nothing can be cut off or
put behind (the STREAM construction: Hoang, Reyhanitabar, Rogaway, Vizár 2015).
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

import orjson

from gateway.files.model import PART, FileRecord
from gateway.signing.model import RecordSealer
from gateway.signing.record import RecordKey


def place(tenant: str, file_id: str, part: str = "content") -> str:
    """Bound to the very file: sealed bytes that were moved to another row do not open there."""
    return f"file/{part}/{tenant}/{file_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKey:
    """Seals and opens what one handing over (`taking`) brought."""

    tenant: str
    file_id: str
    taking: UUID
    key: RecordKey

    @classmethod
    def new(cls, tenant: str, file_id: str, *, sealer: RecordSealer) -> FileKey:
        key = sealer.new_record(purpose=place(tenant, file_id, "key"))
        return cls(tenant=tenant, file_id=file_id, taking=uuid4(), key=key)

    @property
    def name(self) -> dict[str, str | UUID]:
        """As the columns of its rows have it."""
        return {"tenant": self.tenant, "file_id": self.file_id, "taking": self.taking}

    def seal(self, part: bytes, *, number: int, is_last: bool) -> bytes:
        return self.key.seal(part, purpose=self._part(number, is_last=is_last))

    def unseal(self, sealed: bytes, *, number: int, is_last: bool) -> bytes:
        """`IntegrityError` unless it is that very part."""
        return self.key.unseal(sealed, purpose=self._part(number, is_last=is_last))

    def seal_whole(self, record: FileRecord) -> bytes:
        """What `seals` looks at."""
        return self.key.seal(_whole(record.sha256, record.size), purpose=self._place("whole"))

    def seals(self, seal: bytes, *, sha256: str, size: int) -> bool:
        """Whether `seal` is of a file of that digest and size. `IntegrityError`: it is no seal of this one."""
        return self.key.unseal(seal, purpose=self._place("whole")) == _whole(sha256, size)

    def _part(self, number: int, *, is_last: bool) -> str:
        return self._place(f"part-{number}-{'last' if is_last else 'more'}")

    def _place(self, what: str) -> str:
        return f"{place(self.tenant, self.file_id, what)}/{self.taking}"


def parts_of(size: int) -> int:
    """How many a file of `size` bytes has."""
    return max(1, -(-size // PART))


def _whole(sha256: str, size: int) -> bytes:
    return orjson.dumps({"sha256": sha256, "size": size, "parts": parts_of(size)})
