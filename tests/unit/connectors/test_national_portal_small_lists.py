"""The small catalogues and publication decisions: only their names are public, so what comes back stays as it is."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from systems import bench

from gateway.sdk import Absent, Answered, Grant, ProtocolViolation, WireReply
from gateway.sdk.errors import UnprocessableError

CODES = Path(__file__).parents[3] / "mappings" / "national_portal" / "codes" / "catalogue.csv"
NAMES = {row["ours"]: row["theirs"] for row in csv.DictReader(CODES.read_text(encoding="utf-8").splitlines())}
GRANT = Grant(token="b7c1f0e2", expires_in_s=600)
STRANGE = [{"MA": 1, "Tên": "Nữ", "con": [{"a": None}], "": True}, {}]


def sent(operation: str, given: dict[str, Any], **settings: Any) -> tuple[str, Any]:
    system = bench("national_portal", **settings)
    body = system.mappings.request(operation, given).body
    request = system.connector.prepare(system.call(operation, body, grant=GRANT))
    return request.url, json.loads(request.content)


def test_the_fifteen_names_of_the_contract_page_are_there() -> None:
    """COD-12 (part)."""
    assert len(NAMES) == len(set(NAMES.values())) == 15
    assert all(name.startswith("LayDanhMuc") for name in NAMES.values())


@pytest.mark.parametrize("name", NAMES)
async def test_every_small_catalogue_is_asked_by_its_own_name_at_the_sharing_address(name: str) -> None:
    """COD-12 (part)."""
    url, document = sent("read_catalogue", {"name": name})
    assert "/mapi/MOCK-share?" in url
    assert document == {"session": "b7c1f0e2", "madonvi": "000.00.00.H99", "service": NAMES[name]}
    system = bench("national_portal")
    body = system.mappings.request("read_catalogue", {"name": name}).body
    assert isinstance(await system.ask(system.call("read_catalogue", body)), Answered | Absent)


def test_a_name_that_is_none_of_them_is_refused_before_anything_is_sent() -> None:
    """COD-12 (part)."""
    with pytest.raises(UnprocessableError) as refused:
        sent("read_catalogue", {"name": "DongBoHoSoMC"})
    assert [told.pointer for told in refused.value.fields] == ["/name"]


def test_a_decision_is_asked_by_its_id_at_the_integration_address() -> None:
    url, document = sent("read_decision", {"decision_id": "MOCK-QD01"})
    assert "/mapi/MOCK-data?" in url
    assert (document["service"], document["idQDCB"]) == ("LayQDCB", "MOCK-QD01")


@pytest.mark.parametrize("operation", ["read_catalogue", "read_decision"])
def test_rows_of_unknown_shape_come_back_as_they_are(operation: str) -> None:
    """Nothing is renamed, dropped or guessed."""
    system = bench("national_portal")
    call = system.call(operation, {"service": "LayDanhMucGioiTinh"})
    reply = WireReply(status=200, content=json.dumps({"error_code": "00", "result": STRANGE}).encode())
    outcome = system.connector.interpret(call, reply)
    assert isinstance(outcome, Answered)
    assert system.mappings.reply(operation, outcome.body) == {"rows": STRANGE}
    with pytest.raises(ProtocolViolation):
        system.connector.interpret(call, WireReply(status=200, content=b'{"error_code": 0, "result": {"a": 1}}'))
