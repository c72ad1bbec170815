"""A pasted signature explained by a rule, or by a key that is shown; nothing of it is kept."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import signing_parties
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from diagnostics_house import Bench, Net
from echo import Echo
from services import CONTEXT, ListedRecorder
from signing_parties import AT, THEIRS, Believing, MemoryKey, pair, private_key, request
from xml_signers import holder, soap, trust_in
from xml_signers import rule as xml_rule

from gateway.diagnostics.pasted import Pasted, read_message
from gateway.diagnostics.signatures import Signatures
from gateway.exchange.safeguards import Layer, Safeguards
from gateway.mapping.engine import Mappings
from gateway.sdk import NotFoundError
from gateway.sdk.errors import UnprocessableError
from gateway.signing.explaining import Holds, Topic
from gateway.signing.protection import Message
from gateway.signing.xml import WssX509

HMAC = "echo|inbound|"


class Counting:
    """Implements `Digester`."""

    def digest(self, secret: bytes, *, purpose: str) -> bytes:
        return bytes([len(secret) % 256]) * 32


class Desk:
    """The page's service over one system, whose calls are protected by these layers."""

    def __init__(self, mappings: Mappings, *layers: Layer, at: Any = AT) -> None:
        self.recorder = ListedRecorder()
        system = replace(Bench(mappings, Net(), connector=Echo).system, safeguards=Safeguards(layers))
        self.service = Signatures({"echo": system}, recorder=self.recorder, digester=Counting(), clock=lambda: at)

    async def told(self, text: str, choice: str = "", *, key: str = "", asked: str = "", **rest: Any) -> Any:
        other = Pasted(text=asked) if asked else None
        said = Pasted(text=text, **rest)
        return await self.service.explain(said, choice=choice, asked=other, key=key, context=CONTEXT)


def layer(scheme: str, **rest: Any) -> tuple[Layer, Any]:
    """A rule of ours, and the partner who signs for it."""
    two = pair(scheme, **rest)
    rule = signing_parties.rule(scheme, **{name: value for name, value in rest.items() if name != "kind"})
    return Layer(rule=rule, protection=two.us, trust=two.trust_in_them), two.them


def written(message: Message) -> str:
    head = [f"{message.method} /v1/citizens?lang=vi HTTP/1.1", "Host: partner.example"]
    head += [f"{name}: {value}" for name, value in message.headers.items()]
    return "\r\n".join([*head, "", message.content.decode()])


def public(key: MemoryKey) -> str:
    return key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize("scheme", ["jws", "http-signature", "hmac"])
async def test_a_request_as_a_browser_pastes_it_is_held_against_its_rule(mappings: Mappings, scheme: str) -> None:
    ours, partner = layer(scheme)
    desk = Desk(mappings, ours)
    text = written(partner.sign(request(), at=AT))
    (told,) = await desk.told(text, HMAC)
    assert (told.scheme, told.explanation.holds) == (scheme, Holds.YES)
    (wrong,) = await desk.told(text.replace("099000000001", "099000000002"), HMAC)
    assert wrong.explanation.holds is Holds.NO


async def test_the_leaf_has_a_keyed_digest_and_nothing_that_was_pasted(mappings: Mappings) -> None:
    ours, partner = layer("jws")
    desk = Desk(mappings, ours)
    await desk.told(written(partner.sign(request(), at=AT)), HMAC)
    (leaf,) = desk.recorder.entries
    assert (leaf.operation, leaf.actor, leaf.system) == ("explain_signature", "motcua", "echo")
    assert leaf.facts.keys() == {"digest", "schemes", "holds"}
    assert not leaf.bodies
    assert not leaf.subjects
    assert "099000000001" not in repr(leaf)


async def test_each_rule_is_a_choice_and_others_are_none(mappings: Mappings) -> None:
    first, _ = layer("jws", operations=["look"])
    second, _ = layer("hmac", direction="inbound", operations=["notice/paid"])
    desk = Desk(mappings, first, second)
    keys = {choice.key for choice in desk.service.choices()}
    assert keys == {"echo|inbound|look", "echo|reply|look", "echo|inbound|notice/paid"}
    with pytest.raises(NotFoundError):
        await desk.told("x", "echo|inbound|")
    with pytest.raises(NotFoundError):
        await desk.told("x", "nowhere|inbound|look")


async def test_a_layer_inside_is_explained_once_the_outer_one_holds(mappings: Mappings) -> None:
    inner, partner = layer("jws")
    outer, around = layer("hmac")
    desk = Desk(mappings, inner, outer)
    text = written(around.sign(partner.sign(request(), at=AT), at=AT))
    assert [told.scheme for told in await desk.told(text, HMAC)] == ["hmac", "jws"]
    assert [told.scheme for told in await desk.told(text + " ", HMAC)] == ["hmac"]


