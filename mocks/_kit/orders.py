"""How the rails' mocks read what they are sent, and how often a planned fault makes them tell it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from mocks._kit.app import fault_of
from mocks._kit.errors import FaultNotKnown

DEFAULT_COPIES = 3


def copies_of(request: Request) -> int:
    """How often the IPN of this call goes out, each time up to its acknowledgement (faults `lost_ipn`, `duplicate`)."""
    if fault_of(request, "lost_ipn"):
        return 0
    fault = fault_of(request, "duplicate")
    if fault is None:
        return 1
    if fault.argument and not (fault.argument.isascii() and fault.argument.isdigit()):
        raise FaultNotKnown(f"{fault} has no number of copies")
    return int(fault.argument or DEFAULT_COPIES)


async def message_of(request: Request) -> Mapping[str, Any]:
    """The JSON object of a partner's call; anything else is an empty one, which every rule refuses."""
    try:
        value = json.loads(await request.body())
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # NaN and lone surrogates are not JSON text
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


async def order_of(request: Request) -> dict[str, Any]:
    """The JSON object of a control call; anything else orders nothing."""
    value = parsed((await request.body()).decode("utf-8", errors="replace"))
    return value if isinstance(value, dict) else {}


def parsed(text: str) -> Any:
    """As JSON, else as it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text
