"""What is asked: the fields of each message of each dialect, and the headers around it.

Contract page population_and_business, sections 3.2 (headers), 3.3 (fields and their variants) and 3.6 (JSON facades).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import product
from typing import Any

from connectors.population import wire
from connectors.population.settings import PopulationSettings
from gateway.domain import ProcedureCode
from gateway.sdk import Call
from gateway.sdk.errors import FieldProblem, NotAllowedError

VARIANT_B = "XacThucThongTinCongDanRequest"
RELATIVES = "XacMinhThongTinNhanThan"


def message_of(call: Call, own: PopulationSettings) -> str:
    """The wrapper element, which is the name of the operation (3.1)."""
    return own.verify_message if call.operation == "verify_citizen" else own.lookup_message


def asked_of(call: Call, own: PopulationSettings) -> list[str]:
    """What the register is really asked to compare, in our words: variant B takes no birth date (3.3)."""
    plain = ["personal_id", "full_name"]
    return plain if message_of(call, own) == VARIANT_B else [*plain, "birth_date"]


def elements(call: Call, own: PopulationSettings) -> dict[str, object]:
    """The elements of a SOAP request; the WSDL puts them in their order."""
    message = message_of(call, own)
    common = {
        "MaYeuCau": call.call_id,
        "MaCanBo": _officer(call, own),
        **_numbers(call, own),
        "HoVaTen": _name(call, own),
    }
    if message == VARIANT_B:
        return {**common, "MaDichVu": own.verify_ma_dich_vu}
    common |= {"MaDVC": _service(call, own), "MaTichHop": _integration(call, own)}
    birth = _birth(call, own)
    if message == RELATIVES:
        return {**common, "MaDonVi": own.ma_don_vi, "NgayThangNamSinh": next(iter(birth.values()))}
    profile = {"MaDonVi": own.ma_don_vi, "TaiKhoan": own.tai_khoan, "SoDienThoai": own.so_dien_thoai}
    return {**common, **{name: value for name, value in profile.items() if value}, "NgayThangNamSinh": birth}


def foreseen(own: PopulationSettings) -> Iterator[tuple[str, dict[str, object]]]:
    """The message and elements of every kind of question under these settings: by a new number or an old one, with a
    birth date or a year alone. They say which elements are sent, not what stands in them."""
    nobody_is_refused = own.model_copy(update={"ma_can_bo": "-", "ma_dvc_by_procedure": {}})
    for operation, number, birth in product(("verify_citizen", "lookup_citizen"), _NUMBERS, _BIRTHS):
        body = {"MaCanBo": "-", "SoGiayTo": number, "HoVaTen": "-", "NgaySinh": birth}
        call = Call(operation=operation, body=body, call_id="-", at=_ANY_TIME)
        yield message_of(call, nobody_is_refused), elements(call, nobody_is_refused)


def facade_body(call: Call, own: PopulationSettings) -> bytes:
    """The JSON of a facade. Thanh Hoá's carries every key; OpenCPS's names the operation and the officer's e-mail."""
    birth = _birth(call, own)
    common = {
        "MaYeuCau": call.call_id,
        "MaTichHop": _integration(call, own),
        "MaDVC": _service(call, own),
        "HoVaTen": _name(call, own),
    }
    if own.carrier == "json_message":
        unused = {"SoDinhDanh": "", "SoCMND": "", "NgayThangNam": "", "Nam": ""}
        body = {**unused, **common, **_numbers(call, own), **birth, "MaCanBo": _officer(call, own)}
    else:
        body = {
            "type": message_of(call, own),
            **common,
            **_numbers(call, own),
            "NgayThangNamSinh": next(iter(birth.values())),
            "GovAgencyCode": own.gov_agency_code or str(call.body.get("MaCoQuan", "")),
            "StaffEmail": _officer(call, own),
        }
    return json.dumps(body, ensure_ascii=False).encode()


