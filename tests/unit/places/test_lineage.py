"""What a code means on a day, over random splits, mergers, renamings and abolitions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.places.kin import kin_named, kin_of
from gateway.places.lineage import DAY, How, Lineage, Unit
from gateway.places.sheet import plan
from gateway.sdk.errors import NotFoundError

START = date(2000, 1, 1)


def unit(code: str, since: int, until: int | None = None, *successors: str, **more: str) -> Unit:
    """`since` to `until` in days after START."""
    return Unit(
        code=code,
        name=f"Xã {code}",
        kind=more.get("kind", "commune"),
        valid_from=START + timedelta(days=since),
        valid_to=None if until is None else START + timedelta(days=until),
        successors=successors,
        alias=more.get("alias", ""),
        parent=more.get("parent", ""),
    )


def on(day: int) -> date:
    return START + timedelta(days=day)


def codes(lineage: Lineage, code: str, day: int) -> list[str]:
    return [unit.code for unit in lineage.resolve(code, on(day)).units]


MERGED = Lineage(
    [unit("A", 0, 9, "N"), unit("B", 0, 9, "N"), unit("N", 10, 19, "P", "Q"), unit("P", 20), unit("Q", 20)]
)


@pytest.mark.parametrize(
    ("code", "day", "found"),
    [
        ("A", 5, ["A"]), ("A", 10, ["N"]), ("A", 30, ["P", "Q"]), ("B", 19, ["N"]), ("N", 15, ["N"]),
        ("N", 5, ["A", "B"]), ("Q", 15, ["N"]), ("Q", 5, ["A", "B"]), ("Q", 20, ["Q"]), ("A", -1, []), ("Q", -1, []),
    ],
)  # fmt: skip
def test_a_code_is_followed_and_traced_back(code: str, day: int, found: list[str]) -> None:
    """ORG-03 (part): 1:1, n:1 and 1:n."""
    assert codes(MERGED, code, day) == found


def test_an_old_code_shows_the_old_body_and_its_successor_of_the_day() -> None:
    """ORG-03: an old dossier shows the old body and the current successor."""
    found = MERGED.resolve("A", on(12))
    assert (found.how, found.periods[0].name, found.units[0].name) == (How.SUCCESSORS, "Xã A", "Xã N")
    assert MERGED.resolve("N", on(3)).how is How.PREDECESSORS
    assert MERGED.resolve("A", on(-5)).how is How.NONE


def test_one_that_is_taken_in_means_the_one_that_goes_on() -> None:
    lineage = Lineage([unit("A", 0, 9, "B"), unit("B", 0)])
    assert codes(lineage, "A", 20) == ["B"]
    assert codes(lineage, "B", 5) == ["B"]


def test_a_code_that_is_given_again_means_its_own_periods_and_in_between_what_followed() -> None:
    lineage = Lineage([unit("A", 0, 9, "B"), unit("B", 10, 19, "A"), unit("A", 20)])
    assert [codes(lineage, "A", day) for day in (5, 15, 25)] == [["A"], ["B"], ["A"]]
    assert lineage.resolve("B", on(25)).units[0].valid_from == on(20)


def test_an_abolished_body_without_a_successor_means_nothing_and_says_so() -> None:
    found = Lineage([unit("A", 0, 9)]).resolve("A", on(20))
    assert (found.how, found.units, len(found.periods)) == (How.NONE, (), 1)


def test_a_code_that_nobody_knows_is_an_error_and_no_guess() -> None:
    """COD-05 (part)."""
    with pytest.raises(NotFoundError):
        MERGED.resolve("Z", on(5))


@dataclass
class History:
    """Units that were split, merged, renamed or abolished one day after the other, by new codes."""

    units: list[Unit] = field(default_factory=list)
    cuts: list[tuple[int, tuple[Unit, ...]]] = field(default_factory=list)
    """The register as it was on the eve of each reorganisation."""
    last: int = 0


@st.composite
def histories(draw: st.DrawFn) -> History:
    made, number, day = History(), draw(st.integers(1, 5)), 0
    live = [f"U{n}" for n in range(number)]
    made.units = [unit(code, 0) for code in live]
    for _ in range(draw(st.integers(0, 6))):
        if not live:
            break
        day += draw(st.integers(1, 40))
        ended = draw(st.lists(st.sampled_from(live), min_size=1, max_size=3, unique=True))
        count = draw(st.integers(0, 3))
        begun = tuple(f"U{number + n}" for n in range(count))
        number += count
        made.cuts.append((day, tuple(made.units)))
        made.units = [
            replace(u, valid_to=on(day - 1), successors=begun) if u.code in ended and u.valid_to is None else u
            for u in made.units
        ]
        made.units += [unit(code, day) for code in begun]
        live = [code for code in live if code not in ended] + list(begun)
    made.last = day
    return made


days = st.integers(-10, 300)


@settings(deadline=None)
@given(made=histories(), day=days)
def test_every_meaning_is_in_force_on_its_day_and_leads_back(made: History, day: int) -> None:
    """ORG-04: forward and backward are each other's mirror."""
    lineage = Lineage(made.units)
    for start in made.units:
        for found in lineage.resolve(start.code, on(day)).units:
            assert found.covers(on(day))
            moment = min(max(on(day), start.valid_from), start.valid_to or date.max)
            assert start in lineage.resolve(found.code, moment).units


