"""A whole exchange with a system that signs, from the settings of a province to its mock and back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from signed_bench import Parties, SignedBench, witness_of

from gateway.sdk import Answered, ConfigurationError, ProtocolViolation, TrustError

ENTERPRISE = {
    "enterprise_code": "9900000016",
    "purpose": {
        "dossier_code": "000.00.05.H99-261123-0007",
        "procedure_code": "1.009999",
        "officer_id": "canbo.mau",
        "agency_id": "000.00.05.H99",
    },
}
JSON_SCHEMES = ["jws", "http-signature", "hmac"]


@pytest.fixture
def parties(tmp_path: Path) -> Parties:
    return Parties(tmp_path)


def signed(scheme: str, parties: Parties, monkeypatch: pytest.MonkeyPatch, **rule: Any) -> SignedBench:
    monkeypatch.setenv("SIGNED_BENCH_SECRET", parties.secret)
    witness, own = witness_of(scheme, parties, monkeypatch)
    settings = parties.settings("business_registry", {**own, **rule})
    return SignedBench("business_registry", witness, settings)


@pytest.mark.parametrize("scheme", JSON_SCHEMES)
async def test_a_look_up_is_signed_both_ways(scheme: str, parties: Parties, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIG-09 (part): the mock checks with other code than the gateway signs with, and the other way round."""
    house = signed(scheme, parties, monkeypatch)
    exchanged = await house.ask("lookup_enterprise", ENTERPRISE)
    assert isinstance(exchanged.outcome, Answered)
    assert (house.leaf.facts["signed"], house.leaf.facts["verified"]) == (scheme, scheme)
    assert house.signing[0].seen.signed >= 1
    assert house.signing[0].seen.refused == []


@pytest.mark.parametrize("scheme", JSON_SCHEMES)
async def test_another_partner_with_another_key_is_not_believed(
    scheme: str, parties: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = signed(scheme, parties, monkeypatch)
    stranger = Parties(parties.folder)
    stranger.ours = parties.ours
    house.signing[0].witness, _ = witness_of(scheme, stranger, monkeypatch)
    if scheme == "hmac":
        with pytest.raises(TrustError):  # the mock refuses us, unsigned
            await house.ask("lookup_enterprise", ENTERPRISE)
        return
    with pytest.raises(TrustError):
        await house.ask("lookup_enterprise", ENTERPRISE)
    assert house.leaf.operation == "raise_alarm"
    assert house.leaf.outcome == "reply_not_trusted"


CITIZEN = {
    "personal_id": "099185000001",
    "full_name": "Trần Thị Mẫu",
    "birth_date": "1985-06-15",
    "purpose": ENTERPRISE["purpose"],
}


async def test_a_citizen_is_asked_for_in_signed_soap(parties: Parties, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIG-09: WS-Security both ways; the mock signs and checks with code of its own."""
    monkeypatch.setenv("SIGNED_BENCH_SECRET", parties.secret)
    witness, rule = witness_of("wsse-x509", parties, monkeypatch)
    house = SignedBench("population", witness, parties.settings("population", rule))
    exchanged = await house.ask("lookup_citizen", CITIZEN)
    assert isinstance(exchanged.outcome, Answered)
    assert (house.leaf.facts["signed"], house.leaf.facts["verified"]) == ("wsse-x509", "wsse-x509")
    assert b"BinarySecurityToken" in house.leaf.bodies["request_sent"]
    assert b"SignatureConfirmation" in house.leaf.bodies["reply_received"]
    assert house.signing[0].seen.refused == []


async def test_soap_under_another_certificate_is_not_believed(
    parties: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIG-09 (part), SIG-04 (part)."""
    monkeypatch.setenv("SIGNED_BENCH_SECRET", parties.secret)
    settings = parties.settings("population", witness_of("wsse-x509", parties, monkeypatch)[1])
    stranger = Parties(parties.folder)
    stranger.ours = parties.ours
    house = SignedBench("population", witness_of("wsse-x509", stranger, monkeypatch)[0], settings)
    with pytest.raises(TrustError):
        await house.ask("lookup_citizen", CITIZEN)


async def test_a_mock_that_wants_signatures_refuses_a_province_without_a_rule(
    parties: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness, _ = witness_of("jws", parties, monkeypatch)
    monkeypatch.setenv("SIGNED_BENCH_SECRET", parties.secret)
    house = SignedBench("business_registry", witness, parties.settings("business_registry"))
    with pytest.raises(ProtocolViolation):
        await house.ask("lookup_enterprise", ENTERPRISE)
    assert house.signing[0].seen.signed == 0


async def test_unsigned_answers_of_a_system_that_should_sign_are_not_believed(
    parties: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNED_BENCH_SECRET", parties.secret)
    house = SignedBench("business_registry", None, parties.settings("business_registry", {"scheme": "jws"}))
    with pytest.raises(TrustError):
        await house.ask("lookup_enterprise", ENTERPRISE)


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ({"scheme": "jws", "key": "khong-co"}, "khong-co"),
        ({"scheme": "jws", "trust": "khong-co"}, "khong-co"),
        ({"scheme": "jws", "options": {"heder": "x"}}, "heder"),
        ({"scheme": "wsse-x509", "options": {"soap": "x"}}, "soap"),
    ],
)
def test_a_rule_that_cannot_be_is_named_at_the_start(
    rule: dict[str, Any], word: str, parties: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNED_BENCH_SECRET", parties.secret)
    with pytest.raises(ConfigurationError, match=word):
        SignedBench("business_registry", None, parties.settings("business_registry", rule))


def test_a_rule_for_a_system_that_is_not_configured_is_named(parties: Parties, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNED_BENCH_SECRET", parties.secret)
    with pytest.raises(ConfigurationError, match="nowhere"):
        SignedBench("business_registry", None, parties.settings("nowhere", {"scheme": "jws"}))


async def test_results_are_asked_of_a_domain_that_signs_documents(
    parties: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIG-07: a link between systems signs no document."""
    monkeypatch.setenv("SIGNED_BENCH_SECRET", parties.secret)
    settings = parties.settings("business_registry")
    from gateway.bootstrap.trusting import Fetching, Trusting
    from gateway.settings import ResultsSettings

    async def quiet(kind: str, about: str) -> None: ...

    def seals(name: str) -> object:
        own = settings.model_copy(update={"results": ResultsSettings(trust=name)})
        return Trusting.read(own, fetch=Fetching(), alarm=quiet).seals

    assert seals("") is None
    for name in ("doi-tac", "khong-co"):
        with pytest.raises(ConfigurationError, match=name):
            seals(name)
    assert replace(parties).secret == parties.secret
