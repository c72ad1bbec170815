"""What the register answers, before it is written as XML or JSON: a verification, or people (contract, 3.3, 3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from mocks._kit.app import fault_of, note
from mocks._kit.clock import Clock
from mocks._kit.settings import Settings
from mocks.population import records, shapes
from mocks.population.fields import RELATIVES, VERIFICATIONS, VERIFY_B, Inquiry
from mocks.population.refusals import malformed, not_permitted

ANOTHER = {"SoDinhDanh": "099199999998", "SoCMND": "999999998"}
"""The numbers of nobody in the scenarios."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One element: its name, its children, its attributes. A list is one child for each item."""

    element: str
    content: Mapping[str, Any]
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_verification(self) -> bool:
        return self.element != "CongdanCollection"


class Register:
    """The people on record, and the request ids that were used."""

    def __init__(self, people: list[records.Person], settings: Settings, clock: Clock) -> None:
        self._people = people
        self._settings = settings
        self._clock = clock
        self._seen: set[str] = set()

    def forget(self) -> None:
        self._seen.clear()

    def answer(self, request: Request, asked: Inquiry) -> Answer:
        """Raises `Refusal` for a repeated request id, by switch, and for the fault `refuse`."""
        self._remember(request, asked)
        if fault := fault_of(request, "refuse"):
            raise not_permitted(fault.status(200))
        if asked.operation in VERIFICATIONS:
            return self._verification(request, asked)
        return self._collection(request, asked)

    def _remember(self, request: Request, asked: Inquiry) -> None:
        repeated = asked.request_id in self._seen
        self._seen.add(asked.request_id)
        note(request, request_id=asked.request_id, repeated_request_id=repeated)
        if repeated and self._settings.flag("refuse_repeated_request_id"):
            raise malformed("MOCK-REPEATED", "MaYeuCau was used before")

    def _verification(self, request: Request, asked: Inquiry) -> Answer:
        exists = any(person.matches(asked) for person in self._people)
        note(request, exists=exists)
        told = "true" if exists else "false"
        if fault := fault_of(request, "bad_boolean"):
            told = fault.argument or "có"
        element = self._settings.text("verify_b_reply") if asked.operation == VERIFY_B else "KetQuaXacThuc"
        return Answer(element, {"TonTai": told})

    def _collection(self, request: Request, asked: Inquiry) -> Answer:
        """In the shape that the switches ask for; XacMinhThongTinNhanThan answers in that of QCVN 109 (3.3)."""
        is_qcvn = asked.operation == RELATIVES or self._settings.text("reply_shape") == "qcvn"
        record = self._found(asked)
        note(request, found=record is not None)
        people = [] if record is None else [shapes.qcvn(record) if is_qcvn else dict(record)]
        people = _altered(request, people)
        attributes = shapes.qcvn_attributes(len(people), self._clock()) if is_qcvn else {}
        if not people and self._settings.text("not_found") == "nameless":
            people = [{"HoVaTen": {"Ho": "", "ChuDem": "", "Ten": ""}}]
        omitted = self._settings.texts("omit")
        shown = [{name: item for name, item in person.items() if name not in omitted} for person in people]
        return Answer("CongdanCollection", {"CongDan": shown} if shown else {}, attributes)

    def _found(self, asked: Inquiry) -> Mapping[str, Any] | None:
        by_number = self._settings.flag("lookup_by_number")
        for person in self._people:
            if person.matches(asked) or ((person.by_number or by_number) and person.is_meant(asked)):
                return person.record
        return None


def _altered(request: Request, people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The faults `other_number` (the record carries somebody else's) and `several:n` (of two, n carry the number)."""
    if not people:
        return people
    other = {**people[0], **{name: number for name, number in ANOTHER.items() if people[0].get(name)}}
    if fault_of(request, "other_number"):
        return [other]
    if fault := fault_of(request, "several"):
        return {"0": [other, other], "2": [people[0], people[0]]}.get(fault.argument, [other, people[0]])
    return people
