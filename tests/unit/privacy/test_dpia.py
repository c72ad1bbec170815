"""The impact-assessment file is made from what is configured; a field that nobody classified shows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from services import NOW
from systems import bench, identifiers

from gateway.agreements.model import Agreement, Terms
from gateway.exchange.system import System
from gateway.mapping.load import load
from gateway.privacy.dpia import Picture, Recipient, document, paper
from gateway.privacy.kinds import load_kinds
from gateway.privacy.settings import PrivacySettings
from gateway.privacy.shown import Fields
from gateway.rules.purposes import load_purposes
from gateway.sdk import ConfigurationError, Kind, Operation

AGREEMENT = Agreement(
    id=1,
    terms=Terms(
        number="12/TTCS",
        system="population",
        parties=("A", "B"),
        purpose="Giải quyết thủ tục",
        basis="NĐ 278/2025/NĐ-CP",
        since=date(2026, 1, 1),
        until=date(2026, 12, 31),
    ),
    registered_at=NOW,
    registered_by="a",
)


@pytest.fixture(scope="module")
def systems() -> dict[str, System]:
    return {name: bench(name).system for name in identifiers()}


def picture(systems: dict[str, System], **more: Any) -> Picture:
    fields = Fields({name: system.mappings for name, system in systems.items()}, load_kinds())
    return Picture(tenant="H99", made_at=NOW, systems=systems, fields=fields, **more)


def found(said: dict[str, Any], system: str, operation: str) -> dict[str, Any]:
    return next(one for one in said["processing"] if (one["system"], one["operation"]) == (system, operation))


def test_every_operation_is_in_it_with_basis_kinds_protection_and_agreement(systems: dict[str, System]) -> None:
    """PDP-09, PDP-02 (part)"""
    book = load_purposes(made_up=True)
    allowances = [one for name in book.procedures if (one := book.allowance(name, NOW.date()))]
    said = document(
        picture(
            systems,
            allowances=allowances,
            agreements=[AGREEMENT],
            recipients=[Recipient(client="motcua", title="Một cửa", scopes=("citizens:read",), agencies=())],
            protections={"population": ["ký wsse-x509"]},
            retention={"Nhật ký": "tối thiểu 365 ngày"},
            settings=PrivacySettings(controller="UBND tỉnh mẫu", contact="phong.mau@example.vn"),
        )
    )
    assert {(one["system"], one["operation"]) for one in said["processing"]} == {
        (name, operation) for name, system in systems.items() for operation in system.operations
    }
    looked = found(said, "population", "lookup_citizen")
    assert {kind["kind"] for kind in looked["told"]} >= {"name", "residence", "religion"}
    assert looked["sensitive"]
    assert looked["agreements"][0]["number"] == "12/TTCS"
    assert looked["since"] == "2026-01-01"
    assert "ký wsse-x509" in looked["protection"]
    assert all(one["legal_basis"] for one in said["processing"])
    shown = paper(said, made_at=NOW).markdown()
    for text in ("UBND tỉnh mẫu", "12/TTCS", "tối thiểu 365 ngày", "Một cửa", "Tôn giáo (nhạy cảm)", "phong.mau"):
        assert text in shown
    assert json.dumps(said)


def test_a_new_operation_of_a_connector_appears_by_itself(systems: dict[str, System], tmp_path: Path) -> None:
    """PDP-09 (part)"""
    folder = tmp_path / "newcomer"
    folder.mkdir()
    (folder / "ask_land.yaml").write_text(
        "system: newcomer\noperation: ask_land\nversion: 1\ntitle: t\n"
        "request: [{to: a, from: personal_id}]\nreply: [{to: plot_owner, from: b}]\n"
    )
    known = systems["population"]
    manifest = replace(
        known.connector.manifest,
        id="newcomer",
        operations=(Operation(name="ask_land", kind=Kind.LOOKUP, idempotent=True),),
    )
    connector: Any = SimpleNamespace(manifest=manifest)
    newcomer = replace(known, connector=connector, mappings=load(folder))
    said = document(picture({"newcomer": newcomer}))
    (one,) = said["processing"]
    assert [kind["kind"] for kind in one["sent"]] == ["identity_number"]
    assert one["unclassified"] == ["plot_owner"]
    assert "chưa phân loại" in paper(said, made_at=NOW).markdown()


def test_a_system_may_bring_the_classification_of_its_own_fields(tmp_path: Path) -> None:
    own = tmp_path / "fields.yaml"
    own.write_text(
        "kinds:\n  land: {vi: Thửa đất, en: Land}\nfields:\n  - {field: 'plot.*', kind: land}\n"
        "  - {field: note, kind: none}\n"
    )
    kinds = load_kinds(own)
    assert str(kinds.of("plot.owner", operation="x") and kinds.of("plot.owner", operation="x").name) == "land"
    assert kinds.of("plot.owner.name", operation="x") is None
    assert kinds.of("note", operation="x").name == "none"
    assert kinds.of("full_name", operation="x").name == "name"
    own.with_name("wrong.yaml").write_text("fields: [{field: a, kind: nowhere}]")
    with pytest.raises(ConfigurationError):
        load_kinds(own.with_name("wrong.yaml"))


@pytest.mark.parametrize(
    ("field", "kind", "sensitive"),
    [
        ("ethnicity", "ethnicity", True),
        ("religion", "religion", True),
        ("attachments.base64", "papers", True),
        ("transaction_id", "payments", True),
        ("blood_type", "blood_group", False),
        ("father.full_name", "name", False),
        ("applicant.phone", "contact", False),
    ],
)
def test_the_law_s_sensitive_kinds_are_tagged(field: str, kind: str, sensitive: bool) -> None:
    """PDP-06 (part)"""
    found = load_kinds().of(field, operation="any")
    assert found is not None
    assert (found.name, found.sensitive) == (kind, sensitive)
