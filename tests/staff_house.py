"""Operators for tests: hashes that cost little, stores in memory, and codes as an authenticator app shows them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
from argon2 import PasswordHasher

from gateway.operators.account import Enrolment
from gateway.operators.accounts import Wanted
from gateway.operators.entrance import Credentials, Opened
from gateway.operators.log import AccountLog
from gateway.operators.memory import MemoryAccounts, MemoryFailures, MemorySessions
from gateway.operators.model import Role
from gateway.operators.parts import House, Kept, Staffing
from gateway.operators.passwords import Passwords
from gateway.operators.policy import Policy
from gateway.operators.settings import OperatorsSettings
from gateway.signing import Keyring

PASSWORD = "bốn con trâu đen"


def cheap() -> Passwords:
    return Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


def memory() -> Kept:
    return Kept(accounts=MemoryAccounts(), sessions=MemorySessions(), failures=MemoryFailures())


def staffing(
    keyring: Keyring,
    recorder: Any,
    alarms: Any,
    *,
    tenant: str,
    clock: Callable[[], datetime],
    kept: Kept | None = None,
    tokens: Any = None,
    passwords: Passwords | None = None,
) -> Staffing:
    policy = Policy.of(OperatorsSettings())
    house = House(tenant=tenant, policy=policy, clock=clock, tokens=tokens, passwords=passwords or cheap())
    return Staffing.on(kept or memory(), keyring, log=AccountLog(recorder, alarms, clock=clock), house=house)


def secret_of(enrolment: Enrolment) -> str:
    return parse_qs(urlsplit(enrolment.uri).query)["secret"][0]


def code_of(enrolment: Enrolment, at: datetime) -> str:
    return pyotp.TOTP(secret_of(enrolment)).at(at)


async def hire(staff: Staffing, tenant: str, login: str, *roles: Role) -> Enrolment:
    wanted = Wanted(login=login, roles=frozenset(roles), password=PASSWORD)
    return await staff.accounts.add(tenant, wanted, by="admin:root")


async def enter(staff: Staffing, tenant: str, login: str, code: str) -> Opened:
    return await staff.entrance.log_in(tenant, Credentials(login=login, password=PASSWORD, code=code))
