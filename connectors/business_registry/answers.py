"""What a reply says, once it is known to be the registry's own (contract, sections 2 and 4.2 to 4.4).

A reply that shows neither an answer nor its documented absence is `ProtocolViolation`: nothing follows from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from connectors.business_registry import dossiers, enterprise_v1, enterprise_v2
from connectors.business_registry.wire import Count, Text, Wire, is_silent, read, same_code
from gateway.sdk import Absent, Answered, Outcome, ProtocolViolation, Refused, WireReply
from gateway.sdk.charset import check_letters
from gateway.sdk.platform_check import check_platform
from gateway.sdk.replies import check_available, json_object


class Envelope(Wire):
    """`Data`, `DataCount`, `Status` ("1": done, "0": failed) and `Message`."""

    DataCount: Count = None
    Status: Text
    Message: Text = ""


def document(reply: WireReply) -> dict[str, Any]:
    """The JSON object. Headers are looked at before the body, and a gateway's fault before an answer is looked for."""
    check_available(reply, idempotent=True)
    check_platform(reply, idempotent=True)
    if reply.status != 200:
        _broken(f"An answer with HTTP {reply.status} is not in the contract.")
    return json_object(reply, idempotent=True)


def enterprise(found: Mapping[str, Any], code: str, *, generation: str) -> Outcome:
    """chiTietDoanhNghiep. `generation`: `auto`, `v1` or `v2`; an answer in another than is set is none."""
    shown = [name for name, key in (("v1", "Status"), ("v2", "GetEntCert")) if key in found]
    if generation == "v2" and not found:
        return Absent()  # `GetEntCert` absent (4.4); where the generation is not set, {} shows nothing
    if len(shown) != 1 or generation not in {"auto", *shown}:
        _broken("The answer does not belong to the generation that is expected.")
    return _first(found, code) if shown == ["v1"] else _second(found, code)


def dossier_list(found: Mapping[str, Any], *, offset: int) -> Outcome:
    """danhSachHoSoTrongNgay, danhSachHoSo. No row: nothing is on record there, or beyond the last page; rows that are
    counted and, with nothing skipped, not shown are neither."""
    data = _data(found)
    if isinstance(data, Refused | Absent):
        return data
    if data["MainInformation"] == []:
        if not offset and read(Envelope, found).DataCount:
            _broken("The answer counts rows, and shows none.")
        return Absent()
    rows = read(dossiers.Rows, data).MainInformation
    if not rows or not all(row.IN_JOURNAL_NO.strip() for row in rows):
        _broken("The list has a row without a journal number, or none at all.")
    return Answered(body={"items": [dossiers.shape(row) for row in rows]})


def dossier(found: Mapping[str, Any], journal_no: str) -> Outcome:
    """tinhTrangHoSo: the one row with that number."""
    data = _data(found)
    if isinstance(data, Refused | Absent):
        return data
    rows = read(dossiers.FullRows, data).MainInformation
    numbers = [row.IN_JOURNAL_NO.strip() for row in rows]
    same = [row for row, told in zip(rows, numbers, strict=True) if told and told.zfill(20) == journal_no.zfill(20)]
    if len(same) != 1:
        _broken("The registry answered with another dossier than was asked for, or with several.")
    return Answered(body=dossiers.shape(same[0]))


def _first(found: Mapping[str, Any], code: str) -> Outcome:
    data = _data(found)
    if isinstance(data, Refused | Absent):
        return data
    firm = read(enterprise_v1.Enterprise, data)
    if not same_code(code, firm.MainInformation.ENTERPRISE_GDT_CODE):
        _broken("The registry answered with another enterprise than was asked for.")
    return _legible(enterprise_v1.shape(firm, code))


def _second(found: Mapping[str, Any], code: str) -> Outcome:
    if found["GetEntCert"] in (None, []):
        if not is_silent(found):
            _broken("The answer holds no certificate, and something else.")
        return Absent()
    certificates = read(enterprise_v2.Certificates, found).GetEntCert
    same = [firm for firm in certificates if same_code(code, firm.MaSoDoanhNghiep)]
    if len(same) != 1:
        _broken("The registry answered with another enterprise than was asked for, or with several certificates.")
    return _legible(enterprise_v2.shape(same[0], code))


def _legible(firm: dict[str, Any]) -> Answered:
    """A name that lost letters on the way would be another name."""
    check_letters(*(firm.get(key) for key in ("name", "short_name", "foreign_name", "people", "address")))
    if any("?" in person["name"] for person in firm["people"]):
        _broken("A name in the answer has lost letters on the way.")
    return Answered(body=firm)


def _data(found: Mapping[str, Any]) -> Mapping[str, Any] | Refused | Absent:
    """`Data` where it holds `MainInformation`; its documented absence; or the registry's refusal."""
    if "Status" not in found:
        _broken("The answer has no Status.")
    envelope = read(Envelope, found)
    if envelope.Status == "0":
        return Refused(code="0", reason=envelope.Message)
    data = found.get("Data", "")  # left out: not an object, and not null either
    if envelope.Status != "1" or not isinstance(data, Mapping | None):
        _broken("The answer is neither a success nor a failure of the contract.")
    if data is not None and data.get("MainInformation") is not None:
        return data
    if envelope.DataCount or not is_silent(data):
        _broken("The answer leaves out the record, and yet speaks of one.")
    return Absent()


def _broken(detail: str) -> NoReturn:
    raise ProtocolViolation(detail)
