"""`/v1/rechecks`: a register that was down is asked again, and the client is called when there is an answer."""

from __future__ import annotations

import copy
import json
import re
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from envelopes import request
from over_httpx import OverHttpx
from province import TENANT, Province, now
from structlog.testing import capture_logs

from gateway.bootstrap.rechecking import room_of
from gateway.callbacks.call import Calls, shown
from gateway.callbacks.model import Receiver
from gateway.clients.model import Scope
from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.rechecks.asking import Asker
from gateway.rechecks.course import RecheckPolicy
from gateway.rechecks.model import RecheckOperation
from gateway.rechecks.worker import Rechecker
from gateway.sdk import SystemSettings, WireRequest

PAGE = Path(__file__).parents[3] / "docs" / "api.md"
PURPOSE = {
    "dossier_code": "000.00.05.H99-261123-0007",
    "procedure_code": "1.009999",
    "officer_id": "canbo.mau",
    "agency_id": "000.00.05.H99",
}
CITIZEN = {
    "personal_id": "099185000001",
    "full_name": "Trần Thị Mẫu",
    "birth_date": "1985-06-15",
    "purpose": PURPOSE,
}
CHIEF = {"enterprise_code": "9900000016", "full_name": "Nguyễn Văn Mẫu", "purpose": PURPOSE}
FIRM = {"enterprise_code": "9900000016", "name": "Công ty TNHH Mẫu Sóc Trăng", "purpose": PURPOSE}
WANTED = {"operation": "verify_citizen", "request": CITIZEN}
SECRET = b"s" * 32


