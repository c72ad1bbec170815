"""Why somebody looks. No look-up leaves the gateway without it (POP-06; NĐ 47/2020 Art 35.2, 52.2.b)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """Mục đích khai thác: for which dossier, under which procedure, by which officer of which agency."""

    dossier_code: str
    procedure_code: str
    officer_id: str
    agency_id: str
