"""Connectors are found by folder; the core lists none."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest

from gateway.exchange.system import System
from gateway.exchange.transport import HttpTransport
from gateway.registry import configured, discover, mappings_directory, platforms_of
from gateway.sdk import ConfigurationError


def test_every_folder_is_a_connector_and_has_its_mappings_beside_it() -> None:
    found = discover()
    rails, others = {"payment", "paygov", "vnpay"}, {"population", "business_registry", "tax_authority"}
    assert set(found) == rails | others | {"national_portal", "portal_adapter"}
    assert list(found) == sorted(found)
    for name, connector in found.items():
        assert connector.manifest.id == name
        assert mappings_directory(connector).is_dir()


def test_a_folder_that_calls_itself_otherwise_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "strange_connectors" / "abc"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("")
    (folder / "__init__.py").write_text("class C:\n    class manifest:\n        id = 'xyz'\nCONNECTOR = C\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ConfigurationError, match="xyz"):
        discover("strange_connectors")
    sys.modules.pop("strange_connectors", None)


def test_without_any_folder_there_is_no_connector() -> None:
    assert discover("no_such_package_at_all") == {}


LGSP = {"kind": "gateway", "base_url": "http://lgsp.example"}
POPULATION = {
    "base_url": "http://system.example",
    "username": "u",
    "secret": "s",
    "verify_path": "/v",
    "lookup_path": "/l",
    "verify_sv_url": "/v",
    "lookup_sv_url": "/l",
}


def population(*over: dict[str, Any], **platforms: Any) -> System:
    systems = {"population": {**POPULATION, "over": over}}
    return configured(systems, sandbox=False, breaker={}, platforms=platforms)["population"]


def test_an_operation_is_switched_to_another_platform_by_settings_alone() -> None:
    """CON-02 (part), CON-22 (part), BIZ-07 (part): by day and operation, and back to the straight way."""
    system = population(
        {"platform": "lgsp"},
        {"platform": "ndop", "since": "2026-12-31", "operations": ["lookup_citizen"]},
        {"platform": "direct", "since": "2027-07-01"},
        lgsp=LGSP,
        ndop={"kind": "xroad", "base_url": "http://ndop.example", "client": "VN/GOV/H99/LGSP"},
    )
    ways = [
        system.line(operation, on=date.fromisoformat(day)).name
        for operation, day in [
            ("lookup_citizen", "2026-12-30"),
            ("lookup_citizen", "2026-12-31"),
            ("verify_citizen", "2026-12-31"),
            ("verify_citizen", "2027-07-01"),
        ]
    ]
    assert ways == ["lgsp", "ndop", "lgsp", "direct"]
    assert system.line("verify_citizen", on=date(2027, 7, 1)) == system.direct


def test_a_shadow_is_no_way_that_is_used() -> None:
    system = population({"platform": "lgsp", "shadow": True}, lgsp=LGSP)
    assert system.line("lookup_citizen", on=date(2026, 12, 1)) == system.direct
    assert system.shadow("lookup_citizen", on=date(2026, 12, 1)).name == "lgsp"  # type: ignore[union-attr]  # it has one


def test_the_straight_way_is_not_tried_beside_itself() -> None:
    """Each look-up would go there twice."""
    assert population({"platform": "direct", "shadow": True}).shadow("lookup_citizen", on=date(2026, 12, 1)) is None


def test_a_way_that_is_only_tried_shares_no_breaker_with_one_that_is_used() -> None:
    rules = {"platform": "lgsp", "operations": ["lookup_citizen"]}, {"platform": "lgsp", "shadow": True}
    system, day = population(*rules, lgsp=LGSP), date(2026, 12, 1)
    used, tried = system.line("lookup_citizen", on=day), system.shadow("verify_citizen", on=day)
    assert tried is not None
    assert tried.way == used.way
    assert tried.breaker is not used.breaker
    assert tried.transport is not used.transport


def test_each_way_has_connections_for_log_ins_alone() -> None:
    """What a platform issues is for all who send over it: nobody's queue may hold it up."""
    system = population({"platform": "lgsp"}, lgsp=LGSP)
    ways = [way for line in system.lines for way in (line.transport, line.to_log_in)]
    assert len({*map(id, ways)}) == 4
    assert None not in ways
    assert [line.for_log_ins.transport for line in system.lines] == [line.to_log_in for line in system.lines]


def test_what_is_found_for_calls_is_known_to_log_ins() -> None:
    """They dial once in the life of a token, so of their own they would know no address when a name server fails."""
    system = population({"platform": "lgsp"}, lgsp=LGSP)
    for line in system.lines:
        assert isinstance(line.transport, HttpTransport)
        assert isinstance(line.to_log_in, HttpTransport)
        assert line.transport._connections._names is line.to_log_in._connections._names
    assert len({id(line.transport._connections._names) for line in system.lines}) == 2  # type: ignore[attr-defined]


async def test_a_way_that_is_closed_leaves_no_connection_of_its_log_ins() -> None:
    system = population()
    await system.direct.close()
    for way in (system.direct.transport, system.direct.to_log_in):
        assert isinstance(way, HttpTransport)
        assert way._connections._is_closed


@pytest.mark.parametrize(
    ("rule", "named"),
    [({"platform": "nowhere"}, "nowhere"), ({"platform": "lgsp", "operations": ["lookup_moon"]}, "lookup_moon")],
)
def test_a_rule_that_leads_nowhere_stops_the_start(rule: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        population(rule, lgsp=LGSP)


def test_a_platform_that_is_set_wrongly_is_named_without_its_values() -> None:
    with pytest.raises(ConfigurationError, match=r"platforms\.lgsp\.kind") as raised:
        platforms_of([], {"lgsp": {"kind": "s3cret", "base_url": "http://x"}})
    assert "s3cret" not in str(raised.value)


def test_the_environment_replaces_a_single_word_of_a_sandbox_platform() -> None:
    class Manifest:
        sandbox_platforms: ClassVar[dict[str, Any]] = {"p": {**LGSP, "headers": {"A": "1", "B": "2"}}}

    class Connector:
        manifest = Manifest

    found = platforms_of([Connector], {"p": {"headers": {"B": "3"}}})["p"]  # type: ignore[list-item]  # as far as asked
    assert {name: value.get_secret_value() for name, value in found.settings.headers.items()} == {"A": "1", "B": "3"}
