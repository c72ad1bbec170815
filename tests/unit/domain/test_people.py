"""Whom a document names by number."""

from __future__ import annotations

from gateway.domain import numbers_in, people_in


def test_numbers_are_found_wherever_our_vocabulary_has_them() -> None:
    document = {
        "applicant": {
            "kind": "citizen",
            "identifiers": [
                {"kind": "personal_id", "value": "099185000001"},
                {"kind": "old_card", "value": "099185001"},
                {"kind": "tax_code", "value": "099185000003"},
            ],
        },
        "payer": {"personal_id": "099185000002", "telephone": "0912345678"},
        "again": ({"personal_id": "099185000001"},),
    }
    assert people_in(document) == ("099185000001", "099185001", "099185000002")


def test_what_is_no_number_of_a_person_is_passed_over() -> None:
    assert people_in({"personal_id": "12"}) == people_in({"personal_id": None}) == people_in("099185000001") == ()


def test_in_the_words_of_others_whatever_reads_as_a_number_counts() -> None:
    said = [{"NguoiNop": {"SoGiayTo": "099185000001", "SoTien": "150000000"}}, ("099185000002", 99185000003, "x")]
    assert numbers_in(said) == ("099185000001", "099185000002")
