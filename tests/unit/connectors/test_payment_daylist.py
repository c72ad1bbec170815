"""The day's list of transactions (MOCK-RECON): whole, or no list at all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from systems import bench

from connectors.payment import daylist
from gateway.sdk import Answered, ConfigurationError, GatewayError, Outcome, ProtocolViolation, WireReply

DAY = "2026-08-01"
SECRET = "S3cretDEMO"
PAID = "PP260801000123|PAY26K7Q2M0001|PAY|1|150000|VND|20260801235958|0000111122|DEMOBANK"
FAILED = "PP260801000124|PAY26K7Q2M0002|PAY|4|3000000000|VND|20260801143142|0000111122|DEMOBANK"
REFUND = "PR260801000125|PAY26K7Q2M0001|REFUND|1|50000|VND|20260802000003||"


def listed(
    *lines: str, day: str = DAY, partner: str = "DEMO-H99", count: str | None = None, total: str | None = None
) -> bytes:
    """A list as the platform would write it, with a right checksum over what it says."""
    rest = "".join(f"{line}\n" for line in lines)
    amounts = sum(int(line.split("|")[4]) for line in lines) if total is None else 0
    head = ["MOCK-RECON", day, partner, str(len(lines)) if count is None else count, total or str(amounts)]
    return f"{'|'.join([*head, daylist.sign(head, rest, SECRET)])}\n{rest}".encode()


def read(content: bytes, *, label: str = "text/plain", **settings: Any) -> Outcome:
    system = bench("payment", **settings)
    reply = WireReply(status=200, headers={"content-type": label}, content=content)
    return system.connector.interpret(system.call("list_transactions", {"Ngay": DAY}), reply)


def told(content: bytes, **settings: Any) -> dict[str, Any]:
    outcome = read(content, **settings)
    assert isinstance(outcome, Answered)
    return bench("payment").mappings.reply("list_transactions", outcome.body)


def test_a_whole_list_is_read_line_by_line() -> None:
    """PAY-07 (part), F29: a line may lie beyond midnight of the day's file."""
    document = told(listed(PAID, FAILED, REFUND))
    assert (document["count"], document["total"]) == (3, 3_000_200_000)
    assert [(line["kind"], line["status"], line["amount"]) for line in document["lines"]] == [
        ("payment", "paid", 150_000),
        ("payment", "failed", 3_000_000_000),
        ("refund", "refunded", 50_000),
    ]
    assert document["lines"][0] == {
        "transaction_id": "PP260801000123",
        "reference": "PAY26K7Q2M0001",
        "kind": "payment",
        "status": "paid",
        "amount": 150_000,
        "currency": "VND",
        "paid_at": "2026-08-01T23:59:58+07:00",
        "beneficiary_account": "0000111122",
        "bank_code": "DEMOBANK",
    }
    assert document["lines"][2].get("beneficiary_account") is None


def test_a_day_without_transactions_is_a_list_too() -> None:
    assert told(listed()) == {"lines": [], "count": 0, "total": 0}


def test_the_former_secret_counts_while_it_rotates() -> None:
    """F31."""
    assert told(listed(PAID), secret="new", previous_secret=SECRET)["count"] == 1
    with pytest.raises(ProtocolViolation):
        read(listed(PAID), secret="new")


@pytest.mark.parametrize(
    "content",
    [
        listed(PAID, count="2"),
        listed(PAID, total="150001"),
        listed(PAID).replace(b"|150000|", b"|15000|"),
        listed(PAID)[:-1],
        listed(PAID) + b"\n",
        listed(PAID) + f"{REFUND}\n".encode(),
        listed(PAID).partition(b"\n")[0],
        listed(PAID, day="2026-08-02"),
        listed(PAID, partner="DEMO-H98"),
        listed(PAID).replace(b"MOCK-RECON", b"OTHER"),
        listed(PAID).replace(b"\n", b"\r\n"),
        listed("PP1|R|PAY|3|150000|VND|20260801143142||"),
        listed("PP1|R|REFUND|3|150000|VND|20260801143142||"),
        listed("PP1|R|PAY|1|150000|VND|20260801253142||"),
        listed("|R|PAY|1|150000|VND|20260801143142||"),
        listed("PP1|R|PAY|1|150000|VND|20260801143142|"),
        listed("PP1|R|PAY|1|150000.0|VND|20260801143142||", total="150000"),
        listed("PP1|R|PAY|1|-5|VND|20260801143142||", total="-5"),
        listed("PP1|R|PAY|1|٣|VND|20260801143142||", total="3"),
        listed("PP\x001|R|PAY|1|150000|VND|20260801143142||"),
        listed("PP1|R\x1b[2J|PAY|1|150000|VND|20260801143142||"),
        listed(f"{'P' * 256}|R|PAY|1|150000|VND|20260801143142||"),
        b"\xff\xfe",
        b"<html>",
    ],
)
def test_half_a_list_is_none(content: bytes) -> None:
    """Count, total and checksum must hold; anything less would be discrepancies that are none."""
    with pytest.raises(ProtocolViolation):
        read(content)


@pytest.mark.parametrize("label", ["application/json", "text/html", "application/pdf"])
def test_a_list_that_is_labelled_as_something_else_is_none(label: str) -> None:
    with pytest.raises(ProtocolViolation):
        read(listed(PAID), label=label)


@given(st.text(max_size=80))
def test_noise_is_no_list(text: str) -> None:
    reply = WireReply(status=200, content=text.encode(errors="replace"))
    with pytest.raises(GatewayError):
        daylist.read(reply, day=DAY, partner="DEMO-H99", secrets=[SECRET])


def test_the_day_stands_in_the_path_and_sql_stays_text() -> None:
    """F38."""
    system = bench("payment", transactions_path="/recon?d={date}&p=1", bearer_token="t0ken")
    request = system.connector.prepare(system.call("list_transactions", {"Ngay": DAY}))
    assert request.url == "http://127.0.0.1:7104/recon?d=2026-08-01&p=1"
    assert request.headers == {"Authorization": "Bearer t0ken"}
    line = "PP1|'); DROP TABLE payments;--|PAY|1|5|VND|20260801143142||"
    assert told(listed(line))["lines"][0]["reference"] == "'); DROP TABLE payments;--"


def test_a_rail_without_a_list_says_so() -> None:
    system = bench("payment", transactions_path="")
    with pytest.raises(ConfigurationError) as raised:
        system.connector.prepare(system.call("list_transactions", {"Ngay": DAY}))
    assert raised.value.error_code == "operator.no_transaction_list"


@pytest.mark.parametrize("path", ["pp/recon/{date}", "/pp/recon"])
def test_a_path_that_could_not_name_a_day_is_refused_at_start(path: str) -> None:
    with pytest.raises(ValueError, match="transactions_path"):
        bench("payment", transactions_path=path)
