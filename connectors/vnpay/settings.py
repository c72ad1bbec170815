"""What a province is given when it registers with VNPAY (contract page payment, section 5.4)."""

from __future__ import annotations

from pydantic import Field, SecretStr

from gateway.sdk import SystemSettings

ADDRESS = r"^https?://[^\s/?#]+[^\s?#]*$"
"""Without a query: the parameters are ours."""


class VnpaySettings(SystemSettings):
    """Where VNPAY is reached, and the pair of terminal code and secret."""

    tmn_code: str = Field(
        min_length=1, max_length=50, pattern="^[0-9A-Za-z]+$", description="vnp_TmnCode of the merchant."
    )
    secret: SecretStr = Field(min_length=1, description="The shared secret of every vnp_SecureHash (vnp_HashSecret).")
    previous_secret: SecretStr | None = Field(
        default=None, min_length=1, description="Still accepted in what VNPAY sends while the secret rotates."
    )
    pay_url: str = Field(pattern=ADDRESS, description="Address of VNPAY's pay page, which payers are sent to.")
    api_path: str = Field(
        default="/merchant_webapi/api/transaction", description="Path of querydr and refund under base_url."
    )
    return_url: str = Field(
        pattern=ADDRESS,
        description="Where the payer's browser comes back to: the public address of /inbound/vnpay/return.",
    )
    allow_http: bool = Field(default=False, description="Let pay page and way back be plain http; for a sandbox only.")
    server_ip: str = Field(default="127.0.0.1", description="vnp_IpAddr: our own address. The payer's is not sent.")
    expires_after_min: int = Field(
        default=15, ge=1, le=1440, description="Minutes until vnp_ExpireDate, after which the pay page refuses."
    )
    order_info: str = Field(
        default="Thanh toan ho so", description="vnp_OrderInfo begins so; the dossier code follows. Folded to ASCII."
    )
    order_info_keeps: str = Field(
        default=".-",
        pattern=r"^[!-{}~]*$",
        description="Characters that vnp_OrderInfo keeps beside letters, digits and the space.",
    )
    order_type: str = Field(default="other", description="vnp_OrderType: VNPAY's list of goods.")
    locale: str = Field(default="vn", description="vnp_Locale of the pay page.")
    failed_statuses: tuple[str, ...] = Field(
        default=(), description="vnp_TransactionStatus of a payment that surely means 'not paid'."
    )
    refund_failed_statuses: tuple[str, ...] = Field(
        default=(), description="vnp_TransactionStatus of a refund that surely means 'money stays'."
    )
    refund_refusal_codes: tuple[str, ...] = Field(
        default=("02", "03", "91", "97"), description="vnp_ResponseCode of refund that surely mean 'not taken'."
    )
    refund_reply_signed: bool = Field(
        default=True, description="Demand vnp_SecureHash in good replies to refund, in the order of public clients."
    )
