"""Everything on the wire that no source knows: the province fills it in from the tax authority's document."""

from __future__ import annotations

from pydantic import Field, SecretStr

from gateway.sdk import SystemSettings


class TaxAuthoritySettings(SystemSettings):
    """Where receipts are sent, what the fields around them are called, and which words of the answer mean what."""

    submit_path: str = Field(min_length=1, description="Path that takes the summary of receipts, under base_url.")
    bearer_token: SecretStr = Field(default=SecretStr(""), description="Authorization, if the tax authority wants one.")
    sender_code: str = Field(min_length=1, description="Under which name the tax authority knows this gateway.")
    form: str = Field(default="01/TH-BLDT", min_length=1, description="The summary form (TT 91/2026/TT-BTC).")
    message_field: str = Field(min_length=1, description="Field of the message's own number, sent and echoed.")
    form_field: str = Field(min_length=1, description="Field of the form's name.")
    sender_field: str = Field(min_length=1, description="Field of sender_code.")
    list_field: str = Field(min_length=1, description="Field of the list of receipts.")
    status_field: str = Field(min_length=1, description="Field of the answer whose word decides.")
    accepted_words: tuple[str, ...] = Field(min_length=1, description="Words that mean: taken. Nothing else does.")
    refused_words: tuple[str, ...] = Field(default=(), description="Words that mean: understood, and refused.")
    busy_words: tuple[str, ...] = Field(default=(), description="Words that mean: not now; it is sent again.")
    reference_field: str = Field(default="", description="Field of the tax authority's own number of the message.")
    code_field: str = Field(default="", description="Field of the code of a refusal.")
    reason_field: str = Field(default="", description="Field of the text of a refusal.")
    busy_wait_s: float = Field(default=300.0, gt=0, description="Seconds until it is sent again after that.")
