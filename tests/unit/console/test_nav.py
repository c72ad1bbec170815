"""Whom a link may be shown to."""

from __future__ import annotations

import pytest

from gateway.console.nav import opens
from gateway.operators.model import RIGHTS, Role


@pytest.mark.parametrize(
    ("path", "role", "may"),
    [
        ("/console/privacy/looks?request=1", Role.OPERATOR, False),
        ("/console/privacy/looks", Role.PROTECTION_OFFICER, True),
        ("/console/payments/cases/7", Role.VIEWER, True),
        ("/console/evidence/12", Role.VIEWER, False),
        ("/elsewhere", Role.ADMINISTRATOR, False),
    ],
)
def test_a_door_is_shown_to_whoever_may_open_it(path: str, role: Role, may: bool) -> None:
    assert opens(path, RIGHTS[role]) is may
