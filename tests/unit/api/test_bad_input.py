"""Bad input of every kind, at every operation: a problem document, nothing stored, nothing leaked."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from operations import BODIED, SCHEMAS, Operation
from province import Province

each = pytest.mark.parametrize("operation", BODIED, ids=str)
each_alone = pytest.mark.parametrize("operation", [op for op in BODIED if op.name != "add_status_events"], ids=str)
"""What is wrong with one step of many is said of that step: `test_batches`."""
JSON = {"Content-Type": "application/json"}
PERSONAL = ("Trần", "Mẫu", "Tr\\u1ea7n", "099185000001", "9900000016", "0900000001", "Traceback", 'File "')


async def send(caller: httpx.AsyncClient, operation: Operation, content: Any, **headers: str) -> httpx.Response:
    return await caller.request(
        operation.method, operation.path, content=content, headers={**JSON, **operation.headers, **headers}
    )


async def refused(
    province: Province, caller: httpx.AsyncClient, operation: Operation, content: Any, status: int, **headers: str
) -> Any:
    """Send it, and check what every refusal promises; the problem document."""
    answer = await send(caller, operation, content, **headers)
    assert answer.status_code == status, answer.text
    assert str(status) in operation.statuses
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["code"].startswith("caller.")
    assert problem["type"] == f"urn:lienthong:problem:{problem['code']}"
    assert any(letter in problem["detail"] for letter in "ăâđêôơưáàảãạéèẻẽẹếềểễệíìỉĩịóòỏõọộốồớờúùủũụứừửữựýỳđĐ")
    assert problem["detail_en"].isascii()
    assert province.stored == (0, 0, 0)
    assert not [word for word in PERSONAL if word in answer.text]
    leaf = province.recorder.entries[-1]
    assert (leaf.outcome, leaf.trace_id) == (f"http_{status}", problem["trace_id"])
    return problem


def pointers(problem: Any) -> list[str]:
    return [error["pointer"] for error in problem["errors"]]


@each
async def test_the_documents_own_example_is_accepted(
    province: Province, caller: httpx.AsyncClient, operation: Operation
) -> None:
    if operation.name == "add_status_event":
        first = next(other for other in BODIED if other.name == "put_dossier")
        assert (await send(caller, first, json.dumps(first.body))).status_code == 202
    answer = await send(caller, operation, json.dumps(operation.body))
    assert answer.is_success, answer.text


@each
@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"nonsense",
        b'{"a": }',
        b"\xff\xfe{}",
        b'{"a": "\xe1"}',
        b'{"n": NaN}',
        b'{"n": -Infinity}',
        b"{} {}",
        b"'a'",
    ],
)
async def test_malformed_json_is_400(
    province: Province, caller: httpx.AsyncClient, operation: Operation, content: bytes
) -> None:
    problem = await refused(province, caller, operation, content, 400)
    assert problem["code"] == "caller.malformed_json"


@each
async def test_nesting_without_end_is_400(province: Province, caller: httpx.AsyncClient, operation: Operation) -> None:
    await refused(province, caller, operation, b"[" * 90_000, 400)
    await refused(province, caller, operation, b'{"a":' * 15_000, 400)


@each
async def test_a_field_that_stands_twice_is_400(
    province: Province, caller: httpx.AsyncClient, operation: Operation
) -> None:
    """Two readers would read two different requests."""
    field, value = next(iter(operation.body.items()))
    twice = json.dumps(operation.body)[:-1] + f", {json.dumps(field)}: {json.dumps(value)}}}"
    problem = await refused(province, caller, operation, twice.encode(), 400)
    assert problem["code"] == "caller.repeated_field"


@each
@pytest.mark.parametrize("content", [b"[]", b'"a"', b"1", b"null", b"true"])
async def test_what_is_no_object_is_422(
    province: Province, caller: httpx.AsyncClient, operation: Operation, content: bytes
) -> None:
    await refused(province, caller, operation, content, 422)


@each
async def test_no_body_is_422(province: Province, caller: httpx.AsyncClient, operation: Operation) -> None:
    await refused(province, caller, operation, b"", 422)


@each_alone
async def test_a_wrong_type_names_its_field(
    province: Province, caller: httpx.AsyncClient, operation: Operation
) -> None:
    for field in operation.body:
        for wrong in ({"x": 1}, [[]], 1.5, 10**400):
            problem = await refused(province, caller, operation, operation.changed(field, wrong), 422)
            assert all(pointer.startswith(f"/{field}") for pointer in pointers(problem)), problem


@each
async def test_a_missing_field_is_named(province: Province, caller: httpx.AsyncClient, operation: Operation) -> None:
    for field in SCHEMAS[operation.schema].get("required", ()):
        body = {name: value for name, value in operation.body.items() if name != field}
        problem = await refused(province, caller, operation, json.dumps(body).encode(), 422)
        assert pointers(problem) == [f"/{field}"]


@each
async def test_an_unknown_field_is_named(province: Province, caller: httpx.AsyncClient, operation: Operation) -> None:
    problem = await refused(province, caller, operation, operation.changed("ho_ten", "Trần Thị Mẫu"), 422)
    assert pointers(problem) == ["/ho_ten"]


@each
async def test_an_unknown_field_whose_name_may_be_personal_is_not_repeated(
    province: Province, caller: httpx.AsyncClient, operation: Operation
) -> None:
    await refused(province, caller, operation, operation.changed("Trần Thị Mẫu 099185000001", "x"), 422)


@each_alone
@pytest.mark.parametrize(
    "text",
    ["a\0b", "a\x1bb", "\ud800", "x" * 10_000, "Trần " * 2_000, "", "   "],
    ids=["NUL", "escape", "lone surrogate", "10,000 characters", "10,000 characters of names", "empty", "spaces"],
)
async def test_a_text_that_cannot_be_is_422_wherever_it_stands(
    province: Province, caller: httpx.AsyncClient, operation: Operation, text: str
) -> None:
    for pointer, content in operation.with_text(text):
        if operation.name == "check_evidence" and text.isascii() and text.isalnum():
            continue  # bytes in base64, however many
        problem = await refused(province, caller, operation, content, 422)
        assert any(pointer.startswith(named) for named in pointers(problem)), (pointer, problem)


@each
async def test_a_body_too_large_is_413(province: Province, caller: httpx.AsyncClient, operation: Operation) -> None:
    large = operation.changed("note", "x" * 200_000)

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 10_000):
            yield large[start : start + 10_000]

    await refused(province, caller, operation, large, 413)
    await refused(province, caller, operation, in_pieces(), 413)


@each
@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/json; charset=latin-1", ""],
)
async def test_another_media_type_is_415(
    province: Province, caller: httpx.AsyncClient, operation: Operation, media_type: str
) -> None:
    content = json.dumps(operation.body).encode()
    await refused(province, caller, operation, content, 415, **{"Content-Type": media_type})


@each
async def test_a_compressed_body_is_415(province: Province, caller: httpx.AsyncClient, operation: Operation) -> None:
    content = gzip.compress(json.dumps(operation.body).encode())
    await refused(province, caller, operation, content, 415, **{"Content-Encoding": "gzip"})


@pytest.mark.parametrize("purpose", [None, {}, {"dossier_code": "000.00.05.H99-261123-0007"}])
@pytest.mark.parametrize("operation", [op for op in BODIED if "purpose" in op.body], ids=str)
async def test_a_look_up_without_a_whole_purpose_is_refused(
    province: Province, caller: httpx.AsyncClient, operation: Operation, purpose: Any
) -> None:
    """POP-06: no purpose, no look-up; and the register was not asked."""
    problem = await refused(province, caller, operation, operation.changed("purpose", purpose), 422)
    assert all(pointer.startswith("/purpose") for pointer in pointers(problem))
    assert len(province.recorder.entries) == 1


async def test_a_name_typed_in_pieces_is_the_same_name(caller: httpx.AsyncClient) -> None:
    """NFD from a Mac is stored and compared as NFC."""
    import unicodedata

    operation = next(other for other in BODIED if other.name == "verify_citizen")
    name = unicodedata.normalize("NFD", operation.body["full_name"])
    assert name != operation.body["full_name"]
    answer = await send(caller, operation, operation.changed("full_name", name))
    assert answer.json()["verdict"] == "match"
