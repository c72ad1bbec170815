"""Procedures are versioned as they are told, and what is kept is never shown as fresh."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from services import CONTEXT, Clock, ScriptedExchange, atomically

from gateway.procedures.memory import MemoryProcedures
from gateway.procedures.service import Procedures
from gateway.sdk import (
    Absent,
    Answered,
    NotFoundError,
    ProtocolViolation,
    Refused,
    RemoteError,
    TransientRemoteError,
    TrustError,
    Unsettled,
)

CODE = "1.009999"
DOWN = [
    TransientRemoteError("down"),
    Unsettled("cut"),
    ProtocolViolation("garbage"),
    (Refused(code="-1", reason=""), {}),
]


def told(**changes: Any) -> Any:
    return Answered(body={}), {"items": [{"code": CODE, "name": "Cấp giấy", "ways": [{"days": "3"}], **changes}]}


class House:
    def __init__(self, answer: Any) -> None:
        self.exchange = ScriptedExchange(read_procedure=answer)
        self.clock, self.store = Clock(), MemoryProcedures()
        self.service = Procedures(
            self.store,
            exchange=self.exchange,  # type: ignore[arg-type]
            atomically=atomically,
            clock=self.clock,
        )

    def says(self, answer: Any) -> None:
        self.exchange.answers["read_procedure"] = answer

    async def read(self, code: str = CODE) -> Any:
        return await self.service.read(code, context=CONTEXT)


async def test_an_answer_that_differs_is_a_new_version_and_the_same_only_confirms() -> None:
    """DOS-23 (part)."""
    house = House(told())
    first = await house.read()
    house.says((Answered(body={}), {"items": [dict(reversed(told()[1]["items"][0].items()))]}))
    again = await house.read()
    house.says(told(ways=[{"days": "5"}]))
    changed = await house.read()
    assert [view.kept.version for view in (first, again, changed)] == [1, 1, 2]
    assert again.kept.fetched_at == first.kept.fetched_at < again.kept.confirmed_at
    assert not first.stale
    assert not changed.stale
    kept = await house.service.versions(CODE, context=CONTEXT)
    assert [(version.version, version.document["ways"]) for version in kept] == [
        (2, [{"days": "5"}]),
        (1, [{"days": "3"}]),
    ]


async def test_a_version_that_came_back_is_a_version_of_its_own() -> None:
    house = House(told())
    for answer in (told(), told(name="Khác"), told()):
        house.says(answer)
        last = await house.read()
    assert last.kept.version == 3


async def test_an_old_version_is_shown_without_asking_and_never_called_fresh() -> None:
    """DOS-23 (part)."""
    house = House(told())
    await house.read()
    house.says(told(name="Khác"))
    await house.read()
    asked = len(house.exchange.asked)
    old = await house.service.version(CODE, 1, context=CONTEXT)
    assert (old.kept.document["name"], old.stale, old.trouble) == ("Cấp giấy", True, None)
    assert len(house.exchange.asked) == asked
    with pytest.raises(NotFoundError):
        await house.service.version(CODE, 3, context=CONTEXT)


@pytest.mark.parametrize("trouble", DOWN)
async def test_a_portal_that_is_down_leaves_the_kept_version_marked_as_stale(trouble: Any) -> None:
    house = House(told())
    before = await house.read()
    house.says(trouble)
    house.clock.now += timedelta(days=3)
    view = await house.read()
    assert view.stale
    assert isinstance(view.trouble, RemoteError)
    assert view.kept == before.kept


@pytest.mark.parametrize("trouble", DOWN)
async def test_a_portal_that_is_down_and_nothing_kept_is_an_error(trouble: Any) -> None:
    house = House(trouble)
    with pytest.raises(RemoteError):
        await house.read()


async def test_an_answer_that_cannot_be_trusted_is_not_covered_up_by_a_kept_one() -> None:
    house = House(told())
    await house.read()
    house.says(TrustError("forged"))
    with pytest.raises(TrustError):
        await house.read()


async def test_a_procedure_that_is_not_there_is_not_found_though_one_is_kept() -> None:
    house = House(told())
    await house.read()
    house.says((Absent(), {}))
    with pytest.raises(NotFoundError):
        await house.read()
    assert len(await house.service.versions(CODE, context=CONTEXT)) == 1


async def test_another_procedure_than_asked_for_is_never_kept_under_this_code() -> None:
    house = House(told(code="1.009998"))
    with pytest.raises(ProtocolViolation):
        await house.read()
    assert not house.store.kept


async def test_the_publishers_suffix_names_the_same_procedure() -> None:
    """COD-08 (part)."""
    house = House(told())
    await house.read(f"{CODE}.H99")
    assert house.exchange.asked == [("read_procedure", {"procedure_code": CODE})]
    assert (await house.read()).kept.version == 1


@pytest.mark.parametrize("operation", ["list_agency_procedures", "list_online_services"])
@pytest.mark.parametrize("trouble", DOWN)
async def test_a_list_that_could_not_be_asked_for_is_never_an_empty_one(operation: str, trouble: Any) -> None:
    house = House(told())
    house.exchange.answers[operation] = trouble
    ask = {
        "list_agency_procedures": lambda: house.service.of_agency("H99", context=CONTEXT),
        "list_online_services": lambda: house.service.online_services(context=CONTEXT),
    }[operation]
    with pytest.raises(RemoteError):
        await ask()
    house.exchange.answers[operation] = (Absent(), {})
    assert list(await ask()) == []


DOSSIER = "000.00.05.H99-261123-0007"


async def test_a_dossier_keeps_the_version_that_it_was_taken_in_under() -> None:
    """DOS-23: a deadline that changes in the catalogue leaves open dossiers as they were."""
    house = House(told())
    await house.read()
    document = {"procedure": {"code": f"{CODE}.H99"}}
    await house.service.pin(DOSSIER, document, tenant="H99")
    house.says(told(ways=[{"days": "5"}]))
    await house.read()
    await house.service.pin(DOSSIER, document, tenant="H99")
    await house.service.pin("later", document, tenant="H99")
    pins = [await house.service.of_dossier(code, context=CONTEXT) for code in (DOSSIER, "later")]
    assert [(pin.code, pin.version) for pin in pins] == [(CODE, 1), (CODE, 2)]
    old = await house.service.version(CODE, 1, context=CONTEXT)
    assert old.kept.document["ways"] == [{"days": "3"}]


async def test_a_dossier_taken_in_before_any_version_was_kept_is_pinned_to_none_for_good() -> None:
    """Which version held then is not guessed afterwards."""
    house = House(told())
    for _ in range(2):
        await house.service.pin(DOSSIER, {"procedure": {"code": CODE}}, tenant="H99")
        await house.read()
    assert (await house.service.of_dossier(DOSSIER, context=CONTEXT)).version is None


@pytest.mark.parametrize("document", [{}, {"procedure": None}, {"procedure": {"code": "?"}}])
async def test_a_dossier_without_a_national_procedure_is_taken_in_all_the_same(document: Any) -> None:
    house = House(told())
    await house.service.pin(DOSSIER, document, tenant="H99")
    with pytest.raises(NotFoundError):
        await house.service.of_dossier(DOSSIER, context=CONTEXT)


async def test_the_night_reads_what_dossiers_name_and_what_was_read_before() -> None:
    house = House(told())
    await house.service.pin(DOSSIER, {"procedure": {"code": CODE}}, tenant="H99")
    assert await house.service.refresh(context=CONTEXT) == 1
    assert [version.version for version in await house.service.versions(CODE, context=CONTEXT)] == [1]
    house.says(told(name="Khác"))
    await house.service.refresh(context=CONTEXT)
    assert len(await house.service.versions(CODE, context=CONTEXT)) == 2
    house.says((Absent(), {}))
    assert await house.service.refresh(context=CONTEXT) == 0
    assert len(await house.service.versions(CODE, context=CONTEXT)) == 2


async def test_a_night_on_which_the_portal_told_nothing_is_not_done() -> None:
    house = House(TransientRemoteError("down"))
    assert await house.service.refresh(context=CONTEXT) == 0
    await house.service.pin(DOSSIER, {"procedure": {"code": CODE}}, tenant="H99")
    with pytest.raises(TransientRemoteError):
        await house.service.refresh(context=CONTEXT)
