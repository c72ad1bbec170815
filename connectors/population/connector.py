"""`XacThucThongTinCongDan` and `TraCuuThongTinCongDan` (contract page population_and_business, section 3).

Each call proves itself: HTTP Basic whose password is a hash over a time stamp. The SOAP Header is empty.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from connectors.population import wire
from connectors.population.settings import PopulationSettings
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
    TransientRemoteError,
    WireReply,
    WireRequest,
)
from gateway.sdk.replies import check_available, is_xroad_outage
from gateway.sdk.soap import SoapBody, SoapContract, SoapFault, read_soap

VERIFY, LOOKUP = "XacThucThongTinCongDan", "TraCuuThongTinCongDan"
NAMES = {"verify_citizen": VERIFY, "lookup_citizen": LOOKUP}


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
        self._contract = SoapContract(Path(__file__).parent / "contract" / "csdldc_local.wsdl")

    def prepare(self, call: Call) -> WireRequest:
        is_verification = call.operation == "verify_citizen"
        own = self._settings
        content = self._contract.write(NAMES[call.operation], self._elements(call, is_verification=is_verification))
        return WireRequest(
            method="POST",
            url=own.base_url + (own.verify_path if is_verification else own.lookup_path),
            headers=self._headers(call, sv_url=own.verify_sv_url if is_verification else own.lookup_sv_url),
            content=content,
        )

    def interpret(self, call: Call, reply: WireReply) -> Outcome:
        check_available(reply, idempotent=True)
        if reply.status in {401, 403}:
            raise ProtocolViolation(
                "The database does not accept our credentials; check user name, secret, sv_url and clock.",
                vi="Cơ sở dữ liệu không chấp nhận thông tin xác thực của cổng",
                what="credentials_refused",
            )
        body = read_soap(reply.content)
        if isinstance(body, SoapFault):
            return self._refused(body)
        if reply.status != 200:
            raise ProtocolViolation(f"An answer with HTTP {reply.status} is not in the contract.")
        return _exists(body) if call.operation == "verify_citizen" else _record(call, body)

    def _elements(self, call: Call, *, is_verification: bool) -> dict[str, object]:
        """Elements of the request; the WSDL puts them in their order. 9 digits are an old card (3.3)."""
        own, asked = self._settings, call.body
        number = str(asked["SoGiayTo"])
        return {
            "MaYeuCau": call.call_id,
            "MaDVC": own.ma_dvc,
            "MaTichHop": own.verify_ma_tich_hop if is_verification else own.lookup_ma_tich_hop,
            "MaCanBo": own.ma_can_bo or asked["MaCanBo"],
            ("SoCMND" if len(number) == 9 else "SoDinhDanh"): number,
            "HoVaTen": asked["HoVaTen"],
            "NgayThangNamSinh": wire.birth(str(asked["NgaySinh"]), own.date_format),
        }

    def _headers(self, call: Call, *, sv_url: str) -> dict[str, str]:
        own = self._settings
        stamp = wire.timestamp(call.at, own.timestamp_unit)
        secret = own.secret.get_secret_value()
        hashed = wire.password(sv_url=sv_url, username=own.username, timestamp=stamp, secret=secret)
        optional = {"X-Road-Client": own.x_road_client, "ApiKey": own.api_key.get_secret_value()}
        return {
            "Content-Type": "application/xml; charset=utf-8",
            "SOAPAction": '""',
            "Authorization": wire.basic(own.username, hashed),
            "Timestamp": stamp,
            **{name: value for name, value in optional.items() if value},
        }

    def _refused(self, fault: SoapFault) -> Outcome:
        """Their fault codes are not public (3.7). What X-Road says comes with HTTP 200, too (3.9)."""
        if fault.code in self._settings.not_permitted_faults:
            return Refused(code=fault.code, reason=fault.text, not_permitted=True)
        if is_xroad_outage(fault.code):
            raise TransientRemoteError("The exchange platform could not reach the database.", what="xroad")
        return Refused(code=fault.code or "fault", reason=fault.text)


def _exists(body: SoapBody) -> Outcome:
    """`KetQuaXacThuc/TonTai`. Only the two spellings of an XML boolean are an answer."""
    told = body.value.get("TonTai") if isinstance(body.value, dict) else None
    if (body.namespace, body.name) != (wire.REQUEST_NAMESPACE, "KetQuaXacThuc") or str(told) not in _BOOLEANS:
        raise ProtocolViolation("The verification was answered with something else than TonTai.")
    return Answered(body={"TonTai": _BOOLEANS[str(told)]})


def _record(call: Call, body: SoapBody) -> Outcome:
    if (body.namespace, body.name) != (wire.REPLY_NAMESPACE, "CongdanCollection"):
        raise ProtocolViolation("The look-up was answered with something else than CongdanCollection.")
    if wire.is_many(body.value):
        raise ProtocolViolation("The look-up of one number was answered with several people.")
    found = wire.person(body.value)
    if found is None:
        return Absent()
    if str(call.body["SoGiayTo"]) not in (numbers := wire.numbers(found)) and numbers:
        raise ProtocolViolation("The look-up of one number was answered with the record of another.")
    return Answered(body=found)


_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
