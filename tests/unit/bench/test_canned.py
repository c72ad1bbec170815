"""The canned upstream says what the mocks say, checks what differs from call to call, and nothing else is believed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from comparison.canned import SIGNED, Asked, Canned, Refused, Told
from comparison.keys import Parties
from comparison.questions import FIRM, PAYMENT, PEOPLE, PURPOSE, STRANGER, STRANGER_FIRST, raw_citizen
from comparison.upstream import Mocks, signer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from peers import common

from mocks._kit.signatures import NotSigned
from mocks._kit.signatures.xml import Signer, sign_soap, signature_value, verify_soap


def asked(wire: bytes) -> Asked:
    head, _, body = wire.partition(b"\r\n\r\n")
    method, target, _ = head.split(b" ", 2)
    return Asked(method.decode(), target.decode(), head, body)


def citizen(number: int = 0) -> Asked:
    return asked(raw_citizen(0).make(number))


def init(**other: str) -> tuple[Asked, dict[str, Any]]:
    document = common.Payment.model_validate({**PAYMENT, "dossier_code": PURPOSE["dossier_code"]})
    message = common.init(document) | other
    body = json.dumps(message).encode()
    return Asked("POST", "/pp/init", b"POST /pp/init HTTP/1.1\r\nContent-Type: application/json", body), message


def called(method: str, target: str, headers: dict[str, str], body: bytes = b"") -> Asked:
    lines = "".join(f"\r\n{name}: {value}" for name, value in headers.items())
    return Asked(method, target, f"{method} {target} HTTP/1.1{lines}".encode(), body)


@pytest.fixture
def canned() -> Canned:
    return Canned(Mocks(7999))


async def test_an_answer_is_the_mocks_own_and_the_second_is_canned(canned: Canned) -> None:
    first = await canned.answer(citizen())
    mock = await Mocks(7999)(citizen())
    assert (first, canned.known(citizen())) == (mock, mock)
    assert b"TonTai>true<" in first.body
    assert canned.asked_mock == 1


async def test_each_person_has_an_answer_of_their_own(canned: Canned) -> None:
    assert len(PEOPLE) == 2
    assert b"true" in (await canned.answer(citizen(0))).body
    assert b"true" in (await canned.answer(citizen(1))).body
    assert canned.asked_mock == 2
    stranger = await canned.answer(citizen(STRANGER_FIRST))
    assert b"TonTai>false<" in stranger.body
    assert STRANGER[0] == PEOPLE[0][0], "only the date of birth differs"


async def test_after_forgetting_the_mock_is_asked_again(canned: Canned) -> None:
    await canned.answer(citizen())
    canned.forget()
    assert canned.known(citizen()) is None


async def test_a_known_question_without_its_proof_is_refused(canned: Canned) -> None:
    await canned.answer(citizen())
    whole = citizen()
    for wrong in (whole.head.replace(b"Timestamp: 1", b"Timestamp: 2"), whole.head.replace(b"Basic ", b"Basic AA")):
        with pytest.raises(Refused):
            canned.known(Asked(whole.method, whole.target, wrong, whole.body))


async def test_what_the_mock_refuses_is_not_kept(canned: Canned) -> None:
    whole = citizen()
    without = Asked(whole.method, whole.target, whole.head.replace(b"Basic ", b"Basic AA"), whole.body)
    assert (await canned.answer(without)).status == 401
    assert canned.known(without) is None


async def test_a_firm_is_told_to_who_has_a_token_that_was_issued(canned: Canned) -> None:
    token = await canned.answer(called("POST", "/token", common.TOKEN_HEADERS, common.GRANT.encode()))
    target = f"/apiCSDLDKDN/1.0/chiTietDoanhNghiep?msdn={FIRM}"
    bearer = {"Authorization": f"Bearer {json.loads(token.body)['access_token']}"}
    first = await canned.answer(called("GET", target, bearer))
    assert common.firm(json.loads(first.body))["record"]["enterprise_code"] == FIRM
    assert canned.known(called("GET", target, bearer)) == first
    with pytest.raises(Refused):
        canned.known(called("GET", target, {"Authorization": "Bearer made-up"}))


async def test_an_init_is_answered_about_its_own_reference_and_only_with_its_checksum(canned: Canned) -> None:
    first, one = init()
    second, two = init()
    assert json.loads((await canned.answer(first)).body)["MaThamChieu"] == one["MaThamChieu"]
    assert json.loads((await canned.answer(second)).body)["MaThamChieu"] == two["MaThamChieu"]
    assert canned.asked_mock == 1
    with pytest.raises(Refused):
        canned.known(init(MaXacThuc="0" * 64)[0])


async def at_the_portal(canned: Canned, **message: Any) -> Asked:
    """The message, from somebody who has logged in."""
    base = "/XrdAdapter/RestService/forward/mapi"
    code = {"dstcode": "VN:GOV:000.00.00.G22:vpcpdvcprovider"}
    account = json.dumps({"username": "tinh.vidu", "password": "made-up"}).encode()
    login = await canned.answer(called("POST", f"{base}/login", code, account))
    whole = {"session": json.loads(login.body)["session"], "madonvi": "000.00.00.H99", **message}
    return called("POST", f"{base}/MOCK-data", code, json.dumps(whole).encode())


async def test_the_portal_answers_each_of_its_services(canned: Canned) -> None:
    search = await at_the_portal(canned, service="TraCuuHoSo", mahoso="X")
    told = await canned.answer(search)
    assert canned.known(search) == told
    assert str(json.loads(told.body)["error_code"]) in {"0", "00"}


async def test_what_the_portal_is_told_is_heard_once_whether_its_answer_is_canned_or_not(canned: Canned) -> None:
    step = {"MaHoSo": "000.00.05.H99-261100-00001", "TrangThai": "2", "ThoiDiemXuLy": "20261102093000"}
    told = await at_the_portal(canned, service="CapNhatTienDoHoSoMC", data=[{**step, "NoiDungXuLy": "Bước 0"}])
    assert canned.known(told) is None
    assert canned.witness.messages == 0
    await canned.answer(told)
    assert canned.witness.messages == 1
    assert canned.known(told) is not None
    assert canned.witness.messages == 2


async def test_an_unknown_path_is_nobodys() -> None:
    with pytest.raises(Refused):
        await Canned(Mocks(7999)).answer(called("POST", "/elsewhere", {}))


class TestSigned:
    """With keys of both parties."""

    @pytest.fixture
    def parties(self, tmp_path: Path) -> Parties:
        return Parties(tmp_path)

    def signed(self, parties: Parties) -> Asked:
        key = (parties.folder / "ours-key.pem").read_bytes()
        certificate = x509.load_pem_x509_certificate((parties.folder / "ours.pem").read_bytes())
        ours = Signer(key=load_pem_private_key(key, password=None), certificate=certificate)  # type: ignore[arg-type]
        plain = citizen()
        return Asked("POST", SIGNED + plain.target, plain.head, sign_soap(plain.body, ours, at=datetime.now(UTC)))

    async def test_an_answer_is_signed_as_the_mock_signs_and_names_its_request(self, parties: Parties) -> None:
        theirs = x509.load_pem_x509_certificate((parties.folder / "theirs.pem").read_bytes())
        canned = Canned(Mocks(7999), signer(parties.folder))
        for question in (self.signed(parties), self.signed(parties)):
            told: Told = await canned.answer(question)
            assert verify_soap(told.body, theirs, at=datetime.now(UTC)) == signature_value(question.body)
            assert b"TonTai>true<" in told.body

    async def test_a_first_question_that_is_not_signed_is_refused(self, parties: Parties) -> None:
        canned, plain = Canned(Mocks(7999), signer(parties.folder)), citizen()
        with pytest.raises(NotSigned):
            await canned.answer(Asked("POST", SIGNED + plain.target, plain.head, plain.body))

    async def test_without_keys_nothing_is_signed(self, parties: Parties) -> None:
        with pytest.raises(Refused):
            await Canned(Mocks(7999)).answer(self.signed(parties))
