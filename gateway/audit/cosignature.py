"""What a witness says of our checkpoint: that it saw this tree at that time, and that it only grew since it last looked
(C2SP tlog-cosignature, `cosignature/v1`). A line below the note, as our own signature is.

    — example/witness b64(key id (4 bytes) ‖ seconds since 1970 (8 bytes) ‖ Ed25519 (64 bytes))

What it signs is `cosignature/v1`, `time <seconds>` and the text of the note, each a line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.audit import checkpoint
from gateway.sdk.errors import TrustError

KIND = b"\x04"
_SIZE = 4 + 8 + 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Nhân chứng: an independent party's key."""

    name: str
    public_key: bytes

    @property
    def key(self) -> str:
        return checkpoint.verifier_key(self.name, self.public_key, kind=KIND)


def witness_of(key: str) -> Witness:
    """Of a verifier key; `TrustError` when it is none of a witness."""
    return Witness(name=key.partition("+")[0], public_key=checkpoint.public_key_of(key, kind=KIND))


def verify(note: str, witness: Witness) -> datetime:
    """When the witness saw the checkpoint; `TrustError` when no line of `note` is its own and holds."""
    text, tail = checkpoint.split(note)
    expected = checkpoint.key_id(witness.name, witness.public_key, kind=KIND)
    for name, signature in checkpoint.signatures(tail):
        if name == witness.name and signature[:4] == expected and len(signature) == _SIZE:
            seconds = int.from_bytes(signature[4:12], "big")
            message = f"cosignature/v1\ntime {seconds}\n{text}".encode()
            checkpoint.check_signature(signature[12:], message, witness.public_key)
            return _moment(seconds)
    raise _unsigned()


def line_of(answer: str, witness: Witness) -> str:
    """The one line of a witness's answer that is its own, as it will stand below the note."""
    text = answer if answer.endswith("\n") else answer + "\n"
    for name, signature in checkpoint.signatures(text):
        if name == witness.name and len(signature) == _SIZE:
            return checkpoint.signature_line(name, signature)
    raise _unsigned()


def _moment(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError) as exc:
        raise _unsigned() from exc


def _unsigned() -> TrustError:
    return TrustError(
        "The witness did not sign this checkpoint.", vi="Nhân chứng không ký điểm kiểm chứng này.", what="cosignature"
    )
