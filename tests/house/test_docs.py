"""The pages name every setting and every error code, link to what exists, and say nothing of one machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from gateway.registry import discover
from gateway.sdk import SystemSettings, errors
from gateway.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "mocks").rglob("*.md")]
PAGES += [*(ROOT / "connectors").glob("*/README.md"), *(ROOT / "gateway" / "decisions").glob("*.md")]
CODES = {name: error for name, error in vars(errors).items() if isinstance(error, type) and hasattr(error, "code")}


def settings_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from settings_of(inner, f"{prefix}{name}.")
        else:
            yield prefix + name


def first_column(page: str) -> set[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return set(re.findall(r"^\| `([a-z_.]+)` \|", text, re.M))


def test_the_configuration_page_has_every_setting_and_no_other() -> None:
    assert first_column("docs/configuration.md") == {*settings_of(Settings), *SystemSettings.model_fields}


@pytest.mark.parametrize("name", discover())
def test_a_connectors_page_has_every_setting_of_its_own(name: str) -> None:
    own = discover()[name].manifest.settings.model_fields.keys() - SystemSettings.model_fields.keys()
    assert own <= first_column(f"connectors/{name}/README.md")


def codes() -> set[str]:
    """Every code that is raised anywhere with a class of `gateway.sdk.errors`, and the classes' own."""
    found = {error.code for error in CODES.values()}
    for folder in ("gateway", "connectors"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CODES:
                    what = next((word.value for word in node.keywords if word.arg == "what"), None)
                    if isinstance(what, ast.Constant):
                        found.add(f"{CODES[node.func.id].code.partition('.')[0]}.{what.value}")
    return found


def test_the_api_page_explains_every_code_that_a_caller_can_meet() -> None:
    explained = first_column("docs/api.md")
    met = {code for code in codes() if code.startswith(("caller.", "partner."))}
    assert met - explained == set()
    known = codes() | {"caller.method_not_allowed", "partner.refused", "partner.pending", "partner.no_such_value"}
    known |= {"partner.cannot_tell", "ours.audit_unavailable", "caller.unknown_code"}
    assert {code for code in explained if code.partition(".")[0] in {"caller", "partner", "ours"}} <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target
