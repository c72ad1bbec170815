"""What the log itself can fail with. An altered log is `IntegrityError`, a bad signature `TrustError`."""

from __future__ import annotations

from gateway.sdk.errors import GatewayError, Origin, Retry


class AuditUnavailableError(GatewayError):
    """The entry may not be durable, so nothing may be answered that should have been provable."""

    code = "ours.audit_unavailable"
    origin = Origin.OURS
    retry = Retry.BACKOFF
    http_status = 503
    title_vi = "Không ghi được nhật ký giao dịch"


class UnrecordableEntryError(GatewayError):
    """An entry cannot be written as a leaf: a mistake of ours, found before anything is stored."""

    code = "ours.audit_entry"
    title_vi = "Bản ghi nhật ký không hợp lệ"
