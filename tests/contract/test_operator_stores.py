"""Operators: accounts, log-ins and sessions, on every store."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from services import NOW, ListedRecorder
from staff_house import PASSWORD, cheap, code_of, hire, memory, secret_of, staffing

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.operators.account import Enrolment
from gateway.operators.accounts import Wanted
from gateway.operators.entrance import Credentials, Opened
from gateway.operators.model import Operator, Role
from gateway.operators.parts import Kept
from gateway.operators.passwords import Passwords
from gateway.operators.postgres import PostgresAccounts, PostgresFailures, PostgresSessions
from gateway.sdk.errors import ConflictError, NotAuthenticatedError, NotFoundError, UnprocessableError
from gateway.signing import Keyring

WRONG = "bốn con trâu nâu"
BY = "operator:quantri2"


class House:
    """A province with one operator, `an`, and a clock that a test turns."""

    def __init__(self, on: Any, keyring: Keyring) -> None:
        self.now: datetime = NOW
        self.tenant = f"T{uuid4().hex[:12].upper()}"
        self.recorder, self.alarms = ListedRecorder(), MemoryAlarms()
        self.keyring = keyring
        self.kept = memory()
        if on:
            accounts = PostgresAccounts(on, keyring)
            self.kept = Kept(accounts=accounts, sessions=PostgresSessions(on), failures=PostgresFailures(on))
        self.staff = self.open(cheap())
        self.an: Enrolment

    def open(self, passwords: Passwords) -> Any:
        alarms = Alarms(self.alarms, recorder=ListedRecorder(), clock=lambda: self.now)
        own: dict[str, Any] = {"tenant": self.tenant, "clock": lambda: self.now, "kept": self.kept}
        return staffing(self.keyring, self.recorder, alarms, passwords=passwords, **own)

    @property
    def code(self) -> str:
        return code_of(self.an, self.now)

    async def enter(self, password: str = PASSWORD, code: str | None = None, **other: str) -> Opened:
        code = self.code if code is None else code
        said = Credentials(**{"login": "an", "password": password, "code": code, **other})
        return await self.staff.entrance.log_in(self.tenant, said)  # type: ignore[no-any-return]  # the house is Any

    async def refused(self, password: str = PASSWORD, code: str | None = None, **other: str) -> None:
        with pytest.raises(NotAuthenticatedError) as raised:
            await self.enter(password, code, **other)
        assert raised.value.detail.startswith("Login, password or code is wrong, or there were too many tries")

    async def who(self, token: str) -> Operator:
        return await self.staff.operators.authenticate(f"Bearer {token}")  # type: ignore[no-any-return]

    async def nobody(self, token: str) -> None:
        with pytest.raises(NotAuthenticatedError):
            await self.who(token)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    @property
    def told(self) -> list[tuple[str, str, str]]:
        return [(entry.operation, entry.reference, entry.outcome) for entry in self.recorder.entries]


@pytest.fixture
async def house(on: Any, keyring: Keyring) -> House:
    house = House(on, keyring)
    house.an = await hire(house.staff, house.tenant, "an", Role.OPERATOR)
    return house


async def test_whoever_has_password_and_code_comes_in_and_goes(house: House) -> None:
    """SEC-12 (part), SEC-17 (part): each event of an account is a leaf."""
    opened = await house.enter()
    assert opened.token.startswith("lts_")
    assert (await house.who(opened.token)).roles == {Role.OPERATOR}
    assert await house.staff.entrance.log_out(house.tenant, opened.token)
    await house.nobody(opened.token)
    await house.refused(WRONG)
    of = "operator:an"
    assert house.told == [
        ("add_operator", of, "answered"),
        ("log_in", of, "answered"),
        ("log_out", of, "answered"),
        ("log_in", of, "refused"),
    ]
    assert PASSWORD not in repr(house.recorder.entries)


async def test_one_without_the_other_is_not_enough(house: House) -> None:
    """SEC-17 (part): nobody comes in without the second factor."""
    for password, code in ((WRONG, None), (PASSWORD, ""), (PASSWORD, "000000x"), ("", ""), (PASSWORD, "é")):
        await house.refused(password, code)
        house.later(hours=2)


async def test_a_code_is_good_once(house: House) -> None:
    code = house.code
    await house.enter(code=code)
    await house.refused(code=code)
    house.later(seconds=30)
    await house.refused(code=code)
    await house.enter()


async def test_of_many_at_once_with_one_code_one_comes_in(house: House) -> None:
    done = await asyncio.gather(*(house.enter() for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(each, Opened) for each in done) == 1


@pytest.mark.parametrize(("off", "good"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
async def test_a_clock_may_be_one_step_off(house: House, off: int, good: bool) -> None:
    code = code_of(house.an, house.now + timedelta(seconds=off))
    await (house.enter(code=code) if good else house.refused(code=code))


async def test_a_wrong_password_burns_no_code(house: House) -> None:
    code = house.code
    await house.refused(WRONG, code)
    assert await house.enter(code=code)


async def test_a_recovery_code_opens_once_and_is_not_stored(house: House) -> None:
    first, second, *_ = house.an.recovery_codes
    assert await house.enter(code=first.upper().replace("-", " "))
    await house.refused(code=first)
    assert await house.enter(code=second)
    account = await house.staff.accounts.find(house.tenant, "an")
    assert len(account.recovery) == len(house.an.recovery_codes) - 2
    assert first.encode() not in b"".join(account.recovery)


async def test_guessing_has_to_wait_longer_each_time_but_not_for_ever(house: House) -> None:
    for _ in range(5):
        await house.refused(WRONG)
    await house.refused()  # right, but too early
    house.later(seconds=59)
    await house.refused()
    house.later(seconds=1)
    await house.refused(WRONG)
    house.later(seconds=119)
    await house.refused()
    house.later(seconds=1)
    assert await house.enter()
    await house.refused(WRONG)
    house.later(seconds=30)
    assert await house.enter()  # what was before is forgotten
    locked = [each for each in house.told if each[0] == "operator_locked"]
    assert locked == [("operator_locked", "operator:an", "locked")]
    (alarm,) = await house.alarms.listed(house.tenant, everything=False, limit=9)
    assert alarm.occasion.about == "operator:an"


async def test_the_longest_wait_is_an_hour(house: House) -> None:
    for _ in range(14):
        await house.refused(WRONG)
        house.later(hours=1)
    assert await house.enter()


async def test_many_guesses_at_once_are_not_tried_for_the_price_of_one(house: House) -> None:
    await asyncio.gather(*(house.refused(WRONG) for _ in range(12)))
    await house.refused()


async def test_an_address_that_tries_many_logins_has_to_wait(house: House) -> None:
    for number in range(20):
        await house.refused(login=f"khong{number}", address="203.0.113.9")
    await house.refused(address="203.0.113.9")
    house.later(seconds=30)
    assert await house.enter(address="203.0.113.10")


async def test_an_address_that_has_to_wait_locks_nobody_out_and_writes_nothing_more(house: House) -> None:
    for number in range(20):
        await house.refused(login=f"khong{number}", address="203.0.113.9")
    before = len(house.told)
    for _ in range(10):
        await house.refused(WRONG, address="203.0.113.9")
    assert len(house.told) == before
    assert await house.enter(address="203.0.113.10")


async def test_where_operators_come_in_all_day_long_they_do_not_have_to_wait(house: House) -> None:
    for _ in range(40):
        assert await house.enter(address="203.0.113.9")
        house.later(minutes=10)


async def test_all_addresses_of_one_subscriber_are_one(house: House) -> None:
    for number in range(20):
        await house.refused(login=f"khong{number}", address=f"2001:db8:1:1::{number:x}")
    await house.refused(address="2001:db8:1:1:ffff::1")
    assert await house.enter(address="2001:db8:1:2::1")


async def test_a_login_that_nobody_has_is_not_written_down(house: House) -> None:
    """People type their password where the login belongs."""
    await house.refused(login="matkhau-cua-toi")
    assert house.told[-1] == ("log_in", "", "refused")
    assert "matkhau-cua-toi" not in repr(house.recorder.entries)


async def test_an_idle_session_is_over(house: House) -> None:
    token = (await house.enter()).token
    for _ in range(3):
        house.later(minutes=29)
        await house.who(token)
    house.later(minutes=30)
    await house.nobody(token)
    house.now -= timedelta(minutes=29)
    await house.nobody(token)  # it does not come back


async def test_a_session_that_is_always_used_is_over_all_the_same(house: House) -> None:
    token = (await house.enter()).token
    for _ in range(19):
        house.later(minutes=25)
        await house.who(token)
    house.later(minutes=5)
    await house.nobody(token)


async def test_a_log_in_gives_a_new_token_and_ends_the_old_one(house: House) -> None:
    """Session fixation: nobody chooses a token but we."""
    first = (await house.enter()).token
    house.later(minutes=1)
    second = (await house.enter(replaces=first)).token
    assert second != first
    await house.nobody(first)
    house.later(minutes=1)
    chosen = "lts_" + "0" * 64
    assert (await house.enter(replaces=chosen)).token != chosen
    await house.nobody(chosen)


async def test_a_disabled_accounts_sessions_die_at_once_and_it_opens_no_more(house: House) -> None:
    token = (await house.enter()).token
    await house.staff.accounts.disable(house.tenant, "an", by=BY)
    await house.nobody(token)
    house.later(minutes=1)
    await house.refused()
    with pytest.raises(ConflictError):
        await house.staff.accounts.disable(house.tenant, "an", by=BY)
    await house.staff.accounts.enable(house.tenant, "an", by=BY)
    await house.nobody(token)
    house.later(minutes=1)
    assert await house.enter()


async def test_an_account_that_the_database_says_is_disabled_is_not_believed_by_an_open_session(house: House) -> None:
    token = (await house.enter()).token
    await house.kept.accounts.set_disabled(house.tenant, "an", at=house.now)
    await house.nobody(token)


async def test_other_roles_another_second_factor_or_password_end_the_sessions(house: House) -> None:
    accounts = house.staff.accounts
    changes = [
        lambda: accounts.set_roles(house.tenant, "an", [Role.VIEWER], by=BY),
        lambda: accounts.set_password(house.tenant, "an", PASSWORD, by=BY),
        lambda: accounts.end_sessions(house.tenant, "an", by=BY),
    ]
    for change in changes:
        token = (await house.enter()).token
        await change()
        await house.nobody(token)
        house.later(minutes=1)
    before = house.an
    house.an = await accounts.reset_second(house.tenant, "an", by=BY)
    await house.refused(code=code_of(before, house.now))
    await house.refused(code=before.recovery_codes[0])
    assert (await house.enter()).operator.roles == {Role.VIEWER}
    facts = next(entry.facts for entry in house.recorder.entries if entry.operation == "change_roles")
    assert facts == {"before": "operator", "roles": "viewer"}


async def test_somebody_has_five_sessions_at_most(house: House) -> None:
    tokens = []
    for _ in range(6):
        tokens.append((await house.enter()).token)
        house.later(seconds=30)
    await house.nobody(tokens[0])
    await house.who(tokens[1])
    assert len(await house.staff.sessions.open(house.tenant)) == 5


async def test_a_session_is_worth_nothing_in_another_province(house: House, on: Any, keyring: Keyring) -> None:
    token = (await house.enter()).token
    other = House(on, keyring)
    other.kept = house.kept
    await other.nobody(token)


async def test_only_digests_and_sealed_secrets_are_stored(house: House, on: Any) -> None:
    """SEC-18 (part)."""
    token = (await house.enter()).token
    (session,) = await house.kept.sessions.all(house.tenant)
    assert token.encode() not in session.digest
    account = await house.staff.accounts.find(house.tenant, "an")
    assert account.password.startswith("$argon2id$")
    assert secret_of(house.an) not in repr(account)
    if on:
        async with on.transaction() as connection:
            row = await (await connection.execute("SELECT * FROM operator WHERE login = 'an'")).fetchone()
            assert secret_of(house.an).encode() not in bytes(row["secrets"])


async def test_an_older_hash_is_made_anew_at_log_in(house: House) -> None:
    before = (await house.staff.accounts.find(house.tenant, "an")).password
    house.staff = house.open(Passwords(PasswordHasher(time_cost=2, memory_cost=64, parallelism=1)))
    await house.enter()
    after = (await house.staff.accounts.find(house.tenant, "an")).password
    assert ("t=1" in before, "t=2" in after) == (True, True)
    house.later(minutes=1)
    assert await house.enter()


@pytest.mark.parametrize("password", ["short", "administrator1", "matkhau matkhau", "aaaaaaaaaaaa", ""])
async def test_a_password_that_is_guessed_first_is_refused(house: House, password: str) -> None:
    with pytest.raises(UnprocessableError) as raised:
        await house.staff.accounts.set_password(house.tenant, "an", password, by=BY)
    assert raised.value.error_code == "caller.password"


async def test_a_password_that_holds_the_login_is_refused(house: House) -> None:
    wanted = Wanted(login="quantri.tinh", roles=frozenset({Role.VIEWER}), password="2026-Quantri.Tinh")
    with pytest.raises(UnprocessableError) as raised:
        await house.staff.accounts.add(house.tenant, wanted, by=BY)
    assert raised.value.error_code == "caller.password"


@pytest.mark.parametrize("login", ["", "A", "An", "a b", "x" * 41, "an" + "0" * 9, "é"])
async def test_a_login_that_is_none_is_refused(house: House, login: str) -> None:
    wanted = Wanted(login=login, roles=frozenset({Role.VIEWER}), password=PASSWORD)
    with pytest.raises(UnprocessableError):
        await house.staff.accounts.add(house.tenant, wanted, by=BY)


async def test_a_login_is_given_once_also_after_it_was_disabled(house: House) -> None:
    await house.staff.accounts.disable(house.tenant, "an", by=BY)
    with pytest.raises(ConflictError):
        await hire(house.staff, house.tenant, "an", Role.VIEWER)


@pytest.mark.parametrize("roles", [[], [Role.AUDITOR, Role.ADMINISTRATOR], [Role.PROTECTION_OFFICER, Role.OPERATOR]])
async def test_who_watches_does_not_do(house: House, roles: list[Role]) -> None:
    """SEC-17 (part): separation of duties."""
    with pytest.raises(UnprocessableError) as raised:
        await house.staff.accounts.set_roles(house.tenant, "an", roles, by=BY)
    assert raised.value.error_code == "caller.roles_apart"


async def test_nobody_changes_their_own_account(house: House) -> None:
    accounts, by = house.staff.accounts, "operator:an"
    for change in (
        lambda: accounts.set_roles(house.tenant, "an", [Role.ADMINISTRATOR], by=by),
        lambda: accounts.disable(house.tenant, "an", by=by),
        lambda: accounts.reset_second(house.tenant, "an", by=by),
    ):
        with pytest.raises(ConflictError):
            await change()
    with pytest.raises(NotFoundError):
        await accounts.disable(house.tenant, "khong", by=BY)


async def test_the_review_names_who_was_not_here_for_long(house: House) -> None:
    """SEC-12 (part)."""
    await hire(house.staff, house.tenant, "binh", Role.AUDITOR)
    await hire(house.staff, house.tenant, "chi", Role.VIEWER)
    await house.staff.accounts.disable(house.tenant, "chi", by=BY)
    house.later(days=91)
    await house.enter()
    found = await house.staff.accounts.review(house.tenant, unused=timedelta(days=90), by=BY)
    assert [(each.login, each.kind) for each in found] == [("binh", "unused"), ("chi", "disabled")]
    assert house.recorder.entries[-1].facts == {"accounts": 3, "findings": 2}


async def test_whoever_guessed_waits_until_somebody_unlocks_them(house: House) -> None:
    """SEC-17 (part)."""
    for _ in range(5):
        await house.refused(WRONG)
    assert list(await house.staff.accounts.locked(house.tenant)) == ["an"]
    await house.refused()
    await house.staff.accounts.unlock(house.tenant, "an", by=BY)
    assert house.told[-1] == ("unlock_operator", "operator:an", "answered")
    assert await house.enter()
    assert not await house.staff.accounts.locked(house.tenant)
    with pytest.raises(ConflictError):
        await house.staff.accounts.unlock(house.tenant, "an", by=BY)


async def test_the_wait_doubles_and_ends_by_itself(house: House) -> None:
    """SEC-17 (part)."""
    for minutes in (1, 2, 4):
        for _ in range(5 if minutes == 1 else 1):
            await house.refused(WRONG)
        until = (await house.staff.accounts.locked(house.tenant))["an"]
        assert until == house.now + timedelta(minutes=minutes)
        house.later(minutes=minutes)
        assert not await house.staff.accounts.locked(house.tenant)
    assert await house.enter()


async def test_all_sessions_but_one_end(house: House) -> None:
    tokens = []
    for _ in range(3):
        house.later(minutes=1)
        tokens.append((await house.enter()).token)
    who = await house.who(tokens[0])
    assert await house.staff.own.end_others(who, but=tokens[0]) == 2
    assert await house.who(tokens[0])
    for token in tokens[1:]:
        await house.nobody(token)


async def test_a_session_that_was_vouched_for_has_the_roles_that_were_said(house: House) -> None:
    """SEC-17 (part): idle and absolute time-outs hold for it as for others."""
    who = Operator(tenant=house.tenant, login="binh", roles=frozenset({Role.OPERATOR}))
    opened = await house.staff.entrance.open_vouched(who, address="", replaces="")
    assert await house.who(opened.token) == who
    house.later(minutes=29)
    assert await house.who(opened.token)
    house.later(minutes=30)
    await house.nobody(opened.token)
    opened = await house.staff.entrance.open_vouched(who, address="", replaces="")
    for _ in range(19):
        house.later(minutes=25)
        await house.who(opened.token)
    house.later(minutes=5)
    await house.nobody(opened.token)
    again = await house.staff.entrance.open_vouched(who, address="", replaces="")
    assert await house.staff.accounts.end_sessions(house.tenant, "binh", by=BY) == 1
    await house.nobody(again.token)
