"""What every outbox promises, whichever it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import NOW

from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.model import Claim, Draft, PastSearch, StreamKey, StreamState, Trouble, Verdict
from gateway.delivery.postgres import PostgresOutbox
from gateway.delivery.store import Outbox
from gateway.delivery.troubles import of_refusal
from gateway.sdk import ProtocolViolation, Refused
from gateway.signing import Keyring

TROUBLE = Trouble(code="partner.busy", detail="busy", detail_vi="bận")


@pytest.fixture
def outbox(on: Any, keyring: Keyring) -> Outbox:
    return PostgresOutbox(on, keyring) if on else MemoryOutbox()


@pytest.fixture
def stream() -> StreamKey:
    """A stream of this test's own: the database is shared by the module."""
    return StreamKey(tenant="H99", target="portal", key=uuid4().hex)


def draft(stream: StreamKey, number: int = 1, *, due: datetime | None = None) -> Draft:
    return Draft(
        stream=stream,
        operation="sync",
        call_id=f"CALL{number}",
        at=NOW,
        mapping_version=3,
        body={"n": number, "name": "Trần Thị Mẫu"},
        trace_id="a" * 32,
        due=due,
    )


async def claim_of(outbox: Outbox, stream: StreamKey, *, now: datetime = NOW, owner: str = "") -> Claim | None:
    """Claim everything that is due, keep the one that we mean, and give the others back."""
    mine = None
    for claim in await outbox.claim(owner=owner or uuid4().hex, now=now, lease_s=60, room={"portal": 1000}):
        if claim.stream == stream:
            mine = claim
        else:
            await outbox.give_back(claim, now=now)
    return mine


async def view(outbox: Outbox, stream: StreamKey, *, now: datetime = NOW) -> Any:
    return (await outbox.views(stream.tenant, stream.key, now=now))[0]


async def test_messages_come_in_the_order_in_which_they_were_put(outbox: Outbox, stream: StreamKey) -> None:
    await outbox.enqueue([draft(stream, 1), draft(stream, 2)], now=NOW)
    await outbox.enqueue([draft(stream, 3)], now=NOW)
    claim = await claim_of(outbox, stream)
    assert claim is not None
    assert [message.seq for message in claim.messages] == [1, 2, 3]
    assert [message.body["n"] for message in claim.messages] == [1, 2, 3]
    first = claim.messages[0]
    assert (first.call_id, first.at, first.mapping_version, first.trace_id) == ("CALL1", NOW, 3, "a" * 32)
    assert (claim.attempts, claim.unsettled, claim.acknowledged) == (0, False, 0)


async def test_a_claimed_stream_is_lent_to_nobody_else(outbox: Outbox, stream: StreamKey) -> None:
    await outbox.enqueue([draft(stream)], now=NOW)
    assert await claim_of(outbox, stream)
    assert await claim_of(outbox, stream) is None
    assert (await view(outbox, stream)).state is StreamState.CLAIMED


async def test_a_lost_lease_comes_back_as_unsettled(outbox: Outbox, stream: StreamKey) -> None:
    """SYN-08: a worker that died may have sent."""
    await outbox.enqueue([draft(stream)], now=NOW)
    lost = await claim_of(outbox, stream)
    again = await claim_of(outbox, stream, now=NOW + timedelta(seconds=61))
    assert lost is not None
    assert again is not None
    assert again.unsettled
    assert not await outbox.acknowledge(lost, seq=1, now=NOW)
    assert not await outbox.retry(lost, TROUBLE, due=NOW, unsettled=False)
    assert not await outbox.hold(lost, TROUBLE)
    assert not await outbox.give_back(lost, now=NOW)
    assert await outbox.acknowledge(again, seq=1, now=NOW)


async def test_an_acknowledged_stream_is_idle(outbox: Outbox, stream: StreamKey) -> None:
    await outbox.enqueue([draft(stream)], now=NOW)
    claim = await claim_of(outbox, stream)
    assert claim is not None
    assert await outbox.acknowledge(claim, seq=1, now=NOW)
    assert await outbox.give_back(claim, now=NOW)
    seen = await view(outbox, stream)
    assert (seen.state, seen.head, seen.tail, seen.acknowledged_at) == (StreamState.IDLE, 1, 1, NOW)
    assert await claim_of(outbox, stream, now=NOW + timedelta(days=1)) is None


async def test_what_arrives_while_a_stream_is_claimed_is_delivered_next(outbox: Outbox, stream: StreamKey) -> None:
    await outbox.enqueue([draft(stream, 1)], now=NOW)
    claim = await claim_of(outbox, stream)
    assert claim is not None
    await outbox.enqueue([draft(stream, 2)], now=NOW)
    await outbox.acknowledge(claim, seq=1, now=NOW)
    await outbox.give_back(claim, now=NOW)
    following = await claim_of(outbox, stream)
    assert following is not None
    assert [message.seq for message in following.messages] == [2]
    assert following.acknowledged == 1


