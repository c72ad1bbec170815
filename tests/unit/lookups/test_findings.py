"""What may be said of several comparisons together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import DIFFERENT, SAME, Reason, Verdict, similar
from gateway.lookups.explain import CAUTIONS, EXPLANATIONS, FIELDS, GAPS, explain, joined
from gateway.lookups.findings import Finding, Findings
from gateway.lookups.model import Caution, Gap

LIKENESSES = st.sampled_from([SAME, DIFFERENT, similar([Reason.MARKS]), similar([Reason.OLD_PLACE])])
ITEMS = st.builds(
    Finding,
    st.sampled_from(sorted(FIELDS)),
    st.none() | LIKENESSES,
    st.none() | st.sampled_from(list(Gap)),
)


@given(st.lists(ITEMS, max_size=5))
def test_a_review_needs_that_all_that_differs_is_similar(items: list[Finding]) -> None:
    """POP-09: one real difference is a mismatch, whatever else is only written otherwise. A place that nobody can
    explain is for a person."""
    findings = Findings.of(items)
    ways = {item.likeness.how for item in items if item.likeness is not None}
    unknown = any(item.gap is Gap.UNKNOWN_PLACE for item in items)
    expected = {
        Verdict.UNDETERMINED: not ways,
        Verdict.MATCH: ways == {"same"} and not unknown,
        Verdict.NEEDS_REVIEW: bool(ways) and "different" not in ways and ("similar" in ways or unknown),
        Verdict.MISMATCH: "different" in ways,
    }
    assert [verdict for verdict, holds in expected.items() if holds] == [findings.verdict]


@given(st.lists(ITEMS, max_size=5))
def test_the_sentences_name_what_is_similar_and_what_is_open(items: list[Finding]) -> None:
    findings = Findings.of(items)
    english, vietnamese = explain(EXPLANATIONS[findings.verdict], findings)
    assert english.isascii()
    for unchecked in findings.unchecked:
        assert GAPS[unchecked.gap][1] in vietnamese
    for difference in findings.differences:
        assert all(reason.detail_vi in vietnamese for reason in difference.why)


def test_every_gap_and_caution_has_its_sentences() -> None:
    assert set(GAPS) == set(Gap)
    assert set(CAUTIONS) == set(Caution)
    assert all(english.isascii() for english, _ in (*GAPS.values(), *CAUTIONS.values(), *FIELDS.values()))


def test_a_sentence_without_a_dot_gets_one() -> None:
    assert joined(("One", "Một."), ("", ""), ("Two!", "Hai")) == ("One. Two!", "Một. Hai.")
