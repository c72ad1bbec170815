"""What a target is told of a dossier, and which target that is."""

from __future__ import annotations

from typing import Any

import pytest
from intake_house import CODE, House
from services import CONTEXT, ScriptedExchange

from gateway.sdk.errors import UnprocessableError

BORN = {
    "status": 2,
    "origin_code": "G22.01-260102-000321",
    "received_at": "2026-11-20T08:00:00+07:00",
    "applicant": {"account_id": "1a2b"},
    "note": "Đã tiếp nhận",
}


def told(house: House) -> list[tuple[str, Any]]:
    return [(draft.operation, draft.body.get("status")) for draft in house.outbox.drafts]


async def test_a_dossier_that_was_born_at_the_portal_is_told_by_its_status_alone() -> None:
    """SYN-03 (part): DongBoTrangThaiHoSo instead of DongBoHoSoMC and CapNhatTienDoHoSoMC (5.3)."""
    house = House()
    await house.service.put(CODE, BORN, context=CONTEXT)
    await house.event(4, hour=9)
    await house.event(5, hour=10, content="Bổ sung thể lệ")
    assert told(house) == [("report_origin_status", 2), ("report_origin_status", 4), ("report_origin_status", 5)]
    first, _, last = (draft.body for draft in house.outbox.drafts)
    assert first == {
        "origin_code": "G22.01-260102-000321",
        "code": CODE,
        "account_id": "1a2b",
        "at": BORN["received_at"],
        "content": "Đã tiếp nhận",
        "status": 2,
    }
    assert last["content"] == "Bổ sung thể lệ"


async def test_what_the_portal_filed_itself_is_not_told_back_to_it() -> None:
    house = House()
    await house.service.put(CODE, {**BORN, "status": 1}, context=CONTEXT)
    assert told(house) == []


async def test_a_late_step_of_such_a_dossier_never_turns_its_status_back() -> None:
    """STA-04 (part)."""
    house = House()
    await house.service.put(CODE, BORN, context=CONTEXT)
    await house.event(4, hour=9)
    await house.event(5, hour=12, content="Bổ sung")
    taken = await house.event(4, hour=10)
    assert taken.place == "late"
    assert told(house)[-1] == ("report_origin_status", 5)


async def test_a_corrected_version_of_such_a_dossier_tells_nothing() -> None:
    house = House()
    await house.service.put(CODE, BORN, context=CONTEXT)
    await house.service.put(CODE, {**BORN, "note": "Khác"}, context=CONTEXT)
    assert told(house) == [("report_origin_status", 2)]


class SwitchedExchange(ScriptedExchange):
    """Dossiers received in December go to the new system."""

    asked_for: tuple[Any, ...] = ()

    def system_for(self, operation: str, *, on: Any = None, procedure: str = "") -> str:
        self.asked_for = (operation, str(on), procedure)
        return "new" if str(on) >= "2026-12-01" else "old"


@pytest.mark.parametrize(("received", "target"), [("2026-11-30T23:59:59", "old"), ("2026-12-01T00:00:00", "new")])
async def test_the_day_of_reception_decides_where_a_dossier_goes(received: str, target: str) -> None:
    """SYN-10 (part): the same procedure before and after the switch."""
    house, exchange = House(), SwitchedExchange()
    house.service._exchange = exchange  # type: ignore[assignment] # a scripted one
    document = {"status": 2, "received_at": f"{received}+07:00", "procedure": {"code": "1.000948.H38"}}
    await house.service.put(CODE, document, context=CONTEXT)
    assert {draft.stream.target for draft in house.outbox.drafts} == {target}
    assert exchange.asked_for == ("sync_dossier", received[:10], "1.000948")


async def test_an_open_dossier_stays_where_it_was_first_told() -> None:
    """SYN-10 (part): open dossiers stay."""
    house = House()
    house.service._exchange = SwitchedExchange()  # type: ignore[assignment] # a scripted one
    document = {"status": 2, "received_at": "2026-11-30T09:00:00+07:00"}
    await house.service.put(CODE, document, context=CONTEXT)
    await house.service.put(CODE, {**document, "received_at": "2026-12-01T09:00:00+07:00"}, context=CONTEXT)
    await house.event(4)
    assert {draft.stream.target for draft in house.outbox.drafts} == {"old"}
    assert [draft.operation for draft in house.outbox.drafts][-2:] == ["sync_dossier", "report_progress"]


async def test_whose_dossier_it_is_does_not_change_after_its_first_version() -> None:
    for first, later in ((BORN, {"origin_code": None}), ({"status": 2}, {"origin_code": "G22.01-260102-000321"})):
        house = House()
        await house.service.put(CODE, first, context=CONTEXT)
        house.outbox.drafts.clear()
        changed = {name: value for name, value in {**first, **later}.items() if value is not None}
        with pytest.raises(UnprocessableError) as refused:
            await house.service.put(CODE, changed, context=CONTEXT)
        assert (refused.value.fields[0].pointer, refused.value.error_code) == ("/origin_code", "caller.origin_differs")
        assert house.outbox.drafts == []


async def test_a_further_step_before_reception_is_the_portals_own_word() -> None:
    house = House()
    await house.service.put(CODE, {**BORN, "status": 1}, context=CONTEXT)
    await house.event(1, hour=9)
    assert told(house) == []
    await house.event(2, hour=10)
    assert told(house) == [("report_origin_status", 2)]
