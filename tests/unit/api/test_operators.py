"""Staff over HTTP: log-in, accounts, four eyes, and who may do what at every endpoint there is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from operations import DOCUMENT, SCHEMAS
from province import TENANT, Province, now
from staff_house import PASSWORD, code_of, enter, hire

from gateway.api.whole import ROUTERS
from gateway.audit.model import EntryKind
from gateway.operators.model import RIGHTS, Right, Role

ADMIN = "/v1/admin/"
OPEN = {"log_in"}
"""Without a session."""
EVERYBODY = {"log_out", "get_me"}
ONLY = {
    "list_operators": {Role.ADMINISTRATOR},
    "add_operator": {Role.ADMINISTRATOR},
    "set_operator_roles": {Role.ADMINISTRATOR},
    "set_operator_state": {Role.ADMINISTRATOR},
    "reset_second_factor": {Role.ADMINISTRATOR},
    "ask_approval": {Role.OPERATOR, Role.AUDITOR, Role.PROTECTION_OFFICER},
    "decide_approval": {Role.OPERATOR, Role.ADMINISTRATOR, Role.PROTECTION_OFFICER},
    "list_approvals": {Role.OPERATOR, Role.ADMINISTRATOR, Role.PROTECTION_OFFICER, Role.AUDITOR},
}
ACTS = {Role.AUDITOR: "export_bodies", Role.PROTECTION_OFFICER: "lift_hold"}
"""What these may ask for; operators, what the example does."""


def routes() -> dict[str, APIRoute]:
    found = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    return {str(route.operation_id): route for route in found if route.path.startswith(ADMIN)}


def rights_of(route: APIRoute) -> frozenset[Right]:
    """Those that its dependency on `staff` names; of several each must be met."""
    named = [rights for each in route.dependant.dependencies if (rights := getattr(each.call, "rights", None))]
    assert len(named) <= 1, route.operation_id
    return named[0] if named else frozenset()


def calls() -> Iterator[tuple[str, str, str, Any]]:
    """Each endpoint with the examples of its document."""
    for path, methods in DOCUMENT["paths"].items():
        for method, said in methods.items() if path.startswith(ADMIN) else ():
            where = path
            for parameter in said.get("parameters", ()):
                if parameter["in"] == "path":
                    where = where.replace(f"{{{parameter['name']}}}", str(parameter["schema"]["examples"][0]))
            content = said.get("requestBody", {}).get("content", {}).get("application/json")
            schema = content["schema"]["$ref"].rpartition("/")[2] if content else ""
            yield said["operationId"], method.upper(), where, SCHEMAS[schema]["examples"][0] if schema else None


CALLS = list(calls())


class House:
    def __init__(self) -> None:
        self.province = Province()
        self.staff = self.province.staffing

    async def token(self, *roles: Role, login: str = "an") -> str:
        enrolment = await hire(self.staff, TENANT, login, *roles)
        return (await enter(self.staff, TENANT, login, code_of(enrolment, now()))).token

    async def call(self, method: str, path: str, body: Any = None, *, token: str = "") -> httpx.Response:
        async with self.province.client(token) as client:
            return await client.request(method, path, json=body)


@pytest.fixture
def house() -> House:
    return House()


def test_every_endpoint_for_staff_names_its_right_and_none_but_the_log_in_is_open() -> None:
    """SEC-17 (part)."""
    assert {name for name, route in routes().items() if not rights_of(route)} == OPEN
    assert {name for name, *_ in CALLS} == set(routes())


@pytest.mark.parametrize("role", Role)
async def test_the_matrix_of_roles_holds_at_every_endpoint(house: House, role: Role) -> None:
    """SEC-17 (part): whoever lacks the right of an endpoint is answered 403 before anything is read or done."""
    token = await house.token(role)
    for name, method, path, body in CALLS:
        if name in OPEN | {"log_out"}:
            continue
        may = not RIGHTS[role].isdisjoint(rights_of(routes()[name]))
        assert may is (name in EVERYBODY or role in ONLY[name]) if name in EVERYBODY | ONLY.keys() else True, name
        if may and name not in EVERYBODY | ONLY.keys():
            continue  # what it does then is for its own tests
        said = {**body, "act": ACTS[role]} if name == "ask_approval" and role in ACTS else body
        answer = await house.call(method, path, said, token=token)
        refused = answer.status_code == 403 and answer.json()["code"] == "caller.right"
        assert refused is not may, (name, answer.status_code)
        assert answer.status_code != 401, name


@pytest.mark.parametrize(("name", "method", "path", "body"), CALLS, ids=[name for name, *_ in CALLS])
async def test_without_a_session_nothing_is_answered(
    house: House, name: str, method: str, path: str, body: Any
) -> None:
    """SEC-17 (part): no session, one that is made up, and the key of a provincial system."""
    for token in ("", "lts_" + "0" * 64, await house.province.issue("khac")):
        if name in OPEN:
            break
        assert (await house.call(method, path, body, token=token)).status_code == 401


async def test_a_log_in_over_http_opens_and_its_log_out_closes(house: House) -> None:
    enrolment = await hire(house.staff, TENANT, "an", Role.VIEWER)
    said = {"login": "an", "password": PASSWORD, "code": code_of(enrolment, now())}
    opened = await house.call("POST", "/v1/admin/sessions", said)
    assert opened.status_code == 201
    token = opened.json()["token"]
    me = await house.call("GET", "/v1/admin/me", token=token)
    assert me.json() == {"login": "an", "roles": ["viewer"], "rights": ["look"]}
    assert (await house.call("DELETE", "/v1/admin/sessions", token=token)).json() == {"ended": True}
    assert (await house.call("GET", "/v1/admin/me", token=token)).status_code == 401


async def test_what_is_answered_is_kept_nowhere_on_the_way(house: House) -> None:
    enrolment = await hire(house.staff, TENANT, "an", Role.VIEWER)
    said = {"login": "an", "password": PASSWORD, "code": code_of(enrolment, now())}
    opened = await house.call("POST", "/v1/admin/sessions", said)
    for answer in (opened, await house.call("GET", "/v1/admin/me"), await house.call("GET", "/v1/catalogues")):
        assert answer.headers.get_list("cache-control") == ["no-store"]
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"]


async def test_neither_password_nor_token_nor_second_factor_stays_beside_a_leaf(house: House) -> None:
    token = await house.token(Role.ADMINISTRATOR)
    made = await house.call(
        "POST", "/v1/admin/operators", {"login": "binh", "roles": ["auditor"], "password": PASSWORD}, token=token
    )
    assert made.status_code == 201
    said = {"login": "an", "password": PASSWORD, "code": "000000"}
    assert (await house.call("POST", "/v1/admin/sessions", said)).status_code == 401
    kept = b"".join(body for entry in house.province.recorder.entries for body in entry.bodies.values())
    for secret in (PASSWORD, token, made.json()["uri"], *made.json()["recovery_codes"]):
        assert secret.encode() not in kept
        assert json.dumps(secret).strip('"').encode() not in kept
        assert secret not in repr(house.province.recorder.entries)


async def test_what_is_refused_leaves_its_password_behind_no_more_than_what_is_done(house: House) -> None:
    for role, login in ((Role.ADMINISTRATOR, "an"), (Role.VIEWER, "xem")):
        token = await house.token(role, login=login)
        for wrong in ({"roles": ["nobody"]}, {"roles": []}, {"login": "Không phải"}):
            body = {"login": "binh", "roles": ["auditor"], "password": PASSWORD, **wrong}
            assert (await house.call("POST", "/v1/admin/operators", body, token=token)).status_code in {403, 422}
    kept = b"".join(body for entry in house.province.recorder.entries for body in entry.bodies.values())
    assert PASSWORD.encode() not in kept


@pytest.mark.plants_personal_data("address", "log")
async def test_a_personal_number_where_a_login_or_a_reference_belongs_is_in_no_leaf(house: House) -> None:
    token, auditor = await house.token(Role.ADMINISTRATOR), await house.token(Role.AUDITOR, login="kiem")
    number = "099" + "0" * 9
    body = {"login": number, "roles": ["auditor"], "password": PASSWORD}
    assert (await house.call("POST", "/v1/admin/operators", body, token=token)).status_code == 422
    path = f"/v1/admin/operators/{number}/state"
    assert (await house.call("PUT", path, {"disabled": True}, token=token)).status_code == 404
    found = await house.call("GET", f"/v1/admin/audit/leaves?reference={number}", token=auditor)
    assert found.status_code == 200
    assert all(number not in entry.reference for entry in house.province.recorder.entries)


async def test_what_staff_read_is_a_leaf_by_name(house: House) -> None:
    """SEC-09 (part)."""
    token = await house.token(Role.ADMINISTRATOR)
    await house.call("GET", "/v1/admin/operators", token=token)
    entry = house.province.recorder.entries[-1]
    assert (entry.kind, entry.actor, entry.operation) == (EntryKind.ADMIN, "operator:an", "list_operators")


async def test_an_administrator_changes_others_but_not_themselves(house: House) -> None:
    token = await house.token(Role.ADMINISTRATOR)
    other = await house.token(Role.VIEWER, login="binh")
    place = "/v1/admin/operators/binh"
    changed = await house.call("PUT", f"{place}/roles", {"roles": ["auditor"]}, token=token)
    assert changed.json()["roles"] == ["auditor"]
    assert (await house.call("GET", "/v1/admin/me", token=other)).status_code == 401
    disabled = await house.call("PUT", f"{place}/state", {"disabled": True}, token=token)
    assert disabled.json()["disabled_at"]
    for path, body in (("roles", {"roles": ["viewer"]}), ("state", {"disabled": True})):
        own = await house.call("PUT", f"/v1/admin/operators/an/{path}", body, token=token)
        assert (own.status_code, own.json()["code"]) == (409, "caller.own_account")


async def test_four_eyes_over_http(house: House) -> None:
    """PDP-13 (part): nobody allows their own, another one does, once."""
    asker = await house.token(Role.OPERATOR)
    other = await house.token(Role.OPERATOR, login="binh")
    body = {"act": "release_many", "parameters": {"target": "national_portal", "count": 40}, "reason": "Đã sửa"}
    asked = await house.call("POST", "/v1/admin/approvals", body, token=asker)
    assert (asked.status_code, asked.json()["state"]) == (201, "asked")
    place = f"/v1/admin/approvals/{asked.json()['id']}/decision"
    own = await house.call("POST", place, {"allow": True}, token=asker)
    assert (own.status_code, own.json()["code"]) == (403, "caller.own_request")
    allowed = await house.call("POST", place, {"allow": True}, token=other)
    assert (allowed.json()["state"], allowed.json()["decided_by"]) == ("allowed", "binh")
    assert (await house.call("POST", place, {"allow": False}, token=other)).status_code == 409
    listed = await house.call("GET", "/v1/admin/approvals", token=other)
    assert [each["state"] for each in listed.json()["approvals"]] == ["allowed"]
