"""Nothing of a private key leaves `gateway.signing` (SEC-18)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALSO = {"gateway/receipts/signature.py", "gateway/receipts/sandbox.py"}
"""Signs receipts in PDF, and makes the sandbox's key for it; older than `gateway.signing.keys`."""
FILES = [
    path
    for folder in ("gateway", "connectors")
    for path in (ROOT / folder).rglob("*.py")
    if not path.is_relative_to(ROOT / "gateway" / "signing") and str(path.relative_to(ROOT)) not in ALSO
]
TOUCHES = {
    "load_pem_private_key",
    "load_der_private_key",
    "load_ssh_private_key",
    "load_key_and_certificates",
    "load_pkcs12",
    "load_cert_chain",
    "generate_private_key",
    "from_private_bytes",
    "private_bytes",
    "private_bytes_raw",
    "private_numbers",
}
LIBRARIES = {"pkcs11"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_other_module_reads_or_makes_a_private_key(path: Path) -> None:
    """SEC-18"""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            assert node.attr not in TOUCHES, f"line {node.lineno}"
        if isinstance(node, ast.ImportFrom):
            assert not TOUCHES & {alias.name for alias in node.names}, f"line {node.lineno}"
            assert (node.module or "").partition(".")[0] not in LIBRARIES, f"line {node.lineno}"
        if isinstance(node, ast.Import):
            assert not LIBRARIES & {alias.name.partition(".")[0] for alias in node.names}, f"line {node.lineno}"


def test_those_that_may_still_do() -> None:
    for name in ALSO:
        assert any(word in (ROOT / name).read_text(encoding="utf-8") for word in TOUCHES), name
