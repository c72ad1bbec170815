"""ONE suite for every connector that can be found. It knows no system by name: a new folder is tested for free."""

from __future__ import annotations

import copy
import unicodedata
from pathlib import Path
from urllib.parse import unquote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from systems import Bench, Example, bench, examples, identifiers, stored
from zeep_watch import by_zeep

from gateway.domain import to_ascii
from gateway.registry import discover, mappings_directory
from gateway.sdk import (
    Absent,
    Accepted,
    AcceptsInbound,
    Answered,
    Call,
    GatewayError,
    Handled,
    InboundRequest,
    Kind,
    LeavesOut,
    NeedsAuth,
    NotFoundError,
    Receipt,
    Reconciles,
    RemoteError,
    SystemSettings,
    TransientRemoteError,
    Unsettled,
    WireReply,
)

SYSTEMS = identifiers()
EXAMPLES = [(name, example) for name in SYSTEMS for example in examples(name)]
EACH = pytest.mark.parametrize("name", SYSTEMS)
EACH_EXAMPLE = pytest.mark.parametrize(
    ("name", "example"), EXAMPLES, ids=[f"{name}-{example.name}" for name, example in EXAMPLES]
)
NO_ANSWER = ("unavailable:7", "error", "garbage", "html", "empty")


def first_examples(name: str) -> list[Example]:
    """One example of each operation."""
    found: dict[str, Example] = {}
    for example in examples(name):
        if not example.fault:
            found.setdefault(example.operation, example)
    return list(found.values())


@EACH
def test_manifest_says_who_it_is(name: str) -> None:
    manifest = discover()[name].manifest
    assert manifest.id == name
    assert manifest.title
    assert manifest.title_vi == unicodedata.normalize("NFC", manifest.title_vi)
    assert manifest.owner
    assert manifest.legal_basis
    assert manifest.operations


@EACH
def test_the_call_that_diagnostics_make_is_harmless(name: str) -> None:
    manifest = discover()[name].manifest
    if manifest.probe is not None:
        operation = manifest.operation(manifest.probe.operation)
        assert (operation.kind, operation.idempotent, operation.personal_data) == (Kind.LOOKUP, True, False)


@EACH
def test_every_setting_is_described_and_the_sandbox_is_complete(name: str) -> None:
    manifest = discover()[name].manifest
    manifest.settings(**manifest.sandbox)
    assert all(field.description for field in manifest.settings.model_fields.values())
    assert manifest.sandbox["base_url"].startswith("http://127.0.0.1:")


@EACH
def test_its_three_folders_are_complete(name: str) -> None:
    mappings = mappings_directory(discover()[name])
    connector = mappings.parents[1] / "connectors" / name
    assert (connector / "README.md").is_file()
    assert (connector / "contract").is_dir()
    assert (mappings.parents[1] / "mocks" / name / "scenarios.yaml").is_file()
    assert (mappings.parents[1] / "mocks" / name / "README.md").is_file()


@EACH
def test_its_readme_explains_every_setting_of_its_own(name: str) -> None:
    connector = discover()[name]
    readme = (mappings_directory(connector).parents[1] / "connectors" / name / "README.md").read_text()
    own = connector.manifest.settings.model_fields.keys() - SystemSettings.model_fields.keys()
    assert {setting for setting in own if f"`{setting}`" not in readme} == set()


@EACH
def test_every_operation_has_a_mapping_and_an_example(name: str) -> None:
    operations = {operation.name for operation in discover()[name].manifest.operations}
    assert operations <= set(bench(name).mappings.operations)
    assert operations == {example.operation for example in examples(name)}


@EACH_EXAMPLE
def test_an_example_is_translated_as_it_says(name: str, example: Example) -> None:
    assert bench(name).mappings.request(example.operation, example.given).body == example.sends


@EACH_EXAMPLE
async def test_an_example_goes_over_the_wire_and_back(name: str, example: Example) -> None:
    system = bench(name)
    outcome = await system.ask(_call(system, example), fault=example.fault)
    assert type(outcome).__name__.lower() == example.outcome
    if example.yields is not None:
        assert isinstance(outcome, Answered | Accepted)
        assert system.mappings.reply(example.operation, outcome.body) == example.yields


@EACH_EXAMPLE
async def test_the_same_call_makes_the_same_bytes_and_stays_untouched(name: str, example: Example) -> None:
    system = bench(name)
    call = await system.granted(_call(system, example))
    before = copy.deepcopy(dict(call.body))
    if (made := system.alone(call)) is not None:
        assert system.alone(call) == made
    else:
        assert system.connector.prepare(call) == system.connector.prepare(call)
    assert dict(call.body) == before


@EACH_EXAMPLE
async def test_no_envelope_is_left_to_zeep_in_the_callers_way(name: str, example: Example) -> None:
    """Its templates were made, and held against zeep's own bytes, when the connector was."""
    system = bench(name)
    call = await system.granted(_call(system, example))
    if system.alone(call) is None:
        assert by_zeep(lambda: system.connector.prepare(call))[1] == 0


@EACH_EXAMPLE
async def test_personal_data_never_stands_in_the_address(name: str, example: Example) -> None:
    """What a connector answers alone is an address that others will open: nobody stands in it either."""
    system = bench(name)
    call = await system.granted(_call(system, example))
    if (made := system.alone(call)) is not None:
        address = unquote_plus(str(made))
    else:
        address = system.connector.prepare(call).url
        assert address.startswith(str(system.settings.base_url))
    told = {**example.given, **example.given.get("payer", {})}
    people = {str(told.get(key)) for key in ("personal_id", "full_name", "birth_date", "address")} - {"None"}
    assert not any(shown in address for person in people for shown in (person, to_ascii(person)))


