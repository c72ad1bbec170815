"""No look-up without a purpose that covers it, and nothing comes back that was not asked for and allowed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from restrained import METHODS, Bench, citizen, context
from services import CONTEXT, PURPOSE

from gateway.sdk.errors import NotAllowedError

FIRM = "9900000016"
ASKED: dict[str, dict[str, Any]] = {
    "verify_citizen": citizen(),
    "lookup_citizen": citizen(fields=["full_name"]),
    "lookup_account": {"number": "099185000001", "purpose": {}},
    "lookup_enterprise": {"enterprise_code": FIRM, "purpose": {}},
    "verify_enterprise": {"enterprise_code": FIRM, "name": "Công ty Mẫu", "purpose": {}},
    "verify_representative": {"enterprise_code": FIRM, "full_name": "Trần Thị Mẫu", "purpose": {}},
    "list_registrations": {"from_date": "2026-11-20", "to_date": "2026-11-23", "offset": 0, "limit": 9, "purpose": {}},
    "read_registration": {"journal_no": "J-1", "purpose": {}},
}
NARROW = """effective_from: 2026-01-01
basis: Quyết định mẫu
procedures:
  "1.009999": {citizen: [full_name, gender]}
"""
RECORD = {"full_name": "TRẦN THỊ MẪU", "gender": {"code": "2"}, "religion": {"code": "1"}}
PERSON = {"full_name": "LÊ VĂN THỬ", "document_number": "099190000003"}
ENTERPRISE = {
    "enterprise_code": FIRM,
    "name": "CÔNG TY MẪU",
    "status": "Đang hoạt động",
    "capital_amount": "1000000",
    "representatives": [PERSON],
    "representative_documents": [PERSON],
    "members": [{"name": "LÊ VĂN THỬ"}],
}

every_method = pytest.mark.parametrize("method", METHODS)


@pytest.fixture
def narrow(tmp_path: Path) -> Bench:
    """The procedure of the tests may ask little."""
    (tmp_path / "tinh.yaml").write_text(NARROW, encoding="utf-8")
    return Bench(tmp_path)


async def refused(bench: Bench, method: str, asked: dict[str, Any], **purpose: str) -> NotAllowedError:
    with pytest.raises(NotAllowedError) as raised:
        await getattr(bench.lookups, method)(asked, context=context(**purpose))
    assert bench.registers.asked == []
    assert bench.store.marks == {}
    error = raised.value
    assert error.error_code == "caller.purpose"
    assert "Mục đích" in error.detail_vi
    assert all(field.detail and field.detail_vi for field in error.fields)
    return error


@every_method
async def test_every_look_up_of_an_allowed_procedure_reaches_the_register_with_its_basis(method: str) -> None:
    """POP-06, PDP-02 (part): the legal basis goes where the leaf is written."""
    bench = Bench()
    await getattr(bench.lookups, method)(ASKED[method], context=CONTEXT)
    ((name, asked, seen),) = bench.registers.asked
    assert (name, asked) == (method, ASKED[method])
    assert seen.purpose == replace(PURPOSE, basis="MOCK-: made-up procedure of the examples")


@every_method
async def test_no_look_up_without_a_purpose(method: str) -> None:
    """POP-06."""
    bench = Bench()
    with pytest.raises(NotAllowedError, match="purpose"):
        await getattr(bench.lookups, method)(ASKED[method], context=replace(CONTEXT, purpose=None))
    assert bench.registers.asked == []


@pytest.mark.parametrize("name", ["dossier_code", "procedure_code", "officer_id", "agency_id"])
async def test_no_part_of_a_purpose_may_be_missing(name: str) -> None:
    """POP-06."""
    error = await refused(Bench(), "verify_citizen", ASKED["verify_citizen"], **{name: ""})
    assert [field.pointer for field in error.fields] == [f"/purpose/{name}"]


@every_method
async def test_a_procedure_that_no_rule_names_may_ask_nothing(method: str) -> None:
    """PDP-01."""
    error = await refused(Bench(), method, ASKED[method], procedure_code="1.009995")
    assert [field.pointer for field in error.fields] == ["/purpose/procedure_code"]


async def test_fields_beyond_the_procedure_are_named_one_by_one(narrow: Bench) -> None:
    """POP-06, PDP-01."""
    asked = citizen(fields=["full_name", "religion", "gender", "ethnicity"])
    error = await refused(narrow, "lookup_citizen", asked)
    assert [field.pointer for field in error.fields] == ["/fields/1", "/fields/3"]


async def test_what_is_compared_must_be_allowed_too(narrow: Bench) -> None:
    """PDP-01: whoever compares a field learns it."""
    error = await refused(narrow, "verify_citizen", ASKED["verify_citizen"])
    assert [field.pointer for field in error.fields] == ["/personal_id", "/birth_date"]


async def test_an_optional_field_counts_only_when_it_is_given() -> None:
    bench = Bench()
    await bench.lookups.verify_citizen(citizen(gender=None), context=context(procedure_code="1.009998"))
    bench.registers.asked.clear()
    bench.store.marks.clear()
    error = await refused(bench, "verify_citizen", citizen(gender="2"), procedure_code="1.009998")
    assert [field.pointer for field in error.fields] == ["/gender"]


@pytest.mark.parametrize("method", ["lookup_account", "list_registrations", "read_registration"])
async def test_a_register_that_the_procedure_does_not_need_is_closed(narrow: Bench, method: str) -> None:
    """PDP-01."""
    error = await refused(narrow, method, ASKED[method])
    assert [field.pointer for field in error.fields] == ["/purpose/procedure_code"]


async def test_the_number_of_a_representatives_papers_is_not_free(narrow: Bench) -> None:
    """BIZ-03 (part)."""
    await narrow.lookups.verify_representative(ASKED["verify_representative"], context=CONTEXT)
    narrow.registers.asked.clear()
    narrow.store.marks.clear()
    asked = {**ASKED["verify_representative"], "personal_id": "099185000001"}
    error = await refused(narrow, "verify_representative", asked)
    assert [field.pointer for field in error.fields] == ["/personal_id"]


async def test_a_register_that_sends_more_is_cut_to_what_was_asked_and_allowed(narrow: Bench) -> None:
    """POP-06, CON-09 (part): also when the layer below did not."""
    narrow.registers.record = dict(RECORD)
    found = await narrow.lookups.lookup_citizen(citizen(fields=["full_name"]), context=CONTEXT)
    assert found.record == {"full_name": "TRẦN THỊ MẪU"}


async def test_of_an_enterprise_everybody_gets_what_is_free_and_no_more(narrow: Bench) -> None:
    """BIZ-03 (part)."""
    narrow.registers.record = dict(ENTERPRISE)
    found = await narrow.lookups.lookup_enterprise(ASKED["lookup_enterprise"], context=CONTEXT)
    assert found.record == {
        "enterprise_code": FIRM,
        "name": "CÔNG TY MẪU",
        "status": "Đang hoạt động",
        "representatives": [{"full_name": "LÊ VĂN THỬ"}],
    }
    narrow.registers.asked.clear()
    narrow.store.marks.clear()
    asked = {**ASKED["lookup_enterprise"], "fields": ["name", "capital_amount"]}
    error = await refused(narrow, "lookup_enterprise", asked)
    assert [field.pointer for field in error.fields] == ["/fields/1"]


async def test_a_procedure_that_has_more_of_enterprises_gets_what_it_asks_for() -> None:
    bench = Bench()
    bench.registers.record = dict(ENTERPRISE)
    asked = {**ASKED["lookup_enterprise"], "fields": ["capital_amount", "representatives", "representative_documents"]}
    found = await bench.lookups.lookup_enterprise(asked, context=CONTEXT)
    assert found.record == {
        "capital_amount": "1000000",
        "representatives": [{"full_name": "LÊ VĂN THỬ"}],
        "representative_documents": [PERSON],
    }


async def test_whoever_handed_a_registration_in_is_told_only_when_asked_for() -> None:
    """POP-06 (part), CON-09 (part)."""
    bench = Bench()
    bench.registers.record = {"journal_no": "J-1", "contact": {"full_name": "MOCK"}}
    asked = ASKED["read_registration"]
    told = await bench.lookups.read_registration(asked, context=context())
    assert told.record == {"journal_no": "J-1"}
    told = await bench.lookups.read_registration({**asked, "contact": True}, context=context())
    assert told.record == bench.registers.record


async def test_whoever_handed_a_registration_in_needs_a_rule_of_their_own(tmp_path: Path) -> None:
    """POP-06 (part): it may read registrations, and not that."""
    text = NARROW.replace("citizen: [full_name, gender]", "registrations: true")
    (tmp_path / "tinh.yaml").write_text(text, encoding="utf-8")
    bench = Bench(tmp_path)
    error = await refused(bench, "read_registration", {**ASKED["read_registration"], "contact": True})
    assert [field.pointer for field in error.fields] == ["/contact"]
    await bench.lookups.read_registration(ASKED["read_registration"], context=context())
