"""The 2026 adapter: golden messages, what an answer means, and what the dossier list settles."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from systems import bench, examples, stored

from gateway.sdk import (
    Absent,
    Accepted,
    Answered,
    Call,
    CannotTell,
    ConfigurationError,
    Grant,
    Outcome,
    ProtocolViolation,
    Refused,
    SendNow,
    TookEffect,
    TransientRemoteError,
    Unsettled,
    WireReply,
)
from gateway.sdk.errors import UnprocessableError

SYSTEM = bench("portal_adapter")
CONNECTOR: Any = SYSTEM.connector
SAMPLES = Path(__file__).parents[3] / "mocks" / "portal_adapter" / "samples"
GRANT = Grant(token="b7c1f0e25d1a4f7e9c550a1b2c3d4e5f", expires_in_s=600)
CODE = "000.00.05.H99-260102-0007"
FIRST = next(e for e in examples("portal_adapter") if e.name == "sync_first")
FILE = FIRST.given["components"][0]["file_id"]
UPLOADED = {f"file:{FILE}": "TEP-77", f"hash:{FILE}": "0a1b2c3d4e5f"}
NAMED = {**UPLOADED, "dossier": "HS-4711", "code": CODE}
STEP = {
    "dossier_code": CODE,
    "status": 2,
    "at": "2026-01-02T01:30:00.789Z",
    "officer_name": "Lê Văn Thử",
    "unit": "Bộ phận một cửa",
    "content": "Tiếp nhận hồ sơ",
    "planned_start": "2026-01-02T08:30:00+07:00",
    "planned_end": "2026-01-07T17:00:00+07:00",
}
RESULT = {
    "id": "9001",
    "name": "giay-xac-nhan.pdf",
    "result_code": "KQ.G03.000999",
    "url": "https://motcua.example.invalid/f/9001",
}


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def sync(known: dict[str, str] | None = None, **changes: Any) -> Call:
    body = SYSTEM.mappings.request("sync_dossier", {**FIRST.given, **changes}).body
    return SYSTEM.call("sync_dossier", body, known=UPLOADED if known is None else known, grant=GRANT)


def step(known: dict[str, str] | None = None, **changes: Any) -> Call:
    body = SYSTEM.mappings.request("report_progress", {**STEP, **changes}).body
    return SYSTEM.call("report_progress", body, known=NAMED if known is None else known, grant=GRANT)


def upload(content: str = "%PDF-1.7 ví dụ", name: str = "tờ khai.pdf") -> Call:
    file = stored({"id": FILE, "name": name, "media_type": "application/pdf", "content": content})
    return SYSTEM.call("upload_file", {"file": FILE}, file=file, grant=GRANT)


def sent(call: Call) -> Any:
    return json.loads(CONNECTOR.prepare(call).content)


def interpret(call: Call, document: Any, status: int = 200) -> Outcome:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    outcome: Outcome = CONNECTOR.interpret(call, WireReply(status=status, content=content))
    return outcome


def listing(**shown: Any) -> Answered:
    return Answered(body={"items": [{"MaHoSo": CODE, "TrangThaiHoSo": None, **shown}]})


def test_messages_equal_the_golden_samples() -> None:
    assert sent(sync()) == sample("create")
    assert sent(step()) == sample("progress")
    assert sent(sync(NAMED, status=9, results=[RESULT])) == sample("status_processed")
    assert json.loads(CONNECTOR.login().content) == sample("token_request")


def test_every_call_but_the_log_in_carries_the_token() -> None:
    assert "Authorization" not in CONNECTOR.login().headers
    for call in (sync(), sync(NAMED), step(), upload(), SYSTEM.call("find_dossier", {"MaHoSo": CODE}, grant=GRANT)):
        assert CONNECTOR.prepare(call).headers["Authorization"] == f"Bearer {GRANT.token}"


def test_nobody_sends_a_district() -> None:
    """ORG-01 (part): the 2026 family is sent a province and a commune, whatever else the applicant told."""
    told = sent(
        sync(applicant={**FIRST.given["applicant"], "address": {"province_code": "99", "commune_code": "99012"}})
    )
    person = told["ThongTinNguoiNop"]["ThongTinChiTiet"]
    assert (person["MaTinh"], person["MaXa"], person["DiaChiChiTiet"]) == ("99", "99012", "")
    assert "huyen" not in json.dumps(told).lower()
    bare = sent(sync(applicant={k: v for k, v in FIRST.given["applicant"].items() if k != "address"}))
    assert bare["ThongTinNguoiNop"]["ThongTinChiTiet"]["MaXaChuHs"] == ""


@pytest.mark.parametrize(("setting", "code"), [("agency", "H99.12"), ("procedure", "1.009999")])
def test_a_setting_says_what_the_next_code_is_asked_with(setting: str, code: str) -> None:
    system = bench("portal_adapter", next_code_from=setting)
    call = system.call("next_dossier_code", {"agency": "H99.12", "procedure": "1.009999"})
    assert system.connector.prepare(call).url.endswith(f"MOCK-GetNextValue?code={code}")


def test_a_next_code_of_the_newer_shape_is_taken_as_it_is() -> None:
    """COD-02 (part): `Gnn.nn-YYYYMMDD-NNNNNNN` comes from the next value call, and is not rewritten."""
    call = SYSTEM.call("next_dossier_code", {"agency": "H99.12", "procedure": "1.009999"})
    answered = interpret(call, sample("next_value_reply"))
    assert isinstance(answered, Answered)
    assert SYSTEM.mappings.reply(call.operation, answered.body) == {"code": "G09.20-20260609-0092637"}
    told = sent(sync(code="G09.20-20260609-0092637"))
    assert (told["MaHoSo"], told["MaDonViTiepNhan"]) == ("G09.20-20260609-0092637", "G09.20")
    for odd in ({}, {"value": None}, {"value": 7}, {"value": "x"}, {"code": 200, "data": {"value": "?"}}):
        with pytest.raises(ProtocolViolation):
            interpret(call, odd)


def test_the_receiving_agency_can_be_a_setting() -> None:
    system = bench("portal_adapter", receiving_agency="H99.12")
    told = json.loads(system.connector.prepare(sync()).content)
    assert told["MaDonViTiepNhan"] == "H99.12"


def test_what_an_answer_names_is_learned() -> None:
    created = interpret(sync(), sample("create_reply"))
    assert created == Accepted(
        reference=sync().call_id,
        learned={"dossier": "HS-4711", "code": CODE, "status": "", "listed": ""},
        unfinished=True,
    )
    taken = interpret(upload(), sample("upload_reply"))
    assert isinstance(taken, Accepted)
    assert (dict(taken.learned), taken.unfinished) == (UPLOADED, False)
    told = interpret(sync(NAMED), sample("status_reply"))
    assert isinstance(told, Accepted)
    assert (dict(told.learned), told.unfinished) == ({"dossier": "HS-4711", "code": CODE, "status": "2"}, False)


@pytest.mark.parametrize("digest", ["anything", 12345, "0A1B"])
def test_a_hash_is_kept_as_it_was_told(digest: Any) -> None:
    """Which algorithm it is, is not public: nothing is refused for it."""
    said = {"code": 200, "message": "", "data": [{"IdTepTin": 77, "HashTepTin": digest}]}
    taken = interpret(upload(), said)
    assert isinstance(taken, Accepted)
    assert taken.learned == {f"file:{FILE}": "77", f"hash:{FILE}": str(digest)}


@pytest.mark.parametrize("spelling", ["idHoSo", "IdHoSo", "IDHoSo"])
def test_the_id_of_a_dossier_is_read_in_every_spelling(spelling: str) -> None:
    created = interpret(sync(), {"code": "200", "message": "", "data": {spelling: 4711, "maHoSo": CODE}})
    assert isinstance(created, Accepted)
    assert created.learned["dossier"] == "4711"


@pytest.mark.parametrize("call", [sync(), sync(NAMED), step()], ids=["create", "status", "step"])
def test_less_than_a_success_is_none(call: Call) -> None:
    for said in ({}, {"message": "thành công"}, {"code": None}, {"code": True}, {"code": [200]}, [], b"", b"<html>"):
        with pytest.raises(Unsettled):
            interpret(call, said)
    assert interpret(call, {"code": 17, "message": "Thiếu trường"}) == Refused(code="17", reason="Thiếu trường")
    for status in (201, 204, 302):
        with pytest.raises(Unsettled):
            interpret(call, {"code": 200, "data": {"idHoSo": "1", "maHoSo": CODE}}, status)


def test_a_creation_that_contradicts_itself_is_looked_up() -> None:
    """An id with a code that is no success, or a success without an id: neither is believed."""
    for said in ({"code": 500, "data": {"idHoSo": "1", "maHoSo": CODE}}, {"code": 200, "data": {"maHoSo": CODE}}):
        with pytest.raises(Unsettled):
            interpret(sync(), said)
    for data in (None, [], [{"IdTepTin": "1"}], [{"IdTepTin": "1", "HashTepTin": "a"}] * 2, {"IdTepTin": "1"}):
        with pytest.raises(ProtocolViolation):
            interpret(upload(), {"code": 200, "data": data})


@pytest.mark.parametrize("name", ["HS\0", "HS\ud800", "\n", "HS\t1"], ids=ascii)
def test_an_id_that_cannot_be_kept_is_none(name: str) -> None:
    with pytest.raises(Unsettled):
        interpret(sync(), {"code": 200, "data": {"idHoSo": name, "maHoSo": CODE}})


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_refusal_in_their_own_words_is_one(status: int) -> None:
    said = {"code": status, "message": "Sai dữ liệu", "data": None}
    for call in (sync(), step(), upload()):
        assert interpret(call, said, status) == Refused(code=str(status), reason="Sai dữ liệu")
    with pytest.raises(ProtocolViolation):
        interpret(sync(), b"<html>404</html>", status)


def test_a_broken_way_leaves_a_submission_unsettled() -> None:
    said = {"code": 502, "message": "upstream", "data": None}
    with pytest.raises(Unsettled):
        interpret(sync(), said, 502)
    with pytest.raises(TransientRemoteError):
        interpret(upload(), said, 502)


def test_401_asks_for_a_new_token_and_a_second_one_waits() -> None:
    assert CONNECTOR.rejects_grant(WireReply(status=401))
    assert not CONNECTOR.rejects_grant(WireReply(status=403))
    with pytest.raises(TransientRemoteError):
        interpret(sync(), {"code": 401}, 401)


@pytest.mark.parametrize(
    ("told", "life"), [({"expires_in": 3600}, 3600), ({"expires_in": "60"}, 60), ({}, 300), ({"expires_in": None}, 300)]
)
def test_a_token_lives_as_long_as_it_was_told_or_as_the_setting_says(told: Any, life: float) -> None:
    data = {"access_token": "t", "token_type": "Bearer", **told}
    granted = CONNECTOR.grant(WireReply(status=200, content=json.dumps({"code": "?", "data": data}).encode()))
    assert (granted.token, granted.expires_in_s) == ("t", life)


def test_no_token_is_no_log_in() -> None:
    for status, said in ((200, {"data": None}), (200, {"data": {"access_token": " "}}), (401, {"code": 401})):
        with pytest.raises(ProtocolViolation) as raised:
            CONNECTOR.grant(WireReply(status=status, content=json.dumps(said).encode()))
        assert raised.value.error_code == "partner.credentials_refused"


def test_a_dossier_whose_file_was_not_uploaded_is_not_sent() -> None:
    for known in ({}, {f"file:{FILE}": "TEP-77"}):
        with pytest.raises(UnprocessableError) as raised:
            CONNECTOR.prepare(sync(known))
        assert raised.value.error_code == "caller.file_not_uploaded"
    withdrawn = {**FIRST.given["components"][0], "deleted": True}
    assert sent(sync({}, components=[withdrawn]))["ThanhPhanHoSo"] == []


def test_a_paper_without_a_file_is_refused_before_it_is_taken_in() -> None:
    with pytest.raises(UnprocessableError) as raised:
        sync(components=[{"name": "to-khai.pdf", "url": "https://motcua.example.invalid/f/1"}])
    assert [field.pointer for field in raised.value.fields] == ["/components/0/file_id"]


def test_without_the_adapters_id_nothing_more_is_told_of_a_dossier() -> None:
    with pytest.raises(UnprocessableError) as raised:
        CONNECTOR.prepare(step({}))
    assert raised.value.error_code == "caller.dossier_unknown"


@given(
    st.binary(max_size=300).map(lambda raw: raw.decode("latin-1")) | st.just("--lt-CALL0000000000000001"),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
)
@example("x\r\n--lt-CALL0000000000000001--\r\n", 'a"b\r\nX-Evil: 1.pdf')
def test_any_file_is_one_part_of_the_form_and_nothing_else(content: str, name: str) -> None:
    call = upload(content, name)
    prepared = CONNECTOR.prepare(call)
    request = asyncio.run(prepared.whole())
    assert len(request.content) == prepared.size
    boundary = request.headers["Content-Type"].partition("boundary=")[2].encode()
    before, part, after = request.content.split(b"--" + boundary)
    assert (before, after) == (b"", b"--\r\n")
    head, _, rest = part.partition(b"\r\n\r\n")
    assert rest == content.encode() + b"\r\n"
    assert head.count(b"\r\n") == 2
    assert CONNECTOR.prepare(call) == prepared


def test_an_upload_without_its_file_is_an_error_of_ours() -> None:
    for call in (replace(upload(), file=None), replace(upload(), body={"file": "another"})):
        with pytest.raises(UnprocessableError):
            CONNECTOR.prepare(call)


@pytest.mark.parametrize("status", range(1, 11))
def test_fees_and_results_go_only_where_they_have_a_place(status: int) -> None:
    items = sent(sync({**NAMED, "listed": sent_lists()}, status=status, results=[RESULT]))
    assert [item["TrangThai"] for item in items] == [status]
    assert ("DanhSachLePhi" in items[0], "DanhSachGiayToKetQua" in items[0]) == ((status in {5, 6, 9}),) * 2


def sent_lists() -> str:
    """What is known after the results were told with status 9."""
    told = interpret(sync(NAMED, status=9, results=[RESULT]), sample("status_reply"))
    assert isinstance(told, Accepted)
    return told.learned["listed"]


def test_results_that_were_not_told_are_told_before_the_dossier_is_over() -> None:
    ready, over = sent(sync(NAMED, status=10, results=[RESULT]))
    assert (ready["TrangThai"], over["TrangThai"]) == (9, 10)
    assert ready["DanhSachGiayToKetQua"][0]["GiayToId"] == "9001"
    assert "DanhSachGiayToKetQua" not in over
    assert ready["NoiDungXuLy"] == "Đã xử lý xong"


def test_an_uploaded_result_goes_by_the_adapters_id() -> None:
    (told,) = sent(sync(NAMED, status=9, results=[{"id": "9001", "name": "kq.pdf", "file_id": FILE}]))
    (paper,) = told["DanhSachGiayToKetQua"]
    assert (paper["GiayToId"], "IdTepTin" in paper) == ("TEP-77", False)


def test_a_round_of_supplements_says_what_is_missing_and_what_it_costs() -> None:
    asked = [
        {"number": n, "requested_by": "Lê Văn Thử", "content": f"Bổ sung {n}", "requested_at": STEP["at"], "fees": fees}
        for n, fees in ((1, []), (2, [{**FIRST.given["fees"][0], "code": "PL02", "collected_at": "supplement"}]))
    ]
    (told,) = sent(sync(NAMED, status=5, supplements=asked))
    assert told["NoiDungYKien"] == "Bổ sung 2"
    assert [(fee["MaPhiLePhi"], fee["HinhThucThu"]) for fee in told["DanhSachLePhi"]] == [("PL01", 1), ("PL02", 2)]


HOUR = timedelta(hours=1)
SINCE = datetime(1976, 1, 1, tzinfo=timezone(7 * HOUR))  # before, the clocks of Viet Nam stood otherwise


@given(st.timedeltas(timedelta(0), timedelta(days=40_000)), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
@example(datetime(2024, 2, 29, tzinfo=SINCE.tzinfo) - SINCE, date(2024, 2, 29))
@example(datetime(2026, 1, 1, 23, 59, 59, tzinfo=SINCE.tzinfo) - SINCE, date(2000, 1, 1))
def test_each_date_is_written_in_the_format_of_its_step(since: timedelta, day: date) -> None:
    """COD-14: three formats in one family, all local time +07:00, midnight and 29/2 included."""
    moment = SINCE + since
    utc = moment.astimezone(UTC).isoformat()
    applicant = {**FIRST.given["applicant"], "birth_date": day.isoformat()}
    told = sync(received_at=utc, submitted_at=None, applicant=applicant).body["NoiHoSo"]
    assert told["NgayTiepNhan"] == told["NgayNop"] == moment.strftime("%Y-%m-%d %H:%M:%S")
    assert told["ThongTinNguoiNop"]["ThongTinChiTiet"]["NgaySinh"] == day.strftime("%Y%m%d") + "000000"
    assert step(at=utc).body["ThoiDiemXuLy"] == moment.strftime("%Y-%m-%dT%H:%M:%S") + ".000"


def test_without_a_dossier_list_a_person_compares() -> None:
    blind: Any = bench("portal_adapter", find_path="").connector
    assert isinstance(blind.question(sync()), CannotTell)
    assert isinstance(blind.question(step()), CannotTell)
    assert isinstance(blind.question(upload()), SendNow)
    with pytest.raises(ConfigurationError):
        blind.prepare(SYSTEM.call("find_dossier", {"MaHoSo": CODE}))


def test_a_dossier_that_is_not_there_is_created() -> None:
    for known in (UPLOADED, NAMED):
        settled = CONNECTOR.settle(sync(known), Absent())
        assert settled.call.known == UPLOADED
        assert settled.call.hints == {"exists": False}  # by which a comparison knows that it was lost
        assert CONNECTOR.prepare(settled.call).url.endswith("NoiHoSo")


def test_a_dossier_that_was_created_a_moment_ago_is_not_created_twice() -> None:
    """The list may be behind: what is left of the message is its status."""
    created = interpret(sync(), sample("create_reply"))
    assert isinstance(created, Accepted)
    settled = CONNECTOR.settle(sync({**UPLOADED, **created.learned}), Absent())
    assert isinstance(settled, SendNow)
    assert sent(settled.call)[0]["IdHoSo"] == "HS-4711"


def test_a_dossier_that_is_there_goes_on_under_its_name() -> None:
    created = CONNECTOR.settle(sync(), listing(**{"MOCK-IdHoSo": "HS-4711"}))
    assert isinstance(created, SendNow)
    assert sent(created.call)[0]["IdHoSo"] == "HS-4711"
    told = CONNECTOR.settle(sync(), listing(TrangThaiHoSo=2, **{"MOCK-IdHoSo": "HS-4711"}))
    assert isinstance(told, TookEffect)
    assert told.learned == {"dossier": "HS-4711", "code": CODE, "status": "2"}


def test_a_dossier_that_is_there_without_a_name_is_a_persons() -> None:
    settled = CONNECTOR.settle(sync(), listing(TrangThaiHoSo=2))
    assert isinstance(settled, CannotTell)
    assert "--learned dossier" in settled.reason


@pytest.mark.parametrize(
    ("known", "shown", "settled"),
    [
        ({"status": "4"}, 9, TookEffect),
        ({"status": "4"}, "9", TookEffect),
        ({"status": "4"}, 4, SendNow),
        ({}, None, SendNow),
        ({"status": "4"}, "Đã xử lý xong", CannotTell),
        ({"status": "9"}, 9, CannotTell),
        ({"status": "9", "listed": sent_lists()}, 9, TookEffect),
    ],
    ids=str,
)
def test_a_status_arrived_when_the_list_shows_it_and_did_not_before(
    known: dict[str, str], shown: Any, settled: type
) -> None:
    """Lists that are told with a status which was there already cannot be seen: a person compares."""
    call = sync({**NAMED, **known}, status=9, results=[RESULT])
    assert isinstance(CONNECTOR.settle(call, listing(TrangThaiHoSo=shown)), settled)


def round_of(text: str) -> dict[str, Any]:
    return {"number": 1, "requested_by": "Lê Văn Thử", "content": text, "requested_at": STEP["at"]}


@pytest.mark.parametrize(
    ("told", "now", "settled"),
    [
        ({"supplements": [round_of("Bổ sung 1")]}, {"supplements": [round_of("Bổ sung 2")]}, CannotTell),
        ({"supplements": [round_of("Bổ sung 1")]}, {"supplements": [round_of("Bổ sung 1")]}, TookEffect),
        ({"note": "Ý kiến 1"}, {"note": "Ý kiến 2"}, CannotTell),
        ({"note": "Ý kiến 1"}, {}, CannotTell),
        ({}, {"note": "Ý kiến 1"}, CannotTell),
        ({}, {"summary": "Trích yếu khác"}, TookEffect),
    ],
    ids=str,
)
def test_new_words_under_a_status_that_was_there_already_cannot_be_seen(
    told: dict[str, Any], now: dict[str, Any], settled: type
) -> None:
    """A second request for supplements whose answer was lost is not taken for the first one."""
    before = interpret(sync(NAMED, status=5, **told), sample("status_reply"))
    assert isinstance(before, Accepted)
    call = sync({**NAMED, **before.learned}, status=5, **now)
    assert isinstance(CONNECTOR.settle(call, listing(TrangThaiHoSo=5)), settled)
    after = interpret(call, sample("status_reply"))
    assert isinstance(after, Accepted)
    again = sync({**call.known, **after.learned}, status=5, **now)
    assert isinstance(CONNECTOR.settle(again, listing(TrangThaiHoSo=5)), TookEffect)


@pytest.mark.parametrize(
    ("shown", "settled"),
    [
        ([], SendNow),
        ([{"ThoiDiemXuLy": "2026-01-02T08:31:00.000"}], SendNow),
        ([{"ThoiDiemXuLy": "20260102083100"}], CannotTell),
        ([{}], CannotTell),
        (["?"], CannotTell),
        (None, CannotTell),
        ([{**sample("progress")[0], "TrangThai": 4}], CannotTell),
        (sample("progress"), TookEffect),
        ([{**sample("progress")[0], "TrangThai": "2"}], TookEffect),
    ],
    ids=str,
)
def test_a_step_is_sent_again_only_when_it_is_surely_missing(shown: Any, settled: type) -> None:
    assert isinstance(CONNECTOR.settle(step(), listing(**{"MOCK-TienTrinh": shown})), settled)


def test_an_answer_that_is_none_settles_nothing() -> None:
    assert isinstance(CONNECTOR.settle(sync(), Refused(code="403", reason="")), CannotTell)
    assert isinstance(CONNECTOR.settle(sync(), Answered(body={"items": [{}, {}]})), CannotTell)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (sample("find_reply"), Answered),
        ({"Total": 0, "Data": []}, Absent),
        ({"Total": 1, "Data": [{"MaHoSo": "another"}]}, Absent),
        ({"Total": 2, "Data": [{"MaHoSo": "another"}]}, None),
        ({"Total": 1, "Data": []}, None),
        ({"Total": -1, "Data": []}, None),
        ({"Data": []}, None),
        ({"Total": 1, "Data": [{}]}, None),
        ({"code": 200, "data": []}, None),
    ],
    ids=str,
)
def test_a_dossier_list_tells_only_what_it_shows_whole(said: Any, found: type | None) -> None:
    """A page of a longer list without the dossier does not mean that it is not there."""
    call = SYSTEM.call("find_dossier", {"MaHoSo": CODE})
    if found is None:
        with pytest.raises(ProtocolViolation):
            interpret(call, said)
    else:
        assert isinstance(interpret(call, said), found)


def test_a_batch_of_steps_is_one_message() -> None:
    assert CONNECTOR.most_together("report_progress") == 10
    assert CONNECTOR.most_together("sync_dossier") == 1
    call = replace(step(), parts=(step(content="Chuyển phòng chuyên môn").body,))
    assert [item["NoiDungXuLy"] for item in sent(call)] == ["Tiếp nhận hồ sơ", "Chuyển phòng chuyên môn"]
    refused = interpret(call, {"code": 400, "message": ""}, 400)
    assert isinstance(refused, Refused)
    assert not refused.nothing_kept
    atomic = bench("portal_adapter", batch_is_atomic=True).connector
    kept = atomic.interpret(call, WireReply(status=400, content=b'{"code":400,"message":""}'))
    assert isinstance(kept, Refused)
    assert kept.nothing_kept


def test_an_upload_is_handed_its_file_and_is_in_no_comparison() -> None:
    told = SYSTEM.manifest.operation("upload_file")
    assert (told.sends_file, told.compared, told.idempotent) == (True, False, True)
    assert SYSTEM.manifest.yields_to == "national_portal"
