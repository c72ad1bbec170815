"""Whatever a stranger sends, the answer is `TrustError` and nothing else: no other error, and no belief."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signing_parties import AT, MemoryKey, changed, pair, private_key, protection, reply, request, rule

from gateway.sdk.errors import TrustError
from gateway.signing.algorithms import Algorithm
from gateway.signing.protection import Message, Protection
from gateway.signing.stamps import granted_token, unsafe_certificates
from gateway.signing.web.components import dictionary

TWO = pair("jws", options={"accept_x5c": True})
KEY = TWO.our_key
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
MEMBERS = ["alg", "kid", "b64", "crit", "cty", "iat", "jti", "htm", "htu", "hts", "htr", "x5c", "jwk", "typ", "exp"]
GOOD: dict[str, Any] = {
    "alg": "ES256",
    "kid": "us-1",
    "b64": False,
    "crit": ["b64"],
    "cty": "application/json",
    "iat": int(AT.timestamp()),
    "jti": "n",
    "htm": "POST",
    "htu": request().url,
}


def only_trust_error(ask: Callable[[], object]) -> None:
    with suppress(TrustError):
        ask()


def read_all(side: Protection, message: Message) -> None:
    for ask in (
        lambda: side.verify(message, at=AT, answers=request()),
        lambda: side.mark(message),
        lambda: side.reveal(message),
        lambda: side.unsafe_certificates(message),
    ):
        only_trust_error(ask)


@settings(max_examples=200, deadline=None)
@given(change=st.dictionaries(st.sampled_from(MEMBERS), JSON, min_size=1, max_size=3))
def test_any_protected_header_that_is_signed_well(change: dict[str, Any]) -> None:
    protected = base64.urlsafe_b64encode(json.dumps(GOOD | change).encode()).rstrip(b"=")
    signature = KEY.sign(protected + b"." + request().content, algorithm=Algorithm.ES256)
    text = f"{protected.decode()}..{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    read_all(TWO.them, changed(request(), x_jws_signature=text))


@pytest.mark.parametrize(
    ("scheme", "options", "name"),
    [
        ("jws", {}, "x-jws-signature"),
        ("http-signature", {}, "signature-input"),
        ("http-signature", {}, "signature"),
        ("http-signature", {}, "content-digest"),
        ("hmac", {}, "x-signature"),
        ("hmac", {}, "x-timestamp"),
    ],
)
@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=60) | st.text('sig1=(")";:?.,-@0123456789 abAB', max_size=60))
def test_any_text_in_a_header(scheme: str, options: dict[str, Any], name: str, text: str) -> None:
    two = pair(scheme, options=options)
    asked = two.us.sign(request(), at=AT)
    message = Message(headers={**asked.headers, name: text}, content=asked.content, method=asked.method, url=asked.url)
    read_all(two.them, message)
    with pytest.raises(TrustError):
        two.them.verify(message, at=AT)


@settings(max_examples=300, deadline=None)
@given(content=st.binary(max_size=80) | st.text('eyJ.{}[]":,_-=ab0', max_size=80).map(str.encode))
def test_any_bytes_as_a_body_or_a_token(content: bytes) -> None:
    jwe = protection(
        rule("jwe", options={"recipient": "x"}),
        keys=[MemoryKey("k", private_key("p256", "us"))],
        trust=TWO.trust_in_us,
    )
    sides = [jwe, *(pair("jws", options={"form": form}).them for form in ("compact", "flattened"))]
    for side in sides:
        for message in (request(content), reply(content)):
            only_trust_error(lambda side=side, message=message: side.verify(message, at=AT, answers=request()))
            only_trust_error(lambda side=side, message=message: side.reveal(message))
            only_trust_error(lambda side=side, message=message: side.unsafe_certificates(message))
    only_trust_error(lambda: granted_token(content))
    only_trust_error(lambda: unsafe_certificates(content))


@settings(max_examples=500, deadline=None)
@given(text=st.text('ab=(")";:?.,-@*0123456789 %/+', max_size=40))
def test_any_text_as_a_structured_field(text: str) -> None:
    only_trust_error(lambda: dictionary(Message(headers={"signature-input": text}), "signature-input"))
