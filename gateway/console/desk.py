"""Everything that the pages call; `bootstrap` fills it in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from gateway.alarms.model import AlarmService
from gateway.alerts.service import Alerts
from gateway.api.services import Services
from gateway.audit.checks import LogChecks
from gateway.audit.reviews import Reviews
from gateway.catalogues.acting import Takeover
from gateway.catalogues.store import CatalogueStore
from gateway.console.admin_desk import AdminDesk
from gateway.console.delivery_desk import DeliveryDesk
from gateway.console.live import Live
from gateway.console.money_desk import MoneyDesk
from gateway.delivery.store import Outbox
from gateway.diagnostics.service import Diagnostics
from gateway.diagnostics.signatures import Signatures
from gateway.dossiers.progress import Progress
from gateway.exchange.system import System
from gateway.maintenance.service import Maintenance
from gateway.maintenance.status import StatusPage
from gateway.mapping.book import Book
from gateway.operators.service import Operators
from gateway.privacy.acts import PrivacyActs
from gateway.privacy.packages import EvidencePackages
from gateway.restraint.settling import Settling
from gateway.retention.service import Retention
from gateway.scores.service import Scores
from gateway.traffic.board import Board
from gateway.traffic.store import TrafficStore
from gateway.transactions.contents import Contents
from gateway.transactions.course import Courses
from gateway.transactions.service import Transactions


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Bàn điều khiển: the services of the API, and what people see beyond it."""

    services: Services
    operators: Operators
    outbox: Outbox
    alarms: AlarmService
    settling: Settling
    alerts: Alerts
    board: Board
    live: Live
    traffic: TrafficStore
    delivery: DeliveryDesk
    admin: AdminDesk
    money: MoneyDesk
    targets: tuple[str, ...]
    """Ids of the configured systems."""
    progress: Progress
    maintenance: Maintenance
    status: StatusPage
    systems: Mapping[str, System]
    transactions: Transactions
    courses: Courses
    contents: Contents
    scores: Scores
    drift: CatalogueStore
    """The code lists, their changes, and what waits for a code."""
    takeover: Takeover
    checks: LogChecks
    reviews: Reviews
    packages: EvidencePackages
    privacy_acts: PrivacyActs
    retention: Retention
    spooled: Callable[[], int]
    """Bytes of evidence that wait on this machine because the log cannot be written."""
    unused: timedelta
    """An account that nobody used for so long is named by reviews."""
    book: Book
    diagnostics: Diagnostics
    signatures: Signatures
