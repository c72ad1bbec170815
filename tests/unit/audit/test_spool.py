"""If the log cannot be written: traffic goes on by policy, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.audit.errors import AuditUnavailableError, UnrecordableEntryError
from gateway.audit.journal import Journal
from gateway.audit.model import Entry, Recorded
from gateway.audit.spool import Spool
from gateway.sdk.errors import IntegrityError
from gateway.signing import Keyring

Make = Callable[..., Entry]


class Log:
    """A log that can be out of reach, and takes `most` entries before it is so again."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.broken: Exception | None = None
        self.most = 10**6

    async def record(self, entry: Entry) -> Recorded:
        if self.broken or len(self.entries) >= self.most:
            raise self.broken or AuditUnavailableError("Away.")
        self.entries.append(entry)
        return Recorded(index=len(self.entries) - 1, leaf_hash=b"h")

    async def sign(self, *, only_if_due: bool = False) -> None:
        """Nothing to sign."""

    @property
    def references(self) -> list[str]:
        return [entry.reference for entry in self.entries]


class House:
    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self.log, self.folder, self.keyring = Log(), folder, keyring
        self.alarms: list[tuple[str, int]] = []

    def spool(self, *, max_bytes: int = 10**6) -> Spool:
        return Spool(self.log, self.keyring, self.folder, max_bytes=max_bytes, alarm=self._alarm)

    async def _alarm(self, kind: str, entries: int) -> None:
        self.alarms.append((kind, entries))

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*"))


@pytest.fixture
def house(tmp_path: Path, keyring: Keyring) -> House:
    return House(tmp_path / "spool", keyring)


async def test_a_log_that_can_be_written_needs_no_spool(house: House, entry: Make) -> None:
    assert (await house.spool().record(entry(1))).index == 0
    assert not house.files


async def test_what_could_not_be_written_is_written_later_in_order_and_says_so(house: House, entry: Make) -> None:
    spool = house.spool()
    house.log.broken = AuditUnavailableError("Away.")
    late = [entry(1, subjects=("099185000001",), purpose={"dossier_code": "HS-1"}), entry(2), entry(3)]
    assert [(await spool.record(one)).index for one in late] == [None] * 3
    house.log.broken = None
    assert (await spool.record(entry(4))).index is None  # behind the others
    assert await spool.drain() == 4
    assert house.log.references == ["R1", "R2", "R3", "R4"]
    written = house.log.entries[0]
    assert (written.facts["late"], written.occurred_at) == (1, late[0].occurred_at)
    assert replace(written, facts=late[0].facts) == late[0]
    assert len({one.facts["late_id"] for one in house.log.entries}) == 4
    assert house.alarms == [("evidence_late", 4)]
    assert not house.files
    assert (await spool.record(entry(5))).index == 4


async def test_nothing_on_the_disk_can_be_read_without_the_keys(house: House, entry: Make) -> None:
    house.log.broken = AuditUnavailableError("Away.")
    await house.spool().record(entry(1, subjects=("099185000001",), reference="H99-0001"))
    (file,) = house.files
    assert file.stat().st_mode & 0o777 == 0o600
    assert not [text for text in ("Mẫu", "099185000001", "motcua", "H99-0001") if text.encode() in file.read_bytes()]


async def test_it_goes_away_again_in_the_middle(house: House, entry: Make) -> None:
    spool = house.spool()
    house.log.most = 0
    for number in range(5):
        await spool.record(entry(number))
    house.log.most = 2
    assert await spool.drain() == 2
    house.log.most = 5
    assert await spool.drain() == 3
    assert house.log.references == [f"R{number}" for number in range(5)]


async def test_a_full_spool_stops_traffic(house: House, entry: Make) -> None:
    spool = house.spool(max_bytes=1)
    house.log.broken = AuditUnavailableError("Away.")
    await spool.record(entry(1))
    with pytest.raises(AuditUnavailableError):
        await spool.record(entry(2))


async def test_an_altered_log_stops_traffic_under_either_policy(house: House, entry: Make) -> None:
    house.log.broken = IntegrityError("The head is damaged.")
    with pytest.raises(IntegrityError):
        await house.spool().record(entry(1))
    assert not house.files


async def test_an_entry_that_can_never_be_written_does_not_wait(house: House, entry: Make) -> None:
    house.log.broken = AuditUnavailableError("Away.")
    with pytest.raises(UnrecordableEntryError):
        await house.spool().record(entry(1, reference="a\x00b"))
    assert not house.files


@pytest.mark.parametrize("cut", [1, 5, 40])
async def test_a_torn_last_frame_ends_the_file(house: House, entry: Make, cut: int) -> None:
    """Nobody was answered on its strength: the process died while it wrote."""
    await _left_behind(house, entry)
    (file,) = house.files
    content = file.read_bytes()
    file.write_bytes(content + content[:cut])
    assert await house.spool().drain() == 2
    assert house.log.references == ["R1", "R2"]
    assert not house.files


