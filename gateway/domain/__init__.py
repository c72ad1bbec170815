"""Frozen facts of administrative procedures. This package imports nothing of ours and does no I/O."""

from gateway.domain.context import Context
from gateway.domain.identifiers import (
    AgencyId,
    DossierCode,
    EnterpriseCode,
    InvalidValueError,
    PersonalId,
    ProcedureCode,
    SchemeId,
    SectorCode,
    ServiceCode,
    parse_organization,
)
from gateway.domain.local_time import VIETNAM, local_day
from gateway.domain.names import compare_names, fold_name, strip_marks, to_ascii
from gateway.domain.purpose import Purpose
from gateway.domain.status import STATUSES, DossierStatus, Transition, check_transition
from gateway.domain.verdict import Verdict

__all__ = [
    "STATUSES",
    "VIETNAM",
    "AgencyId",
    "Context",
    "DossierCode",
    "DossierStatus",
    "EnterpriseCode",
    "InvalidValueError",
    "PersonalId",
    "ProcedureCode",
    "Purpose",
    "SchemeId",
    "SectorCode",
    "ServiceCode",
    "Transition",
    "Verdict",
    "check_transition",
    "compare_names",
    "fold_name",
    "local_day",
    "parse_organization",
    "strip_marks",
    "to_ascii",
]