@settings(deadline=None)
@given(made=histories())
def test_nothing_is_lost_while_somebody_follows(made: History) -> None:
    """ORG-04: never empty while a successor exists, on any day after the change."""
    lineage = Lineage(made.units)
    for start in made.units:
        if start.successors and start.valid_to:
            assert {u.code for u in lineage.resolve(start.code, start.valid_to + DAY).units} == set(start.successors)
        ended = [u for u in made.units if u.valid_to and not u.successors]
        if not ended:
            assert lineage.resolve(start.code, on(made.last + 100)).units


@settings(deadline=None)
@given(made=histories(), day=days)
def test_a_reorganisation_changes_no_answer_about_the_days_before_it(made: History, day: int) -> None:
    """ORG-03 (part): history is never rewritten."""
    now = Lineage(made.units)
    for cut, before in made.cuts:
        then = Lineage(before)
        for start in before:
            if day < cut:
                old = [u.key for u in then.resolve(start.code, on(day)).units]
                assert [u.key for u in now.resolve(start.code, on(day)).units] == old


@settings(deadline=None)
@given(made=histories())
def test_what_is_made_this_way_is_taken_over_whole_and_only_once(made: History) -> None:
    """ORG-03 (part): an import is idempotent, and the register's eve can be completed by today's."""
    rows = dict(enumerate(made.units, 2))
    assert set(plan([], rows).added) == set(made.units)
    again = plan(made.units, rows)
    assert (again.added, again.changed, again.unchanged) == ((), (), len(made.units))
    for _, before in made.cuts:
        completed = {u.key: u for u in before} | {u.key: u for u in plan(before, rows).saved}
        assert set(completed.values()) == set(made.units)


FORMS = Lineage(
    [
        unit("H99.12", 0, 9, "H99.40", kind="agency", alias="000.00.12.H99"),
        unit("H99.40", 10, kind="agency", alias="000.00.40.H99"),
        unit("H99.41", 10, kind="agency"),
    ]
)


@pytest.mark.parametrize(
    ("one", "other", "day"),
    [
        ("H99.12", "000.00.12.H99", 5),
        ("H99.40", "000.00.40.H99", 15),
        ("H99", "000.00.00.H99", 5),
        ("G22", "000.00.00.G22", 5),
    ],
)
def test_both_forms_of_an_agency_id_lead_to_each_other(one: str, other: str, day: int) -> None:
    """COD-05: by the table, and at level 1 by the form itself."""
    assert FORMS.other_form(one, on(day)) == other
    assert FORMS.other_form(other, on(day)) == one


