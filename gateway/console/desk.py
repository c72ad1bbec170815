"""Everything that the pages call; `bootstrap` fills it in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from gateway.api.services import Services
from gateway.audit.checks import LogChecks
from gateway.audit.reviews import Reviews
from gateway.delivery.store import Outbox
from gateway.operators.service import Operators
from gateway.privacy.acts import PrivacyActs
from gateway.privacy.packages import EvidencePackages
from gateway.retention.service import Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Bàn điều khiển: the services of the API, and what people see beyond it."""

    services: Services
    operators: Operators
    outbox: Outbox
    targets: tuple[str, ...]
    """Ids of the configured systems."""
    checks: LogChecks
    reviews: Reviews
    packages: EvidencePackages
    privacy_acts: PrivacyActs
    retention: Retention
    spooled: Callable[[], int]
    """Bytes of evidence that wait on this machine because the log cannot be written."""
    unused: timedelta
    """An account that nobody used for so long is named by reviews."""