async def test_line_ends_that_a_browser_changes_are_unclear_and_nobodys_fault(mappings: Mappings) -> None:
    ours, partner = layer("jws")
    desk = Desk(mappings, ours)
    signed = partner.sign(request(b"<a>\r\n</a>"), at=AT)
    (told,) = await desk.told(written(signed), HMAC)
    assert (told.explanation.holds, told.explanation.pitfall) == (Holds.UNKNOWN, "line_ends_crlf")
    exact = base64.b64encode(written(signed).encode()).decode()
    (told,) = await desk.told(exact, HMAC, is_base64=True)
    assert told.explanation.holds is Holds.YES


async def test_a_soap_message_is_held_against_the_certificate_that_is_shown(mappings: Mappings) -> None:
    signer = holder("doi-tac")
    from xml_signers import AT as XML_AT

    signed = WssX509(signer, trust_in(holder("tinh")), xml_rule()).sign(soap(), at=XML_AT)
    desk = Desk(mappings, at=XML_AT + timedelta(seconds=60))
    pem = signer.own.public_bytes(Encoding.PEM).decode()
    (told,) = await desk.told(signed.content.decode(), key=pem)
    assert (told.scheme, told.explanation.holds) == ("wsse-x509", Holds.YES)
    (told,) = await desk.told(signed.content.decode(), key=holder("ke-la").own.public_bytes(Encoding.PEM).decode())
    assert (told.explanation.holds, told.explanation.code) == (Holds.NO, "security.unknown_key")
    (told,) = await desk.told(signed.content.decode())
    assert told.explanation.holds is Holds.NO
    proofs = [remark.holds for remark in told.explanation.remarks if remark.topic is Topic.CONTENT]
    assert proofs == [Holds.YES]  # by its own certificate it is whole, whoever that is


@pytest.mark.parametrize("form", ["compact", "flattened", "detached"])
async def test_a_jws_is_held_against_the_public_key_that_is_shown(mappings: Mappings, form: str) -> None:
    two = pair("jws", options={"form": form})
    signed = two.them.sign(request(), at=AT)
    text = written(signed) if form == "detached" else signed.content.decode()
    (told,) = await Desk(mappings).told(text, key=public(two.their_key), url=request().url)
    assert (told.scheme, told.explanation.holds) == ("jws", Holds.YES), told
    if form != "detached":
        (told,) = await Desk(mappings).told(text, key=public(two.their_key))
        assert told.explanation.holds is Holds.UNKNOWN  # it names an address, and none was pasted
    (told,) = await Desk(mappings).told(text, key=public(MemoryKey("x", private_key("p256", "somebody"))))
    assert told.explanation.holds is Holds.NO


async def test_a_secret_is_never_typed_in(mappings: Mappings) -> None:
    two = pair("hmac")
    (told,) = await Desk(mappings).told(written(two.them.sign(request(), at=AT)))
    assert told.explanation.holds is Holds.NO
    assert "khoá bí mật" in told.explanation.why[0]


@pytest.mark.parametrize(("text", "code"), [("xin chào", "no_signature"), ("", "no_signature"), ("{}", "no_signature")])
async def test_what_is_no_signature_is_said_to_be_none(mappings: Mappings, text: str, code: str) -> None:
    desk = Desk(mappings)
    with pytest.raises(UnprocessableError) as caught:
        await desk.told(text)
    assert caught.value.error_code == f"caller.{code}"
    assert not desk.recorder.entries


async def test_a_private_key_is_refused(mappings: Mappings) -> None:
    key = MemoryKey("x", private_key("p256", "somebody")).private
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    for shown, code in ((pem, "private_key"), ("nonsense", "public_key")):
        with pytest.raises(UnprocessableError) as caught:
            await Desk(mappings).told("a.b.c", key=shown)
        assert caught.value.error_code == f"caller.{code}"


async def test_nobody_is_asked_about_revocation(mappings: Mappings) -> None:
    ours, partner = layer("jws")
    trust = ours.trust
    assert isinstance(trust, Believing)
    await Desk(mappings, ours).told(written(partner.sign(request(), at=AT)), HMAC)
    assert not trust.learned
    assert ours.rule.trust == THEIRS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a/>\r\n", Message(content=b"<a/>\n", method="POST")),
        ("X-A: 1\n\nbody", Message(headers={"x-a": "1"}, content=b"body", method="POST")),
        ("GET /a HTTP/1.1\nHost: h\n", Message(headers={"host": "h"}, method="GET", url="https://h/a")),
        ("HTTP/1.1 404 Not Found\nA: 1\nA: 2\n\nx", Message(headers={"a": "1, 2"}, content=b"x", status=404)),
        ('{"a": "b: c"}\n\nx', Message(content=b'{"a": "b: c"}\n\nx', method="POST")),
        ("plain text\n\nmore", Message(content=b"plain text\n\nmore", method="POST")),
    ],
)
def test_what_is_pasted_is_taken_apart(text: str, expected: Message) -> None:
    assert read_message(Pasted(text=text)) == expected


def test_base64_that_is_none_is_refused() -> None:
    with pytest.raises(UnprocessableError):
        read_message(Pasted(text="!!", is_base64=True))