@EACH
async def test_secrets_are_not_shown(name: str) -> None:
    system = bench(name)
    secrets = [
        field.get_secret_value()
        for field in vars(system.settings).values()
        if hasattr(field, "get_secret_value") and field.get_secret_value()
    ]
    assert all(secret not in repr(system.settings) for secret in secrets)
    call = await system.granted(_call(system, examples(name)[0]))
    assert call.grant is None or call.grant.token not in repr(call)


@EACH
@pytest.mark.parametrize("fault", NO_ANSWER)
async def test_what_is_no_answer_is_never_an_outcome(name: str, fault: str) -> None:
    for example in first_examples(name):
        system = bench(name)
        if system.alone(_call(system, example)) is not None:
            continue
        with pytest.raises(RemoteError) as raised:
            await system.ask(_call(system, example), fault=fault)
        idempotent = system.manifest.operation(example.operation).idempotent
        if fault.startswith("unavailable"):
            assert isinstance(raised.value, TransientRemoteError)
            assert raised.value.retry_after_s == 7.0
        elif idempotent and fault in {"error", "html"}:
            assert isinstance(raised.value, TransientRemoteError)
        elif not idempotent:
            assert isinstance(raised.value, Unsettled), f"{example.operation} may have happened"


@EACH
def test_noise_is_never_taken_for_success(name: str) -> None:
    system = bench(name)
    cases = [call for example in first_examples(name) if system.alone(call := _call(system, example)) is None]

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        status=st.sampled_from([200, 201, 204, 301, 400, 401, 404, 409, 500, 503]),
        content=st.one_of(
            st.binary(max_size=200),
            st.sampled_from([b"{}", b"[]", b"null", b"0", b'{"error_code":1}', b"<a/>", b'{"MaLoi":{}}', b'"00"']),
        ),
        media_type=st.sampled_from(["application/json", "application/xml", "text/html", ""]),
    )
    def check(status: int, content: bytes, media_type: str) -> None:
        reply = WireReply(status=status, headers={"content-type": media_type}, content=content)
        for call in cases:
            try:
                outcome = system.connector.interpret(call, reply)
            except GatewayError:
                continue
            assert not isinstance(outcome, Answered | Accepted)

    check()


@EACH
async def test_a_log_in_gives_a_grant_and_noise_does_not(name: str) -> None:
    system = bench(name)
    if not isinstance(system.connector, NeedsAuth):
        pytest.skip("needs no log-in")
    grant = system.connector.grant(await system.transport.send(system.connector.login()))
    assert grant.token
    assert grant.expires_in_s > 0
    for content in (b"", b"<html>", b"{}", b'{"error_code":0}', b'{"access_token":""}'):
        with pytest.raises(RemoteError):
            system.connector.grant(WireReply(status=200, content=content))
    assert not system.connector.rejects_grant(WireReply(status=200, content=b"{}"))


@EACH
def test_an_unknown_or_senseless_inbound_call_is_refused(name: str) -> None:
    connector = bench(name).connector
    if not isinstance(connector, AcceptsInbound):
        pytest.skip("is never called by its system")
    request = InboundRequest(method="POST", path="no-such-path", headers={}, query={}, content=b"{}")
    with pytest.raises(NotFoundError):
        connector.receive(request)
    reply = connector.acknowledge(request, Handled(Receipt.REJECTED))
    assert isinstance(reply, WireReply)


@EACH
def test_a_question_is_a_lookup_of_its_own(name: str) -> None:
    system = bench(name)
    if not isinstance(system.connector, Reconciles):
        pytest.skip("cannot be asked what happened")
    for example in first_examples(name):
        if system.manifest.operation(example.operation).idempotent:
            continue
        question = system.connector.question(_call(system, example))
        if not isinstance(question, Call):  # nothing to ask: settled at once
            assert type(question).__name__ in {"SendNow", "CannotTell"}
            continue
        assert system.manifest.operation(question.operation).idempotent
        assert question.operation != example.operation
        settlement = system.connector.settle(_call(system, example), Absent())
        assert type(settlement).__name__ in {"SendNow", "CannotTell"}


@EACH
def test_what_it_leaves_out_is_its_own_and_nothing_in_the_sandbox(name: str) -> None:
    system = bench(name)
    if not isinstance(system.connector, LeavesOut):
        pytest.skip("offers all of its manifest")
    assert system.connector.left_out == frozenset()
    optional = {
        field: ""
        for field, known in type(system.settings).model_fields.items()
        if field.endswith("_path") and known.default == ""
    }
    left_out = bench(name, **optional).connector.left_out
    assert left_out
    assert left_out < {operation.name for operation in system.manifest.operations}


@EACH
def test_it_is_small_enough_to_read(name: str) -> None:
    folder = mappings_directory(discover()[name]).parents[1] / "connectors" / name
    lines = sum(len(file.read_text().splitlines()) for file in Path(folder).rglob("*.py"))
    assert lines <= 1200


def _call(system: Bench, example: Example) -> Call:
    body = system.mappings.request(example.operation, example.given).body
    file = stored(example.file) if example.file else None
    return system.call(example.operation, body, hints=example.hints or {}, known=example.known or {}, file=file)
