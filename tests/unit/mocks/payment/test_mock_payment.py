"""The payment mock's partner side: vectors, INIT, QUERY, GET_BILL and their refusals (sections 2.2 to 2.9)."""

from __future__ import annotations

import json
import unicodedata
from typing import Any, Literal

import httpx
import pytest
from payment_desk import INIT_TIME, REFERENCE, SECRET, asked, init, resigned, sample

from mocks.payment import app as payment
from mocks.payment import checksum

IPN_TIME = "20260801143142"


def receipt(**changes: Any) -> dict[str, Any]:
    """An INIT with another receipt block, which is outside the checksum."""
    return init(ThongTinBienLai={**sample("init")["ThongTinBienLai"], **changes})


async def post(client: httpx.AsyncClient, path: str, message: Any, **headers: str) -> Any:
    return (await client.post(path, json=message, headers=headers)).json()


async def act(client: httpx.AsyncClient, action: str) -> None:
    order = {"action": action, "copies": 0}
    (await client.post(f"/_mock/transactions/{REFERENCE}", json=order)).raise_for_status()


VECTORS = [
    (checksum.INIT, "init", {}, "98b2157e8f1be54accf2112e7cc2180bbc27bc5107af1f3d5d871575efd872a1"),
    (checksum.IPN, "ipn", {}, "e57d54de02ad4028c824ad8ede5ae0e02b275262b2a9710e92a9c2cca9c7d1b4"),
    (checksum.IPN, "ipn", {"MaLoi": "99"}, "a63688950a15e26d07ebab754c979cfc72d69cad6edeb60a64984b5cac7720ab"),
    (checksum.QUERY, "query", {}, "4411bf52dff8ec3218fff81ff4fd05730bce9212f951160a0c44ba272ca75e1c"),
    (checksum.QUERY, "query", {"LoaiBanTin": "GET_BILL", "ThoiGianGD": IPN_TIME},
     "5edfe9af7707816bde396aeeb179ca45dfdc176976af41007455f7907d52c6ac"),
    (checksum.QUERY, "query", {"LoaiBanTin": "GET_BILL"},
     "081d9a42004297cec047252796fabc57a1d015502b0f63eae79b89d0daa09fa8"),
]  # fmt: skip
MUST_NOT_VERIFY = [
    (checksum.INIT, "init", "8b3e4fd6464dd450ebe0e33a91a6de3fb5b655536b5801b0b0724043366e8f05"),  # HMAC
    (checksum.INIT, "init", "87b865bbc9905b307dc4eeb17fff2bedcdc9cb8c5117851bd5dab03150ab059b"),  # no separators
    (checksum.IPN, "ipn", "6768649e734cc620a9e1c6f5c1ef49074500a4590ecc81c45bcba5b797c3f5ab"),  # 150000.0
    (checksum.IPN, "ipn", "f6f4a2dbe6ea1b528a7011548ecb8addf9776eaa3e3920ac92aaf980193d6462"),  # other amount
    (checksum.IPN, "ipn", "a0b3520251715480b966ec6f375165d30ab05e55165783265d8fbf745028b3af"),  # swapped fields
]


@pytest.mark.parametrize(("order", "name", "changes", "digest"), VECTORS)
def test_a_vector_of_the_contract_comes_out(
    order: tuple[str, ...], name: str, changes: dict[str, str], digest: str
) -> None:
    message = {**sample(name), **changes, "MaXacThuc": digest}
    assert checksum.checksum(message, order, SECRET) == digest
    assert checksum.verify(message, order, ["other", SECRET])


@pytest.mark.parametrize(("order", "name", "digest"), MUST_NOT_VERIFY)
def test_a_negative_vector_of_the_contract_does_not_verify(order: tuple[str, ...], name: str, digest: str) -> None:
    assert not checksum.verify({**sample(name), "MaXacThuc": digest}, order, [SECRET])


def test_an_amount_with_a_point_does_not_verify_whoever_signed_it() -> None:
    digest = "6768649e734cc620a9e1c6f5c1ef49074500a4590ecc81c45bcba5b797c3f5ab"
    assert not checksum.verify({**sample("ipn"), "SoTien": 150000.0, "MaXacThuc": digest}, checksum.IPN, [SECRET])


@pytest.mark.parametrize(("form", "digest"), [("NFC", "aec4ecd5d4ac"), ("NFD", "6d2214f02ad3")])
def test_marks_are_hashed_as_they_are_written(form: Literal["NFC", "NFD"], digest: str) -> None:
    assert checksum.checksum({}, [], unicodedata.normalize(form, "Phí thẩm định")).startswith(digest)


