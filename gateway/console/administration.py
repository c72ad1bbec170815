"""What the pages of administration call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from gateway.operators.browser import CodeFlow
from gateway.operators.parts import Staffing
from gateway.operators.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Administration:
    """Quản trị."""

    staffing: Staffing
    policy: Policy
    provider: CodeFlow | None
    """The province's identity provider, where browsers may log in there."""
    unused: timedelta
    """A review names accounts that were not used for so long."""
