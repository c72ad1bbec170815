"""The API keeps its own OpenAPI document, whatever is sent to it."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, settings
from province import Province
from schemathesis.specs.openapi.checks import positive_data_acceptance

PROVINCE = Province()
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", PROVINCE.app)


@SCHEMA.parametrize()
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_answer_is_outside_the_document(case: schemathesis.Case) -> None:
    headers = {"Authorization": f"Bearer {PROVINCE.key}"}
    case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])
