"""The compliance page is what the tests say, and no test claims a requirement that does not exist."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compliance() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compliance", ROOT / "deploy" / "compliance.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_the_one_that_the_tests_make(compliance: ModuleType) -> None:
    assert compliance.PAGE.read_text(encoding="utf-8") == compliance.page(), "run deploy/compliance.py"


def test_no_test_names_a_requirement_that_is_none(compliance: ModuleType) -> None:
    unknown = compliance.proofs().keys() - compliance.requirements().keys()
    assert unknown == set()
