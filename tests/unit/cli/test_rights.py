"""What each command takes of whoever has logged in."""

from __future__ import annotations

import pytest

from gateway.cli import session
from gateway.cli.main import app
from gateway.cli.rights import COMMANDS, SETTLES, commands
from gateway.operators.model import RIGHTS, Operator, Right, Role
from gateway.sdk.errors import NotAllowedError

ASK_THEMSELVES = ("approvals ", "agreements ", "privacy ", "login", "logout")
"""By the service behind them, or with `check_right`, since they take a right by what is asked."""

NEED_NOBODY = ("run", "api", "worker", "migrate", "mocks", "openapi", "doctor", "soap wsdl", "soap xsd")


def test_every_command_says_what_it_takes() -> None:
    """SEC-17 (part)."""
    listed = [*SETTLES, *(path for paths in COMMANDS.values() for path in paths)]
    assert len(listed) == len(set(listed))
    known = {path for path, _ in commands(app) if not path.startswith(ASK_THEMSELVES) and path not in NEED_NOBODY}
    assert set(listed) == known


@pytest.mark.parametrize("role", Role)
def test_a_right_that_a_role_lacks_is_asked_for(role: Role) -> None:
    """SEC-17 (part)."""
    who = Operator(tenant="H99", login="an.mau", roles=frozenset({role}))
    for right in Right:
        with session.needing(frozenset({right})):
            if right in RIGHTS[role]:
                assert session.held(who) is who
            else:
                with pytest.raises(NotAllowedError, match=right):
                    session.held(who)
