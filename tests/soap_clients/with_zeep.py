"""Calls the façade with zeep as an ordinary program would, and prints what it got as JSON.

Standard input: {"wsdl": "…", "key": "…", "calls": [["operation", {arguments}], …]}
"""

from __future__ import annotations

import json
import sys
from typing import Any

import requests
from lxml import etree
from zeep import Client
from zeep.exceptions import Fault
from zeep.helpers import serialize_object
from zeep.transports import Transport


def detail(element: Any) -> Any:
    """The elements under `detail` by their names; lists hold their `item`s."""
    if not len(element):
        return element.text
    found: dict[str, Any] = {}
    for child in element:
        name = etree.QName(child).localname
        found[name] = [*found.get(name, []), detail(child)] if name == "item" else detail(child)
    return found


def call(client: Client, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"result": serialize_object(client.service[operation](**parameters), dict)}
    except Fault as exc:
        return {"fault": {"code": exc.code, "text": exc.message, "detail": detail(exc.detail)}}


asked = json.load(sys.stdin)
session = requests.Session()
session.auth = ("motcua", asked["key"])
zeep = Client(asked["wsdl"], transport=Transport(session=session))
print(json.dumps([call(zeep, *one) for one in asked["calls"]], default=str))
