"""Log in and out: password and second factor, one answer for every failure, and a wait for whoever guesses."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from gateway.operators.account import Account
from gateway.operators.log import AccountLog, Happening
from gateway.operators.model import LOGIN, Operator
from gateway.operators.passwords import Passwords
from gateway.operators.policy import Policy
from gateway.operators.second import plain_recovery, step_of
from gateway.operators.sessions import Sessions
from gateway.operators.store import AccountStore, FailureStore
from gateway.sdk.errors import NotAuthenticatedError
from gateway.signing.model import Digester

RECOVERY = "operator-recovery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What somebody says who wants in. `code` is of the authenticator app, or a recovery code."""

    login: str
    password: str = field(repr=False)
    code: str = field(repr=False)
    address: str = field(default="", repr=False)
    """Of the network, if known."""
    replaces: str = field(default="", repr=False)
    """Token of the session that was open before; it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session that began."""

    token: str = field(repr=False)
    operator: Operator
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """What a log-in is checked with."""

    accounts: AccountStore
    failures: FailureStore
    passwords: Passwords
    digester: Digester


class Entrance:
    def __init__(
        self,
        proofs: Proofs,
        sessions: Sessions,
        *,
        log: AccountLog,
        policy: Policy,
        clock: Callable[[], datetime],
    ) -> None:
        self._proofs = proofs
        self._sessions = sessions
        self._log = log
        self._policy = policy
        self._clock = clock

    async def log_in(self, tenant: str, said: Credentials) -> Opened:
        """`NotAuthenticatedError`, always in the same words: what was wrong, and whether one has to wait, is nobody's
        business. The work done is the same."""
        return await self.open(await self.prove(tenant, said), said)

    async def prove(self, tenant: str, said: Credentials, *, operation: str = "log_in") -> Account:
        """The account whose password and code these are; refused as a log-in is. `operation`: what it is for."""
        address = await self.knock(tenant, said.address)
        login = said.login.strip().lower()
        account = await self._proofs.accounts.find(tenant, login) if LOGIN.fullmatch(login) else None
        may_try = await self._may_try(tenant, account=account, login=login)
        right = await self._proofs.passwords.verify(account.password if account else None, said.password)
        # The code is spent only once the password was right: who does not know it can burn none.
        active = account is not None and account.disabled_at is None
        if account is None or not (may_try and right and active) or not await self._second(account, said.code):
            known = account.login if account else ""
            await self._log.write(Happening(operation=operation, tenant=tenant, login=known, outcome="refused"))
            raise refused()
        if address:  # where operators come in all day long, what they did right must not add up
            await self._proofs.failures.forget(tenant, address)
        await self._proofs.failures.forget(tenant, f"login:{account.login}")
        return account

    async def log_out(self, tenant: str, token: str) -> bool:
        who = await self._sessions.operator_of(tenant, token)
        done = await self._sessions.end(tenant, token)
        if who is not None and done:
            await self._log.write(Happening(operation="log_out", tenant=tenant, login=who.login, actor=who.actor))
        return done

    async def open_vouched(self, operator: Operator, *, address: str, replaces: str) -> Opened:
        """A session for whom the identity provider vouched: its second factor, its roles, our time-outs. `address`: as
        `knock` counted it."""
        if address:
            await self._proofs.failures.forget(operator.tenant, address)
        await self._sessions.end(operator.tenant, replaces)
        facts = {"by": "identity_provider", "roles": " ".join(sorted(operator.roles))}
        entered = {"tenant": operator.tenant, "login": operator.login, "actor": operator.actor}
        await self._log.write(Happening(operation="log_in", facts=facts, **entered))
        token, expires_at = await self._sessions.begin(operator.tenant, operator.login, roles=operator.roles)
        return Opened(token=token, operator=operator, expires_at=expires_at)

    async def open(self, account: Account, said: Credentials) -> Opened:
        """A new session of an account that was proven; the one before is over."""
        tenant, login = account.tenant, account.login
        await self._sessions.end(tenant, said.replaces)
        if self._proofs.passwords.is_old(account.password):
            await self._proofs.accounts.set_password(tenant, login, await self._proofs.passwords.hash(said.password))
        actor = account.operator.actor
        await self._log.write(Happening(operation="log_in", tenant=tenant, login=login, actor=actor))
        await self._proofs.accounts.entered(tenant, login, at=self._clock())
        token, expires_at = await self._sessions.begin(tenant, login)
        return Opened(token=token, operator=account.operator, expires_at=expires_at)

    async def knock(self, tenant: str, address: str) -> str:
        """How the address is counted. One that has to wait is sent away before anything else: it must neither burn a
        login's tries, and so lock its owner out, nor have us hash passwords all day, nor write a leaf each time."""
        if not address:
            return ""
        digest = self._proofs.digester.digest(_subscriber(address).encode(), purpose="operator-address").hex()[:32]
        party = f"address:{digest}"
        if not await self._counted(tenant, party, free=self._policy.address_failures):
            raise refused()
        return party

    async def _may_try(self, tenant: str, *, account: Account | None, login: str) -> bool:
        """Counted always. A login that nobody has is counted like others, by a digest."""
        nobody = self._proofs.digester.digest(login.encode(), purpose="operator-failure").hex()[:32]
        known = account.login if account else ""
        return await self._counted(tenant, f"login:{known or nobody}", free=self._policy.free_failures, login=known)

    async def _counted(self, tenant: str, party: str, *, free: int, login: str = "") -> bool:
        admitted, count = await self._proofs.failures.attempt(
            tenant, party, now=self._clock(), ladder=self._policy.ladder(free)
        )
        if admitted and count == free:
            await self._log.locked(tenant, login=login, failures=count)
        return admitted

    async def _second(self, account: Account, code: str) -> bool:
        step = step_of(account.secret, code, at=self._clock())
        if step is not None:
            return await self._proofs.accounts.take_step(account.tenant, account.login, step)
        digest = digest_recovery(self._proofs.digester, code, account=account)
        return await self._proofs.accounts.take_recovery(account.tenant, account.login, digest)


def digest_recovery(digester: Digester, code: str, *, account: Account) -> bytes:
    """Bound to its account."""
    return digester.digest(plain_recovery(code).encode(), purpose=f"{RECOVERY}/{account.tenant}/{account.login}")


def _subscriber(address: str) -> str:
    """IPv6 is counted by its /64, which is what one subscriber has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)


def refused() -> NotAuthenticatedError:
    return NotAuthenticatedError(
        "Login, password or code is wrong, or there were too many tries; wait a while and try again.",
        vi="Sai tên đăng nhập, mật khẩu hoặc mã xác thực, hoặc đã thử quá nhiều lần; hãy chờ rồi thử lại.",
    )