class OneStop:
    """The one-stop system's receiver: a tiny ASGI application that checks each signature by our page's own recipe."""

    def __init__(self) -> None:
        code = next(c for c in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S) if "whsec_" in c)
        self.scope: dict[str, Any] = {}
        exec(code, self.scope)
        self.heard: list[dict[str, Any]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        headers["webhook-timestamp"] = str(int(headers["webhook-timestamp"]))
        self.scope["verify"](shown(SECRET), headers, body)
        self.heard.append(json.loads(body))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


class Tomorrow:
    """The province's worker, on a clock that a test moves."""

    def __init__(self, province: Province) -> None:
        self.one_stop = OneStop()
        self.ahead = timedelta()
        for system in ("population", "business_registry"):
            breaker = Breaker(BreakerPolicy(), monotonic=lambda: time.monotonic() + self.ahead.total_seconds())
            province.systems[system] = replace(province.systems[system], breaker=breaker)
        transport = OverHttpx(SystemSettings(base_url=""), transport=httpx.ASGITransport(self.one_stop))
        self.worker = Rechecker(
            province.rechecks,
            Asker(
                province.services.lookups,
                province.clients,
                province.recorder,
                room=room_of(province.exchange),
                clock=now,
            ),
            Calls(province.receivers, transport, province.recorder, clock=now),
            tenant=TENANT,
            name="w",
            clock=lambda: now() + self.ahead,
            policy=RecheckPolicy(),
        )

    async def work(self, *, after_s: float = 0) -> None:
        self.ahead += timedelta(seconds=after_s)
        while await self.worker.drain():
            pass


async def fault(province: Province, system: str, name: str = "") -> None:
    """Plan one for every call, or clear them."""
    ours = province.systems[system]
    request = WireRequest(
        method="POST" if name else "DELETE",
        url=re.sub(r"(https?://[^/]+).*", r"\1/_mock/faults", ours.settings.base_url),
        headers={"content-type": "application/json"},
        content=json.dumps({"fault": name, "times": None}).encode() if name else b"",
    )
    assert (await ours.transport.send(request)).status < 300


@pytest.fixture
async def down(province: Province) -> AsyncIterator[None]:
    """Both registers."""
    for system in ("population", "business_registry"):
        await fault(province, system, "unavailable")
    yield
    for system in ("population", "business_registry"):
        await fault(province, system)


@pytest.fixture
async def tomorrow(province: Province) -> Tomorrow:
    await province.receivers.put(
        Receiver(tenant=TENANT, client_id="motcua", url="https://motcua.example/cb", secret=SECRET)
    )
    return Tomorrow(province)


async def post(caller: httpx.AsyncClient, body: Any, key: str = "", path: str = "/v1/rechecks") -> httpx.Response:
    return await caller.post(path, json=body, headers={"Idempotency-Key": key or str(uuid.uuid4())})


async def test_what_was_undetermined_is_answered_once_the_register_is_back_and_the_client_is_called(
    province: Province, caller: httpx.AsyncClient, tomorrow: Tomorrow, down: None
) -> None:
    """POP-05 (part), POP-10 (part)."""
    first = (await caller.post("/v1/citizens/verification", json=CITIZEN)).json()
    assert first["verdict"] == "undetermined"
    wanted = {"operation": first["recheck"]["operation"], "request": CITIZEN, "reference": first["reference"]}
    taken = await post(caller, {**wanted, "callback": True}, path=first["recheck"]["path"])
    assert taken.status_code == 202
    body = taken.json()
    where = taken.headers["location"]
    assert where == f"/v1/rechecks/{body['recheck_id']}"
    assert (body["state"], body["tries"], body["callback"], body["result"]) == ("waiting", 0, "waiting", None)
    assert datetime.fromisoformat(body["next_at"]) - datetime.fromisoformat(body["created_at"]) == timedelta(minutes=1)

    await tomorrow.work(after_s=61)
    waiting = (await caller.get(where)).json()
    assert (waiting["state"], waiting["tries"], waiting["result"]) == ("waiting", 1, None)
    assert waiting["trouble"].startswith("partner.")
    assert tomorrow.one_stop.heard == []

    await fault(province, "population")
    await tomorrow.work(after_s=3600)
    assert tomorrow.one_stop.heard == [
        {
            "type": "recheck.answered",
            "recheck_id": body["recheck_id"],
            "dossier_code": PURPOSE["dossier_code"],
            "operation": "verify_citizen",
            "state": "answered",
            "at": tomorrow.one_stop.heard[0]["at"],
        }
    ]
    done = (await caller.get(where)).json()
    assert (done["state"], done["result"]["verdict"], done["next_at"]) == ("answered", "match", None)
    assert done["callback"] == "delivered"
    assert done["result"]["audit_index"] is not None


async def test_an_enterprise_is_asked_again_too(
    province: Province, caller: httpx.AsyncClient, tomorrow: Tomorrow, down: None
) -> None:
    """POP-05 (part)."""
    taken = await post(caller, {"operation": "verify_enterprise", "request": FIRM, "reference": "A" * 20})
    assert (taken.status_code, taken.json()["reference"]) == (202, "A" * 20)
    await fault(province, "business_registry")
    await tomorrow.work(after_s=61)
    done = (await caller.get(taken.headers["location"])).json()
    assert done["result"]["verdict"] == "match"
    assert done["result"]["facts"]["status"]
    assert tomorrow.one_stop.heard == []


async def test_a_representative_is_asked_again_too(
    province: Province, caller: httpx.AsyncClient, tomorrow: Tomorrow, down: None
) -> None:
    """POP-05 (part), BIZ-05 (part)."""
    first = (await caller.post("/v1/enterprises/representatives/verification", json=CHIEF)).json()
    assert (first["verdict"], first["recheck"]["operation"]) == ("undetermined", "verify_representative")
    taken = await post(caller, {"operation": "verify_representative", "request": CHIEF})
    await fault(province, "business_registry")
    await tomorrow.work(after_s=61)
    done = (await caller.get(taken.headers["location"])).json()
    direct = (await caller.post("/v1/enterprises/representatives/verification", json=CHIEF)).json()
    varying = ("reference", "audit_index", "checked_at")
    assert {k: v for k, v in done["result"].items() if k not in varying} == {
        k: v for k, v in direct.items() if k not in varying
    }


@pytest.mark.parametrize(
    ("operation", "request_", "kind"),
    [
        ("verify_citizen", CITIZEN, "CitizenVerificationOut"),
        ("verify_enterprise", FIRM, "EnterpriseVerificationOut"),
        ("verify_representative", CHIEF, "RepresentativeVerificationOut"),
    ],
)
async def test_over_soap_a_result_is_named_by_what_was_asked(
    caller: httpx.AsyncClient, tomorrow: Tomorrow, operation: str, request_: dict[str, Any], kind: str
) -> None:
    """CON-18: the verdicts on an enterprise and on its representative have the same fields and mean other things."""
    wanted = request("create_recheck", {"idempotency_key": "k-1", "request": {"operation": operation,
                                        "request": request_, "callback": False}})  # fmt: skip
    xml = {"Content-Type": "text/xml"}
    taken = await caller.post("/soap", content=wanted, headers=xml)
    recheck_id = re.findall("recheck_id>([0-9A-Z]+)<", taken.text)[0]
    await tomorrow.work(after_s=61)
    done = await caller.post("/soap", content=request("get_recheck", {"recheck_id": recheck_id}), headers=xml)
    assert re.findall(r"<tns:(\w+VerificationOut)>", done.text) == [kind]
    assert ">match<" in done.text


async def test_three_days_without_an_answer_end_with_a_person_not_with_a_no(
    caller: httpx.AsyncClient, tomorrow: Tomorrow, down: None
) -> None:
    """POP-05 (part)."""
    taken = await post(caller, {**WANTED, "callback": True})
    for _ in range(75):
        await tomorrow.work(after_s=3600)
    given_up = (await caller.get(taken.headers["location"])).json()
    assert (given_up["state"], given_up["result"]) == ("given_up", None)
    assert [heard["type"] for heard in tomorrow.one_stop.heard] == ["recheck.given_up"]


async def test_each_try_and_each_reading_of_the_result_is_a_leaf(
    province: Province, caller: httpx.AsyncClient, tomorrow: Tomorrow
) -> None:
    """POP-12 (part): who asked the register, who was told."""
    taken = await post(caller, {**WANTED, "callback": True})
    where, made = taken.headers["location"], province.recorder.entries[-1]
    assert (made.operation, made.purpose, made.reference) == ("create_recheck", PURPOSE, PURPOSE["dossier_code"])
    before = len(province.recorder.entries)
    assert (await caller.get(where)).json()["state"] == "waiting"
    assert len(province.recorder.entries) == before
    await tomorrow.work(after_s=61)
    asked, called = province.recorder.entries[before:]
    assert (asked.operation, asked.actor) == ("verify_citizen", "motcua")
    assert asked.purpose.items() >= PURPOSE.items()
    assert asked.purpose["basis"]  # what allows it is looked up anew at each try
    assert (called.operation, called.outcome) == ("call_client", "answered")
    assert {asked.trace_id, called.trace_id} == {made.trace_id}
    await caller.get(where)
    read = province.recorder.entries[-1]
    assert (read.operation, read.actor, read.purpose) == ("get_recheck", "motcua", PURPOSE)
    assert (read.reference, "file_sha256" in read.facts) == (PURPOSE["dossier_code"], True)


async def test_a_search_for_people_is_no_way_around_the_limits(
    province: Province, caller: httpx.AsyncClient, tomorrow: Tomorrow
) -> None:
    """POP-07 (part): rechecks are counted like look-ups; what is refused waits, and says nothing of anybody."""
    places = []
    for number in range(40):
        person = {**CITIZEN, "personal_id": f"0991850{number:05d}"}
        places.append((await post(caller, {**WANTED, "request": person})).headers["location"])
    await tomorrow.work(after_s=61)
    views = [(await caller.get(where)).json() for where in places]
    refused = [view for view in views if view["trouble"] == "caller.enumeration"]
    assert refused
    assert {(view["state"], view["tries"], view["result"] is None) for view in refused} == {("waiting", 0, True)}


async def test_the_same_request_again_is_the_same_recheck_also_when_its_answer_was_lost(
    province: Province, caller: httpx.AsyncClient
) -> None:
    first = await post(caller, WANTED, key="k")
    assert (await post(caller, WANTED, key="k")).content == first.content
    province.answers._rows.clear()  # the process died before it could keep its answer, or a day has passed
    again = await post(caller, WANTED, key="k")
    assert again.json()["recheck_id"] == first.json()["recheck_id"]
    assert len(await province.rechecks.latest(TENANT, state=None, limit=9)) == 1
    province.answers._rows.clear()
    other = await post(caller, {**WANTED, "request": {**CITIZEN, "birth_date": "1985"}}, key="k")
    assert (other.status_code, other.json()["code"]) == (422, "caller.idempotency_key_reused")


async def test_a_key_is_needed(caller: httpx.AsyncClient) -> None:
    answer = await caller.post("/v1/rechecks", json=WANTED)
    assert (answer.status_code, answer.json()["code"]) == (400, "caller.idempotency_key_missing")


async def test_a_callback_without_an_address_is_refused(province: Province, caller: httpx.AsyncClient) -> None:
    answer = await post(caller, {**WANTED, "callback": True})
    assert (answer.status_code, answer.json()["code"]) == (422, "caller.no_callback")
    assert answer.json()["errors"][0]["pointer"] == "/callback"
    assert await province.rechecks.latest(TENANT, state=None, limit=9) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("request", "personal_id"), "12"),
        (("request", "purpose"), None),
        (("request", "purpose", "dossier_code"), "x"),
        (("request", "ho_ten"), "x"),
        (("request",), []),
        (("operation",), "lookup_citizen"),
        (("reference",), "099185000001"),
        (("callback",), "yes"),
    ],
    ids=str,
)
async def test_what_is_wrong_is_named_where_it_stands(
    province: Province, caller: httpx.AsyncClient, path: tuple[str, ...], value: Any
) -> None:
    """POP-06 (part): no purpose, no recheck; a personal number is no reference."""
    body = copy.deepcopy(WANTED)
    place: Any = body
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    answer = await post(caller, body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/" + "/".join(path)]
    assert await province.rechecks.latest(TENANT, state=None, limit=9) == []


async def test_what_the_purpose_does_not_cover_is_refused_at_once_and_nothing_is_kept(province: Province) -> None:
    """POP-06, PDP-01 (part): personal data is not stored for a purpose that is none."""
    nobody = {**PURPOSE, "procedure_code": "1.009995"}
    firms_alone = {**PURPOSE, "procedure_code": "1.009997"}
    bodies = {
        "/request/purpose/procedure_code": {**WANTED, "request": {**CITIZEN, "purpose": nobody}},
        "/request/personal_id": {**WANTED, "request": {**CITIZEN, "purpose": firms_alone}},
    }
    async with province.client(await province.issue()) as client:
        answers = [await post(client, body) for body in bodies.values()]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "caller.purpose")] * 2
    assert [answer.json()["errors"][0]["pointer"] for answer in answers] == list(bodies)
    assert await province.rechecks.latest(TENANT, state=None, limit=9) == []


