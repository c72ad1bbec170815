"""What an officer does about a day of money: compare it, close it, take a statement in. Each act and its leaf."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime

from gateway.audit.acts import Act
from gateway.audit.recorder import Recorder
from gateway.domain import Context
from gateway.reconciliation.closing import Closing
from gateway.reconciliation.model import BANK, DayReport, Statement
from gateway.reconciliation.service import Reconciliation, Seen
from gateway.reconciliation.statements import read_statement
from gateway.reconciliation.store import StatementStore
from gateway.sdk import ConfigurationError


class DayActs:
    """What the command line and the console call."""

    def __init__(
        self,
        reconciliation: Reconciliation,
        closing: Closing,
        recorder: Recorder,
        *,
        rails: Sequence[str],
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self.rails = rails
        self._reconciliation = reconciliation
        self._closing = closing
        self._recorder = recorder
        self._atomically = atomically
        self._clock = clock

    async def begin(self, day: date, rail: str, *, context: Context) -> Sequence[str]:
        """The leaf, before anything is asked. What is to be compared: one rail, or `bank`, or where none is named all
        of them, the bank last. `ConfigurationError`: there is no such rail."""
        every = (*self.rails, BANK)
        if rail not in {"", *every}:
            told = ", ".join(every)
            raise ConfigurationError(
                f"There are these rails: {told}.", vi=f"Chỉ có các kênh: {told}.", what="no_such_rail"
            )
        act = Act(operation="reconcile_money", reference=day.isoformat(), facts={"rail": rail or "all"})
        await self._recorder.record(act.entry(context, at=self._clock()))
        return [rail] if rail else every

    async def compare(self, day: date, rail: str, *, context: Context, seen: Seen = lambda *_: None) -> DayReport:
        """One of those. Errors are those of `Reconciliation`."""
        if rail == BANK:
            return await self._reconciliation.reconcile_bank(day, self.rails, context=context, seen=seen)
        return await self._reconciliation.reconcile(day, rail, context=context, seen=seen)

    async def close(self, day: date, rail: str, *, by: str, context: Context) -> DayReport:
        """No evidence, no act: closing and its leaf stand or fall together. Errors are those of `Closing`."""
        async with self._atomically():
            report = await self._closing.close(day, rail, by=by, tenant=context.tenant)
            act = Act(
                operation="close_money_day",
                reference=day.isoformat(),
                facts={"rail": rail, "findings": len(report.findings)},
                bodies={"by": by.encode()},
            )
            await self._recorder.record(act.entry(context, at=self._clock()))
        return report


class StatementActs:
    """Read a statement, and take it in."""

    def __init__(
        self,
        statements: StatementStore,
        recorder: Recorder,
        *,
        columns: Mapping[str, str],
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        """`columns`: the bank's own name of each field, where it is another."""
        self._statements = statements
        self._recorder = recorder
        self._columns = columns
        self._atomically = atomically
        self._clock = clock

    def read(self, content: bytes, *, account: str, columns: Mapping[str, str] | None = None) -> Statement:
        """`UnprocessableError` names every line and field that is wrong. `columns`: of this file alone."""
        return read_statement(content, account=account, columns={**self._columns, **(columns or {})})

    async def take(self, statement: Statement, *, by: str, context: Context) -> int | None:
        """How many of its lines are new; None: this very file was taken before."""
        async with self._atomically():
            added = await self._statements.add(context.tenant, statement, by=by, now=self._clock())
            facts: dict[str, str | int] = {"lines": len(statement.lines), "new": added or 0, "sha256": statement.sha256}
            act = Act(operation="import_statement", reference=f"statement:{statement.account}", facts=facts)
            await self._recorder.record(act.entry(context, at=self._clock()))
        return added

    async def covered(self, tenant: str) -> Mapping[str, date]:
        """The last day of each account's statements."""
        return await self._statements.covered(tenant)
