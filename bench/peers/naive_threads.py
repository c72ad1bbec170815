"""FastAPI with zeep as its documentation shows it, and requests for what is JSON; each call runs in a thread."""

from __future__ import annotations

from typing import Any

import requests
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
from requests.adapters import HTTPAdapter
from zeep import Client, Transport
from zeep_signing import Signing


class Proving(Transport):
    """Proves each call."""

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> requests.Response:
        return super().post(address, message, {**headers, **proof()})


def session() -> requests.Session:
    found = requests.Session()
    found.trust_env = False
    found.mount("http://", HTTPAdapter(pool_connections=4, pool_maxsize=64))
    return found


http = session()
soap = Client(WSDL, transport=Proving(session=session()), wsse=Signing(KEYS) if KEYS else None)
soap.service._binding_options["address"] = VERIFY
app = FastAPI()
token: dict[str, str] = {}


@app.post("/v1/citizens/verification")
def verify(asked: Citizen) -> dict[str, str]:
    return verdict(soap.service.XacThucThongTinCongDan(**question(asked)))


@app.post("/v1/enterprises/lookup")
def lookup(asked: Enterprise) -> dict[str, Any]:
    if not token:
        answer = http.post(TOKEN, data=GRANT, headers=TOKEN_HEADERS, timeout=30)
        token["Authorization"] = f"Bearer {answer.json()['access_token']}"
    found = http.get(FIRM, params={"msdn": asked.enterprise_code}, headers=token, timeout=30)
    found.raise_for_status()
    return firm(found.json())


@app.post("/v1/payments")
def pay(asked: Payment) -> dict[str, Any]:
    message = init(asked)
    answer = http.post(INIT, json=message, timeout=30)
    answer.raise_for_status()
    return opened(message, answer.json())
