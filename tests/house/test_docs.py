"""The pages name every setting and every error code, link to what exists, and say nothing of one machine."""

from __future__ import annotations

import ast
import itertools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from pydantic import BaseModel

from gateway.cli.main import app
from gateway.platforms.dialects import DIALECTS
from gateway.platforms.model import PlatformSettings, TokenSettings
from gateway.registry import discover
from gateway.sdk import OverSettings, SystemSettings, errors
from gateway.settings import Settings
from gateway.signing.settings import KeySettings, ProtectionSettings, TlsSettings, TrustSettings
from gateway.signing.trust.words import WORDS, Reason

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
    known |= {"caller.unknown_file", "caller.result_signature"}
    assert {code for code in explained if code.partition(".")[0] in {"caller", "partner", "ours"}} <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def commands() -> Iterator[tuple[str, list[str]]]:
    """Each call of `lienthong` that a page shows in a block, as its words; placeholders stand for any word."""
    for page in PAGES:
        blocks = re.findall(r"```(?:sh|console|bash)?\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
        for line in re.sub(r"\\\n", " ", "\n".join(blocks)).splitlines():
            shown = re.sub(r"^\s*(\$ |sudo -u \w+ |LIENTHONG_\w+=\S+ )*", "", line)
            if shown.startswith("lienthong "):
                words = shlex.split(re.sub(r"<[^>]*>", "x", shown), comments=True)
                plain = itertools.takewhile(lambda word: word not in {"|", ">", "&&", ";", "&"}, words[1:])
                yield str(page.relative_to(ROOT)), list(plain)


@pytest.mark.parametrize(("page", "words"), list(commands()))
def test_a_command_on_a_page_is_one_that_the_gateway_takes(page: str, words: list[str]) -> None:
    """Its name, its options and how many arguments it wants; nothing is run."""
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands"):
        assert words[0] in command.commands, f"{page}: {words}"
        command, words = command.commands[words[0]], words[1:]
    command.make_context(command.name, list(words))


def test_the_platforms_page_has_every_setting_and_what_each_token_needs() -> None:
    page = (ROOT / "docs" / "platforms.md").read_text(encoding="utf-8")
    names = {f"platforms.<tên>.{name}" for name in PlatformSettings.model_fields.keys() - {"token"}}
    names |= {f"platforms.<tên>.token.{name}" for name in TokenSettings.model_fields}
    assert names == set(re.findall(r"^\| `(platforms\.<tên>[a-z_.]+)` \|", page, re.M))
    assert all(f"`{name}`" in page for name in OverSettings.model_fields)
    rows = dict(re.findall(r"^\| (T\d) \|[^|]*\|([^|]*)\|$", page, re.M))
    assert {name: tuple(re.findall("`(.*?)`", row)) for name, row in rows.items()} == {
        name: dialect.needs for name, dialect in DIALECTS.items()
    }


def test_the_page_of_signing_has_every_field_of_a_rule_and_every_scheme() -> None:
    page = (ROOT / "docs" / "signing.md").read_text(encoding="utf-8")
    assert ProtectionSettings.model_fields.keys() <= set(re.findall(r"^\| `([a-z_]+)` \|", page, re.M))
    schemes = get_args(ProtectionSettings.model_fields["scheme"].annotation)
    assert all(f"`{scheme}`" in page for scheme in schemes)


def test_the_configuration_page_has_every_setting_of_keys_trust_and_tls() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    tables = {"keys": KeySettings, "trust": TrustSettings, "tls": TlsSettings}
    names = {f"{table}.<tên>.{name}" for table, model in tables.items() for name in model.model_fields}
    assert names == set(re.findall(r"^\| `((?:keys|trust|tls)\.<tên>\.[a-z_]+)` \|", page, re.M))


def test_the_page_of_keys_explains_every_reason_why_a_certificate_is_not_believed() -> None:
    pages = "".join((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("keys.md", "signing.md"))
    assert [reason.value for reason in Reason if f"`security.{reason.value}`" not in pages] == []
    assert set(Reason) == set(WORDS)
