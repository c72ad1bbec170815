"""A copy: no byte of it can be altered, and the row that a byte stands in is the row that is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit import checkpoint, copy, tree
from gateway.audit.memory import MemoryAudit
from gateway.audit.verify import Report
from gateway.signing import Keyring

T = "H99"


def verified(text: bytes, public_key: bytes | None = None) -> Report:
    return copy.verify_copy(BytesIO(text), public_key=public_key)


def named(text: bytes) -> int | None:
    report = verified(text)
    assert report.finding, "nothing was found"
    assert report.finding.text_vi
    return report.finding.index


def line_at(text: bytes, place: int) -> dict[str, object]:
    """The line of the unaltered copy that a byte stands in; a line's end belongs to it."""
    start = text.rfind(b"\n", 0, place) + 1
    return json.loads(text[start : text.index(b"\n", place)])  # type: ignore[no-any-return]  # a line of ours


def test_a_copy_as_it_was_written_is_sound(exported: bytes, keyring: Keyring) -> None:
    report = verified(exported, keyring.public_key)
    assert report == Report(size=23, signed=20, checkpoints=4, bodies=0, erased=0)
    assert verified(exported) == report


def test_a_copy_is_readable_and_holds_no_body(exported: bytes, keyring: Keyring) -> None:
    lines = exported.decode().splitlines()
    assert json.loads(lines[0]) == {
        "format": "lienthong-audit-2",
        "tenant": T,
        "verifier_key": checkpoint.verifier_key(checkpoint.origin(T), keyring.public_key),
        "rows": 23,
        "signed": 20,
        "checkpoints": 4,
    }
    rows = [json.loads(line) for line in lines if line.startswith('{"index"')]
    assert [row["index"] for row in rows] == list(range(23))
    assert all('"outcome":"answered"' in row["leaf"] for row in rows)
    assert "Mẫu" not in exported.decode()


@given(st.data())
@settings(max_examples=600)
def test_any_altered_byte_is_found_and_its_row_named(exported: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(exported) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda v: v != exported[place]))
    found = named(exported[:place] + bytes([value]) + exported[place + 1 :])
    line = line_at(exported, place)
    if "index" in line:
        assert found == line["index"]


def test_every_bit_of_one_row_counts(exported: bytes) -> None:
    """All of them, because hexadecimal has two letter cases and JSON has many spellings."""
    start = exported.index(b'{"index":7,')
    for place in range(start, exported.index(b"\n", start) + 1):
        for bit in range(8):
            altered = exported[:place] + bytes([exported[place] ^ 1 << bit]) + exported[place + 1 :]
            assert named(altered) == 7, (place - start, bit)


@given(st.data())
def test_any_added_or_removed_byte_is_found(exported: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(exported) - 1))
    assert not verified(exported[:place] + exported[place + 1 :]).sound
    added = data.draw(st.binary(min_size=1, max_size=3))
    assert not verified(exported[:place] + added + exported[place:]).sound


@given(st.data())
def test_any_removed_repeated_or_moved_line_is_found(exported: bytes, data: st.DataObject) -> None:
    lines = exported.splitlines(keepends=True)
    place = data.draw(st.integers(0, len(lines) - 1))
    to = data.draw(st.integers(0, len(lines) - 1).filter(lambda n: n != place))
    rest = lines[:place] + lines[place + 1 :]
    assert not verified(b"".join(rest)).sound
    assert not verified(b"".join([*lines[:place], lines[place], *lines[place:]])).sound
    assert not verified(b"".join([*rest[:to], lines[place], *rest[to:]])).sound


def test_a_copy_of_before_still_verifies(exported: bytes, keyring: Keyring) -> None:
    """Its first line does not count checkpoints."""
    before = exported.replace(b"lienthong-audit-2", b"lienthong-audit-1").replace(b',"checkpoints":4}', b"}", 1)
    assert verified(before, keyring.public_key).sound
    assert not verified(exported.replace(b',"checkpoints":4}', b"}", 1)).sound


