"""Rows of the outbox's tables, and what they are here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Any

import orjson

from gateway.database.arrays import Bytes, Column, Flags, Kinds, Moments, Numbers, Texts, arrays
from gateway.delivery.memory import MOST_MESSAGES
from gateway.delivery.model import Claim, Draft, StreamKey, StreamView, Trouble, state_of
from gateway.sdk import ProtocolViolation

_STREAM: Kinds = {"tenant": Texts, "target": Texts, "key": Texts}
TOLD: Kinds = {
    **_STREAM,
    "owner": Texts,
    "seq": Numbers,
    "after": Numbers,
    "now": Moments,
    "last": Flags,
    "learned": Texts,
}
HEADS: Kinds = {**_STREAM, "head": Numbers, "most": Numbers}


@dataclass(frozen=True, slots=True)
class Told:
    """An acknowledgement that waits to be written."""

    claim: Claim
    _: KW_ONLY
    seq: int
    now: datetime
    last: bool
    learned: str
    """JSON, written before it waits with others: one that cannot be kept keeps none of them from being written."""

    @property
    def columns(self) -> dict[str, Any]:
        own = {"owner": self.claim.owner, "seq": self.seq, "after": self.claim.acknowledged, "now": self.now}
        return {**names(self.claim.stream), **own, "last": self.last, "learned": self.learned}


def appended(
    streams: Mapping[StreamKey, Sequence[Draft]], bodies: Sequence[bytes], *, now: datetime
) -> dict[str, Column]:
    """Of each stream what it is called and how many messages it gets; then of each message, stream by stream, which
    stream it is for and how many follow it there. `bodies`: theirs, sealed. Column by column: there are many."""
    drafts = [draft for several in streams.values() for draft in several]
    return {
        "tenant": Texts([stream.tenant for stream in streams]),
        "target": Texts([stream.target for stream in streams]),
        "key": Texts([stream.key for stream in streams]),
        "count": Numbers([len(several) for several in streams.values()]),
        "due": Moments([several[0].due or now for several in streams.values()]),
        "stream": Numbers([number for number, several in enumerate(streams.values(), 1) for _ in several]),
        "behind": Numbers([left for several in streams.values() for left in reversed(range(len(several)))]),
        "operation": Texts([draft.operation for draft in drafts]),
        "call_id": Texts([draft.call_id for draft in drafts]),
        "at": Moments([draft.at for draft in drafts]),
        "mapping_version": Numbers([draft.mapping_version for draft in drafts]),
        "trace_id": Texts([draft.trace_id for draft in drafts]),
        "again": Flags([draft.again for draft in drafts]),
        "body": Bytes(bodies),
    }


def names(stream: StreamKey) -> dict[str, str]:
    return {"tenant": stream.tenant, "target": stream.target, "key": stream.key}


def key_of(row: dict[str, Any]) -> StreamKey:
    return StreamKey(tenant=row["tenant"], target=row["target"], key=row["key"])


def heads(streams: Iterable[dict[str, Any]]) -> dict[str, Column]:
    wanted = [
        {**names(key_of(row)), "head": row["head"], "most": 1 if row["slow"] else MOST_MESSAGES} for row in streams
    ]
    return arrays(wanted, HEADS)


def claim_of(row: dict[str, Any], until: datetime) -> Claim:
    return Claim(
        stream=key_of(row),
        owner=row["owner"],
        lease_until=until,
        attempts=row["attempts"],
        doubt=row["doubt"],
        acknowledged=row["head"],
        messages=(),
        known=row["known"],
    )


def view_of(row: dict[str, Any], now: datetime) -> StreamView:
    trouble = Trouble(code=row["trouble_code"], detail=row["trouble"], detail_vi=row["trouble_vi"])
    return StreamView(
        stream=key_of(row),
        state=state_of(held=row["held"], owner=row["owner"], due=row["due"], now=now),
        head=row["head"],
        tail=row["tail"],
        attempts=row["attempts"],
        unsettled=row["doubt"] > row["head"],
        next_attempt_at=None if row["owner"] else row["due"],
        acknowledged_at=row["acknowledged_at"],
        trouble=trouble if trouble.code else None,
        known=row["known"],
    )


def as_json(known: Mapping[str, str]) -> str:
    """`ProtocolViolation`: a text that PostgreSQL cannot keep."""
    try:
        written = orjson.dumps(dict(known)).decode()
    except orjson.JSONEncodeError as exc:
        raise ProtocolViolation("What the system told cannot be kept.") from exc
    if any("\0" in text for pair in known.items() for text in pair):
        raise ProtocolViolation("What the system told cannot be kept.")
    return written
