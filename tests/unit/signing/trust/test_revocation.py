"""OCSP, else lists, and the stated rule when neither answers."""

from __future__ import annotations

import asyncio
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from trust_house import CRL, NOW, OCSP, TrustHouse

from gateway.bootstrap.trusting import Fetching
from gateway.sdk.errors import TrustError
from gateway.signing.settings import Revocation
from gateway.signing.trust import Partner, load_trust
from mocks._kit import pki
from mocks._kit.revocations import ResponderApp, State
from mocks._kit.serve import serving

HOUR = timedelta(hours=1)
FALSE = [State.DOWN, State.STALE, State.WRONG_SIGNER, State.UNKNOWN, State.OTHER, State.OTHER_NONCE]


@pytest.fixture
def house(tmp_path: Path) -> TrustHouse:
    return TrustHouse(tmp_path)


async def told(house: TrustHouse, trust: Partner, holder: pki.Holder) -> str:
    """The code of the refusal, or nothing."""
    await trust.learn([holder.certificate, *holder.chain], at=house.now)
    try:
        trust.check(holder.certificate, holder.chain, at=house.now)
    except TrustError as exc:
        return exc.error_code
    return ""


async def test_a_revoked_certificate_is_refused(house: TrustHouse) -> None:
    """SIG-04"""
    holder = house.leaf()
    house.responder.revoke(holder.certificate, at=NOW - HOUR)
    assert await told(house, house.trust(), holder) == "security.certificate_revoked"


async def test_one_revoked_later_was_good_before(house: TrustHouse) -> None:
    """SIG-06"""
    holder, trust = house.leaf(), house.trust()
    house.responder.revoke(holder.certificate, at=NOW - HOUR)
    await trust.learn([holder.certificate, *holder.chain], at=NOW - 2 * HOUR)
    trust.check(holder.certificate, holder.chain, at=NOW - 2 * HOUR)


async def test_a_revoked_intermediate_takes_what_is_below_with_it(house: TrustHouse) -> None:
    house.above.revoke(house.issuer.certificate, at=NOW - HOUR)
    assert await told(house, house.trust(), house.leaf()) == "security.certificate_revoked"


@pytest.mark.parametrize("state", FALSE)
async def test_the_list_answers_where_the_responder_does_not(house: TrustHouse, state: State) -> None:
    """SIG-05"""
    house.responder.state = state
    holder = house.leaf()
    assert await told(house, house.trust(), holder) == ""
    assert house.fetched == [OCSP, CRL]
    house.responder.revoke(holder.certificate, at=NOW - HOUR)
    assert await told(house, house.trust(), holder) == "security.certificate_revoked"


@pytest.mark.parametrize("state", FALSE)
@pytest.mark.parametrize("listed", [State.DOWN, State.STALE, State.WRONG_SIGNER])
async def test_required_accepts_nothing_without_an_answer(house: TrustHouse, state: State, listed: State) -> None:
    """SIG-05"""
    house.responder.state, house.responder.crl_state = state, listed
    assert await told(house, house.trust(), house.leaf()) == "security.revocation_unknown"


async def test_a_list_that_somebody_fetched_for_us_answers_last(house: TrustHouse) -> None:
    lists = (house._written("ours.crl", house.responder.listed()), house._written("above.crl", house.above.listed()))
    house.responder.state = house.responder.crl_state = State.DOWN
    assert await told(house, house.trust(crls=lists), house.leaf()) == ""


async def test_a_delegate_of_the_issuer_may_answer(house: TrustHouse) -> None:
    house.responder.crl_state = State.DOWN
    house.responder.delegate = house.issuer.issue("OCSP", pki.Wanted(extended=("ocsp",)))
    assert await told(house, house.trust(), house.leaf()) == ""


@pytest.mark.parametrize("kind", ["without its use", "of another", "expired"])
async def test_nobody_else_may(house: TrustHouse, kind: str) -> None:
    house.responder.crl_state = State.DOWN
    wanted = pki.Wanted(extended=("ocsp",))
    old = pki.Wanted(extended=("ocsp",), ends=NOW - HOUR)
    delegates = {
        "without its use": house.issuer.issue("OCSP"),
        "of another": house.other_root.issue("OCSP", wanted),
        "expired": house.issuer.issue("OCSP", old),
    }
    house.responder.delegate = delegates[kind]
    assert await told(house, house.trust(), house.leaf()) == "security.revocation_unknown"


async def test_an_answer_is_asked_for_once_until_its_next_update(house: TrustHouse) -> None:
    holder, trust = house.leaf(), house.trust(crls=(house._written("r", _long(house)),))
    for _ in range(3):
        assert await told(house, trust, holder) == ""
    assert house.fetched == [OCSP]
    house.now = house.responder.now = NOW + 2 * HOUR
    assert await told(house, trust, holder) == ""
    assert house.fetched == [OCSP, OCSP]


async def test_many_messages_at_once_ask_once(house: TrustHouse) -> None:
    holder, trust = house.leaf(), house.trust()
    answers = await asyncio.gather(*(told(house, trust, holder) for _ in range(10)))
    assert set(answers) == {""}
    assert house.fetched == [OCSP]


