"""10,000 alterations of a copied log, of every kind: ours and the independent verifier find each of them."""

from __future__ import annotations

import asyncio
import importlib.util
import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from services import NOW

from gateway.audit import batch, checkpoint, copy, leaf
from gateway.audit.memory import MemoryAudit
from gateway.audit.model import Entry
from gateway.audit.rows import Head
from gateway.signing import Keyring

T = "H99"
ROWS, EVERY, MUTATIONS = 60, 9, 10_000
SCRIPT = Path(__file__).parents[3] / "docs" / "verify_evidence.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_evidence", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def key(keyring: Keyring) -> str:
    return checkpoint.verifier_key(checkpoint.origin(T), keyring.public_key)


@pytest.fixture(scope="module")
def copied(keyring: Keyring, entry: Callable[..., Entry]) -> list[bytes]:
    """The lines of a copy: 60 rows, a checkpoint after every ninth and the last."""
    store = MemoryAudit()

    async def lines() -> list[bytes]:
        for number in range(ROWS):

            def build(head: Head, number: int) -> batch.Batch:
                now = NOW + timedelta(seconds=number)
                grown = batch.extend(head, [leaf.prepare(entry(number, bodies={}), keyring)], now=now)
                due = (number + 1) % EVERY == 0 or number + 1 == ROWS
                return batch.signed(grown, tenant=T, signer=keyring, now=now) if due else grown

            await store.append(T, partial(build, number=number))
        return [line async for line in copy.export(store, T, public_key=keyring.public_key)]

    return asyncio.run(lines())


class Wanton:
    """Alters lines in ways drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def alter(self, lines: Sequence[bytes]) -> list[bytes]:
        while True:
            altered = list(lines)
            kind: Callable[[list[bytes]], None] = self._random.choice(
                (self.flip, self.flip, self.delete, self.insert, self.reorder, self.truncate, self.cut)
            )
            kind(altered)
            if altered != lines:
                return altered

    def place(self, lines: Sequence[bytes]) -> int:
        return self._random.randrange(len(lines))

    def flip(self, lines: list[bytes]) -> None:
        """Any bit of any byte."""
        at = self.place(lines)
        raw = bytearray(lines[at])
        raw[self._random.randrange(len(raw))] ^= 1 << self._random.randrange(8)
        lines[at] = bytes(raw)
        lines[:] = b"".join(lines).splitlines(keepends=True) if b"\n" in raw[:-1] else lines

    def delete(self, lines: list[bytes]) -> None:
        at = self.place(lines)
        del lines[at : at + self._random.randint(1, 5)]

    def insert(self, lines: list[bytes]) -> None:
        """A line of the log once more, elsewhere."""
        lines.insert(self.place(lines), self._random.choice(lines))

    def reorder(self, lines: list[bytes]) -> None:
        one, two = self.place(lines), self.place(lines)
        lines[one], lines[two] = lines[two], lines[one]

    def truncate(self, lines: list[bytes]) -> None:
        del lines[self.place(lines) :]

    def cut(self, lines: list[bytes]) -> None:
        """In the middle of a line."""
        raw = b"".join(lines)
        lines[:] = raw[: self._random.randrange(len(raw))].splitlines(keepends=True)


def same_meaning(one: Sequence[bytes], two: Sequence[bytes]) -> bool:
    return b"".join(one) == b"".join(two)


def test_no_alteration_of_a_copied_log_goes_unnoticed(
    copied: list[bytes], script: ModuleType, keyring: Keyring, key: str
) -> None:
    """SEC-09 (part), DOS-16 (part): bits flipped, rows deleted, inserted, reordered, cut off; two verifiers that share
    nothing say no to each of 10,000."""
    assert copy.verify_copy(copied, public_key=keyring.public_key).sound
    assert script.check_copy(copied, key, None)
    wanton, tried = Wanton(20261129), 0
    while tried < MUTATIONS:
        altered = wanton.alter(copied)
        if same_meaning(altered, copied):
            continue
        tried += 1
        report = copy.verify_copy(altered, public_key=keyring.public_key)
        assert report.finding, altered
        with pytest.raises(script.Wrong):
            script.check_copy(altered, key, None)


@pytest.mark.parametrize("kind", ["flip", "delete", "swap"])
def test_both_verifiers_name_the_same_row(
    copied: list[bytes], script: ModuleType, keyring: Keyring, key: str, kind: str
) -> None:
    rows = [at for at, line in enumerate(copied) if line.startswith(b'{"index"')]
    for number in range(ROWS - 1):
        altered, at = list(copied), rows[number]
        if kind == "flip":
            altered[at] = altered[at].replace(b"answered", b"answerec")
        elif kind == "delete":
            del altered[at]
        else:
            altered[at], altered[rows[number + 1]] = altered[rows[number + 1]], altered[at]
        report = copy.verify_copy(altered, public_key=keyring.public_key)
        assert report.finding
        assert report.finding.index == number
        with pytest.raises(script.Wrong, match=f"row {number}[,:]"):
            script.check_copy(altered, key, None)


class TestALogCutAtAnOlderCheckpoint:
    """It is a valid, shorter log; only what was kept elsewhere tells."""

    @pytest.fixture
    def cut(self, copied: list[bytes]) -> list[bytes]:
        """Who cut it wrote a fitting first line, too."""
        end = next(at for at, line in enumerate(copied) if line.startswith(b'{"checkpoint":27,'))
        header = copied[0].replace(b'"rows":60,"signed":60,"checkpoints":7', b'"rows":27,"signed":27,"checkpoints":3')
        return [header, *copied[1 : end + 1]]

    def note(self, copied: list[bytes], size: int) -> str:
        import json

        line = next(line for line in copied if line.startswith(f'{{"checkpoint":{size},'.encode()))
        return str(json.loads(line)["note"])

    def found(self, lines: list[bytes], script: ModuleType, keyring: Keyring, key: str, known: str) -> list[Any]:
        """What either verifier says."""
        report = copy.verify_copy(lines, public_key=keyring.public_key, known=known)
        try:
            script.check_copy(lines, key, script.signed(known, key) if known else None)
        except script.Wrong as exc:
            return [report.finding and report.finding.index, str(exc)]
        return [report.finding, ""]

    def test_is_not_seen_from_the_copy_alone(
        self, cut: list[bytes], script: ModuleType, keyring: Keyring, key: str
    ) -> None:
        assert self.found(cut, script, keyring, key, "") == [None, ""]

    def test_is_named_with_a_newer_checkpoint_from_elsewhere(
        self, cut: list[bytes], copied: list[bytes], script: ModuleType, keyring: Keyring, key: str
    ) -> None:
        ours, theirs = self.found(cut, script, keyring, key, self.note(copied, 36))
        assert ours == 27
        assert theirs.startswith("row 27:")

    @pytest.mark.parametrize("size", [9, 27])
    def test_fits_an_older_checkpoint(
        self, cut: list[bytes], copied: list[bytes], script: ModuleType, keyring: Keyring, key: str, size: int
    ) -> None:
        assert self.found(cut, script, keyring, key, self.note(copied, size)) == [None, ""]

    def test_another_log_of_the_same_key_is_not_consistent(
        self, cut: list[bytes], script: ModuleType, keyring: Keyring, key: str
    ) -> None:
        stated = checkpoint.Checkpoint(origin=checkpoint.origin(T), size=20, root=bytes(32))
        ours, theirs = self.found(cut, script, keyring, key, checkpoint.sign(stated, keyring))
        assert ours == 0
        assert "known checkpoint" in theirs
