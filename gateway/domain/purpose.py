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
    basis: str = ""
    """The legal basis on which the procedure may ask; filled in from the rules, never by the caller (PDP-02)."""

    def facts(self) -> dict[str, str]:
        """What a leaf of the audit log says of it; the basis only where it is known."""
        named = {
            "dossier_code": self.dossier_code,
            "procedure_code": self.procedure_code,
            "officer_id": self.officer_id,
            "agency_id": self.agency_id,
        }
        return {**named, "basis": self.basis} if self.basis else named
