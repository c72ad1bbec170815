"""After a rotation: bring the keys of bodies under the newest KEK, so that the older one can be destroyed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.audit.leaf import key_purpose

BATCH = 500
"""Keys of one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """Of one row; `was` is told back, so that what was erased meanwhile does not come again."""

    index: int
    was: bytes
    wrapped: bytes = b""


class Rewrapper(Protocol):
    """The part of the keyring that this takes."""

    @property
    def kek_id(self) -> bytes: ...
    def rewrap(self, wrapped: bytes, *, purpose: str) -> bytes: ...


class WrappedKeys(Protocol):
    """Where the keys are."""

    async def elsewhere(self, tenant: str, kek_id: bytes) -> int:
        """How many are not under that KEK."""

    async def under_others(self, tenant: str, kek_id: bytes, *, after: int, limit: int) -> Sequence[WrappedKey]:
        """Those by index, behind `after`."""

    async def put(self, tenant: str, kek_id: bytes, keys: Sequence[WrappedKey]) -> int:
        """Replace each that still is what it was; how many."""


async def rewrap(store: WrappedKeys, keys: Rewrapper, tenant: str, *, batch: int = BATCH) -> AsyncIterator[int]:
    """Tells after each batch how many it brought over. Broken off, the next run goes on where this one was."""
    after = -1
    while found := await store.under_others(tenant, keys.kek_id, after=after, limit=batch):
        new = [
            WrappedKey(index=key.index, was=key.was, wrapped=keys.rewrap(key.was, purpose=key_purpose(tenant)))
            for key in found
        ]
        after = found[-1].index
        yield await store.put(tenant, keys.kek_id, new)
