"""After a rotation: bring the keys and names of files under the newest KEK, so that the older one can be destroyed.
The parts stay as they are: it is their key that is wrapped anew."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from gateway.sdk.errors import GatewayError

BATCH = 200
"""Files that are looked for at a time."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    """As it stands there. `key` None: it is not in parts yet."""

    file_id: str
    name: bytes
    key: bytes | None


class SealedFiles(Protocol):
    """Where they are."""

    async def elsewhere(self, tenant: str) -> int:
        """How many files need another KEK than the newest."""

    async def under_others(self, tenant: str, *, after: str, limit: int) -> Sequence[SealedFile]:
        """Those by id, behind `after`."""

    async def rewrap(self, tenant: str, file: SealedFile) -> int:
        """1: it needs the newest KEK only. 0: it was restored meanwhile, or is not there any more. `IntegrityError`:
        it cannot be opened."""


async def rewrap(store: SealedFiles, tenant: str, *, batch: int = BATCH) -> AsyncIterator[int]:
    """Tells after each batch how many it brought over. Broken off, the next run goes on where this one was. What cannot
    be opened stays as it is, and keeps nothing else from coming along: the nightly check raises its alarm."""
    after = ""
    while found := await store.under_others(tenant, after=after, limit=batch):
        done = 0
        for file in found:
            try:
                done += await store.rewrap(tenant, file)
            except GatewayError as exc:
                log.warning("file_not_rewrapped", file_id=file.file_id, code=exc.error_code)
        after = found[-1].file_id
        yield done
