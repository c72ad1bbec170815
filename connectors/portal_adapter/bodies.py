"""What is sent: the mapping's body, with the ids that the adapter gave in place of ours (contract, 13).

The mapping writes two parts for a dossier: `NoiHoSo`, with which it is created once, and `CapNhatTrangThai`, which is
all that can be told of it afterwards. A code list is text; where the adapter wants a number, it becomes one here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.portal_adapter import wire
from gateway.domain import DossierStatus
from gateway.sdk import Call
from gateway.sdk.errors import UnprocessableError

LISTS = ("DanhSachLePhi", "DanhSachGiayToKetQua")
WITH_LISTS = (DossierStatus.SUPPLEMENT_REQUESTED, DossierStatus.PAYMENT_REQUESTED, DossierStatus.PROCESSED)
ROUNDS = "YeuCauBoSung"

Item = dict[str, Any]


def creation(call: Call, *, receiving_agency: str) -> Item:
    """NoiHoSo. A paper whose file was not uploaded is refused here: a dossier is never sent without it."""
    told = dict(call.body["NoiHoSo"])
    person = told["ThongTinNguoiNop"]
    papers = [paper for paper in told["ThanhPhanHoSo"] if paper["IsDeleted"] != "True"]
    return {
        **told,
        "LoaiDoiTuong": int(told["LoaiDoiTuong"]),
        "MaDonViTiepNhan": receiving_agency or str(told["MaHoSo"]).partition("-")[0],
        "ThanhPhanHoSo": [_paper(paper, call.known) for paper in papers],
        "ThongTinNguoiNop": {**person, "LoaiDoiTuong": int(person["LoaiDoiTuong"])},
    }


def updates(call: Call) -> list[Item]:
    """CapNhatTrangThai. Fees and results have a place with three statuses only; a dossier that was handed over with
    results that were not told yet says first that they are ready, as every dossier must have been (status 9)."""
    told, lists = call.body["CapNhatTrangThai"], lists_of(call)
    status, said = DossierStatus(told["TrangThai"]), words(call)
    item = {
        "IdHoSo": dossier(call),
        "MaHoSo": call.known.get("code") or told["MaHoSo"],
        **{name: value for name, value in told.items() if name not in {"MaHoSo", ROUNDS, *LISTS}},
        "NoiDungXuLy": status.label_vi,
        **({"NoiDungYKien": said} if said else {}),
    }
    if status in WITH_LISTS:
        return [{**item, **lists}]
    if tells_results_late(call):
        ready = DossierStatus.PROCESSED
        return [{**item, "TrangThai": int(ready), "NoiDungXuLy": ready.label_vi, **lists}, item]
    return [item]


def words(call: Call) -> str:
    """NoiDungYKien of a status update; of a request for supplements what its newest round asks for."""
    told = call.body["CapNhatTrangThai"]
    asks = told["TrangThai"] == DossierStatus.SUPPLEMENT_REQUESTED and told[ROUNDS]
    return str(told[ROUNDS][-1]["NoiDung"] if asks else told.get("NoiDungYKien", ""))


def tells_results_late(call: Call) -> bool:
    """Handed over, with results that the adapter has not been told."""
    told = call.body["CapNhatTrangThai"]
    is_over = told["TrangThai"] == DossierStatus.RETURNED and bool(told["DanhSachGiayToKetQua"])
    return is_over and call.known.get("listed") != wire.digest(lists_of(call))


def tells_lists(call: Call) -> bool:
    return call.body["CapNhatTrangThai"]["TrangThai"] in WITH_LISTS or tells_results_late(call)


def lists_of(call: Call) -> dict[str, list[Item]]:
    """The fees, those of supplements too, and the result papers; a list without rows is left out."""
    told = call.body["CapNhatTrangThai"]
    fees = [*told["DanhSachLePhi"], *(fee for asked in told[ROUNDS] for fee in asked["DanhSachLePhi"])]
    lists = {
        "DanhSachLePhi": [{**fee, "HinhThucThu": int(fee["HinhThucThu"])} for fee in fees],
        "DanhSachGiayToKetQua": [_result(paper, call.known) for paper in told["DanhSachGiayToKetQua"]],
    }
    return {name: rows for name, rows in lists.items() if rows}


def steps(call: Call) -> list[Item]:
    """CapNhatTienTrinh; mind `IDHoSo`."""
    return [{"IDHoSo": dossier(call), **body} for body in (call.body, *call.parts)]


def form(call: Call) -> tuple[str, bytes, bytes]:
    """Content type of UploadFile, and what stands before and after its file: one part named `files`. The boundary is
    the file's own digest: the same call makes the same bytes, and no file can be made that holds it."""
    file = call.file
    if file is None or file.id != call.body["file"]:
        raise UnprocessableError(
            "The file to upload is not there.", vi="Không có nội dung tệp cần gửi.", what="file_missing"
        )
    boundary = f"lt-{file.sha256}"
    name = file.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        f"Content-Type: {file.media_type}\r\n\r\n"
    )
    return f"multipart/form-data; boundary={boundary}", head.encode(), f"\r\n--{boundary}--\r\n".encode()


def dossier(call: Call) -> str:
    """The id that the adapter gave to the dossier."""
    if "dossier" not in call.known:
        raise UnprocessableError(
            "The adapter's id of this dossier is not known; look it up there and release with --learned dossier=…",
            vi="Chưa biết mã hồ sơ (idHoSo) do bên nhận cấp; hãy tra cứu rồi cho gửi lại với --learned dossier=…",
            what="dossier_unknown",
        )
    return call.known["dossier"]


def _paper(paper: Mapping[str, Any], known: Mapping[str, str]) -> Item:
    own = paper["GiayToDinhKem"]
    file, digest = _uploaded(own["IdGiayTo"], known)
    kept = {name: value for name, value in paper.items() if name != "IsDeleted"}
    return {**kept, "GiayToDinhKem": [{**own, "IdGiayTo": file, "HashTepTin": digest}]}


def _result(paper: Mapping[str, Any], known: Mapping[str, str]) -> Item:
    kept = {name: value for name, value in paper.items() if name != "IdTepTin"}
    return {**kept, "GiayToId": _uploaded(paper["IdTepTin"], known)[0]} if "IdTepTin" in paper else kept


def _uploaded(file: str, known: Mapping[str, str]) -> tuple[str, str]:
    """The adapter's id and hash of a file of ours."""
    name, digest = known.get(f"file:{file}"), known.get(f"hash:{file}")
    if not name or not digest:
        raise UnprocessableError(
            "A paper of this dossier was not uploaded to the adapter; the dossier is not sent without it.",
            vi="Có giấy tờ của hồ sơ chưa được tải lên bên nhận; chưa gửi hồ sơ khi còn thiếu giấy tờ.",
            what="file_not_uploaded",
        )
    return name, digest
