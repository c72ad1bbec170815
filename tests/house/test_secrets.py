"""No secret stands in a tracked file (SEC-18). Two scanners: detect-secrets, and the shapes of our own secrets."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings
from repository import ROOT, texts
from secret_shapes import SHAPES, secret_found

ALLOWED = Path(__file__).with_name("secrets_allowed.csv")
"""path, kind, why. Made-up values that look like secrets; a row that no longer matches anything must go."""
NOT_SCANNED = {".lock", ".svg"}
BY_ENTROPY = {"Base64HighEntropyString", "HexHighEntropyString", "KeywordDetector"}
"""Not asked of tests and samples: digests and checksums are what those are about."""
DETECTORS = (
    "ArtifactoryDetector", "AWSKeyDetector", "AzureStorageKeyDetector", "BasicAuthDetector", "CloudantDetector",
    "DiscordBotTokenDetector", "GitHubTokenDetector", "GitLabTokenDetector", "IbmCloudIamDetector", "JwtTokenDetector",
    "MailchimpDetector", "NpmDetector", "OpenAIDetector", "PrivateKeyDetector", "PypiTokenDetector", "SendGridDetector",
    "SlackDetector", "SoftlayerDetector", "SquareOAuthDetector", "StripeDetector", "TwilioKeyDetector",
)  # fmt: skip


def allowed() -> set[tuple[str, str]]:
    with ALLOWED.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert all(len(row["why"]) > 10 for row in rows)
    return {(row["path"], row["kind"]) for row in rows}


def found_by_others(path: Path) -> Iterator[str]:
    name = str(path.relative_to(ROOT))
    is_sample = name.startswith("tests/") or "/samples/" in name or "/examples/" in name
    plugins = [{"name": detector} for detector in (*DETECTORS, *(() if is_sample else sorted(BY_ENTROPY)))]
    with transient_settings({"plugins_used": plugins}):
        for secret in scan_file(str(path)):
            yield secret.type


def test_no_secret_stands_in_a_tracked_file() -> None:
    """SEC-18."""
    found = set()
    for path, text in texts():
        if path.suffix in NOT_SCANNED or path == ALLOWED:
            continue
        name = str(path.relative_to(ROOT))
        found |= {(name, kind) for kind in found_by_others(path)}
        if own := secret_found(text):
            found.add((name, own))
    assert found - allowed() == set(), "these look like secrets; make them at test time, or say why in the list"
    assert allowed() - found == set(), "these rows of the list match nothing any more"


def test_the_list_of_detectors_is_all_that_the_scanner_has() -> None:
    """A new release may know more kinds of secrets."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    known = {plugin.__name__ for plugin in get_mapping_from_secret_type_to_class().values()}
    assert known - {*DETECTORS, *BY_ENTROPY} == {"IPPublicDetector", "IbmCosHmacDetector", "TelegramBotTokenDetector"}


@pytest.mark.parametrize("kind", SHAPES)
def test_each_shape_is_found(kind: str) -> None:
    """A scanner that finds nothing proves nothing."""
    planted = {
        "a client's key": "lt_H99_motcua_" + "0a" * 24,
        "an operator's session": "lts_" + "A" * 43,
        "a callback's secret": "whsec_" + "B" * 32,
        "a second factor": "otpauth://totp/x?secret=" + "C" * 32,
        "a private key": "-----BEGIN " + "PRIVATE KEY-----\n" + "D" * 64,
        "a private JWK": '{"d": "' + "E" * 43 + '"}',
        "a token": "eyJ" + "F" * 20 + ".eyJ" + "G" * 20 + "." + "H" * 43,
        "a password in an address": "postgresql://lienthong:" + "hunter2" + "@db.example.vn/x",
    }
    assert secret_found(f"before {planted[kind]} after") == kind
    assert secret_found("nothing of the kind, lt_H99_motcua, eyJ, whsec_, lts_") == ""
