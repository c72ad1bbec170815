"""The mock of the example weather service."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit.app import build
from mocks._kit.scenarios import load
from mocks._kit.settings import Settings

PORT = 7106


async def weather(request: Request) -> Response:
    temperature = load(__file__)["temperatures"].get(json.loads(await request.body())["tinh"])
    return JSONResponse({"nhiet_do": temperature}) if temperature is not None else Response(status_code=404)


def create_app(settings: Mapping[str, object] | None = None) -> Starlette:
    return build([Route("/weather", weather, methods=["POST"])], name="weather", settings=Settings({}, settings))
