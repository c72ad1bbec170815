"""Routes by procedure and day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gateway.bootstrap.ground import configured_systems, routes_of
from gateway.exchange.routes import Route, choose
from gateway.sdk import ConfigurationError
from gateway.settings import load_settings

SWITCH = date(2026, 12, 1)
ROUTES = (
    Route("old"),
    Route("new", SWITCH),
    Route("ministry", SWITCH - timedelta(days=10), frozenset({"1.009999"})),
)


@pytest.mark.parametrize(
    ("on", "procedure", "system"),
    [
        (SWITCH - timedelta(days=1), "", "old"),
        (SWITCH, "", "new"),
        (SWITCH + timedelta(days=99), "1.000001", "new"),
        (SWITCH - timedelta(days=11), "1.009999", "old"),
        (SWITCH - timedelta(days=10), "1.009999", "ministry"),
        (SWITCH, "1.009999", "ministry"),
    ],
)
def test_the_youngest_rule_in_force_wins_and_a_named_procedure_wins_over_all(
    on: date, procedure: str, system: str
) -> None:
    """SYN-10 (part)."""
    assert choose(ROUTES, on=on, procedure=procedure) == system


def test_before_every_rule_there_is_none() -> None:
    assert choose(ROUTES[1:], on=date(2020, 1, 1), procedure="") is None


def test_a_route_that_leads_nowhere_stops_the_start() -> None:
    settings = load_settings(sandbox=True, routes={"sync_dossier": [{"to": "payment", "since": "2099-01-01"}]})
    with pytest.raises(ConfigurationError, match="does not offer"):
        routes_of(settings, configured_systems(settings))


def test_a_plain_name_is_a_route_for_everything() -> None:
    settings = load_settings(sandbox=True, routes={"sync_dossier": "national_portal"})
    assert routes_of(settings, configured_systems(settings)) == {"sync_dossier": (Route("national_portal"),)}
