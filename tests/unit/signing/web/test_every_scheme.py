"""What holds of every scheme: what one side signs, the other verifies, and nothing else passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signing_parties import AT, Pair, changed, pair, reply, request

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.protection import Message

CASES: list[tuple[str, dict[str, Any]]] = [
    ("jws", {}),
    ("jws", {"kind": "rsa2048"}),
    ("jws", {"kind": "p384"}),
    ("jws", {"kind": "ed25519"}),
    ("jws", {"options": {"form": "compact"}}),
    ("jws", {"options": {"form": "flattened"}}),
    ("jws", {"options": {"encoded": True, "target": "path"}}),
    ("http-signature", {}),
    ("http-signature", {"kind": "rsa2048"}),
    ("http-signature", {"kind": "p384", "options": {"target": "path", "headers": ["x-request"]}}),
    ("http-signature", {"kind": "ed25519", "options": {"tag": "lien-thong", "target": "authority"}}),
    ("hmac", {}),
    ("hmac", {"options": {"target": "path"}}),
]
every_scheme = pytest.mark.parametrize(
    ("scheme", "rest"), CASES, ids=[f"{scheme}-{'-'.join(map(str, rest.values()))}" for scheme, rest in CASES]
)


def exchanged(two: Pair) -> tuple[Message, Message]:
    asked = two.us.sign(request(), at=AT)
    return asked, two.them.sign(reply(), at=AT, answers=asked)


@every_scheme
def test_what_one_side_signs_the_other_verifies_and_reads(scheme: str, rest: dict[str, Any]) -> None:
    """SIG-09 (part), SIG-12 (part)."""
    two = pair(scheme, **rest)
    asked, answered = exchanged(two)
    two.them.verify(asked, at=AT)
    two.us.verify(answered, at=AT, answers=asked)
    for sealed, plain in ((two.them.reveal(asked), request()), (two.us.reveal(answered), reply())):
        assert sealed.content == plain.content
        assert sealed.headers["content-type"] == "application/json"
    assert not two.them.unsafe_certificates(asked)


@every_scheme
def test_a_message_without_a_body_is_signed_as_well(scheme: str, rest: dict[str, Any]) -> None:
    two = pair(scheme, **rest)
    asked = two.us.sign(request(b"", method="GET", headers={"x-request": "1"}), at=AT)
    assert asked.content == b""
    two.them.verify(asked, at=AT)
    answered = two.them.sign(reply(b"", status=204, headers={}), at=AT, answers=asked)
    two.us.verify(answered, at=AT, answers=asked)
    with pytest.raises(TrustError):
        two.them.verify(replace(asked, content=b"{}"), at=AT)


@every_scheme
@pytest.mark.parametrize("late_s", [301, -301])
def test_a_message_that_is_stale_or_of_the_future_is_refused(scheme: str, rest: dict[str, Any], late_s: int) -> None:
    two = pair(scheme, **rest)
    asked, answered = exchanged(two)
    for verify in (
        lambda: two.them.verify(asked, at=AT + timedelta(seconds=late_s)),
        lambda: two.us.verify(answered, at=AT + timedelta(seconds=late_s), answers=asked),
    ):
        with pytest.raises(TrustError) as caught:
            verify()
        assert caught.value.error_code == "security.stale"


@every_scheme
def test_the_same_message_has_one_mark_and_another_message_another(scheme: str, rest: dict[str, Any]) -> None:
    two = pair(scheme, **rest)
    first, second = two.us.sign(request(), at=AT), two.us.sign(request(), at=AT)
    assert two.them.mark(first) == two.them.mark(first)
    assert two.them.mark(first).digest != two.them.mark(second).digest
    assert len(two.them.mark(first).digest) == 32
    last = two.them.mark(first).until
    with pytest.raises(TrustError):
        two.them.verify(first, at=last)


@every_scheme
def test_an_answer_to_another_request_is_refused(scheme: str, rest: dict[str, Any]) -> None:
    two = pair(scheme, **rest)
    asked, answered = exchanged(two)
    other = two.us.sign(request(), at=AT)
    with pytest.raises(TrustError):
        two.us.verify(answered, at=AT, answers=other)
    with pytest.raises(TrustError):
        two.us.verify(answered, at=AT, answers=request())
    with pytest.raises(TrustError):
        two.us.verify(answered, at=AT)
    unbound = pair(scheme, bound=False, **rest)
    free = unbound.them.sign(reply(), at=AT, answers=asked)
    with pytest.raises(TrustError):
        two.us.verify(free, at=AT, answers=asked)
    unbound.us.verify(free, at=AT, answers=other)


@every_scheme
def test_a_request_for_another_method_or_address_is_refused(scheme: str, rest: dict[str, Any]) -> None:
    two = pair(scheme, **rest)
    asked = two.us.sign(request(), at=AT)
    for elsewhere in (
        replace(asked, method="PUT"),
        replace(asked, url="https://partner.example/v1/enterprises?lang=vi"),
        replace(asked, url="https://partner.example/v1/citizens?lang=en"),
        replace(asked, url="https://partner.example/v1/citizens"),
        replace(asked, url=""),
        replace(asked, url="https://partner.example/v1/citizens?lang=vi\n"),
        replace(asked, url="https://somebody@partner.example/v1/citizens?lang=vi"),
    ):
        with pytest.raises(TrustError):
            two.them.verify(elsewhere, at=AT)
    two.them.verify(replace(asked, url="HTTPS://Partner.Example:443/v1/citizens?lang=vi"), at=AT)


@every_scheme
def test_whether_the_host_counts_is_an_option(scheme: str, rest: dict[str, Any]) -> None:
    two = pair(scheme, **rest)
    asked = replace(two.us.sign(request(), at=AT), url="http://inside.example:8080/v1/citizens?lang=vi")
    if rest.get("options", {}).get("target") == "path":
        two.them.verify(asked, at=AT)
    else:
        with pytest.raises(TrustError):
            two.them.verify(asked, at=AT)


@every_scheme
def test_another_status_body_or_content_type_is_refused(scheme: str, rest: dict[str, Any]) -> None:
    two = pair(scheme, **rest)
    asked, answered = exchanged(two)
    wrong = [
        replace(answered, status=500),
        replace(answered, content=answered.content + b"x"),
        replace(answered, content=b"{}"),
        replace(answered, content=b""),
    ]
    if two.us.reveal(answered) == answered:  # of a wrapped body the type inside counts
        wrong += [changed(answered, content_type="text/html"), changed(answered, content_type=None)]
    for message in wrong:
        with pytest.raises(TrustError):
            two.us.verify(message, at=AT, answers=asked)


@every_scheme
def test_a_request_is_no_reply_and_a_reply_is_no_request(scheme: str, rest: dict[str, Any]) -> None:
    """What the partner says to us, or we to them, cannot be turned round."""
    two = pair(scheme, **rest)
    asked, answered = exchanged(two)
    with pytest.raises(TrustError):
        two.us.verify(replace(answered, status=0, method="POST", url=request().url), at=AT)
    theirs = two.them.sign(request(), at=AT)
    with pytest.raises(TrustError):
        two.us.verify(replace(theirs, status=200, method="", url=""), at=AT, answers=asked)


@every_scheme
def test_an_unsigned_message_is_refused(scheme: str, rest: dict[str, Any]) -> None:
    two = pair(scheme, **rest)
    for bare in (request(), request(b""), request(b"a.b.c"), request(b"\xff"), request(b'{"payload":1}')):
        with pytest.raises(TrustError):
            two.them.verify(bare, at=AT)
    with pytest.raises(TrustError):
        two.us.verify(reply(), at=AT, answers=two.us.sign(request(), at=AT))


@every_scheme
def test_a_header_with_a_line_break_is_refused(scheme: str, rest: dict[str, Any]) -> None:
    two = pair(scheme, **rest)
    asked = two.us.sign(request(), at=AT)
    with pytest.raises(TrustError):
        two.them.verify(changed(asked, x_other="1\r\nx-request: 2"), at=AT)


@every_scheme
def test_our_own_message_that_nobody_could_verify_is_the_operators_matter(scheme: str, rest: dict[str, Any]) -> None:
    two = pair(scheme, **rest)
    for odd in (request(url="https://partner.example/tên"), request(url="/v1"), request(headers={"x-request": "1\n2"})):
        with pytest.raises(ConfigurationError):
            two.us.sign(odd, at=AT)


@every_scheme
def test_a_header_that_stands_twice_is_refused(scheme: str, rest: dict[str, Any]) -> None:
    """The gate joins them with a comma; whichever was meant, neither counts."""
    two = pair(scheme, **rest)
    asked = two.us.sign(request(), at=AT)
    added = [name for name in asked.headers if name not in request().headers and name != "accept-encoding"]
    for name in added:
        twice = replace(asked, headers={**asked.headers, name: f"{asked.headers[name]}, {asked.headers[name]}"})
        with pytest.raises(TrustError):
            two.them.verify(twice, at=AT)


@pytest.mark.parametrize(("scheme", "rest"), CASES[:1] + CASES[4:6] + CASES[7:8] + CASES[11:12])
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_byte_that_is_flipped_is_noticed(scheme: str, rest: dict[str, Any], data: st.DataObject) -> None:
    """SIG-09 (part)."""
    two = pair(scheme, **rest)
    asked = two.us.sign(request(), at=AT)
    signed = [name for name in asked.headers if name not in {"x-request", "accept-encoding", "content-type"}]
    where = data.draw(st.sampled_from(["content", "method", "url", *signed]))
    if where in asked.headers:
        before = asked.headers[where].encode()
        after = _flipped(before, data)
        message = replace(asked, headers={**asked.headers, where: after.decode("latin-1")})
    elif where == "content":
        message = replace(asked, content=_flipped(asked.content, data))
    else:
        after = _flipped(getattr(asked, where).encode(), data)
        message = replace(asked, **{where: after.decode("latin-1")})
        if (
            message.url.lower() == asked.url.lower()
            and message.url.partition("/v1")[2] == asked.url.partition("/v1")[2]
        ):
            return  # another spelling of the same scheme or host
    with pytest.raises(TrustError):
        two.them.verify(message, at=AT)


def _flipped(content: bytes, data: st.DataObject) -> bytes:
    place = data.draw(st.integers(0, len(content) - 1))
    bit = data.draw(st.integers(0, 7))
    return content[:place] + bytes([content[place] ^ (1 << bit)]) + content[place + 1 :]


@pytest.mark.parametrize("scheme", ["jws", "jwe", "http-signature", "hmac"])
def test_an_option_that_is_unknown_or_wrong_is_named_and_its_value_is_not(scheme: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        pair(scheme, options={"colour": "secret-value"})
    assert "colour" in caught.value.detail
    assert "secret-value" not in caught.value.detail + caught.value.detail_vi
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("scheme", "options", "named"),
    [
        ("jws", {"accepted": ["HS256"]}, "hmac"),
        ("jws", {"accepted": []}, "accepted"),
        ("jws", {"algorithm": "none"}, "algorithm"),
        ("jws", {"time_param": "alg"}, "time_param"),
        ("jws", {"header": "X-Upper"}, "header"),
        ("http-signature", {"accepted": ["PS256"]}, "accepted"),
        ("http-signature", {"lifetime_s": 0}, "lifetime_s"),
        ("hmac", {"header": "x-nonce"}, "header"),
        ("jwe", {}, "recipient"),
    ],
)
def test_options_that_make_no_sense_stop_the_start(scheme: str, options: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        pair(scheme, options=options)
    assert named in caught.value.detail
