"""What is decided once of a system is what would be decided each time; and tenacity comes in when a try has failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import tenacity
from echo import Echo, House, LoggedInEcho
from services import CONTEXT, NOW

from gateway.exchange import service
from gateway.exchange.lines import Line, Rule, choose
from gateway.exchange.routes import offering
from gateway.mapping.engine import Mappings
from gateway.sdk import AnswersAlone, Batches, NeedsAuth, Reconciles, TransientRemoteError

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("connector", [Echo, LoggedInEcho])
def test_a_connector_opts_in_to_what_its_protocols_say(mappings: Mappings, connector: type[Echo]) -> None:
    system = House(mappings, connector=connector).exchange.systems["echo"]
    told: dict[Any, Any] = {
        NeedsAuth: system.needs_auth,
        AnswersAlone: system.answers_alone,
        Reconciles: system.reconciles,
        Batches: system.batches,
    }
    for protocol, found in told.items():
        assert found is (system.connector if isinstance(system.connector, protocol) else None)


def test_what_holds_of_one_day_and_operation_is_told_of_no_other(mappings: Mappings) -> None:
    plain = House(mappings).exchange.systems["echo"]
    ways = [Line(transport=plain.transport, breaker=plain.breaker) for _ in range(2)]
    tomorrow = TODAY + timedelta(days=1)
    rules = (Rule(line=ways[0], since=tomorrow), Rule(line=ways[1], since=tomorrow, operations=frozenset({"look"})))
    system = replace(plain, rules=rules)
    for _ in range(2):
        for day in (TODAY, tomorrow):
            for operation in ("look", "submit", ""):
                expected = choose(rules, operation, on=day) or system.direct
                assert system.line(operation, on=day) is expected
                assert system.safeguard(operation, on=day) == system.safeguards.outbound(operation, on=day)
    assert replace(system, rules=()).line("look", on=tomorrow) is not system.line("look", on=tomorrow)


def test_of_several_that_offer_it_the_usual_one_is_the_one_that_does_not_yield(mappings: Mappings) -> None:
    first = House(mappings).exchange.systems["echo"]

    class Old(Echo):
        manifest = replace(Echo.manifest, id="old", yields_to="echo")

    old = House(mappings, connector=Old).exchange.systems["echo"]
    assert offering({"echo": first, "old": old}, "look") == (["echo", "old"], "echo")
    assert offering({"a": first, "b": first}, "look") == (["a", "b"], "")
    assert offering({"echo": first}, "none") == ([], "")


async def test_nobody_decides_about_repeating_what_has_not_failed(
    mappings: Mappings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[object] = []
    retrying = tenacity.AsyncRetrying

    def noted(**named: Any) -> object:
        begun.append(named)
        return retrying(**named)

    monkeypatch.setattr(service.tenacity, "AsyncRetrying", noted)
    await House(mappings).ask()
    assert begun == []
    await House(mappings, TransientRemoteError("x")).ask()
    assert len(begun) == 1


@pytest.mark.parametrize(("took_s", "tries"), [(service.LONGEST_S - 1, 2), (service.LONGEST_S, 1)])
async def test_the_first_try_counts_in_the_time_that_all_may_take(
    mappings: Mappings, took_s: float, tries: int
) -> None:
    house = House(mappings, TransientRemoteError("x"))
    send = house.transport.send

    async def slowly(request: Any, **named: Any) -> Any:
        if not house.transport.sent:
            house.time += took_s
        return await send(request, **named)

    house.transport.send = slowly  # type: ignore[method-assign]
    if tries == 1:
        with pytest.raises(TransientRemoteError, match="x"):
            await house.ask()
    else:
        await house.ask()
    assert [entry.facts["try"] for entry in house.recorder.entries] == list(range(1, tries + 1))


async def test_nothing_is_tried_again_for_whom_nobody_waits(mappings: Mappings) -> None:
    house = House(mappings, TransientRemoteError("x"))
    send = house.transport.send

    async def slowly(request: Any, **named: Any) -> Any:
        house.time += 2
        return await send(request, **named)

    house.transport.send = slowly  # type: ignore[method-assign]
    with pytest.raises(TransientRemoteError, match="x"):
        await house.exchange.ask("look", {"a": "1"}, context=replace(CONTEXT, until=2.0), reference="R")
    assert len(house.recorder.entries) == 1
    assert house.recorder.entries[0].occurred_at == NOW
