"""What was exchanged: covered for whoever looks, and opened, one leaf at a time, for who may and says why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.audit import leaf
from gateway.audit.acts import Act
from gateway.audit.exhibits import Source, open_bodies, row_of
from gateway.audit.leaf import SALT_SIZE, Leaf
from gateway.audit.model import EntryKind
from gateway.audit.recorder import Recorder
from gateway.audit.rows import Row
from gateway.audit.store import AuditStore
from gateway.domain import Context
from gateway.privacy.log import Seen, seen
from gateway.privacy.people import people_of
from gateway.sdk.errors import FieldProblem, UnprocessableError
from gateway.transactions.fields import ShownFields
from gateway.transactions.masking import Masked, mask, mask_head

SHORTEST_REASON = 10
MOST_OF_TRACE = 50
LONGEST = 20_000
"""Letters of one body that a page shows."""
ORDER = (
    "soap_request",
    "request",
    "request_translated",
    "request_sent_head",
    "request_sent",
    "request_received_head",
    "request_received",
    "reply_received_head",
    "reply_received",
    "reply_translated",
    "answer_made",
    "reply_sent_head",
    "reply_sent",
    "reply",
)
"""As they came about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One body of a leaf. `is_erased`: it existed, and is gone for good; `masked` is None then. `text`: as it was,
    where it was opened; what is no text is not shown."""

    name: str
    is_erased: bool = False
    masked: Masked | None = None
    text: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A leaf with its contents as the gateway holds them. Never shown as such."""

    row: Row
    said: Seen
    contents: Mapping[str, bytes]
    erased: tuple[str, ...]


class Contents:
    """Reads the bodies of one tenant's log."""

    def __init__(
        self,
        source: Source,
        log: AuditStore,
        fields: ShownFields,
        *,
        recorder: Recorder,
        clock: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._source = source
        self._fields = fields
        self._recorder = recorder
        self._clock = clock

    async def open(self, index: int) -> Opened:
        """`NotFoundError`; `IntegrityError`: a body is not the one that was recorded, or the row is no leaf."""
        row = await row_of(self._source.reader, self._source.tenant, index)
        said: Leaf = leaf.decode(row.leaf)
        kept = await open_bodies(self._source, index, said)
        contents = {name: salted[SALT_SIZE:] for name, salted in kept.items()}
        return Opened(row=row, said=seen(row), contents=contents, erased=tuple(sorted({*said.bodies} - {*kept})))

    async def asked(self, trace_id: str) -> bytes:
        """The province's own request in a trace, as far as it still exists; empty: there is none."""
        rows = await self._log.find(self._source.tenant, trace_id=trace_id, limit=MOST_OF_TRACE)
        for row in rows:
            said = seen(row)
            if said.kind != EntryKind.REQUEST.value:
                continue
            asked = (await self.open(row.index)).contents.get("request", b"")
            if asked or "told" not in said.facts:  # else it stands beside one that has the body
                return asked
        return b""

    def masked(self, opened: Opened) -> list[Body]:
        """Covered, in the order in which they came about. What staff wrote (a reason, a purpose) is covered whole."""
        return [self._masked(opened, name) for name in _ordered([*opened.contents, *opened.erased])]

    def _masked(self, opened: Opened, name: str) -> Body:
        if name in opened.erased:
            return Body(name=name, is_erased=True)
        content = opened.contents[name]
        if name.endswith("_head"):
            return Body(name=name, masked=mask_head(content), size=len(content))
        shows = self._fields.of(name, system=opened.said.system, operation=opened.said.operation)
        return Body(name=name, masked=mask(content, shows), size=len(content))

    async def unseal(self, index: int, *, reason: str, context: Context) -> list[Body]:
        """The bodies as they were. That they were opened, of which leaf and why, is a leaf about the same persons
        before they are returned (PDP-03, SEC-04): `UnprocessableError` without a reason, `AuditUnavailableError`
        without evidence."""
        if len(reason.strip()) < SHORTEST_REASON:
            problem = FieldProblem("/reason", "Say what for.", "Phải ghi rõ lý do.")
            raise UnprocessableError(problem.detail, vi=problem.detail_vi, what="reason_missing", fields=[problem])
        opened = await self.open(index)
        await self._recorder.record(
            Act(
                operation="unseal_bodies",
                system=opened.said.system,
                reference=opened.said.reference,
                facts={"leaf": index, "bodies": len(opened.contents)},
                subjects=people_of(opened.contents.values()),
                bodies={"reason": reason.strip().encode()},
            ).entry(context, at=self._clock())
        )
        return [_plain(opened, name) for name in _ordered([*opened.contents, *opened.erased])]


def _plain(opened: Opened, name: str) -> Body:
    if name in opened.erased:
        return Body(name=name, is_erased=True)
    content = opened.contents[name]
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = ""
    return Body(name=name, text=text[:LONGEST], size=len(content))


def _ordered(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))
