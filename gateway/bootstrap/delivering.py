"""What people do to delivery and to parked steps: one service each, for the command line and the console."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from gateway.approvals.many import Many
from gateway.approvals.model import Approvals
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.delivery.control import Control
from gateway.delivery.jobs.model import Work
from gateway.delivery.jobs.run import Run
from gateway.delivery.jobs.service import Jobs
from gateway.delivery.jobs.works import works
from gateway.delivery.postgres_board import PostgresBoard
from gateway.delivery.store import Board
from gateway.dossiers.dismissing import Dismissing
from gateway.ledger.service import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivering:
    """One of each."""

    board: Board
    control: Control
    many: Many
    jobs: Jobs
    dismissing: Dismissing

    @classmethod
    def on(cls, ground: Ground, stores: Stores, *, approvals: Approvals, ledger: Ledger) -> Delivering:
        settings = ground.settings
        recorded: dict[str, Any] = {
            "recorder": ground.recorder,
            "atomically": ground.database.transaction,
            "clock": utc_now,
        }
        board = PostgresBoard(ground.database)
        many = Many(approvals, alone=settings.approvals.many if settings.four_eyes else None)
        control = Control(
            stores.outbox,
            targets=tuple(ground.exchange.targets),
            replaces=partial(_replaces, ground),
            **recorded,
        )

        async def reconcile(run: Run) -> None:
            await ledger.order(run.job.target, context=run.context, seen=run.seen)

        return cls(
            board=board,
            control=control,
            many=many,
            jobs=Jobs(stores.office.jobs, {**works(control), Work.RECONCILE: reconcile}, many=many, **recorded),
            dismissing=Dismissing(stores.dossiers, **recorded),
        )


def _replaces(ground: Ground, target: str, operation: str) -> bool:
    """Messages may be older than what is configured now."""
    system = ground.exchange.systems.get(target)
    known = system and system.operations.get(operation)
    return bool(known and known.replaces)
