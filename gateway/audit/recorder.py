"""The port through which everything else writes evidence."""

from __future__ import annotations

from typing import Protocol

from gateway.audit.model import Entry, Recorded


class Recorder(Protocol):
    """Writes entries. `record` returns only after the entry is durable, so an answer that waits for it is provable."""

    async def record(self, entry: Entry) -> Recorded: ...
