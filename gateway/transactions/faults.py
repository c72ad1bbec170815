"""Whose fault, what happened, who acts next: decided here alone, from what a leaf says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.audit.model import EntryKind
from gateway.transactions.model import Fault
from gateway.transactions.sentences import (
    ACT,
    CODES,
    IN_ITS_NAME,
    ORIGINS,
    OUTCOMES,
    REFUSED,
    UNKNOWN,
    WHOSE,
    Next,
    Said,
    Text,
)

CLIENT = "client:"
"""How the system of a callback is called: one of the province's own."""
RECEIVER = "receiver:"
"""How whoever is told of an alert is called: a mail server or system of the province's own IT staff."""
OPEN = "partner.pending"
"""There is no final answer yet, which is nobody's fault."""
_FAULTS = {
    "operator": Fault.OURS,
    "ours": Fault.OURS,
    "caller": Fault.CALLER,
    "partner": Fault.PARTNER_TECHNICAL,
    "security": Fault.PARTNER_TECHNICAL,
}
_BUSINESS = frozenset({"partner.refused", "partner.refused_content", "partner.no_such_value"})
_NOT_THEIRS = {
    "partner.not_signable": Fault.CALLER,
    "partner.platform_request": Fault.OURS,
    "partner.facade_misses_setting": Fault.OURS,
    "partner.identity_provider": Fault.OURS,
    "partner.no_room": Fault.OURS,
    "partner.no_time": Fault.CALLER,
}
"""Codes of the partner's side that tell of another: what nobody could sign never left, what a platform or a facade
cannot carry lacks a setting here, the identity provider is the province's own, more are asked at a time than we ask, or
the caller waited for less time than the system may take."""
_FOUND = frozenset(
    {"missing", "different", "steps_missing", "cannot_tell", "not_shown", "not_asked", "held", "under_way"}
)
"""Findings of reconciliation: which side is wrong is not known from them."""
_WORDS = {
    "missing": Text("hệ thống quốc gia không có hồ sơ này", "the national system does not have it"),
    "different": Text("hai bên giữ nội dung khác nhau", "the two sides hold different content"),
    "steps_missing": Text("hệ thống quốc gia thiếu bước xử lý", "the national system lacks steps"),
    "cannot_tell": Text("đối chiếu không kết luận được", "the comparison does not decide it"),
    "not_shown": Text("hệ thống quốc gia không hiển thị để đối chiếu", "nothing of it is shown to compare"),
    "not_asked": Text("chưa hỏi được để đối chiếu", "it could not be asked for the comparison"),
    "held": Text("đang giữ chờ người xử lý", "held until a person decides"),
    "under_way": Text("còn bản tin đang trên đường", "something is still on its way"),
}


_OF_OTHERS = frozenset({"answered", "accepted", "absent", "pending"})
"""Outcomes that speak of a system that was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What of a leaf decides."""

    kind: EntryKind
    outcome: str
    system: str = ""
    facts: Mapping[str, object] | None = None

    @property
    def code(self) -> str:
        """The code of the error; of an HTTP status: the one that was answered with it. Empty: no error."""
        if self.outcome.startswith("http_"):
            return str((self.facts or {}).get("code", "")) or _of_status(self.outcome)
        if self.kind is EntryKind.INBOUND and self.outcome in {"failed", "rejected"}:
            why = str((self.facts or {}).get("code", ""))
            return why or ("ours.failed" if self.outcome == "failed" else "caller.bad_request")
        return self.outcome if self.outcome.partition(".")[0] in _FAULTS and "." in self.outcome else ""

    @property
    def is_unproven(self) -> bool:
        """A call in a national system's name that was refused before it had shown whose it is."""
        return self.kind is EntryKind.INBOUND and self.outcome.partition(".")[0] in {"caller", "security"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A fault with its sentences: whose it is and what happened (`what`), and who acts next."""

    fault: Fault
    what: Text
    next: Text


def fault_of(happened: Happened) -> Fault:
    """The class of a leaf."""
    if happened.outcome == "refused" and happened.kind is EntryKind.EXCHANGE:
        return Fault.PARTNER_BUSINESS
    code = happened.code
    if code in _BUSINESS:
        return Fault.PARTNER_BUSINESS
    if code == OPEN:
        return Fault.NONE
    fault = _NOT_THEIRS.get(code) or _FAULTS.get(code.partition(".")[0], Fault.NONE)
    if fault is Fault.CALLER and happened.kind is EntryKind.INBOUND:
        return Fault.PARTNER_TECHNICAL  # it was the national system that called
    if fault is Fault.PARTNER_TECHNICAL:  # it may be one of the province's own that was called
        kind = happened.system.partition(":")[0]
        return {CLIENT: Fault.CALLER, RECEIVER: Fault.OURS}.get(f"{kind}:", fault)
    return fault


def judge(happened: Happened) -> Judgement:
    """The fault, and sentences that name no person."""
    fault, said = fault_of(happened), _said(happened)
    whose, what, after = WHOSE[fault], said.what, said.next
    if fault is Fault.PARTNER_TECHNICAL and happened.is_unproven:
        whose = IN_ITS_NAME
    if after is Next.LATER and happened.system.startswith((CLIENT, RECEIVER)):
        after = Next.AGAIN
    if fault is Fault.NONE:
        return Judgement(fault=fault, what=Text(_first(what.vi), _first(what.en)), next=after.value)
    told = Text(f"{whose.vi}: {what.vi}.", f"{whose.en}: {what.en}.")
    return Judgement(fault=fault, what=told, next=after.value)


def what_of(happened: Happened) -> Text:
    """What happened, whoever is at fault."""
    return _said(happened).what


def _said(happened: Happened) -> Said:
    code, outcome = happened.code, happened.outcome
    if code:
        return CODES.get(code) or ORIGINS[code.partition(".")[0]]
    if happened.kind is EntryKind.EXCHANGE and outcome == "refused":
        return REFUSED
    is_own = happened.kind in {EntryKind.ADMIN, EntryKind.ALARM}  # nobody else was asked
    if outcome in OUTCOMES and not (is_own and outcome in _OF_OTHERS):
        return OUTCOMES[outcome]
    if outcome in _FOUND:
        return Said(_WORDS[outcome], UNKNOWN.next)
    return ACT if is_own else UNKNOWN


def _of_status(outcome: str) -> str:
    status = outcome.removeprefix("http_")
    return "caller.bad_request" if status.startswith("4") else "ours.unexpected"


def _first(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
