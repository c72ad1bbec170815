"""Rows of `MainInformation` in the three operations on registration dossiers (contract, section 4.2)."""

from __future__ import annotations

from typing import Annotated, Any

from connectors.business_registry.wire import Listed, Text, Wire, dated, renamed


class Row(Wire):
    """A registration dossier. `ENTERPRISE_CODE` is the registry's internal number, `ENTERPRISE_GDT_CODE` the
    enterprise code."""

    IN_JOURNAL_NO: Text = ""
    DOCUMENT_TYPE: Text = ""
    ENTERPRISE_CODE: Text = ""
    ENTERPRISE_GDT_CODE: Text = ""
    NAME: Text = ""
    SITE_ID: Text = ""
    PROCESS_STATUS: Text = ""
    RECEIPT_DATE: Text = ""
    PLAN_DATE: Text = ""
    PROCESSED_DATE: Text = ""


class FullRow(Row):
    """What `tinhTrangHoSo` adds."""

    ENTERPRISE_TYPE_ID: Text = ""
    REGISTRATION_DATE: Text = ""
    SUPPLEMENT_DATE: Text = ""
    SUBMISSION_TYPE: Text = ""
    CONTACT_FULL_NAME: Text = ""
    CONTACT_ADDRESS: Text = ""
    CONTACT_ID_NO: Text = ""
    CONTACT_PHONE: Text = ""
    CONTACT_EMAIL: Text = ""


class Rows(Wire):
    """`Data` of the lists."""

    MainInformation: Annotated[tuple[Row, ...], Listed]


class FullRows(Wire):
    """`Data` of `tinhTrangHoSo`."""

    MainInformation: Annotated[tuple[FullRow, ...], Listed]


ROW = {
    "journal_no": "IN_JOURNAL_NO",
    "document_type": "DOCUMENT_TYPE",
    "code": "ENTERPRISE_GDT_CODE",
    "internal_code": "ENTERPRISE_CODE",
    "name": "NAME",
    "office": "SITE_ID",
    "status": "PROCESS_STATUS",
}
FULL = {
    "type_code": "ENTERPRISE_TYPE_ID",
    "submission_type": "SUBMISSION_TYPE",
    "contact_name": "CONTACT_FULL_NAME",
    "contact_address": "CONTACT_ADDRESS",
    "contact_id": "CONTACT_ID_NO",
    "contact_phone": "CONTACT_PHONE",
    "contact_email": "CONTACT_EMAIL",
}
DATES = {"received": "RECEIPT_DATE", "planned": "PLAN_DATE", "processed": "PROCESSED_DATE"}
FULL_DATES = {"registered": "REGISTRATION_DATE", "supplemented": "SUPPLEMENT_DATE"}


def shape(row: Row) -> dict[str, Any]:
    """One row as the mapping reads it."""
    found = {**renamed(row, ROW), **dated(row, DATES, slashed=True)}
    if isinstance(row, FullRow):
        found |= {**renamed(row, FULL), **dated(row, FULL_DATES, slashed=True)}
    return found