def headers(call: Call, own: PopulationSettings) -> dict[str, str]:
    """Content type, what proves this very call, and what a path may want besides. Those of a platform come later."""
    content_type = own.content_type if own.carrier == "soap" else "application/json"
    found = {"Content-Type": f"{content_type}; charset=utf-8"}
    if own.carrier == "soap" and own.soap_action == "empty":
        found["SOAPAction"] = '""'
    optional = {
        "X-Road-Client": own.x_road_client,
        "ApiKey": own.api_key.get_secret_value(),
        "ESB_SOURCE_TYPE": own.esb_source_type,
        "ESB_SOURCE_USERNAME": own.esb_source_username,
        "AuthHash": _key(call, own),
    }
    return found | _proof(call, own) | {name: value for name, value in optional.items() if value}


def _proof(call: Call, own: PopulationSettings) -> dict[str, str]:
    """HTTP Basic whose password is a hash over this `Timestamp`; nothing where a platform proves it for us (T2)."""
    if own.credentials == "none":
        return {}
    stamp = wire.timestamp(call.at, own.timestamp_unit)
    hashed = wire.password(
        sv_url=own.verify_sv_url if call.operation == "verify_citizen" else own.lookup_sv_url,
        username=own.username,
        timestamp=stamp,
        secret=own.secret.get_secret_value(),
    )
    return {"Authorization": wire.basic(own.username, hashed), "Timestamp": stamp}


def _key(call: Call, own: PopulationSettings) -> str:
    """`AuthHash` is the officer's own: nobody asks with another officer's key (3.8)."""
    if not own.officer_keys:
        return ""
    key = own.officer_keys.get(str(call.body["MaCanBo"]))
    if key is None:
        raise NotAllowedError(
            "This officer has no key at the population database; nothing was sent.",
            vi="Cán bộ chưa được cấp khoá khai thác CSDL dân cư; cổng không gửi gì.",
            what="officer_without_key",
            fields=[_OFFICER],
        )
    return wire.encoded(key.get_secret_value())


def _officer(call: Call, own: PopulationSettings) -> str:
    login = str(call.body["MaCanBo"])
    if own.ma_can_bo:
        return own.ma_can_bo
    if own.officer_accounts and login not in own.officer_accounts:
        raise NotAllowedError(
            "This officer has no account at the population database; nothing was sent.",
            vi="Cán bộ chưa có tài khoản khai thác CSDL dân cư; cổng không gửi gì.",
            what="officer_without_account",
            fields=[_OFFICER],
        )
    return own.officer_accounts.get(login, login)


def _service(call: Call, own: PopulationSettings) -> str:
    """`MaDVC`. OpenCPS maps the procedure to the code that is licensed for look-ups (3.3); one without is not asked."""
    if not own.ma_dvc_by_procedure:
        return own.ma_dvc
    procedure = str(call.body.get("MaThuTuc", ""))
    table = own.ma_dvc_by_procedure
    licensed = table.get(procedure) or table.get(ProcedureCode.national_of(procedure))
    if not licensed:
        raise NotAllowedError(
            "This procedure is not licensed for look-ups in the population database; nothing was sent.",
            vi="Thủ tục chưa được cấp phép khai thác CSDL dân cư; cổng không gửi gì.",
            what="procedure_not_licensed",
            fields=[_PROCEDURE],
        )
    return licensed


def _integration(call: Call, own: PopulationSettings) -> str:
    return own.verify_ma_tich_hop if call.operation == "verify_citizen" else own.lookup_ma_tich_hop


def _numbers(call: Call, own: PopulationSettings) -> dict[str, str]:
    """9 digits are an old card (3.3)."""
    number = str(call.body["SoGiayTo"])
    given = {"SoCMND" if len(number) == 9 else "SoDinhDanh": number}
    return {"SoDinhDanh": "", "SoCMND": "", **given} if own.send_both_numbers else given


def _name(call: Call, own: PopulationSettings) -> str:
    return wire.name(str(call.body["HoVaTen"]), own.name_form)


def _birth(call: Call, own: PopulationSettings) -> Mapping[str, Any]:
    return wire.birth(str(call.body["NgaySinh"]), own.date_format)


_NUMBERS = ("0" * 12, "0" * 9)
_BIRTHS = ("1985-06-15", "1985")
_ANY_TIME = datetime.min.replace(tzinfo=UTC)
_OFFICER = FieldProblem("/purpose/officer_id", "not known to the register", "cơ sở dữ liệu chưa biết cán bộ này")
_PROCEDURE = FieldProblem("/purpose/procedure_code", "not licensed", "chưa được cấp phép")
