"""Marks of look-ups in memory, for tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.restraint.judge import HOUR
from gateway.restraint.model import Look, Seen, Window

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Mark:
    look: Look
    first_at: datetime
    last_at: datetime
    missed: bool = False


class MemoryRestraint:
    def __init__(self) -> None:
        self.marks: dict[tuple[str, str, str, bytes], _Mark] = {}
        self.counts: Counter[tuple[str, str, str, datetime]] = Counter()
        self.questions: dict[tuple[str, str, bytes], dict[tuple[str, bytes], datetime]] = {}
        self.blocks: dict[tuple[str, str], datetime] = {}

    async def admit(self, look: Look, within: Sequence[Window], *, now: datetime) -> Seen:
        ends = {party: self.blocks.get((look.tenant, party), NEVER) for party in look.parties}
        blocked = [party for party, until in ends.items() if until > now]
        if blocked:
            return Seen(blocked=max(blocked))
        slots = [(look.tenant, window.party, window.span, window.began_at) for window in within]
        self.counts.update(slots)
        rates = [self.counts[slot] for slot in slots]
        if look.subject is None:
            return Seen(rates=rates)
        before = self._mark(look, now, hour=within[HOUR].began_at)
        if look.question is not None:
            self._put(look).setdefault((look.officer, look.question), now)
        return self._seen(look, rates, before, now=now, hour=within[HOUR].began_at)

    def _mark(self, look: Look, now: datetime, *, hour: datetime) -> bool:
        """Whether it missed before."""
        held = self.marks.get(_key(look))
        if held is None:
            self.counts[look.tenant, look.parties[1], "people", hour] += 1
            self.marks[_key(look)] = _Mark(look, now, now)
            return False
        held.last_at = now
        return held.missed

    def _seen(self, look: Look, rates: Sequence[int], before: bool, *, now: datetime, hour: datetime) -> Seen:
        officer, client, dossier = (self.blocks.get((look.tenant, party), NEVER) for party in look.parties)
        day, last_hour = now - timedelta(days=1), now - timedelta(hours=1)
        own = [m for m in self._of(look) if m.look.officer == look.officer and m.first_at > max(day, officer)]
        put = self._put(look).items()
        alike = [m for m in self._of(look) if look.near is not None and m.look.near == look.near]
        return Seen(
            rates=rates,
            people_per_dossier=_people(
                m for m in self._of(look) if m.look.dossier == look.dossier and m.first_at > dossier
            ),
            people_per_hour=_people(m for m in own if m.first_at > last_hour),
            misses_per_hour=_people(m for m in own if m.missed and m.first_at > last_hour),
            neighbours=_people(m for m in own if m in alike),
            client_neighbours=_people(
                m for m in alike if m.look.client == look.client and m.first_at > max(day, client)
            ),
            dossiers_per_person=sum(m.look.subject == look.subject for m in own),
            questions_per_person=sum(asker == look.officer and at > max(day, officer) for (asker, _), at in put),
            client_questions_per_person=len({question for (_, question), at in put if at > max(day, client)}),
            client_people=self.counts[look.tenant, look.parties[1], "people", hour],
            client_misses=self.counts[look.tenant, look.parties[1], "missed", hour],
            missed_before=before,
        )

    async def missed(self, look: Look, *, missed: bool, hour: datetime) -> None:
        mark = self.marks.get(_key(look))
        if mark is None or mark.missed == missed:
            return
        mark.missed = missed
        if missed:
            self.counts[look.tenant, look.parties[1], "missed", hour] += 1

    async def block(self, tenant: str, parties: Sequence[str], *, until: datetime) -> None:
        for party in parties:
            self.blocks[tenant, party] = max(until, self.blocks.get((tenant, party), NEVER))

    async def lift(self, tenant: str, parties: Sequence[str], *, now: datetime) -> Sequence[str]:
        lifted = sorted(party for party in parties if self.blocks.get((tenant, party), NEVER) > now)
        for party in lifted:
            self.blocks[tenant, party] = now
        for slot in [s for s in self.counts if s[0] == tenant and s[1] in lifted and s[2] in {"people", "missed"}]:
            del self.counts[slot]
        return lifted

    async def sweep(self, tenant: str, *, before: datetime) -> int:
        marks = [key for key, mark in self.marks.items() if key[0] == tenant and mark.last_at < before]
        counts = [slot for slot in self.counts if slot[0] == tenant and slot[3] < before]
        blocks = [key for key, until in self.blocks.items() if key[0] == tenant and until < before]
        questions = [
            (person, which)
            for person, put in self.questions.items()
            for which, at in put.items()
            if person[0] == tenant and at < before
        ]
        for person, which in questions:
            del self.questions[person][which]
        for key in marks:
            del self.marks[key]
        for slot in counts:
            del self.counts[slot]
        for name in blocks:
            del self.blocks[name]
        return len(marks) + len(questions) + len(counts) + len(blocks)

    def _put(self, look: Look) -> dict[tuple[str, bytes], datetime]:
        return self.questions.setdefault((look.tenant, look.client, look.subject or b""), {})

    def _of(self, look: Look) -> list[_Mark]:
        return [mark for mark in self.marks.values() if mark.look.tenant == look.tenant]


def _key(look: Look) -> tuple[str, str, str, bytes]:
    return look.tenant, look.officer, look.dossier, look.subject or b""


def _people(marks: Iterable[_Mark]) -> int:
    return len({mark.look.subject for mark in marks})
