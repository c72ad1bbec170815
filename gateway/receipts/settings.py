"""`[receipts]` of the settings: who collects, in whose name, with which key."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

TaxCode = Annotated[str, Field(pattern=r"^[0-9]{10}(-[0-9]{3})?$|^[0-9]{12,13}$")]
Name = Annotated[str, Field(min_length=2, max_length=200)]
TOLD_BEFORE = timedelta(days=3)
"""The tax office is told of a mandate so long before it begins (NĐ 254/2026 Art 25; PAY-12)."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Delegation(_Section):
    """Ủy nhiệm lập biên lai: the written mandate by which a unit issues in another body's name (Art 25)."""

    name: Name = Field(description="Name of the body that gave the mandate.")
    tax_code: TaxCode = Field(description="Its tax code; the numbers are of its series.")
    mandate: str = Field(min_length=1, max_length=60, description="Number of the written mandate.")
    since: date = Field(description="Day from which it holds; before it the unit's receipts wait.")
    tax_told_on: date = Field(description="Day on which the tax office was told: at least three days before.")

    @model_validator(mode="after")
    def _told_in_time(self) -> Self:
        if self.tax_told_on + TOLD_BEFORE > self.since:
            raise PydanticCustomError(
                "receipts",
                "the tax office is told at least 3 days before the mandate begins (since); "
                "phải thông báo cơ quan thuế trước ngày có hiệu lực ít nhất 3 ngày",
            )
        return self


class Unit(_Section):
    """Tổ chức thu: one collecting unit."""

    agency_id: str = Field(pattern=r"^[0-9A-Z.]{3,35}$", description="Agency id, as bills name it.")
    name: Name = Field(description="Name, as receipts show it.")
    tax_code: TaxCode = Field(description="Tax code.")
    address: str = Field(default="", max_length=300, description="Address, as receipts show it.")
    form: str = Field(default="EBL01", pattern=r"^EBL0[12]$", description="Form code (TT 91/2026).")
    letters: str = Field(pattern=r"^[A-Z]{2}$", description="Last two letters of the symbol; year and T come before.")
    certificate: Path | None = Field(
        default=None, description="The unit's certificate with its chain: PKCS#12 with the key, or PEM."
    )
    key: Path | None = Field(default=None, description="The private key where `certificate` is PEM.")
    password_env: str = Field(
        default="", max_length=60, description="Environment variable that holds the password of the key."
    )
    delegation: Delegation | None = Field(default=None, description="The mandate, where it issues for another body.")
    made_up: bool = Field(default=False, exclude=True, description="Of the sandbox; nobody sets it.")

    @property
    def issuer(self) -> str:
        """Tax code of the body whose series its numbers are from."""
        return self.delegation.tax_code if self.delegation else self.tax_code

    def symbol(self, on: date) -> str:
        """Ký hiệu: a new one each year, whose numbers begin at 1 (Art 23.2)."""
        return f"{on:%y}T{self.letters}"


class ReceiptsSettings(_Section):
    units: tuple[Unit, ...] = Field(default=(), description="The collecting units, one table each.")
    low: int = Field(default=100, ge=0, description="An alarm says so when a unit has so few numbers left.")
    poll_s: float = Field(default=2.0, gt=0, description="Look for receipts that are due at least this often.")
    retry_s: float = Field(default=60.0, gt=0, description="Seconds before a receipt that failed is tried again.")

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({unit.agency_id for unit in self.units}) < len(self.units):
            raise PydanticCustomError("receipts", "a unit stands twice")
        if any(unit.made_up for unit in self.units):
            raise PydanticCustomError("receipts", "made_up is not yours to set")
        return self


class Units:
    """The collecting units by agency id, and how their receipts are issued."""

    def __init__(self, own: ReceiptsSettings, *, made_up: bool) -> None:
        """`made_up`: the sandbox, where every agency that is not set collects through one that does not exist."""
        self._units = {unit.agency_id: unit for unit in own.units}
        self._made_up = made_up
        self.low, self.poll_s, self.retry_s = own.low, own.poll_s, own.retry_s

    def of(self, agency_id: str) -> Unit | None:
        return self._units.get(agency_id) or (MADE_UP if self._made_up else None)


MADE_UP = Unit(
    agency_id="MAU",
    name="ĐƠN VỊ THU MẪU (THỬ NGHIỆM)",
    tax_code="9900000000",
    address="1 Phố Mẫu, tỉnh Ví Dụ",
    letters="MM",
    made_up=True,
)
"""Its certificate says that it is a trial, too."""
