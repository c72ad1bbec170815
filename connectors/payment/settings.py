"""What a province is given when it registers as a partner (contract, sections 2.1, 2.2 and 2.12)."""

from __future__ import annotations

from pydantic import Field, SecretStr

from gateway.sdk import SystemSettings


class PaymentSettings(SystemSettings):
    """Where the platform is reached, and the pair of partner code and secret."""

    partner_code: str = Field(min_length=1, max_length=50, description="MaDoiTac.")
    secret: SecretStr = Field(
        min_length=1, description="MaBiMat: the shared secret that ends every checksum; at least 32 random bytes."
    )
    previous_secret: SecretStr | None = Field(
        default=None, min_length=1, description="Still accepted in notices while it rotates."
    )
    init_path: str = Field(description="Path of INIT under base_url; the real one comes with the registration.")
    query_path: str = Field(description="Path of QUERY under base_url.")
    bearer_token: SecretStr = Field(default=SecretStr(""), description="Authorization, if the adapter wants one.")
    server_ip: str = Field(default="127.0.0.1", description="Ip of INIT when the payer's is not known.")
    pay_hosts: tuple[str, ...] = Field(min_length=1, description="Hosts (with port) that payers may be sent to.")
    allow_http: bool = Field(default=False, description="Let the bank page be plain http; for a sandbox only.")
    refusal_codes: tuple[str, ...] = Field(
        default=(), description="MaLoi of INIT that surely mean 'not opened'. The official table is not public."
    )
    query_reply_signed: bool = Field(
        default=False, description="Demand MaXacThuc in replies to QUERY, in the order of the notice."
    )
    loai_hinh_thanh_toan: str = Field(default="PAY", description="LoaiHinhThanhToan.")
    ma_kenh_thanh_toan: str = Field(default="1", description="MaKenhThanhToan.")
    ma_thiet_bi: str = Field(default="1", description="MaThietBi.")
    ngon_ngu: str = Field(default="vi-VN", description="NgonNgu.")
    ma_ngan_hang: str = Field(default="PAYMENT", description="MaNganHang of INIT: let the platform list its banks.")