async def test_the_last_message_of_a_claim_gives_its_stream_back(outbox: Outbox, stream: StreamKey) -> None:
    await outbox.enqueue([draft(stream, 1)], now=NOW)
    claim = await claim_of(outbox, stream)
    assert claim is not None
    await outbox.enqueue([draft(stream, 2)], now=NOW)
    assert await outbox.acknowledge(claim, seq=1, now=NOW, last=True)
    assert not await outbox.give_back(claim, now=NOW)
    following = await claim_of(outbox, stream)
    assert following is not None
    assert ([m.seq for m in following.messages], following.unsettled) == ([2], False)
    assert await outbox.acknowledge(following, seq=2, now=NOW, last=True)
    assert (await view(outbox, stream)).state is StreamState.IDLE


async def test_acknowledgements_told_together_are_fenced_each(outbox: Outbox) -> None:
    """Of twenty streams every second one was lost to another worker meanwhile."""
    streams = [StreamKey(tenant="H99", target=uuid4().hex, key=f"D{n}") for n in range(20)]
    await outbox.enqueue([draft(stream) for stream in streams], now=NOW)
    room = {stream.target: 1 for stream in streams}
    claims = sorted(
        await outbox.claim(owner=uuid4().hex, now=NOW, lease_s=60, room=room), key=lambda c: int(c.stream.key[1:])
    )
    lost = {claim.stream.target: 1 for claim in claims[1::2]}
    assert len(await outbox.claim(owner=uuid4().hex, now=NOW + timedelta(seconds=61), lease_s=60, room=lost)) == 10
    kept = await asyncio.gather(*(outbox.acknowledge(claim, seq=1, now=NOW, last=True) for claim in claims))
    assert kept == [True, False] * 10
    heads = [(await view(outbox, stream)).head for stream in streams]
    assert heads == [1, 0] * 10


async def test_messages_of_many_streams_told_in_turns_keep_their_order(outbox: Outbox, stream: StreamKey) -> None:
    streams = [replace(stream, key=f"{stream.key}/{n}") for n in range(3)]
    await outbox.enqueue([draft(streams[1], 1)], now=NOW)
    await outbox.enqueue([draft(streams[n % 3], n) for n in range(2, 11)], now=NOW)
    found = {
        each.key: await claim_of(outbox, each, now=NOW + timedelta(seconds=61 * n)) for n, each in enumerate(streams)
    }
    told = [[m.body["n"] for m in claim.messages] if claim else [] for claim in found.values()]
    assert told == [[3, 6, 9], [1, 4, 7, 10], [2, 5, 8]]
    assert all(
        [m.seq for m in claim.messages] == list(range(1, len(claim.messages) + 1)) for claim in found.values() if claim
    )


async def test_a_retry_waits_and_counts(outbox: Outbox, stream: StreamKey) -> None:
    await outbox.enqueue([draft(stream)], now=NOW)
    claim = await claim_of(outbox, stream)
    assert claim is not None
    later = NOW + timedelta(seconds=10)
    assert await outbox.retry(claim, TROUBLE, due=later, unsettled=True)
    seen = await view(outbox, stream)
    assert (seen.state, seen.attempts, seen.unsettled, seen.trouble) == (StreamState.WAITING, 1, True, TROUBLE)
    assert seen.next_attempt_at == later
    assert await claim_of(outbox, stream) is None
    again = await claim_of(outbox, stream, now=later)
    assert again is not None
    assert (again.attempts, again.unsettled) == (1, True)
    assert await outbox.retry(again, TROUBLE, due=later, unsettled=False, counted=False)
    assert (await view(outbox, stream)).attempts == 1


async def test_new_messages_do_not_hurry_a_waiting_stream(outbox: Outbox, stream: StreamKey) -> None:
    await outbox.enqueue([draft(stream, 1)], now=NOW)
    claim = await claim_of(outbox, stream)
    assert claim is not None
    await outbox.retry(claim, TROUBLE, due=NOW + timedelta(seconds=30), unsettled=False)
    await outbox.enqueue([draft(stream, 2)], now=NOW)
    assert await claim_of(outbox, stream) is None


async def test_a_held_stream_waits_for_a_person_and_is_then_asked_about(outbox: Outbox, stream: StreamKey) -> None:
    await outbox.enqueue([draft(stream, 1)], now=NOW)
    claim = await claim_of(outbox, stream)
    assert claim is not None
    assert await outbox.hold(claim, TROUBLE)
    await outbox.enqueue([draft(stream, 2)], now=NOW)
    assert (await view(outbox, stream)).state is StreamState.HELD
    assert await claim_of(outbox, stream, now=NOW + timedelta(days=9)) is None
    assert await outbox.release(stream, Verdict.UNKNOWN, now=NOW)
    assert not await outbox.release(stream, Verdict.UNKNOWN, now=NOW)
    again = await claim_of(outbox, stream)
    assert again is not None
    assert again.unsettled
    assert [message.seq for message in again.messages] == [1, 2]


