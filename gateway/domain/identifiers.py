"""Identifiers as the law writes them. `parse` is the only door: an instance that exists is well formed.

No check here rejects a number for looking unlikely (an unknown province prefix, a failing check digit): decisions
about citizens depend on these, and the registers themselves hold exceptions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Self


class InvalidValueError(ValueError):
    """A value does not have the form that its type promises. Neither message repeats the value."""

    def __init__(self, message: str, *, message_vi: str) -> None:
        super().__init__(message)
        self.message_vi = message_vi


@dataclass(frozen=True, slots=True)
class _Identifier:
    value: str

    PATTERN: ClassVar[re.Pattern[str]]
    MESSAGE: ClassVar[str]
    MESSAGE_VI: ClassVar[str]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the identifier, or raise `InvalidValueError`."""
        if not cls.PATTERN.fullmatch(text):
            raise InvalidValueError(cls.MESSAGE, message_vi=cls.MESSAGE_VI)
        return cls(text)

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True, repr=False)
class PersonalId(_Identifier):
    """Số định danh cá nhân: 12 digits; the 9 digits of an old CMND still occur (COD-15). `repr` masks it."""

    PATTERN = re.compile(r"[0-9]{12}|[0-9]{9}", re.ASCII)
    MESSAGE = "A personal identifier has 12 digits (9 on an old identity card)."
    MESSAGE_VI = "Số định danh cá nhân gồm 12 chữ số (CMND cũ gồm 9 chữ số)."

    @property
    def is_old_card(self) -> bool:
        return len(self.value) == 9

    def __repr__(self) -> str:
        return f"PersonalId('…{self.value[-3:]}')"


@dataclass(frozen=True, slots=True)
class EnterpriseCode(_Identifier):
    """Mã số doanh nghiệp: 10 digits, 13 for a dependent unit (with or without a dash), 12 for a household business."""

    PATTERN = re.compile(r"[0-9]{10}(?:-?[0-9]{3})?|[0-9]{12}", re.ASCII)
    MESSAGE = "An enterprise code has 10 digits, 13 for a branch, or 12 for a household business."
    MESSAGE_VI = "Mã số doanh nghiệp gồm 10 chữ số, đơn vị phụ thuộc 13 chữ số, hộ kinh doanh 12 chữ số."
    WEIGHTS: ClassVar[tuple[int, ...]] = (31, 29, 23, 19, 17, 13, 7, 5, 3)

    @property
    def check_digit_holds(self) -> bool | None:
        """Whether the tenth digit fits the nine before it; None for a household's 12 digits, which have none.

        The three digits of a dependent unit are not checked. A wrong digit is a reason to look again, never to refuse:
        nine digits whose sum leaves no remainder count as never issued here, and elsewhere as ending with 0."""
        if len(self.value) == 12:
            return None
        remainder = sum(int(digit) * weight for digit, weight in zip(self.value, self.WEIGHTS, strict=False)) % 11
        return self.value[9] == str(10 - remainder)


@dataclass(frozen=True, slots=True)
class DossierCode(_Identifier):
    """Mã hồ sơ: TT 01/2018/TT-VPCP Art 19, and the newer shapes seen in traffic (COD-01, COD-02). Never rewritten."""

    PATTERN = re.compile(r"[0-9A-Z]{1,4}(?:\.[0-9A-Z]{1,6}){0,6}-(?:[0-9]{6}|[0-9]{8})-[0-9]{4,7}", re.ASCII)
    MESSAGE = "A dossier code reads <agency>-<YYMMDD or YYYYMMDD>-<number>."
    MESSAGE_VI = "Mã hồ sơ có dạng <mã cơ quan>-<YYMMDD hoặc YYYYMMDD>-<số thứ tự>."

    @property
    def agency(self) -> str:
        """As it is written: of either form, or neither."""
        return self.value.split("-")[0]

    @property
    def day(self) -> date | None:
        """Of reception; None when the digits name no day, which makes the code no less a code."""
        digits = self.value.split("-")[1]
        century = "" if len(digits) == 8 else "20"
        try:
            return date.fromisoformat(century + digits)
        except ValueError:
            return None

    @property
    def serial(self) -> int:
        return int(self.value.split("-")[2])


@dataclass(frozen=True, slots=True)
class ProcedureCode(_Identifier):
    """Mã thủ tục hành chính: the national code, optionally with the suffix of the body that published it (COD-08)."""

    PATTERN = re.compile(r"[0-9]\.[0-9]{6}(?:\.(?:[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.)?[A-Z][0-9]{2})?", re.ASCII)
    MESSAGE = "A procedure code reads 1.234567, optionally followed by an agency id."
    MESSAGE_VI = "Mã thủ tục hành chính có dạng 1.234567, có thể kèm mã cơ quan."

    @property
    def national(self) -> str:
        """The part that every system shares."""
        return self.value[:8]

    @classmethod
    def national_of(cls, text: str) -> str:
        """The part that every system shares, whoever published the copy; a text of no known shape as it is."""
        return cls(text).national if cls.PATTERN.fullmatch(text) else text

    @property
    def publisher(self) -> str:
        """Agency id of the body that published this copy; empty: the national one."""
        return self.value[9:]


