"""The dialects of the population database: for each, what the province sets and what its system insists on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from systems import Bench, bench

VERIFY, VERIFY_B = "XacThucThongTinCongDan", "XacThucThongTinCongDanRequest"
LOOKUP, RELATIVES = "TraCuuThongTinCongDan", "XacMinhThongTinNhanThan"
ASKED = {
    "SoGiayTo": "099185000001",
    "HoVaTen": "Trần Thị Mẫu",
    "NgaySinh": "1985-06-15",
    "MaCanBo": "canbo.mau",
    "MaThuTuc": "1.009999.000.00.00.H99",
    "MaCoQuan": "000.00.05.H99",
}


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """`settings` of the connector, `system`: switches of the mock."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    system: Mapping[str, Any] = field(default_factory=dict)

    def bench(self, **switches: Any) -> Bench:
        return bench("population", mock={**self.system, **switches}, **self.settings)


def _paths(prefix: str, message: str) -> dict[str, Any]:
    return {
        f"{prefix}_message": message,
        f"{prefix}_path": f"/csdldc/{message}",
        f"{prefix}_sv_url": f"/r1/VN/GOV/EXAMPLE/EXAMPLE/{message}",
    }


SOAP = {
    "as in the sandbox": Dialect(),
    "QCVN 109": Dialect(system={"reply_shape": "qcvn"}),
    "absent as a nameless record": Dialect(system={"not_found": "nameless"}),
    "variant B": Dialect(settings=_paths("verify", VERIFY_B)),
    "variant B, both numbers, its other reply": Dialect(
        settings={**_paths("verify", VERIFY_B), **_paths("lookup", RELATIVES), "send_both_numbers": True}
        | {"ma_don_vi": "MOCK-DV", "lookup_ma_tich_hop": "MOCK-NT"},
        system={"verify_b_reply": "XacThucThongTinCongDanResponse"},
    ),
    "relatives": Dialect(
        settings={**_paths("lookup", RELATIVES), "ma_don_vi": "MOCK-DV", "lookup_ma_tich_hop": "MOCK-NT"}
    ),
    "profile S3": Dialect(
        settings={"ma_don_vi": "MOCK-DV", "tai_khoan": "MOCK-TK", "so_dien_thoai": "0", "soap_action": "empty"}
        | {"x_road_client": "VN/GOV/000.00.00.H99/MAU", "api_key": "MOCK-key"},
        system={"require_profile": True, "soap_action": "empty"}
        | {"x_road_client": "VN/GOV/000.00.00.H99/MAU", "api_key": "MOCK-key"},
    ),
    "seconds, capitals, dashes": Dialect(
        settings={"timestamp_unit": "s", "name_form": "upper", "date_format": "%Y-%m-%d"},
        system={"timestamp_unit": "s", "name_form": "upper", "date_format": "yyyy-MM-dd"},
    ),
    "profile S5, text/xml": Dialect(
        settings={"esb_source_type": "MOCK-T", "esb_source_username": "demo_user"}
        | {"content_type": "text/xml", "soap_action": "absent"},
        system={"esb_source_type": "MOCK-T", "esb_source_username": "demo_user"}
        | {"accept_text_xml": True, "soap_action": "absent", "reply_type": "text/xml"},
    ),
    "behind an LGSP, a key for each officer": Dialect(
        settings={"credentials": "none", "username": "", "officer_keys": {"canbo.mau": "ten:MOCK-mat"}},
        system={"credentials": "none", "auth_hash": {"canbo.mau": "ten:MOCK-mat"}},
    ),
    "licensed procedures and accounts": Dialect(
        settings={"ma_dvc_by_procedure": {"1.009999": "MOCK-DVC"}, "officer_accounts": {"canbo.mau": "VDXP_mau"}},
        system={"permitted_ma_dvc": ["MOCK-DVC"], "permitted_officers": ["VDXP_mau"]},
    ),
}
FACADES = {
    "SOAP inside JSON": Dialect(
        settings={"carrier": "json_message", "credentials": "none", "success_codes": ("MOCK-00",)}
        | dict.fromkeys(("verify_path", "lookup_path"), "/apiCSDLDanCu/ChiaSeThongTinCongDan"),
    ),
    "JSON of OpenCPS": Dialect(
        settings={"carrier": "json_body", "credentials": "none", "date_format": "%Y-%m-%d"}
        | dict.fromkeys(("verify_path", "lookup_path"), "/o/rest/v2/qldc"),
        system={"date_format": "yyyy-MM-dd"},
    ),
    "JSON of OpenCPS, QCVN 109, licensed": Dialect(
        settings={"carrier": "json_body", "credentials": "none", "ma_dvc_by_procedure": {"1.009999": "MOCK-DVC"}}
        | {"officer_accounts": {"canbo.mau": "canbo.mau@example.vn"}, "gov_agency_code": "MOCK-CQ"}
        | dict.fromkeys(("verify_path", "lookup_path"), "/o/rest/v2/qldc"),
        system={"reply_shape": "qcvn", "permitted_ma_dvc": ["MOCK-DVC"]}
        | {"permitted_officers": ["canbo.mau@example.vn"]},
    ),
}
DIALECTS = {**SOAP, **FACADES}
