"""Search: by a code of any kind, by words and time, by a person's number with a purpose."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from gateway.approvals.service import may_be_personal
from gateway.audit.acts import Act
from gateway.audit.recorder import Recorder
from gateway.domain import Context
from gateway.privacy.log import SubjectIndex
from gateway.sdk.errors import FieldProblem, UnprocessableError
from gateway.transactions.indexer import Indexer
from gateway.transactions.model import Found, Place, Transaction, Wanted
from gateway.transactions.store import Relations, TransactionStore

MOST = 50
"""Rows of a page."""
USUAL = timedelta(days=30)
"""How far back it is looked where no code is given and nobody said otherwise."""
WITHIN_S = 0.1
"""So long a search waits for what was done a moment ago to be indexed."""
SHORTEST_PURPOSE = 10
TRACE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What somebody looks for. `code`: a dossier, payment, trace, call, or a number that a partner gave. `before`:
    where the page before ended."""

    code: str = ""
    wanted: Wanted = field(default_factory=Wanted)
    before: Place | None = None
    limit: int = MOST


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A page. `references`: what the code was found to lead to. `since`: how far back it was looked; None: to the
    beginning. `behind`: leaves of the log that are not indexed yet, so that the newest may be missing."""

    found: Found
    references: tuple[str, ...] = ()
    since: datetime | None = None
    behind: int = 0


class Transactions:
    """The search of one tenant's log."""

    def __init__(
        self,
        store: TransactionStore,
        relations: Relations,
        *,
        indexer: Indexer,
        subjects: SubjectIndex,
        digest: Callable[[str, str], bytes],
        recorder: Recorder,
        clock: Callable[[], datetime],
    ) -> None:
        """`digest`: of a tenant and a personal number."""
        self._store = store
        self._relations = relations
        self._indexer = indexer
        self._subjects = subjects
        self._digest = digest
        self._recorder = recorder
        self._clock = clock

    async def search(self, tenant: str, search: Search) -> Result:
        """`UnprocessableError` (`caller.personal_number`): the code may be a person's; that is asked otherwise."""
        if may_be_personal(search.code):
            raise UnprocessableError(
                "This may be a personal number. Use the form that asks for a purpose.",
                vi="Có thể là số định danh cá nhân. Hãy dùng biểu mẫu tra theo người, có nêu mục đích.",
                what="personal_number",
            )
        behind = await self._indexer.catch_up(within_s=WITHIN_S)
        if search.code:
            found, references = await self._by_code(tenant, search)
            return Result(found=found, references=references, since=search.wanted.since, behind=behind)
        since = search.wanted.since or self._clock() - USUAL
        found = await self._page(tenant, replace(search, wanted=replace(search.wanted, since=since)))
        return Result(found=found, since=since, behind=behind)

    async def _by_code(self, tenant: str, search: Search) -> tuple[Found, tuple[str, ...]]:
        """A trace says by its shape what it is. Call ids look like other ids, and are tried when nothing else fits."""
        code, wanted = search.code, search.wanted
        if TRACE.fullmatch(code):
            return await self._page(tenant, _equal(search, trace_id=code)), ()
        references = tuple(await self._relations.related(tenant, code))
        found = await self._page(tenant, replace(search, wanted=replace(wanted, references=references)))
        if found.rows or found.is_cut:
            return found, references
        return await self._page(tenant, _equal(search, call_id=code)), references

    async def _page(self, tenant: str, search: Search) -> Found:
        return await self._store.search(tenant, search.wanted, before=search.before, limit=min(search.limit, MOST))

    async def of_person(
        self, number: str, *, purpose: str, context: Context, before: int | None = None
    ) -> Sequence[Transaction]:
        """The newest transactions about somebody, below the leaf `before`; of a number that is nobody's, but that a
        partner gave, those that it leads to. That it was asked, and for what, is a leaf about the same person before
        anything is shown (PDP-03); the purpose is kept sealed."""
        if len(purpose.strip()) < SHORTEST_PURPOSE:
            problem = FieldProblem("/purpose", "Say what for.", "Phải nêu rõ mục đích tra cứu.")
            raise UnprocessableError(problem.detail, vi=problem.detail_vi, what="reason_missing", fields=[problem])
        await self._indexer.catch_up(within_s=WITHIN_S)
        digest = self._digest(context.tenant, number)
        rows = await self._subjects.of_subject(context.tenant, digest, before=before, limit=MOST)
        found = await self._store.at(context.tenant, [row.index for row in rows])
        if not found and before is None:
            found = (await self._by_code(context.tenant, Search(code=number)))[0].rows
        await self._recorder.record(
            Act(
                operation="search_person",
                facts={"found": len(found)},
                subjects=(number,),
                bodies={"purpose": purpose.strip().encode()},
            ).entry(context, at=self._clock())
        )
        return found


def _equal(search: Search, **equal: str) -> Search:
    return replace(search, wanted=replace(search.wanted, equal={**search.wanted.equal, **equal}))
