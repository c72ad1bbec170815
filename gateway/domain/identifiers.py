"""Identifiers as the law writes them. `parse` is the only door: an instance that exists is well formed.

No check here rejects a number for looking unlikely (an unknown province prefix, a failing check digit): decisions
about citizens depend on these, and the registers themselves hold exceptions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class DossierCode(_Identifier):
    """Mã hồ sơ: TT 01/2018/TT-VPCP Art 19, and the newer shapes seen in traffic (COD-01, COD-02). Never rewritten."""

    PATTERN = re.compile(r"[0-9A-Z]{1,4}(?:\.[0-9A-Z]{1,6}){0,6}-(?:[0-9]{6}|[0-9]{8})-[0-9]{4,7}", re.ASCII)
    MESSAGE = "A dossier code reads <agency>-<YYMMDD or YYYYMMDD>-<number>."
    MESSAGE_VI = "Mã hồ sơ có dạng <mã cơ quan>-<YYMMDD hoặc YYYYMMDD>-<số thứ tự>."


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


@dataclass(frozen=True, slots=True)
class AgencyId(_Identifier):
    """Mã định danh cơ quan: QĐ 20/2020/QĐ-TTg Art 4, or the older QCVN 102:2016 form (COD-04, COD-05)."""

    PATTERN = re.compile(
        r"(?=.{3,35}$)(?:[A-Z][0-9]{2}(?:\.[0-9A-Z]{1,10})*|[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2})", re.ASCII
    )
    MESSAGE = "An agency id reads H99.12.03 (QĐ 20/2020) or 000.00.05.H99 (QCVN 102), 35 characters at most."
    MESSAGE_VI = "Mã định danh cơ quan có dạng H99.12.03 (QĐ 20/2020) hoặc 000.00.05.H99 (QCVN 102), tối đa 35 ký tự."
