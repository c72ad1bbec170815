"""One payment told a hundred times at once, asked about and reconciled, and everything killed in between: posted once.

10 rounds here, 100 with `make torture`. In each round the rail's notice comes a hundred times in parallel while the
worker asks by QUERY and an operator reconciles the day; at a moment by chance the API, the worker or both are killed
(kill -9), and in every fifth round the database. The rail does as rails do: it sends the notice again until it is
acknowledged.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import journey
import loopback
import psycopg
import pytest
from postgres import reachable_folder
from story import SCOPES, VIETNAM, Caller, payment_document
from town import Town

from gateway.database import EmbeddedCluster

ROUNDS = int(os.environ.get("LIENTHONG_TEST_ROUNDS", "5"))
SEED = int(os.environ.get("LIENTHONG_TEST_SEED", "1"))
NOTICES = 100
WORKER = "worker"
YESTERDAY = datetime.now(VIETNAM) - timedelta(days=1)
DAY = f"{YESTERDAY:%Y-%m-%d}"
"""A day that is over can be reconciled: the payers of this test paid yesterday."""


class Till:
    """A town whose database may be killed, and what its books hold."""

    def __init__(self, town: Town, dsn: str, postmaster: Path) -> None:
        self.town, self.dsn, self.postmaster = town, dsn, postmaster

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn, options="-c search_path=lienthong") as connection:
            return connection.execute(question).fetchall()

    def strike(self, dice: random.Random, number: int) -> str:
        """kill -9, and everything comes back."""
        victims = ("database",) if number % 5 == 4 else dice.choice((("gateway",), (WORKER,), ("gateway", WORKER)))
        if victims == ("database",):
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                os.kill(int(self.postmaster.read_text().split()[0]), signal.SIGKILL)
            return "database"
        for victim in victims:
            self.town.kill(victim)
        for victim in victims:
            self.town.start_api() if victim == "gateway" else self.town.start_worker()
        return "+".join(victims)


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Till]:
    with (
        reachable_folder() as folder,
        EmbeddedCluster(folder / "pg", options=("max_connections=200",)).running() as dsn,
    ):
        settings = {**journey.FAST, "LIENTHONG_DATABASE_URL": dsn}
        town = Town(tmp_path_factory.mktemp("kills"), first_port=journey.free_ports(), settings=settings)
        try:
            town.start_mock("payment")
            town.start_mock("tax_authority")
            town.start_api()
            town.start_worker()
            yield Till(town, dsn, folder / "pg" / "data" / "postmaster.pid")
        finally:
            town.stop()


def test_whatever_is_killed_a_payment_is_posted_once_and_the_books_balance(
    till: Till, capsys: pytest.CaptureFixture[str]
) -> None:
    """PAY-06, PAY-08, PAY-12, F03, F04, F32."""
    dice, struck, began = random.Random(SEED), Counter[str](), time.monotonic()
    payments = []
    with closing(Caller(till.town, till.town.add_client("motcua", *SCOPES))) as caller:
        for number in range(ROUNDS):
            payment = opened(caller, number)
            payments.append(payment)
            struck[told_from_everywhere(till, caller, payment, dice, number)] += 1
            paid = journey.until(lambda name=payment: read(caller, name), lambda p: p["state"] == "paid")
            assert (paid["state"], paid["postings"], paid["excess"]) == ("paid", 1, False), paid
            print(f"\rround {number + 1}/{ROUNDS}", end="", flush=True)
    reconciled = till.town.lienthong("reconcile", DAY, "--rail", "payment", check=False)
    assert reconciled.returncode == 0, reconciled.stdout + reconciled.stderr
    entries = till.ask("SELECT payment_id, kind, count(*) FROM book_entry GROUP BY payment_id, kind")
    assert sorted(entries) == sorted((name, "collection", 1) for name in payments)
    assert till.ask("SELECT coalesce(sum(amount), 0)::bigint FROM book_line") == [(0,)]
    journey.until(lambda: till.ask("SELECT count(*) FROM receipt WHERE state = 'issued'")[0][0], lambda n: n == ROUNDS)
    numbers = [number for (number,) in till.ask("SELECT number FROM receipt WHERE state = 'issued' ORDER BY number")]
    assert numbers == list(range(numbers[0], numbers[0] + ROUNDS)), "one receipt for each, and no number skipped"
    with capsys.disabled():
        print(
            f"\n{ROUNDS} rounds of {NOTICES} notices, QUERY and reconciliation in {time.monotonic() - began:.0f} s, "
            f"killed: {dict(struck)}; posted once {ROUNDS}, twice 0, never 0; receipts {numbers[0]} to {numbers[-1]}"
        )


def told_from_everywhere(till: Till, caller: Caller, payment: str, dice: random.Random, number: int) -> str:
    """The payer pays; notices, QUERY and reconciliation come at once, and something dies meanwhile."""
    mock = till.town.mock_url("payment")
    pay = {"action": "pay", "copies": 0, "at": f"{YESTERDAY:%Y%m%d}100000"}
    loopback.post(f"{mock}/_mock/transactions/{payment}", json=pay).raise_for_status()
    told = [
        _begun(lambda: _notice(mock, payment, times=NOTICES)),
        _begun(lambda: caller.send("POST", f"/v1/payments/{payment}/check", None)),
        _begun(lambda: till.town.lienthong("reconcile", DAY, "--rail", "payment", check=False)),
    ]
    time.sleep(dice.uniform(0.0, 0.6))
    struck = till.strike(dice, number)
    for thread in told:
        thread.join(90)
    journey.until(lambda: _notice(mock, payment, times=1), lambda answers: answers == ["00"])
    return struck


def opened(caller: Caller, number: int) -> str:
    """A payment of a dossier of its own; the database may still be on its way back."""
    fee = {"kind": "fee", "code": "P01", "name": "Phí thẩm định", "amount": 150_000}
    body = {**payment_document(), "lines": [fee], "dossier_code": f"000.00.05.H99-261124-{number:04d}"}
    answer = journey.until(
        lambda: _safely(lambda: caller.send("POST", "/v1/payments", body, key=f"kills-{SEED}-{number}")),
        lambda found: found is not None and found.status_code == 201,
    )
    return str(answer.json()["id"])


def read(caller: Caller, payment: str) -> dict[str, Any]:
    found = _safely(lambda: caller.send("GET", f"/v1/payments/{payment}", None))
    return dict(found.json()) if found is not None and found.status_code == 200 else {"state": "unread"}


def _notice(mock: str, payment: str, *, times: int) -> list[str]:
    """What the province answered to each: MaLoi, or nothing."""
    order = {"MaThamChieu": payment, "times": times}
    sent = _safely(lambda: loopback.post(f"{mock}/_mock/ipn", json=order))
    answers = sent.json()["answers"] if sent is not None else []
    return [a["body"].get("MaLoi", "") if isinstance(a["body"], dict) else "" for a in answers]


def _safely(call: Callable[[], httpx.Response]) -> httpx.Response | None:
    try:
        return call()
    except httpx.HTTPError:
        return None


def _begun(act: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        with contextlib.suppress(httpx.HTTPError):
            act()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread
