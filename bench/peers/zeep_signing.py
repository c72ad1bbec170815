"""WS-Security with zeep: its documentation's signature with a Timestamp, by SHA-256 instead of its default SHA-1."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import xmlsec
from zeep.wsse.signature import BinarySignature, verify_envelope
from zeep.wsse.utils import WSU, get_security_header

MOMENT = "%Y-%m-%dT%H:%M:%SZ"


class Signing(BinarySignature):
    """Signs with our key; verifies with the partner's certificate."""

    def __init__(self, keys: Path) -> None:
        super().__init__(
            str(keys / "ours-key.pem"),
            str(keys / "ours.pem"),
            signature_method=xmlsec.Transform.RSA_SHA256,
            digest_method=xmlsec.Transform.SHA256,
        )
        self.theirs = str(keys / "theirs.pem")

    def apply(self, envelope: Any, headers: Any) -> Any:
        now = datetime.now(UTC)
        stamp = WSU("Timestamp")
        stamp.append(WSU("Created", now.strftime(MOMENT)))
        stamp.append(WSU("Expires", (now + timedelta(minutes=5)).strftime(MOMENT)))
        get_security_header(envelope).append(stamp)
        return super().apply(envelope, headers)

    def verify(self, envelope: Any) -> Any:
        verify_envelope(envelope, self.theirs)
        return envelope