@dataclass(frozen=True, slots=True)
class ServiceCode(_Identifier):
    """Mã dịch vụ công: a procedure code and the number of the service (COD-08; contract 9.3)."""

    PATTERN = re.compile(rf"(?:{ProcedureCode.PATTERN.pattern})\.[0-9]{{2}}", re.ASCII)
    MESSAGE = "A service code reads <procedure code>.01."
    MESSAGE_VI = "Mã dịch vụ công có dạng <mã thủ tục>.01."

    @property
    def procedure(self) -> ProcedureCode:
        return ProcedureCode(self.value[:-3])


@dataclass(frozen=True, slots=True)
class SectorCode(_Identifier):
    """Mã lĩnh vực `MX1X2-LV`: the level-1 group of the ministry and the sector (TT 01/2018/TT-VPCP Art 20; COD-09)."""

    PATTERN = re.compile(r"[A-Y][0-9]{2}-[0-9A-Z]{1,10}", re.ASCII)
    MESSAGE = "A sector code reads G03-GD10."
    MESSAGE_VI = "Mã lĩnh vực có dạng G03-GD10."

    @property
    def ministry(self) -> str:
        return self.value[:3]


@dataclass(frozen=True, slots=True)
class AgencyId(_Identifier):
    """Mã định danh cơ quan: QĐ 20/2020/QĐ-TTg Art 4 (level 1 first), or the older QCVN 102:2016 form, which ends with
    level 1 and fills absent levels with zeros (COD-04, COD-05)."""

    PATTERN = re.compile(
        r"(?=.{3,35}$)(?:[A-Y][0-9]{2}(?:\.[0-9A-Z]+)*|[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Y][0-9]{2})", re.ASCII
    )
    MESSAGE = "An agency id reads H99.12.03 (QĐ 20/2020) or 000.00.05.H99 (QCVN 102), 35 characters at most."
    MESSAGE_VI = "Mã định danh cơ quan có dạng H99.12.03 (QĐ 20/2020) hoặc 000.00.05.H99 (QCVN 102), tối đa 35 ký tự."

    @property
    def is_old_form(self) -> bool:
        return self.value[0].isdigit()

    @property
    def level_one(self) -> str:
        """The group that both forms share: province or ministry."""
        return self.value[-3:] if self.is_old_form else self.value[:3]

    @property
    def levels(self) -> tuple[AgencyId, ...]:
        """From level 1 down to this body, each in the form that this one has."""
        groups = self.value.split(".")
        if not self.is_old_form:
            return tuple(AgencyId(".".join(groups[:count])) for count in range(1, len(groups) + 1))
        walk = [".".join([*("000", "00", "00")[: 3 - count], *groups[3 - count :]]) for count in range(4)]
        return tuple(AgencyId(value) for value in dict.fromkeys(walk))

    @property
    def other_form(self) -> AgencyId | None:
        """The same body in the other form, where the form alone says it: at level 1. Below it a table must say it."""
        if len(self.levels) > 1:
            return None
        return AgencyId(self.level_one if self.is_old_form else f"000.00.00.{self.level_one}")


@dataclass(frozen=True, slots=True)
class SchemeId(_Identifier):
    """Mã định danh of other organisations: scheme Z01 to Z99 and a number of that scheme, without a separator
    (QĐ 20/2020/QĐ-TTg Art 6; COD-06)."""

    PATTERN = re.compile(r"Z(?!00)[0-9]{2}[0-9A-Z]{1,32}", re.ASCII)
    MESSAGE = "An organisation's id reads Z01 to Z99, then up to 32 characters."
    MESSAGE_VI = "Mã định danh tổ chức khác gồm mã lược đồ Z01 đến Z99, sau đó tối đa 32 ký tự."

    @property
    def scheme(self) -> str:
        return self.value[:3]

    @property
    def number(self) -> str:
        return self.value[3:]


def parse_organization(text: str) -> AgencyId | SchemeId | EnterpriseCode:
    """Mã định danh cơ quan, tổ chức: of an agency, of a scheme, or the registration number that an enterprise,
    co-operative or household business has anyway (QĐ 20/2020/QĐ-TTg Art 4 to 6; COD-07)."""
    for kind in (AgencyId, SchemeId, EnterpriseCode):
        if kind.PATTERN.fullmatch(text):
            return kind(text)
    raise InvalidValueError(
        "An organisation's id is an agency id, a scheme id (Z01…) or a registration number.",
        message_vi="Mã định danh tổ chức là mã cơ quan, mã theo lược đồ (Z01…) hoặc mã số đăng ký.",
    )
