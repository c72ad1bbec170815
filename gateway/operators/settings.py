"""Who runs the gateway, as a province sets it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from gateway.operators.model import Role
from gateway.signing.algorithms import Algorithm

ADDRESS = r"^(https://[^\s#]+|http://127\.0\.0\.1(:[0-9]{1,5})?(/[^\s#]*)?)?$"
"""TLS; plain http only to this very machine."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OidcSettings(_Section):
    """The province's own identity provider (OpenID Connect). Off while `issuer` is empty."""

    issuer: str = Field(default="", pattern=ADDRESS, description="As its tokens name it, exactly.")
    audience: str = Field(default="", description="Our client id there; its tokens must be for it.")
    jwks: Path | None = Field(default=None, description="File with its public keys (JWK set), or")
    jwks_url: str = Field(default="", pattern=ADDRESS, description="where they are fetched.")
    login_claim: str = Field(default="preferred_username", description="The claim that holds the login.")
    roles_claim: str = Field(default="roles", description="The claim that holds groups or roles; a list or one text.")
    roles: dict[str, tuple[Role, ...]] = Field(default_factory=dict, description="Value of that claim to our roles.")
    amr: tuple[str, ...] = Field(default=(), description="Values of `amr` (RFC 8176) that prove a second factor.")
    acr: tuple[str, ...] = Field(default=(), description="Values of `acr` that prove one.")
    algorithms: tuple[Annotated[Algorithm, Field()], ...] = Field(
        default=(Algorithm.RS256, Algorithm.PS256, Algorithm.ES256), description="Accepted signatures."
    )
    authorization_endpoint: str = Field(
        default="", pattern=ADDRESS, description="Where browsers log in; with token_endpoint, the console offers it."
    )
    token_endpoint: str = Field(default="", pattern=ADDRESS, description="Where a code becomes a token.")
    client_secret: SecretStr | None = Field(
        default=None, description="Ours at the token endpoint (client_secret_basic); none: a public client, PKCE alone."
    )
    scopes: tuple[str, ...] = Field(default=("openid", "profile"), description="What is asked for; `openid` always is.")
    timeout_s: float = Field(default=10.0, gt=0, le=60, description="Seconds to wait for the token endpoint.")
    leeway_s: float = Field(default=60.0, ge=0, le=300, description="Seconds that the clocks may differ.")
    max_age_s: float = Field(default=43_200.0, gt=0, description="Seconds since its log-in, as `auth_time` says it.")

    @model_validator(mode="after")
    def _is_whole(self) -> OidcSettings:
        whole = self.audience and (self.jwks or self.jwks_url) and (self.amr or self.acr) and self.roles
        if self.issuer and not whole:
            said = "operators.oidc needs audience, jwks or jwks_url, roles, and amr or acr that prove a second factor"
            raise PydanticCustomError("oidc", "{said}", {"said": said})
        if bool(self.authorization_endpoint) != bool(self.token_endpoint) or "?" in self.issuer:
            said = "operators.oidc needs both endpoints for browsers, or none; its issuer has no query"
            raise PydanticCustomError("oidc", "{said}", {"said": said})
        return self

    @property
    def serves_browsers(self) -> bool:
        """Whether the console offers it."""
        return bool(self.issuer and self.authorization_endpoint)


class OperatorsSettings(_Section):
    idle_s: float = Field(default=1800.0, gt=0, description="A session that is not used for so long is over.")
    absolute_s: float = Field(default=28_800.0, gt=0, description="A session is over after so long in any case.")
    sessions: int = Field(default=5, ge=1, description="Sessions of one operator at a time; the oldest goes.")
    free_failures: int = Field(default=5, ge=1, description="Failed log-ins of one login before it has to wait.")
    address_failures: int = Field(default=20, ge=1, description="The same of one network address.")
    back_off_s: float = Field(default=60.0, gt=0, description="The first wait; each further failure doubles it.")
    back_off_cap_s: float = Field(default=3600.0, gt=0, description="The longest wait.")
    unused_days: int = Field(default=90, ge=1, description="The review names accounts not used for so many days.")
    oidc: OidcSettings = OidcSettings()
