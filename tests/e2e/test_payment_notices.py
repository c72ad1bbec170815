"""What rails tell us, over real sockets: each đồng is posted once, and what does not fit or is not theirs never is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import journey
import loopback
import psycopg
import pytest
from postgres import reachable_folder
from story import dossier_document, step
from till_steps import OLD_SECRET, Till, kill_database, mend, moment, open_till

from gateway.database import EmbeddedCluster

ONCE = [("collection", "notice")]


@pytest.fixture(autouse=True)
def _mended(till: Till) -> Iterator[None]:
    yield
    mend(till)


def test_F01_paid_at_the_bank_page_moves_the_dossier_on_and_is_posted_once(till: Till) -> None:
    """PAY-01 (part), PAY-02, PAY-06, PAY-09, F01: from the fee that is due to receipts and the dossier's step."""
    document = till.document()
    code = document["dossier_code"]
    assert till.caller.send("PUT", f"/v1/dossiers/{code}", dossier_document(journey.BEGAN)).status_code == 202
    for number, status in enumerate((2, 4, 6), 1):
        event = step(number, status, journey.BEGAN.replace(minute=30 + number))
        assert till.caller.send("POST", f"/v1/dossiers/{code}/status-events", event).status_code == 202
    payment = till.open(dossier_code=code)
    assert "150.000" in loopback.get(payment["pay_url"]).text
    loopback.post(payment["pay_url"], data={"action": "pay"})
    paid = till.reaches(payment, "paid")
    assert (paid["postings"], paid["excess"], till.entered(payment)) == (1, False, ONCE)
    assert till.lines(payment) == {"rail": 150_000, "fee": -120_000, "charge": -30_000}
    assert till.bill(payment)["state"] == "paid"
    receipts = till.receipts(payment, "issued")
    assert {(receipt["kind"], receipt["amount"]) for receipt in receipts} == {("fee", 120_000), ("charge", 30_000)}
    vouchers = f"/v1/payments/{payment['id']}/vouchers"
    assert len(journey.until(lambda: till.ask("GET", vouchers)["vouchers"], bool)) == 1
    known = till.at(payment)
    assert ([sent["verdict"] for sent in known["ipns"]], known["MaGiaoDich"]) == (
        ["acknowledged"],
        paid["transaction_id"],
    )
    assert journey.arrive(till.caller, code)["complete"]
    assert journey.held(till.town, code)[1] == [2, 4, 6, 4]


def test_F02_a_notice_before_the_answer_to_INIT_finds_the_attempt_that_was_stored_first(till: Till) -> None:
    """PAY-06, PAY-08, F02."""
    till.fault("early_ipn", "/pp/init")
    payment = till.ask("POST", "/v1/payments", till.document())
    assert (payment["state"], payment["postings"], payment["pay_url"]) == ("paid", 1, None)
    assert [sent["verdict"] for sent in till.at(payment)["ipns"]] == ["acknowledged"]
    assert till.entered(payment) == ONCE


def test_F03_a_notice_that_is_sent_again_gets_the_same_good_answer_and_posts_nothing(till: Till) -> None:
    """PAY-06, F03."""
    till.mock("payment", "/_mock/faults", {"fault": "duplicate:3", "contains": "action=pay"})
    payment = till.open()
    loopback.post(payment["pay_url"], data={"action": "pay"})
    told = journey.until(lambda: till.at(payment)["ipns"], lambda ipns: len(ipns) == 3)
    assert [sent["verdict"] for sent in told] == ["acknowledged"] * 3
    seen = till.seen(payment)
    assert (seen["state"], seen["notices"], seen["postings"], till.entered(payment)) == ("paid", 3, 1, ONCE)


@pytest.mark.parametrize(("rail", "good"), [("payment", {"00"}), ("vnpay", {"00", "02"})])
def test_F04_a_hundred_notices_at_once_are_all_acknowledged_and_posted_once(
    till: Till, rail: str, good: set[str]
) -> None:
    """PAY-06, F04."""
    payment = till.open(rail=rail)
    till.act(payment, "pay", copies=0)
    answers = till.notice(payment, times=100)
    assert (len(answers), set(answers) <= good) == (100, True), set(answers)
    seen = till.seen(payment)
    assert (seen["state"], seen["notices"], seen["postings"], till.entered(payment)) == ("paid", 100, 1, ONCE)


