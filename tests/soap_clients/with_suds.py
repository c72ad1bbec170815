"""Calls the façade with suds as an ordinary program would, and prints what it got as JSON.

Standard input: {"wsdl": "…", "key": "…", "calls": [["operation", {arguments}], …]}
"""

from __future__ import annotations

import json
import sys
from typing import Any

from suds import WebFault
from suds.client import Client


def plain(value: Any) -> Any:
    if hasattr(value, "__keylist__"):
        return {name: plain(value[name]) for name in value.__keylist__}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value if isinstance(value, str | int | None) else value.isoformat()


def call(client: Client, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"result": plain(getattr(client.service, operation)(**parameters))}
    except WebFault as exc:
        fault = exc.fault
        return {"fault": {"code": fault.faultcode, "text": str(fault.faultstring), "detail": plain(fault.detail)}}


asked = json.load(sys.stdin)
suds = Client(asked["wsdl"], headers={"Authorization": f"Bearer {asked['key']}"}, cache=None)
print(json.dumps([call(suds, *one) for one in asked["calls"]]))
