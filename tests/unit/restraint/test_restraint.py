"""A search for people is noticed, refused and told to a person; ordinary work is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from province import DEFAULT, UNHURRIED
from restrained import Bench, citizen, context
from services import CONTEXT, NOW, PURPOSE

from gateway.domain import Verdict
from gateway.restraint.model import Rates
from gateway.sdk import TransientRemoteError
from gateway.sdk.errors import TooManyRequestsError

SLOW = replace(DEFAULT, officer=Rates(minute=3, hour=100, day=100))
FREE = UNHURRIED
OFFICER = f"officer:{CONTEXT.actor}/{PURPOSE.agency_id}/{PURPOSE.officer_id}"


def number(count: int) -> str:
    """Made-up people who are nobody's neighbours."""
    return f"0991{count % 100:02d}{count:04d}{count % 97:02d}"


async def until_refused(bench: Bench, asks: Any) -> tuple[int, TooManyRequestsError]:
    """How many went through before the first refusal."""
    for count, ask in enumerate(asks):
        try:
            await ask
        except TooManyRequestsError as exc:
            for rest in asks:
                rest.close()
            return count, exc
    raise AssertionError("nothing was refused")


async def test_too_fast_is_refused_with_the_time_to_wait_and_passes_by_itself() -> None:
    """POP-07 (part)."""
    bench = Bench(policy=SLOW)
    bench.now = NOW + timedelta(seconds=20)
    count, error = await until_refused(bench, (bench.verify() for _ in range(9)))
    assert (count, error.error_code, error.retry_after_s) == (3, "caller.too_many_requests", 40)
    assert len(bench.registers.asked) == 3
    bench.now = NOW + timedelta(seconds=60)
    await bench.verify()
    ((_, alarm),) = bench.alarms.kept
    assert (alarm.occasion.kind, alarm.occasion.about) == ("lookup_rate_minute", OFFICER)
    assert "held" not in alarm.occasion.facts


async def test_another_officer_and_another_client_have_counts_of_their_own() -> None:
    bench = Bench(policy=SLOW)
    await until_refused(bench, (bench.verify() for _ in range(9)))
    await bench.verify(officer_id="canbo.khac")
    await bench.verify(agency_id="000.00.06.H99")


SEARCHES = {
    "lookup_people_per_dossier": (30, lambda bench, i: bench.verify(number(i), officer_id=f"canbo.{i % 3}")),
    "lookup_people_per_hour": (60, lambda bench, i: bench.verify(number(i), dossier_code=f"D-{i}")),
    "lookup_neighbours": (8, lambda bench, i: bench.verify(f"09918500{i:04d}", dossier_code=f"D-{i}")),
    "lookup_client_neighbours": (
        40,
        lambda bench, i: bench.verify(f"0991850000{i:02d}", dossier_code=f"D-{i}", officer_id=f"canbo.{i}"),
    ),
    "lookup_dossiers_per_person": (10, lambda bench, i: bench.verify(dossier_code=f"D-{i}")),
    "lookup_questions_per_person": (12, lambda bench, i: bench.guess(i)),
    "lookup_client_questions_per_person": (40, lambda bench, i: bench.guess(i, officer_id=f"canbo.{i}")),
}


@pytest.mark.parametrize("kind", SEARCHES)
async def test_a_search_for_people_is_noticed_refused_and_alarmed(kind: str) -> None:
    """POP-07: each pattern lets its number through and not one more, and the register is not asked again."""
    most, ask = SEARCHES[kind]
    bench = Bench(policy=FREE)
    count, error = await until_refused(bench, (ask(bench, i) for i in range(200)))
    assert (count, error.error_code, error.retry_after_s) == (most, "caller.enumeration", None)
    assert "dò tìm" in error.detail_vi
    assert len(bench.registers.asked) == most
    ((_, alarm),) = bench.alarms.kept
    assert (alarm.occasion.kind, alarm.occasion.facts["count"], alarm.occasion.facts["most"]) == (kind, most + 1, most)
    with pytest.raises(TooManyRequestsError):
        await ask(bench, 0)
    assert len(bench.registers.asked) == most


