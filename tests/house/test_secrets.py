"""No secret stands in a tracked file (SEC-18). Two scanners: detect-secrets, and the shapes of our own secrets."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
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


def known() -> dict[str, type]:
    return {plugin.__name__: plugin for plugin in get_mapping_from_secret_type_to_class().values()}


def is_sample(path: Path) -> bool:
    name = str(path.relative_to(ROOT))
    return name.startswith("tests/") or "/samples/" in name or "/examples/" in name


def asked_of(path: Path, text: str) -> tuple[str, ...]:
    """The detectors that the scanner has to show every line of a file: two dozen for each of 200,000 lines take a
    minute. Those that know a pattern say of Python in one go whether there is any; the scanner makes other lines of
    other files first."""
    matching = [name for name in DETECTORS if path.suffix != ".py" or matches(name, text)]
    return (*matching, *(() if is_sample(path) else sorted(BY_ENTROPY)))


def matches(detector: str, text: str) -> bool:
    return any(True for _ in known()[detector]().analyze_string(text))


def found_by_others(files: Iterable[tuple[Path, str]]) -> Iterator[tuple[Path, str]]:
    """Where, and of which kind."""
    groups = defaultdict[tuple[str, ...], list[Path]](list)
    for path, text in files:
        groups[asked_of(path, text)].append(path)
    for detectors, paths in groups.items():
        with transient_settings({"plugins_used": [{"name": detector} for detector in detectors]}):
            yield from ((path, secret.type) for path in paths if detectors for secret in scan_file(str(path)))


def test_no_secret_stands_in_a_tracked_file() -> None:
    """SEC-18."""
    files = [(path, text) for path, text in texts() if path.suffix not in NOT_SCANNED and path != ALLOWED]
    found = {(str(path.relative_to(ROOT)), kind) for path, kind in found_by_others(files)}
    found |= {(str(path.relative_to(ROOT)), own) for path, text in files if (own := secret_found(text))}
    assert found - allowed() == set(), "these look like secrets; make them at test time, or say why in the list"
    assert allowed() - found == set(), "these rows of the list match nothing any more"


def test_the_list_of_detectors_is_all_that_the_scanner_has() -> None:
    """A new release may know more kinds of secrets."""
    assert known().keys() - {*DETECTORS, *BY_ENTROPY} == {
        "IPPublicDetector",
        "IbmCosHmacDetector",
        "TelegramBotTokenDetector",
    }


@pytest.mark.parametrize(
    ("detector", "planted"),
    [
        ("AWSKeyDetector", "AKIA" + "A" * 16),
        ("ArtifactoryDetector", "AKC" + "a" * 12),
        ("BasicAuthDetector", "https://a:" + "b@example.vn"),
        ("PrivateKeyDetector", "-----BEGIN RSA " + "PRIVATE KEY-----"),
    ],
)
def test_whoever_knows_a_pattern_is_asked_where_it_stands(detector: str, planted: str) -> None:
    """Of Python by what stands anywhere in it, of other files always."""
    python, other = ROOT / "tests" / "planted.py", ROOT / "tests" / "planted.yaml"
    assert asked_of(python, f'"""A module."""\n\nkey = """\n{planted}\n"""\n') == (detector,)
    assert asked_of(python, '"""A module."""\n') == ()
    assert asked_of(other, "a: b") == DETECTORS


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
