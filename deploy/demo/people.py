"""The middle of the story: purpose, a register that is down, a new way that is tried, and the older software."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import zeep
from report import Report
from requests import Session
from town import Town
from zeep.transports import Transport

if TYPE_CHECKING:
    from story import Caller

FIRM = "9900000016"
CITIZEN = {"personal_id": "099185000001", "full_name": "Trần Thị Mẫu", "birth_date": "1985-06-15"}
REPRESENTATIVES = [("Nguyễn Văn Mẫu", "match"), ("Lê Văn Thử", "mismatch")]


def restraint(caller: Caller, report: Report, purpose: dict[str, Any]) -> None:
    report.chapter(
        "Tra cứu đúng mục đích", "A procedure is licensed for certain fields; only what was asked for comes back."
    )
    asked = {**CITIZEN, "fields": ["full_name", "permanent_address"], "purpose": purpose}
    found = caller.json("POST", "/v1/citizens/lookup", asked)
    report.check("the fields that come back", sorted(found.get("record", {})), ["full_name", "permanent_address"])
    other = {**asked, "purpose": {**purpose, "procedure_code": "1.000001"}}
    refused = caller.send("POST", "/v1/citizens/lookup", other)
    report.check("a procedure without a licence is refused", refused.json().get("code"), "caller.purpose")
    report.note(refused.json().get("detail", ""))
    for name, expected in REPRESENTATIVES:
        body = {"enterprise_code": FIRM, "full_name": name, "purpose": purpose}
        answer = caller.json("POST", "/v1/enterprises/representatives/verification", body)
        report.check(f"{name} is a legal representative", answer.get("verdict"), expected)


def recheck(town: Town, caller: Caller, report: Report, purpose: dict[str, Any]) -> None:
    report.chapter(
        "Chưa xác định được", "The population database is down: nothing is concluded, and it is asked again by itself."
    )
    town.kill("population")
    body = {**CITIZEN, "purpose": purpose}
    answer = caller.json("POST", "/v1/citizens/verification", body)
    report.check("while it is down", answer.get("verdict"), "undetermined")
    report.note(answer.get("explanation_vi", ""))
    offer = answer.get("recheck") or {}
    request = {"operation": offer.get("operation"), "request": body, "reference": answer.get("reference")}
    taken = caller.send("POST", offer.get("path", "/"), request)
    report.check("the offer is taken", (taken.status_code, taken.json().get("state")), (202, "waiting"))
    town.start_mock("population")
    town.lienthong("rechecks", "hurry", taken.json()["recheck_id"])
    ended = caller.until(f"/v1/rechecks/{taken.json()['recheck_id']}", lambda view: view["state"] != "waiting")
    report.check("once it is back", (ended["state"], (ended.get("result") or {}).get("verdict")), ("answered", "match"))


def shadow(town: Town, report: Report) -> None:
    report.chapter(
        "Đường mới chạy thử",
        "Every look-up of this story also went over a security server, as a trial; nobody waited for it.",
    )
    told = town.lienthong("shadow", "report").stdout
    report.check("the new way gave the same answers", "giống nhau" in told, True)
    report.check("and no other ones", "khác nhau" in told, False)


def soap(town: Town, report: Report, *, key: str, purpose: dict[str, Any]) -> None:
    report.chapter("Phần mềm cũ, SOAP", "The same operation, called by an ordinary SOAP client that reads our WSDL.")
    session = Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {key}"
    client = zeep.Client(f"{town.api}/soap?wsdl", transport=Transport(session=session))
    answer = client.service.verify_citizen(request={**CITIZEN, "purpose": purpose})
    report.check("what it is told", (answer.verdict, answer.verdict_vi), ("match", "Khớp"))
    try:
        client.service.verify_citizen(request={**CITIZEN, "purpose": {**purpose, "agency_id": "?"}})
    except zeep.exceptions.Fault as fault:
        report.check("a wrong field is a fault that names it", "/purpose/agency_id" in _text(fault), True)
        report.note(fault.message)


def _text(fault: Any) -> str:
    return "".join(fault.detail.itertext()) if fault.detail is not None else ""