async def test_a_question_goes_on_for_the_others_when_somebody_has_no_more_time(house: TrustHouse) -> None:
    goes, fetch = asyncio.Event(), house.fetch

    async def slowly(url: str, **asked: Any) -> bytes:
        await goes.wait()
        return await fetch(url, **asked)

    house.fetch = slowly  # type: ignore[method-assign]
    holder, trust = house.leaf(), house.trust()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await told(house, trust, holder)
    patient = asyncio.create_task(told(house, trust, holder))
    await asyncio.sleep(0)
    goes.set()
    assert await patient == ""
    assert house.fetched == [OCSP]


async def test_a_responder_that_is_down_is_not_asked_for_every_message(house: TrustHouse) -> None:
    house.responder.state = house.responder.crl_state = State.DOWN
    holder, trust = house.leaf(), house.trust()
    for _ in range(3):
        await told(house, trust, holder)
    assert house.fetched == [OCSP, CRL]
    house.now = NOW + timedelta(minutes=1)
    await told(house, trust, holder)
    assert house.fetched == [OCSP, CRL] * 2


async def test_the_last_answer_holds_for_the_grace_with_an_alarm_and_no_longer(house: TrustHouse) -> None:
    """SIG-05"""
    files = (house._written("r", _long(house)),)
    trust = house.trust(revocation=Revocation.LAST_KNOWN, revocation_grace_h=24, crls=files)
    holder = house.leaf()
    assert await told(house, trust, holder) == ""
    assert house.alarms == []
    house.responder.state = house.responder.crl_state = State.DOWN
    house.now = NOW + 20 * HOUR
    assert await told(house, trust, holder) == ""
    assert set(house.alarms) == {("revocation_unknown", "trust:c06")}
    house.now = NOW + 26 * HOUR
    assert await told(house, trust, holder) == "security.revocation_unknown"


async def test_a_known_revocation_outlives_every_grace(house: TrustHouse) -> None:
    holder, trust = house.leaf(), house.trust()
    house.responder.revoke(holder.certificate, at=NOW - HOUR)
    await told(house, trust, holder)
    house.responder.state = house.responder.crl_state = State.DOWN
    house.now = NOW + 3 * HOUR
    assert await told(house, trust, holder) == "security.certificate_revoked"


async def test_an_address_is_asked_only_if_a_trusted_authority_wrote_it(house: TrustHouse) -> None:
    """Else anybody who sends us a certificate could point us at machines of our own network."""
    forged = pki.root("Kẻ lạ").issue("x", pki.Wanted(ocsp="http://10.0.0.1/admin", crl="http://10.0.0.1/"))
    await house.trust().learn([forged.certificate], at=NOW)
    assert house.fetched == []


async def test_addresses_that_are_not_of_the_web_are_left_alone(house: TrustHouse) -> None:
    holder = house.issuer.issue("Trung tâm dữ liệu quốc gia", pki.Wanted(ocsp="file:///etc/passwd", crl="ldap://x"))
    assert await told(house, house.trust(), holder) == "security.revocation_unknown"
    assert house.fetched == []


def _long(house: TrustHouse) -> bytes:
    """The root's list, good for the whole test."""
    house.above.holds = timedelta(days=2)
    return house.above.listed()


async def test_a_responder_may_name_certificates_by_sha256(house: TrustHouse) -> None:
    house.responder.crl_state = State.DOWN
    house.responder.named_by = hashes.SHA256()
    assert await told(house, house.trust(), house.leaf()) == ""


@pytest.mark.parametrize("state", [State.RIGHT, State.DOWN, State.UNKNOWN])
async def test_over_http_a_responder_is_asked_and_then_the_list(house: TrustHouse, state: State) -> None:
    """SIG-05"""
    known: list[x509.Certificate] = []
    house.responder.state = state
    with serving(ResponderApp(house.responder, known), 0) as url:
        holder = house.issuer.issue("Trung tâm dữ liệu quốc gia", pki.Wanted(ocsp=f"{url}/ocsp", crl=f"{url}/crl"))
        known.append(holder.certificate)
        fetching = Fetching()
        trust = load_trust(
            {"c06": house.settings()}, keys={}, fetch=fetching, clock=lambda: house.now, alarm=house.alarm
        )["c06"]
        assert await told(house, trust, holder) == ""
        house.responder.crl_state = State.DOWN
        await fetching.close()


async def test_a_question_that_nobody_waits_for_any_more_ends_with_the_way_it_goes(house: TrustHouse) -> None:
    """A process that ends leaves none behind."""
    ours, fetching = asyncio.current_task(), Fetching()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/ocsp"
        holder = house.issuer.issue("Trung tâm dữ liệu quốc gia", pki.Wanted(ocsp=url))
        trust = load_trust(
            {"c06": house.settings()}, keys={}, fetch=fetching, clock=lambda: house.now, alarm=house.alarm
        )["c06"]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await told(house, trust, holder)
        assert asyncio.all_tasks() - {ours}
        await fetching.close()
        assert asyncio.all_tasks() == {ours}