async def held(outbox: Outbox, stream: StreamKey) -> None:
    claim = await claim_of(outbox, stream)
    assert claim is not None
    assert await outbox.hold(claim, TROUBLE)


async def test_what_was_delivered_is_counted_by_when_it_was_taken_in(outbox: Outbox, stream: StreamKey) -> None:
    """PAY-13 (part)."""
    stream = replace(stream, target=uuid4().hex)
    late = NOW + timedelta(hours=1)
    await outbox.enqueue([draft(stream, 1), draft(stream, 2)], now=NOW)
    await outbox.enqueue([draft(stream, 3)], now=late)
    [claim] = await outbox.claim(owner="w", now=late, lease_s=60, room={stream.target: 1})

    async def tally(since: datetime, until: datetime) -> int:
        return await outbox.tally(stream.tenant, stream.target, since=since, until=until)

    assert await tally(NOW, late + timedelta(hours=1)) == 0
    await outbox.acknowledge(claim, seq=3, now=late)
    assert await tally(NOW, late + timedelta(hours=1)) == 3
    assert await tally(NOW, late) == 2
    assert await tally(late, late) == 0


async def test_what_a_person_says_arrived_counts_as_delivered(outbox: Outbox, stream: StreamKey) -> None:
    await outbox.enqueue([draft(stream, 1), draft(stream, 2)], now=NOW)
    await held(outbox, stream)
    later = NOW + timedelta(hours=1)
    assert await outbox.release(stream, Verdict.ARRIVED, now=later)
    seen = await view(outbox, stream, now=later)
    assert (seen.head, seen.trouble, seen.acknowledged_at, seen.attempts) == (1, None, later, 0)
    again = await claim_of(outbox, stream, now=later)
    assert again is not None
    assert ([message.seq for message in again.messages], again.unsettled) == ([2], False)


async def test_the_last_message_that_arrived_leaves_the_stream_idle(outbox: Outbox, stream: StreamKey) -> None:
    await outbox.enqueue([draft(stream)], now=NOW)
    await held(outbox, stream)
    assert await outbox.release(stream, Verdict.ARRIVED, now=NOW)
    assert (await view(outbox, stream)).state is StreamState.IDLE
    assert not await outbox.release(stream, Verdict.ARRIVED, now=NOW)
    assert (await view(outbox, stream)).head == 1


async def test_messages_that_left_together_are_in_doubt_together(outbox: Outbox, stream: StreamKey) -> None:
    """SYN-08."""
    await outbox.enqueue([draft(stream, n) for n in range(1, 5)], now=NOW)
    claim = await claim_of(outbox, stream)
    assert claim is not None
    assert await outbox.intend(claim, seq=3)
    lost = await claim_of(outbox, stream, now=NOW + timedelta(seconds=61))
    assert lost is not None
    assert (lost.doubt, lost.unsettled, [lost.doubts(message) for message in lost.messages]) == (
        3,
        True,
        [True, True, True, False],
    )
    assert not await outbox.intend(claim, seq=4)
    assert await outbox.acknowledge(lost, seq=1, now=NOW)
    assert (await view(outbox, stream)).unsettled  # the second and the third still are
    assert await outbox.intend(lost, seq=1)
    assert not (await view(outbox, stream)).unsettled


@pytest.mark.parametrize(("count", "head", "unsettled"), [(None, 3, False), (2, 2, True), (3, 3, False)])
async def test_a_person_says_how_many_of_those_in_doubt_arrived(
    outbox: Outbox, stream: StreamKey, count: int | None, head: int, unsettled: bool
) -> None:
    await outbox.enqueue([draft(stream, n) for n in range(1, 5)], now=NOW)
    claim = await claim_of(outbox, stream)
    assert claim is not None
    await outbox.intend(claim, seq=3)
    await outbox.hold(claim, TROUBLE)
    assert not await outbox.release(stream, Verdict.ARRIVED, now=NOW, count=4)
    assert await outbox.release(stream, Verdict.ARRIVED, now=NOW, count=count)
    seen = await view(outbox, stream)
    assert (seen.head, seen.unsettled, seen.trouble) == (head, unsettled, None)


