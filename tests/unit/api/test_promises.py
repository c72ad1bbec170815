"""What an answer promises: it is provable, given once, follows the trace, and says nothing that it should not."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import pytest
from operations import BODIED, OPERATIONS, Operation
from province import Province
from structlog.testing import capture_logs

from gateway.audit.errors import AuditUnavailableError
from gateway.sdk import GatewayError

each = pytest.mark.parametrize("operation", BODIED, ids=str)
PUT = next(operation for operation in BODIED if operation.name == "put_dossier")
EVENT = next(operation for operation in BODIED if operation.name == "add_status_event")
PAYMENT = next(operation for operation in BODIED if operation.name == "create_payment")
VERIFY = next(operation for operation in BODIED if operation.name == "verify_citizen")
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


async def send(caller: httpx.AsyncClient, operation: Operation, body: Any = None, **headers: str) -> httpx.Response:
    given = {"Content-Type": "application/json", **operation.headers, **headers}
    return await caller.request(
        operation.method, operation.path, content=json.dumps(body or operation.body), headers=given
    )


class TestEvidence:
    @each
    async def test_no_answer_leaves_before_its_leaf_is_durable(
        self, province: Province, caller: httpx.AsyncClient, operation: Operation
    ) -> None:
        """POP-12: a log that is down means no answer, not an answer without proof."""
        province.recorder.broken = AuditUnavailableError("down")
        answer = await send(caller, operation)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["content-type"] == "application/problem+json"
        assert "verdict" not in answer.text

    @each
    async def test_the_leaf_names_who_why_and_about_what(
        self, province: Province, caller: httpx.AsyncClient, operation: Operation
    ) -> None:
        """POP-12."""
        await send(caller, operation)
        leaf = province.recorder.entries[-1]
        assert (leaf.actor, leaf.operation) == ("motcua", operation.name)
        assert json.loads(leaf.bodies["request"]) == operation.body
        if "purpose" in operation.body:
            assert leaf.purpose == operation.body["purpose"]
        assert leaf.reference

    async def test_looking_on_leaves_no_leaf_but_a_refusal_does(
        self, province: Province, caller: httpx.AsyncClient
    ) -> None:
        await send(caller, PUT)
        before = len(province.recorder.entries)
        assert (await caller.get(PUT.path + "/sync")).status_code == 200
        assert len(province.recorder.entries) == before
        assert (await caller.get("/v1/dossiers/000.00.05.H99-261123-9999/sync")).status_code == 404
        assert len(province.recorder.entries) == before + 1


class TestDurability:
    async def test_202_is_said_after_the_commit_never_before(
        self, province: Province, caller: httpx.AsyncClient
    ) -> None:
        """SYN-08."""
        await send(caller, PUT)

        async def full(*_: Any, **__: Any) -> None:
            raise GatewayError("disk full")

        province.outbox.enqueue = full  # type: ignore[method-assign]  # the store's failure is what is tested
        for operation, body in ((PUT, {**PUT.body, "note": "đổi"}), (EVENT, EVENT.body)):
            answer = await send(caller, operation, body)
            assert answer.status_code == 500
            assert "disk" not in answer.json()["detail"]


class TestOnce:
    async def test_a_key_is_needed(self, province: Province, caller: httpx.AsyncClient) -> None:
        for operation in (PAYMENT, EVENT):
            answer = await send(caller, operation, **{"Idempotency-Key": ""})
            assert (answer.status_code, answer.json()["code"]) == (400, "caller.idempotency_key_missing")
        assert province.stored == (0, 0, 0)

    @pytest.mark.parametrize("key", ["á", "x" * 256, "a\tb", '""', "   "])
    async def test_a_key_that_is_none_is_400(self, caller: httpx.AsyncClient, key: str) -> None:
        headers = {"Content-Type": "application/json", "Idempotency-Key": key.encode("latin-1")}
        answer = await caller.post(PAYMENT.path, content=json.dumps(PAYMENT.body), headers=headers)  # type: ignore[arg-type]
        assert answer.status_code == 400

    async def test_the_same_request_gets_the_first_answer_again(
        self, province: Province, caller: httpx.AsyncClient
    ) -> None:
        key = str(uuid.uuid4())
        first, again = [await send(caller, PAYMENT, **{"Idempotency-Key": key}) for _ in range(2)]
        assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
        assert again.headers["location"] == first.headers["location"] == f"/v1/payments/{first.json()['id']}"
        assert province.stored[1] == 1

    async def test_spacing_and_quotes_do_not_make_another_request(self, caller: httpx.AsyncClient) -> None:
        first = await send(caller, PAYMENT, **{"Idempotency-Key": "k-1"})
        again = await caller.post(
            PAYMENT.path,
            content=json.dumps(dict(reversed(PAYMENT.body.items())), indent=3),
            headers={"Content-Type": "application/json", "Idempotency-Key": '"k-1"'},
        )
        assert again.content == first.content

    async def test_the_same_key_for_another_request_is_422(self, province: Province, caller: httpx.AsyncClient) -> None:
        await send(caller, PAYMENT, **{"Idempotency-Key": "k"})
        other = await send(caller, PAYMENT, {**PAYMENT.body, "procedure_name": "Khác"}, **{"Idempotency-Key": "k"})
        assert (other.status_code, other.json()["code"]) == (422, "caller.idempotency_key_reused")
        assert province.stored[1] == 1

    async def test_a_refusal_is_an_answer_too(self, caller: httpx.AsyncClient) -> None:
        """No dossier yet: 404, and the same again although there is one now; a new key asks anew."""
        first = await send(caller, EVENT, **{"Idempotency-Key": "k"})
        await send(caller, PUT)
        again = await send(caller, EVENT, **{"Idempotency-Key": "k"})
        assert first.status_code == again.status_code == 404
        assert (await send(caller, EVENT)).status_code == 202

    async def test_two_clients_may_use_the_same_key(self, province: Province, caller: httpx.AsyncClient) -> None:
        first = await send(caller, PAYMENT, **{"Idempotency-Key": "k"})
        async with province.client(await province.issue("khac")) as other:
            second = await send(other, PAYMENT, **{"Idempotency-Key": "k"})
        assert first.json()["id"] != second.json()["id"]


class TestErrors:
    @pytest.mark.parametrize(
        "path", ["/", "/v1", "/v1/nothing", "/v2/dossiers", "/v1/dossiers/x/sync", "/inbound/none/x"]
    )
    async def test_nothing_there_is_a_problem_document(self, caller: httpx.AsyncClient, path: str) -> None:
        answer = await caller.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
        assert answer.json()["detail"]

    @pytest.mark.parametrize("operation", OPERATIONS, ids=str)
    async def test_another_method_is_405_and_says_which_are_taken(
        self, caller: httpx.AsyncClient, operation: Operation
    ) -> None:
        answer = await caller.request("PATCH", operation.path)
        assert (answer.status_code, answer.json()["code"]) == (405, "caller.method_not_allowed")
        assert operation.method in answer.headers["allow"]

    @pytest.mark.plants_personal_data(
        "output"
    )  # the console of the tests shows what is raised; that of the gateway not
    @each
    async def test_what_nobody_foresaw_is_500_without_internals(
        self, province: Province, caller: httpx.AsyncClient, operation: Operation
    ) -> None:
        class Broken:
            def __getattr__(self, name: str) -> Any:
                raise ZeroDivisionError("Trần Thị Mẫu 099185000001 at /srv/secret.py")

        money = ("bills", "payments", "refunds")
        for part in (*money, "lookups", "dossiers", "steps", "batches", "procedures", "feedback", "numbering"):
            object.__setattr__(province.services, part, Broken())
        for part in ("rechecks", "evidence"):
            object.__setattr__(province.services.late(), part, Broken())
        answer = await send(caller, operation)
        assert (answer.status_code, answer.json()["code"]) == (500, "ours.unexpected")
        assert not any(word in answer.text for word in ("Mẫu", "0991", "secret", "Zero", "Traceback"))

    @pytest.mark.parametrize("is_ready", [True, False])
    async def test_readyz_says_whether_it_serves_and_if_not_when_to_ask_again(
        self, province: Province, caller: httpx.AsyncClient, is_ready: bool
    ) -> None:
        async def ready() -> bool:
            return is_ready

        object.__setattr__(province.services, "ready", ready)
        answer = await caller.get("/readyz")
        assert (answer.status_code, "retry-after" in answer.headers) == ((200, False) if is_ready else (503, True))

    async def test_a_path_that_is_no_code_is_404(self, caller: httpx.AsyncClient) -> None:
        for path in ("/v1/payments/khong-phai", "/v1/dossiers/%00/sync", "/v1/dossiers/" + "9" * 500 + "/sync"):
            assert (await caller.get(path)).status_code == 404


class TestTrace:
    async def test_the_callers_trace_is_followed_to_the_leaf(
        self, province: Province, caller: httpx.AsyncClient
    ) -> None:
        await send(caller, VERIFY, traceparent=f"00-{TRACE}-00f067aa0ba902b7-01")
        assert {entry.trace_id for entry in province.recorder.entries} == {TRACE}

    @pytest.mark.parametrize(
        "header", ["", "00-x", f"00-{TRACE}-0000000000000000-01", f"ff-{TRACE}-00f067aa0ba902b7-01"]
    )
    async def test_a_malformed_trace_is_replaced_by_a_new_one(
        self, province: Province, caller: httpx.AsyncClient, header: str
    ) -> None:
        await send(caller, VERIFY, traceparent=header)
        assert TRACE not in {entry.trace_id for entry in province.recorder.entries}

    async def test_two_traceparents_are_none(self, province: Province, caller: httpx.AsyncClient) -> None:
        headers = [("Content-Type", "application/json"), *[("traceparent", f"00-{TRACE}-00f067aa0ba902b7-01")] * 2]
        await caller.post(VERIFY.path, content=json.dumps(VERIFY.body), headers=headers)
        assert TRACE not in {entry.trace_id for entry in province.recorder.entries}


class TestSilence:
    @each
    async def test_logs_and_leaves_hold_no_personal_data(
        self, province: Province, caller: httpx.AsyncClient, operation: Operation
    ) -> None:
        """PDP-15. Even before redaction, which is a second line."""
        with capture_logs() as logs:
            await send(caller, operation)
            await send(caller, operation, {**operation.body, "Trần Thị Mẫu": "099185000001"})
        said = repr(logs) + "".join(map(repr, province.recorder.entries))
        assert not any(word in said for word in ("Mẫu", "099185", "0900000001", "9900000016"))
