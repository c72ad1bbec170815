"""What a province is given when it is connected (contract, 1 and 2). The data paths are in no public source."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from gateway.sdk import SystemSettings


class NationalPortalSettings(SystemSettings):
    """The adapter, the account, and who we are. `base_url` ends with the adapter's prefix (`…/forward`)."""

    username: str = Field(min_length=1, description="Account of mapi/login.")
    password: SecretStr = Field(description="Its password.")
    login_path: str = Field(default="mapi/login", description="Path of the login after base_url.")
    integration_path: str = Field(description="Path of the integration services after base_url.")
    share_path: str = Field(
        default="", description="Path of the sharing services (catalogues, accounts), if it is another one."
    )
    origin_type: str = Field(default="2", description="`type` of DongBoTrangThaiHoSo; other values are not public.")
    madonvi: str = Field(description="Agency id of the province in the envelope.")
    dstcode: str = Field(description="X-Road address of the provider.")
    dstcode_mode: Literal["header", "query", "both"] = Field(default="both", description="Where dstcode is put.")
    provider_url: str = Field(default="", description="providerurl, if the adapter wants one.")
    session_life_s: float = Field(default=600.0, gt=0, le=600.0, description="Use a session no longer than this.")
    session_words: tuple[str, ...] = Field(
        default=("session", "phiên"), description="A refusal whose message has one of these means: log in again."
    )
    progress_batch: int = Field(default=10, ge=1, le=50, description="Progress steps of one dossier in one call.")
    batch_is_atomic: bool = Field(
        default=False, description="A refused batch of steps left nothing behind. Not public: false asks about each."
    )
    progress_field: str = Field(
        default="", description="Field of TraCuuHoSo items that lists the progress steps, if the portal shows them."
    )
    security_key: SecretStr | None = Field(
        default=None, min_length=1, description="SecurityKey that calls of the portal must carry, if one was agreed on."
    )
    amendment_service: str = Field(
        default="", description="`service` of a promotion's amendment; not public. Empty: told by its MaHoSoQG."
    )
    form_url: str = Field(
        default="", pattern=r"^(https?://[^\s?#]+)?$", description="The province's form page, where the deep link ends."
    )
    questions_are_listed: bool = Field(
        default=False,
        description="LayDanhSachHoiDapBoCoQuan shows every published question. Not public: false leaves one that is "
        "missing there to a person.",
    )
