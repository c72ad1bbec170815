"""Which versions of a mapping were used here and from when on, and whether one was changed without a new number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from gateway.mapping.source import Source, Used
from gateway.mapping.store import VersionStore


class Versions:
    """What is kept of the mappings of one tenant."""

    def __init__(self, store: VersionStore, *, tenant: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._tenant = tenant
        self._clock = clock

    async def note(self, sources: Iterable[Source]) -> list[Source]:
        """Keep what is new. Those whose number was used for another text before are returned: whoever changed them did
        not say so, and evidence that names the number no longer says how a message was translated."""
        known = await self._store.digests(self._tenant)
        silent = []
        for source in sources:
            if source.digest in known or not await self._store.add(self._tenant, source, at=self._clock()):
                continue
            if doubled(await self.listed(source.system, source.operation), source.version):
                silent.append(source)
        return silent

    async def listed(self, system: str, operation: str) -> Sequence[Used]:
        """The newest first."""
        return await self._store.listed(self._tenant, system, operation)


def doubled(used: Sequence[Used], version: int) -> bool:
    """Whether that number stands for several texts."""
    return len({one.source.digest for one in used if one.source.version == version}) > 1