@pytest.mark.parametrize(
    ("text", "day"), [("H99.41", 15), ("H99.12", 15), ("000.00.41.H99", 15), ("MOCK-1", 15), ("", 15)]
)
def test_a_form_that_no_table_says_is_an_error_and_no_guess(text: str, day: int) -> None:
    """COD-05."""
    with pytest.raises(NotFoundError):
        FORMS.other_form(text, on(day))


@settings(deadline=None)
@given(
    numbers=st.lists(st.integers(1, 99), min_size=1, max_size=20, unique=True),
    shift=st.integers(1, 98),
)
def test_a_table_of_forms_maps_each_id_there_and_back(numbers: list[int], shift: int) -> None:
    """COD-05: the round trip, with numbers that differ between the forms."""
    table = Lineage(
        unit(f"H99.{number}", 0, kind="agency", alias=f"000.00.{(number + shift) % 100:02d}.H99") for number in numbers
    )
    for number in numbers:
        other = table.other_form(f"H99.{number}", on(0))
        assert table.other_form(other, on(0)) == f"H99.{number}"
        assert table.resolve(other, on(0)).units[0].code == f"H99.{number}"


TOWN = Lineage(
    [
        unit("OLD", 0, 9, "NEW", kind="province"),
        unit("NEW", 0, 9, "NEW", kind="province"),
        unit("NEW", 10, kind="province"),
        unit("D", 0, 9, kind="district", parent="OLD"),
        unit("A", 0, 9, "C", parent="D"),
        unit("B", 0, 9, "B", parent="D"),
        unit("B", 10, parent="NEW"),
        unit("C", 10, parent="NEW"),
    ]
)


def kin_codes(lineage: Lineage, code: str) -> set[str]:
    return {place.code for place in kin_of(lineage, code)}


def test_kin_are_what_a_place_became_and_what_it_was_made_of_and_no_siblings() -> None:
    """ORG-03 (part), ORG-10 (part)."""
    assert kin_codes(MERGED, "A") == {"A", "N", "P", "Q"}
    assert kin_codes(MERGED, "P") == {"P", "N", "A", "B"}
    assert kin_codes(MERGED, "Z") == set()


@settings(deadline=None)
@given(made=histories())
def test_kin_is_mutual(made: History) -> None:
    """ORG-04: both ways, on any day."""
    lineage = Lineage(made.units)
    for one in made.units:
        assert one in lineage.kin(one.code)
        for other in lineage.kin(one.code):
            assert one in lineage.kin(other.code)


def test_names_are_those_of_all_that_a_place_lies_or_lay_in() -> None:
    [old, new] = sorted(kin_of(TOWN, "C"), key=lambda place: not place.former)
    assert (old.code, old.names, old.former) == ("A", ("Xã A", "Xã D", "Xã OLD"), True)
    assert (new.code, new.names, new.former) == ("C", ("Xã C", "Xã NEW"), False)


def test_a_place_that_kept_its_code_has_former_names_too() -> None:
    [before, after] = kin_of(TOWN, "B")
    assert (before.former, before.names) == (True, ("Xã B", "Xã D", "Xã OLD"))
    assert (after.former, after.names) == (False, ("Xã B", "Xã NEW"))


def test_a_province_that_took_another_in_was_made_of_it() -> None:
    assert kin_codes(TOWN, "NEW") == {"NEW", "OLD"}


def test_a_place_is_found_by_its_names() -> None:
    assert {place.code for place in kin_named(TOWN, "X. A", ["xã OLD"])} == {"A", "C"}
    assert kin_named(TOWN, "Xã A", ["Xã NEW"]) == ()
    assert kin_named(TOWN, "Xã Không Có", []) == ()
