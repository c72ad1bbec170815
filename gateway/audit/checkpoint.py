"""Checkpoints: what the log was at one size, signed, as text that prints on paper and verifies anywhere.

Format: C2SP tlog-checkpoint in a C2SP signed-note, the one that Go's checksum database and Sigstore publish.

    lienthong/audit/tinh-vidu            origin, also the key's name
    20852163                             how many leaves
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2M…=  the root, base64
                                         (blank line; the signature covers everything above it)
    — lienthong/audit/tinh-vidu az3grl…  base64 of the key's id (4 bytes) and the Ed25519 signature (64 bytes)
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.audit.keys import Signer
from gateway.audit.tree import HASH_SIZE
from gateway.sdk.errors import TrustError

ED25519 = b"\x01"
"""The kind of key that signs notes; a witness's is another (`cosignature`)."""
_DASH = "— "


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The tree at one size."""

    origin: str
    size: int
    root: bytes


def origin(tenant: str) -> str:
    """The name of a tenant's log, and of the key that signs it."""
    return f"lienthong/audit/{tenant}"


def key_id(name: str, public_key: bytes, *, kind: bytes = ED25519) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + kind + public_key).digest()[:4]


def verifier_key(name: str, public_key: bytes, *, kind: bytes = ED25519) -> str:
    """`name+id+key`: all that a stranger needs to check our notes. Hand it over on another way than the log."""
    return f"{name}+{key_id(name, public_key, kind=kind).hex()}+{_base64(kind + public_key)}"


def public_key_of(key: str, *, kind: bytes = ED25519) -> bytes:
    """The 32 bytes in a verifier key; `TrustError` when it is not one. Base64 may hold a plus sign, names may not."""
    name, _, rest = key.partition("+")
    public_key = _unbase64(rest.partition("+")[2])[1:]
    if not rest or len(public_key) != 32 or key != verifier_key(name, public_key, kind=kind):
        raise _untrusted("This is not a verifier key.", vi="Đây không phải khoá kiểm chứng.")
    return public_key


def sign(checkpoint: Checkpoint, signer: Signer) -> str:
    """The signed note."""
    text = f"{checkpoint.origin}\n{checkpoint.size}\n{_base64(checkpoint.root)}\n"
    signature = key_id(checkpoint.origin, signer.public_key) + signer.sign(text.encode())
    return text + "\n" + signature_line(checkpoint.origin, signature)


def verify(note: str, *, name: str, public_key: bytes) -> Checkpoint:
    """The checkpoint of log `name` that `note` states; `TrustError` unless that key signed exactly this text."""
    checkpoint = parse(verify_note(note, name=name, public_key=public_key))
    if checkpoint.origin != name:
        raise _untrusted("The checkpoint belongs to another log.", vi="Điểm kiểm chứng thuộc nhật ký khác.")
    return checkpoint


def verify_note(note: str, *, name: str, public_key: bytes) -> str:
    """The text of a signed note; signatures by other keys (witnesses) are passed over, as the format wants."""
    text, tail = split(note)
    expected = key_id(name, public_key)
    for signer, signature in list(signatures(tail)):  # all are read: nothing may stand there that is no signature
        if signer == name and signature[:4] == expected:
            check_signature(signature[4:], text.encode(), public_key)
            return text
    raise _untrusted("The checkpoint is not signed by this key.", vi="Điểm kiểm chứng không do khoá này ký.")


def parse(text: str) -> Checkpoint:
    """Read the text of a note that has been verified. Extension lines are allowed and ignored."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not lines[0]:
        raise _untrusted("The checkpoint lacks lines.", vi="Điểm kiểm chứng thiếu dòng.")
    size, root = lines[1], _unbase64(lines[2])
    canonical = size.isascii() and size.isdigit() and str(int(size)) == size
    if not canonical or len(root) != HASH_SIZE:
        raise _untrusted("The checkpoint's size or root is malformed.", vi="Kích thước hoặc gốc cây không hợp lệ.")
    return Checkpoint(origin=lines[0], size=int(size), root=root)


def split(note: str) -> tuple[str, str]:
    """The text that is signed, and the lines of signatures."""
    text, blank, tail = note.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise _untrusted("The checkpoint is not a signed note.", vi="Điểm kiểm chứng không đúng định dạng.")
    return text + "\n", tail


def signature_line(name: str, signature: bytes) -> str:
    """`signature` begins with the key's id."""
    return f"{_DASH}{name} {_base64(signature)}\n"


def signatures(tail: str) -> Iterator[tuple[str, bytes]]:
    """Who signed, and the key's id with what they signed."""
    for line in tail.removesuffix("\n").split("\n"):
        name, space, encoded = line.removeprefix(_DASH).partition(" ")
        signature = _unbase64(encoded)
        if not line.startswith(_DASH) or not space or not name or len(signature) < 5:
            raise _untrusted("A signature line is malformed.", vi="Dòng chữ ký không đúng định dạng.")
        yield name, signature


def check_signature(signature: bytes, message: bytes, public_key: bytes) -> None:
    """`TrustError` unless that key signed exactly this."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError) as exc:
        raise _untrusted("The checkpoint's signature does not hold.", vi="Chữ ký của điểm kiểm chứng sai.") from exc


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _unbase64(text: str) -> bytes:
    """Strict: the decoder ignores stray bits in the last character, and a note must not have two spellings."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as exc:
        raise _untrusted("The checkpoint is not base64 where it should be.", vi="Mã base64 không hợp lệ.") from exc
    if _base64(raw) != text:
        raise _untrusted("The checkpoint's base64 is not canonical.", vi="Mã base64 không hợp lệ.")
    return raw


def _untrusted(detail: str, *, vi: str) -> TrustError:
    return TrustError(detail, vi=vi, what="checkpoint")
