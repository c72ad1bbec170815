"""Which certificates are believed, and in which words the others are refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from trust_house import NAME, NOW, TrustHouse

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.keys import load_keys
from gateway.signing.settings import Domain, KeySettings, Revocation, TrustSettings
from mocks._kit import pki
from mocks._kit.revocations import State

Made = Callable[[TrustHouse], pki.Holder]
DAY = timedelta(days=1)


@pytest.fixture
def house(tmp_path: Path) -> TrustHouse:
    return TrustHouse(tmp_path)


def refusal(house: TrustHouse, holder: pki.Holder, **changes: object) -> str:
    trust = house.trust(**changes)
    with pytest.raises(TrustError) as caught:
        trust.check(holder.certificate, holder.chain, at=NOW)
    assert caught.value.detail
    assert caught.value.detail_vi.endswith(".")
    return caught.value.error_code


async def test_a_certificate_of_this_domain_with_the_right_name_is_believed(house: TrustHouse) -> None:
    """SIG-04"""
    holder, trust = house.leaf(), house.trust()
    await trust.learn([holder.certificate, *holder.chain], at=NOW)
    trust.check(holder.certificate, holder.chain, at=NOW)


def below_no_authority(house: TrustHouse) -> pki.Holder:
    """Signed by the key of a certificate that may not issue any."""
    middle = house.leaf()
    forger = pki.Authority(certificate=middle.certificate, key=middle.key, chain=middle.chain)
    made = forger.issue(NAME)
    return pki.Holder(certificate=made.certificate, key=made.key, chain=(middle.certificate, *middle.chain))


def beyond_its_length(house: TrustHouse) -> pki.Holder:
    short = house.root.authority("Ngắn", pki.Wanted(path_length=0))
    return short.authority("Dài").issue(NAME)


def without_its_chain(house: TrustHouse) -> pki.Holder:
    made = house.leaf()
    return pki.Holder(certificate=made.certificate, key=made.key)


def of_an_old_authority(house: TrustHouse) -> pki.Holder:
    return house.root.authority("Cũ", pki.Wanted(ends=NOW - DAY)).issue(NAME)


WRONG: list[tuple[str, Made]] = [
    ("certificate_expired", lambda house: house.leaf(ends=NOW - DAY)),
    ("certificate_expired", of_an_old_authority),
    ("certificate_not_yet_valid", lambda house: house.leaf(begins=NOW + DAY)),
    ("certificate_unknown_issuer", lambda house: pki.self_signed(NAME)),
    ("certificate_unknown_issuer", lambda house: pki.root("Nơi khác").issue(NAME)),
    ("certificate_unknown_issuer", without_its_chain),
    ("certificate_wrong_name", lambda house: house.issuer.issue("Người khác")),
    ("certificate_wrong_use", lambda house: house.leaf(usage=("key_encipherment",))),
    ("certificate_wrong_use", lambda house: house.leaf(usage=None)),
    ("certificate_wrong_use", lambda house: house.leaf(extended=("server",))),
    ("certificate_wrong_use", lambda house: house.leaf(extended=("stamp",))),
    (
        "certificate_wrong_use",
        lambda house: house.leaf(is_authority=True, usage=("digital_signature", "key_cert_sign")),
    ),
    ("certificate_wrong_use", below_no_authority),
    ("certificate_weak", lambda house: house.leaf(key="rsa1024")),
    ("certificate_weak", lambda house: house.leaf(key="p521")),
    ("certificate_weak", lambda house: house.leaf(is_sha1=True)),
    ("certificate_path", beyond_its_length),
    ("revocation_unknown", lambda house: house.leaf()),
]


@pytest.mark.parametrize(("code", "made"), WRONG)
def test_every_other_certificate_is_refused_in_its_own_words(house: TrustHouse, code: str, made: Made) -> None:
    """SIG-04, SIG-12"""
    assert refusal(house, made(house)) == f"security.{code}"


def test_a_certificate_of_the_public_domain_is_refused_as_such(house: TrustHouse) -> None:
    """SIG-03"""
    public = TrustSettings(domain=Domain.PUBLIC, roots=(house.file(house.other_root.certificate),), names=(NAME,))
    genuine = house.other_root.issue(NAME)
    assert refusal(house, genuine, others={"bank": public}) == "security.certificate_wrong_domain"


@pytest.mark.parametrize("domain", [Domain.PUBLIC, Domain.TECHNICAL])
def test_one_root_in_two_domains_is_refused_at_start(house: TrustHouse, domain: Domain) -> None:
    """SIG-03"""
    with pytest.raises(ConfigurationError, match="two domains"):
        house.trust(others={"bank": house.settings(domain=domain)})


def test_a_root_that_is_pinned_in_another_domain_is_refused_at_start(house: TrustHouse) -> None:
    pinned = TrustSettings(domain=Domain.PUBLIC, pinned=(house.file(house.root.certificate),))
    with pytest.raises(ConfigurationError, match="two domains"):
        house.trust(others={"bank": pinned})


def test_the_same_root_twice_in_one_domain_is_fine(house: TrustHouse) -> None:
    house.trust(others={"bank": house.settings()})


def test_intermediates_of_the_settings_complete_a_chain_that_was_cut(house: TrustHouse) -> None:
    made = without_its_chain(house)
    assert refusal(house, made, intermediates=(house.file(house.issuer.certificate),)) == "security.revocation_unknown"


def test_a_root_that_has_ended_ends_what_is_below_it(house: TrustHouse) -> None:
    house.root = pki.root("Hết hạn", pki.Wanted(ends=NOW - DAY))
    assert refusal(house, house.root.issue(NAME)) == "security.certificate_expired"


def pin(house: TrustHouse, holder: pki.Holder, **changes: object) -> dict[str, object]:
    return {"roots": (), "names": (), "pinned": (house.file(holder.certificate),), **changes}


def test_exactly_the_pinned_certificate_is_believed(house: TrustHouse) -> None:
    own, other = pki.self_signed(NAME), pki.self_signed(NAME)
    trust = house.trust(**pin(house, own))
    trust.check(own.certificate, (), at=NOW)
    with pytest.raises(TrustError):
        trust.check(other.certificate, (own.certificate,), at=NOW)
    with pytest.raises(TrustError) as caught:
        trust.check(own.certificate, (), at=NOW + 2 * pki.YEAR)
    assert caught.value.error_code == "security.certificate_expired"


def test_a_pinned_certificate_believes_nothing_that_it_signed(house: TrustHouse) -> None:
    """A pin is no root."""
    trust = house.trust(**pin(house, house.issuer, revocation=Revocation.NONE))
    holder = house.leaf()
    with pytest.raises(TrustError) as caught:
        trust.check(holder.certificate, holder.chain, at=NOW)
    assert caught.value.error_code == "security.certificate_unknown_issuer"


def test_a_pinned_key_is_found_by_its_thumbprint_and_no_other_is(house: TrustHouse) -> None:
    own = pki.self_signed(NAME)
    keys = load_keys({"x": [KeySettings(source="pem", path=own.write_pem(house.folder / "x"))]}, environment={})
    trust = house.trust(**pin(house, own))
    kid = keys["x"].signing(NOW).kid
    assert trust.public_key(kid, at=NOW) == own.certificate.public_key()
    with pytest.raises(TrustError):
        trust.public_key("other", at=NOW)
    with pytest.raises(ConfigurationError, match="a key of ours"):
        house.trust(keys=keys, **pin(house, own))


def test_our_own_certificate_is_never_the_partners(house: TrustHouse) -> None:
    ours = house.leaf()
    keys = load_keys({"x": [KeySettings(source="pem", path=ours.write_pem(house.folder / "x"))]}, environment={})
    assert refusal(house, ours, keys=keys) == "security.certificate_ours"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"names": ()}, "names"),
        ({"revocation": Revocation.NONE}, "pinned"),
        ({"responder": "ldap://ca.example.vn"}, "address"),
        ({"secret": "missing"}, "missing"),
    ],
)
def test_settings_that_believe_too_much_are_refused_at_start(
    house: TrustHouse, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        house.trust(**changes)


def test_a_root_that_is_no_authority_is_refused_at_start(house: TrustHouse) -> None:
    with pytest.raises(ConfigurationError, match="no certification authority"):
        house.trust(roots=(house.file(pki.self_signed("x").certificate),))


def test_more_certificates_than_a_path_has_are_not_searched(house: TrustHouse) -> None:
    holder = house.leaf()
    many = pki.Holder(certificate=holder.certificate, key=holder.key, chain=(house.issuer.certificate,) * 9)
    assert refusal(house, many) == "security.certificate_path"


async def test_after_its_end_a_signature_still_holds_at_the_time_of_its_stamp(house: TrustHouse) -> None:
    """SIG-06"""
    holder, trust = house.leaf(ends=NOW + DAY), house.trust()
    house.responder.holds = timedelta(days=900)
    stamped, later = NOW, NOW + 400 * DAY
    house.now = later
    house.responder.now = later
    house.above.now = later
    trust = house.trust()
    await trust.learn([holder.certificate, *holder.chain], at=stamped)
    trust.check(holder.certificate, holder.chain, at=stamped)
    with pytest.raises(TrustError) as caught:
        trust.check(holder.certificate, holder.chain, at=later)
    assert caught.value.error_code == "security.certificate_expired"
    assert house.responder.state is State.RIGHT