async def test_a_person_whose_details_many_officers_tried_is_asked_about_no_more_today() -> None:
    """POP-07 (part): new names of officers give no new tries; the client's other work goes on."""
    bench = Bench(policy=FREE)
    _, ask = SEARCHES["lookup_client_questions_per_person"]
    await until_refused(bench, (ask(bench, i) for i in range(200)))
    with pytest.raises(TooManyRequestsError):
        await bench.guess(300, officer_id="canbo.moi")
    await bench.verify(number(5), officer_id="canbo.moi")
    bench.now += timedelta(days=1, seconds=1)
    await bench.guess(301, officer_id="canbo.moi")


async def test_which_fields_are_wanted_is_no_guess() -> None:
    bench = Bench(policy=FREE)
    for name in ["full_name", "gender", "ethnicity", "nationality", "home_town"] * 5:
        await bench.lookups.lookup_citizen(citizen(fields=[name]), context=context())
    assert bench.alarms.kept == []


async def test_a_client_that_names_the_officers_and_dossiers_of_another_blocks_its_own_alone() -> None:
    """An officer's name is the client's word: a key that was stolen stops nobody else's work."""
    bench = Bench(policy=FREE)
    asks = (bench.lookups.verify_citizen(citizen(number(i)), context=context("khac")) for i in range(200))
    count, _ = await until_refused(bench, asks)
    assert count == 30
    assert bench.alarms.kept[0][1].occasion.facts["client"] == "khac"
    await bench.verify()


async def test_guessed_numbers_are_noticed_by_what_the_register_does_not_know() -> None:
    """POP-07 (part)."""
    bench = Bench(policy=FREE)
    bench.registers.verdict = Verdict.NOT_FOUND
    count, error = await until_refused(bench, (bench.verify(number(i), dossier_code=f"D-{i}") for i in range(100)))
    assert (count, error.error_code) == (19, "caller.enumeration")
    assert bench.alarms.kept[0][1].occasion.kind == "lookup_misses"


async def test_misses_that_were_typing_errors_and_were_mended_are_none() -> None:
    bench = Bench(policy=FREE)
    for i in range(40):
        bench.registers.verdict = Verdict.MISMATCH
        await bench.verify(number(i), dossier_code=f"D-{i}")
        bench.registers.verdict = Verdict.MATCH
        await bench.verify(number(i), dossier_code=f"D-{i}")
    assert bench.alarms.kept == []


async def test_a_register_that_is_down_makes_nobody_a_suspect() -> None:
    """No answer is no miss."""
    bench = Bench(policy=FREE)
    bench.registers.verdict = Verdict.UNDETERMINED
    for i in range(30):
        await bench.verify(number(i), dossier_code=f"D-{i}")
    bench.registers.broken = TransientRemoteError("down")
    for i in range(30, 50):
        with pytest.raises(TransientRemoteError):
            await bench.verify(number(i), dossier_code=f"D-{i}")
    assert bench.alarms.kept == []


async def test_the_same_person_for_the_same_dossier_is_never_a_search() -> None:
    """POP-07 (part): a repeat counts for the rate alone."""
    bench = Bench(policy=FREE)
    bench.registers.verdict = Verdict.NOT_FOUND
    for _ in range(200):
        await bench.verify()
    assert bench.alarms.kept == []


async def test_enterprises_in_a_row_are_no_neighbours() -> None:
    bench = Bench(policy=FREE)
    for i in range(30):
        asked = {"enterprise_code": f"99000000{i:02d}", "purpose": {}}
        await bench.lookups.lookup_enterprise(asked, context=context())
    assert bench.alarms.kept == []


async def test_an_enterprise_that_everybody_writes_in_their_own_way_is_no_riddle() -> None:
    """BIZ-03 (part): its details are free to everybody."""
    bench = Bench(policy=FREE)
    for i in range(60):
        asked = {"enterprise_code": "9900000016", "name": f"Ngân hàng Mẫu, chi nhánh {i}", "purpose": {}}
        await bench.lookups.verify_enterprise(asked, context=context())
        asked = {"enterprise_code": "9900000016", "full_name": f"Trần Mẫu {i}", "purpose": {}}
        await bench.lookups.verify_representative(asked, context=context())
    assert bench.alarms.kept == []


