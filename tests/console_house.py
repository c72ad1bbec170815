"""The console as it is put together for production, on a database of its own, with one operator of each role."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx
from staff_house import PASSWORD, code_of

from gateway.bootstrap import Gateway, open_gateway, utc_now
from gateway.cli.application import application
from gateway.operators.accounts import Wanted
from gateway.operators.model import Role
from gateway.settings import Settings

BASE = "http://127.0.0.1:7100"
CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


class Browser:
    """Somebody at the console without a screen: keeps cookies, sends forms with the token of the page before."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.token = ""

    async def get(self, path: str, *, status: int = 200, follow: bool = False) -> str:
        """The page, which must answer with `status`."""
        response = await self.client.get(path, follow_redirects=follow)
        assert response.status_code == status, (path, response.status_code, response.text[-2000:])
        if found := CSRF.search(response.text):
            self.token = found[1]
        return response.text

    async def post(self, path: str, fields: Mapping[str, Any] | None = None, *, status: int = 303) -> httpx.Response:
        """Send a form of the last page that was read."""
        response = await self.client.post(path, data={"csrf": self.token, **(fields or {})})
        assert response.status_code == status, (path, response.status_code, response.text[-2000:])
        return response

    async def send(self, path: str, fields: Mapping[str, Any] | None = None) -> str:
        """Send a form and read the page that one is led to."""
        response = await self.post(path, fields)
        return await self.get(response.headers["location"], follow=True)


class House:
    """A gateway, open, and whoever comes in."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.app = application(gateway)
        self._opened: list[httpx.AsyncClient] = []

    def stranger(self, base: str = BASE, *, address: str = "127.0.0.1") -> Browser:
        transport = httpx.ASGITransport(self.app, client=(address, 50000))
        client = httpx.AsyncClient(transport=transport, base_url=base)
        self._opened.append(client)
        return Browser(client)

    async def enter(self, *roles: Role) -> Browser:
        """A new operator with these roles, logged in as through the form."""
        login = f"{roles[0].value.replace('_', '-')}.{token_hex(3)}"
        staffing, tenant = self.gateway.able.staffing, self.gateway.tenant
        wanted = Wanted(login=login, roles=frozenset(roles), password=PASSWORD)
        enrolment = await staffing.accounts.add(tenant, wanted, by="admin:root")
        browser = self.stranger()
        await browser.get("/console/login")
        said = {"login": login, "password": PASSWORD, "code": code_of(enrolment, utc_now())}
        await browser.send("/console/login", said)
        return browser

    async def close(self) -> None:
        for client in self._opened:
            await client.aclose()


@asynccontextmanager
async def console(folder: Path, dsn: str, **settings: Any) -> AsyncIterator[House]:
    """`settings`: beyond those of the sandbox."""
    made = Settings.model_validate({"state": folder, "sandbox": True, **settings})
    async with open_gateway(made, dsn) as gateway:
        house = House(gateway)
        try:
            yield house
        finally:
            await house.close()
