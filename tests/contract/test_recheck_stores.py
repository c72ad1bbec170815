"""Stored rechecks and receivers: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from rechecks_house import CITIZEN, REQUEST, recheck, verification
from services import NOW

from gateway.callbacks.memory import MemoryReceivers
from gateway.callbacks.model import Lease, Receiver
from gateway.callbacks.postgres import PostgresReceivers
from gateway.domain import Reason, Verdict
from gateway.lookups.model import Caution, Difference, Gap, Unchecked
from gateway.rechecks.course import RecheckPolicy, called, ended, judged, not_called
from gateway.rechecks.memory import MemoryRechecks
from gateway.rechecks.model import CallbackState, Contents, Recheck, RecheckOperation, RecheckState
from gateway.rechecks.postgres import PostgresRechecks
from gateway.sdk.errors import IntegrityError
from gateway.signing import Keyring

POLICY = RecheckPolicy()
ENTERPRISE = RecheckOperation.VERIFY_ENTERPRISE
EMPTY = Contents(request=None, result=None)
FOUND = verification(
    Verdict.MISMATCH,
    compared=("full_name",),
    differences=(Difference(field="full_name", how="similar", why=(Reason.MARKS,)),),
    unchecked=(Unchecked(field="birth_date", gap=Gap.ONLY_YEAR),),
    compared_by="gateway",
    cautions=(Caution.CHECK_DIGIT,),
    facts={"status": "Đang hoạt động"},
)


@pytest.fixture
def store(on: Any, keyring: Keyring) -> Any:
    return PostgresRechecks(on, keyring) if on else MemoryRechecks()


@pytest.fixture
def receivers(on: Any, keyring: Keyring) -> Any:
    return PostgresReceivers(on, keyring) if on else MemoryReceivers()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


def lease(owner: str, now: datetime = NOW, *, seconds: float = 60) -> Lease:
    return Lease(owner=owner, now=now, until=now + timedelta(seconds=seconds))


async def put(store: Any, tenant: str, number: int = 1, **changes: Any) -> Recheck:
    found: Recheck = await store.add(recheck(number, tenant=tenant, **changes), REQUEST)
    return found


async def claimed(store: Any, tenant: str, owner: str, now: datetime = NOW, *, most: int = 10) -> list[Any]:
    return list(await store.claim(tenant, CITIZEN, lease=lease(owner, now), most=most))


async def end(store: Any, tenant: str, number: int = 1, *, at: datetime = NOW, **changes: Any) -> Recheck:
    """One that was answered at some time."""
    first = await put(store, tenant, number, **changes)
    await store.claim(tenant, first.operation, lease=lease("w", at), most=10)
    after = judged(first, FOUND, now=at, policy=POLICY)
    assert await store.settle(after, owner="w", result=FOUND)
    return after


async def test_a_recheck_is_found_as_it_was_stored(store: Any, tenant: str) -> None:
    sent = recheck(tenant=tenant, reference="C" * 20, callback=CallbackState.WAITING)
    assert await store.add(sent, REQUEST) == sent
    assert await store.find(tenant, sent.recheck_id) == sent
    assert await store.contents(tenant, sent.recheck_id) == Contents(request=REQUEST, result=None)
    for name in ((tenant + "X", sent.recheck_id), (tenant, "R9")):
        assert await store.find(*name) is None
        assert await store.contents(*name) == EMPTY


async def test_the_same_id_again_is_the_first_one(store: Any, tenant: str) -> None:
    first = await put(store, tenant)
    again = await store.add(replace(first, dossier_code="X", created_at=NOW + timedelta(days=1)), {"purpose": {}})
    assert again == first
    assert (await store.contents(tenant, first.recheck_id)).request == REQUEST


async def test_what_is_due_is_claimed_in_order_and_by_one_alone(store: Any, tenant: str) -> None:
    for number, minutes in ((1, 3), (2, 1), (3, 2), (4, 99)):
        await put(store, tenant, number, due=NOW + timedelta(minutes=minutes))
    await put(store, tenant, 5, operation=ENTERPRISE, due=NOW)
    await put(store, tenant + "X", 6, due=NOW)
    now = NOW + timedelta(minutes=5)
    assert [r.recheck_id for r in await claimed(store, tenant, "a", now, most=2)] == ["R0002", "R0003"]
    assert [r.recheck_id for r in await claimed(store, tenant, "b", now)] == ["R0001"]
    assert await claimed(store, tenant, "c", now) == []
    assert [r.recheck_id for r in await store.claim(tenant, ENTERPRISE, lease=lease("c", now), most=9)] == ["R0005"]


async def test_of_many_workers_at_once_each_recheck_has_one(on: Any, store: Any, tenant: str) -> None:
    if on is None:
        pytest.skip("memory has no transactions")
    for number in range(20):
        await put(store, tenant, number)
    found = await asyncio.gather(*(claimed(store, tenant, f"w{n}", most=5) for n in range(8)))
    names = [r.recheck_id for each in found for r in each]
    assert len(names) == len(set(names)) == 20


async def test_a_dead_workers_claim_comes_back_and_its_late_word_counts_no_more(store: Any, tenant: str) -> None:
    """SYN-08 (part)."""
    first = await put(store, tenant)
    assert await claimed(store, tenant, "dead") == [first]
    assert await claimed(store, tenant, "next", NOW + timedelta(seconds=59)) == []
    assert await claimed(store, tenant, "next", NOW + timedelta(seconds=60)) == [first]
    wrong = judged(first, verification(Verdict.NOT_FOUND), now=NOW, policy=POLICY)
    assert not await store.settle(wrong, owner="dead", result=FOUND)
    assert await store.find(tenant, first.recheck_id) == first
    after = judged(first, FOUND, now=NOW, policy=POLICY)
    assert await store.settle(after, owner="next", result=FOUND)
    assert not await store.settle(wrong, owner="next", result=FOUND)
    assert not await store.settle(wrong, owner="")
    assert await store.find(tenant, first.recheck_id) == after


async def test_the_answer_is_kept_as_it_was_given(store: Any, tenant: str) -> None:
    after = await end(store, tenant)
    assert (after.state, after.tries, after.ended_at, after.due) == (RecheckState.ANSWERED, 1, NOW, None)
    assert await store.contents(tenant, after.recheck_id) == Contents(request=REQUEST, result=FOUND)


async def test_no_answer_gives_it_back_for_later(store: Any, tenant: str) -> None:
    first = await put(store, tenant)
    await claimed(store, tenant, "w")
    after = judged(first, verification(Verdict.UNDETERMINED), now=NOW, policy=POLICY)
    assert await store.settle(after, owner="w")
    assert await claimed(store, tenant, "w", NOW + timedelta(seconds=299)) == []
    assert await claimed(store, tenant, "w", NOW + timedelta(seconds=300)) == [after]


async def test_a_withdrawn_one_is_erased_at_once_also_under_a_workers_hands(store: Any, tenant: str) -> None:
    """PDP-11 (part)."""
    first = await put(store, tenant, callback=CallbackState.WAITING)
    await claimed(store, tenant, "w")
    assert await store.withdraw(tenant, first.recheck_id, now=NOW)
    assert not await store.withdraw(tenant, first.recheck_id, now=NOW + timedelta(days=1))
    assert not await store.withdraw(tenant + "X", first.recheck_id, now=NOW)
    gone = ended(first, RecheckState.WITHDRAWN, now=NOW)
    assert await store.find(tenant, first.recheck_id) == gone
    assert await store.contents(tenant, first.recheck_id) == EMPTY
    assert not await store.settle(judged(first, FOUND, now=NOW, policy=POLICY), owner="w", result=FOUND)
    assert await store.contents(tenant, first.recheck_id) == EMPTY
    assert await claimed(store, tenant, "w", NOW + timedelta(days=9)) == []


async def test_what_a_worker_withdraws_is_erased_with_that_word(store: Any, tenant: str) -> None:
    """PDP-11, CON-17 (part): a client that lost its right leaves nothing behind to be asked."""
    first = await put(store, tenant, callback=CallbackState.WAITING)
    await claimed(store, tenant, "w")
    after = ended(first, RecheckState.WITHDRAWN, now=NOW, trouble="caller.not_allowed")
    assert await store.settle(after, owner="w")
    found = await store.find(tenant, first.recheck_id)
    assert (found, found.erased_at) == (after, NOW)
    assert await store.contents(tenant, first.recheck_id) == EMPTY


async def test_what_has_ended_is_not_withdrawn(store: Any, tenant: str) -> None:
    after = await end(store, tenant)
    assert not await store.withdraw(tenant, after.recheck_id, now=NOW)
    assert await store.find(tenant, after.recheck_id) == after


async def test_callbacks_are_claimed_apart_until_they_arrive(store: Any, tenant: str) -> None:
    after = await end(store, tenant, callback=CallbackState.WAITING)
    await end(store, tenant, 2)
    await put(store, tenant, 3, callback=CallbackState.WAITING)
    assert await store.claim_calls(tenant, lease=lease("c"), most=9) == [after]
    assert await store.claim_calls(tenant, lease=lease("d"), most=9) == []
    later = not_called(after, now=NOW, policy=POLICY, trouble="partner.callback_refused")
    assert await store.settle(later, owner="c")
    assert await store.claim_calls(tenant, lease=lease("c"), most=9) == []
    in_time = NOW + timedelta(seconds=5)
    assert await store.claim_calls(tenant, lease=lease("c", in_time), most=9) == [later]
    assert await store.settle(called(later), owner="c")
    assert await store.claim_calls(tenant, lease=lease("c", NOW + timedelta(days=1)), most=9) == []
    assert (await store.contents(tenant, after.recheck_id)).result == FOUND


async def test_calls_to_one_client_are_postponed_and_to_no_other(store: Any, tenant: str) -> None:
    wanted = {"callback": CallbackState.WAITING}
    under_way = await end(store, tenant, 1, **wanted)
    assert await store.claim_calls(tenant, lease=lease("c"), most=1) == [under_way]
    dead, other = await end(store, tenant, 2, **wanted), await end(store, tenant, 3, client_id="khac", **wanted)
    waiting = await put(store, tenant, 4, **wanted)
    until = NOW + timedelta(seconds=30)
    await store.postpone_calls(tenant, "motcua", until=until)
    await store.postpone_calls(tenant, "motcua", until=NOW)
    assert await store.find(tenant, dead.recheck_id) == replace(dead, due=until)
    assert [await store.find(tenant, r.recheck_id) for r in (under_way, waiting)] == [under_way, waiting]
    assert await store.claim_calls(tenant, lease=lease("d"), most=9) == [other]


async def test_hurrying_makes_it_due_now_and_what_is_done_is_not_hurried(store: Any, tenant: str) -> None:
    first = await put(store, tenant, due=NOW + timedelta(hours=1))
    assert await store.hurry(tenant, first.recheck_id, now=NOW)
    assert await claimed(store, tenant, "w") == [replace(first, due=NOW)]
    done = await end(store, tenant, 2)
    assert not await store.hurry(tenant, done.recheck_id, now=NOW)
    assert not await store.hurry(tenant + "X", first.recheck_id, now=NOW)


async def test_they_are_listed_newest_first(store: Any, tenant: str) -> None:
    made = [await put(store, tenant, n, created_at=NOW + timedelta(minutes=n)) for n in range(3)]
    await end(store, tenant, 7, created_at=NOW - timedelta(days=1), due=NOW - timedelta(days=1))
    assert [r.recheck_id for r in await store.latest(tenant, state=None, limit=9)] == [
        *(r.recheck_id for r in reversed(made)),
        "R0007",
    ]
    assert [r.recheck_id for r in await store.latest(tenant, state=RecheckState.ANSWERED, limit=9)] == ["R0007"]
    assert len(await store.latest(tenant, state=None, limit=2)) == 2
    assert await store.latest(tenant + "X", state=None, limit=9) == []


async def test_what_ended_long_ago_is_erased_and_its_row_stays(store: Any, tenant: str) -> None:
    """PDP-11 (part): what still waits, or ended a moment ago, is kept."""
    old = await end(store, tenant, 1, at=NOW)
    fresh = await end(store, tenant, 2, at=NOW + timedelta(days=2))
    waiting = await put(store, tenant, 3)
    when = NOW + timedelta(days=9)
    assert await store.erase(tenant, ended_before=NOW + timedelta(days=1), now=when) == 1
    assert await store.erase(tenant, ended_before=NOW + timedelta(days=1), now=when) == 0
    assert await store.erase(tenant + "X", ended_before=when, now=when) == 0
    assert await store.find(tenant, old.recheck_id) == replace(old, erased_at=when)
    assert await store.contents(tenant, old.recheck_id) == EMPTY
    assert (await store.contents(tenant, fresh.recheck_id)).result == FOUND
    assert (await store.contents(tenant, waiting.recheck_id)).request == REQUEST


async def test_what_it_says_of_a_person_is_sealed_to_its_row(on: Any, store: Any, tenant: str) -> None:
    """PDP-06 (part): sealed at rest, and worth nothing in another row."""
    if on is None:
        pytest.skip("memory holds nothing after the process")
    first, second = await end(store, tenant, 1), await put(store, tenant, 2)
    async with on.transaction() as connection:
        rows = await (await connection.execute("SELECT * FROM recheck WHERE tenant = %s", (tenant,))).fetchall()
        said = repr(rows).encode() + b"".join(v for row in rows for v in row.values() if isinstance(v, bytes))
        assert not [word for word in ("Mẫu", "099185", "1985-06-15", "Đang hoạt động") if word.encode() in said]
        await connection.execute(
            "UPDATE recheck r SET request = o.request FROM recheck o WHERE r.tenant = %s AND o.tenant = r.tenant "
            "AND r.recheck_id = %s AND o.recheck_id = %s",
            (tenant, second.recheck_id, first.recheck_id),
        )
    with pytest.raises(IntegrityError):
        await store.contents(tenant, second.recheck_id)


async def test_a_receiver_is_put_replaced_and_removed(receivers: Any, tenant: str) -> None:
    one = Receiver(tenant=tenant, client_id="motcua", url="https://a.example/", secret=b"1" * 32)
    two = replace(one, url="https://b.example/", secret=b"2" * 32)
    await receivers.put(one)
    assert await receivers.find(tenant, "motcua") == one
    await receivers.put(two)
    await receivers.put(replace(one, tenant=tenant + "X", client_id="khac"))
    assert await receivers.find(tenant, "motcua") == two
    assert await receivers.addresses(tenant) == {"motcua": two.url}
    assert await receivers.find(tenant, "khac") is None
    assert not await receivers.remove(tenant, "khac")
    assert await receivers.remove(tenant, "motcua")
    assert await receivers.find(tenant, "motcua") is None


async def test_a_receivers_secret_is_sealed(on: Any, receivers: Any, tenant: str) -> None:
    """SEC-18 (part)."""
    if on is None:
        pytest.skip("memory holds nothing after the process")
    await receivers.put(Receiver(tenant=tenant, client_id="motcua", url="https://a.example/", secret=b"1" * 32))
    async with on.transaction() as connection:
        row = await (await connection.execute("SELECT secret FROM receiver WHERE tenant = %s", (tenant,))).fetchone()
    assert b"1" * 8 not in row["secret"]
