"""Look-ups that are counted together: each window and each mark stands once, and each look-up is told what it would
have been told had they come one after the other. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from gateway.database.arrays import Bytes, Column, Flags, Moments, Numbers, Texts
from gateway.restraint.judge import HOUR
from gateway.restraint.model import Look, Seen, Window

Slot = tuple[str, str, str, datetime]
"""Tenant, party, span and beginning of a window."""
Mark = tuple[str, str, str, bytes]
"""Tenant, officer, dossier and person of a mark."""


class Tried(NamedTuple):
    """A look-up that is to be counted."""

    look: Look
    within: Sequence[Window]
    now: datetime

    @property
    def hour(self) -> tuple[str, str, datetime]:
        """Of a client: in which its people are counted."""
        return self.look.tenant, self.look.client, self.within[HOUR].began_at

    @property
    def slots(self) -> list[Slot]:
        tenant = self.look.tenant
        return [(tenant, window.party, window.span, window.began_at) for window in self.within]

    @property
    def mark(self) -> Mark | None:
        look = self.look
        return None if look.subject is None else (look.tenant, look.officer, look.dossier, look.subject)

    @property
    def put(self) -> tuple[Mark, str, bytes] | None:
        """Which question was put, about whom, by whom; the dossier is nothing to it."""
        look = self.look
        if look.subject is None or look.question is None:
            return None
        return (look.tenant, look.officer, "", look.subject), look.client, look.question


class Batch:
    """Look-ups in the order in which they are counted."""

    def __init__(self, tried: Sequence[Tried]) -> None:
        self._tried = tried
        self._slots = [each.slots for each in tried]
        self._times = Counter(slot for slots in self._slots for slot in slots)
        self._marks = [each.mark for each in tried]
        self._begins = _begins(self._marks)

    def values(self) -> dict[str, Column]:
        """What `admit_lookups` takes."""
        tried, looks = self._tried, [each.look for each in self._tried]
        last = dict(zip(self._marks, (each.now for each in tried), strict=True))
        tenants, parties, spans, began = zip(*self._times, strict=True)
        return {
            "tenants": Texts(look.tenant for look in looks),
            "officers": Texts(look.officer for look in looks),
            "clients": Texts(look.client for look in looks),
            "dossiers": Texts(look.dossier for look in looks),
            "subjects": Bytes([look.subject for look in looks]),
            "nears": Bytes([look.near for look in looks]),
            "questions": Bytes([look.question for look in looks]),
            "nows": Moments([each.now for each in tried]),
            "hours": Moments([each.within[HOUR].began_at for each in tried]),
            "begins_mark": Flags(self._begins),
            "lasts": Moments([last[mark] for mark in self._marks]),
            "begins_question": Flags(_begins(each.put for each in tried)),
            "counted": Texts(tenants),
            "parties": Texts(parties),
            "spans": Texts(spans),
            "began": Moments(began),
            "times": Numbers(self._times.values()),
        }

    def seen(self, row: Mapping[str, Any]) -> list[Seen]:
        """From the answer of `admit_lookups`. The last look-up comes first: of the totals, what came after one is taken
        off."""
        totals = dict(zip(self._times, row["totals"], strict=True))
        kept = zip(row["is_new"] or (), row["missed"] or (), strict=True)
        of_mark = dict(zip(filter(None, dict.fromkeys(self._marks)), kept, strict=True))
        found = [*(row["known"] or ())]
        people_after: Counter[tuple[str, str, datetime]] = Counter()
        seen = []
        for place in reversed(range(len(self._tried))):
            rates = []
            for slot in self._slots[place]:
                rates.append(total := totals[slot])
                totals[slot] = total - 1
            mark = self._marks[place]
            if mark is None:
                seen.append(Seen(rates=rates))
                continue
            is_new, missed_before = of_mark[mark]
            hour = self._tried[place].hour
            seen.append(_seen(rates, found.pop(), missed_before=missed_before, people_after=people_after[hour]))
            people_after[hour] += self._begins[place] and is_new
        return seen[::-1]


def _begins(keys: Iterable[Hashable]) -> list[bool]:
    """Whether each is the first of its kind; None is of no kind."""
    met: set[Hashable] = {None}
    begins = []
    for key in keys:
        begins.append(key not in met)
        met.add(key)
    return begins


def _seen(rates: Sequence[int], found: Sequence[int | None], *, missed_before: bool, people_after: int) -> Seen:
    counts = [count or 0 for count in found]
    return Seen(
        rates=rates,
        people_per_hour=counts[0],
        misses_per_hour=counts[1],
        neighbours=counts[2],
        dossiers_per_person=counts[3],
        questions_per_person=counts[4],
        client_questions_per_person=counts[5],
        people_per_dossier=counts[6],
        client_neighbours=counts[7],
        client_people=counts[8] - people_after,
        client_misses=counts[9],
        missed_before=missed_before,
    )