async def test_a_delivered_message_is_put_in_once_more_as_it_was(outbox: Outbox, stream: StreamKey) -> None:
    """The mapping version that ran stays; the target is asked first, until a person has looked."""
    await outbox.enqueue([draft(stream, 1), draft(stream, 2)], now=NOW)
    claim = await claim_of(outbox, stream)
    assert claim is not None
    await outbox.acknowledge(claim, seq=1, now=NOW)
    search = PastSearch(target="portal", since=NOW, until=NOW + timedelta(seconds=1), key=stream.key)
    [past] = await outbox.delivered("H99", search)
    assert (past.stream, past.seq, past.operation, past.superseded) == (stream, 1, "sync", True)
    assert await outbox.delivered("H99", replace(search, since=NOW + timedelta(seconds=1))) == []
    assert await outbox.delivered("H99", replace(search, operation="other")) == []
    assert await outbox.delivered("H99", replace(search, target="other")) == []
    assert await outbox.delivered("H99X", search) == []
    assert not await outbox.replay(replace(past, seq=2), now=NOW)
    assert await outbox.replay(past, now=NOW)
    await outbox.acknowledge(claim, seq=2, now=NOW)
    await outbox.give_back(claim, now=NOW)
    again = await claim_of(outbox, stream)
    assert again is not None
    [message] = again.messages
    assert (message.seq, message.call_id, message.mapping_version, message.body["n"]) == (3, "CALL1", 3, 1)
    assert (again.unsettled, again.doubts(message)) == (False, True)
    await outbox.hold(again, TROUBLE)
    assert await outbox.release(stream, Verdict.MISSING, now=NOW)
    sure = await claim_of(outbox, stream)
    assert sure is not None
    assert not sure.doubts(sure.messages[0])


async def test_a_replay_does_not_go_behind_what_was_told_since_it_was_looked_at(
    outbox: Outbox, stream: StreamKey
) -> None:
    await outbox.enqueue([draft(stream, 1)], now=NOW)
    claim = await claim_of(outbox, stream)
    assert claim is not None
    await outbox.acknowledge(claim, seq=1, now=NOW, last=True)
    search = PastSearch(target="portal", since=NOW, until=NOW + timedelta(seconds=1), key=stream.key)
    [past] = await outbox.delivered("H99", search)
    assert past.tail == 1
    await outbox.enqueue([draft(stream, 2)], now=NOW)
    assert not await outbox.replay(past, now=NOW, tail=past.tail)
    assert (await view(outbox, stream)).tail == 2
    assert await outbox.replay(past, now=NOW, tail=2)


async def corrected(outbox: Outbox, stream: StreamKey) -> list[Draft]:
    """A state, a step, a file, and the state that names it."""
    drafts = [draft(stream, n) for n in range(1, 5)]
    drafts[1], drafts[2] = replace(drafts[1], operation="step"), replace(drafts[2], operation="upload_file")
    await outbox.enqueue(drafts, now=NOW)
    return drafts


FILE_FIRST = [(1, "upload_file", 3), (2, "sync", 4), (3, "step", 2), (4, "sync", 4)]


def told(claim: Claim | None) -> list[tuple[int, str, int]]:
    assert claim is not None
    return [(message.seq, message.operation, message.body["n"]) for message in claim.messages]


async def test_a_corrected_state_goes_behind_the_file_that_it_names(outbox: Outbox, stream: StreamKey) -> None:
    """SYN-07 (part): refused, then corrected with another file: what may have left is asked about, and only that."""
    await corrected(outbox, stream)
    await held(outbox, stream)
    assert await outbox.release(stream, Verdict.REPLACED, now=NOW)
    claim = await claim_of(outbox, stream)
    assert told(claim) == FILE_FIRST
    assert claim is not None
    assert [claim.doubts(message) for message in claim.messages] == [True, True, False, False]


async def test_a_state_that_stands_for_all_goes_behind_the_file_that_it_names(
    outbox: Outbox, stream: StreamKey
) -> None:
    await corrected(outbox, stream)
    assert await outbox.supersede(stream, "sync") == 1
    claim = await claim_of(outbox, stream)
    assert told(claim) == FILE_FIRST
    assert claim is not None
    assert not claim.unsettled


async def test_nothing_moves_under_the_hands_of_a_worker(outbox: Outbox, stream: StreamKey) -> None:
    await corrected(outbox, stream)
    claim = await claim_of(outbox, stream)
    assert claim is not None
    await outbox.supersede(stream, "sync")
    await outbox.give_back(claim, now=NOW)
    assert [operation for _, operation, _ in told(await claim_of(outbox, stream))] == [
        "sync",
        "step",
        "upload_file",
        "sync",
    ]


@pytest.mark.parametrize("text", ["a\0b", "\ud800"], ids=ascii)
async def test_what_cannot_be_kept_keeps_no_other_acknowledgement_from_being_written(
    on: Any, outbox: Outbox, stream: StreamKey, text: str
) -> None:
    if on is None:
        pytest.skip("memory keeps anything")
    other = replace(stream, key=f"{stream.key}-2")
    await outbox.enqueue([draft(stream), draft(other)], now=NOW)
    claims = {c.stream: c for c in await outbox.claim(owner=uuid4().hex, now=NOW, lease_s=60, room={"portal": 1000})}
    bad = outbox.acknowledge(claims[stream], seq=1, now=NOW, last=True, learned={"dossier": text})
    good = outbox.acknowledge(claims[other], seq=1, now=NOW, last=True)
    found = await asyncio.gather(bad, good, return_exceptions=True)
    assert (type(found[0]), found[1]) == (ProtocolViolation, True)


