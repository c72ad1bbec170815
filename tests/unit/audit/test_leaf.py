"""A leaf holds no body, one moment has one spelling, and what cannot be written is refused before it is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import leaf
from gateway.audit.errors import UnrecordableEntryError
from gateway.audit.model import Entry
from gateway.audit.rows import SealedBody
from gateway.sdk.errors import IntegrityError
from gateway.signing import Keyring

NOW = datetime(2026, 11, 23, 13, 51, tzinfo=UTC)
Make = Callable[..., Entry]


def encoded(entry: Entry, keyring: Keyring) -> bytes:
    return leaf.encode(leaf.prepare(entry, keyring), index=7, recorded_at=NOW, previous=b"\x01" * 32)


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
    assert prepared[0].fields["bodies"] != prepared[1].fields["bodies"]


def test_a_sealed_body_opens_for_its_digest_only(entry: Make, keyring: Keyring) -> None:
    prepared = leaf.prepare(entry(bodies={"a": b"one", "b": b"two"}), keyring)
    digests = {name: bytes.fromhex(digest) for name, digest in prepared.fields["bodies"].items()}

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
    assert prepared.fields["facts"] == {"try": 1}


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"1", b"{}", b"\xff", b'{"index": 1}', b'{"index":1,"bodies":null}'],
)
def test_bytes_that_are_no_leaf_are_an_integrity_error(raw: bytes) -> None:
    with pytest.raises(IntegrityError):
        leaf.decode(raw)
