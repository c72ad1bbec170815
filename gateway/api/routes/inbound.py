"""`/inbound/<system>/…`: where national systems call us. Each proves itself by its own contract's means; what we answer
is that contract's acknowledgement, and is written after the commit."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter, Request, Response

from gateway.api.access import services_of
from gateway.api.deadline import check_time
from gateway.sdk import InboundRequest

router = APIRouter(include_in_schema=False)


@router.api_route("/inbound/{system}/{path:path}", methods=["GET", "POST"], operation_id="inbound")
async def receive(system: str, path: str, request: Request) -> Response:
    services, trace = services_of(request), request.state.trace
    context = trace.context(tenant=services.tenant, actor=f"system:{system[:40]}")
    parameters = request.query_params.multi_items()
    times = Counter(name for name, _ in parameters)
    message = InboundRequest(
        method=request.method,
        path=path,
        headers={name.lower(): ", ".join(request.headers.getlist(name)) for name in request.headers},
        query={name: value for name, value in parameters if times[name] == 1},
        content=request.state.body,
        url=_address(request, services.public_url),
    )
    check_time(request.scope)
    request.state.begun = True  # whatever the method: some systems report by GET
    reply = await services.inbound.receive(system, message, context=context)
    return Response(reply.content, status_code=reply.status, headers=dict(reply.headers))


def _address(request: Request, public_url: str) -> str:
    """As the caller wrote it: a proxy in between tells us another one, unless the settings say what partners see."""
    if not public_url:
        return str(request.url)
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{public_url}{request.url.path}{query}"
