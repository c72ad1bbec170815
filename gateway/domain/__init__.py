"""Frozen facts of administrative procedures. This package imports nothing of ours and does no I/O."""

from gateway.domain.abbreviations import TextKind
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
from gateway.domain.likeness import DIFFERENT, SAME, Likeness, Reason, altogether, similar
from gateway.domain.local_time import VIETNAM, local_day
from gateway.domain.names import fold_name, strip_marks, to_ascii
from gateway.domain.people import numbers_in, people_in
from gateway.domain.place import KinPlace
from gateway.domain.purpose import Purpose
from gateway.domain.spelling import compare_texts, same_text, settle
from gateway.domain.status import STATUSES, DossierStatus, Transition, check_transition
from gateway.domain.verdict import Verdict

__all__ = [
    "DIFFERENT",
    "SAME",
    "STATUSES",
    "VIETNAM",
    "AgencyId",
    "Context",
    "DossierCode",
    "DossierStatus",
    "EnterpriseCode",
    "InvalidValueError",
    "KinPlace",
    "Likeness",
    "PersonalId",
    "ProcedureCode",
    "Purpose",
    "Reason",
    "SchemeId",
    "SectorCode",
    "ServiceCode",
    "TextKind",
    "Transition",
    "Verdict",
    "altogether",
    "check_transition",
    "compare_texts",
    "fold_name",
    "local_day",
    "numbers_in",
    "parse_organization",
    "people_in",
    "same_text",
    "settle",
    "similar",
    "strip_marks",
    "to_ascii",
]
