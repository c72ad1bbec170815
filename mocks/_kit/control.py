"""The control paths under `/_mock/`: how a test or a person steers a running mock."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit.errors import MockError, SettingNotKnown


async def _read(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as exc:
        raise SettingNotKnown("the body is not JSON") from exc
    if not isinstance(body, dict):
        raise SettingNotKnown("the body is not a JSON object")
    return body


async def health(request: Request) -> Response:
    state = request.app.state
    return JSONResponse(
        {"status": "ok", "mock": state.name, "requests": len(state.journal.entries), "faults": sorted(state.plan.known)}
    )


async def journal(request: Request) -> Response:
    """GET (`?path=` keeps the entries whose path contains it) or DELETE."""
    kept = request.app.state.journal
    if request.method == "DELETE":
        kept.clear()
        return Response(status_code=204)
    wanted = request.query_params.get("path", "")
    return JSONResponse({"entries": [entry.as_json() for entry in list(kept.entries) if wanted in entry.path]})


async def faults(request: Request) -> Response:
    plan = request.app.state.plan
    if request.method == "DELETE":
        plan.clear()
        return Response(status_code=204)
    if request.method == "POST":
        plan.add(await _read(request))
        return JSONResponse({"planned": plan.as_json()}, 201)
    return JSONResponse({"planned": plan.as_json(), "known": sorted(plan.known)})


async def settings(request: Request) -> Response:
    kept = request.app.state.settings
    if request.method == "DELETE":
        kept.reset()
    if request.method == "POST":
        kept.merge(await _read(request))
    return JSONResponse(kept.as_json())


async def reset(request: Request) -> Response:
    """Journal, planned faults, settings and the mock's own memory: all as at the start."""
    state = request.app.state
    state.journal.clear()
    state.plan.clear()
    state.settings.reset()
    state.reset()
    return Response(status_code=204)


async def refused(_: Request, exc: Exception) -> Response:
    """A control call that makes no sense."""
    assert isinstance(exc, MockError)
    return JSONResponse({"error": "MOCK-CONTROL", "message": str(exc)}, 422)


ROUTES = [
    Route("/_mock/health", health),
    Route("/_mock/journal", journal, methods=["GET", "DELETE"]),
    Route("/_mock/faults", faults, methods=["GET", "POST", "DELETE"]),
    Route("/_mock/settings", settings, methods=["GET", "POST", "DELETE"]),
    Route("/_mock/reset", reset, methods=["POST"]),
]
