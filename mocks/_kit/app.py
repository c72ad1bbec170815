"""Builds a mock from its own routes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import BaseRoute

from mocks._kit import control
from mocks._kit.errors import FaultNotKnown, SettingNotKnown
from mocks._kit.faults import Aimed, Fault, FaultPlan
from mocks._kit.journal import Journal
from mocks._kit.middleware import Faulty, Journalled
from mocks._kit.settings import Settings

UPSTREAMS = "upstreams"
"""The setting that makes a mock a platform between: where it passes calls on to."""


def build(
    routes: Sequence[BaseRoute],
    *,
    name: str,
    settings: Settings,
    faults: Collection[str] = (),
    reset: Callable[[], None] = lambda: None,
) -> Starlette:
    """The mock as an application: `routes` behind the journal and the faults, and the control paths under `/_mock/`.

    `faults` names those that the mock carries out itself; `reset` empties its own memory on `POST /_mock/reset`.
    A mock with the setting `upstreams` is a relay: it leaves plain `X-Mock-Fault` headers to the system behind it.
    The parts are in `app.state`: `journal`, `plan`, `settings`.
    """
    journal = Journal()
    plan = FaultPlan(faults, mock=name, relay=UPSTREAMS in settings.as_json())
    app = Starlette(
        routes=[*control.ROUTES, *routes],
        middleware=[Middleware(Journalled, journal), Middleware(Faulty, plan)],
        exception_handlers={SettingNotKnown: control.refused, FaultNotKnown: control.refused},
    )
    app.state.name = name
    app.state.journal = journal
    app.state.plan = plan
    app.state.settings = settings
    app.state.reset = reset
    return app


def fault_of(request: Request, name: str) -> Fault | None:
    """The fault `name` when it is meant for this call. Ask only where it is carried out: asking uses it up."""
    aimed: Aimed | None = request.state.aimed
    if aimed is None or aimed.fault.name != name or not aimed.take():
        return None
    request.state.entry.fault = str(aimed.fault)
    return aimed.fault


def note(request: Request, **facts: Any) -> None:
    """Puts observations of the mock into the journal entry of this call."""
    request.state.facts.update(facts)
