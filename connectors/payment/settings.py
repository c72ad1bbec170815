"""What a province is given when it registers as a partner (contract, sections 2.1, 2.2, 2.7 and 2.12)."""

from __future__ import annotations

from typing import Literal

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
    allow_http: bool = Field(
        default=False,
        description="Let the bank page and vouchers be plain http, at a private address too; for a sandbox only.",
    )
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
    bill_path: str = Field(default="", description="Path of GET_BILL under base_url; empty: vouchers are not fetched.")
    voucher_time: Literal["ipn", "init", "try_both"] = Field(
        default="try_both",
        description="ThoiGianGD of GET_BILL: when it was paid, when it was opened, or the first and then the second.",
    )
    voucher_hosts: tuple[str, ...] = Field(
        default=(), description="Hosts (with port) that a link to a voucher may name; none: no link is followed."
    )
    voucher_via: str = Field(
        default="",
        pattern=r"^(https?://[^/?#\s@]+)?$",
        description="Security server that links to vouchers are followed through: their scheme and host become these.",
    )
    voucher_min_bytes: int = Field(
        default=10_000, ge=0, description="A smaller file is a placeholder, not the voucher: it is asked for again."
    )
    transactions_path: str = Field(
        default="",
        pattern=r"^(/.*\{date\}.*)?$",
        description="Path of a day's list of transactions under base_url, {date} for yyyy-mm-dd. PPDVCQG 1.0.6 has "
        "none; the layout is ours (MOCK-RECON).",
    )
    answers_lookups: bool = Field(
        default=False,
        description="Answer dptracuuthanhtoanhs here. The question carries no proof and the answer names the payer: "
        "only where the way in is closed to others (mTLS, list of addresses).",
    )
