"""Remarks about signatures of JSON and HTTP messages (`gateway.signing.explaining`). Nothing is believed here."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from gateway.sdk.errors import TrustError
from gateway.signing.algorithms import Algorithm
from gateway.signing.explaining import Holds, Remark, Topic, compared
from gateway.signing.model import Trust
from gateway.signing.protection import Message
from gateway.signing.web import components, target


def jws(header: Mapping[str, Any], content: bytes, *, form: str) -> Remark:
    return Remark(
        topic=Topic.FOUND,
        holds=Holds.YES,
        text=("Tìm thấy chữ ký JWS.", "There is a JWS."),
        facts=(
            (("Dạng", "Form"), form),
            (("Trường trong tiêu đề chữ ký", "Members of its header"), ", ".join(sorted(header))[:500]),
            (("SHA-256 của nội dung", "SHA-256 of the content"), hashlib.sha256(content).hexdigest()),
            (("Số byte", "Bytes"), str(len(content))),
        ),
    )


def algorithm(said: object, accepted: Collection[Algorithm]) -> Remark:
    facts = ((("Thuật toán", "Algorithm"), str(said)[:50]),)
    if any(said == one.value for one in accepted):
        good = ("Thuật toán được chấp nhận.", "The algorithm is accepted.")
        return Remark(topic=Topic.ALGORITHM, holds=Holds.YES, text=good, facts=facts)
    wrong = ("Thuật toán không được chấp nhận.", "The algorithm is not accepted.")
    allowed = ((("Chấp nhận", "Accepted"), ", ".join(sorted(one.value for one in accepted))),)
    return Remark(topic=Topic.ALGORITHM, holds=Holds.NO, text=wrong, facts=facts + allowed)


def bound(method: object, where: object, message: Message, *, how: str) -> Remark:
    said = f"{method} {where}" if method or where else ""
    actual = f"{message.method} {target.address(message).named(how)}"
    return compared(Topic.BINDING, said, actual, what=("Phương thức và địa chỉ đã ký", "Method and address as signed"))


def reply(said: object, expected: str) -> Remark:
    if not expected:
        unknown = ("Cần dán cả yêu cầu mà câu trả lời này trả lời.", "Paste the request that this answers, too.")
        return Remark(topic=Topic.BINDING, holds=Holds.UNKNOWN, text=unknown)
    return compared(
        Topic.BINDING, str(said or ""), expected, what=("Câu trả lời thuộc yêu cầu đã dán", "It answers the request")
    )


def http_signature(label: str, names: Sequence[str], params: Mapping[str, Any]) -> Remark:
    return Remark(
        topic=Topic.FOUND,
        holds=Holds.YES,
        text=("Tìm thấy chữ ký bản tin HTTP (RFC 9421).", "There is an HTTP message signature (RFC 9421)."),
        facts=(
            (("Nhãn", "Label"), label),
            (("Phần được ký", "Covered"), ", ".join(names)[:500]),
            (("Thuật toán ghi trong chữ ký", "Algorithm it names"), str(params.get("alg", "—"))),
        ),
    )


def content_digest(message: Message) -> Remark:
    what = ("Mã băm của nội dung (Content-Digest)", "Digest of the body (Content-Digest)")
    try:
        said = components.dictionary(message, "content-digest").get("sha-256")
    except TrustError as exc:
        return Remark(topic=Topic.DIGEST, holds=Holds.NO, text=(exc.detail_vi, exc.detail))
    actual = hashlib.sha256(message.content).hexdigest()
    told = said[0].hex() if said and isinstance(said[0], bytes) else ""
    return compared(Topic.DIGEST, told, actual, what=what)


def coverage(missing: Sequence[str]) -> Remark:
    if not missing:
        all_there = ("Chữ ký phủ đủ phần bắt buộc.", "It covers all that it must.")
        return Remark(topic=Topic.COVERAGE, holds=Holds.YES, text=all_there)
    facts = ((("Thiếu", "Missing"), ", ".join(missing)),)
    left = ("Chữ ký bỏ sót phần bắt buộc.", "It leaves out what it must cover.")
    return Remark(topic=Topic.COVERAGE, holds=Holds.NO, text=left, facts=facts)


def base(text: bytes) -> Remark:
    return Remark(
        topic=Topic.CONTENT,
        holds=Holds.FACT,
        text=(
            "Chuỗi mà bên gửi phải ký, từng dòng; so với chuỗi bên gửi đã ký để thấy dòng khác.",
            "What the sender must have signed, line by line; compare it with theirs.",
        ),
        facts=((("Chuỗi được ký", "What is signed"), text.decode("utf-8", "replace")[:4000]),),
    )


def hmac(message: Message, header: str, kid_header: str) -> Remark:
    given = message.headers.get(header, "")
    text = ("Tìm thấy mã xác thực HMAC.", "There is an HMAC.") if given else ("Không có mã xác thực.", "There is none.")
    return Remark(
        topic=Topic.FOUND,
        holds=Holds.YES if given else Holds.NO,
        text=text,
        facts=(
            (("Tiêu đề", "Header"), header),
            (("Mã khoá", "Key id"), message.headers.get(kid_header, "")[:200] or "—"),
            (("SHA-256 của nội dung", "SHA-256 of the body"), hashlib.sha256(message.content).hexdigest()),
        ),
    )


def secret(trust: Trust, kid: str, *, at: datetime) -> Remark:
    try:
        trust.secret(kid, at=at)
    except TrustError as exc:
        return Remark(topic=Topic.KEY, holds=Holds.NO, text=(exc.detail_vi, exc.detail))
    return Remark(
        topic=Topic.KEY, holds=Holds.YES, text=("Khoá bí mật này đang hiệu lực.", "This shared secret is in force.")
    )


def encrypted(header: Mapping[str, Any], ours: Sequence[str]) -> Remark:
    kid = str(header.get("kid", ""))
    is_ours = kid in ours
    text = (
        "Bản tin mã hoá JWE, tới khoá của ta." if is_ours else "Bản tin mã hoá JWE, tới khoá mà ta không có.",
        "A JWE, encrypted to a key of ours." if is_ours else "A JWE, encrypted to a key that we do not have.",
    )
    facts = (
        (("Mã khoá", "Key id"), kid[:200] or "—"),
        (("Thuật toán", "Algorithm"), f"{header.get('alg')} / {header.get('enc')}"[:100]),
    )
    return Remark(topic=Topic.FOUND, holds=Holds.YES if is_ours else Holds.NO, text=text, facts=facts)
