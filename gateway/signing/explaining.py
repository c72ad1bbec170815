"""Why a message verifies, or does not: what was found in it, remark by remark, and one sentence at the end.

Beside `verify`, never instead of it: the verdict is what `verify` says. Nothing is marked as seen, nobody is asked
about revocation, no private key is used, and of a shared secret nothing is shown, nor what it would make.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from cryptography import x509

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.advice import advice_of
from gateway.signing.certificates import name_of
from gateway.signing.model import PublicKey, Trust
from gateway.signing.pitfalls import Pitfall, otherwise
from gateway.signing.protection import Message, Protection
from gateway.signing.settings import ProtectionSettings

Both = tuple[str, str]
"""Vietnamese, English."""


class Holds(StrEnum):
    """Of one remark, or of the whole."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    FACT = "fact"
    """Neither: it is only told."""


class Topic(StrEnum):
    """What a remark is about, in the order in which people look."""

    FOUND = "found"
    ALGORITHM = "algorithm"
    KEY = "key"
    CERTIFICATE = "certificate"
    DIGEST = "digest"
    COVERAGE = "coverage"
    CONTENT = "content"
    TIME = "time"
    BINDING = "binding"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing that was seen. `facts`: label and value, for the technician."""

    topic: Topic
    holds: Holds
    text: Both
    facts: tuple[tuple[Both, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Of one message. `why`: the one sentence; `to_do`: what the sender should change; `code`: of `verify`'s error;
    `pitfall`: the name of the change on the way that made the difference."""

    holds: Holds
    remarks: tuple[Remark, ...]
    why: Both
    to_do: Both = ("", "")
    code: str = ""
    pitfall: str = ""


