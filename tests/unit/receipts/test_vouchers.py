"""F17, PAY-02: a payment's voucher is fetched at once and kept as a file, whatever its rail answers first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from services import CONTEXT, NOW, ScriptedExchange
from voucher_house import LINK, NOT_YET, PAID_AT, PAYMENT, PDF, RAIL, SHA, URL, Answer, House, file, money, payment

from gateway.delivery.model import StreamState
from gateway.receipts.vouchers import AGAIN_S, DOWNLOAD, FETCH
from gateway.sdk import Absent, NotFoundError, ProtocolViolation, Refused, TransientRemoteError
from gateway.sdk.errors import ConfigurationError, IntegrityError, UnprocessableError


async def test_f17_the_file_itself_is_kept_with_its_digest() -> None:
    house = House(file())
    await house.collect()
    await house.run()
    assert house.kept == [(SHA, FETCH)]
    [voucher] = await house.vouchers.of_payment(PAYMENT, context=CONTEXT)
    assert (voucher.rail, voucher.transaction_id, voucher.size) == (RAIL, "PP1", len(PDF))
    assert voucher.fetched_at == NOW
    stored = await house.vouchers.file(PAYMENT, SHA, context=CONTEXT)
    assert (stored.content, stored.media_type, stored.name) == (PDF, "application/pdf", f"chung-tu-{PAYMENT}.pdf")


async def test_the_question_names_the_payment_and_both_times() -> None:
    house = House(file())
    await house.collect()
    await house.run()
    [(_, asked)] = house.rail.calls
    assert asked["reference"] == PAYMENT
    assert asked["initiated_at"] == (NOW - timedelta(minutes=5)).isoformat()
    assert asked["paid_at"] == PAID_AT.isoformat()
    assert (asked["transaction_id"], asked["reading"]) == ("PP1", None)
    assert asked["payer"]["full_name"] == "Trần Thị Mẫu"


async def test_f17_a_link_is_followed_at_once_and_the_file_is_kept() -> None:
    house = House(LINK, file())
    await house.collect()
    await house.run(seconds=1)
    assert house.kept == [(SHA, DOWNLOAD)]
    assert house.rail.calls[1] == (DOWNLOAD, LINK)


@pytest.mark.parametrize("answer", [NOT_YET, Absent()], ids=["error JSON or placeholder", "no voucher yet"])
async def test_f17_what_is_no_voucher_yet_is_asked_for_again(answer: Answer) -> None:
    house = House(answer, answer, file())
    await house.collect()
    await house.run(seconds=400)
    assert house.rail.operations == [FETCH] * 3
    assert house.kept == [(SHA, FETCH)]


async def test_f17_a_rail_that_never_has_it_is_asked_for_three_days_then_a_person_looks() -> None:
    house = House(NOT_YET)
    await house.collect()
    await house.run(seconds=4 * 86_400, step=60)
    assert await house.states() == [StreamState.HELD]
    assert house.rail.operations == [FETCH] * 8
    assert house.kept == []


async def test_f17_an_empty_answer_is_tried_again_soon() -> None:
    house = House(TransientRemoteError("empty"), TransientRemoteError("empty"), file())
    await house.collect()
    await house.run(seconds=30)
    assert house.kept == [(SHA, FETCH)]


@pytest.mark.parametrize(
    "broken",
    [
        file(b"<html>loi</html>"),
        file(b"", "application/pdf"),
        file(PDF, "text/html"),
        {"content": "%%%", "media_type": "application/pdf"},
        file(b"%PDF-" + b"." * 10_000_001),
        {"media_type": "application/pdf"},
    ],
    ids=["a page", "nothing", "a label", "no base64", "too large", "neither file nor link"],
)
async def test_f17_what_is_not_a_voucher_is_kept_nowhere(broken: Answer) -> None:
    house = House(broken)
    await house.collect()
    await house.run()
    assert house.kept == []
    assert await house.states() == [StreamState.HELD]


@pytest.mark.parametrize(
    "dead", [NOT_YET, Absent(), Refused(code="x", reason="")], ids=["pending", "absent", "refused"]
)
async def test_f17_a_link_that_died_is_replaced_by_a_new_one(dead: Answer) -> None:
    house = House(LINK, dead, {"url": f"{URL}2"}, file())
    await house.collect()
    await house.run(seconds=600)
    assert house.rail.operations == [FETCH, DOWNLOAD, FETCH, DOWNLOAD]
    assert house.rail.calls[3] == (DOWNLOAD, {"url": f"{URL}2"})
    assert house.kept == [(SHA, DOWNLOAD)]
    assert set(await house.states()) == {StreamState.IDLE}


async def test_f17_a_link_is_not_opened_after_its_five_minutes() -> None:
    house = House(LINK, {"url": f"{URL}2"}, file())
    await house.collect()
    await house.worker.drain()
    house.now += timedelta(minutes=6)  # the gateway was down
    await house.run(seconds=400)
    assert house.rail.operations == [FETCH, FETCH, DOWNLOAD]
    assert house.kept == [(SHA, DOWNLOAD)]


async def test_f17_a_link_that_cannot_be_reached_is_tried_a_few_times_first() -> None:
    house = House(LINK, TransientRemoteError("down"), TransientRemoteError("down"), file())
    await house.collect()
    await house.run(seconds=60)
    assert house.rail.operations == [FETCH, DOWNLOAD, DOWNLOAD, DOWNLOAD]
    assert house.kept == [(SHA, DOWNLOAD)]


async def test_f17_links_that_always_die_are_given_up_and_a_person_looks() -> None:
    house = House(*[LINK, NOT_YET] * 10)
    await house.collect()
    await house.run(seconds=4 * 86_400, step=30)
    assert house.rail.operations.count(FETCH) == len(AGAIN_S)
    assert await house.states() == [StreamState.IDLE, StreamState.HELD]
    assert house.kept == []


async def test_a_refused_question_is_put_the_other_way_once() -> None:
    """Contract 2.7: the time of the payment first, on a refusal that of the opening."""
    house = House(Refused(code="99", reason=""), file())
    await house.collect()
    await house.run(seconds=1)
    assert [body.get("reading") for _, body in house.rail.calls] == [None, "init"]
    assert house.kept == [(SHA, FETCH)]


async def test_a_question_refused_both_ways_is_for_a_person() -> None:
    house = House(Refused(code="99", reason=""))
    await house.collect()
    await house.run(seconds=100)
    assert len(house.rail.calls) == 2
    assert await house.states() == [StreamState.IDLE, StreamState.HELD]


async def test_a_new_link_is_asked_for_the_way_that_worked() -> None:
    house = House(Refused(code="99", reason=""), LINK, NOT_YET, LINK, file())
    await house.collect()
    await house.run(seconds=2_400)
    asked = [body.get("reading") for operation, body in house.rail.calls if operation == FETCH]
    assert asked == [None, "init", "init"]
    assert house.kept == [(SHA, DOWNLOAD)]


async def test_an_answer_that_breaks_the_contract_is_never_kept() -> None:
    """A link to a host that was not agreed on is the connector's to refuse."""
    house = House(ProtocolViolation("another host"))
    await house.collect()
    await house.run(seconds=7_200, step=10)
    assert (house.kept, await house.states()) == ([], [StreamState.HELD])


