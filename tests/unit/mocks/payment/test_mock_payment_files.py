"""The mock's files of a day: MOCK-RECON and MOCK-STATEMENT, true and otherwise."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import Any

import pytest
from payment_desk import REFERENCE, SECRET, Desk, init, resigned, sample

from mocks.payment import checksum

DAY, NEXT = "2026-08-01", "2026-08-02"


@pytest.fixture
async def desk(before: Any, clock: Any) -> Desk:
    """One payment of the day, one that failed, one that is open."""
    made = Desk(before, clock)
    for reference, action in ((REFERENCE, "pay"), ("PAYFAILED", "cancel"), ("PAYOPEN", "wait")):
        await made.open(reference)
        await made.act(action, reference, at="20260801143142", copies=0)
    return made


async def recon(desk: Desk, day: str = DAY) -> list[list[str]]:
    """The lines of a list whose count, total and checksum hold."""
    text = await desk.file("recon", day)
    head, _, rest = text.partition("\n")
    unsigned, _, digest = head.rpartition("|")
    assert digest == hashlib.sha256(f"{unsigned}\n{rest}{SECRET}".encode()).hexdigest()
    lines = [line.split("|") for line in rest.splitlines()]
    total = sum(int(line[4]) for line in lines)
    assert unsigned == f"MOCK-RECON|{day}|DEMO-H99|{len(lines)}|{total}"
    return lines


async def statement(desk: Desk, day: str = DAY, **query: str) -> list[dict[str, str]]:
    reply = await desk.client.get(f"/_mock/statement/{day}", params=query)
    assert reply.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(reply.text)))


async def test_the_platform_lists_what_came_to_an_end(desk: Desk) -> None:
    """PAY-07 (part)."""
    found = await recon(desk)
    assert [(line[1], line[2], line[3]) for line in found] == [(REFERENCE, "PAY", "1"), ("PAYFAILED", "PAY", "4")]
    assert found[0] == [found[0][0], REFERENCE, "PAY", "1", "150000", "VND", "20260801143142", "0000111122", "DEMOBANK"]
    assert await recon(desk, NEXT) == []


async def test_the_bank_states_money_only(desk: Desk) -> None:
    (line,) = await statement(desk)
    assert list(line) == ["day", "transaction_id", "reference", "amount", "account", "content"]
    assert (line["day"], line["reference"], line["amount"]) == (DAY, REFERENCE, "150000")
    assert line["content"].startswith("MOCK-STATEMENT THANH TOAN HO SO")
    assert await statement(desk, account="0000111122") == [line]
    assert await statement(desk, account="9") == []


@pytest.mark.parametrize(("file", "left"), [("recon", (1, 1)), ("statement", (2, 0))])
async def test_a_line_is_dropped_from_one_file(desk: Desk, file: str, left: tuple[int, int]) -> None:
    await desk.order("files", do="drop", transaction=REFERENCE, **{"in": [file]})
    assert (len(await recon(desk)), len(await statement(desk))) == left


@pytest.mark.parametrize(
    ("change", "column", "told"),
    [
        ({"SoTien": 15000}, 4, "15000"),
        ({"TrangThaiGD": "4"}, 3, "4"),
        ({"TKThuHuong": "9"}, 7, "9"),
        ({"MaTienTe": "USD"}, 5, "USD"),
        ({"MaThamChieu": "OTHER"}, 1, "OTHER"),
    ],
)
async def test_a_line_says_something_else(desk: Desk, change: dict[str, Any], column: int, told: str) -> None:
    await desk.order("files", do="change", transaction=REFERENCE, set=change)
    assert (await recon(desk))[0][column] == told
    assert len(await statement(desk)) == (0 if "TrangThaiGD" in change else 1)


async def test_a_line_comes_with_the_next_days_file(desk: Desk) -> None:
    """F29: LATE. The line keeps its own time."""
    await desk.order("files", do="delay", transaction=REFERENCE)
    assert [line[1] for line in await recon(desk)] == ["PAYFAILED"]
    assert [(line[1], line[6]) for line in await recon(desk, NEXT)] == [(REFERENCE, "20260801143142")]
    assert [line["day"] for line in await statement(desk, NEXT)] == [NEXT]


async def test_a_changed_time_moves_the_line(desk: Desk) -> None:
    await desk.order("files", do="change", transaction=REFERENCE, set={"ThoiGianGD": "20260802000003"})
    assert [line[1] for line in await recon(desk, NEXT)] == [REFERENCE]


async def test_a_line_is_added_to_both_files(desk: Desk) -> None:
    """F30."""
    told = {"MaGiaoDich": "PP1", "MaThamChieu": "X", "SoTien": 7, "ThoiGianGD": "20260801000000", "Loai": "REFUND"}
    await desk.order("files", do="add", set=told)
    assert (await recon(desk))[0][:5] == ["PP1", "X", "REFUND", "1", "7"]
    assert (await statement(desk))[0]["amount"] == "-7"


@pytest.mark.parametrize(
    "order",
    [
        {"do": "burn", "transaction": "X"},
        {"do": "drop"},
        {"do": "add", "set": {}},
        {"do": "add", "set": {"ThoiGianGD": "noon"}},
        {"do": "change", "transaction": "X", "set": {"Mau": "1"}},
        {"do": "change", "transaction": "X", "set": {"SoTien": "15000"}},
        {"do": "drop", "transaction": "X", "in": ["paper"]},
        {"do": "drop", "transaction": "X", "why": "because"},
    ],
)
async def test_a_change_that_makes_no_sense_is_refused(desk: Desk, order: dict[str, Any]) -> None:
    assert (await desk.client.post("/_mock/files", json=order)).status_code == 422
    assert (await desk.client.get("/_mock/files")).json() == {"planned": []}


async def test_changes_are_forgotten_on_demand(desk: Desk) -> None:
    await desk.order("files", do="drop", transaction=REFERENCE)
    await desk.client.request("DELETE", "/_mock/files")
    assert len(await recon(desk)) == 2


@pytest.mark.parametrize("damage", ["count", "total", "checksum"])
async def test_a_damaged_list_is_wrong_in_one_thing(desk: Desk, damage: str) -> None:
    await desk.order("settings", recon_damage=damage)
    head, _, rest = (await desk.file("recon", DAY)).partition("\n")
    *said, digest = head.split("|")
    right = digest == hashlib.sha256(f"{'|'.join(said)}\n{rest}{SECRET}".encode()).hexdigest()
    assert (said[3] == "2", said[4] == "300000", right) == (damage != "count", damage != "total", damage != "checksum")


async def test_a_partner_sees_its_own_payments(desk: Desk) -> None:
    await desk.post("/pp/init", resigned({**init("PAYOTHER"), "MaDoiTac": "DEMO-H98"}, checksum.INIT, "S3cretOTHER"))
    await desk.act("pay", "PAYOTHER", at="20260801150000", copies=0)
    assert [line[1] for line in await recon(desk)] == [REFERENCE, "PAYFAILED"]
    theirs = (await desk.client.get(f"/_mock/recon/{DAY}?partner=DEMO-H98")).text
    assert theirs.startswith(f"MOCK-RECON|{DAY}|DEMO-H98|1|150000|")


async def test_an_account_cannot_leave_its_column(desk: Desk) -> None:
    """No signature covers it, so it may hold anything."""
    receipt = {**sample("init")["ThongTinBienLai"], "TKThuHuong": "1|2\n3"}
    await desk.open("PAYODD", ThongTinBienLai=receipt)
    await desk.act("pay", "PAYODD", at="20260801160000", copies=0)
    assert (await recon(desk))[-1][7] == "1 2 3"


async def test_the_partners_address_wants_its_token_and_obeys_faults(desk: Desk) -> None:
    assert (await desk.client.get(f"/pp/recon/{DAY}")).text == await desk.file("recon", DAY)
    assert (await desk.client.get(f"/pp/recon/{DAY}", headers={"X-Mock-Fault": "error"})).status_code == 500
    await desk.order("settings", bearer_token="made-up")
    assert (await desk.client.get(f"/pp/recon/{DAY}")).status_code == 401
    assert (await desk.client.get(f"/_mock/recon/{DAY}")).status_code == 200


@pytest.mark.parametrize("path", ["recon", "statement"])
async def test_a_day_that_is_none_is_refused(desk: Desk, path: str) -> None:
    assert (await desk.client.get(f"/_mock/{path}/2026-02-30")).status_code == 422


@pytest.mark.parametrize("order", [{"action": "pay", "at": "noon"}, {"action": "steal"}, {"action": "pay", "at": 7}])
async def test_an_act_at_no_time_is_refused(desk: Desk, order: dict[str, Any]) -> None:
    assert (await desk.client.post("/_mock/transactions/PAYOPEN", json=order)).status_code == 422
    assert "PAYOPEN" not in await desk.file("recon", DAY)