async def test_an_altered_journal_is_set_aside_and_alarmed(house: House, entry: Make) -> None:
    await _left_behind(house, entry)
    (file,) = house.files
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(bytes(content))
    assert await house.spool().drain() == 1
    assert house.log.references == ["R1"]
    assert ("evidence_spool_damaged", 1) in house.alarms
    assert [path.suffix for path in house.files if path.suffix != ".done"] == [".damaged"]
    assert await house.spool().drain() == 0


async def test_two_processes_never_write_each_others_entries(house: House, entry: Make) -> None:
    one, two = house.spool(), house.spool()
    house.log.broken = AuditUnavailableError("Away.")
    await one.record(entry(1))
    await two.record(entry(2))
    house.log.broken = None
    assert await one.drain() == 1
    assert house.log.references == ["R1"]
    assert await two.drain() == 1
    assert sorted(house.log.references) == ["R1", "R2"]
    assert not house.files


async def test_a_crash_between_leaf_and_mark_writes_twice_under_one_name(house: House, entry: Make) -> None:
    await _left_behind(house, entry)
    (file,) = house.files
    content = file.read_bytes()
    await house.spool().drain()
    file.write_bytes(content)
    await house.spool().drain()
    assert house.log.references == ["R1", "R2", "R1", "R2"]
    assert len({one.facts["late_id"] for one in house.log.entries}) == 2


KILLED = """
import asyncio, os, signal, sys
from datetime import datetime, timezone
from pathlib import Path
from gateway.audit.journal import Journal
from gateway.audit.model import Entry, EntryKind
from gateway.signing import Keyring

journal = Journal.create(Path(sys.argv[1]), Keyring.load_or_create(Path(sys.argv[2])))
for number in range(1, 4):
    journal.append(Entry(kind=EntryKind.EXCHANGE, tenant="H99", actor="motcua", operation="verify_citizen",
        outcome="answered", occurred_at=datetime(2026, 11, 23, tzinfo=timezone.utc), trace_id="0" * 32,
        reference=f"R{number}"))
    print(number, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


async def test_nothing_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    keys = tmp_path / "keyring.json"
    house = House(tmp_path / "spool", Keyring.load_or_create(keys))
    command = [sys.executable, "-c", KILLED, str(house.folder), str(keys)]
    done = await asyncio.to_thread(subprocess.run, command, env=dict(os.environ), capture_output=True, text=True)
    assert (done.returncode, done.stdout.split()) == (-signal.SIGKILL, ["1", "2", "3"]), done.stderr
    assert await house.spool().drain() == 3
    assert house.log.references == ["R1", "R2", "R3"]


async def _left_behind(house: House, entry: Make) -> None:
    """The journal of a process that is gone, with two entries."""
    journal = Journal.create(house.folder, house.keyring)
    journal.append(entry(1))
    journal.append(entry(2))
    journal.close()


async def test_under_the_policy_stop_nothing_is_kept_and_what_was_left_is_written(house: House, entry: Make) -> None:
    await _left_behind(house, entry)
    spool = house.spool(max_bytes=0)
    assert await spool.drain() == 2
    house.log.broken = AuditUnavailableError("Away.")
    with pytest.raises(AuditUnavailableError):
        await spool.record(entry(3))
    assert not house.files


@pytest.mark.parametrize("bit", range(0, 64, 5))
async def test_an_altered_length_does_not_pass_for_a_torn_frame(house: House, entry: Make, bit: int) -> None:
    """What stands behind it was relied on."""
    await _left_behind(house, entry)
    (file,) = house.files
    content = bytearray(file.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    file.write_bytes(bytes(content))
    assert await house.spool().drain() == 0
    assert house.alarms == [("evidence_spool_damaged", 1)]
    assert [path.read_bytes() for path in house.files] == [bytes(content)]


async def test_whoever_leaves_while_it_is_written_is_not_written_over(house: House, entry: Make) -> None:
    """The thread that writes goes on; the next entry waits for it."""
    spool = house.spool()
    house.log.broken = AuditUnavailableError("Away.")
    begun, go_on, keep = threading.Event(), threading.Event(), Journal.append

    class Slow(Journal):
        def append(self, said: Entry) -> None:
            begun.set()
            go_on.wait(5)
            keep(self, said)

    (house.folder).mkdir()
    spool._journal = Slow.create(house.folder, house.keyring)
    leaves = asyncio.create_task(spool.record(entry(1)))
    await asyncio.to_thread(begun.wait, 5)
    leaves.cancel()
    await asyncio.wait({leaves})
    begun.clear()
    stays = asyncio.create_task(spool.record(entry(2)))
    assert not await asyncio.to_thread(begun.wait, 0.1)
    go_on.set()
    await stays
    house.log.broken = None
    assert await spool.drain() == 2
    assert house.log.references == ["R1", "R2"]
