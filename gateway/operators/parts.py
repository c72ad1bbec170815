"""Everything about operators, put together from its stores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from gateway.operators.accounts import Accounts
from gateway.operators.entrance import Entrance, Proofs
from gateway.operators.log import AccountLog
from gateway.operators.own import Own
from gateway.operators.passwords import Passwords
from gateway.operators.policy import Policy
from gateway.operators.service import Operators, TokenReader
from gateway.operators.sessions import Sessions
from gateway.operators.store import AccountStore, FailureStore, SessionStore
from gateway.signing.model import Digester


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where it is kept."""

    accounts: AccountStore
    sessions: SessionStore
    failures: FailureStore


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Whose operators they are, by which rules, and what else recognises them."""

    tenant: str
    policy: Policy
    clock: Callable[[], datetime]
    tokens: TokenReader | None = None
    passwords: Passwords = field(default_factory=Passwords)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """Who runs the gateway, and how they come in."""

    operators: Operators
    sessions: Sessions
    entrance: Entrance
    accounts: Accounts
    own: Own
    log: AccountLog
    tokens: TokenReader | None

    @classmethod
    def on(cls, kept: Kept, digester: Digester, *, log: AccountLog, house: House) -> Staffing:
        passwords, clock, policy = house.passwords, house.clock, house.policy
        sessions = Sessions(kept.sessions, kept.accounts, digester, policy=policy, clock=clock)
        proofs = Proofs(accounts=kept.accounts, failures=kept.failures, passwords=passwords, digester=digester)
        entrance = Entrance(proofs, sessions, log=log, policy=policy, clock=clock)
        accounts = Accounts(
            kept.accounts,
            sessions,
            failures=kept.failures,
            passwords=passwords,
            digester=digester,
            log=log,
            clock=clock,
        )
        return cls(
            operators=Operators(sessions, tenant=house.tenant, tokens=house.tokens),
            sessions=sessions,
            entrance=entrance,
            accounts=accounts,
            own=Own(accounts, entrance, sessions, log=log),
            log=log,
            tokens=house.tokens,
        )
