"""Why a message verifies or does not: good ones, altered ones, those of another key, and what happens on the way."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from signing_parties import AT, Pair, changed, pair, reply, request, rule

from gateway.signing.explaining import Asked, Explains, Explanation, Holds, Topic, explain
from gateway.signing.protection import Message

WEB: list[tuple[str, dict[str, Any]]] = [
    ("jws", {}),
    ("jws", {"kind": "rsa2048", "options": {"encoded": True}}),
    ("jws", {"options": {"form": "compact"}}),
    ("jws", {"options": {"form": "flattened"}}),
    ("http-signature", {}),
    ("http-signature", {"kind": "ed25519", "options": {"tag": "lien-thong"}}),
    ("hmac", {}),
]
each = pytest.mark.parametrize(("scheme", "rest"), WEB)
BESIDE = [("jws", {}), ("http-signature", {}), ("hmac", {})]
"""Schemes whose signature stands beside the body."""


def told(two: Pair, scheme: str, message: Message, *, late_s: float = 0, **rest: Any) -> Explanation:
    settings = rule(scheme, **{name: value for name, value in rest.items() if name != "kind"})
    return explain(Asked(rule=settings, protection=two.them, message=message, at=AT + timedelta(seconds=late_s)))


def by_topic(found: Explanation) -> dict[Topic, Holds]:
    return {remark.topic: remark.holds for remark in found.remarks}


@each
def test_a_good_message_is_explained_as_good_throughout(scheme: str, rest: dict[str, Any]) -> None:
    two = pair(scheme, **rest)
    assert isinstance(two.them, Explains)
    found = told(two, scheme, two.us.sign(request(), at=AT), **rest)
    assert found.holds is Holds.YES
    assert Holds.NO not in by_topic(found).values()
    assert {Topic.FOUND, Topic.KEY, Topic.TIME, Topic.REPLAY} <= by_topic(found).keys()
    assert not two.trust_in_us.learned  # nobody was asked


@each
def test_one_that_was_altered_is_told_and_what_to_change(scheme: str, rest: dict[str, Any]) -> None:
    two = pair(scheme, **rest)
    signed = two.us.sign(request(), at=AT)
    other = two.us.sign(request(b'{"soDinhDanh":"099000000002"}'), at=AT)
    kept = "content-digest" in signed.headers or rest.get("options", {}).get("form") is None
    altered = replace(signed, content=other.content if kept else signed.content.replace(b"e", b"f", 1))
    found = told(two, scheme, altered, **rest)
    assert (found.holds, found.pitfall) == (Holds.NO, "")
    assert all(found.why)
    assert all(found.to_do)


@each
def test_one_of_another_key_is_told(scheme: str, rest: dict[str, Any]) -> None:
    two = pair(scheme, **rest)
    if scheme == "hmac":
        signed = changed(two.us.sign(request(), at=AT), x_key_id="secret-2")
    else:
        signed = two.them.sign(request(), at=AT)  # the partner's own key, which it does not believe
    found = told(two, scheme, signed, **rest)
    assert (found.holds, found.code) == (Holds.NO, "security.unknown_key")
    assert by_topic(found)[Topic.KEY] is Holds.NO


@each
def test_one_that_is_only_old_is_said_to_be_good_otherwise(scheme: str, rest: dict[str, Any]) -> None:
    two = pair(scheme, **rest)
    found = told(two, scheme, two.us.sign(request(), at=AT), late_s=3600, **rest)
    assert (found.holds, found.code) == (Holds.NO, "security.stale")
    assert "mọi thứ đều đúng" in found.remarks[-1].text[0]


@each
def test_one_that_is_old_and_altered_is_not_called_good(scheme: str, rest: dict[str, Any]) -> None:
    two = pair(scheme, **rest)
    altered = changed(two.us.sign(request(), at=AT), content_type="text/plain")
    altered = replace(altered, method="PUT", url="https://elsewhere.example/")
    found = told(two, scheme, altered, late_s=3600, **rest)
    assert found.holds is Holds.NO
    assert not any("mọi thứ đều đúng" in remark.text[0] for remark in found.remarks)


SAID = {"họTên": "Nguyễn Văn A", "số": [1, 2]}
COMPACT = json.dumps(SAID, ensure_ascii=False, separators=(",", ":")).encode()
WAYS: list[tuple[str, bytes, Callable[[bytes], bytes]]] = [
    ("line_ends_lf", b"<a>\n</a>\n", lambda content: content.replace(b"\n", b"\r\n")),
    ("line_ends_crlf", b"<a>\r\n</a>\r\n", lambda content: content.replace(b"\r\n", b"\n")),
    ("last_line_end", COMPACT, lambda content: content + b"\n"),
    ("last_line_end", COMPACT + b"\n", lambda content: content.strip()),
    ("edges", COMPACT, lambda content: b"  " + content),
    ("bom", COMPACT, lambda content: b"\xef\xbb\xbf" + content),
    ("bom", b"\xef\xbb\xbf" + COMPACT, lambda content: content.removeprefix(b"\xef\xbb\xbf")),
    ("json_compact", COMPACT, lambda content: json.dumps(json.loads(content), indent=1).encode()),
    ("json_spaced", json.dumps(SAID, ensure_ascii=False).encode(), lambda _: COMPACT),
    ("json_ascii", json.dumps(SAID, separators=(",", ":")).encode(), lambda _: COMPACT),
    ("unicode_nfd", unicodedata.normalize("NFD", "Nguyễn").encode(), lambda _: "Nguyễn".encode()),
]


@pytest.mark.parametrize(("scheme", "rest"), BESIDE)
@pytest.mark.parametrize(("name", "content", "change"), WAYS, ids=[f"{n}-{i}" for i, (n, *_) in enumerate(WAYS)])
def test_what_happened_to_the_bytes_on_the_way_is_found_out(
    scheme: str, rest: dict[str, Any], name: str, content: bytes, change: Callable[[bytes], bytes]
) -> None:
    two = pair(scheme, **rest)
    signed = two.us.sign(request(content), at=AT)
    altered = replace(signed, content=change(content))
    assert altered.content != content
    found = told(two, scheme, altered, late_s=3600, **rest)
    assert (found.holds, found.pitfall) == (Holds.NO, name)


def test_a_digest_is_shown_beside_what_the_body_makes() -> None:
    two = pair("http-signature")
    altered = replace(two.us.sign(request(), at=AT), content=b"{}")
    found = told(two, "http-signature", altered)
    (digest,) = [remark for remark in found.remarks if remark.topic is Topic.DIGEST]
    said, actual = (value for _, value in digest.facts)
    assert (digest.holds, said == actual) == (Holds.NO, False)


def test_of_a_shared_secret_nothing_is_shown_that_signs() -> None:
    two = pair("hmac")
    signed = two.us.sign(request(), at=AT)
    right = signed.headers["x-signature"]
    found = told(two, "hmac", changed(signed, x_signature="0" * 64))
    assert found.holds is Holds.NO
    assert right not in repr(found)
    assert "a made-up secret" not in repr(found)


def test_another_address_is_shown_beside_the_one_that_was_signed() -> None:
    two = pair("jws")
    found = told(two, "jws", replace(two.us.sign(request(), at=AT), url="https://elsewhere.example/"))
    assert (found.code, by_topic(found)[Topic.BINDING]) == ("security.unbound", Holds.NO)


def test_a_reply_wants_its_request() -> None:
    two = pair("jws")
    asked = two.us.sign(request(), at=AT)
    answered = two.them.sign(reply(), at=AT, answers=asked)
    settings = rule("jws")
    alone = explain(Asked(rule=settings, protection=two.us, message=answered, at=AT))
    assert by_topic(alone)[Topic.BINDING] is Holds.UNKNOWN
    assert alone.holds is Holds.NO
    both = explain(Asked(rule=settings, protection=two.us, message=answered, at=AT, answers=asked))
    assert both.holds is Holds.YES


def test_what_is_encrypted_is_not_opened() -> None:
    two = pair("jwe", kind="rsa2048", options={"recipient": "them-1"})
    hidden = two.us.sign(request(), at=AT)
    found = told(two, "jwe", hidden, options={"recipient": "them-1"})
    assert (found.holds, by_topic(found)) == (Holds.UNKNOWN, {Topic.FOUND: Holds.YES})


@pytest.mark.parametrize("content", [b"", b"<", b"\xff" * 300, b"a.b.c", b"[" * 100_000])
@pytest.mark.parametrize("scheme", ["jws", "http-signature", "hmac"])
def test_whatever_is_pasted_is_explained(scheme: str, content: bytes) -> None:
    found = told(pair(scheme), scheme, Message(content=content, method="POST", url="https://partner.example/"))
    assert found.holds is Holds.NO
    assert found.why[0]
