"""Nền tảng trung gian: what a platform is configured with, and what is agreed on about one system behind it.

Contract page population_and_business, sections 1, 2 and 5. NĐ 47/2020/NĐ-CP Art 46: a province reaches a national
system over a platform; a direct link is the exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

PLAIN_NAME = r"^[a-z][a-z0-9_]{0,39}$"
HEADER_NAME = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"

Header = Annotated[str, Field(pattern=HEADER_NAME)]


class Kind(StrEnum):
    """How a platform wants to be addressed."""

    GATEWAY = "gateway"
    """An API gateway (WSO2 of NGSP, most LGSPs): its own host in front of the same path."""
    VXP = "vxp"
    """The adapter of the Government Office's axis: `…/forward/<path>?dstcode=…&providerurl=…`."""
    XROAD = "xroad"
    """A security server in REST mode: `/r1/<provider>/<service>…`."""


class TokenSettings(BaseModel):
    """How the platform issues tokens: one of the dialects of contract section 2."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dialect: str = Field(description="T1 to T6; see gateway/platforms/dialects.py.")
    url: str = Field(default="", pattern=r"^(https?://[^\s?#]+)?$", description="Absolute address of the token call.")
    credentials: Mapping[str, SecretStr] = Field(
        default_factory=dict, description="What the platform issued to the province, by the names of the dialect."
    )
    life_s: float = Field(default=3600.0, gt=0, description="Life of a token whose answer does not say.")


class PlatformSettings(BaseModel):
    """One platform of the province."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind = Field(description="gateway, vxp or xroad.")
    base_url: str = Field(
        pattern=r"^https?://[^\s?#]*[^\s?#/]$", description="Where it is reached; for vxp up to and with `/forward`."
    )
    token: TokenSettings | None = Field(default=None, description="Its tokens; none: it asks for none.")
    headers: Mapping[Header, SecretStr] = Field(
        default_factory=dict, description="Further headers of each call that the province was told to send."
    )
    client: str = Field(
        default="",
        pattern=r"^([^/\s]+/){2,3}[^/\s]+$|^$",
        description="Our X-Road id: INSTANCE/CLASS/MEMBER/SUBSYSTEM.",
    )
    dstcode_in: frozenset[str] = Field(
        default=frozenset({"query"}), description="Where a vxp adapter wants `dstcode`: query, header, or both."
    )
    timeout_s: float = Field(default=10.0, gt=0, description="Seconds to wait for a token.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """What a platform has to know of the system behind it. `base_url`: what the connector's addresses begin with; the
    platform's own takes its place. The others: `gateway.sdk.OverSettings`."""

    base_url: str
    provider: str = ""
    provider_url: str = ""
    service: str = ""
