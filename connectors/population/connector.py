"""Verification and look-up of citizens in every dialect that provinces meet (contract page, section 3).

The dialect is settings and data: which message, which carrier, how a call proves itself. The SOAP Header is empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from connectors.population import asking, envelopes, record, wire
from connectors.population.settings import PopulationSettings
from gateway.domain import DIFFERENT, TextKind, compare_texts
from gateway.sdk import (
    Absent,
    Answered,
    Call,
    Kind,
    Manifest,
    Operation,
    Outcome,
    ProtocolViolation,
    Refused,
    WireReply,
    WireRequest,
)
from gateway.sdk.charset import check_letters
from gateway.sdk.soap import SoapBody, SoapContract

VERIFY, LOOKUP = "XacThucThongTinCongDan", "TraCuuThongTinCongDan"
VERIFIED = {
    VERIFY: ("KetQuaXacThuc",),
    asking.VARIANT_B: ("KetQuaXacThucResponse", "XacThucThongTinCongDanResponse"),
}
"""The elements that answer each variant of the verification (3.3)."""


class PopulationConnector:
    """CSDLQG về dân cư."""

    manifest: ClassVar[Manifest] = Manifest(
        id="population",
        title="National population database",
        title_vi="Cơ sở dữ liệu quốc gia về dân cư",
        owner="Bộ Công an",
        legal_basis=("NĐ 137/2015/NĐ-CP", "NĐ 37/2021/NĐ-CP", "Luật Căn cước 2023"),
        operations=(
            Operation(name="verify_citizen", kind=Kind.LOOKUP, idempotent=True),
            Operation(name="lookup_citizen", kind=Kind.LOOKUP, idempotent=True),
        ),
        settings=PopulationSettings,
        sandbox={
            "base_url": "http://127.0.0.1:7101",
            "username": "demo_user",
            "secret": "demo_secret",
            "verify_path": f"/csdldc/{VERIFY}",
            "lookup_path": f"/csdldc/{LOOKUP}",
            "verify_sv_url": f"/r1/VN/GOV/EXAMPLE/EXAMPLE/{VERIFY}",
            "lookup_sv_url": f"/r1/VN/GOV/EXAMPLE/EXAMPLE/{LOOKUP}",
            "not_permitted_faults": ("MOCK-NOT-PERMITTED",),
        },
    )

    def __init__(self, settings: PopulationSettings) -> None:
        self._settings = settings
        self._contract = contract()
        if settings.carrier == "soap":
            for message, elements in asking.foreseen(settings):
                self._contract.prepare(message, elements)

    def prepare(self, call: Call) -> WireRequest:
        """`NotAllowedError` when the officer or the procedure has no key, account or licence: then nothing leaves."""
        own = self._settings
        path = own.verify_path if call.operation == "verify_citizen" else own.lookup_path
        return WireRequest(
            method="POST", url=own.base_url + path, headers=asking.headers(call, own), content=self._content(call)
        )

    def interpret(self, call: Call, reply: WireReply) -> Outcome:
        """`Absent` only from a well-formed collection without a person; a fault is never an answer (3.7)."""
        found = envelopes.read(reply, self._settings, self._contract)
        if isinstance(found, Refused):
            return found
        return self._verified(call, found) if call.operation == "verify_citizen" else _looked_up(call, found)

    def _content(self, call: Call) -> bytes:
        own = self._settings
        if own.carrier != "soap":
            return asking.facade_body(call, own)
        return self._contract.write(asking.message_of(call, own), asking.elements(call, own))

    def _verified(self, call: Call, body: SoapBody) -> Outcome:
        """`TonTai`. Only the two spellings of an XML boolean are an answer."""
        own = self._settings
        told = body.value.get("TonTai") if isinstance(body.value, Mapping) else None
        is_expected = body.namespace == wire.REQUEST_NAMESPACE and body.name in VERIFIED[own.verify_message]
        if not is_expected or str(told) not in _BOOLEANS:
            _broken("The verification was answered with something else than TonTai.")
        return Answered(body={"TonTai": _BOOLEANS[str(told)], "DaHoi": asking.asked_of(call, own)})


@cache
def contract() -> SoapContract:
    """One for the process: what it has learned to write stays known."""
    return SoapContract(Path(__file__).parent / "contract" / "csdldc_local.wsdl")


def _looked_up(call: Call, body: SoapBody) -> Outcome:
    """The one person asked for. A record of somebody else, or several among whom none is certain, is no answer."""
    people = record.people(body.value)
    if (body.namespace, body.name) != (wire.REPLY_NAMESPACE, "CongdanCollection") or people is None:
        _broken("The look-up was answered with something else than CongdanCollection.")
    told = {**body.attributes, **(body.value if isinstance(body.value, Mapping) else {})}
    count = record.text(told.get("SoCongDan"))
    if count.isdecimal() and int(count) != len(people):
        _broken("The answer names another number of people than it holds.")
    if not people or (len(people) == 1 and record.says_nothing(people[0])):
        is_noted = count != "0" and record.text(told.get("GhiChu"))
        if record.says_more(body.value) or is_noted or (people and count):
            _broken("The answer shows nobody and yet says something: neither a person found nor nobody.")
        return Absent()
    number = str(call.body["SoGiayTo"])
    found = _the_one(people, number)
    person = record.read(found)
    check_letters(person)
    if "?" in person["HoVaTen"]:
        _broken("The name in the answer has lost letters on the way.")
    if not record.carries(found, number) and not _are_alike(str(call.body["HoVaTen"]), person["HoVaTen"]):
        _broken("The answer does not show the number that was asked for, and shows another name.")
    return Answered(body={**person, "ThoiDiemDuLieu": record.moment(told.get("ThoiDiemDuLieu"))})


def _the_one(people: Sequence[Mapping[str, Any]], number: str) -> Mapping[str, Any]:
    found = list(people) if len(people) == 1 else [person for person in people if record.carries(person, number)]
    if len(found) != 1:
        _broken("The look-up of one number was answered with several people.")
    if record.is_about_another(found[0], number):
        _broken("The look-up of one number was answered with the record of another.")
    if not record.full_name(found[0].get("HoVaTen")):
        _broken("The answer holds a record and withholds its name: neither a person found nor nobody.")
    return found[0]


def _are_alike(asked: str, held: str) -> bool:
    return compare_texts(asked, held, kind=TextKind.PERSON) != DIFFERENT


def _broken(detail: str) -> NoReturn:
    raise ProtocolViolation(detail)


_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
