"""FastAPI with zeep's AsyncClient, and httpx for what is JSON: what a user writes first.

zeep's transport replaces the headers of its client and sends `text/xml`: what the contract wants is put in on the way.
Signed: zeep's own WS-Security, with a Timestamp, and verified with the partner's certificate instead of our own, which
is what zeep does unless told otherwise.
"""

from __future__ import annotations

from typing import Any

import httpx
from common import (
    FIRM,
    GRANT,
    INIT,
    KEYS,
    TOKEN,
    TOKEN_HEADERS,
    VERIFY,
    WSDL,
    Citizen,
    Enterprise,
    Payment,
    firm,
    init,
    opened,
    proof,
    question,
    verdict,
)
from fastapi import FastAPI
from zeep import AsyncClient
from zeep.transports import AsyncTransport
from zeep_signing import Signing

LIMITS = httpx.Limits(max_connections=512, max_keepalive_connections=512)


class Proving(AsyncTransport):
    """Proves each call."""

    async def post(self, address: str, message: bytes, headers: dict[str, str]) -> httpx.Response:
        return await super().post(address, message, {**headers, **proof()})


http = httpx.AsyncClient(limits=LIMITS, timeout=30)
soap = AsyncClient(
    WSDL, transport=Proving(client=httpx.AsyncClient(limits=LIMITS, timeout=30)), wsse=Signing(KEYS) if KEYS else None
)
soap.service._binding_options["address"] = VERIFY
app = FastAPI()
token: dict[str, str] = {}


@app.post("/v1/citizens/verification")
async def verify(asked: Citizen) -> dict[str, str]:
    return verdict(await soap.service.XacThucThongTinCongDan(**question(asked)))


@app.post("/v1/enterprises/lookup")
async def lookup(asked: Enterprise) -> dict[str, Any]:
    if not token:
        answer = await http.post(TOKEN, content=GRANT, headers=TOKEN_HEADERS)
        token["Authorization"] = f"Bearer {answer.json()['access_token']}"
    found = await http.get(FIRM, params={"msdn": asked.enterprise_code}, headers=token)
    found.raise_for_status()
    return firm(found.json())


@app.post("/v1/payments")
async def pay(asked: Payment) -> dict[str, Any]:
    message = init(asked)
    answer = await http.post(INIT, json=message)
    answer.raise_for_status()
    return opened(message, answer.json())
