"""Whoever was allowed something is led to the page where exactly that is done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.routing import APIRoute

from gateway.approvals.model import ACTS, Approval
from gateway.console.app import MODULES
from gateway.console.pages.approvals import done_at

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def allowed(act: str, **parameters: str | int) -> Approval:
    return Approval(
        id="A" * 20,
        tenant="H99",
        act=act,
        parameters=parameters,
        reason="",
        asked_by="an.mau",
        asked_at=NOW,
        expires_at=NOW + timedelta(hours=24),
    )


@pytest.mark.parametrize(
    ("approval", "path"),
    [
        (allowed("release_many", job="0" * 20), f"/console/jobs/{'0' * 20}"),
        (allowed("erase_bodies", reference="data_request:7"), "/console/privacy/requests/7"),
        (allowed("erase_bodies", reference="000.00.05.H99-261123-0007"), "/console/privacy/holds"),
        (allowed("lift_hold", hold=3), "/console/privacy/holds"),
    ],
)
def test_an_act_that_was_allowed_has_the_page_where_it_is_done(approval: Approval, path: str) -> None:
    assert done_at(approval) == path


@pytest.mark.parametrize("act", ACTS)
def test_every_act_that_takes_two_people_has_a_page(act: str) -> None:
    routes = [route for module in MODULES for route in module.router.routes]
    assert done_at(allowed(act)) in {route.path for route in routes if isinstance(route, APIRoute)}
