"""What a province sets once it has the ministry's documents. Nothing official is guessed (contract, 7.4 and 8)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, model_validator

from gateway.sdk import ConfigurationError, SystemSettings

Carrier = Literal["soap", "json_message", "json_body"]
VerifyMessage = Literal["XacThucThongTinCongDan", "XacThucThongTinCongDanRequest"]
LookupMessage = Literal["TraCuuThongTinCongDan", "XacMinhThongTinNhanThan"]
NO_SECRET = SecretStr("")


class PopulationSettings(SystemSettings):
    """Where CSDLDC is reached, in which dialect, and how we prove who we are (contract, sections 3.2, 3.3 and 3.6)."""

    carrier: Carrier = Field(
        default="soap",
        description="`soap`; `json_message`: a facade that carries the SOAP text in `message`; `json_body`: OpenCPS's.",
    )
    verify_message: VerifyMessage = Field(
        default="XacThucThongTinCongDan", description="Variant A, or B with `…Request`, which asks no birth date."
    )
    lookup_message: LookupMessage = Field(
        default="TraCuuThongTinCongDan", description="Or `XacMinhThongTinNhanThan`, which needs `ma_don_vi`."
    )
    verify_path: str = Field(description="Path of the verification under base_url.")
    lookup_path: str = Field(description="Path of the look-up under base_url.")

    credentials: Literal["hash", "none"] = Field(
        default="hash",
        description="`hash`: HTTP Basic with SHA-256 and Timestamp; `none`: the platform between does it.",
    )
    username: str = Field(default="", description="User name of HTTP Basic; mandatory with `hash`.")
    secret: SecretStr = Field(default=NO_SECRET, description="Secret hashed into the password; mandatory with `hash`.")
    verify_sv_url: str = Field(default="", description="Service path hashed for the verification; with `hash`.")
    lookup_sv_url: str = Field(default="", description="Service path hashed for the look-up; mandatory with `hash`.")
    timestamp_unit: Literal["ms", "s"] = Field(default="ms", description="Unit of the Timestamp header.")
    x_road_client: str = Field(default="", description="X-Road-Client header; empty: none.")
    api_key: SecretStr = Field(default=NO_SECRET, description="ApiKey header; empty: none.")
    esb_source_type: str = Field(default="", description="ESB_SOURCE_TYPE header; empty: none.")
    esb_source_username: str = Field(default="", description="ESB_SOURCE_USERNAME header; empty: none.")
    officer_keys: dict[str, SecretStr] = Field(
        default={}, description="Officer's login to `keyName:keyPass` of AuthHash; empty table: no such header."
    )
    content_type: Literal["application/xml", "text/xml"] = Field(
        default="application/xml", description="Content-Type of a SOAP request."
    )
    soap_action: Literal["empty", "absent"] = Field(default="empty", description='SOAPAction: `""`, or no header.')

    ma_dvc: str = Field(default="VPCP", description="MaDVC for every procedure, unless there is a table.")
    ma_dvc_by_procedure: dict[str, str] = Field(
        default={}, description="Procedure code to licensed MaDVC; where given, other procedures are refused by us."
    )
    verify_ma_tich_hop: str = Field(default="003", description="MaTichHop of XacThucThongTinCongDan.")
    verify_ma_dich_vu: str = Field(default="033", description="MaDichVu of XacThucThongTinCongDanRequest.")
    lookup_ma_tich_hop: str = Field(
        default="037",
        description="MaTichHop of the look-up; to be set for XacMinhThongTinNhanThan, where none is known.",
    )
    ma_can_bo: str = Field(default="", description="MaCanBo for everybody; empty: by table, or the officer's login.")
    officer_accounts: dict[str, str] = Field(
        default={}, description="Officer's login to MaCanBo (`json_body`: StaffEmail); others are refused by us."
    )
    ma_don_vi: str = Field(default="", description="MaDonVi; empty: left out.")
    tai_khoan: str = Field(default="", description="TaiKhoan; empty: left out.")
    so_dien_thoai: str = Field(default="", description="SoDienThoai; empty: left out.")
    gov_agency_code: str = Field(default="", description="GovAgencyCode of `json_body`; empty: the purpose's agency.")
    send_both_numbers: bool = Field(
        default=False, description="Send SoDinhDanh and SoCMND, the unused one empty, instead of one of them."
    )
    name_form: Literal["stripped", "upper"] = Field(
        default="stripped", description="HoVaTen as `TRANTHIMAU`, or in capitals with marks and spaces."
    )
    date_format: Literal["%Y%m%d", "%Y-%m-%d"] = Field(default="%Y%m%d", description="Spelling of NgayThangNam.")

    check_replies: bool = Field(
        default=True,
        description="Check answers by the schema in contract/; false: only by what is read of them.",
    )
    success_codes: tuple[str, ...] = Field(
        default=(), description="`error_code` values of `json_message` that mean success; empty: nothing is concluded."
    )
    not_permitted_faults: tuple[str, ...] = Field(
        default=(), description="Codes that mean: there is an answer, but not for you. CSDLDC's list is not public."
    )

    @model_validator(mode="after")
    def _one_dialect(self) -> PopulationSettings:
        """Settings that belong together. `ConfigurationError` names the one that is missing."""
        if self.credentials == "hash":
            self._need("credentials = hash", "username", "secret", "verify_sv_url", "lookup_sv_url")
        if self.lookup_message == "XacMinhThongTinNhanThan":
            self._need("XacMinhThongTinNhanThan", "ma_don_vi")
            if "lookup_ma_tich_hop" not in self.model_fields_set:
                raise _wrong("lookup_ma_tich_hop", "XacMinhThongTinNhanThan")
        if self.carrier != "soap":
            for name in ("verify_message", "lookup_message"):
                if getattr(self, name) != type(self).model_fields[name].default:
                    raise _wrong(name, f"carrier = {self.carrier}")
        if any(not key.get_secret_value().partition(":")[2] for key in self.officer_keys.values()):
            raise _wrong("officer_keys", "AuthHash, keyName:keyPass")
        return self

    def _need(self, why: str, *names: str) -> None:
        for name in names:
            value = getattr(self, name)
            if not (value.get_secret_value() if isinstance(value, SecretStr) else value):
                raise _wrong(name, why)


def _wrong(name: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"systems.population.{name} is missing or does not fit: {why}. See connectors/population/README.md.",
        vi=f"Cấu hình systems.population.{name} thiếu hoặc không hợp: {why}.",
        what="system_settings",
    )