@pytest.mark.parametrize("checksum", ["forged", "missing"])
@pytest.mark.parametrize(("rail", "refusal"), [("payment", "99"), ("vnpay", "97")])
def test_F06_a_notice_with_a_wrong_checksum_changes_nothing_and_raises_an_alarm(
    till: Till, rail: str, refusal: str, checksum: str
) -> None:
    """PAY-06, PAY-08, F06."""
    payment, before = till.open(rail=rail), till.alarms("inbound_not_trusted")
    assert till.notice(payment, checksum=checksum) == [refusal]
    seen = till.seen(payment)
    assert (seen["state"], seen["notices"], seen["postings"], till.entered(payment)) == ("opened", 0, 0, [])
    assert till.alarms("inbound_not_trusted") == before + 1


@pytest.mark.parametrize(
    ("rail", "amount", "refusal"),
    [
        ("payment", {"SoTien": 15_000}, "99"),
        ("payment", {"SoTien": 1_500_000}, "99"),
        ("vnpay", {"vnp_Amount": "1500000"}, "04"),
    ],
)
def test_F07_another_amount_well_signed_is_refused_and_becomes_a_case(
    till: Till, rail: str, amount: dict[str, int | str], refusal: str
) -> None:
    """PAY-05 (part), PAY-06, F07: and the right amount, when it comes, is taken all the same."""
    payment = till.open(rail=rail)
    till.act(payment, "pay", copies=0)
    assert till.notice(payment, set=amount) == [refusal]
    seen = till.seen(payment)
    assert (seen["state"], seen["postings"], till.entered(payment)) == ("opened", 0, [])
    assert till.cases(payment["id"]) == ["amount_mismatch"]
    assert till.notice(payment) == ["00"]
    assert (till.seen(payment)["postings"], till.entered(payment)) == (1, ONCE)


@pytest.mark.parametrize("rail", ["payment", "vnpay"])
def test_F08_a_late_success_after_a_failure_is_accepted(till: Till, rail: str) -> None:
    """PAY-08, F08: the platform's "99" is no failure until QUERY says so; VNPAY's codes are."""
    payment = till.open(rail=rail)
    till.act(payment, "cancel")
    failed = till.reaches(payment, "failed")
    assert (failed["postings"], till.bill(payment)["state"]) == (0, "unpaid")
    till.act(payment, "pay")
    assert (till.reaches(payment, "paid")["postings"], till.entered(payment)) == (1, ONCE)
    assert till.at(payment)["ipns"][-1]["verdict"] == ("acknowledged" if rail == "payment" else "00")


def test_F25_a_number_as_a_text_and_a_text_as_a_number_are_read_and_a_fraction_is_refused(till: Till) -> None:
    """PAY-06, F25: 150000.0 is no amount of đồng, neither in a notice nor in QUERY."""
    told, numbered, asked = till.open(), till.open(), till.open()
    for payment in (told, numbered):
        till.act(payment, "pay", copies=0)
    assert till.notice(told, set={"SoTien": 150000.0}) == ["99"]
    assert till.entered(told) == []
    till.switch(amount_form="string")
    assert till.notice(told) == ["00"]
    assert till.notice(numbered, set={"ThoiGianGD": int(moment(0, "000001"))}) == ["00"]
    for payment in (told, numbered):
        assert (till.seen(payment)["state"], till.entered(payment)) == ("paid", ONCE)
    till.switch(query_set={"SoTien": 150000.0})
    till.act(asked, "pay", copies=0)
    till.check(asked)
    assert (till.seen(asked)["postings"], till.entered(asked)) == (0, [])
    mend(till)
    assert till.notice(asked) == ["00"]
    assert [kind for kind, _ in till.entered(asked)] == ["collection"]


@pytest.mark.parametrize(("rail", "refusal"), [("payment", "99"), ("vnpay", "01")])
def test_F26_a_notice_of_an_unknown_reference_is_refused_and_becomes_a_case(
    till: Till, rail: str, refusal: str
) -> None:
    """PAY-06, F26: money that nobody asked for is somebody's."""
    unknown = f"PAYUNKNOWN{rail.upper()}"
    assert till.notice(unknown, rail=rail) == [refusal]
    assert till.cases(unknown) == ["unknown_reference"]
    assert till.sql("SELECT 1 FROM book_entry WHERE transaction_id LIKE '%%999999'") == []


def test_F27_a_notice_for_another_agencys_partner_is_refused(till: Till) -> None:
    """PAY-06, F27: signed by the other partner, or by ours in the other's name."""
    payment, before = till.open(), till.alarms("inbound_not_trusted")
    assert till.notice(payment, set={"MaDoiTac": "DEMO-H98"}) == ["99"]
    assert till.notice(payment, set={"MaDoiTac": "DEMO-H98"}, secret="S3cretDEMO") == ["99"]
    seen = till.seen(payment)
    assert (seen["state"], seen["notices"], till.entered(payment)) == ("opened", 0, [])
    assert till.alarms("inbound_not_trusted") == before + 2


