"""What the payment scenarios F01-F38 have in common: a till of real processes, its rails, and what its books hold."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import journey
import loopback
import psycopg
from psycopg.rows import dict_row
from story import SCOPES, VIETNAM, Caller, payment_document
from town import MOCKS, Town

NAMES = {"payment": "MaThamChieu", "vnpay": "vnp_TxnRef", "paygov": "requestCode"}
"""What each rail calls our reference."""
VERDICTS = {"payment": "MaLoi", "vnpay": "RspCode", "paygov": "error_code"}
"""Where each rail finds in our answer whether it may stop telling."""
OLD_SECRET = "S3cretOLD"
"""Still accepted in notices of `payment` (F31)."""
PLAYED = ("payment", "vnpay", "paygov")


class Till:
    """The province's side of payments, the payer's, and a look into the books."""

    def __init__(self, town: Town, caller: Caller, dsn: str) -> None:
        self.town, self.caller, self._dsn = town, caller, dsn
        self._dossiers = 0

    # The one-stop system.

    def open(self, *, rail: str = "payment", **changes: Any) -> dict[str, Any]:
        """A payment, of a dossier of its own unless `dossier_code` is told; where the rail knows of it only from the
        payer's browser, that one opens the page."""
        payment: dict[str, Any] = self.ask("POST", "/v1/payments", {**self.document(), "rail": rail, **changes})
        assert payment["state"] == "opened", payment
        if rail == "vnpay":
            loopback.get(payment["pay_url"], follow_redirects=True).raise_for_status()
        return payment

    def ask(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
        return self.caller.send(method, path, body, key=key).json()

    def document(self) -> dict[str, Any]:
        """What is due for a dossier that had no fees before: 120.000 đồng of fees and 30.000 of charges."""
        self._dossiers += 1
        return {**payment_document(), "dossier_code": f"000.00.05.H99-261128-{self._dossiers:04d}"}

    def seen(self, payment: Mapping[str, Any]) -> Any:
        return self.caller.json("GET", f"/v1/payments/{payment['id']}")

    def reaches(self, payment: Mapping[str, Any], state: str, *, seconds: float = 120) -> Any:
        found = journey.until(lambda: self.seen(payment), lambda seen: seen["state"] == state, seconds)
        assert found["state"] == state, found
        return found

    def bill(self, payment: Mapping[str, Any]) -> Any:
        return self.caller.json("GET", f"/v1/bills/{payment['bill_id']}")

    def check(self, payment: Mapping[str, Any]) -> int:
        """Have the rail asked now; returns how often it has been by then."""
        before = self.at(payment)["queries"]
        assert self.caller.send("POST", f"/v1/payments/{payment['id']}/check").status_code == 202
        return int(journey.until(lambda: self.at(payment)["queries"], lambda queries: queries > before))

    def receipts(self, payment: Mapping[str, Any], state: str = "", *, number: int = 2) -> list[Any]:
        """Those of a payment; with `state`, once there are `number` and none waits to be issued."""

        def read() -> Any:
            return self.ask("GET", f"/v1/payments/{payment['id']}/receipts")["receipts"]

        def enough(found: Any) -> bool:
            return len(found) == number and not any(receipt["state"] == "due" for receipt in found)

        found: list[Any] = journey.until(read, enough if state else lambda _: True)
        assert not state or state in {receipt["state"] for receipt in found}, found
        return found

    # The payer, and the rails.

    def act(self, payment: Mapping[str, Any], action: str, **order: Any) -> Any:
        """Pay, cancel or wait at the bank page; returns when the notice that follows was answered."""
        body = {"action": action, "await": True, **order}
        return self.mock(payment["rail"], f"/_mock/transactions/{payment['id']}", body)

    def notice(self, payment: Mapping[str, Any] | str, *, rail: str = "", **order: Any) -> list[str]:
        """Send any notice; what the rail read in each answer. Where there was none: the HTTP status, or nothing."""
        known = isinstance(payment, Mapping)
        rail = rail or (payment["rail"] if known else "payment")
        order[NAMES[rail]] = payment["id"] if known else payment
        answers = self.mock(rail, "/_mock/ipn", order)["answers"]
        bodies = [(answer["body"], answer["status"]) for answer in answers]
        return [str(body[VERDICTS[rail]] if isinstance(body, dict) else status) for body, status in bodies]

    def at(self, payment: Mapping[str, Any]) -> Any:
        """How the rail knows it."""
        return self.mock(payment["rail"], f"/_mock/transactions/{payment['id']}")

    def calls(self, path: str, text: str, *, rail: str = "payment", direction: str = "received") -> list[Any]:
        """What went between a rail and us, as the rail's journal has it."""
        entries = self.mock(rail, f"/_mock/journal?path={path}")["entries"]
        return [entry for entry in entries if entry["direction"] == direction and text in entry["body"]]

    def fault(self, fault: str, path: str, *, rail: str = "payment", times: int | None = 1) -> None:
        self.mock(rail, "/_mock/faults", {"fault": fault, "path": path, "times": times})

    def faulty(self, path: str) -> list[Any]:
        """Calls that a planned fault struck."""
        return [entry for entry in self.calls(path, "") if entry["fault"]]

    def told_tax(self, word: str) -> list[Any]:
        """What the tax authority was told and answered with this word."""
        return [entry for entry in self.calls("/MOCK-TAX", "", rail="tax_authority") if word in entry["reply"]]

    def at_tax(self, receipts: Sequence[Mapping[str, Any]]) -> list[str]:
        """Digests of those of the receipts that the tax authority booked, as often as it did."""
        booked = json.dumps(self.mock("tax_authority", "/_mock/receipts"))
        return [receipt["sha256"] for receipt in receipts for _ in range(booked.count(receipt["sha256"]))]

    def switch(self, rail: str = "payment", **settings: Any) -> None:
        self.mock(rail, "/_mock/settings", settings)

    def mock(self, rail: str, path: str, body: Any = None) -> Any:
        method, url = "GET" if body is None else "POST", f"{self.town.mock_url(rail)}{path}"
        answer = loopback.call(method, url, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    # What the books hold.

    def entered(self, payment: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The kind of every entry about it and how we learnt of the money; and the books balance."""
        assert self.sql("SELECT coalesce(sum(amount), 0)::bigint AS sum FROM book_line") == [{"sum": 0}]
        rows = self.sql("SELECT kind, source FROM book_entry WHERE payment_id = %s ORDER BY posted_at", payment["id"])
        return [(row["kind"], row["source"]) for row in rows]

    def lines(self, payment: Mapping[str, Any]) -> dict[str, int]:
        """Of its entries, by account; debits are positive."""
        rows = self.sql(
            "SELECT account, sum(amount)::bigint AS sum FROM book_line JOIN book_entry USING (tenant, entry_id) "
            "WHERE payment_id = %s GROUP BY account",
            payment["id"],
        )
        return {row["account"]: row["sum"] for row in rows}

    def cases(self, reference: str) -> list[str]:
        """The kind of every case about a reference of ours or of a rail."""
        rows = self.sql("SELECT kind, about, facts FROM money_case ORDER BY id")
        return [row["kind"] for row in rows if reference in f"{row['about']} {json.dumps(row['facts'])}"]

    def alarms(self, kind: str) -> int:
        """How often something of this kind was noticed."""
        found = self.sql("SELECT coalesce(sum(count), 0)::int AS times FROM alarm WHERE kind = %s", kind)
        return int(found[0]["times"])

    def impatient(self, kind: str) -> None:
        """What waits in the outbox under this kind of key is due at once."""
        with psycopg.connect(self._dsn, options="-c search_path=lienthong") as connection:
            connection.execute("UPDATE stream SET due = now() WHERE starts_with(key, %s) AND owner = ''", [kind])

    def sql(self, question: str, *values: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self._dsn, options="-c search_path=lienthong", row_factory=dict_row) as connection:
            return connection.execute(question, values or None).fetchall()  # type: ignore[arg-type]  # of our own


def today() -> date:
    return datetime.now(VIETNAM).date()


def moment(days_ago: int, clock: str) -> str:
    """A local moment as the rails write it; `clock` is HHmmss."""
    return f"{today() - timedelta(days=days_ago):%Y%m%d}{clock}"


@contextlib.contextmanager
def open_till(dsn: str, logs: Path, *mocks: str, **settings: str) -> Iterator[Till]:
    """A town with the rails and `mocks`."""
    own = {"LIENTHONG_SYSTEMS__PAYMENT__PREVIOUS_SECRET": OLD_SECRET, "LIENTHONG_DATABASE_URL": dsn}
    town = Town(logs, first_port=journey.free_ports(), settings={**journey.FAST, **own, **settings}, money=True)
    try:
        for mock in (*PLAYED, *mocks):
            town.start_mock(mock)
        town.start_api()
        town.start_worker()
        with closing(Caller(town, town.add_client("motcua", *SCOPES))) as caller:
            yield Till(town, caller, dsn)
    finally:
        town.stop()


@contextlib.contextmanager
def restarted(till: Till, system: str, **settings: Any) -> Iterator[None]:
    """The API with other settings of a system meanwhile; the worker keeps its own."""
    before = till.town.environment
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
    head, other = f"[systems.{system}]\n", till.town.logs / "meanwhile.toml"
    other.write_text(Path(before["LIENTHONG_CONFIG"]).read_text().replace(head, head + lines))
    try:
        _restart_api(till.town, {**before, "LIENTHONG_CONFIG": str(other)})
        yield
    finally:
        _restart_api(till.town, before)


def mend(till: Till) -> None:
    """The mocks' switches are put back, and what was planned is forgotten."""
    for mock in till.town.processes.keys() & set(MOCKS):
        for path in ("/_mock/settings", "/_mock/faults"):
            loopback.delete(f"{till.town.mock_url(mock)}{path}").raise_for_status()


def kill_database(postmaster: Path) -> None:
    """kill -9; it comes back by itself."""
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        os.kill(int(postmaster.read_text().split()[0]), signal.SIGKILL)


def _restart_api(town: Town, environment: dict[str, str]) -> None:
    town.kill("gateway")
    town.environment = environment
    town.start_api()