async def test_a_refusal_in_words_that_cannot_be_kept_holds_the_stream_all_the_same(
    outbox: Outbox, stream: StreamKey
) -> None:
    await outbox.enqueue([draft(stream)], now=NOW)
    claim = await claim_of(outbox, stream)
    assert claim is not None
    assert await outbox.hold(claim, of_refusal(Refused(code="1\0", reason="Thiếu\0trường\ud800")))
    seen = await view(outbox, stream)
    assert (seen.state, "Thiếu trường" in seen.trouble.detail_vi) == (StreamState.HELD, True)


async def test_to_put_nothing_in_is_no_error(outbox: Outbox, stream: StreamKey) -> None:
    await outbox.enqueue([], now=NOW)
    assert not await outbox.views(stream.tenant, stream.key, now=NOW)


async def test_what_a_person_says_is_missing_is_sent_without_asking(outbox: Outbox, stream: StreamKey) -> None:
    await outbox.enqueue([draft(stream)], now=NOW)
    await held(outbox, stream)
    assert await outbox.release(stream, Verdict.MISSING, now=NOW)
    again = await claim_of(outbox, stream)
    assert again is not None
    assert ([message.seq for message in again.messages], again.unsettled) == ([1], False)
    assert (await view(outbox, stream)).trouble == TROUBLE


async def test_a_replaced_state_goes_out_corrected_before_the_steps_that_need_it(
    outbox: Outbox, stream: StreamKey
) -> None:
    """SYN-08: no step is passed over, none goes out before its dossier, and the target is asked first."""
    step = replace(draft(stream, 7), operation="step")
    await outbox.enqueue([draft(stream, 1), step], now=NOW)
    await held(outbox, stream)
    assert not await outbox.release(stream, Verdict.REPLACED, now=NOW)  # nothing stands for it: it would be lost
    await outbox.enqueue([draft(stream, 2), draft(stream, 3)], now=NOW)
    assert await outbox.release(stream, Verdict.REPLACED, now=NOW)
    seen = await view(outbox, stream)
    assert (seen.acknowledged_at, seen.head) == (None, 0)
    again = await claim_of(outbox, stream)
    assert again is not None
    assert [(m.seq, m.body["n"], m.call_id) for m in again.messages] == [
        (1, 3, "CALL3"),
        (2, 7, "CALL7"),
        (3, 3, "CALL3"),
        (4, 3, "CALL3"),
    ]
    assert again.unsettled


async def test_of_several_wrong_versions_none_goes_out_and_a_stream_that_is_not_held_keeps_its_own(
    outbox: Outbox, stream: StreamKey
) -> None:
    step = replace(draft(stream, 7), operation="step")
    await outbox.enqueue([draft(stream, 1), draft(stream, 2), step, draft(stream, 3)], now=NOW)
    assert not await outbox.release(stream, Verdict.REPLACED, now=NOW)
    await held(outbox, stream)
    first = await outbox.first(stream)
    assert first is not None
    assert first.body["n"] == 1
    assert await outbox.release(stream, Verdict.REPLACED, now=NOW)
    again = await claim_of(outbox, stream)
    assert again is not None
    assert [m.body["n"] for m in again.messages] == [3, 3, 7, 3]


async def test_a_dropped_message_is_passed_over_for_good(outbox: Outbox, stream: StreamKey) -> None:
    await outbox.enqueue([draft(stream, 1), draft(stream, 2)], now=NOW)
    await held(outbox, stream)
    first = await outbox.first(stream)
    assert first is not None
    assert first.seq == 1
    assert await outbox.release(stream, Verdict.DROPPED, now=NOW)
    seen = await view(outbox, stream)
    assert (seen.head, seen.acknowledged_at, seen.trouble, seen.unsettled) == (1, None, None, True)


async def test_of_provinces_on_one_server_each_claims_its_own(on: Any, keyring: Keyring) -> None:
    if on is None:
        pytest.skip("memory belongs to one process")
    target = f"portal-{uuid4().hex}"
    both = PostgresOutbox(on, keyring)
    await both.enqueue([draft(StreamKey(tenant=tenant, target=target, key="D")) for tenant in ("H98", "H99")], now=NOW)
    own = PostgresOutbox(on, keyring, tenant="H99")
    claims = await own.claim(owner="w", now=NOW, lease_s=60, room={target: 9})
    assert [claim.stream.tenant for claim in claims] == ["H99"]


async def test_a_lane_paced_below_one_a_second_still_moves(outbox: Outbox) -> None:
    target = f"portal-{uuid4().hex}"
    names = [StreamKey(tenant="H99", target=target, key=f"D{n}") for n in range(9)]
    await outbox.enqueue([draft(name) for name in names], now=NOW)
    await outbox.resume("H99", target, rate=0.5, now=NOW)
    lent = 0
    for second in range(1, 11):
        moment = NOW + timedelta(seconds=second)
        lent += len(await outbox.claim(owner=uuid4().hex, now=moment, lease_s=600, room={target: 9}))
    assert lent == 5


