"""Two parties of the bench of signatures meet once, and then need no event loop."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import signing


@pytest.mark.parametrize("scheme", ["wsse-x509 P-256", "http-signature P-256", "hmac"])
def test_after_they_have_met_a_round_is_signed_and_verified(scheme: str, tmp_path: Path) -> None:
    pair = signing.Pair(scheme, tmp_path, messages=1)
    asyncio.run(pair.meet())
    steps = pair.round()
    ours = {f"gateway, {way}/{what}" for way in ("outbound", "inbound") for what in ("sign", "verify")}
    assert ours <= steps.keys()
    assert all(took > 0 for took in steps.values())
