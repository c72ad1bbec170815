"""What the pages about dossiers and delivery call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.delivery.control import Control
from gateway.delivery.jobs.service import Jobs
from gateway.delivery.store import Board, Outbox
from gateway.dossiers.dismissing import Dismissing
from gateway.dossiers.store import DossierStore
from gateway.ledger.store import LedgerStore


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDesk:
    """Bàn gửi nhận."""

    outbox: Outbox
    board: Board
    control: Control
    jobs: Jobs
    dismissing: Dismissing
    dossiers: DossierStore
    ledger: LedgerStore
    names: Mapping[str, tuple[str, str]]
    """Each configured system in both languages, by its id."""
    operations: tuple[str, ...]
    """What can be sent to any of them."""
    targets: tuple[str, ...]
    """Those that something can be sent to."""