async def test_each_operation_takes_its_own_request(caller: httpx.AsyncClient) -> None:
    answer = await post(caller, {"operation": "verify_enterprise", "request": CITIZEN})
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} >= {"/request/enterprise_code"}


class TestRights:
    async def test_the_operation_says_which_scope_it_takes(self, province: Province) -> None:
        """SEC-17 (part)."""
        bodies = {Scope.CITIZENS: WANTED, Scope.ENTERPRISES: {"operation": "verify_enterprise", "request": FIRM}}
        for scope in bodies:
            async with province.client(await province.issue(scope.name.lower(), scope)) as client:
                answers = {of: (await post(client, body)).status_code for of, body in bodies.items()}
            assert answers == {of: 202 if of is scope else 403 for of in bodies}

    async def test_a_key_bound_to_an_agency_does_not_ask_for_another(self, province: Province) -> None:
        """POP-06 (part)."""
        async with province.client(await province.issue("xa-khac", agencies=("000.00.99.H99",))) as client:
            answer = await post(client, WANTED)
        assert (answer.status_code, answer.json()["code"]) == (403, "caller.agency")

    async def test_nobody_else_sees_it(self, province: Province, caller: httpx.AsyncClient, tomorrow: Tomorrow) -> None:
        """PDP-04 (part)."""
        where = (await post(caller, WANTED)).headers["location"]
        await tomorrow.work(after_s=61)
        async with province.client(await province.issue("khac")) as other:
            seen = await other.get(where)
            withdrawn = await post(other, None, path=f"{where}/withdrawal")
        assert (seen.status_code, withdrawn.status_code) == (404, 404)
        assert (await caller.get(where)).json()["state"] == "answered"
        assert (await caller.get(f"/v1/rechecks/R{0:019}")).status_code == 404

    async def test_what_is_no_id_of_ours_does_not_reach_the_log(
        self, province: Province, caller: httpx.AsyncClient
    ) -> None:
        """PDP-15 (part): whatever somebody puts into the path, such as a person's number."""
        assert (await caller.get("/v1/rechecks/0123")).status_code == 404
        assert province.recorder.entries[-1].reference == ""

    async def test_a_revoked_key_asks_no_more(
        self, province: Province, caller: httpx.AsyncClient, tomorrow: Tomorrow
    ) -> None:
        """SEC-12 (part)."""
        taken = (await post(caller, {**WANTED, "callback": True})).json()
        await province.clients.revoke(TENANT, "motcua", at=now())
        before = len(province.recorder.entries)
        await tomorrow.work(after_s=61)
        assert len(province.recorder.entries) == before
        found = await province.rechecks.find(TENANT, taken["recheck_id"])
        assert found is not None
        assert found.state == "withdrawn"