async def test_a_link_that_came_with_the_portals_money_is_followed_at_once() -> None:
    """Contract 2.10."""
    house = House(file())
    await house.collect(payment=payment(document={"voucher_url": URL}))
    await house.run()
    assert house.rail.calls == [(DOWNLOAD, LINK)]
    assert house.kept == [(SHA, DOWNLOAD)]


async def test_the_portals_link_that_died_leads_to_a_question() -> None:
    house = House(NOT_YET, file())
    await house.vouchers.due(money(), url=URL)
    await house.run(seconds=200)
    assert house.rail.operations == [DOWNLOAD, FETCH]
    assert house.kept == [(SHA, FETCH)]


async def test_a_voucher_that_is_there_is_not_asked_for() -> None:
    house = House(file())
    await house.collect()
    await house.collect()
    await house.run(seconds=5)
    assert house.rail.operations == [FETCH]


async def test_a_rail_without_vouchers_is_not_asked() -> None:
    house = House(lacks=frozenset({FETCH, DOWNLOAD}))
    await house.collect(payment=payment(document={"voucher_url": URL}))
    await house.run()
    assert house.rail.calls == []
    assert await house.states() == []


@pytest.mark.parametrize("error", [ConfigurationError("gone", what="x"), UnprocessableError("misfit")])
async def test_a_rail_that_cannot_be_asked_is_an_alarm_and_never_undoes_the_money(error: Exception) -> None:
    class Broken(ScriptedExchange):
        def draft(self, *_: Any, **__: Any) -> Any:
            raise error

    house = House()
    house.vouchers._exchange = Broken()
    await house.collect()
    [(_, alarm)] = house.alarms.kept
    assert (alarm.occasion.kind, alarm.occasion.about) == ("voucher_missing", "rail:rail")
    assert alarm.occasion.facts["payment"] == PAYMENT


async def test_a_voucher_that_was_altered_is_not_handed_out() -> None:
    """SEC-10 (part)."""
    house = House(file())
    await house.collect()
    await house.run()
    [(name, (voucher, _))] = house.store.kept.items()
    house.store.kept[name] = voucher, b"%PDF-other"
    with pytest.raises(IntegrityError):
        await house.vouchers.file(PAYMENT, SHA, context=CONTEXT)
    with pytest.raises(NotFoundError):
        await house.vouchers.file(PAYMENT, "00" * 32, context=CONTEXT)