async def test_only_a_held_stream_is_released(outbox: Outbox, stream: StreamKey) -> None:
    await outbox.enqueue([draft(stream)], now=NOW)
    for verdict in Verdict:
        assert not await outbox.release(stream, verdict, now=NOW)
    assert (await view(outbox, stream)).head == 0


async def test_one_streams_trouble_is_its_own(outbox: Outbox, stream: StreamKey) -> None:
    other = StreamKey(tenant="H99", target="portal", key=uuid4().hex)
    await outbox.enqueue([draft(stream), draft(other)], now=NOW)
    claim = await claim_of(outbox, stream)
    assert claim is not None
    await outbox.hold(claim, TROUBLE)
    assert await claim_of(outbox, other) is not None


async def test_a_later_start_can_be_hurried(outbox: Outbox, stream: StreamKey) -> None:
    await outbox.enqueue([draft(stream, due=NOW + timedelta(seconds=30))], now=NOW)
    assert await claim_of(outbox, stream) is None
    await outbox.hurry(stream, now=NOW)
    assert await claim_of(outbox, stream) is not None


async def test_a_claim_takes_no_more_than_was_asked(outbox: Outbox) -> None:
    streams = [StreamKey(tenant="H99", target="portal", key=uuid4().hex) for _ in range(5)]
    await outbox.enqueue([draft(stream) for stream in streams], now=NOW)
    assert len(await outbox.claim(owner=uuid4().hex, now=NOW, lease_s=60, room={"portal": 2})) == 2


async def test_two_claimers_never_share_a_stream(on: Any, outbox: Outbox) -> None:
    streams = [StreamKey(tenant="H98", target="portal", key=uuid4().hex) for _ in range(30)]
    await outbox.enqueue([draft(stream) for stream in streams], now=NOW)
    taken = await asyncio.gather(
        *(outbox.claim(owner=uuid4().hex, now=NOW, lease_s=60, room={"portal": 20}) for _ in range(4))
    )
    keys = [claim.stream.key for claims in taken for claim in claims if claim.stream.tenant == "H98"]
    assert len(keys) == len(set(keys))


async def test_bodies_are_sealed_in_the_database(on: Any, outbox: Outbox, stream: StreamKey) -> None:
    """PDP-06 (part): sealed at rest."""
    if on is None:
        pytest.skip("memory holds nothing after the process")
    await outbox.enqueue([draft(stream)], now=NOW)
    async with on.transaction() as connection:
        row = await (await connection.execute("SELECT body FROM message WHERE key = %s", (stream.key,))).fetchone()
    assert "Mẫu".encode() not in bytes(row["body"])


async def test_a_rolled_back_enqueue_never_was(on: Any, outbox: Outbox, stream: StreamKey) -> None:
    """SYN-08: state and message commit together."""
    if on is None:
        pytest.skip("memory has no transactions")

    async def fail() -> None:
        async with on.transaction():
            await outbox.enqueue([draft(stream)], now=NOW)
            _ = 1 / 0

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await outbox.views(stream.tenant, stream.key, now=NOW) == []


