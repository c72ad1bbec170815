"""A person has a list taken over: evidence first, then the look (SEC-04, COD-12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gateway.audit.acts import Act
from gateway.audit.recorder import Recorder
from gateway.catalogues.model import Sync
from gateway.catalogues.service import Catalogues
from gateway.domain import Context
from gateway.sdk.errors import NotFoundError, UnprocessableError


class Takeover:
    """What the command line and the console have in common."""

    def __init__(self, catalogues: Catalogues, recorder: Recorder, *, clock: Callable[[], datetime]) -> None:
        self._catalogues = catalogues
        self._recorder = recorder
        self._clock = clock

    async def take(self, name: str, *, context: Context, believe: bool) -> Sync:
        """Look at one list now. `believe`: whoever asks has looked at what vanished. `NotFoundError`: nobody knows a
        list of this name."""
        entry = Act(
            operation="sync_catalogue",
            reference=name,
            facts={"believe": int(believe)},
        ).entry(context, at=self._clock())
        await self._recorder.record(entry)
        try:
            return await self._catalogues.sync(name, context=context, believe=believe)
        except UnprocessableError as exc:  # the portal's mapping knows no such name
            raise NotFoundError(f"There is no list {name}.", vi=f"Không có danh mục {name}.") from exc
