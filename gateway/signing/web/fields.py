"""HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530): method, address, content type and body of a
request, status and body of a reply, and of which request it is the reply."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography import x509

from gateway.sdk.errors import TrustError
from gateway.signing.algorithms import Algorithm
from gateway.signing.explaining import Remark, of_kid, of_replay, of_time
from gateway.signing.model import Keys, PublicKey, Trust
from gateway.signing.protection import Mark, Message, with_headers
from gateway.signing.settings import ProtectionSettings
from gateway.signing.web import seen, target
from gateway.signing.web.components import (
    Item,
    Signed,
    content_digest,
    dictionary,
    require_content_digest,
    signature_base,
    written,
)
from gateway.signing.web.options import HttpSignatureOptions, read
from gateway.signing.web.raw import chosen, fits, forgotten_at, instant, refused, require_fresh, verify_bytes

_NAMES = {
    Algorithm.RS256: "rsa-v1_5-sha256",
    Algorithm.ES256: "ecdsa-p256-sha256",
    Algorithm.ES384: "ecdsa-p384-sha384",
    Algorithm.EDDSA: "ed25519",
}
"""RFC 9421, 6.2.2."""
_TARGETS = {
    "uri": ("@target-uri",),
    "authority": ("@authority", "@path", "@query"),
    "path": ("@path", "@query"),
}
_PARAMS = {"created": int, "expires": int, "nonce": str, "keyid": str, "alg": str, "tag": str}


class HttpSignatureProtection:
    """Chữ ký bản tin HTTP. Implements `Protection`."""

    def __init__(self, keys: Keys, trust: Trust, rule: ProtectionSettings) -> None:
        self._keys = keys
        self._trust = trust
        self._rule = rule
        self._options = read(rule, HttpSignatureOptions)

    def sign(self, message: Message, *, at: datetime, answers: Message | None = None) -> Message:
        target.require_signable(message)
        key, options = self._keys.signing(at), self._options
        algorithm = chosen(key, options.algorithm, allowed=_NAMES)
        # A digest is of the body as it travels: it must not be compressed between us and whoever verifies.
        plain = {} if message.status else {"accept-encoding": "identity"}
        message = with_headers(message, {**plain, "content-digest": content_digest(message.content)})
        components = self._required(message, answers=answers)
        params: dict[str, Any] = {
            "created": int(at.timestamp()),
            "expires": int(at.timestamp() + options.lifetime_s),
            "nonce": secrets.token_urlsafe(18),
            "keyid": key.kid,
            "alg": _NAMES[algorithm],
        } | ({"tag": options.tag} if options.tag else {})
        base = signature_base(message, components, params, answers=answers)
        signature = key.sign(base, algorithm=algorithm)
        return with_headers(
            message,
            {
                "signature-input": written({options.label: (components, params)}),
                "signature": written({options.label: (signature, {})}),
            },
        )

    def verify(self, message: Message, *, at: datetime, answers: Message | None = None) -> None:
        target.require_clean(message)
        signed = self._signed(message)
        self._require_coverage(signed, self._required(message, answers=answers))
        key = self._key(signed.params, at=at)
        verify_bytes(
            signed.signature,
            signed.base(message, answers=answers),
            key=key,
            algorithm=self._algorithm(signed.params, key),
        )
        require_content_digest(message)
        self._require_time(signed.params, at=at)
        if not message.status and not signed.params.get("nonce") and not self._options.unsafe_no_nonce:
            raise refused("The request holds no nonce.", vi="Yêu cầu không có mã dùng một lần", what="stale")

    def explain(self, message: Message, *, at: datetime, answers: Message | None = None) -> Iterator[Remark]:
        """Implements `Explains`."""
        signed = self._signed(message)
        params, kid = signed.params, signed.params.get("keyid") or self._options.default_kid
        yield seen.http_signature(signed.label, [str(name) for name, _ in signed.components], params)
        yield of_kid(kid, trust=self._trust, at=at)
        yield seen.content_digest(message)
        missing = [
            name
            for name, rest in self._required(message, answers=answers)
            if (name, rest) not in [(str(one), dict(more)) for one, more in signed.components]
        ]
        yield seen.coverage(missing)
        yield of_time(instant(params.get("created")), at=at, fresh_s=self._rule.fresh_s)
        if not message.status:
            yield of_replay(bool(params.get("nonce")))
        yield seen.base(signed.base(message, answers=answers))

    def reveal(self, message: Message) -> Message:
        return message

    def mark(self, message: Message) -> Mark:
        """By key and nonce; without one by what was signed, never by the signature."""
        signed = self._signed(message)
        params = signed.params
        if nonce := params.get("nonce"):
            what = written([(params.get("keyid", ""), {}), (nonce, {})]).encode()
        else:
            what = signed.base(message, answers=None)
        until = forgotten_at(instant(params.get("created")), self._rule.fresh_s)
        return Mark(digest=hashlib.sha256(b"http-signature\n" + what).digest(), until=until)

    def unsafe_certificates(self, message: Message) -> Sequence[x509.Certificate]:  # noqa: ARG002 - it brings none
        return ()

    def _required(self, message: Message, *, answers: Message | None) -> list[Item]:
        """What must be covered, of ours and of theirs."""
        fields: list[Item] = [
            (name, {}) for name in ("content-type", *self._options.headers) if name in message.headers
        ]
        if not message.status:
            where = _TARGETS[self._options.target]
            return [("@method", {}), *((name, {}) for name in where), ("content-digest", {}), *fields]
        bound: list[Item] = []
        if self._rule.bound:
            label = self._signed(target.require_request(answers)).label
            bound.append(("signature", {"req": True, "key": label}))
        return [("@status", {}), ("content-digest", {}), *fields, *bound]

    def _signed(self, message: Message) -> Signed:
        """The one signature that counts. Others, of platforms in between, are not looked at."""
        inputs, signatures = dictionary(message, "signature-input"), dictionary(message, "signature")
        labels = [label for label, member in inputs.items() if self._counts(label, member)]
        if len(labels) != 1 or labels[0] not in signatures:
            raise refused("There is no signature, or not one.", vi="Không có chữ ký số hợp lệ")
        [label] = labels
        (components, params), (signature, _) = inputs[label], signatures[label]
        sound = isinstance(components, list) and isinstance(signature, bytes) and _are_sound(params)
        if not sound:
            raise _malformed()
        return Signed(label=label, components=components, params=params, signature=signature)

    def _counts(self, label: str, member: Any) -> bool:
        return member[1].get("tag") == self._options.tag if self._options.tag else label == self._options.label

    def _require_coverage(self, signed: Signed, required: Sequence[Item]) -> None:
        covered = [(str(name), dict(params)) for name, params in signed.components]
        if not all(item in covered for item in required):
            raise refused("The signature leaves something open.", vi="Chữ ký không bao trùm đủ nội dung")

    def _key(self, params: Mapping[str, Any], *, at: datetime) -> PublicKey:
        kid = params.get("keyid") or self._options.default_kid
        if not kid:
            raise refused("The message names no key.", vi="Bản tin không nêu khoá đã ký", what="unknown_key")
        return self._trust.public_key(kid, at=at)

    def _algorithm(self, params: Mapping[str, Any], key: PublicKey) -> Algorithm:
        """The key's own; `alg` may only say the same."""
        algorithm = next((one for one in _NAMES if one in self._options.accepted and fits(key, one)), None)
        if algorithm is None or params.get("alg", _NAMES[algorithm]) != _NAMES[algorithm]:
            raise refused("The algorithm does not fit the key.", vi="Thuật toán không hợp với khoá", what="algorithm")
        return algorithm

    def _require_time(self, params: Mapping[str, Any], *, at: datetime) -> None:
        require_fresh(instant(params.get("created")), at=at, fresh_s=self._rule.fresh_s)
        if "expires" in params and instant(params["expires"]) < at:
            raise refused("The signature has expired.", vi="Chữ ký đã hết hiệu lực", what="stale")


def _are_sound(params: Mapping[str, Any]) -> bool:
    return all(type(value) is _PARAMS.get(name) for name, value in params.items())


def _malformed() -> TrustError:
    return refused("The signature is malformed.", vi="Chữ ký số sai định dạng")