async def test_which_enterprises_a_person_stands_for_is_not_found_by_trying() -> None:
    """POP-07 (part)."""
    bench = Bench(policy=FREE)
    asks = (
        bench.lookups.verify_representative(
            {"enterprise_code": f"99000{i:05d}", "full_name": "Trần Mẫu", "personal_id": "099185000001", "purpose": {}},
            context=context(),
        )
        for i in range(60)
    )
    assert (await until_refused(bench, asks))[0] == 12


async def test_registrations_are_not_read_one_after_the_other() -> None:
    """POP-07 (part): each names a person, with number and telephone, and journal numbers are given out in a row."""
    bench = Bench(policy=FREE)
    asks = (
        bench.lookups.read_registration({"journal_no": f"J-{i}", "purpose": {}}, context=context()) for i in range(200)
    )
    count, error = await until_refused(bench, asks)
    assert (count, error.error_code) == (30, "caller.enumeration")


async def test_lists_of_registrations_count_for_the_rate_alone() -> None:
    bench = Bench(policy=replace(FREE, officer=Rates(minute=100, hour=10**6, day=10**6)))
    asks = (
        bench.lookups.list_registrations({"from_time": "08:00", "offset": i, "purpose": {}}, context=context())
        for i in range(200)
    )
    count, error = await until_refused(bench, asks)
    assert (count, error.error_code) == (100, "caller.too_many_requests")


async def test_a_block_ends_after_its_time_and_counting_begins_anew() -> None:
    bench = Bench(policy=FREE)
    _, ask = SEARCHES["lookup_people_per_hour"]
    await until_refused(bench, (ask(bench, i) for i in range(200)))
    bench.now += DEFAULT.blocked_for - timedelta(seconds=1)
    with pytest.raises(TooManyRequestsError):
        await bench.verify()
    bench.now += timedelta(seconds=2)
    count, _ = await until_refused(bench, (ask(bench, i) for i in range(200, 400)))
    assert count == 60


async def test_a_person_who_lifts_the_block_frees_the_officer_at_once() -> None:
    bench = Bench(policy=FREE)
    most, ask = SEARCHES["lookup_people_per_dossier"]
    await until_refused(bench, (ask(bench, i) for i in range(200)))
    held = str(bench.alarms.kept[0][1].occasion.facts["held"]).split()
    assert f"dossier:{CONTEXT.actor}/{PURPOSE.dossier_code}" in held
    bench.now += timedelta(minutes=1)
    assert sorted(await bench.store.lift("H99", held, now=bench.now)) == sorted(held)
    bench.now += timedelta(seconds=1)
    count, _ = await until_refused(bench, (ask(bench, i) for i in range(200, 400)))
    assert count == most


async def test_no_number_and_no_name_is_kept_alarmed_or_recorded() -> None:
    """PDP-15 (part): marks hold keyed digests; alarms and leaves hold ids and counts."""
    bench = Bench(policy=FREE)
    _, ask = SEARCHES["lookup_neighbours"]
    await until_refused(bench, (ask(bench, i) for i in range(20)))
    kept = repr((bench.store.marks, bench.alarms.kept, bench.recorder.entries))
    assert "0991850" not in kept
    assert "Mẫu" not in kept
    assert bench.recorder.entries[0].facts["about"] == OFFICER


async def test_old_and_new_cards_and_codes_with_a_dash_are_recognised() -> None:
    """COD-15 (part): nine digits are neighbours of nine digits only; a dash makes no other enterprise."""
    bench = Bench()
    subjects = bench.lookups._subjects
    assert subjects.marks("H99", "9900000016-001") == subjects.marks("H99", "9900000016001")
    assert subjects.marks("H99", "9900000016")[1] is None
    assert subjects.marks("H99", "099185000001")[1] == subjects.marks("H99", "099185000002")[1]
    assert subjects.marks("H99", "099185000001")[1] != subjects.marks("H99", "099185000101")[1]
    assert subjects.marks("H99", "099185001")[1] != subjects.marks("H99", "099185000001")[1]
    assert subjects.marks("H99", "099185000001")[0] != subjects.marks("H98", "099185000001")[0]
    assert citizen()["personal_id"] == "099185000001"
