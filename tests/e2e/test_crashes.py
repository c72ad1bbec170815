"""Everything is killed while dossiers flow; in the end the portal holds what was accepted: all of it, once, in order.

50 rounds here, 1,000 with `make torture`. Each round kills or breaks one thing: a worker, the API, the portal, the
database, or the connection before or after the portal has acted. The one-stop system behaves as it should: whatever was
not answered it sends again, with the same key.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import journey
import pytest
from postgres import reachable_folder
from story import JOURNEY, SCOPES, Caller, dossier_document, step
from town import Town

from gateway.database import EmbeddedCluster

ROUNDS = int(os.environ.get("LIENTHONG_TEST_ROUNDS", "20"))
WORKERS = ("worker-1", "worker-2", "worker-3")
FAULTS = ("cut", "late_success", "unavailable:1", "error", "slow:0.2")
WRITERS = 2
AGAIN = {409, 503, 504}  # with the same key: still under way, no room, and nobody knows whether it was done
ACCIDENTS = {"worker": 5, "api": 3, "portal": 3, "database": 2, "fault": 5}
SEED = int(os.environ.get("LIENTHONG_TEST_SEED", "1"))


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with reachable_folder() as made:
        yield made


@pytest.fixture(scope="module")
def crowded(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """API, three workers, the portal, and a database that may be killed (fsync on: it must keep what it said)."""
    with EmbeddedCluster(folder / "pg", options=("max_connections=200",)).running() as dsn:
        logs = tmp_path_factory.mktemp("crashes")
        town = Town(logs, first_port=journey.free_ports(), settings={**journey.FAST, "LIENTHONG_DATABASE_URL": dsn})
        try:
            town.start_mocks()
            town.start_api()
            for name in WORKERS:
                town.start_worker(name)
            yield town
        finally:
            town.stop()


class Writer(threading.Thread):
    """The one-stop system: one dossier after another, and each call until it is answered."""

    def __init__(self, town: Town, key: str, *, number: int) -> None:
        super().__init__(daemon=True)
        self.town, self.key, self.number = town, key, number
        self.enough = threading.Event()
        self.accepted: dict[str, list[int]] = {}
        self.repeated = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            with closing(Caller(self.town, self.key)) as caller:
                while not self.enough.is_set():
                    self._dossier(caller, f"000.00.0{self.number}.H99-261124-{len(self.accepted):04d}")
        except BaseException as exc:
            self.failure = exc

    def _dossier(self, caller: Caller, code: str) -> None:
        self._until_taken(caller, "PUT", f"/v1/dossiers/{code}", dossier_document(journey.BEGAN))
        self.accepted[code] = [JOURNEY[0]]
        for number, status in enumerate(JOURNEY[1:], 1):
            event = step(number, status, journey.BEGAN + timedelta(hours=number))
            self._until_taken(caller, "POST", f"/v1/dossiers/{code}/status-events", event)
            self.accepted[code].append(status)
            if self.enough.wait(0.05):
                return

    def _until_taken(self, caller: Caller, method: str, path: str, body: Any) -> None:
        key = str(uuid.uuid4())
        end = time.monotonic() + 90
        while time.monotonic() < end:
            try:
                answer = caller.send(method, path, body, key=key)
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code == 202:
                return
            assert answer is None or answer.status_code in AGAIN, answer.text
            self.repeated += 1
            time.sleep(0.1)
        raise TimeoutError(f"{method} {path} was never taken")


class Chaos:
    """One accident a round."""

    def __init__(self, town: Town, postmaster: Path, dice: random.Random) -> None:
        self.town, self.postmaster, self.dice = town, postmaster, dice
        self.done: Counter[str] = Counter()

    def strike(self) -> None:
        """Each kind once, then by chance."""
        fresh = [kind for kind in ACCIDENTS if kind not in self.done]
        accident = fresh[0] if fresh else self.dice.choices(list(ACCIDENTS), weights=list(ACCIDENTS.values()))[0]
        self.done[accident] += 1
        getattr(self, f"_{accident}")()

    def _worker(self) -> None:
        name = self.dice.choice(WORKERS)
        self.town.kill(name)
        self.town.start_worker(name)

    def _api(self) -> None:
        self.town.kill("gateway")
        self.town.start_api()

    def _portal(self) -> None:
        self.town.kill("national_portal")
        time.sleep(self.dice.random())
        self.town.start_mock("national_portal")

    def _database(self) -> None:
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):  # still on its way back from the last time
            os.kill(int(self.postmaster.read_text().split()[0]), signal.SIGKILL)

    def _fault(self) -> None:
        service = self.dice.choice(("TraCuuHoSo", "DongBoHoSoMC", "CapNhatTienDoHoSoMC", "login"))
        times = self.dice.randint(1, 4)
        journey.plan(self.town, "national_portal", self.dice.choice(FAULTS), times=times, contains=service)


def test_whatever_is_killed_every_accepted_event_has_one_effect_in_order(
    crowded: Town, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SYN-08."""
    key = crowded.add_client("motcua", *SCOPES)
    chaos = Chaos(crowded, folder / "pg" / "data" / "postmaster.pid", random.Random(SEED))
    writers = [Writer(crowded, key, number=number) for number in range(1, WRITERS + 1)]
    for writer in writers:
        writer.start()
    began = time.monotonic()
    for number in range(ROUNDS):
        chaos.strike()
        time.sleep(chaos.dice.uniform(0.2, 1.0))
        print(f"\rround {number + 1}/{ROUNDS}, {sum(len(w.accepted) for w in writers)} dossiers", end="", flush=True)
    for writer in writers:
        writer.enough.set()
        writer.join(100)
        assert writer.failure is None, writer.failure
    journey.forget_faults(crowded, "national_portal")
    accepted = {code: statuses for writer in writers for code, statuses in writer.accepted.items()}
    with closing(Caller(crowded, key)) as caller:
        late = {code: view for code in accepted if not (view := journey.arrive(caller, code)).get("complete")}
    assert late == {}
    held = {code: journey.held(crowded, code) for code in accepted}
    assert held == {code: (statuses, statuses[1:]) for code, statuses in accepted.items()}
    events = sum(len(statuses) for statuses in accepted.values())
    with capsys.disabled():
        print(
            f"\n{ROUNDS} rounds in {time.monotonic() - began:.0f} s: {dict(chaos.done)}; {len(accepted)} dossiers, "
            f"{events} events accepted, {sum(w.repeated for w in writers)} calls sent again; "
            "lost 0, doubled 0, out of order 0"
        )
    assert len(accepted) >= ROUNDS / 10
