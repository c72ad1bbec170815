"""What a province is given when it is connected (contract, 13). Paths and success codes are in no public source, so
they have no default: nothing is assumed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from gateway.sdk import SystemSettings


class PortalAdapterSettings(SystemSettings):
    """The adapter behind the LGSP: the account, a path for each step, and what its answers mean."""

    client_id: str = Field(min_length=1, description="client_id of GetToken.")
    client_secret: SecretStr = Field(description="Its client_secret.")
    token_path: str = Field(description="Path of GetToken after base_url.")
    next_code_path: str = Field(description="Path of GetNextValue.")
    upload_path: str = Field(description="Path of UploadFile.")
    create_path: str = Field(description="Path of NoiHoSo.")
    progress_path: str = Field(description="Path of CapNhatTienTrinh.")
    status_path: str = Field(description="Path of CapNhatTrangThai.")
    find_path: str = Field(
        default="", description="Path of the dossier list; empty: there is none, and lost answers go to a person."
    )
    find_parameter: str = Field(default="MaHoSo", description="Query parameter of the dossier list for the code.")
    id_field: str = Field(default="", description="Field of the dossier list that holds idHoSo, if it shows it.")
    progress_field: str = Field(default="", description="Field of the dossier list that holds the steps, if any.")
    next_code_from: Literal["agency", "procedure"] = Field(
        default="agency", description="What `code` of GetNextValue holds: both were seen."
    )
    success_codes: tuple[str, ...] = Field(
        min_length=1, description="Values of `code` in an answer that mean success; any other is a refusal."
    )
    token_life_s: float = Field(default=300.0, gt=0, description="Life of a token whose expires_in is missing.")
    receiving_agency: str = Field(
        default="", description="MaDonViTiepNhan; empty: the agency that the dossier code begins with."
    )
    progress_batch: int = Field(default=10, ge=1, le=50, description="Progress steps of one dossier in one call.")
    batch_is_atomic: bool = Field(
        default=False, description="A refused batch of steps left nothing behind. Not public: false asks about each."
    )
