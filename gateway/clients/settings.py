"""Who may come in and how often, as a province sets it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, model_validator
from pydantic_core import PydanticCustomError

Algorithm = Literal["RS256", "PS256", "ES256", "EdDSA"]
"""What tokens may be signed with. No HMAC: a public key must never be taken for a secret. No `none`."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OauthSettings(_Section):
    issuer: str = Field(default="", description="`iss` of the authorisation server; empty: tokens are not taken.")
    audience: str = Field(default="", description="`aud` that stands for this gateway.")
    jwks_url: str = Field(default="", pattern=r"^(https://[^\s#]+)?$", description="Where its public keys are.")
    jwks_file: Path | None = Field(default=None, description="Its public keys in a file, where there is no network.")
    algorithms: tuple[Algorithm, ...] = Field(default=("RS256", "PS256", "ES256", "EdDSA"), min_length=1)
    types: tuple[str, ...] = Field(
        default=("at+jwt", "jwt"), min_length=1, description="`typ` of an access token (RFC 9068), small letters."
    )
    leeway_s: float = Field(default=30.0, ge=0, le=300, description="How far clocks may differ.")
    longest_s: float = Field(default=3600.0, gt=0, description="A token that lives longer is refused.")
    client_claim: str = Field(default="client_id", min_length=1, description="Claim that names the client.")
    scope_claim: str = Field(default="", description="Claim that narrows its scopes; empty: none does.")
    scopes: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Their name of a scope → ours; none: the names are ours."
    )
    keys_kept_s: float = Field(default=3600.0, gt=0, description="So long fetched keys are used unasked.")
    keys_stale_s: float = Field(
        default=21_600.0, ge=0, description="So much longer while the server is down; then no token is taken."
    )
    timeout_s: float = Field(default=5.0, gt=0, description="Seconds to wait for the keys.")

    @model_validator(mode="after")
    def _whole(self) -> OauthSettings:
        if self.issuer and not (self.audience and bool(self.jwks_url) != bool(self.jwks_file)):
            raise PydanticCustomError("oauth", "issuer takes audience, and either jwks_url or jwks_file")
        return self


class QuotaSettings(_Section):
    per_minute: int = Field(default=3000, ge=1, description="Calls of `/v1` by one client in a minute of the clock.")
    per_day: int = Field(default=1_000_000, ge=1, description="The same in a day.")
    public_per_minute: int = Field(
        default=600, ge=1, description="Calls by one address of what needs no key: receipts, file links, payer's page."
    )
    inbound_per_minute: int = Field(default=6000, ge=1, description="Calls of `/inbound` by one address.")
    failures_per_minute: int = Field(
        default=20, ge=1, description="Wrong log-ins, or senseless calls of strangers, by one address, then it waits."
    )
    failures_wait_s: float = Field(default=900.0, gt=0, description="The longest such wait.")


class InboundSettings(_Section):
    allow: tuple[IPvAnyNetwork, ...] = Field(default=(), description="Networks it calls from; none: any.")


class ApiTlsSettings(_Section):
    key: str = Field(default="", description="Name in [keys] of the server's certificate; empty: no TLS of our own.")
    client_ca: str = Field(
        default="", description="Name in [trust], of domain technical: whose certificates clients show."
    )
    client_certificates: Literal["none", "asked", "required"] = Field(
        default="none", description="Whether clients are asked for a certificate."
    )

    @model_validator(mode="after")
    def _whole(self) -> ApiTlsSettings:
        if self.client_certificates != "none" and not (self.key and self.client_ca):
            raise PydanticCustomError("tls", "client_certificates takes key and client_ca")
        return self