class TestWithdrawal:
    async def test_a_withdrawn_one_is_asked_no_more_and_forgotten(
        self, province: Province, caller: httpx.AsyncClient, tomorrow: Tomorrow
    ) -> None:
        """PDP-11 (part)."""
        taken = await post(caller, {**WANTED, "callback": True})
        path = taken.headers["location"]
        gone = await post(caller, None, path=f"{path}/withdrawal")
        assert (gone.status_code, gone.json()["state"], gone.json()["next_at"]) == (200, "withdrawn", None)
        assert gone.json()["erased_at"] is not None
        assert (await post(caller, None, path=f"{path}/withdrawal")).content == gone.content
        before = len(province.recorder.entries)
        await tomorrow.work(after_s=86_400)
        assert len(province.recorder.entries) == before
        assert tomorrow.one_stop.heard == []
        assert (await province.rechecks.contents(TENANT, taken.json()["recheck_id"])).request is None

    async def test_what_is_answered_is_not_withdrawn(self, caller: httpx.AsyncClient, tomorrow: Tomorrow) -> None:
        where = (await post(caller, WANTED)).headers["location"]
        await tomorrow.work(after_s=61)
        answer = await post(caller, None, path=f"{where}/withdrawal")
        assert (answer.status_code, answer.json()["code"]) == (409, "caller.recheck_ended")


