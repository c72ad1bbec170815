"""One dossier within one transaction: what is known of it, and what the steps that are told now add to it.

Steps are placed in memory, one after the other, and whole pages are read and written together. A page is never changed:
a step makes the next one, so a step that is refused leaves nothing. Pure, but for the clock and the mapping that makes
messages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.delivery.model import Draft
from gateway.domain import DossierStatus
from gateway.dossiers import intake
from gateway.dossiers.model import DossierRecord, Place, Taken
from gateway.dossiers.order import Judgement, by_occurrence, judge
from gateway.dossiers.store import EventRecord, ParkedEvent
from gateway.dossiers.telling import Told, of_step
from gateway.sdk.errors import ConflictError

STEP_TIMES = {
    DossierStatus.PROCESSED: "processed_at",
    DossierStatus.RETURNED: "returned_at",
    DossierStatus.REFUSED: "refused_at",
}
"""Dates of the dossier that an event of this status fills in when the province left them empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`told`: the steps that were taken in, by event_id; the whole history, where a step does not plainly come on top
    of it, and else at least those that are told again. `parked`: every step that has been parked, by event_id."""

    record: DossierRecord
    told: Mapping[str, EventRecord] = field(default_factory=dict)
    parked: Mapping[str, ParkedEvent] = field(default_factory=dict)
    applied: Sequence[tuple[DossierRecord, EventRecord]] = ()
    """New ones, each with the version that it made."""
    changed: Mapping[str, ParkedEvent] = field(default_factory=dict)
    """Parked, explained anew or settled."""
    drafts: Sequence[Draft] = ()

    def takes(self, record: DossierRecord, event: EventRecord, drafts: Sequence[Draft]) -> Page:
        return Page(  # `replace` asks for every field; this is done for each step
            record=record,
            told={**self.told, event.event_id: event},
            parked=self.parked,
            applied=(*self.applied, (record, event)),
            changed=self.changed,
            drafts=(*self.drafts, *drafts),
        )

    def parks(self, parked: ParkedEvent) -> Page:
        event_id = parked.event.event_id
        return replace(self, parked={**self.parked, event_id: parked}, changed={**self.changed, event_id: parked})

    def judged(self, entry: EventRecord) -> Judgement:
        """The history is looked at only when the step does not plainly come on top of it."""
        after = entry.document.get("after") or ""
        plain = not after and _is_on_top(self.record.last_event_at, entry)
        history = [] if plain else by_occurrence([*self.told.values()])
        return judge(self.record.status, entry, after=after, history=history)

    @property
    def waiting(self) -> list[ParkedEvent]:
        """In the order in which they happened."""
        found = [parked for parked in self.parked.values() if not parked.settled_as]
        return sorted(found, key=lambda parked: (parked.event.occurred_at, parked.parked_at, parked.event.event_id))


def _is_on_top(last_event_at: datetime | None, entry: EventRecord) -> bool:
    return last_event_at is None or entry.occurred_at >= last_event_at


def needs_history(page: Page, entries: Sequence[EventRecord]) -> bool:
    """Whether the whole history has to be known to place `entries` in their order."""
    newest = page.record.last_event_at
    for entry in entries:
        if entry.document.get("after") or not _is_on_top(newest, entry):
            return True
        newest = entry.occurred_at
    return bool(page.waiting)


class Clerk:
    """Places the steps that one caller tells of one dossier. `draft` makes messages of what is to be told."""

    def __init__(
        self,
        draft: Callable[[DossierRecord, Sequence[Told]], Sequence[Draft]],
        *,
        now: datetime,
        clock: Callable[[], datetime],
    ) -> None:
        """`now`: the moment of all that is taken in together. What is parked has one of its own by `clock`: it waits in
        the order in which it was told."""
        self._draft = draft
        self._now = now
        self._clock = clock

    def take(self, page: Page, entry: EventRecord) -> tuple[Page, Taken]:
        """The same `event_id` with the same content is taken once and answered again. `UnprocessableError` or
        `ConflictError`: the page stays as it is."""
        if again := _again(page, entry):
            return page, again
        intake.check_reason(entry)
        intake.check_moment(entry, now=self._now)
        intake.check_obligation(page.record, entry)
        judgement = page.judged(entry)
        if judgement.place is None:
            raise intake.refused_move(judgement.why, judgement.why_vi)
        page = self._place(page, entry, judgement)
        if judgement.place is not Place.PARKED:
            page = self._reconcile(page)
        return page, Taken(
            code=page.record.code,
            version=page.record.version,
            status=page.record.status,
            event_id=entry.event_id,
            place=judgement.place,
            why=judgement.why,
            why_vi=judgement.why_vi,
        )

    def _place(self, page: Page, entry: EventRecord, judgement: Judgement) -> Page:
        """Store the step where it belongs, and send what the portal must learn of it."""
        held = page.record
        if judgement.place is Place.PARKED:
            return page.parks(intake.parked(held.code, entry, judgement, now=self._clock()))
        late = judgement.place is Place.LATE
        record = replace(held, version=held.version + 1, updated_at=self._now) if late else self._moved(held, entry)
        previous = None if late else held.status
        drafts = self._draft(record, of_step(held, record, entry, late=late))
        return page.takes(record, replace(entry, previous=previous, late=late, version=record.version), drafts)

    def _reconcile(self, page: Page) -> Page:
        """A step has found its place: parked ones may have, too. Each that does may make room for the next."""
        progress = bool(page.parked)
        while progress:
            progress = False
            for parked in page.waiting:
                judgement = page.judged(parked.event)
                if judgement.place in {Place.APPLIED, Place.LATE}:
                    page = self._place(page, parked.event, judgement)
                    page = page.parks(replace(parked, settled_as=judgement.place.value))
                    progress = True
                    break
                if judgement.code != parked.why_code:  # still parked, for another reason: the explanation follows
                    again = intake.parked(page.record.code, parked.event, judgement, now=self._clock())
                    page = page.parks(replace(again, parked_at=parked.parked_at))
        return page

    def _moved(self, held: DossierRecord, entry: EventRecord) -> DossierRecord:
        document = {**held.document, "status": int(entry.status)}
        if (date := STEP_TIMES.get(entry.status)) and not document.get(date):
            document[date] = entry.document["at"]
        return replace(
            held,
            version=held.version + 1,
            status=entry.status,
            document=document,
            last_event_at=entry.occurred_at,
            updated_at=self._now,
        )


def _again(page: Page, entry: EventRecord) -> Taken | None:
    """What was answered to this step before, if it was told before."""
    known = page.told.get(entry.event_id)
    parked = None if known else page.parked.get(entry.event_id)
    told = parked.event if parked else known
    if told is None:
        return None
    if dict(told.document) != dict(entry.document):
        raise ConflictError(
            "Another event was already taken in under this event_id.",
            vi="Đã có sự kiện khác dùng event_id này.",
            what="event_id_reused",
        )
    view = (
        intake.view(told)
        if parked is None
        else intake.view(told, place=Place.PARKED, why=parked.why, why_vi=parked.why_vi)
    )
    return Taken(
        code=page.record.code,
        version=page.record.version,
        status=known.status if known and not known.late else page.record.status,
        event_id=entry.event_id,
        place=view.place,
        why=view.why,
        why_vi=view.why_vi,
    )
