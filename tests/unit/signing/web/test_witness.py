"""The gateway and the mocks' own code sign for each other. They share nothing but the standards and docs/signing.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from signing_parties import AT, Pair, pair, reply, request

from gateway.sdk.errors import TrustError
from gateway.signing.protection import Message, with_headers
from mocks._kit.signatures import NotSigned, Said, Witness, web

SECRET = b"a made-up secret of thirty-two b"
SCHEMES: list[tuple[str, dict[str, Any], Callable[..., dict[str, str]], Callable[..., str]]] = [
    ("jws", {}, web.sign_jws, web.verify_jws),
    ("jws", {"kind": "rsa2048"}, web.sign_jws, web.verify_jws),
    ("jws", {"kind": "p384"}, web.sign_jws, web.verify_jws),
    ("http-signature", {}, web.sign_http, web.verify_http),
    ("http-signature", {"kind": "rsa2048"}, web.sign_http, web.verify_http),
    ("http-signature", {"kind": "p384"}, web.sign_http, web.verify_http),
    ("http-signature", {"kind": "ed25519"}, web.sign_http, web.verify_http),
    ("hmac", {}, web.sign_hmac, web.verify_hmac),
]
every_scheme = pytest.mark.parametrize(("scheme", "rest", "sign", "verify"), SCHEMES)


def seen(message: Message) -> Said:
    return Said(
        headers=message.headers,
        content=message.content,
        method=message.method,
        url=message.url,
        status=message.status,
    )


def signing_key(scheme: str, two: Pair) -> dict[str, Any]:
    if scheme == "hmac":
        return {"secret": SECRET, "kid": "secret-1"}
    return {"key": two.their_key.private, "kid": "them-1"}


def public_key(scheme: str, two: Pair) -> dict[str, Any]:
    return {"secret": SECRET} if scheme == "hmac" else {"key": two.our_key.public_key}


@every_scheme
def test_the_witness_verifies_what_the_gateway_signs_and_answers_it(
    scheme: str, rest: dict[str, Any], sign: Callable[..., dict[str, str]], verify: Callable[..., str]
) -> None:
    """SIG-09 (part)."""
    two = pair(scheme, **rest)
    asked = two.us.sign(request(), at=AT)
    assert verify(seen(asked), at=AT, **public_key(scheme, two)) == ("secret-1" if scheme == "hmac" else "us-1")
    said = sign(seen(reply()), at=AT, answers=seen(asked), **signing_key(scheme, two))
    answered = with_headers(reply(), said)
    two.us.verify(answered, at=AT, answers=asked)
    with pytest.raises(TrustError):
        two.us.verify(answered, at=AT, answers=two.us.sign(request(), at=AT))
    with pytest.raises(TrustError):
        two.us.verify(replace(answered, content=b"{}"), at=AT, answers=asked)


@every_scheme
def test_the_gateway_verifies_what_the_witness_asks_and_answers_it(
    scheme: str, rest: dict[str, Any], sign: Callable[..., dict[str, str]], verify: Callable[..., str]
) -> None:
    two = pair(scheme, **rest)
    asked = with_headers(request(), sign(seen(request()), at=AT, **signing_key(scheme, two)))
    two.us.verify(asked, at=AT)
    two.us.mark(asked)
    answered = two.us.sign(reply(), at=AT, answers=asked)
    verify(seen(answered), at=AT, answers=seen(asked), **public_key(scheme, two))
    with pytest.raises(TrustError):
        two.us.verify(replace(asked, method="PUT"), at=AT)


@every_scheme
def test_the_witness_refuses_what_was_changed_is_stale_or_is_another_answer(
    scheme: str, rest: dict[str, Any], sign: Callable[..., dict[str, str]], verify: Callable[..., str]
) -> None:
    """A witness who believes everything proves nothing."""
    two = pair(scheme, **rest)
    asked, other = two.us.sign(request(), at=AT), two.us.sign(request(), at=AT)
    answered = two.us.sign(reply(), at=AT, answers=asked)
    keys = public_key(scheme, two)
    for refused in (
        lambda: verify(seen(replace(asked, content=b"{}")), at=AT, **keys),
        lambda: verify(seen(replace(asked, method="PUT")), at=AT, **keys),
        lambda: verify(seen(asked), at=AT + timedelta(hours=1), **keys),
        lambda: verify(seen(answered), at=AT, answers=seen(other), **keys),
        lambda: verify(seen(request()), at=AT, **keys),
    ):
        with pytest.raises(NotSigned):
            refused()


@pytest.mark.parametrize("scheme", ["jws", "http-signature", "hmac"])
def test_a_mock_that_signs_takes_our_request_and_its_answer_holds(scheme: str) -> None:
    two = pair(scheme)
    made: dict[str, Callable[[], Witness]] = {
        "jws": lambda: web.JwsWitness(
            key=two.their_key.private, kid="them-1", theirs=two.our_key.public_key, clock=lambda: AT
        ),
        "http-signature": lambda: web.HttpWitness(
            key=two.their_key.private, kid="them-1", theirs=two.our_key.public_key, clock=lambda: AT
        ),
        "hmac": lambda: web.HmacWitness(secret=SECRET, kid="secret-1", clock=lambda: AT),
    }
    witness, asked = made[scheme](), two.us.sign(request(), at=AT)
    plain = witness.check(seen(asked))
    assert plain.headers.keys() - {"accept-encoding"} == request().headers.keys()
    answer = witness.sign(seen(reply()), seen(asked))
    two.us.verify(with_headers(reply(), answer.headers), at=AT, answers=asked)
    with pytest.raises(NotSigned):
        witness.check(seen(request()))