async def test_an_erased_result_is_said_to_be_erased(
    province: Province, caller: httpx.AsyncClient, tomorrow: Tomorrow
) -> None:
    """PDP-11 (part)."""
    where = (await post(caller, WANTED)).headers["location"]
    await tomorrow.work(after_s=61)
    await province.rechecks.erase(TENANT, ended_before=now() + timedelta(days=9), now=now())
    shown_now = (await caller.get(where)).json()
    assert (shown_now["state"], shown_now["result"]) == ("answered", None)
    assert shown_now["erased_at"] is not None


async def test_while_the_breaker_is_open_the_register_is_left_in_peace(
    province: Province, caller: httpx.AsyncClient, tomorrow: Tomorrow, down: None
) -> None:
    taken = await post(caller, WANTED)
    for _ in range(5):
        await caller.post("/v1/citizens/verification", json=CITIZEN)
    assert province.exchange.room("population", most=4) == 0
    before = len(province.recorder.entries)
    assert await province.rechecks.hurry(TENANT, taken.json()["recheck_id"], now=now())
    await tomorrow.work()
    assert len(province.recorder.entries) == before
    assert (await caller.get(taken.headers["location"])).json()["tries"] == 0
    await fault(province, "population")
    await tomorrow.work(after_s=16)
    assert (await caller.get(taken.headers["location"])).json()["state"] == "answered"


async def test_logs_and_leaves_hold_no_personal_data(
    province: Province, caller: httpx.AsyncClient, tomorrow: Tomorrow
) -> None:
    """PDP-15 (part)."""
    with capture_logs() as logs:
        for wanted in (WANTED, {"operation": RecheckOperation.VERIFY_ENTERPRISE.value, "request": FIRM}):
            where = (await post(caller, {**wanted, "callback": True})).headers["location"]
            await tomorrow.work(after_s=61)
            await caller.get(where)
    said = repr(logs) + "".join(map(repr, province.recorder.entries)) + repr(tomorrow.one_stop.heard)
    rows = await province.rechecks.latest(TENANT, state=None, limit=9)
    assert len(rows) == 2
    assert not any(word in said + repr(rows) for word in ("Mẫu", "099185", "9900000016", "Sóc Trăng", "whsec_"))
