"""How each step comes out, whose turn it is then, and what is not tried any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from diagnostics_house import Bench, GuardedCatalogue, Net, Unlucky, verdicts
from echo import Echo
from services import NOW

from gateway.agreements.errors import NoAgreementError
from gateway.diagnostics.model import Finding, NotReachedError, Run, Step, Verdict
from gateway.diagnostics.words import FACTS, STEPS, WORDS, Turn
from gateway.mapping.engine import Mappings
from gateway.sdk import TransientRemoteError, TrustError, Unsettled, WireReply
from mocks._kit import pki
from mocks._kit.revocations import Responder

OCSP = "http://ca.example.vn/ocsp"
EVER = {"begins": min(NOW, pki.NOW) - timedelta(days=900), "ends": max(NOW, pki.NOW) + timedelta(days=900)}
ROOT = pki.root("Root", pki.Wanted(**EVER))
GOOD, FAILED, UNKNOWN = Verdict.GOOD, Verdict.FAILED, Verdict.UNKNOWN
NOT_TRIED, NO = Verdict.NOT_TRIED, Verdict.NOT_APPLICABLE


def server(**wanted: Any) -> tuple[Any, Any]:
    said = {"hosts": ("echo.example.vn",), "begins": NOW - timedelta(days=9), "ends": NOW + timedelta(days=90)}
    return ROOT.issue("echo.example.vn", pki.Wanted(**{**said, "ocsp": OCSP, **wanted})).certificate, ROOT.certificate


def at(moment: Any, content: bytes = b"ok", status: int = 200) -> WireReply:
    return WireReply(status=status, headers={"date": format_datetime(moment, usegmt=True)}, content=content)


async def test_a_partner_that_is_well_passes_every_step(mappings: Mappings) -> None:
    chain = server(**EVER)  # the responder has the clock of this machine
    bench = Bench(mappings, Net(chain), at(pki.NOW))
    responder = Responder(authority=ROOT, stranger=ROOT)
    bench.now = pki.NOW
    bench.answers = lambda content: responder.answer(content, chain[0])
    found = await bench.tried()
    expected = [*("dns_found", "tcp_open", "tls_agreed", "certificate_good", "not_revoked"), "no_login", "answered"]
    assert [finding.why for finding in found.values()] == [*expected, "clock_good"]
    assert bench.fetched == [OCSP]
    assert found[Step.TLS].facts == {"version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384"}
    assert found[Step.CERTIFICATE].facts["root"] == "Root"


@pytest.mark.parametrize(
    ("step", "why", "turn"),
    [("dns", "dns_unknown", Turn.OURS), ("tcp", "tcp_refused", Turn.PARTNER), ("tls", "tls_no_common", Turn.PARTNER)],
)
async def test_what_comes_after_a_failure_is_not_tried(mappings: Mappings, step: str, why: str, turn: Turn) -> None:
    bench = Bench(mappings, Net(**{step: NotReachedError(why)}))
    found = await bench.tried()
    place = list(Step).index(Step(step))
    assert [finding.verdict for finding in found.values()][:place] == [GOOD] * place
    assert (found[Step(step)].verdict, found[Step(step)].why, WORDS[why].turn) == (FAILED, why, turn)
    left = [found[one].verdict for one in list(Step)[place + 1 :]]
    assert left == [NOT_TRIED] * len(left)
    assert not bench.transport.sent


async def test_a_certificate_that_is_refused_is_read_without_saying_a_word(mappings: Mappings) -> None:
    chain = server(ends=NOW - timedelta(days=1))
    net = Net(chain, tls=NotReachedError("certificate_expired", said="certificate has expired", is_certificate=True))
    bench = Bench(mappings, net)
    found = await bench.tried()
    assert (found[Step.TLS].verdict, found[Step.CERTIFICATE].verdict) == (GOOD, FAILED)
    assert found[Step.CERTIFICATE].facts["until"] == chain[0].not_valid_after_utc.isoformat()
    assert [found[one].verdict for one in (Step.REVOCATION, Step.LOGIN, Step.CALL)] == [NOT_TRIED] * 3
    assert not bench.transport.sent
    assert not bench.fetched


async def test_one_that_ends_soon_works_and_is_told(mappings: Mappings) -> None:
    found = await Bench(mappings, Net(server(ends=NOW + timedelta(days=20))), at(NOW)).tried()
    assert (found[Step.CERTIFICATE].verdict, found[Step.CERTIFICATE].facts["days_left"]) == (Verdict.ATTENTION, 20)
    assert found[Step.CALL].verdict is GOOD


@pytest.mark.parametrize(("wanted", "why"), [({}, "revocation_unanswered"), ({"ocsp": ""}, "revocation_no_address")])
async def test_what_nobody_answers_about_revocation_is_unknown_and_not_good(
    mappings: Mappings, wanted: dict[str, Any], why: str
) -> None:
    found = await Bench(mappings, Net(server(**wanted)), at(NOW)).tried()
    assert (found[Step.REVOCATION].why, found[Step.REVOCATION].verdict) == (why, UNKNOWN)


@pytest.mark.parametrize(
    ("url", "why", "verdict"),
    [("http://127.0.0.1:7103", "plain_here", NO), ("http://echo.example.vn", "plain", Verdict.ATTENTION)],
)
async def test_plain_http_has_no_certificate_to_judge(mappings: Mappings, url: str, why: str, verdict: Verdict) -> None:
    found = await Bench(mappings, Net(), at(NOW), base_url=url).tried()
    assert (found[Step.TLS].why, found[Step.TLS].verdict) == (why, verdict)
    assert {found[Step.CERTIFICATE].verdict, found[Step.REVOCATION].verdict} == {NO}
    assert found[Step.CALL].verdict is GOOD


@pytest.mark.parametrize(
    ("ahead_s", "verdict"), [(0, GOOD), (-30, GOOD), (31, Verdict.ATTENTION), (-300, Verdict.ATTENTION), (301, FAILED)]
)
async def test_the_partners_clock_is_read_off_its_reply(mappings: Mappings, ahead_s: int, verdict: Verdict) -> None:
    found = await Bench(mappings, Net(server()), at(NOW + timedelta(seconds=ahead_s))).tried()
    assert (found[Step.CLOCK].verdict, found[Step.CLOCK].facts["skew_s"]) == (verdict, ahead_s)


async def test_a_date_that_is_none_says_nothing(mappings: Mappings) -> None:
    reply = WireReply(status=200, headers={"date": "yesterday"}, content=b"ok")
    found = await Bench(mappings, Net(server()), reply).tried()
    assert found[Step.CLOCK].verdict is UNKNOWN


@pytest.mark.parametrize(
    ("said", "why", "verdict"),
    [
        (at(NOW, b"no"), "refused", Verdict.ATTENTION),
        (at(NOW, b"bug"), "unreadable", FAILED),
        (TransientRemoteError("x", what="not_connected"), "tcp_reset", FAILED),
        (TransientRemoteError("x", what="certificate"), "certificate_not_believed", FAILED),
        (Unsettled("x"), "no_answer", FAILED),
        (TrustError("x", what="stale"), "not_trusted", FAILED),
    ],
)
async def test_a_harmless_call_that_fails_says_whose_turn_it_is(
    mappings: Mappings, said: Any, why: str, verdict: Verdict
) -> None:
    found = await Bench(mappings, Net(server()), said).tried()
    assert (found[Step.CALL].why, found[Step.CALL].verdict) == (why, verdict)


async def test_a_signature_that_counts_as_stale_is_a_matter_of_clocks(mappings: Mappings) -> None:
    found = await Bench(mappings, Net(server()), TrustError("x", what="stale")).tried()
    assert (found[Step.CLOCK].why, found[Step.CLOCK].verdict) == ("clock_stale", FAILED)


@pytest.mark.parametrize("connector", [Echo, Unlucky])
async def test_a_call_that_no_contract_offers_is_not_guessed(mappings: Mappings, connector: type[Echo]) -> None:
    bench = Bench(mappings, Net(server()), connector=connector)
    found = await bench.tried()
    assert (found[Step.CALL].why, found[Step.CALL].verdict) == ("no_probe", NO)
    assert (found[Step.CLOCK].why, found[Step.CLOCK].verdict) == ("nothing_said", NO)
    assert not bench.transport.sent


async def test_without_an_agreement_nothing_is_called(mappings: Mappings) -> None:
    class Closed:
        async def check(self, system: str, operation: str, *, tenant: str) -> None:
            raise NoAgreementError

    bench = Bench(mappings, Net(server()))
    bench.permits = Closed()
    found = await bench.tried()
    assert (found[Step.CALL].why, WORDS["our_settings"].turn) == ("our_settings", Turn.OURS)
    assert not bench.transport.sent


async def test_the_log_in_is_that_of_every_call_with_a_leaf_of_its_own(mappings: Mappings) -> None:
    bench = Bench(mappings, Net(server()), at(NOW), at(NOW), connector=GuardedCatalogue)
    found = await bench.tried()
    assert [found[Step.LOGIN].why, found[Step.CALL].why] == ["logged_in", "answered"]
    assert [entry.operation for entry in bench.recorder.entries] == ["diagnose", "login", "look", "diagnose"]
    again = await bench.tried()
    assert again[Step.LOGIN].why == "session_held"  # nobody is logged out for a test


async def test_a_refused_log_in_stops_there(mappings: Mappings) -> None:
    bench = Bench(mappings, Net(server()), at(NOW, b"wrong"), connector=GuardedCatalogue)
    found = await bench.tried()
    assert (found[Step.LOGIN].why, found[Step.LOGIN].facts["code"]) == ("login_refused", "partner.login_refused")
    assert found[Step.CALL].verdict is NOT_TRIED
    assert found[Step.CLOCK].verdict is GOOD  # the refusal said what time it was


async def test_what_is_found_out_opens_nobodys_breaker(mappings: Mappings) -> None:
    bench = Bench(mappings, Net(server()), TransientRemoteError("x"))
    await bench.tried()
    assert bench.system.breaker.room(5) == 5


def test_every_finding_has_its_words() -> None:
    assert set(STEPS) == set(Step)
    for why, words in WORDS.items():
        assert all(words.found), why
        assert bool(words.to_do[0]) == (words.turn is not Turn.NOBODY), why
    assert all(all(both) for both in FACTS.values())


def test_a_verdict_of_all_is_the_worst_one(mappings: Mappings) -> None:
    run = Run(tenant="T", system="s", id="1", line="direct", actor="a", began_at=NOW)
    told = [Finding(step=Step.DNS, verdict=one, why="dns_found") for one in (GOOD, Verdict.ATTENTION, UNKNOWN, FAILED)]
    assert run.verdict is UNKNOWN
    for most in range(1, 5):
        assert replace(run, findings=tuple(told[:most])).verdict is told[most - 1].verdict
    assert verdicts({Step.DNS: told[0]}) == [("dns_found", GOOD)]
