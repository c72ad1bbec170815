"""What a province sets for the business registry (contract, sections 2 and 4.1; hosts and paths are configuration)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.sdk import SystemSettings


class BusinessRegistrySettings(SystemSettings):
    """Where the registry is reached. The platform in front of it has its own settings (`over`)."""

    detail_path: str = Field(
        default="/apiCSDLDKDN/1.0/chiTietDoanhNghiep", description="Path of chiTietDoanhNghiep under base_url."
    )
    today_path: str = Field(
        default="/apiCSDLDKDN/1.0/danhSachHoSoTrongNgay", description="Path of danhSachHoSoTrongNgay under base_url."
    )
    period_path: str = Field(default="/apiCSDLDKDN/1.0/danhSachHoSo", description="Path of danhSachHoSo.")
    state_path: str = Field(default="/apiCSDLDKDN/1.0/tinhTrangHoSo", description="Path of tinhTrangHoSo.")
    reply_generation: Literal["auto", "v1", "v2"] = Field(
        default="auto",
        description="Generation of chiTietDoanhNghiep's answer; auto: whichever the answer shows itself to be.",
    )
    household_codes_in_address: bool = Field(
        default=False,
        description="Send a code of 12 digits, which is its owner's personal number, in the query string.",
    )
    longest_period_days: int = Field(
        default=5, ge=1, le=6, description="Days that one danhSachHoSo may cover, the first and the last counted."
    )
    largest_page: int = Field(default=100, ge=1, description="Largest `limit` that is sent; the registry's is unknown.")
