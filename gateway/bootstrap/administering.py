"""What the console's pages of administration call, put together."""

from __future__ import annotations

from datetime import timedelta

from gateway.bootstrap.capabilities import Capabilities
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.staffing import code_flow
from gateway.console.administration import Administration
from gateway.operators.policy import Policy


def administration(ground: Ground, *, able: Capabilities) -> Administration:
    own = ground.settings.operators
    return Administration(
        staffing=able.staffing,
        policy=Policy.of(own),
        provider=code_flow(ground, able.staffing),
        unused=timedelta(days=own.unused_days),
    )
