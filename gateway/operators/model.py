"""Who runs the gateway. Roles are data: what each may do stands in one table, and nowhere else (SEC-17)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}", re.ASCII)


class Role(StrEnum):
    """Vai trò. One person may have several; the officer for data protection and the auditor change nothing."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    PROTECTION_OFFICER = "protection_officer"
    """Người phụ trách bảo vệ dữ liệu cá nhân (NĐ 13/2023 Art 28)."""


class Right(StrEnum):
    """One kind of act."""

    LOOK = "look"
    """See states and counts; no personal data."""
    OPERATE = "operate"
    """Release, replay, pause, resume."""
    AUDIT = "audit"
    """Read the log, its proofs, and evidence packages without bodies."""
    UNSEAL = "unseal"
    """Read the bodies of what was exchanged: of one leaf with a reason, of a package with four eyes."""
    ADMINISTER = "administer"
    """Clients, operators, agreements, keys, settings."""
    PRIVACY = "privacy"
    """Reports by person, requests of persons, breaches, erasure, legal hold."""
    APPROVE = "approve"
    """Decide what somebody else asked for."""


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.LOOK}),
    Role.OPERATOR: frozenset({Right.LOOK, Right.OPERATE, Right.APPROVE}),
    Role.AUDITOR: frozenset({Right.LOOK, Right.AUDIT, Right.UNSEAL}),
    Role.ADMINISTRATOR: frozenset({Right.LOOK, Right.ADMINISTER, Right.APPROVE}),
    Role.PROTECTION_OFFICER: frozenset({Right.LOOK, Right.AUDIT, Right.UNSEAL, Right.PRIVACY, Right.APPROVE}),
}


APART = tuple(
    frozenset({watching, doing})
    for watching in (Role.AUDITOR, Role.PROTECTION_OFFICER)
    for doing in (Role.OPERATOR, Role.ADMINISTRATOR)
)
"""Roles that one person does not have together: who watches does not do (SEC-17)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Somebody who proved who they are, with a second factor. `login` is theirs alone; never a person's name."""

    tenant: str
    login: str
    roles: frozenset[Role]

    @property
    def rights(self) -> frozenset[Right]:
        return frozenset().union(*(RIGHTS[role] for role in self.roles))

    @property
    def actor(self) -> str:
        """As leaves and alarms name them."""
        return f"operator:{self.login}"


class OperatorService(Protocol):
    """Recognises operators."""

    async def authenticate(self, authorization: str | None) -> Operator:
        """By a session token (`lts_…`) or a token of the identity provider. `NotAuthenticatedError`, always in the same
        words; also when the second factor is missing (SEC-17)."""
