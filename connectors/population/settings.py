"""What a province sets once it has the ministry's documents. Nothing official is guessed (contract, 7.4)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from gateway.sdk import SystemSettings


class PopulationSettings(SystemSettings):
    """Where CSDLDC is reached and how we prove who we are (contract, sections 3.2 and 3.3)."""

    username: str = Field(min_length=1, description="User name of HTTP Basic.")
    secret: SecretStr = Field(description="Secret that is hashed into the password.")
    verify_path: str = Field(description="Path of XacThucThongTinCongDan under base_url.")
    lookup_path: str = Field(description="Path of TraCuuThongTinCongDan under base_url.")
    verify_sv_url: str = Field(description="Service path that is hashed for XacThucThongTinCongDan; not the address.")
    lookup_sv_url: str = Field(description="Service path that is hashed for TraCuuThongTinCongDan.")
    timestamp_unit: Literal["ms", "s"] = Field(default="ms", description="Unit of the Timestamp header.")
    ma_dvc: str = Field(default="VPCP", description="MaDVC: public-service code that is licensed for look-ups.")
    verify_ma_tich_hop: str = Field(default="003", description="MaTichHop of XacThucThongTinCongDan.")
    lookup_ma_tich_hop: str = Field(default="037", description="MaTichHop of TraCuuThongTinCongDan.")
    ma_can_bo: str = Field(default="", description="MaCanBo; empty: the officer's login of the purpose.")
    date_format: Literal["%Y%m%d", "%Y-%m-%d"] = Field(default="%Y%m%d", description="Spelling of NgayThangNam.")
    x_road_client: str = Field(default="", description="X-Road-Client header, if the path wants one.")
    api_key: SecretStr = Field(default=SecretStr(""), description="ApiKey header, if the path wants one.")
    not_permitted_faults: tuple[str, ...] = Field(
        default=(), description="Fault codes that mean: there is an answer, but not for you. Their list is not public."
    )
