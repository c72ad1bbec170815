"""The API keeps its own OpenAPI document, whatever is sent to it."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, settings
from operations import DOCUMENT, SCHEMAS
from province import Province
from schemathesis.specs.openapi.checks import positive_data_acceptance

from gateway.api import schemas
from gateway.files.model import MEDIA_TYPES
from gateway.receipts.vouchers import MEDIA_TYPES as VOUCHER_TYPES

MODULES = [
    importlib.import_module(f"{schemas.__name__}.{info.name}") for info in pkgutil.iter_modules(schemas.__path__)
]
PROVINCE = Province(max_body_bytes=1_048_576)


@schemathesis.serializer(*(kind for kind in MEDIA_TYPES if kind not in {"application/json", "application/xml"}))
def as_it_is(context: Any, value: Any) -> bytes:
    """The body of a file is its bytes."""
    return value if isinstance(value, bytes) else str(value).encode()


SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", PROVINCE.app)


@SCHEMA.parametrize()
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_answer_is_outside_the_document(case: schemathesis.Case) -> None:
    """Only `positive_data_acceptance` is left out: what the rules of dossiers and payments refuse (a status that may
    not follow, lines that do not add up) no schema can say."""
    assume([] not in (case.query or {}).values())  # an unknown parameter that is not even sent breaks no schema
    headers = {"Authorization": f"Bearer {PROVINCE.key}"}
    case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])


def test_the_document_is_openapi_3_1_and_the_one_that_is_served() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert SCHEMA.raw_schema == DOCUMENT


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_field_is_described_in_english_and_vietnamese(name: str) -> None:
    for field, said in SCHEMAS[name].get("properties", {}).items():
        english, _, vietnamese = said.get("description", "").partition(" — ")
        assert len(english) > 3, field
        assert len(vietnamese) > 3, field


NAMED = re.findall(r"#/components/schemas/(\w+)", repr(DOCUMENT["paths"]))


@pytest.mark.parametrize("name", sorted(set(NAMED)))
def test_what_is_sent_and_answered_has_an_example(name: str) -> None:
    """Parts of a message are shown inside it."""
    model = next(model for module in MODULES if (model := getattr(module, name, None)))
    for example in SCHEMAS[name]["examples"]:
        assert model.model_validate_json(json.dumps(example), extra="forbid")


FILES = {
    "get_file_content": list(MEDIA_TYPES),
    "get_receipt_file": ["application/pdf"],
    "get_voucher_file": list(VOUCHER_TYPES),
    "get_checkpoint": ["text/plain"],
    "get_newest_checkpoint": ["text/plain"],
    "get_tile": ["application/octet-stream"],
    "get_entry_bundle": ["application/octet-stream"],
}
"""What answers with the bytes of a file."""


def test_every_refusal_is_documented_as_a_problem() -> None:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                kinds = FILES.get(operation["operationId"], ["application/json"])
                if int(status) >= 400:
                    kinds = ["application/problem+json"]
                assert list(answer["content"]) == kinds, (method, path, status)
                assert re.search(r" — ", answer["description"]) or int(status) < 400
