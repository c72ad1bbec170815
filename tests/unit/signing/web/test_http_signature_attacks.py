"""What is known of HTTP signatures that cover less than they seem to, each refused; and the examples of RFC 9421."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from signing_parties import AT, MemoryKey, Pair, changed, pair, private_key, reply, request

from gateway.sdk.errors import TrustError
from gateway.signing.algorithms import Algorithm
from gateway.signing.protection import Message
from gateway.signing.web.components import signature_base
from gateway.signing.web.raw import verify_bytes

CREATED = int(AT.timestamp())
ALL = '"@method" "@target-uri" "content-digest" "content-type"'
PARAMS = f'created={CREATED};nonce="n-1";keyid="us-1";alg="ecdsa-p256-sha256"'


def digest(content: bytes, name: str = "sha-256") -> str:
    return f"{name}=:{base64.b64encode(hashlib.new(name.replace('-', ''), content).digest()).decode()}:"


def lines(message: Message, components: str) -> str:
    """The covered part of a signature base, written by hand; only what these tests cover."""
    values = {'"@method"': message.method, '"@target-uri"': message.url, '"@status"': str(message.status)}
    named = [f'"{name}"' for name in message.headers]
    values |= dict(zip(named, message.headers.values(), strict=True))
    return "".join(f"{component}: {values.get(component, '')}\n" for component in components.split(" ") if component)


def forged(
    two: Pair,
    components: str = ALL,
    params: str = PARAMS,
    *,
    message: Message | None = None,
    algorithm: Algorithm = Algorithm.ES256,
) -> Message:
    """A message whose signature is good, whatever it covers."""
    plain = message or request()
    if "content-digest" not in plain.headers:
        plain = changed(plain, content_digest=digest(plain.content))
    base = f'{lines(plain, components)}"@signature-params": ({components});{params}'
    signature = base64.b64encode(two.our_key.sign(base.encode(), algorithm=algorithm)).decode()
    return changed(plain, signature_input=f"sig1=({components});{params}", signature=f"sig1=:{signature}:")


def refused(two: Pair, message: Message, *, at: Any = AT) -> str:
    with pytest.raises(TrustError) as caught:
        two.them.verify(message, at=at)
    assert caught.value.detail_vi
    return caught.value.error_code


def test_the_forger_of_this_file_can_make_a_good_message() -> None:
    """Else its refusals would prove nothing."""
    two = pair("http-signature")
    two.them.verify(forged(two), at=AT)
    two.them.verify(forged(two, f'{ALL} "x-request"'), at=AT)
    two.them.verify(forged(two, params=PARAMS.partition(";alg")[0]), at=AT)


@pytest.mark.parametrize("left_out", ALL.split(" "))
def test_a_signature_that_covers_less_is_refused(left_out: str) -> None:
    two = pair("http-signature")
    assert refused(two, forged(two, " ".join(part for part in ALL.split(" ") if part != left_out))) == (
        "security.signature"
    )


def test_a_signature_that_covers_nothing_is_refused() -> None:
    two = pair("http-signature")
    refused(two, forged(two, ""))


def test_a_covered_field_that_is_missing_is_refused() -> None:
    two = pair("http-signature")
    refused(two, forged(two, f'{ALL} "x-gone"'))
    refused(two, changed(forged(two), content_type=None))
    refused(two, changed(forged(two), content_digest=None))


@pytest.mark.parametrize(
    "wrong",
    [
        digest(request().content, "sha-512"),
        digest(b"{}"),
        f"{digest(b'{}')}, {digest(request().content)}",
        f"{digest(request().content)}, {digest(b'{}')}",
        digest(request().content).replace("sha-256", "SHA-256"),
        digest(request().content).replace("sha-256", "md5"),
        "sha-256=abc",
        "sha-256",
        "sha-256=(1 2)",
        "",
    ],
)
def test_a_digest_that_is_signed_and_not_of_the_body_is_refused(wrong: str) -> None:
    """The library checks a digest only when it is handed the body; here it is computed anew always."""
    two = pair("http-signature")
    refused(two, forged(two, message=changed(request(), content_digest=wrong)))


def test_a_stronger_digest_beside_ours_is_no_harm() -> None:
    two = pair("http-signature")
    both = f"{digest(request().content, 'sha-512')}, {digest(request().content)}"
    two.them.verify(forged(two, message=changed(request(), content_digest=both)), at=AT)


def test_another_body_under_a_good_signature_is_refused() -> None:
    two = pair("http-signature")
    asked = two.us.sign(request(), at=AT)
    refused(two, replace(asked, content=b"{}"))
    refused(two, changed(replace(asked, content=b"{}"), content_digest=digest(b"{}")))


def test_a_second_signature_does_not_count_and_does_not_help() -> None:
    two, stranger = pair("http-signature"), pair("http-signature", kind="p384")
    good, bad = two.us.sign(request(), at=AT), stranger.us.sign(request(b"{}"), at=AT)

    def both(message: Message, mine: str, other: str) -> Message:
        joined = {
            name: f"{good.headers[name].replace('sig1=', mine)}, {bad.headers[name].replace('sig1=', other)}"
            for name in ("signature-input", "signature")
        }
        return replace(message, headers={**message.headers, **joined})

    two.them.verify(both(good, "sig1=", "proxy="), at=AT)  # a platform's own, which nobody looks at
    refused(two, both(bad, "other=", "sig1="))
    refused(two, both(good, "sig1=", "sig1="))
    refused(two, both(good, "other=", "proxy="))
    tagged = pair("http-signature", options={"tag": "lien-thong"})
    good, bad = tagged.us.sign(request(), at=AT), tagged.us.sign(request(), at=AT)
    refused(tagged, both(good, "sig1=", "sig2="))
    refused(tagged, two.us.sign(request(), at=AT))


@pytest.mark.parametrize(
    "params",
    [
        PARAMS.replace(f"created={CREATED};", ""),
        PARAMS.replace(f"created={CREATED}", 'created="now"'),
        PARAMS.replace(f"created={CREATED}", f"created={CREATED}.0"),
        PARAMS.replace(f"created={CREATED}", f"created={CREATED - 301}"),
        PARAMS.replace(f"created={CREATED}", f"created={CREATED + 301}"),
        f"created=1;{PARAMS}",
        f"{PARAMS};expires={CREATED - 1}",
        f'{PARAMS};expires="never"',
        f"{PARAMS};colour=1",
        f"{PARAMS};tag=1",
        PARAMS.replace('nonce="n-1";', ""),
        PARAMS.replace('nonce="n-1"', 'nonce=""'),
        PARAMS.replace('keyid="us-1"', 'keyid="nobody"'),
        PARAMS.replace('keyid="us-1"', "keyid=us-1"),
        PARAMS.replace('keyid="us-1";', ""),
        PARAMS.replace("ecdsa-p256-sha256", "hmac-sha256"),
        PARAMS.replace("ecdsa-p256-sha256", "rsa-v1_5-sha256"),
        PARAMS.replace("ecdsa-p256-sha256", "ecdsa-p384-sha384"),
        PARAMS.replace("ecdsa-p256-sha256", "none"),
    ],
)
def test_parameters_that_do_not_hold_are_refused(params: str) -> None:
    """SIG-12 (part)."""
    two = pair("http-signature")
    refused(two, forged(two, params=params))


@pytest.mark.parametrize(
    "components",
    [
        f'{ALL} "@method"',
        f'{ALL} "X-Request"',
        f'{ALL} "@unknown"',
        f'{ALL} "@status"',
        f'{ALL} "@query-param";name="lang"',
        f'{ALL} "x-request";bs',
        f'{ALL} "x-request";sf',
        f'{ALL} "content-digest";key="sha-256";tr',
        f'{ALL} "x-request";req',
        f"{ALL} 7",
        f"{ALL} token",
        f'{ALL} "content-digest";key="sha-1"',
    ],
)
def test_components_that_are_unclear_are_refused(components: str) -> None:
    two = pair("http-signature")
    refused(two, forged(two, components))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("signature", "sig1=7"),
        ("signature", 'sig1="text"'),
        ("signature", "sig1=:AAAA:"),
        ("signature", "sig1=::"),
        ("signature", "other=:AAAA:"),
        ("signature", "sig1=(:AAAA:)"),
        ("signature-input", "sig1=7"),
        ("signature-input", "sig1"),
        ("signature-input", "((("),
        ("signature-input", ""),
        ("signature-input", "sig1=()" + ";a=1" * 3_000),
        ("signature-input", "sig1=(“@method”)"),
    ],
)
def test_malformed_headers_are_refused(name: str, value: str) -> None:
    two = pair("http-signature")
    asked = two.us.sign(request(), at=AT)
    refused(two, replace(asked, headers={**asked.headers, name: value}))


def test_a_weak_rsa_key_and_one_that_the_rule_leaves_out_are_refused() -> None:
    """SIG-12 (part)."""
    two = pair("http-signature")
    weak = MemoryKey("us-1", rsa.generate_private_key(public_exponent=65537, key_size=1024))
    two.trust_in_us.keys = {"us-1": weak.public_key}
    forger = replace(two, our_key=weak)
    params = PARAMS.replace("ecdsa-p256-sha256", "rsa-v1_5-sha256")
    assert refused(two, forged(forger, params=params, algorithm=Algorithm.RS256)) == "security.algorithm"
    narrow = pair("http-signature", options={"accepted": ["EdDSA"]})
    assert refused(narrow, narrow.us.sign(request(), at=AT)) == "security.algorithm"


def test_the_key_of_a_partner_who_names_none_is_an_option() -> None:
    two = pair("http-signature", options={"default_kid": "us-1", "unsafe_no_nonce": True})
    asked = forged(two, params=f"created={CREATED}")
    two.them.verify(asked, at=AT)
    assert two.them.mark(asked) == two.them.mark(asked)
    assert two.them.mark(asked).digest != two.them.mark(forged(two, params=f"created={CREATED - 1}")).digest


def test_an_expired_signature_is_refused_although_it_is_fresh() -> None:
    two = pair("http-signature", options={"lifetime_s": 10})
    asked = two.us.sign(request(), at=AT)
    two.them.verify(asked, at=AT + timedelta(seconds=10))
    assert refused(two, asked, at=AT + timedelta(seconds=11)) == "security.stale"


def test_a_header_that_the_rule_names_is_covered_where_it_stands() -> None:
    two = pair("http-signature", options={"headers": ["x-request"]})
    asked = two.us.sign(request(), at=AT)
    two.them.verify(asked, at=AT)
    refused(two, changed(asked, x_request="2"))
    refused(two, changed(asked, x_request=None))
    without = two.us.sign(request(headers={}), at=AT)
    two.them.verify(without, at=AT)
    refused(two, changed(without, x_request="2"))


def test_an_answer_that_leaves_its_request_open_is_refused() -> None:
    two = pair("http-signature")
    asked = two.them.sign(request(), at=AT)
    plain = changed(reply(), content_digest=digest(reply().content))
    open_answer = forged(two, '"@status" "content-digest" "content-type"', message=plain)
    with pytest.raises(TrustError):
        two.them.verify(open_answer, at=AT, answers=asked)
    pair("http-signature", bound=False).them.verify(open_answer, at=AT, answers=asked)


def test_what_is_signed_asks_for_an_answer_that_is_not_compressed() -> None:
    """The digest is of the body as it travels."""
    assert pair("http-signature").us.sign(request(), at=AT).headers["accept-encoding"] == "identity"


EXAMPLE = Message(
    method="POST",
    url="https://example.com/foo?param=Value&Pet=dog",
    headers={
        "host": "example.com",
        "date": "Tue, 20 Apr 2021 02:07:55 GMT",
        "content-type": "application/json",
        "content-digest": "sha-512=:"
        "WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
        "content-length": "18",
    },
    content=b'{"hello": "world"}',
)
ANSWER = Message(
    status=200,
    headers={
        "date": "Tue, 20 Apr 2021 02:07:56 GMT",
        "content-type": "application/json",
        "content-digest": "sha-512=:"
        "mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:",
        "content-length": "23",
    },
    content=b'{"message": "good dog"}',
)


def items(*names: str) -> list[tuple[str, dict[str, Any]]]:
    return [(name, {}) for name in names]


def test_the_published_example_with_ed25519_verifies() -> None:
    """RFC 9421, B.2.6."""
    key = load_der_public_key(base64.b64decode("MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="))
    params = {"created": 1618884473, "keyid": "test-key-ed25519"}
    covered = items("date", "@method", "@path", "@authority", "content-type", "content-length")
    base = signature_base(EXAMPLE, covered, params, answers=None)
    signature = base64.b64decode(
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    )
    verify_bytes(signature, base, key=key, algorithm=Algorithm.EDDSA)  # type: ignore[arg-type]  # an Ed25519PublicKey
    with pytest.raises(TrustError):
        verify_bytes(signature, base + b" ", key=key, algorithm=Algorithm.EDDSA)  # type: ignore[arg-type]  # as above


def test_the_published_answer_with_ecdsa_verifies() -> None:
    """RFC 9421, B.2.4."""
    key = load_der_public_key(
        base64.b64decode(
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lfw0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ=="
        )
    )
    params = {"created": 1618884473, "keyid": "test-key-ecc-p256"}
    covered = items("@status", "content-type", "content-digest", "content-length")
    base = signature_base(ANSWER, covered, params, answers=None)
    signature = base64.b64decode(
        "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw=="
    )
    verify_bytes(signature, base, key=key, algorithm=Algorithm.ES256)  # type: ignore[arg-type]  # an elliptic-curve key


def test_the_derived_components_are_those_of_the_rfc() -> None:
    """RFC 9421, 2.2, from its examples."""
    message = Message(method="POST", url="https://www.example.com/path?param=value")
    values = {
        "@method": "POST",
        "@target-uri": "https://www.example.com/path?param=value",
        "@authority": "www.example.com",
        "@scheme": "https",
        "@request-target": "/path?param=value",
        "@path": "/path",
        "@query": "?param=value",
    }
    base = signature_base(message, items(*values), {}, answers=None).decode()
    assert base.splitlines()[:-1] == [f'"{name}": {value}' for name, value in values.items()]
    bare = signature_base(Message(method="GET", url="http://a.example"), items("@path", "@query"), {}, answers=None)
    assert bare.decode().splitlines()[:2] == ['"@path": /', '"@query": ?']


def test_a_key_of_another_kind_is_refused() -> None:
    two = pair("http-signature")
    two.trust_in_us.keys = {"us-1": private_key("ed25519", "us").public_key()}
    refused(two, two.us.sign(request(), at=AT))