@given(st.data())
def test_a_copy_that_was_cut_is_found(exported: bytes, data: st.DataObject) -> None:
    assert not verified(exported[: data.draw(st.integers(0, len(exported) - 1))]).sound


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'{"index":1,', b'{"index":true,'),
        (b'{"index":1,', b'{"index":1.0,'),
        (b'{"index":1,', b'{"index": 1,'),
        (b'{"index":1,', b'{"index":1,"index":1,'),
        (b'{"index":1,', b'{"note":"","index":1,'),
        (b'\n{"index":1,', b'\n\n{"index":1,'),
        (b'\n{"index":1,', b'\r\n{"index":1,'),
    ],
)
def test_another_spelling_of_the_same_is_found(exported: bytes, old: bytes, new: bytes) -> None:
    assert exported.count(old) == 1
    assert named(exported.replace(old, new)) in {0, 1}


def test_the_first_of_several_altered_rows_is_named(exported: bytes) -> None:
    """Also when a later line cannot even be read."""
    lines = exported.splitlines(keepends=True)
    lines[3] = lines[3].replace(b"answered", b"absented")
    lines[-1] = b"what\n"
    assert named(b"".join(lines)) == 2


def test_a_forged_row_with_its_hash_recomputed_is_named(exported: bytes) -> None:
    lines = exported.splitlines(keepends=True)
    lines[3] = forged(lines[3], lambda leaf: leaf.replace("answered", "absent"))
    assert named(b"".join(lines)) == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda leaf: "[]",
        lambda leaf: "{}",
        lambda leaf: leaf.replace('"recorded_at":"2026', '"recorded_at":"x'),
        lambda leaf: leaf.replace("Z", ""),
        lambda leaf: leaf.replace('"index":2', '"index":1e400'),
        lambda leaf: leaf.replace('"index":2', '"index":null'),
        lambda leaf: leaf.replace('"previous":"', '"previous":5,"x":"'),
        lambda leaf: leaf.replace('"bodies":{', '"bodies":[],"x":{'),
        lambda leaf: "[" * 5000,
    ],
)
def test_a_leaf_of_nonsense_with_its_hash_recomputed_is_named(exported: bytes, spoil: Callable[[str], str]) -> None:
    lines = exported.splitlines(keepends=True)
    lines[3] = forged(lines[3], spoil)
    assert named(b"".join(lines)) == 2


def forged(line: bytes, change: Callable[[str], str]) -> bytes:
    row = orjson.loads(line)
    leaf = change(row["leaf"])
    assert leaf != row["leaf"]
    return orjson.dumps({**row, "leaf": leaf, "leaf_hash": tree.leaf_hash(leaf.encode()).hex()}) + b"\n"


@pytest.mark.parametrize("content", [b"", b"\n", b"{}\n", b"[]\n", b"\xff\xfe\n", b"x" * 1000, b'{"index":0}\n'])
def test_a_file_that_is_no_copy_is_not_sound(content: bytes) -> None:
    report = verified(content)
    assert (report.sound, report.size) == (False, 0)


def test_a_copy_with_another_key_than_the_one_given_is_refused(exported: bytes) -> None:
    assert not verified(exported, Keyring.ephemeral().public_key).sound


async def test_an_unsigned_copy_under_a_forged_header_is_refused_by_the_true_key(keyring: Keyring) -> None:
    """No checkpoint stands in it that the key could check, so the header must."""
    forger = Keyring.ephemeral().public_key
    text = b"".join([line async for line in copy.export(MemoryAudit(), T, public_key=forger)])
    assert verified(text).sound
    assert not verified(text, keyring.public_key).sound


async def test_a_damaged_log_can_be_copied_and_the_copy_shows_it(
    grown: Callable[[], MemoryAudit], keyring: Keyring
) -> None:
    store = grown()
    store.leaves[T][9] = replace(store.leaves[T][9], leaf=b"\xff\xfe not a text")
    text = b"".join([line async for line in copy.export(store, T, public_key=keyring.public_key)])
    assert named(text) == 9


async def test_what_is_appended_while_the_copy_is_made_is_not_in_it(
    grown: Callable[[], MemoryAudit], keyring: Keyring
) -> None:
    store = grown()
    lines = []
    async for line in copy.export(store, T, public_key=keyring.public_key):
        lines.append(line)
        store.leaves[T].append(replace(store.leaves[T][-1], index=len(store.leaves[T])))
        if len(lines) == 40:
            break
    assert verified(b"".join(lines)).sound
