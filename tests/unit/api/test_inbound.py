"""What national systems, and those who pretend to be one, send to /inbound."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import httpx
import pytest
from operations import BODIED
from province import Province

from connectors.payment import checksum
from gateway.domain import VIETNAM

PAYMENT = next(operation for operation in BODIED if operation.name == "create_payment")
PATH = "/inbound/payment/ipn"


@pytest.fixture
async def payment(caller: httpx.AsyncClient) -> Any:
    opened = await caller.post(PAYMENT.path, json=PAYMENT.body, headers=PAYMENT.headers)
    assert opened.status_code == 201, opened.text
    return opened.json()


def notice(payment: Any, *, secret: str = "S3cretDEMO", **changes: Any) -> dict[str, Any]:
    message = {
        "LoaiBanTin": "CONFIRM",
        "MaLoi": "00",
        "MaDoiTac": "DEMO-H99",
        "MaThamChieu": payment["id"],
        "SoTien": payment["amount"],
        "LoaiHinhThanhToan": "",
        "MaKenhThanhToan": "",
        "MaTienTe": "VND",
        "MaNganHang": "DEMOBANK",
        "MaGiaoDich": "GD000000001",
        "ThoiGianGD": f"{datetime.now(VIETNAM):%Y%m%d%H%M%S}",
        "ThongTinGiaoDich": "THANH TOAN",
        **changes,
    }
    return {**message, "MaXacThuc": checksum.sign(message, checksum.NOTICE, secret)}


async def state(caller: httpx.AsyncClient, payment: Any) -> tuple[str, int, int]:
    seen = (await caller.get(f"/v1/payments/{payment['id']}")).json()
    return seen["state"], seen["notices"], seen["postings"]


async def test_a_true_notice_is_posted_once_and_acknowledged_each_time(
    caller: httpx.AsyncClient, payment: Any, province: Province
) -> None:
    """PAY-06. No key of ours: the checksum proves who speaks."""
    async with province.client() as platform:
        answers = [await platform.post(PATH, json=notice(payment)) for _ in range(3)]
    assert {answer.json()["MaLoi"] for answer in answers} == {"00"}
    assert await state(caller, payment) == ("paid", 3, 1)


async def test_a_proven_notice_at_the_portals_own_name_for_it_is_posted_too(
    caller: httpx.AsyncClient, payment: Any
) -> None:
    """PAY-06: the name of the path proves nothing, the checksum does."""
    path = "/inbound/payment/dpnhankqthanhtoanhs"
    forged = await caller.post(path, json=notice(payment, secret="guessed"))
    assert (forged.json()["MaLoi"], (await state(caller, payment))[2]) == ("99", 0)
    answers = [await caller.post(where, json=notice(payment)) for where in (path, PATH)]
    assert {answer.json()["MaLoi"] for answer in answers} == {"00"}
    assert await state(caller, payment) == ("paid", 2, 1)


@pytest.mark.parametrize(
    ("forged", "is_forged"),
    [
        ({"secret": "guessed"}, True),
        ({"SoTien": 1}, False),
        ({"MaDoiTac": "DEMO-H98"}, True),
        ({"MaThamChieu": "P000000000000000000Z"}, False),
    ],
    ids=["checksum", "amount", "partner", "unknown payment"],
)
async def test_a_notice_that_does_not_hold_changes_nothing_and_leaves_a_leaf(
    caller: httpx.AsyncClient, payment: Any, province: Province, forged: dict[str, Any], is_forged: bool
) -> None:
    """PAY-06, F06: what speaks in the platform's name and is not it raises an alarm; what does not fit, a case."""
    before = len(province.recorder.entries)
    answer = await caller.post(PATH, json=notice(payment, **forged))
    assert answer.json()["MaLoi"] == "99"
    assert (await state(caller, payment))[::2] == ("opened", 0)
    kinds = [entry.kind.value for entry in province.recorder.entries[before:]]
    assert kinds == ["inbound", *(["alarm"] if is_forged else [])]
    assert len(province.till.followed.disputes) == (0 if is_forged else 1)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff", b"{}", b"[" * 90_000, b'{"MaThamChieu": {}}', b'{"SoTien": 1e400}']
)
async def test_what_is_no_notice_is_refused_in_the_platforms_own_words(
    caller: httpx.AsyncClient, payment: Any, content: bytes
) -> None:
    answer = await caller.post(PATH, content=content)
    assert (answer.status_code, answer.json()["MaLoi"]) == (200, "99")
    assert await state(caller, payment) == ("opened", 0, 0)


async def test_a_body_too_large_is_413_there_too(caller: httpx.AsyncClient) -> None:
    """Their notices hold files, so that they may be larger than the province's own requests."""
    assert (await caller.post(PATH, content=b"x" * 200_001)).status_code == 413
    assert (await caller.post(PATH, content=b"x" * 200_000)).status_code == 200


@pytest.mark.parametrize(
    "path", ["/inbound/payment/other", "/inbound/population/ipn", "/inbound/nobody/x", "/inbound/"]
)
async def test_an_address_where_nobody_is_expected_is_404(caller: httpx.AsyncClient, path: str) -> None:
    answer = await caller.post(path, content=json.dumps({}))
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