class TestLanes:
    """One target's trouble, pause or pace is its own. Each test has targets of its own."""

    @pytest.fixture
    def tenant(self) -> str:
        return f"T{uuid4().hex[:12].upper()}"

    @pytest.fixture
    def target(self) -> str:
        return uuid4().hex

    async def put(self, outbox: Outbox, tenant: str, target: str, *, streams: int = 1, messages: int = 1) -> list[Any]:
        names = [StreamKey(tenant=tenant, target=target, key=f"D{number:03d}") for number in range(streams)]
        await outbox.enqueue([draft(name, n) for name in names for n in range(messages)], now=NOW)
        return names

    async def lent(self, outbox: Outbox, *, now: datetime = NOW, **room: int) -> list[Claim]:
        return list(await outbox.claim(owner=uuid4().hex, now=now, lease_s=60, room=room))

    async def test_each_target_gets_its_own_room(self, outbox: Outbox, tenant: str, target: str) -> None:
        other = target + "x"
        await self.put(outbox, tenant, target, streams=5)
        await self.put(outbox, tenant, other, streams=5)
        claims = await self.lent(outbox, **{target: 2, other: 3})
        assert sorted(claim.stream.target for claim in claims) == sorted([target] * 2 + [other] * 3)
        assert await self.lent(outbox, **{target: 0}) == []
        assert await self.lent(outbox) == []

    async def test_the_longest_due_come_first(self, outbox: Outbox, tenant: str, target: str) -> None:
        late = StreamKey(tenant=tenant, target=target, key="A-late")
        await outbox.enqueue([draft(late, due=NOW + timedelta(seconds=5))], now=NOW)
        await self.put(outbox, tenant, target)
        claims = await self.lent(outbox, now=NOW + timedelta(seconds=9), **{target: 1})
        assert [claim.stream.key for claim in claims] == ["D000"]

    async def test_a_paused_lane_lends_nothing_and_loses_nothing(
        self, outbox: Outbox, tenant: str, target: str
    ) -> None:
        await self.put(outbox, tenant, target, streams=2)
        await self.put(outbox, tenant, target + "x")
        await outbox.pause(tenant, target, now=NOW)
        claims = await self.lent(outbox, **{target: 9, target + "x": 9})
        assert [claim.stream.target for claim in claims] == [target + "x"]
        await outbox.resume(tenant, target, now=NOW)
        assert len(await self.lent(outbox, **{target: 9})) == 2

    async def test_another_provinces_pause_is_not_ours(self, outbox: Outbox, tenant: str, target: str) -> None:
        await self.put(outbox, tenant, target)
        await outbox.pause(tenant + "X", target, now=NOW)
        assert len(await self.lent(outbox, **{target: 9})) == 1

    async def test_a_pace_lets_single_messages_through_and_saves_up_a_second_at_most(
        self, outbox: Outbox, tenant: str, target: str
    ) -> None:
        await self.put(outbox, tenant, target, streams=30, messages=2)
        await outbox.resume(tenant, target, rate=4, now=NOW)
        counts = []
        for seconds in (0, 0.5, 0.5, 1.0, 1.1, 60):
            claims = await self.lent(outbox, now=NOW + timedelta(seconds=seconds), **{target: 9})
            assert all(len(claim.messages) == 1 for claim in claims)
            counts.append(len(claims))
        assert counts == [0, 2, 0, 2, 0, 4]
        await outbox.resume(tenant, target, now=NOW)
        assert len(await self.lent(outbox, **{target: 99})) == 22

    async def test_a_person_holds_a_stream_also_while_it_is_lent(
        self, outbox: Outbox, tenant: str, target: str
    ) -> None:
        [name] = await self.put(outbox, tenant, target)
        [claim] = await self.lent(outbox, **{target: 1})
        assert await outbox.stop(name, TROUBLE)
        assert not await outbox.stop(name, TROUBLE)
        assert not await outbox.acknowledge(claim, seq=1, now=NOW)
        seen = await view(outbox, name)
        assert (seen.state, seen.head, seen.unsettled, seen.trouble) == (StreamState.HELD, 0, True, TROUBLE)
        assert await outbox.release(name, Verdict.UNKNOWN, now=NOW)
        [again] = await self.lent(outbox, **{target: 1})
        assert again.unsettled

    async def test_what_has_nothing_to_send_cannot_be_held(self, outbox: Outbox, tenant: str, target: str) -> None:
        [name] = await self.put(outbox, tenant, target)
        assert not await outbox.stop(StreamKey(tenant=tenant, target=target, key="none"), TROUBLE)
        [claim] = await self.lent(outbox, **{target: 1})
        await outbox.acknowledge(claim, seq=1, now=NOW)
        await outbox.give_back(claim, now=NOW)
        assert not await outbox.stop(name, TROUBLE)

    async def test_held_streams_are_found_by_their_trouble(self, outbox: Outbox, tenant: str, target: str) -> None:
        names = await self.put(outbox, tenant, target, streams=4)
        other = Trouble(code="partner.refused", detail="no", detail_vi="không")
        for name, trouble in zip(names, (TROUBLE, other, other), strict=False):
            await outbox.stop(name, trouble)
        keys = [found.stream.key for found in await outbox.held(tenant, target, limit=10)]
        assert keys == ["D000", "D001", "D002"]
        refused = await outbox.held(tenant, target, code="partner.refused", limit=1)
        assert [(found.stream.key, found.trouble) for found in refused] == [("D001", other)]
        assert await outbox.held(tenant + "X", target, limit=10) == []

    async def test_lanes_tell_what_is_owed(self, outbox: Outbox, tenant: str, target: str) -> None:
        names = await self.put(outbox, tenant, target, streams=4, messages=3)
        await outbox.enqueue([draft(names[3], 9)], now=NOW + timedelta(hours=1))
        await outbox.stop(names[0], TROUBLE)
        [claim] = await self.lent(outbox, **{target: 1})
        await outbox.acknowledge(claim, seq=3, now=NOW)
        await outbox.give_back(claim, now=NOW)
        await outbox.pause(tenant, target, now=NOW)
        [lane] = await outbox.lanes(tenant)
        told = (lane.target, lane.waiting, lane.claimed, lane.held, lane.messages, lane.oldest, lane.paused, lane.rate)
        assert told == (target, 2, 0, 1, 10, NOW, True, None)
        await outbox.resume(tenant, target, rate=2.5, now=NOW)
        [lane] = await outbox.lanes(tenant)
        assert (lane.paused, lane.rate) == (False, 2.5)
        assert await outbox.lanes(tenant + "X") == []

    async def test_after_a_restore_everything_owed_is_asked_about_first(
        self, outbox: Outbox, tenant: str, target: str
    ) -> None:
        """SEC-15 (part)."""
        names = await self.put(outbox, tenant, target, streams=3)
        [claim] = await self.lent(outbox, **{target: 1})
        await outbox.acknowledge(claim, seq=1, now=NOW)
        await outbox.give_back(claim, now=NOW)
        assert await outbox.doubt(tenant + "X") == 0
        assert await outbox.doubt(tenant) == 2
        assert await outbox.doubt(tenant) == 0
        assert not (await view(outbox, names[0])).unsettled
        assert all(claim.unsettled for claim in await self.lent(outbox, **{target: 9}))


