"""What a province sets for the business registry (contract, sections 2 and 4.1; hosts and paths are configuration)."""

from __future__ import annotations

from pydantic import Field, SecretStr

from gateway.sdk import SystemSettings


class BusinessRegistrySettings(SystemSettings):
    """Where the registry is reached, and the WSO2 consumer that calls it (token dialect T1)."""

    consumer_key: str = Field(min_length=1, description="WSO2 consumer key.")
    consumer_secret: SecretStr = Field(description="WSO2 consumer secret.")
    token_url: str = Field(description="Absolute address of the token endpoint.")
    detail_path: str = Field(
        default="/apiCSDLDKDN/1.0/chiTietDoanhNghiep", description="Path of chiTietDoanhNghiep under base_url."
    )
