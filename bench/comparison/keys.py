"""The keys of the signed case, made anew for each run: RSA-2048 for both parties, made like the mocks' own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mocks._kit import pki

RSA = pki.Wanted(key="rsa2048")


class Parties:
    """The province and the national system. `folder` holds `ours-key.pem`, `ours.pem`, `theirs-key.pem`, `theirs.pem`,
    and `ours-both.pem` with key and certificate."""

    def __init__(self, within: Path) -> None:
        self.folder = within / "keys"
        self.folder.mkdir()
        for name, title in (("ours", "Tỉnh Thử Nghiệm"), ("theirs", "CSDLQG (mẫu)")):
            holder = pki.root(f"CA {name} (mẫu)").issue(title, RSA)
            holder.write_certificate(self.folder / f"{name}.pem")
            key = holder.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            (self.folder / f"{name}-key.pem").write_bytes(key)
            holder.write_pem(self.folder / f"{name}-both.pem")

    def settings(self) -> Mapping[str, str]:
        """A province whose calls to the population database are signed, and whose answers are verified and bound."""
        keys = {"tinh": [{"source": "pem", "path": str(self.folder / "ours-both.pem")}]}
        pinned = [str(self.folder / "theirs.pem")]
        trust = {"doi-tac": {"domain": "technical", "pinned": pinned, "revocation": "none"}}
        rule = {"scheme": "wsse-x509", "key": "tinh", "trust": "doi-tac"}
        return {
            "LIENTHONG_KEYS": json.dumps(keys),
            "LIENTHONG_TRUST": json.dumps(trust),
            "LIENTHONG_PROTECTION": json.dumps({"population": [rule]}),
        }
