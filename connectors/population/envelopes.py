"""From a reply to the one element that it holds, or to a refusal, in each carrier (contract, 3.4, 3.6, 3.7 and 5).

What is looked at, in this order: `X-Road-Error`, the HTTP status, the content type, the encoding; only then the body.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from connectors.population import wire
from connectors.population.settings import PopulationSettings
from gateway.sdk import GatewayError, ProtocolViolation, Refused, TransientRemoteError, WireReply
from gateway.sdk.platform_faults import Meaning, is_xroad_code, xroad_meaning
from gateway.sdk.replies import check_available, json_object, soap_body
from gateway.sdk.soap import SoapBody, SoapContract, SoapFault, read_soap

STATUS_DECIDES = {401, 403, 429, 502, 503, 504}
"""With these a Fault is not about the question, unless its code is one that the province knows."""
OPENCPS_NOT_PERMITTED = {"004", "005"}
"""Procedure not licensed; officer not allowed."""
OPENCPS_OUR_SETTINGS = {"001": "MaDVC", "002": "GovAgencyCode", "003": "StaffEmail"}


def read(reply: WireReply, own: PopulationSettings, contract: SoapContract) -> SoapBody | Refused:
    """`RemoteError` for whatever is no answer. XML is checked by the schema of `contract`, unless the province's path
    is known to answer otherwise."""
    schema = contract if own.check_replies else None
    match own.carrier:
        case "json_message":
            return _within_message(reply, own, schema)
        case "json_body":
            return _turned_into_json(reply, own)
    return _soap(reply, own, schema)


def _soap(reply: WireReply, own: PopulationSettings, contract: SoapContract | None) -> SoapBody | Refused:
    if reply.status != 200 or "x-road-error" in reply.headers:
        fault = _fault_beside_a_status(reply)
        if fault and (reply.status not in STATUS_DECIDES or fault.code in own.not_permitted_faults):
            return _refused(fault, own)
        _no_answer(reply)
    return _body_or_refusal(soap_body(reply, idempotent=True, contract=contract), own)


def _fault_beside_a_status(reply: WireReply) -> SoapFault | None:
    """SOAP 1.1 sends its Faults with HTTP 500, others with 400 or 403. X-Road's own error is none of them."""
    if reply.status < 400 or "x-road-error" in reply.headers:
        return None
    try:
        found = soap_body(reply, idempotent=True)
    except GatewayError:
        return None
    return found if isinstance(found, SoapFault) else None


def _within_message(reply: WireReply, own: PopulationSettings, contract: SoapContract | None) -> SoapBody | Refused:
    """Thanh Hoá: `{"error_code", "message": "<soapenv:Envelope …>"}`. The values of `error_code` are in no source. So
    none is assumed to mean success: with no list nothing is concluded, not even from an envelope that can be read."""
    document = _json(reply)
    code, message = document.get("error_code"), document.get("message")
    if isinstance(code, bool) or not isinstance(code, str | int):
        raise ProtocolViolation("The facade's answer has no error_code.")
    if not own.success_codes:
        raise ProtocolViolation(
            f"Whether error_code {_shown(str(code))} means success is not known; set success_codes.",
            vi="Chưa biết error_code nào là thành công; hãy đặt success_codes",
            what="error_code_unknown",
        )
    if str(code) not in own.success_codes:
        return _refused(SoapFault(str(code), ""), own)
    if not isinstance(message, str):
        raise ProtocolViolation("The facade's answer carries no message.")
    return _body_or_refusal(read_soap(wire.undeclared(message), contract), own)


