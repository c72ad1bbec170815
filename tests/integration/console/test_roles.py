"""Each role tried on what it must not do: every page and every form that there is, found by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
import pytest_asyncio
from console_house import Browser, House
from fastapi.routing import APIRoute

from gateway.console.app import MODULES
from gateway.console.edge import LIVE
from gateway.console.nav import SECTIONS
from gateway.operators.model import RIGHTS, Right, Role

OPEN = {"login", "log_in", "choose_language", "oidc_begin", "oidc_return"}
"""For whoever is not in yet. The public status page is below another address."""
OWN = {"log_out", "account_end_session", "account_end_others", "account_password"}
"""Everybody may do these, with what is theirs alone."""
READ_BY_FORM = {"find_dossier", "explain_signature", "dry_run_mapping"}
"""They change nothing; what is asked is sent as a form, because it must not stand in an address."""
SAFE = {"GET", "HEAD"}


class Page(NamedTuple):
    """One route of the console."""

    name: str
    method: str
    path: str
    rights: frozenset[Right] | None

    @property
    def address(self) -> str:
        """With something in the place of each parameter."""
        return re.sub(r"{[^}]+}", "0", self.path)


def pages() -> Iterator[Page]:
    for route in (route for module in MODULES for route in module.router.routes):
        if isinstance(route, APIRoute) and route.path.startswith("/console"):
            found = [getattr(each.call, "rights", None) for each in route.dependant.dependencies]
            rights = next((each for each in found if each is not None), None)
            for method in sorted(route.methods or ()):
                yield Page(route.name, method, route.path, rights)


PAGES = list(pages())
GUARDED = [page for page in PAGES if page.rights is not None]
FORMS = [page for page in GUARDED if page.method not in SAFE]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def staff(house: House) -> dict[Role, Browser]:
    """One of each, logged in, with the token of their forms."""
    found = {role: await house.enter(role) for role in Role}
    for browser in found.values():
        await browser.get("/console")
    return found


async def test_every_page_says_who_may_open_it() -> None:
    """SEC-17 (part)."""
    assert {"overview", "log_out"} <= {page.name for page in GUARDED}
    assert {page.name for page in PAGES if page.rights is None} == OPEN
    assert len({(page.method, page.path) for page in PAGES}) == len(PAGES)


async def test_whoever_only_looks_changes_nothing() -> None:
    """SEC-17 (part): a form is for those who have more than the right to look."""
    loose = {page.name for page in FORMS if page.rights and Right.LOOK in page.rights}
    assert loose <= OWN | READ_BY_FORM


async def test_the_menu_shows_what_a_reader_may_open() -> None:
    opened_by = {page.path: readers(page.rights) for page in PAGES if page.method == "GET" and page.rights}
    for item in (item for section in SECTIONS for item in section.items):
        assert readers(item.rights) == opened_by[item.path], item.path


def readers(rights: frozenset[Right]) -> set[Role]:
    return {role for role in Role if rights & RIGHTS[role]}


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_is_refused_what_is_not_theirs(role: Role, staff: dict[Role, Browser]) -> None:
    """SEC-17 (part), SEC-09 (part)."""
    browser, forbidden = staff[role], [page for page in GUARDED if not (page.rights or set()) & RIGHTS[role]]
    for page in forbidden:
        data = {"csrf": browser.token} if page.method not in SAFE else None
        response = await browser.client.request(page.method, page.address, data=data)
        assert response.status_code == 403, (page, response.status_code)
        assert "caller.right" in response.text or page.method == "HEAD", page


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_may_read_what_is_theirs(role: Role, staff: dict[Role, Browser]) -> None:
    theirs = [
        page
        for page in GUARDED
        if page.method == "GET" and (page.rights or set()) & RIGHTS[role] and not page.path.startswith(LIVE)
    ]
    assert theirs
    for page in theirs:
        response = await staff[role].client.get(page.address)
        assert response.status_code not in {401, 403, 500}, (page, response.status_code, response.text[-1500:])
        assert response.headers["cache-control"] == "no-store", page


@pytest.mark.parametrize("token", [None, "0" * 64])
async def test_no_form_is_taken_without_its_token(token: str | None, staff: dict[Role, Browser]) -> None:
    for page in FORMS:
        role = next(role for role in Role if (page.rights or set()) & RIGHTS[role])
        data = {} if token is None else {"csrf": token}
        response = await staff[role].client.request(page.method, page.address, data=data)
        assert response.status_code == 403, page
        assert "caller.form_token" in response.text, page


async def test_a_stranger_is_led_to_the_log_in_and_their_forms_are_refused(house: House) -> None:
    stranger = house.stranger()
    for page in GUARDED:
        if page.path.startswith(LIVE):
            continue
        response = await stranger.client.request(page.method, page.address)
        if page.method == "GET":
            assert response.status_code == 303, page
            assert response.headers["location"].startswith("/console/login?next="), page
        else:
            assert response.status_code in {401, 403}, page


@pytest.mark.parametrize("value", ["%00", "a%00b"])
async def test_what_no_database_takes_is_refused_in_words(value: str, house: House, staff: dict[Role, Browser]) -> None:
    """Nobody fills the log with faults of ours."""
    addresses = [
        "/tra-cuu/{}",
        "/console/dossiers/{}",
        "/console/transactions?code={}",
        "/console/delivery/held?target={}",
    ]
    for address in addresses:
        assert (await staff[Role.VIEWER].client.get(address.format(value))).status_code == 404, address
    typed = value.replace("%00", "\0")
    assert (await house.stranger().client.post("/tra-cuu", data={"code": typed})).status_code == 404
    response = await staff[Role.VIEWER].client.post(
        "/console/dossiers", data={"csrf": staff[Role.VIEWER].token, "code": typed}
    )
    assert response.status_code == 400
    assert "caller.bad_request" in response.text


@pytest.mark.parametrize(
    "address",
    [
        "/console/delivery/replay?since=9999-12-31T23:59:59-23:00",
        f"/console/maintenance?before={'9' * 19}",
    ],
)
async def test_what_lies_beyond_all_numbers_is_refused_in_words(address: str, staff: dict[Role, Browser]) -> None:
    assert (await staff[Role.VIEWER].client.get(address)).status_code == 422


async def test_a_name_that_is_typed_for_a_dossier_is_in_no_leaf(house: House, staff: dict[Role, Browser]) -> None:
    """PDP-03 (part)."""
    viewer = staff[Role.VIEWER]
    data = {"csrf": viewer.token, "code": "Nguyễn Thị Mẫu"}
    assert (await viewer.client.post("/console/dossiers", data=data)).status_code == 404
    (row,) = await house.gateway.stores.audit.find(house.gateway.tenant, limit=1)
    assert '"reference":""' in row.leaf.decode()
