"""A path is searched once, and all that can end it is still asked for each message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from trust_house import NOW, TrustHouse

from gateway.sdk.errors import TrustError
from gateway.signing.settings import Revocation
from gateway.signing.trust import Partner
from gateway.signing.trust.known import MOST, Found, Known
from mocks._kit import pki

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def house(tmp_path: Path) -> TrustHouse:
    return TrustHouse(tmp_path)


class Counted:
    """The paths of a trust, counted."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.times = inner, 0

    def found(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate], *, at: Any
    ) -> tuple[x509.Certificate, ...]:
        self.times += 1
        path: tuple[x509.Certificate, ...] = self.inner.found(certificate, chain, at=at)
        return path


def counted(trust: Partner) -> Counted:
    own: Any = trust
    own._paths = Counted(own._paths)
    return own._paths  # type: ignore[no-any-return]  # it is one


async def ask(house: TrustHouse, trust: Partner, holder: pki.Holder, *, at: Any = None) -> str:
    """The code of the refusal, or nothing."""
    at = at or house.now
    await trust.learn([holder.certificate, *holder.chain], at=at)
    try:
        trust.check(holder.certificate, holder.chain, at=at)
    except TrustError as exc:
        return exc.error_code
    return ""


async def test_a_path_is_searched_once(house: TrustHouse) -> None:
    holder, trust = house.leaf(), house.trust()
    paths = counted(trust)
    assert [await ask(house, trust, holder) for _ in range(5)] == [""] * 5
    assert paths.times == 1


async def test_a_revocation_is_believed_from_the_next_message_on(house: TrustHouse) -> None:
    """The path is known, and the certificate on it is not good any more."""
    holder, trust = house.leaf(), house.trust()
    assert await ask(house, trust, holder) == ""
    house.responder.revoke(holder.certificate, at=NOW - HOUR)
    house.now = house.responder.now = house.above.now = NOW + 2 * HOUR  # the answers of before are too old
    (house.folder / "root.crl").write_bytes(house.above.listed())
    assert await ask(house, trust, holder) == "security.certificate_revoked"
    assert await ask(house, trust, holder) == "security.certificate_revoked"


async def test_a_known_path_needs_an_answer_as_fresh_as_any(house: TrustHouse) -> None:
    holder, trust = house.leaf(), house.trust(revocation=Revocation.REQUIRED)
    assert await ask(house, trust, holder) == ""
    with pytest.raises(TrustError) as caught:
        trust.check(holder.certificate, holder.chain, at=house.now + timedelta(days=30))
    assert caught.value.error_code == "security.revocation_unknown"


async def test_a_known_path_ends_with_the_first_certificate_on_it_and_begins_with_the_last(house: TrustHouse) -> None:
    holder, trust = house.leaf(begins=NOW - DAY, ends=NOW + DAY), house.trust()
    assert await ask(house, trust, holder) == ""
    assert await ask(house, trust, holder, at=NOW + 2 * DAY) == "security.certificate_expired"
    assert await ask(house, trust, holder, at=NOW - 2 * DAY) == "security.certificate_not_yet_valid"
    assert await ask(house, trust, holder) == ""


async def test_another_chain_and_another_use_are_looked_at_by_themselves(house: TrustHouse) -> None:
    holder, trust = house.leaf(), house.trust()
    assert await ask(house, trust, holder) == ""
    with pytest.raises(TrustError) as caught:
        trust.check(holder.certificate, (), at=house.now)
    assert caught.value.error_code == "security.certificate_unknown_issuer"
    with pytest.raises(TrustError) as caught:
        trust.check(holder.certificate, holder.chain, at=house.now, stamps=True)
    assert caught.value.error_code == "security.certificate_wrong_use"
    assert await ask(house, trust, holder) == ""


async def test_what_was_refused_is_looked_at_anew(house: TrustHouse) -> None:
    stranger, trust = house.other_root.issue("Người khác"), house.trust()
    paths = counted(trust)
    for _ in range(2):
        assert await ask(house, trust, stranger) == "security.certificate_unknown_issuer"
    assert paths.times == 4  # to learn, and to check


def test_known_paths_are_bounded_and_of_these_very_objects() -> None:
    known, holder = Known(), pki.self_signed("A")
    found = Found.of((holder.certificate,), asked=())
    for number in range(MOST + 5):
        known.keep(pki.self_signed("B").certificate if number < 3 else holder.certificate, [number], found)  # type: ignore[list-item]  # any objects do
    assert len(known._found) <= MOST
    twin = x509.load_der_x509_certificate(holder.certificate.public_bytes(pki.serialization.Encoding.DER))
    known.keep(holder.certificate, (), found)
    assert known.at(holder.certificate, (), NOW) is found
    assert known.at(twin, (), NOW) is None
