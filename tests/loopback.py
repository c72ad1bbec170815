"""Calls to processes on this machine: past any proxy, and as patient as the machine may be busy."""

from __future__ import annotations

from functools import partial
from typing import Any

import httpx

PATIENCE_S = 60.0


def call(method: str, url: str, **more: Any) -> httpx.Response:
    return httpx.request(method, url, **{"trust_env": False, "timeout": PATIENCE_S, **more})


get, post, delete = (partial(call, method) for method in ("GET", "POST", "DELETE"))
