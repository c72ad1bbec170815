"""WS-Security with X.509 tokens (OASIS WSS 1.1.1): Timestamp and Body of a SOAP message, signed.

Signed by template; a tree is built the general way where a template does not fit, or does not hold: what each key
signs first is held against libxmlsec. What is proven of what comes is `soap`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import structlog

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.explaining import Remark, of_certificate, of_replay, of_time
from gateway.signing.model import Keys, SigningKey, Trust
from gateway.signing.protection import Message, OpensOnce, with_headers
from gateway.signing.settings import ProtectionSettings
from gateway.signing.xml import seen
from gateway.signing.xml.envelope import Envelope, filled, has_empty_header, own_envelope, own_security
from gateway.signing.xml.names import CONFIRMATION, ID_NAMES, wsu
from gateway.signing.xml.options import WssOptions, expanded, read_options
from gateway.signing.xml.outline import Outline, body_at, outline_of
from gateway.signing.xml.shapes import Shapes
from gateway.signing.xml.soap import OpenedSoap, Reading, is_sound, value_of
from gateway.signing.xml.template import PLAIN_ID, Template
from gateway.signing.xml.times import add_timestamp, read_created
from gateway.signing.xml.tokens import add_token, add_token_reference, own_certificate, read_token
from gateway.signing.xml.tree import Element, canonical, child, written
from gateway.signing.xml.writing import Part, complete, fresh_id, new_signature

MOST_OUTLINES = 64
"""Envelopes come from code and contracts, so there are a few; more would be a mistake."""
log = structlog.get_logger()


class _Said(NamedTuple):
    """A message of ours to be signed. `confirms`: the SignatureValue of the request that it answers."""

    content: bytes
    key: SigningKey
    at: datetime
    confirms: str | None


class WssX509(OpensOnce):
    """Chữ ký số trên bản tin SOAP: implements `Protection`."""

    def __init__(self, keys: Keys, trust: Trust, rule: ProtectionSettings) -> None:
        options = read_options(WssOptions, rule.options, scheme=rule.scheme)
        self._keys, self._trust, self._rule = keys, trust, rule
        self._headers = tuple(expanded(name) for name in options.headers)
        self._reading = Reading(trust=trust, rule=rule, headers=self._headers, shapes=Shapes())
        self._is_path = options.token == "X509PKIPathv1"  # noqa: S105 - a type of token
        self._templates: dict[str, Template] = {}
        """By the kid of our key."""
        self._outlines: dict[bytes, Outline] = {}
        """By all that stands before what the Body holds."""
        self._holds: dict[tuple[object, ...], bool] = {}
        """Whether what was signed so for the first time was as libxmlsec has it."""

    def sign(self, message: Message, *, at: datetime, answers: Message | None = None) -> Message:
        key = self._keys.signing(at)
        own_certificate(key)
        try:
            confirms = value_of(answers) if answers is not None else None
            said = _Said(message.content, key, at, confirms)
            content = self._by_outline(said) or self._by_template(said)
            if content is None:
                envelope = own_envelope(message.content)
                self._fill(envelope, key, at=at, confirms=confirms)
                content = written(envelope.root)
        except TrustError as exc:
            raise ConfigurationError(
                "Only a SOAP envelope can be signed by wsse-x509.",
                vi="wsse-x509 chỉ ký được phong bì SOAP.",
                what="not_signable",
            ) from exc
        return with_headers(message, {}, content=content)

    def opened(self, message: Message) -> OpenedSoap:
        return OpenedSoap(message, self._reading)

    def explain(self, message: Message, *, at: datetime, answers: Message | None = None) -> Iterator[Remark]:
        """Implements `Explains`."""
        opened = self.opened(message)
        secured = opened.secured
        yield seen.found(secured.signature, ("chữ ký WS-Security (X.509)", "a WS-Security signature (X.509)"))
        signer = read_token(secured.token, key_info=secured.signature.key_info)
        yield of_certificate(signer.certificate, signer.chain, trust=self._trust, at=at)
        yield from seen.digests(secured.signature)
        yield seen.proof(secured.signature, signer.certificate)
        yield of_time(read_created(secured.timestamp), at=at, fresh_s=self._rule.fresh_s)
        opened.check_signed()
        opened.check_binding(answers)
        yield of_replay(mark=False)

    def _by_outline(self, said: _Said) -> bytes | None:
        """None: this message has no outline that is known."""
        at = body_at(said.content)
        outline, name = self._outlines.get(said.content[:at]), fresh_id("ID")
        form = outline.form(said.content, at=at, name=name) if outline else None
        if outline is None or form is None:
            return None
        return self._filled(said, [(name, form)], use=said.content[:at], into=lambda made: outline.filled(made, form))

    def _by_template(self, said: _Said) -> bytes | None:
        """None: the general way it is."""
        envelope = own_envelope(said.content)
        is_usual = has_empty_header(envelope) and not envelope.body.attrib
        parts = [(_id_of(part), part) for part in self._outside(envelope)]
        if not all(PLAIN_ID.fullmatch(name) for name, _ in parts):
            return None
        forms = [(name, canonical(part)) for name, part in parts]
        content = self._filled(
            said,
            forms,
            use=(envelope.namespace, len(parts)),
            into=lambda made: filled(envelope, made, original=said.content, body=forms[0][1]),
        )
        if content and is_usual and len(self._outlines) < MOST_OUTLINES:
            outline = outline_of(said.content, envelope.namespace, name=forms[0][0], form=forms[0][1])
            if outline:
                self._outlines[said.content[: body_at(said.content)]] = outline
        return content

    def _filled(
        self, said: _Said, forms: Sequence[tuple[str, bytes]], *, use: object, into: Callable[[bytes], bytes]
    ) -> bytes | None:
        """With `forms` signed. `into`: what puts our header into the message; `use`: what messages have in common of
        which the first is held against the library. None: that one did not hold."""
        key = said.key
        used = (key.kid, said.confirms is not None, use)
        if self._holds.get(used) is False:
            return None
        template = self._templates.get(key.kid)
        if template is None or template.key is not key:
            template = self._templates[key.kid] = Template.of(key, path=self._is_path)
        made = template.fill(forms, at=said.at, fresh_s=self._rule.fresh_s, confirms=said.confirms)
        content = into(made.content)
        if used not in self._holds:
            self._holds[used] = is_sound(content, made, own_certificate(key))
            if not self._holds[used]:
                log.warning("signature_template_differs", scheme=self._rule.scheme)
                return None
        return content

    def _outside(self, envelope: Envelope) -> list[Element]:
        """What is signed outside of the Security header."""
        return [envelope.body, *(part for name in self._headers for part in envelope.headers(name))]

    def _fill(self, envelope: Envelope, key: SigningKey, *, at: datetime, confirms: str | None) -> None:
        security, token = own_security(envelope), fresh_id("X509")
        add_token(security, key, path=self._is_path, id=token)
        parts = [add_timestamp(security, at=at, fresh_s=self._rule.fresh_s, id=fresh_id("TS"))]
        if confirms is not None:
            parts.append(child(security, CONFIRMATION, Value=confirms))
        parts += self._outside(envelope)
        named = [Part(element=part, id=_id_of(part)) for part in parts]
        signature = new_signature()
        add_token_reference(signature, token=token, path=self._is_path)
        complete(signature, named, key=key)
        security.append(signature)


def _id_of(element: Element) -> str:
    """Its Id, or a fresh one."""
    for name in ID_NAMES:
        if element.get(name):
            return element.get(name, "")
    element.set(wsu("Id"), fresh_id("ID"))
    return element.get(wsu("Id"), "")
