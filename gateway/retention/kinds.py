"""Kinds of data, and which rows of the log hold them. Data: a new operation that stands nowhere here is `other`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from gateway.audit.model import EntryKind


class DataKind(StrEnum):
    """Loại dữ liệu lưu kèm nhật ký."""

    LOOKUPS = "lookups"
    """What registers were asked about people and enterprises, and answered."""
    DOSSIERS = "dossiers"
    MONEY = "money"
    """Bills, payments, refunds, receipts, reconciliation: kept as long as accounting documents."""
    INBOUND = "inbound"
    """What national systems told us, unless it is money."""
    STAFF = "staff"
    """What staff wrote."""
    OTHER = "other"


OPERATIONS: Mapping[DataKind, frozenset[str]] = {
    DataKind.LOOKUPS: frozenset(
        {
            "verify_citizen",
            "lookup_citizen",
            "lookup_account",
            "find_account",
            "verify_enterprise",
            "lookup_enterprise",
            "verify_representative",
            "list_registrations",
            "read_registration",
            "create_recheck",
            "get_recheck",
            "withdraw_recheck",
        }
    ),
    DataKind.DOSSIERS: frozenset(
        {
            "put_dossier",
            "add_status_event",
            "add_status_events",
            "sync_dossier",
            "sync_status",
            "upload_file",
            "put_file",
            "next_dossier_code",
            "dossier_lookup",
        }
    ),
}
MONEY_WORDS = ("payment", "bill", "refund", "receipt", "voucher", "settlement", "statement", "fees", "book", "tax")
"""An operation whose name has one of them is about money."""


def kind_of(kind: str, operation: str) -> DataKind:
    """The kind of data of a row of that kind and operation. Money first: what is kept too long can still be erased."""
    if any(word in operation for word in MONEY_WORDS):
        return DataKind.MONEY
    for data, operations in OPERATIONS.items():
        if operation in operations:
            return data
    if kind == EntryKind.INBOUND:
        return DataKind.INBOUND
    return DataKind.STAFF if kind in {EntryKind.ADMIN, EntryKind.ALARM} else DataKind.OTHER