def test_a_checksum_is_over_the_letters_as_received() -> None:
    digests = {
        checksum.checksum({"a": text}, ["a"], SECRET)
        for text in ("Ph\u00ed", "Phi\u0301")  # NFC, NFD
    }
    assert len(digests) == 2


async def test_the_contracts_init_opens_a_bank_page(before: Any) -> None:
    client = before(payment.create_app(new_token=lambda: "7f3a"))
    reply = await post(client, "/pp/init", sample("init"))
    assert reply == {**sample("init_reply_direct"), "UrlThanhToan": "http://mock/pp/pay/7f3a"}
    page = await client.get("/pp/pay/7f3a")
    assert (page.status_code, "150.000" in page.text) == (200, True)


@pytest.mark.parametrize(("envelope", "wrappings"), [("adapter", 1), ("adapter_twice", 2)])
async def test_the_adapters_envelope_holds_the_reply_as_text(before: Any, envelope: str, wrappings: int) -> None:
    client = before(payment.create_app({"envelope": envelope, "public_url": "https://pay.example.invalid"}))
    reply = await post(client, "/pp/init", init())
    for _ in range(wrappings):
        assert reply["error_code"] == "0"
        reply = json.loads(reply["message"])
    assert reply["UrlThanhToan"].startswith("https://pay.example.invalid/pp/pay/")
    refused = await post(client, "/pp/init", init())
    assert refused["error_code"] == "-1"


@pytest.mark.parametrize("changes", [{}, {"SoTien": "1"}])
async def test_a_reference_is_good_for_one_init_alone(before: Any, changes: dict[str, str]) -> None:
    client = before(payment.create_app())
    await post(client, "/pp/init", init())
    assert (await post(client, "/pp/init", init(**changes)))["MaLoi"] == "116"


@pytest.mark.parametrize(
    "message",
    [
        init(LoaiBanTin="QUERY"),
        init(PhienBan="1.0.5"),
        init(MaDoiTac="NOBODY"),
        init(MaThamChieu="PAY-26"),
        init(MaThamChieu="P" * 21),
        init(SoTien="0"),
        init(SoTien="150000.0"),
        {**init(), "SoTien": 150000},
        init(MaTienTe="USD"),
        init(ThoiGianGD="20260230143005"),
        init(ThongTinGiaoDich="A|B"),
        init(ThongTinGiaoDich="A" * 211),
        init(ThongTinBienLai=None),
        receipt(TKThuHuong=""),
        receipt(DSKhoanNop=[]),
        receipt(DSKhoanNop=[{"NoiDung": "Phi", "SoTien": "149999"}]),
        receipt(PhiLePhi=[{"LoaiPhiLePhi": "Phi", "SoTien": "150000"}]),
        receipt(MaDichVu="1"),
        [],
    ],
)
async def test_content_that_breaks_the_page_is_02_without_its_value(before: Any, message: Any) -> None:
    reply = await post(before(payment.create_app()), "/pp/init", message)
    assert (reply["MaLoi"], reply["MoTaLoi"].startswith("MOCK-02")) == ("02", True)
    assert "NGUYEN VAN A" not in reply["MoTaLoi"]


async def test_a_wrong_checksum_is_07(before: Any) -> None:
    client = before(payment.create_app())
    assert (await post(client, "/pp/init", {**init(), "MaXacThuc": "0" * 64}))["MaLoi"] == "07"
    assert (await post(client, "/pp/query", {**asked(), "MaXacThuc": "0" * 64}))["MaLoi"] == "07"


async def test_two_secrets_count_while_one_replaces_the_other(before: Any) -> None:
    client = before(payment.create_app({"partners": {"DEMO-H99": ["new", SECRET]}}))
    assert (await post(client, "/pp/init", init()))["MaLoi"] == "00"
    renewed = resigned(init(MaThamChieu="PAY2"), checksum.INIT, "new")
    assert (await post(client, "/pp/init", renewed))["MaLoi"] == "00"


async def test_a_query_gets_the_contracts_reply_when_paid(before: Any, clock: Any) -> None:
    client = before(payment.create_app(clock=clock))
    await post(client, "/pp/init", init())
    assert (await post(client, "/pp/query", asked()))["TrangThaiGD"] == "3"
    await act(client, "pay")
    reply = await post(client, "/pp/query", asked())
    changed = {"MaGiaoDich": "PP261123000001", "ThoiGianGD": "20261123090000"}
    assert reply == {**sample("query_reply"), **changed}