def _turned_into_json(reply: WireReply, own: PopulationSettings) -> SoapBody | Refused:
    """OpenCPS: `{"Header": "", "Body": {<element>: …}}`; HTTP 400 with one of its own codes."""
    if reply.status == 400 and "x-road-error" not in reply.headers:
        return _opencps_refusal(json_object(reply, idempotent=True), own)
    body = _json(reply).get("Body")
    names = [name for name in body if not name.startswith("xmlns")] if isinstance(body, Mapping) else []
    if len(names) != 1 or not isinstance(body, Mapping):
        raise ProtocolViolation("The facade's answer holds no Body with one element.")
    name, value = names[0], _as_xml_says(body[names[0]])
    if name == "Fault":
        told = value if isinstance(value, Mapping) else {}
        code = str(told.get("faultcode") or "").rpartition(":")[2]
        return _refused(SoapFault(code, str(told.get("faultstring") or "")), own)
    namespace = wire.REPLY_NAMESPACE if name == "CongdanCollection" else wire.REQUEST_NAMESPACE
    return SoapBody(namespace, name, value)


def _opencps_refusal(document: Mapping[str, Any], own: PopulationSettings) -> Refused:
    """`{"message": "Error", "errorCode": "001".."005"}` (3.6)."""
    code = document.get("errorCode")
    if not isinstance(code, str) or not code:
        raise ProtocolViolation("The facade refused without a code.")
    if code in OPENCPS_OUR_SETTINGS:
        raise ProtocolViolation(
            f"The facade misses {OPENCPS_OUR_SETTINGS[code]} (its code {code}); check the settings.",
            vi=f"Cổng trung gian báo thiếu {OPENCPS_OUR_SETTINGS[code]} (mã {code}); cần kiểm tra cấu hình",
            what="facade_misses_setting",
        )
    if code in OPENCPS_NOT_PERMITTED:
        return Refused(code=code, reason="", not_permitted=True)
    return _refused(SoapFault(code, ""), own)


def _json(reply: WireReply) -> dict[str, Any]:
    if reply.status != 200 or "x-road-error" in reply.headers:
        _no_answer(reply)
    return json_object(reply, idempotent=True)


def _as_xml_says(value: Any) -> Any:
    """JSON's true and false are XML's; null stays null, which XML has not."""
    if isinstance(value, Mapping):
        return {name: _as_xml_says(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_as_xml_says(part) for part in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.strip() if isinstance(value, str) else value


def _body_or_refusal(found: SoapBody | SoapFault, own: PopulationSettings) -> SoapBody | Refused:
    return _refused(found, own) if isinstance(found, SoapFault) else found


def _refused(fault: SoapFault, own: PopulationSettings) -> Refused:
    """Their fault codes are not public (3.7). X-Road's Faults come with HTTP 200, too (5.2); its own troubles and a
    closed door are not what the register says of a person."""
    if fault.code in own.not_permitted_faults:
        return Refused(code=fault.code, reason=fault.text, not_permitted=True)
    match xroad_meaning(fault.code) if is_xroad_code(fault.code) else None:
        case Meaning.OUTAGE:
            raise TransientRemoteError("The exchange platform could not reach the database.", what="xroad")
        case Meaning.REFUSED_ACCESS:
            raise ProtocolViolation(
                f"The exchange platform refused the call ({_shown(fault.code)}); check addresses and agreements.",
                vi=f"Nền tảng trao đổi từ chối cuộc gọi ({_shown(fault.code)}); cần kiểm tra cấu hình",
                what="xroad_refused",
            )
    return Refused(code=_shown(fault.code) or "fault", reason=fault.text)


def _no_answer(reply: WireReply) -> NoReturn:
    check_available(reply, idempotent=True)
    if reply.status in {401, 403}:
        raise ProtocolViolation(
            "The database does not accept our credentials; check user name, secret, sv_url and clock.",
            vi="Cơ sở dữ liệu không chấp nhận thông tin xác thực của cổng",
            what="credentials_refused",
        )
    raise ProtocolViolation(f"An answer with HTTP {reply.status} is not in the contract.")


def _shown(code: str) -> str:
    """A foreign code, fit to be shown: short, without markup, and without anything as long as a person's number."""
    plain = "".join(c for c in code if c.isalnum() or c in "._-:")[:64]
    return re.sub(r"[0-9]{9,}", "#", plain)
