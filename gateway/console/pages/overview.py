"""How each national system is, now and as it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response, StreamingResponse

from gateway.console import cookies, states
from gateway.console.view import Text, environment, language_of, texts
from gateway.console.visit import Visit, visit
from gateway.operators.model import Operator, Right
from gateway.traffic.board import Board, View

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Listener = Annotated[Visit, Depends(visit(Right.LOOK, quiet=True))]
AGAIN_S = "30"


@router.get("/console", name="overview")
async def overview(visitor: Viewer) -> Response:
    view = await visitor.desk.board.view(visitor.tenant)
    return visitor.page("overview/index.html", **_facts(view, visitor.t))


@router.get("/console/live/overview", name="live_overview")
async def live_overview(visitor: Listener) -> Response:
    """Pieces of the page above, as they change. 503: as many look as this process serves."""
    request, live = visitor.request, visitor.desk.live
    if live.is_full:
        return Response(status_code=503, headers={"retry-after": AGAIN_S})

    async def lasts() -> bool:
        operator: Operator | None = await visitor.desk.operators.recognise(request.state.token, is_used=False)
        return operator is not None and Right.LOOK in operator.rights

    events = live.stream(language_of(request), lasts)
    return StreamingResponse(events, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


async def shown(board: Board, tenant: str) -> Mapping[str, Mapping[str, str]]:
    """The pieces that are sent, by language."""
    view = await board.view(tenant)
    return {language: _pieces(view, language) for language in cookies.LANGUAGES}


def _pieces(view: View, language: str) -> Mapping[str, str]:
    facts = {"t": texts(language), "language": language, "csrf": "", **_facts(view, texts(language))}
    cards = environment().get_template("overview/cards.html").render(**facts)
    return {"summary": facts["summary"], "cards": cards}


def _facts(view: View, t: Text) -> dict[str, Any]:
    return {
        "view": view,
        "summary": states.summary(view, t),
        "fresh": view.is_fresh,
        "states": states.STATES,
        "whys": states.WHYS,
        "opened": states.OPENED,
        "step_of": states.next_step,
        "many": states.many,
    }