async def test_a_message_that_cannot_be_opened_stops_its_own_stream_only(on: Any, keyring: Keyring) -> None:
    """A stored message that was altered, or whose key is gone, is for a person; the others go on."""
    if on is None:
        pytest.skip("memory seals nothing")
    target = f"portal-{uuid4().hex}"
    names = [StreamKey(tenant="H99", target=target, key=uuid4().hex) for _ in range(2)]
    await PostgresOutbox(on, Keyring.ephemeral()).enqueue([draft(names[0])], now=NOW)
    outbox = PostgresOutbox(on, keyring)
    await outbox.enqueue([draft(names[1])], now=NOW)
    [claim] = await outbox.claim(owner="w", now=NOW, lease_s=60, room={target: 9})
    assert claim.stream == names[1]
    stopped = await view(outbox, names[0])
    assert (stopped.state, stopped.trouble.code) == (StreamState.HELD, "ours.unknown_key")


async def test_what_the_target_told_is_known_to_later_messages(outbox: Outbox, stream: StreamKey) -> None:
    await outbox.enqueue([draft(stream, 1), draft(stream, 2), draft(stream, 3)], now=NOW)
    claim = await claim_of(outbox, stream)
    assert claim
    assert claim.known == {}
    assert await outbox.acknowledge(claim, seq=1, now=NOW, learned={"dossier": "7", "file:a": "x"})
    assert await outbox.acknowledge(claim, seq=2, now=NOW, learned={"file:a": "y"})
    assert await outbox.hold(claim, TROUBLE)
    assert (await view(outbox, stream)).known == {"dossier": "7", "file:a": "y"}
    assert await outbox.release(stream, Verdict.MISSING, now=NOW, learned={"code": "G"})
    again = await claim_of(outbox, stream)
    assert again
    assert again.known == {"dossier": "7", "file:a": "y", "code": "G"}


async def test_a_worker_that_lost_its_lease_teaches_nothing(outbox: Outbox, stream: StreamKey) -> None:
    await outbox.enqueue([draft(stream)], now=NOW)
    lost = await claim_of(outbox, stream)
    assert lost
    await claim_of(outbox, stream, now=NOW + timedelta(seconds=61))
    assert not await outbox.acknowledge(lost, seq=1, now=NOW, learned={"dossier": "7"})
    assert (await view(outbox, stream)).known == {}


async def test_what_a_first_part_told_is_kept_and_its_message_is_not_acknowledged(
    outbox: Outbox, stream: StreamKey
) -> None:
    await outbox.enqueue([draft(stream)], now=NOW)
    claim = await claim_of(outbox, stream)
    assert claim
    assert await outbox.acknowledge(claim, seq=claim.acknowledged, now=NOW, learned={"dossier": "7"})
    seen = await view(outbox, stream)
    assert (seen.head, seen.acknowledged_at, seen.known) == (0, None, {"dossier": "7"})
    again = await claim_of(outbox, stream, now=NOW + timedelta(seconds=61))
    assert again
    assert ([message.seq for message in again.messages], again.known) == ([1], {"dossier": "7"})


async def test_the_newest_version_stands_for_every_one_that_waits_and_steps_stay(
    outbox: Outbox, stream: StreamKey
) -> None:
    """COD-12 (part): a corrected dossier takes the place of what named an unknown code; no step is lost."""
    step = replace(draft(stream, 4), operation="step")
    await outbox.enqueue([draft(stream, n) for n in (1, 2, 3)], now=NOW)
    await outbox.enqueue([step, draft(stream, 5), replace(step, body={"n": 6})], now=NOW)
    claim = await claim_of(outbox, stream)
    assert claim is not None
    await outbox.acknowledge(claim, seq=1, now=NOW)
    await outbox.give_back(claim, now=NOW)
    assert await outbox.supersede(stream, "sync") == 2
    assert await outbox.supersede(replace(stream, key="none"), "sync") == 0
    again = await claim_of(outbox, stream)
    assert again is not None
    told = [(message.seq, message.operation, message.body["n"], message.call_id) for message in again.messages]
    assert told[:2] == [(2, "sync", 5, "CALL5"), (3, "sync", 5, "CALL5")]
    assert told[2:] == [(4, "step", 4, "CALL4"), (5, "sync", 5, "CALL5"), (6, "step", 6, "CALL4")]
    assert [message.body["n"] for message in await outbox.history(stream)] == [1]
