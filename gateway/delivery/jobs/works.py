"""What jobs do to the outbox, and the items that they are made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.delivery.control import Control
from gateway.delivery.jobs.model import Item, Job, Work
from gateway.delivery.jobs.run import Run
from gateway.delivery.model import Past, Said, StreamKey, StreamView, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A job to draft. `chosen`: what names each item, whatever else it says."""

    what: Work
    parameters: Mapping[str, str | int]
    """`target` and `how` at least; no personal data."""
    items: Sequence[Item] = ()
    total: int = 0

    @property
    def chosen(self) -> list[tuple[str, str | int]]:
        return [(item.key, item.said["seq"]) for item in self.items]


def releases(views: Sequence[StreamView], parameters: Mapping[str, str | int]) -> Wanted:
    """Each is released only while it is held at the same message."""
    items = [
        Item(number=number, key=view.stream.key, said={"seq": view.head + 1}) for number, view in enumerate(views, 1)
    ]
    return Wanted(what=Work.RELEASE, parameters=parameters, items=items, total=len(items))


def replays(chosen: Sequence[Past], parameters: Mapping[str, str | int]) -> Wanted:
    items = [Item(number=number, key=past.stream.key, said=_said(past)) for number, past in enumerate(chosen, 1)]
    return Wanted(what=Work.REPLAY, parameters={**parameters, "how": "replay"}, items=items, total=len(items))


def works(control: Control) -> dict[Work, Callable[[Run], Awaitable[object]]]:
    async def release(run: Run) -> None:
        said = Said(verdict=Verdict(str(run.job.parameters["how"])))

        async def act(item: Item) -> bool:
            stream = _stream(run.job, item)
            return await control.release(stream, said, context=run.context, seq=int(item.said["seq"]))

        await run.each(act)

    async def replay(run: Run) -> None:
        async def act(item: Item) -> bool:
            return await control.replay(_past(run.job, item), context=run.context)

        await run.each(act)

    return {Work.RELEASE: release, Work.REPLAY: replay}


def _stream(job: Job, item: Item) -> StreamKey:
    return StreamKey(tenant=job.tenant, target=job.target, key=item.key)


def _said(past: Past) -> dict[str, str | int]:
    return {
        "seq": past.seq,
        "operation": past.operation,
        "at": past.at.isoformat(),
        "mapping_version": past.mapping_version,
        "superseded": int(past.superseded),
        "tail": past.tail,
    }


def _past(job: Job, item: Item) -> Past:
    return Past(
        stream=_stream(job, item),
        seq=int(item.said["seq"]),
        operation=str(item.said["operation"]),
        at=datetime.fromisoformat(str(item.said["at"])),
        mapping_version=int(item.said["mapping_version"]),
        superseded=bool(item.said["superseded"]),
        tail=int(item.said["tail"]),
    )