def test_F28_a_month_old_valid_notice_posts_nothing_until_QUERY_agrees(till: Till) -> None:
    """PAY-06, PAY-08, F28: nothing in the signature says when it was sent, so it may be a replay."""
    payment, old = till.open(), {"ThoiGianGD": moment(40, "080000")}
    assert till.notice(payment, set=old) == ["00"]
    journey.until(lambda: till.at(payment)["queries"], lambda queries: queries > 0)
    seen = till.seen(payment)
    assert (seen["state"] == "paid", seen["postings"], till.entered(payment)) == (False, 0, [])
    till.act(payment, "pay", copies=0)
    assert till.notice(payment, set=old) == ["00"]
    assert (till.reaches(payment, "paid")["postings"], till.entered(payment)) == (1, [("collection", "query")])
    assert till.notice(payment, set=old) == ["00"]
    assert till.entered(payment) == [("collection", "query")]


def test_F31_while_a_secret_is_rotated_the_old_and_the_new_one_hold_and_no_third(till: Till) -> None:
    """PAY-06, F31."""
    payment, other = till.open(), till.open()
    till.act(payment, "pay", copies=0)
    assert till.notice(payment, secret="S3cretNOBODYS") == ["99"]
    assert till.entered(payment) == []
    assert till.notice(payment, secret=OLD_SECRET) == ["00"]
    till.switch(partners={"DEMO-H99": ["S3cretDEMO", OLD_SECRET]})
    till.act(other, "pay")
    for paid in (payment, other):
        assert (till.reaches(paid, "paid")["postings"], till.entered(paid)) == (1, ONCE)
    assert [sent["verdict"] for sent in till.at(other)["ipns"]] == ["acknowledged"]


def test_F32_a_notice_while_the_database_dies_is_not_acknowledged_and_posted_when_it_comes_again(
    tmp_path: Path,
) -> None:
    """PAY-06, PAY-08, F32: "yes" is said after the commit. The notice waits in its transaction when the end comes."""
    with reachable_folder() as folder, EmbeddedCluster(folder / "pg").running() as dsn, open_till(dsn, tmp_path) as own:
        payment = own.open()
        own.switch(ipn_interval_s=20, ipn_tries=200)
        with closing(psycopg.connect(dsn, options="-c search_path=lienthong")) as holder:
            holder.execute("SELECT 1 FROM bill FOR UPDATE")
            own.act(payment, "pay", **{"await": False})
            waiting = "SELECT count(*) AS number FROM pg_locks WHERE NOT granted"
            assert journey.until(lambda: own.sql(waiting)[0]["number"], lambda number: number > 0)
            kill_database(folder / "pg" / "data" / "postmaster.pid")
            first = journey.until(lambda: own.at(payment)["ipns"], bool)[0]
            assert first["status"] is None or first["status"] >= 500, first
        told = journey.until(lambda: own.at(payment)["ipns"], lambda ipns: ipns[-1]["verdict"] == "acknowledged")
        assert [sent["verdict"] for sent in told].count("acknowledged") == 1, told
        assert (own.seen(payment)["state"], own.entered(payment)) == ("paid", ONCE)


def test_F33_keys_in_another_order_and_unknown_ones_change_nothing(till: Till) -> None:
    """PAY-06, F33: in the answer to INIT, in the notice, and in the answer to QUERY."""
    till.switch(key_order="reversed", extra_fields={"TruongLa": {"x": [1, None]}, "SoTienKhac": 1})
    told, asked = till.open(), till.open()
    till.act(told, "pay")
    till.act(asked, "pay", copies=0)
    till.check(asked)
    for payment, source in ((told, "notice"), (asked, "query")):
        assert (till.reaches(payment, "paid")["postings"], till.entered(payment)) == (1, [("collection", source)])
    assert [sent["verdict"] for sent in till.at(told)["ipns"]] == ["acknowledged"]


def test_F38_quotes_and_SQL_in_remote_text_stay_data(till: Till) -> None:
    """PAY-06, F38."""
    evil, told, asked = "PP'); DROP TABLE book_line;--", till.open(), till.open()
    till.act(told, "pay", copies=0)
    assert till.notice(told, set={"ThongTinGiaoDich": evil, "MaNganHang": "x' OR '1'='1"}) == ["00"]
    till.switch(query_set={"MaGiaoDich": evil, "MaNganHang": '"; SELECT 1', "MoTaLoi": evil})
    till.act(asked, "pay", copies=0)
    till.check(asked)
    assert till.reaches(asked, "paid")["transaction_id"] == evil
    for payment, source in ((told, "notice"), (asked, "query")):
        assert (till.seen(payment)["postings"], till.entered(payment)) == (1, [("collection", source)])
