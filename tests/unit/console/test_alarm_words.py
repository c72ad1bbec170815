"""Every kind of alarm that is raised anywhere has words for people."""

from __future__ import annotations

import ast
from pathlib import Path

from gateway.audit.checks import ALTERED
from gateway.bootstrap.overseeing import LATE
from gateway.clients.nightly import KINDS as KEYS
from gateway.console import alarm_words
from gateway.receipts.issuing import KINDS, LOW, NOT_ISSUED, USED_UP
from gateway.receipts.tax_watch import Haste
from gateway.restraint.judge import SPANS
from gateway.scores.nightly import TOLD

GATEWAY = Path(alarm_words.__file__).parents[1]
COMPUTED = {
    "agreements/nightly.py": {"agreement_ended", "agreement_ends", "access_request_late", "access_request_due"},
    "alarms/postgres.py": set[str](),  # read back
    "approvals/service.py": {"approval_waiting"},
    "bootstrap/evidence.py": {"witness_refused", "witness_overdue", "stamp_refused", "stamp_overdue"},
    "bootstrap/ground.py": {"revocation_unknown"},
    "bootstrap/recording.py": {"evidence_late", "evidence_spool_damaged"},
    "bootstrap/overseeing.py": {ALTERED, LATE},
    "clients/nightly.py": set(KEYS),
    "operators/log.py": {"operator_locked"},
    "privacy/nightly.py": {f"{what}_{when}" for what in ("data_request", "breach_notice") for when in ("due", "late")},
    "receipts/issuing.py": {*KINDS.values(), LOW, USED_UP, NOT_ISSUED},
    "receipts/tax_watch.py": {f"tax_transmission_{haste}" for haste in Haste if haste is not Haste.NONE},
    "scores/nightly.py": set(TOLD.values()),
    "restraint/service.py": {
        "lookup_misses",
        *(f"lookup_rate_{span}" for span in SPANS),
        *(
            f"lookup_{name}"
            for name in (
                "people_per_hour",
                "neighbours",
                "client_neighbours",
                "dossiers_per_person",
                "questions_per_person",
                "client_questions_per_person",
            )
        ),
    },
}
"""Kinds that are not written where the occasion is made, by file."""


def raised() -> tuple[set[str], set[str]]:
    """Kinds that are written beside `Occasion(`, and the files where they are computed."""
    written, computed = set[str](), set[str]()
    for path in GATEWAY.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Occasion"):
                continue
            kind = next(word.value for word in node.keywords if word.arg == "kind")
            if isinstance(kind, ast.Constant):
                written.add(str(kind.value))
            else:
                computed.add(str(path.relative_to(GATEWAY)))
    return written, computed


def test_every_kind_that_is_raised_has_words_and_no_other_has() -> None:
    written, computed = raised()
    assert computed == set(COMPUTED)
    kinds = written.union(*COMPUTED.values())
    assert kinds == set(alarm_words.KINDS)


def test_words_are_vietnamese_sentences_that_lead_to_a_page() -> None:
    for kind, words in alarm_words.KINDS.items():
        assert words.vi.endswith("."), kind
        assert not words.vi.isascii(), kind
        assert words.path == "" or words.path.startswith("/console/"), kind


def test_a_kind_that_nobody_knows_is_shown_all_the_same() -> None:
    assert alarm_words.words("never_heard_of") is alarm_words.OTHER
