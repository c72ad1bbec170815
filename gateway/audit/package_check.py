"""Check a package, offline: what it proves, what it leaves open, and what is wrong with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import cms, tsp

from gateway.audit import checkpoint, cosignature, leaf, tree
from gateway.audit.keys import StampReader
from gateway.audit.package import ERASED, INCLUDED, LARGEST, Exhibit, MalformedError, Package, read
from gateway.sdk.errors import IntegrityError, TrustError


@dataclass(frozen=True, slots=True)
class Sentence:
    """In both languages."""

    en: str
    vi: str


@dataclass(slots=True)
class Verdict:
    """What a package is worth. `sound`: nothing is wrong; then `proven` holds, and `unproven` says what does not."""

    proven: list[Sentence] = field(default_factory=list)
    unproven: list[Sentence] = field(default_factory=list)
    wrong: list[Sentence] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.wrong


def check(raw: bytes, *, key: str = "", stamps: StampReader | None = None, most: int = LARGEST) -> Verdict:
    """`key`: the verifier key, got on another way; without it the package's own is believed, and the verdict says so.
    `most`: as of `read`.
    `UnprocessableError` when it is no package at all, `TrustError` when `key` is none."""
    verdict = Verdict()
    if key:
        checkpoint.public_key_of(key)
    try:
        package = read(raw, most=most)
    except MalformedError as exc:
        verdict.wrong.append(
            Sentence(f"The file {exc} is not as it was written.", f"Tệp {exc} trong gói không như lúc lập.")
        )
        return verdict
    for step in (_check_note, _check_leaves, _check_witnesses):
        step(package, verdict, key)
    _check_stamp(package, verdict, stamps)
    return verdict


def _check_note(package: Package, verdict: Verdict, key: str) -> None:
    try:
        stated = checkpoint.verify(
            package.note,
            name=checkpoint.origin(package.tenant),
            public_key=checkpoint.public_key_of(key or package.verifier_key),
        )
    except TrustError:
        verdict.wrong.append(
            Sentence("The checkpoint is not signed by this key.", "Điểm kiểm chứng không do khoá này ký.")
        )
        return
    if stated.size != package.size or (key and key != package.verifier_key):
        verdict.wrong.append(
            Sentence("The checkpoint is another one than the package says.", "Điểm kiểm chứng khác với gói ghi.")
        )
        return
    verdict.proven.append(
        Sentence(
            f"The log of {package.tenant} had {package.size} rows when its key signed this checkpoint.",
            f"Nhật ký của {package.tenant} có {package.size} dòng khi điểm kiểm chứng được ký.",
        )
    )
    if not key:
        verdict.unproven.append(
            Sentence(
                "Whose key it is: the package was compared with the key in itself; give --key.",
                "Khoá là của ai: gói chỉ được so với khoá ghi trong chính nó; hãy dùng --key.",
            )
        )


def _check_leaves(package: Package, verdict: Verdict, _: str) -> None:
    root = checkpoint.parse(checkpoint.split(package.note)[0]).root if verdict.sound else b""
    for exhibit in package.exhibits if verdict.sound else ():
        index = exhibit.index
        holds = tree.verify_inclusion(
            tree.leaf_hash(exhibit.leaf), index=index, size=package.size, proof=exhibit.proof, root=root
        )
        try:
            said = leaf.decode(exhibit.leaf)
        except IntegrityError:
            holds = False
        if not holds or (said.index, said.tenant) != (index, package.tenant):
            verdict.wrong.append(
                Sentence(f"Row {index} does not stand in this log.", f"Dòng {index} không có trong nhật ký này.")
            )
            continue
        verdict.proven.append(
            Sentence(
                f"Row {index} stands in the log as it was recorded at {said.recorded_at}.",
                f"Dòng {index} nằm trong nhật ký đúng như khi ghi lúc {said.recorded_at}.",
            )
        )
        _check_bodies(exhibit, said, verdict)


def _check_bodies(exhibit: Exhibit, said: leaf.Leaf, verdict: Verdict) -> None:
    if exhibit.states.keys() != said.bodies.keys():
        verdict.wrong.append(
            Sentence(
                f"Row {exhibit.index} speaks of other contents than the package.",
                f"Dòng {exhibit.index} ghi các nội dung khác với gói.",
            )
        )
        return
    for name, state in sorted(exhibit.states.items()):
        if state == INCLUDED:
            _included(exhibit, name, digest=said.bodies[name], verdict=verdict)
        else:
            verdict.unproven.append(_not_included(exhibit.index, name, erased=state == ERASED))


def _not_included(index: int, name: str, *, erased: bool) -> Sentence:
    if erased:
        return Sentence(
            f"Row {index}, {name}: it was erased; its digest is proven, what it said is not.",
            f"Dòng {index}, {name}: đã xoá; chứng minh được mã băm, không chứng minh được nội dung.",
        )
    return Sentence(
        f"Row {index}, {name}: it exists and is not in the package; only its digest is.",
        f"Dòng {index}, {name}: còn lưu nhưng không kèm trong gói; chỉ có mã băm.",
    )


def _included(exhibit: Exhibit, name: str, *, digest: bytes, verdict: Verdict) -> None:
    salted = exhibit.salted[name]
    if leaf.body_digest(salted[: leaf.SALT_SIZE], salted[leaf.SALT_SIZE :]) == digest:
        verdict.proven.append(
            Sentence(
                f"Row {exhibit.index}, {name}: these are the bytes that were recorded.",
                f"Dòng {exhibit.index}, {name}: đúng từng byte như khi ghi.",
            )
        )
    else:
        verdict.wrong.append(
            Sentence(
                f"Row {exhibit.index}, {name}: these are not the bytes that were recorded.",
                f"Dòng {exhibit.index}, {name}: không phải nội dung đã ghi.",
            )
        )


def _check_witnesses(package: Package, verdict: Verdict, _: str) -> None:
    for key in package.witnesses if verdict.sound else ():
        name = key.partition("+")[0]
        try:
            seen = cosignature.verify(package.note, cosignature.witness_of(key))
        except TrustError:
            verdict.wrong.append(
                Sentence(f"The cosignature of {name} does not hold.", f"Chữ ký của nhân chứng {name} sai.")
            )
            continue
        verdict.proven.append(
            Sentence(
                f"{name}, whose key is {key}, saw this checkpoint at {seen.isoformat()}.",
                f"Nhân chứng {name}, khoá {key}, đã thấy điểm kiểm chứng này lúc {seen.isoformat()}.",
            )
        )
    if not package.witnesses:
        verdict.unproven.append(
            Sentence(
                "That nobody was shown another log: no witness signed.",
                "Không ai bị cho xem nhật ký khác: không có nhân chứng nào ký.",
            )
        )


def _check_stamp(package: Package, verdict: Verdict, stamps: StampReader | None) -> None:
    if not package.stamp:
        verdict.unproven.append(
            Sentence(
                "The time: there is no time stamp; times are those of the gateway's own clock.",
                "Thời điểm: không có dấu thời gian; chỉ có giờ của chính hệ thống.",
            )
        )
        return
    message = package.stamped.encode()
    try:
        at = stamps.verify(package.stamp, message) if stamps else imprint_time(package.stamp, message)
        # All of the text: a stamp of its beginning alone could be older than the tree that it names.
        same = checkpoint.split(package.stamped)[0] == checkpoint.split(package.note)[0]
        if not same or not package.note.startswith(package.stamped):
            raise _foreign()
    except TrustError as exc:
        verdict.wrong.append(Sentence(f"The time stamp: {exc.detail}", f"Dấu thời gian: {exc.detail_vi}"))
        return
    if stamps:
        verdict.proven.append(
            Sentence(
                f"The checkpoint existed at {at.isoformat()}, says the time-stamping authority.",
                f"Điểm kiểm chứng đã có lúc {at.isoformat()}, theo tổ chức cấp dấu thời gian.",
            )
        )
    else:
        verdict.unproven.append(
            Sentence(
                f"The time: a stamp of {at.isoformat()} is for this checkpoint; who made it was not checked (--tsa).",
                f"Thời điểm: dấu {at.isoformat()} đúng là của điểm kiểm chứng này; chưa kiểm ai cấp (--tsa).",
            )
        )


def imprint_time(token: bytes, message: bytes) -> datetime:
    """The time that a token states of `message`. Its signature is not looked at."""
    try:
        signed = cms.ContentInfo.load(token)["content"]
        info = tsp.TSTInfo.load(signed["encap_content_info"]["content"].contents)
        imprint = info["message_imprint"]
        digest = hashlib.new(imprint["hash_algorithm"]["algorithm"].native, message).digest()
        stated, at = imprint["hashed_message"].native, info["gen_time"].native
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise _foreign() from exc
    if digest != stated:
        raise _foreign()
    moment: datetime = at
    return moment


def _foreign() -> TrustError:
    return TrustError("It is not for this checkpoint.", vi="Không phải của điểm kiểm chứng này.", what="stamp")