async def test_a_query_tells_failed_and_a_late_payment_paid(before: Any) -> None:
    client = before(payment.create_app())
    await post(client, "/pp/init", init())
    states = []
    for action in ("wait", "cancel", "pay", "cancel"):
        await act(client, action)
        states.append((await post(client, "/pp/query", asked()))["TrangThaiGD"])
    assert states == ["3", "4", "1", "1"]


async def test_a_script_dictates_the_first_answers_of_a_query(before: Any) -> None:
    client = before(payment.create_app({"query_script": ["3", "2"], "amount_form": "string"}))
    await post(client, "/pp/init", init())
    await act(client, "pay")
    replies = [await post(client, "/pp/query", asked()) for _ in range(3)]
    assert [reply["TrangThaiGD"] for reply in replies] == ["3", "2", "1"]
    assert replies[0]["MaGiaoDich"] == ""
    assert replies[2]["SoTien"] == "150000"


async def test_a_query_of_what_is_not_the_partners_fails(before: Any) -> None:
    client = before(payment.create_app())
    await post(client, "/pp/init", init())
    other = resigned(asked(MaDoiTac="DEMO-H98"), checksum.QUERY, "S3cretOTHER")
    replies = [asked(MaThamChieu="PAYUNKNOWN"), other, asked(moment=IPN_TIME)]
    assert [(await post(client, "/pp/query", message))["MaLoi"] for message in replies] == ["99", "99", "02"]


async def test_a_query_reply_is_signed_by_switch(before: Any) -> None:
    client = before(payment.create_app({"sign_query_reply": True}))
    await post(client, "/pp/init", init())
    assert checksum.verify(await post(client, "/pp/query", asked()), checksum.IPN, [SECRET])


async def test_a_receipt_is_a_pdf_behind_a_link_that_dies(before: Any, clock: Any) -> None:
    client = before(payment.create_app(clock=clock))
    await post(client, "/pp/init", init())
    assert (await post(client, "/pp/bill", asked("GET_BILL")))["MaLoi"] == "99"
    await act(client, "pay")
    link = (await post(client, "/pp/bill", asked("GET_BILL")))["UrlBienLai"]
    file = await client.get(link)
    assert (file.content[:5], file.headers["content-type"]) == (b"%PDF-", "application/pdf")
    assert len(file.content) > 10_000
    small = await client.get(link, headers={"X-Mock-Fault": "placeholder"})
    assert (small.content[:5], len(small.content) < 10_000) == (b"%PDF-", True)
    clock.pass_s(300)
    assert (await client.get(link)).status_code == 404


@pytest.mark.parametrize(
    ("rule", "moment", "code"),
    [("init", INIT_TIME, None), ("ipn", INIT_TIME, "02"), ("either", IPN_TIME, "02")],
)
async def test_a_receipt_may_come_as_the_file_and_needs_the_agreed_time(
    before: Any, rule: str, moment: str, code: str | None
) -> None:
    client = before(payment.create_app({"receipt_mode": "pdf", "receipt_time": rule}))
    await post(client, "/pp/init", init())
    await act(client, "pay")
    reply = await client.post("/pp/bill", json=asked("GET_BILL", moment))
    assert reply.content.startswith(b"%PDF-") == (code is None)
    assert code is None or reply.json()["MaLoi"] == code


async def test_a_bearer_token_is_needed_when_one_is_set(before: Any) -> None:
    client = before(payment.create_app({"bearer_token": "made-up"}))
    assert (await client.post("/pp/init", json=init())).status_code == 401
    assert (await post(client, "/pp/init", init(), Authorization="Bearer made-up"))["MaLoi"] == "00"


@pytest.mark.parametrize("path", ["/pp/init", "/pp/query", "/pp/bill"])
async def test_the_fault_refuse_is_99_and_opens_nothing(before: Any, path: str) -> None:
    client = before(payment.create_app())
    reply = await post(client, path, init(), **{"X-Mock-Fault": "refuse"})
    assert (reply["MaLoi"], reply["MoTaLoi"].startswith("MOCK-REFUSE")) == ("99", True)
    assert (await client.get("/_mock/transactions")).json() == {"transactions": []}


@pytest.mark.parametrize("change", [{"envelope": "paper"}, {"ipn_tries": 0}, {"partners": {"DEMO-H99": "text"}}])
async def test_an_impossible_setting_is_refused_and_changes_nothing(before: Any, change: dict[str, Any]) -> None:
    client = before(payment.create_app())
    assert (await client.post("/_mock/settings", json=change)).status_code == 422
    assert (await post(client, "/pp/init", init()))["MaLoi"] == "00"