@runtime_checkable
class Explains(Protocol):
    """A `Protection` that can say what it sees. Told step by step, so that what comes before a `TrustError` is told."""

    def explain(self, message: Message, *, at: datetime, answers: Message | None = None) -> Iterator[Remark]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A message and what it is held against."""

    rule: ProtectionSettings
    protection: Protection
    message: Message
    at: datetime
    answers: Message | None = None

    def verdict(self, message: Message | None = None, *, at: datetime | None = None) -> TrustError | None:
        try:
            self.protection.verify(message or self.message, at=at or self.at, answers=self.answers)
        except TrustError as exc:
            return exc
        return None


HIDES = "jwe"


def explain(asked: Asked) -> Explanation:
    """Of one layer. `ConfigurationError`: the rule cannot be used."""
    remarks = list(_remarks(asked))
    if asked.rule.scheme == HIDES:
        hidden = (
            "Bản tin được mã hoá; trang này không dùng khoá riêng nên không mở.",
            "The message is encrypted; no private key is used here, so it is not opened.",
        )
        return Explanation(holds=Holds.UNKNOWN, remarks=tuple(remarks), why=hidden)
    refused = asked.verdict()
    if refused is None:
        good = (
            "Chữ ký đúng: bên ký, nội dung và thời điểm đều khớp quy tắc.",
            "It verifies: signer, content and time.",
        )
        return Explanation(holds=Holds.YES, remarks=tuple(remarks), why=good)
    return _refused(asked, refused, remarks)


def _refused(asked: Asked, refused: TrustError, remarks: list[Remark]) -> Explanation:
    """What is wrong beside the time is told first: whoever pastes a message does it too late anyway."""
    if refused.error_code == "security.stale" and (made := _made(asked)) is not None:
        deeper = asked.verdict(at=made)
        if deeper is None:
            remarks.append(_only_late(asked, made))
        refused = deeper or refused
    code, why = refused.error_code, (refused.detail_vi, refused.detail)
    if pitfall := _pitfall(asked, refused):
        remarks.append(Remark(topic=Topic.CONTENT, holds=Holds.NO, text=pitfall.found))
        return Explanation(
            holds=Holds.NO,
            remarks=tuple(remarks),
            why=pitfall.found,
            to_do=pitfall.to_do,
            code=code,
            pitfall=pitfall.name,
        )
    holds = Holds.UNKNOWN if code == "security.revocation_unknown" else Holds.NO
    return Explanation(holds=holds, remarks=tuple(remarks), why=why, to_do=advice_of(code), code=code)


def _remarks(asked: Asked) -> Iterator[Remark]:
    if not isinstance(asked.protection, Explains):
        return
    try:
        yield from asked.protection.explain(asked.message, at=asked.at, answers=asked.answers)
    except TrustError as exc:
        yield Remark(topic=Topic.FOUND, holds=Holds.NO, text=(exc.detail_vi, exc.detail))


def _made(asked: Asked) -> datetime | None:
    """When the message says it was made, if `mark` can read it."""
    try:
        return asked.protection.mark(asked.message).until - timedelta(seconds=asked.rule.fresh_s)
    except (TrustError, ConfigurationError, OverflowError):
        return None


def _only_late(asked: Asked, made: datetime) -> Remark:
    return Remark(
        topic=Topic.TIME,
        holds=Holds.NO,
        text=(
            "Ngoài thời điểm, mọi thứ đều đúng: khi mới ký, bản tin này được chấp nhận.",
            "Beside its time everything holds: when it was fresh, this message verified.",
        ),
        facts=((("Ký lúc", "Signed at"), made.isoformat()), (("Xét lúc", "Judged at"), asked.at.isoformat())),
    )


def _pitfall(asked: Asked, refused: TrustError) -> Pitfall | None:
    """The change on the way that makes all the difference: the signature holds once it is undone. Of a web scheme it
    holds already where only what is looked at after it is wrong."""
    if refused.error_code not in {"security.signature", "security.not_trusted"}:
        return None
    later = {"security.stale", "security.unbound"} if refused.error_code == "security.signature" else set[str]()
    at = _made(asked) or asked.at
    for pitfall, content in otherwise(asked.message.content):
        verdict = asked.verdict(replace(asked.message, content=content), at=at)
        if verdict is None or verdict.error_code in later:
            return pitfall
    return None


def of_certificate(
    certificate: x509.Certificate, chain: Sequence[x509.Certificate], *, trust: Trust, at: datetime
) -> Remark:
    """Who signed, and whether this trust believes them; nobody is asked."""
    facts = (
        (("Chủ thể", "Subject"), name_of(certificate)),
        (("Bên cấp", "Issuer"), certificate.issuer.rfc4514_string()),
        (("Hiệu lực từ", "Valid from"), certificate.not_valid_before_utc.isoformat()),
        (("Hiệu lực đến", "Valid until"), certificate.not_valid_after_utc.isoformat()),
        (("Số sê-ri", "Serial"), f"{certificate.serial_number:x}"),
        (("Số chứng thư kèm theo", "Certificates beside it"), str(len(chain))),
    )
    try:
        trust.check(certificate, chain, at=at)
    except TrustError as exc:
        unclear = exc.error_code == "security.revocation_unknown"
        said = (exc.detail_vi, exc.detail)
        return Remark(topic=Topic.CERTIFICATE, holds=Holds.UNKNOWN if unclear else Holds.NO, text=said, facts=facts)
    good = ("Chứng thư số được nơi tin cậy này chấp nhận.", "This trust believes the certificate.")
    return Remark(topic=Topic.CERTIFICATE, holds=Holds.YES, text=good, facts=facts)


def of_kid(kid: object, *, trust: Trust, at: datetime) -> Remark:
    """A key that a message names and does not bring."""
    facts = ((("Mã khoá (kid)", "Key id"), str(kid)[:200]),)
    if not isinstance(kid, str) or not kid:
        nameless = ("Bản tin không nêu khoá đã ký.", "The message names no key.")
        return Remark(topic=Topic.KEY, holds=Holds.NO, text=nameless)
    try:
        key = trust.public_key(kid, at=at)
    except TrustError as exc:
        return Remark(topic=Topic.KEY, holds=Holds.NO, text=(exc.detail_vi, exc.detail), facts=facts)
    known = ("Khoá này có trong nơi tin cậy.", "This trust holds the key.")
    kind = ((("Loại khoá", "Kind"), kind_of(key)),)
    return Remark(topic=Topic.KEY, holds=Holds.YES, text=known, facts=facts + kind)


def kind_of(key: PublicKey) -> str:
    size = getattr(key, "key_size", 256)
    return f"{type(key).__name__.removesuffix('PublicKey').strip('_')} {size}"


def of_time(made: datetime, *, at: datetime, fresh_s: float) -> Remark:
    """How old it is; positive is old."""
    age_s = round((at - made).total_seconds())
    facts = (
        (("Ký lúc", "Signed at"), made.isoformat()),
        (("Xét lúc", "Judged at"), at.isoformat()),
        (("Tuổi (giây)", "Age (seconds)"), str(age_s)),
        (("Cho phép (giây)", "Allowed (seconds)"), str(round(fresh_s))),
    )
    if abs(age_s) <= fresh_s:
        fresh = ("Thời điểm ký nằm trong khoảng cho phép.", "It was signed within the allowed time.")
        return Remark(topic=Topic.TIME, holds=Holds.YES, text=fresh, facts=facts)
    late = (
        "Bản tin quá cũ hoặc đồng hồ bên gửi sai. (Bản tin dán lại sau vài phút luôn quá cũ.)",
        "It is too old, or the sender's clock is wrong. (Pasted minutes later it always is.)",
    )
    return Remark(topic=Topic.TIME, holds=Holds.NO, text=late, facts=facts)


def of_replay(mark: bool) -> Remark:
    """What would keep it from being taken twice; here it is not marked."""
    text = (
        "Có mã dùng một lần; khi nhận thật, bản tin thứ hai giống hệt bị từ chối. Ở đây không đánh dấu gì."
        if mark
        else "Không có mã dùng một lần: nhận ra trùng lặp bằng chính nội dung đã ký. Ở đây không đánh dấu gì.",
        "It has a nonce; a second one is refused when it is received. Nothing is marked here."
        if mark
        else "It has no nonce: what was signed marks it. Nothing is marked here.",
    )
    return Remark(topic=Topic.REPLAY, holds=Holds.FACT, text=text)


def compared(topic: Topic, said: str, actual: str, *, what: Both) -> Remark:
    """What a message says of itself beside what is so."""
    is_same = said == actual
    text = (f"{what[0]}: {'khớp' if is_same else 'không khớp'}.", f"{what[1]}: {'matches' if is_same else 'differs'}.")
    facts = ((("Bản tin ghi", "It says"), said[:500] or "—"), (("Tính lại", "Computed"), actual[:500]))
    return Remark(topic=topic, holds=Holds.YES if is_same else Holds.NO, text=text, facts=facts)
