"""Make, change, disable and review accounts. Each is a leaf, and ends the sessions that stand on what was before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from gateway.operators.account import Account, Enrolment
from gateway.operators.entrance import digest_recovery
from gateway.operators.log import AccountLog, Happening
from gateway.operators.model import APART, LOGIN, Role
from gateway.operators.passwords import Passwords, check_password
from gateway.operators.second import new_recovery_codes, new_secret, uri_of
from gateway.operators.sessions import Sessions
from gateway.operators.store import AccountStore, FailureStore
from gateway.sdk.errors import ConflictError, NotFoundError, UnprocessableError
from gateway.signing.model import Digester


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A new account. `title` is what people call the post; the log never sees it."""

    login: str
    roles: frozenset[Role]
    password: str = field(repr=False)
    title: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a review of rights asks a person to look at: `unused`, `disabled`, `apart` (roles that one person should not
    have together)."""

    login: str
    kind: str


class Accounts:
    def __init__(
        self,
        store: AccountStore,
        sessions: Sessions,
        *,
        failures: FailureStore,
        passwords: Passwords,
        digester: Digester,
        log: AccountLog,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._failures = failures
        self._sessions = sessions
        self._passwords = passwords
        self._digester = digester
        self._log = log
        self._clock = clock

    async def add(self, tenant: str, wanted: Wanted, *, by: str) -> Enrolment:
        """What the new operator is shown, once. `by`: the actor, such as `operator:an`."""
        if not LOGIN.fullmatch(wanted.login) or any(len(part) >= 9 for part in _digits(wanted.login)):
            raise UnprocessableError(
                "A login has 2 to 40 small letters, digits, dots and dashes, and is no personal number.",
                vi="Tên đăng nhập gồm 2 tới 40 chữ thường, chữ số, dấu chấm, gạch ngang; không phải số định danh.",
                what="operator_login",
            )
        check_roles(wanted.roles)
        check_password(wanted.password, login=wanted.login)
        bare = Account(
            tenant=tenant,
            login=wanted.login,
            roles=wanted.roles,
            password=await self._passwords.hash(wanted.password),
            secret="",
            title=wanted.title,
            enrolled_by=by,
            created_at=self._clock(),
        )
        account, enrolment = self._enrol(bare)
        await self._store.add(account)
        await self._write("add_operator", account, by=by, facts={"roles": _named(wanted.roles)})
        return enrolment

    async def set_roles(self, tenant: str, login: str, roles: Collection[Role], *, by: str) -> None:
        """Nobody changes their own."""
        check_roles(roles)
        account = await self.find(tenant, login)
        _not_oneself(account, by=by)
        await self._store.set_roles(tenant, login, roles)
        await self._sessions.end_all(tenant, login)
        facts = {"before": _named(account.roles), "roles": _named(roles)}
        await self._write("change_roles", account, by=by, facts=facts)

    async def disable(self, tenant: str, login: str, *, by: str) -> None:
        """At once: open sessions die."""
        account = await self.find(tenant, login)
        _not_oneself(account, by=by)
        if not await self._store.set_disabled(tenant, login, at=self._clock()):
            raise _already()
        ended = await self._sessions.end_all(tenant, login)
        await self._write("disable_operator", account, by=by, facts={"sessions": ended})

    async def enable(self, tenant: str, login: str, *, by: str) -> None:
        account = await self.find(tenant, login)
        _not_oneself(account, by=by)
        if not await self._store.set_disabled(tenant, login, at=None):
            raise _already()
        await self._write("enable_operator", account, by=by)

    async def reset_second(self, tenant: str, login: str, *, by: str) -> Enrolment:
        """A new second factor; the old one, its recovery codes and open sessions are worth nothing any more."""
        account, enrolment = self._enrol(await self.find(tenant, login))
        _not_oneself(account, by=by)
        await self._store.set_second(replace(account, enrolled_by=by))
        await self._sessions.end_all(tenant, login)
        await self._write("reset_second_factor", account, by=by)
        return enrolment

    async def set_password(self, tenant: str, login: str, password: str, *, by: str) -> None:
        account = await self.find(tenant, login)
        check_password(password, login=login)
        await self._store.set_password(tenant, login, await self._passwords.hash(password))
        await self._sessions.end_all(tenant, login)
        await self._write("set_password", account, by=by)

    async def end_sessions(self, tenant: str, login: str, *, by: str) -> int:
        """Those of the identity provider, too: their login may have no account here."""
        ended = await self._sessions.end_all(tenant, login)
        if not ended:
            await self.find(tenant, login)
        facts: dict[str, str | int] = {"sessions": ended}
        await self._log.write(Happening(operation="end_sessions", tenant=tenant, login=login, actor=by, facts=facts))
        return ended

    async def unlock(self, tenant: str, login: str, *, by: str) -> None:
        """Whoever has to wait after failed log-ins need wait no more. `ConflictError`: nobody has to."""
        account = await self.find(tenant, login)
        _not_oneself(account, by=by)
        if login not in await self.locked(tenant):
            raise _already()
        await self._failures.forget(tenant, f"login:{login}")
        await self._write("unlock_operator", account, by=by)

    async def locked(self, tenant: str) -> Mapping[str, datetime]:
        """Logins that have to wait after failed log-ins, and until when."""
        waiting = await self._failures.waiting(tenant, now=self._clock())
        found = {party.removeprefix("login:"): until for party, until in waiting.items() if party.startswith("login:")}
        return {each.login: found[each.login] for each in await self._store.all(tenant) if each.login in found}

    async def enrolled_by(self, tenant: str, login: str) -> str:
        """The actor who made the second factor of `login`; empty of one who has no account here."""
        account = await self._store.find(tenant, login)
        return account.enrolled_by if account else ""

    async def find(self, tenant: str, login: str) -> Account:
        account = await self._store.find(tenant, login)
        if account is None:
            raise NotFoundError("There is no such operator.", vi="Không có người vận hành này.")
        return account

    async def all(self, tenant: str) -> Sequence[Account]:
        return await self._store.all(tenant)

    async def review(self, tenant: str, *, unused: timedelta, by: str) -> Sequence[Finding]:
        """The yearly review of rights (SEC-12); that it was made is a leaf."""
        accounts = await self._store.all(tenant)
        findings = self.findings(accounts, unused=unused)
        facts: dict[str, str | int] = {"accounts": len(accounts), "findings": len(findings)}
        await self._log.write(Happening(operation="review_operators", tenant=tenant, actor=by, facts=facts))
        return findings

    def findings(self, accounts: Sequence[Account], *, unused: timedelta) -> Sequence[Finding]:
        """What a review of these would find today."""
        return findings_of(accounts, since=self._clock() - unused)

    def _enrol(self, account: Account) -> tuple[Account, Enrolment]:
        secret, codes = new_secret(), new_recovery_codes()
        digests = tuple(digest_recovery(self._digester, code, account=account) for code in codes)
        uri = uri_of(secret, login=account.login, tenant=account.tenant)
        return replace(account, secret=secret, recovery=digests), Enrolment(uri=uri, recovery_codes=codes)

    async def _write(
        self, operation: str, account: Account, *, by: str, facts: Mapping[str, str | int] | None = None
    ) -> None:
        await self._log.write(
            Happening(operation=operation, tenant=account.tenant, login=account.login, actor=by, facts=facts)
        )


def check_roles(roles: Collection[Role]) -> None:
    """`UnprocessableError`: none, or two that one person must not have together (SEC-17)."""
    if not roles or any(pair <= set(roles) for pair in APART):
        raise UnprocessableError(
            "An operator has a role, and an auditor or protection officer is no operator or administrator.",
            vi="Phải có ít nhất một vai trò; kiểm toán, bảo vệ dữ liệu không kiêm vận hành, quản trị.",
            what="roles_apart",
        )


def findings_of(accounts: Sequence[Account], *, since: datetime) -> Sequence[Finding]:
    """Accounts that nobody used from `since` on, that are disabled, or whose roles belong apart."""
    return [Finding(login=each.login, kind=kind) for each in accounts for kind in _kinds(each, since)]


def _kinds(account: Account, since: datetime) -> list[str]:
    if account.disabled_at is not None:
        return ["disabled"]
    unused = (account.last_login_at or account.created_at) < since
    apart = any(pair <= account.roles for pair in APART)
    return [*(["unused"] if unused else []), *(["apart"] if apart else [])]


def _not_oneself(account: Account, *, by: str) -> None:
    if account.operator.actor == by:
        raise ConflictError(
            "Nobody changes their own account; another administrator does.",
            vi="Không tự thay đổi tài khoản của mình; cần quản trị viên khác.",
            what="own_account",
        )


def _already() -> ConflictError:
    return ConflictError("It is so already.", vi="Tài khoản đã ở trạng thái này.", what="operator_state")


def _named(roles: Collection[Role]) -> str:
    return " ".join(sorted(roles))


def _digits(text: str) -> list[str]:
    return "".join(character if character.isdigit() else " " for character in text).split()
