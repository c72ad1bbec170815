"""The board over the outbox in memory, for tests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.memory_stream import MemoryStream
from gateway.delivery.model import HeldGroup, LaneBrake, Message, MessageView, StreamKey, Trouble

NO_TROUBLE = Trouble(code="", detail="", detail_vi="")


class MemoryBoard:
    def __init__(self, outbox: MemoryOutbox) -> None:
        self._outbox = outbox

    async def groups(self, tenant: str, *, limit: int) -> Sequence[HeldGroup]:
        found: dict[tuple[str, str], list[Trouble]] = defaultdict(list)
        for name, stream in self._outbox.streams.items():
            if name.tenant == tenant and stream.held:
                trouble = stream.trouble or NO_TROUBLE
                found[name.target, trouble.code].append(trouble)
        groups = [
            HeldGroup(
                target=target,
                code=code,
                streams=len(troubles),
                detail=max(trouble.detail for trouble in troubles),
                detail_vi=max(trouble.detail_vi for trouble in troubles),
            )
            for (target, code), troubles in found.items()
        ]
        return sorted(groups, key=lambda group: (-group.streams, group.target, group.code))[:limit]

    async def brakes(self, tenant: str) -> Sequence[LaneBrake]:
        return [
            LaneBrake(target=target, paused=brake.paused, rate=brake.rate, set_at=brake.set_at)
            for (owner, target), brake in sorted(self._outbox.brakes.items(), key=lambda item: item[0])
            if owner == tenant
        ]

    async def messages(self, stream: StreamKey, *, before: int | None = None, limit: int) -> Sequence[MessageView]:
        found = self._outbox.streams.get(stream, MemoryStream())
        newest = [m for m in reversed(found.messages) if before is None or m.seq < before]
        return [_seen(found, message) for message in newest[:limit]]

    async def count(self, tenant: str, target: str) -> int:
        return sum((name.tenant, name.target) == (tenant, target) for name in self._outbox.streams)


def _seen(stream: MemoryStream, message: Message) -> MessageView:
    return MessageView(
        seq=message.seq,
        operation=message.operation,
        call_id=message.call_id,
        at=message.at,
        mapping_version=message.mapping_version,
        trace_id=message.trace_id,
        again=message.again,
        taken_at=stream.taken_at[message.seq - 1],
        acknowledged_at=stream.told_at.get(message.seq),
    )
