"""No district level since 1 July 2025: no field of it is demanded, on the way in or out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from operations import BODIED, SCHEMAS
from province import Province
from systems import bench, examples, identifiers

MAPPINGS = Path(__file__).parents[3] / "mappings"
WORDS = ("huyen", "district")


def rules(lines: Any) -> Iterator[dict[str, Any]]:
    for line in lines or []:
        yield line
        yield from rules(line.get("each"))


@pytest.mark.parametrize("file", sorted(MAPPINGS.glob("*/*.yaml")), ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_no_mapping_demands_a_district(file: Path) -> None:
    """ORG-01."""
    said = yaml.safe_load(file.read_text(encoding="utf-8"))
    for rule in (*rules(said.get("request")), *rules(said.get("reply"))):
        named = f"{rule['to']} {rule.get('from', '')}".lower()
        assert not (rule.get("required") and any(word in named for word in WORDS)), rule


def test_no_field_of_the_api_demands_a_district() -> None:
    """ORG-01."""
    for name, schema in SCHEMAS.items():
        demanded = [field for field in schema.get("required", []) if any(word in field.lower() for word in WORDS)]
        assert demanded == [], name


@pytest.mark.parametrize("name", identifiers())
async def test_a_dossier_without_a_district_goes_its_whole_way(name: str) -> None:
    """ORG-01: whichever system takes dossiers."""
    offered = [example for example in examples(name) if example.operation == "sync_dossier"]
    without = [example for example in offered if not any(word in repr(example).lower() for word in WORDS)]
    assert bool(without) is bool(offered)
    for example in without:
        system = bench(name)
        body = system.mappings.request(example.operation, example.given).body
        more = {"hints": example.hints or {}, "known": example.known or {}}
        outcome = await system.ask(system.call(example.operation, body, **more))
        assert type(outcome).__name__.lower() == example.outcome


async def test_a_dossier_without_a_district_is_taken_in(province: Province) -> None:
    """ORG-01."""
    dossier = next(operation for operation in BODIED if operation.name == "put_dossier")
    assert not any(word in repr(dossier.body).lower() for word in WORDS)
    async with province.client(await province.issue()) as caller:
        assert (await caller.put(dossier.path, json=dossier.body)).status_code == 202


@pytest.fixture
async def province() -> Province:
    return Province()
