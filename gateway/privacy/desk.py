"""Everything about the data of persons, as the edges are handed it."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.privacy.looks import AccessReports
from gateway.privacy.model import BreachService, RequestService
from gateway.privacy.pack import BreachPacks
from gateway.privacy.settings import PrivacySettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """One of each."""

    reports: AccessReports
    requests: RequestService
    breaches: BreachService
    packs: BreachPacks
    settings: PrivacySettings
