"""Money in the console: a board whose figures are its lists, cases, refunds, days, statements, receipts."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
import pytest_asyncio
from console_house import Browser, House
from console_money import ACCOUNT, AGENCY, PAYER, Money

from gateway.bootstrap import utc_now
from gateway.domain import local_day
from gateway.operators.model import Role
from gateway.payments.model import BillState, PaymentState

BASE = "/console/payments"
FIGURE = re.compile(r'<a[^>]* href="([^"]+)" data-figure="([^"]+)" data-count="(\d+)"')
PERSONAL = (PAYER["full_name"], PAYER["personal_id"], PAYER["address"], "NOP PHI")


@pytest.fixture(scope="module")
def money(house: House) -> Money:
    return Money(house)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(house: House) -> Browser:
    return await house.enter(Role.OPERATOR)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def viewer(house: House) -> Browser:
    return await house.enter(Role.VIEWER)


def rows(page: str) -> int:
    return sum(body.count("<tr>") for body in re.findall(r"<tbody>(.*?)</tbody>", page, re.S))


def leaves(found: list[str], operation: str) -> list[str]:
    return [leaf for leaf in found if f'"operation":"{operation}"' in leaf]


async def told(house: House) -> list[str]:
    return [row.leaf.decode() for row in await house.gateway.stores.audit.find(house.gateway.tenant, limit=20)]


async def something_of_everything(money: Money) -> None:
    """2 unpaid bills, 1 exempt, 6 that were paid: 1 of them twice, 1 three days ago, 1 twenty days ago; 2 refunds (of
    the excess, and one that was asked for); 2 cases."""
    await money.bill()
    await money.bill(state=BillState.EXEMPT)
    await money.attempt(await money.bill(), state=PaymentState.UNKNOWN)
    for days in (0, 3, 20):
        await money.paid(ago=timedelta(days=days))
    bill = await money.bill()
    await money.paid(bill=bill)
    await money.paid(bill=bill)
    await money.refund(await money.paid())
    await money.case()
    await money.case()


async def figures_of(browser: Browser, span: str = "today") -> dict[str, tuple[str, int]]:
    """The list that each figure opens, and the figure."""
    found = FIGURE.findall(await browser.get(f"{BASE}?span={span}"))
    return {name: (unescape(path), int(count)) for path, name, count in found}


@pytest.mark.usefixtures("one_day")
@pytest.mark.parametrize("span", ["today", "week", "month"])
async def test_every_figure_of_the_board_is_the_length_of_the_list_that_it_opens(
    viewer: Browser, money: Money, span: str
) -> None:
    """KPI-12."""
    before = await figures_of(viewer, span)
    await something_of_everything(money)
    figures = await figures_of(viewer, span)
    assert {"cash", "receipts_due", "waiting", "untold", "findings", "issued", "case-amount_mismatch"} <= {*figures}
    for name, (path, count) in figures.items():
        page = await viewer.get(path)
        assert f'data-count="{count}"' in page, (name, path)
        assert rows(page) == min(count, 50), (name, path)
    more = {name: count - before.get(name, ("", 0))[1] for name, (_, count) in figures.items()}
    assert more["paid"] == {"today": 4, "week": 5, "month": 6}[span]
    assert (more["due"], more["unpaid"], more["exempt"], more["unclear"], more["excess"]) == (7, 2, 1, 1, 1)
    assert (more["refund-requested"], more["cases"], more["case-amount_mismatch"]) == (2, 2, 2)
    assert more["receipts_due"] == 10  # a fee and a charge of each bill that was paid


async def test_a_list_is_read_page_by_page_and_loses_nothing(viewer: Browser, money: Money) -> None:
    for number in range(60):
        at = utc_now() - timedelta(days=400, seconds=number // 2)
        await money.bill(created_at=at, updated_at=at)
    day = local_day(utc_now() - timedelta(days=400))
    path, seen, pages = f"{BASE}/bills?first={day - timedelta(days=1)}&last={day}", list[str](), 0
    while path:
        page = await viewer.get(path)
        seen += re.findall(r"/console/payments/bills/(\w+)", page)
        onward = re.search(r'class="onward"><a href="([^"]+)"', page)
        path, pages = unescape(onward[1]) if onward else "", pages + 1
    assert (len(seen), len(set(seen)), pages) == (60, 60, 2)


async def test_a_bill_and_its_attempt_say_everything_but_who_pays(viewer: Browser, money: Money) -> None:
    """PAY-06 (part), PAY-08 (part), PAY-18 (part)."""
    payment = await money.paid()
    bill = await viewer.get(f"{BASE}/bills/{payment.bill_id}")
    attempt = await viewer.get(f"{BASE}/attempts/{payment.payment_id}")
    assert ("150.000 ₫" in bill, payment.payment_id in bill, ACCOUNT in bill) == (True, True, True)
    assert "Đã nộp" in attempt
    assert f"<code>{payment.transaction_id}</code>" in attempt
    assert f"/console/transactions/about/{payment.payment_id}" in attempt
    assert f"{payment.payment_id}-F" in attempt
    assert f"collection:{payment.payment_id}" in attempt
    for said in PERSONAL:
        assert said not in bill + attempt


async def test_what_is_unclear_shows_the_ladder_and_is_asked_at_once(
    house: House, operator: Browser, viewer: Browser, money: Money
) -> None:
    """PAY-08 (part)."""
    payment = await money.attempt(await money.bill(), state=PaymentState.UNKNOWN)
    asking = house.gateway.able.till.asking
    await asking.enqueue(asking.first(payment, context=money.context))
    path = f"{BASE}/attempts/{payment.payment_id}"
    page = await viewer.get(path)
    assert "Chưa rõ, đang hỏi kênh" in page
    assert "Lần hỏi tiếp theo" in page
    assert "Hỏi kênh ngay" not in page
    await viewer.post(f"{path}/ask", status=403)
    assert "Hỏi kênh ngay" in await operator.get(path)
    assert "Đã yêu cầu hỏi kênh ngay" in await operator.send(f"{path}/ask")
    (view,) = await house.gateway.stores.outbox.views(money.tenant, payment.payment_id, now=utc_now())
    assert view.next_attempt_at is not None
    assert view.next_attempt_at <= utc_now()


async def test_a_case_is_resolved_with_words_by_whoever_may(
    house: House, operator: Browser, viewer: Browser, money: Money
) -> None:
    """PAY-07 (part), SEC-04 (part)."""
    case = await money.case()
    path = f"{BASE}/cases/{case.id}"
    page = await viewer.get(path)
    assert ("Lệch số tiền" in page, "15.000 ₫" in page, "Kênh thanh toán" in page) == (True, True, True)
    assert "tra soát ngay trong ngày" in page
    assert "/resolve" not in page
    await viewer.post(f"{path}/resolve", {"words": "x"}, status=403)
    await operator.get(path)
    assert "caller.resolution" in (await operator.post(f"{path}/resolve", {"words": " "}, status=422)).text
    done = await operator.send(f"{path}/resolve", {"words": "Kênh đã sửa", "evidence": "a" * 64})
    assert ("Đã ghi kết quả xử lý" in done, "Kênh đã sửa" in done) == (True, True)
    assert "Kênh đã sửa" not in await viewer.get(path)
    found = await told(house)
    (leaf,) = [leaf for leaf in leaves(found, "resolve_case") if f"case:{case.id}" in leaf]
    assert '"actor":"operator:operator.' in leaf
    assert "sửa" not in leaf
    await operator.post(f"{path}/resolve", {"words": "lần nữa"}, status=409)


async def test_a_refund_is_approved_by_a_second_person_and_proven(
    house: House, operator: Browser, viewer: Browser, money: Money
) -> None:
    """PAY-16 (part), PAY-18 (part), SEC-17 (part)."""
    own = (await operator.get("/console")).split('href="/console/account">')[1].split("<")[0]
    mine, theirs = await money.refund(await money.paid(), by=own), await money.refund(await money.paid())
    decision = {"number": "12/QĐ-UBND", "day": "2026-11-23", "way": "by_hand"}
    page = await operator.get(f"{BASE}/refunds/{mine.refund_id}")
    assert ("Bạn là người đề nghị" in page, f"{mine.refund_id}/approve" in page) == (True, False)
    refused = await operator.post(f"{BASE}/refunds/{mine.refund_id}/approve", decision, status=403)
    assert "caller.same_officer" in refused.text

    path = f"{BASE}/refunds/{theirs.refund_id}"
    page = await viewer.get(path)
    assert ("Hồ sơ bị từ chối" in page, "/approve" in page, "/cancel" in page) == (False, False, False)
    for act in ("approve", "cancel"):
        await viewer.post(f"{path}/{act}", decision, status=403)
    assert "Hồ sơ bị từ chối" in await operator.get(path)
    await operator.post(f"{path}/approve", {"way": "by_hand"}, status=422)  # without a decision
    assert "Đã phê duyệt, chờ chi trả" in await operator.send(f"{path}/approve", decision)
    proof = {"document": "UNC-7", "paid_at": "2026-11-24T10:00", "account": "0011223344", "name": "TRAN THI MAU"}
    await viewer.post(f"{path}/record", proof, status=403)
    await operator.get(path)
    page = await operator.send(f"{path}/record", proof)
    assert ("Đã hoàn trả" in page, "UNC-7" in page) == (True, True)
    assert "0011223344" not in page + (await viewer.get(path))
    found = await told(house)
    for operation in ("approve_refund", "record_refund"):
        (leaf,) = [leaf for leaf in leaves(found, operation) if theirs.refund_id in leaf]
        assert f'"actor":"operator:{own}"' in leaf
        assert "0011223344" not in leaf
    assert "caller.refund_state" in (await operator.post(f"{path}/cancel", status=409)).text


async def test_a_refund_is_called_off(operator: Browser, money: Money) -> None:
    refund = await money.refund(await money.paid())
    path = f"{BASE}/refunds/{refund.refund_id}"
    await operator.get(path)
    assert "Đã huỷ" in await operator.send(f"{path}/cancel")


CSV = "day,transaction_id,amount\n"


async def send(browser: Browser, text: str, do: str, *, status: int = 200, account: str = ACCOUNT) -> str:
    await browser.get(f"{BASE}/statements")
    said = {"csrf": browser.token, "account": account, "do": do}
    files = {"file": ("saoke.csv", text.encode(), "text/csv")}
    response = await browser.client.post(f"{BASE}/statements", data=said, files=files)
    assert response.status_code == status, response.text[-1000:]
    return response.text if status != 303 else await browser.get(response.headers["location"])


async def test_a_statement_that_is_wrong_is_refused_by_line_and_taken_once_it_is_right(
    house: House, operator: Browser, viewer: Browser
) -> None:
    """PAY-07 (part): nothing of a bad file is taken, and every line that is wrong is named."""
    refused = await send(operator, f"{CSV}2026-11-03,FT1,1.5\nx,FT2,5\n", "take", status=422)
    assert ("dòng 2, amount" in refused, "dòng 3, day" in refused) == (True, True)
    assert ACCOUNT not in await house.gateway.stores.office.statements.covered(house.gateway.tenant)
    good = f"{CSV}2026-11-03,FT1,150.000\n2026-11-04,FT2,-5000\n"
    seen = await send(operator, good, "preview")
    assert ("chưa nhập gì" in seen, "145.000 ₫" in seen) == (True, True)
    assert ACCOUNT not in await house.gateway.stores.office.statements.covered(house.gateway.tenant)
    await send(viewer, good, "take", status=403)
    assert "Đã nhập 2 dòng mới" in await send(operator, good, "take", status=303)
    assert "đã nhập trước đó" in await send(operator, good, "take", status=303)
    assert "04/11/2026" in await viewer.get(f"{BASE}/statements")
    assert leaves(await told(house), "import_statement")
    await send(operator, CSV + "x" * 5_242_881, "take", status=413)
    await send(operator, good, "take", status=422, account=" ")


async def test_a_day_is_compared_shows_who_must_act_and_is_closed(
    house: House, operator: Browser, viewer: Browser
) -> None:
    """PAY-07 (part)."""
    await send(operator, f"{CSV}2026-10-07,GD9,77000\n", "take", status=303, account="3511000000009")
    path = f"{BASE}/closing?day=2026-10-07"
    page = await viewer.get(path)
    assert ("Chưa đối soát" in page, "closing/compare" in page) == (True, False)
    day = {"day": "2026-10-07", "rail": "bank"}
    await viewer.post(f"{BASE}/closing/compare", day, status=403)
    await viewer.post(f"{BASE}/closing/close", day, status=403)
    await operator.get(path)
    page = await operator.send(f"{BASE}/closing/compare", day)
    assert ("Chỉ sao kê có" in page, "77.000 ₫" in page, "Ngân hàng, kho bạc" in page) == (True, True, True)
    assert "Chưa so hết" in page  # the rails were not compared: nobody says that it agrees
    (number,) = set(re.findall(r"/console/payments/cases/(\d+)", page))
    listed = await viewer.get(unescape(re.search(r'class="onward"><a href="([^"]+)"', page)[1]))  # type: ignore[index]  # it stands there
    assert (rows(listed), f"cases/{number}" in listed) == (1, True)
    page = await operator.send(f"{BASE}/closing/close", day)
    assert ("Đã khoá sổ" in page, 'value="bank"' in page) == (True, False)
    assert "caller.day_closed" in (await operator.post(f"{BASE}/closing/close", day, status=409)).text
    found = await told(house)
    assert leaves(found, "reconcile_money")
    assert leaves(found, "close_money_day")
    nobody = await operator.client.post(f"{BASE}/closing/compare", data={**day, "rail": "x", "csrf": operator.token})
    assert "no_such_rail" in nobody.text


@pytest.mark.usefixtures("one_day")
async def test_a_day_that_is_not_over_is_not_compared(operator: Browser) -> None:
    today = local_day(utc_now())
    page = await operator.get(f"{BASE}/closing?day={today}")
    assert ("chưa kết thúc" in page, "closing/compare" in page) == (True, False)
    response = await operator.client.post(
        f"{BASE}/closing/compare", data={"day": str(today), "rail": "bank", "csrf": operator.token}
    )
    assert "day_not_over" in response.text


@pytest.mark.usefixtures("one_day")
async def test_receipts_are_issued_and_wait_for_the_tax_office_until_it_took_them(
    house: House, operator: Browser, viewer: Browser, money: Money
) -> None:
    """KPI-12, PAY-13 (part): not told is never shown as told."""
    payment = await money.paid()
    await operator.get(f"{BASE}/receipts?pile=receipts_due")
    await viewer.get(BASE)
    await viewer.post(f"{BASE}/receipts/issue", status=403)
    assert "Đã lập" in await operator.send(f"{BASE}/receipts/issue")
    path = f"{BASE}/receipts/{payment.payment_id}-F"
    page = await viewer.get(path)
    assert ("Có hiệu lực" in page, "Chưa tới cơ quan thuế" in page, "Trong hạn" in page) == (True, True, True)
    assert PAYER["full_name"] not in page
    figures = await figures_of(viewer)
    day = local_day(utc_now())
    path_of_waiting, count = figures[f"waiting-{day}"]
    assert count == figures["waiting"][1] >= 2
    assert f"{payment.payment_id}-F" in await viewer.get(path_of_waiting)
    await house.gateway.ground.database.run(
        "UPDATE stream SET head = tail, due = NULL WHERE key = %(key)s",
        {"key": f"receipt:{payment.payment_id}-F"},
    )
    assert "Cơ quan thuế đã nhận" in await viewer.get(path)
    assert (await figures_of(viewer))["waiting"][1] == count - 1


async def test_of_a_receipt_and_its_correction_each_is_told_or_not_by_itself(
    house: House, operator: Browser, viewer: Browser, money: Money
) -> None:
    """PAY-13 (part), PAY-16 (part)."""
    payment = await money.paid()
    await operator.get(f"{BASE}/receipts?pile=receipts_due")
    await operator.send(f"{BASE}/receipts/issue")
    refund = await money.refund(payment)
    path = f"{BASE}/refunds/{refund.refund_id}"
    await operator.get(path)
    await operator.post(f"{path}/approve", {"number": "12", "day": "2026-11-23", "way": "by_hand"})
    proof = {"document": "UNC-8", "paid_at": "2026-11-24T10:00", "account": "0011223344", "name": "TRAN THI MAU"}
    await operator.post(f"{path}/record", proof)
    await operator.send(f"{BASE}/receipts/issue")
    first, second = f"{payment.payment_id}-F", f"{payment.payment_id}-F-{refund.refund_id}"
    for name in (first, second):
        assert "Chưa tới cơ quan thuế" in await viewer.get(f"{BASE}/receipts/{name}")
    statement = "UPDATE stream SET head = 1 WHERE key = %(key)s AND tail = 2"
    done = await house.gateway.ground.database.run(statement, {"key": f"receipt:{first}"})
    assert done.rowcount == 1
    assert "Cơ quan thuế đã nhận" in await viewer.get(f"{BASE}/receipts/{first}")
    assert "Chưa tới cơ quan thuế" in await viewer.get(f"{BASE}/receipts/{second}")
    waiting = await viewer.get(f"{BASE}/receipts?pile=receipts_waiting")
    assert (f"<code>{first}</code>" in waiting, f"<code>{second}</code>" in waiting) == (False, True)
    untold = await viewer.get(f"{BASE}/receipts?pile=receipts_untold")
    assert f"<code>{first}</code>" not in untold
    gone = "DELETE FROM stream WHERE key = %(key)s"
    await house.gateway.ground.database.run(gone, {"key": f"receipt:{first}"})  # as if nobody had been connected
    untold = await viewer.get(f"{BASE}/receipts?pile=receipts_untold")
    assert (f"<code>{first}</code>" in untold, f"<code>{second}</code>" in untold) == (True, True)


async def test_a_receipt_that_waits_is_sent_at_once_and_one_that_does_not_is_not(
    house: House, operator: Browser, viewer: Browser, money: Money
) -> None:
    """PAY-13 (part)."""
    payment = await money.paid()
    await operator.get(f"{BASE}/receipts?pile=receipts_due")
    await operator.send(f"{BASE}/receipts/issue")
    key, later = f"receipt:{payment.payment_id}-F", utc_now() + timedelta(hours=3)
    await house.gateway.ground.database.run(
        "UPDATE stream SET due = %(due)s WHERE key = %(key)s", {"key": key, "due": later}
    )
    path = f"{BASE}/receipts/{payment.payment_id}-F"
    assert "Gửi lại ngay" not in await viewer.get(path)
    await viewer.post(f"{path}/tax", status=403)
    assert "Gửi lại ngay" in await operator.get(path)
    assert "Sẽ gửi cơ quan thuế ngay" in await operator.send(f"{path}/tax")
    (view,) = await house.gateway.stores.outbox.views(money.tenant, key, now=utc_now())
    assert view.next_attempt_at is not None
    assert view.next_attempt_at <= utc_now()
    assert "caller.receipt_not_waiting" in (await operator.post(f"{path}/tax", status=409)).text
    assert leaves(await told(house), "hurry_receipt")


async def test_a_receipts_file_is_handed_out_for_a_reason_to_whoever_may_unseal(
    house: House, operator: Browser, money: Money
) -> None:
    """PAY-18 (part), PDP-03 (part): reading it is evidence."""
    payment = await money.paid()
    await operator.get(f"{BASE}/receipts?pile=receipts_due")
    await operator.send(f"{BASE}/receipts/issue")
    path = f"{BASE}/receipts/{payment.payment_id}-C"
    assert "/file" not in await operator.get(path)
    await operator.post(f"{path}/file", {"reason": "Đối chiếu"}, status=403)
    auditor = await house.enter(Role.AUDITOR)
    assert f"{path}/file" in await auditor.get(path)
    assert "caller.reason_missing" in (await auditor.post(f"{path}/file", {"reason": " "}, status=422)).text
    response = await auditor.post(f"{path}/file", {"reason": "Đối chiếu khiếu nại"}, status=200)
    assert response.content.startswith(b"%PDF")
    assert response.headers["content-disposition"].startswith("attachment")
    (leaf,) = leaves(await told(house), "read_receipt_file")
    assert "khiếu nại" not in leaf


async def test_paper_is_recorded_and_counted_as_money_at_a_counter(
    operator: Browser, viewer: Browser, money: Money
) -> None:
    """KPI-12 (part), PAY-14 (part)."""
    before = (await figures_of(viewer))["cash"][1]
    form = {"dossier": f"{AGENCY}-261120-0001", "kind": "fee", "symbol": "AA-22P", "number": 7, "amount": 5000}
    await operator.get(f"{BASE}/receipts/paper")
    await viewer.post(f"{BASE}/receipts/paper", {**form, "day": "2026-11-20"}, status=403)
    page = await operator.send(f"{BASE}/receipts/paper", {**form, "day": "2026-11-20"})
    assert ("Đã ghi nhận" in page, "AA-22P:7" in page, "5.000 ₫" in page) == (True, True, True)
    await operator.post(f"{BASE}/receipts/paper", {**form, "day": "2026-11-20"}, status=409)
    late = await operator.post(f"{BASE}/receipts/paper", {**form, "number": 8, "day": "2027-01-02"}, status=422)
    assert "caller.paper_receipt" in late.text
    assert (await figures_of(viewer))["cash"][1] == before + 1


async def test_ranges_are_registered_in_ascending_order_and_show_what_is_left(
    operator: Browser, viewer: Browser
) -> None:
    """PAY-12 (part)."""
    form = {"unit": "MAU", "first": 500, "last": 599, "year": 2027}
    await viewer.get(f"{BASE}/receipts/ranges")
    await viewer.post(f"{BASE}/receipts/ranges", form, status=403)
    await operator.get(f"{BASE}/receipts/ranges")
    page = await operator.send(f"{BASE}/receipts/ranges", form)
    assert ("27TMM 500-599" in page, "Sắp hết" in page) == (True, True)
    await operator.post(f"{BASE}/receipts/ranges", form, status=409)


@pytest.mark.parametrize(
    "path",
    ["bills/B9X", "attempts/P9X", "cases/999999", "refunds/F9X", "receipts/P9X-F"],
)
async def test_what_does_not_exist_is_said_so(viewer: Browser, path: str) -> None:
    await viewer.get(f"{BASE}/{path}", status=404)


@pytest.mark.parametrize(
    "path",
    [
        "bills?first=x",
        "bills?first=0001-01-01",
        "bills?after=x",
        "bills?after=2026-01-01~B",
        "cases/0",
        "closing?day=z",
    ],
)
async def test_an_address_that_says_nothing_is_refused_in_words(viewer: Browser, path: str) -> None:
    response = await viewer.client.get(f"{BASE}/{path}")
    assert response.status_code in {400, 404, 422}
    assert "Traceback" not in response.text


async def test_pages_stand_in_english_too(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    await browser.get(BASE)
    page = await browser.send("/console/language", {"language": "en", "next": BASE})
    for said in ("Payment board", "Paid online", "Receipts not yet at the tax office", "Waits for approval"):
        assert said in page
