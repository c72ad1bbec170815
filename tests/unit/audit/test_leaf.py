"""A leaf holds no body, one moment has one spelling, and what cannot be written is refused before it is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import leaf
from gateway.audit.errors import UnrecordableEntryError
from gateway.audit.model import Entry, EntryKind, Prepared
from gateway.audit.rows import SealedBody
from gateway.sdk.errors import IntegrityError
from gateway.signing import Keyring

NOW = datetime(2026, 11, 23, 13, 51, tzinfo=UTC)
KEYRING = Keyring.ephemeral()
Make = Callable[..., Entry]


def encoded(entry: Entry, keyring: Keyring) -> bytes:
    return leaf.encode(leaf.prepare(entry, keyring), index=7, recorded_at=NOW, previous=b"\x01" * 32)


def said_in(prepared: Prepared) -> dict[str, Any]:
    said = orjson.loads(leaf.encode(prepared, index=0, recorded_at=NOW, previous=b""))
    assert isinstance(said, dict)
    return said


def plain(entry: Entry, *, digests: Mapping[str, str], index: int, previous: bytes) -> bytes:
    """The whole document, written at once: what a leaf has always been."""
    document = {
        "v": 1,
        "kind": entry.kind.value,
        "tenant": entry.tenant,
        "actor": entry.actor,
        "operation": entry.operation,
        "outcome": entry.outcome,
        "occurred_at": leaf.instant(entry.occurred_at),
        "trace_id": entry.trace_id,
        "system": entry.system,
        "reference": entry.reference,
        "purpose": dict(entry.purpose),
        "facts": dict(entry.facts),
        "bodies": digests,
        "index": index,
        "recorded_at": leaf.instant(NOW),
        "previous": previous.hex(),
    }
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


NAMES = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=12)
"""Also those that look like the fields around them."""
TEXTS = NAMES | st.sampled_from(["index", "previous", 'a","index":0,"kind":"b', "}", '"previous":"'])


@given(
    texts=st.tuples(TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS),
    purpose=st.dictionaries(TEXTS, TEXTS, max_size=4),
    facts=st.dictionaries(TEXTS, TEXTS | st.integers(-(2**63), 2**64 - 1), max_size=4),
    bodies=st.dictionaries(TEXTS, st.binary(max_size=40), max_size=4),
    place=st.tuples(st.integers(0, 2**63 - 1), st.sampled_from([b"", b"\x9c" * 32])),
)
def test_a_leaf_put_together_of_pieces_is_the_one_written_at_once(
    texts: tuple[str, str, str, str, str, str],
    purpose: dict[str, str],
    facts: dict[str, str | int],
    bodies: dict[str, bytes],
    place: tuple[int, bytes],
) -> None:
    index, previous = place
    actor, operation, outcome, trace_id, system, reference = texts
    one = Entry(
        kind=EntryKind.EXCHANGE,
        tenant="H99",
        actor=actor,
        operation=operation,
        outcome=outcome,
        occurred_at=NOW,
        trace_id=trace_id,
        system=system,
        reference=reference,
        purpose=purpose,
        facts=facts,
        bodies=bodies,
    )
    raw = leaf.encode(leaf.prepare(one, KEYRING), index=index, recorded_at=NOW, previous=previous)
    digests = {name: digest.hex() for name, digest in leaf.decode(raw).bodies.items()}
    assert digests.keys() == bodies.keys()
    assert raw == plain(one, digests=digests, index=index, previous=previous)


def test_a_leaf_is_canonical_json_and_reads_back(entry: Make, keyring: Keyring) -> None:
    raw = encoded(entry(3), keyring)
    document = orjson.loads(raw)
    assert raw == orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    assert b'"outcome":"answered"' in raw
    said = leaf.decode(raw)
    assert (said.index, said.tenant, said.reference, said.previous) == (7, "H99", "R3", b"\x01" * 32)
    assert said.recorded_at == "2026-11-23T13:51:00.000000Z"


def test_no_body_stands_in_a_leaf_and_equal_bodies_have_other_digests(entry: Make, keyring: Keyring) -> None:
    """PDP-15: the digest is salted, so nobody finds a personal number by trying them all."""
    prepared = [leaf.prepare(entry(bodies={"request_sent": b"099085000001"}), keyring) for _ in range(2)]
    raw = leaf.encode(prepared[0], index=0, recorded_at=NOW, previous=b"")
    assert b"099085000001" not in raw
    assert b"099085000001" not in prepared[0].bodies["request_sent"]
    assert said_in(prepared[0])["bodies"] != said_in(prepared[1])["bodies"]


def test_a_sealed_body_opens_for_its_digest_only(entry: Make, keyring: Keyring) -> None:
    prepared = leaf.prepare(entry(bodies={"a": b"one", "b": b"two"}), keyring)
    digests = {name: bytes.fromhex(digest) for name, digest in said_in(prepared)["bodies"].items()}

    def opened(sealed: bytes, digest: bytes) -> bytes:
        body = SealedBody(index=0, name="a", recorded_at=NOW, sealed=sealed, wrapped=prepared.wrapped)
        return leaf.open_body(body, keyring, tenant="H99", digest=digest)

    assert opened(prepared.bodies["a"], digests["a"]) == b"one"
    for sealed, digest in ((prepared.bodies["a"], digests["b"]), (prepared.bodies["b"], digests["b"])):
        with pytest.raises(IntegrityError):
            opened(sealed, digest)


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_bodies_that_differ_never_share_a_digest(first: bytes, second: bytes) -> None:
    salt = bytes(leaf.SALT_SIZE)
    assert (leaf.body_digest(salt, first) == leaf.body_digest(salt, second)) == (first == second)


@given(st.datetimes(timezones=st.timezones()))
def test_one_moment_has_one_spelling(at: datetime) -> None:
    assert leaf.instant(at) == leaf.instant(at.astimezone(UTC))
    assert datetime.fromisoformat(leaf.instant(at)) == at.astimezone(UTC)


def test_an_hour_in_hanoi_is_written_in_utc() -> None:
    at = datetime(2026, 11, 23, 20, 51, tzinfo=timezone(timedelta(hours=7)))
    assert leaf.instant(at) == "2026-11-23T13:51:00.000000Z"


@pytest.mark.parametrize(
    "changes",
    [
        {"tenant": ""},
        {"tenant": "a b"},
        {"tenant": "a+b"},
        {"tenant": "x" * 65},
        {"reference": "R\x00"},
        {"trace_id": "\x00"},
        {"bodies": {"a\x00": b""}},
        {"facts": {"big": 2**70}},
        {"facts": {"odd": object()}},
        {"actor": "\ud800"},
        {"occurred_at": datetime(2026, 11, 23)},  # noqa: DTZ001
    ],
    ids=str,
)
def test_an_entry_that_cannot_be_written_is_refused(entry: Make, keyring: Keyring, changes: dict[str, Any]) -> None:
    with pytest.raises(UnrecordableEntryError):
        leaf.prepare(entry(**changes), keyring)


def test_later_changes_of_the_callers_mappings_do_not_reach_the_leaf(entry: Make, keyring: Keyring) -> None:
    facts = {"try": 1}
    prepared = leaf.prepare(entry(facts=facts), keyring)
    facts["try"] = 2
    assert said_in(prepared)["facts"] == {"try": 1}


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"1", b"{}", b"\xff", b'{"index": 1}', b'{"index":1,"bodies":null}'],
)
def test_bytes_that_are_no_leaf_are_an_integrity_error(raw: bytes) -> None:
    with pytest.raises(IntegrityError):
        leaf.decode(raw)
