"""The second half of the story: code lists, the newer portal, what the portal sends, questions, and the proof."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from report import Report
from town import Town, call

if TYPE_CHECKING:
    from story import Caller

ODD = "000.00.05.H99-261123-0008"
NEWER = "000.00.05.H99-261123-0009"
FIELD = {"code": "G09-MOI01", "name": "Lĩnh vực mới"}
FIELDS = [
    {"MALINHVUC": "G03-GD10", "TENLINHVUC": "Lĩnh vực ví dụ", "MANGANH": "G03"},
    {"MALINHVUC": "G05-VD20", "TENLINHVUC": "Lĩnh vực mẫu", "MANGANH": "G05"},
]
"""As the mock has them from the start."""
FILE_ID = "8e03978e-40d5-43e8-bc93-6894a57f9324"
PDF = b"%PDF-1.7\n% to khai mau\n"
ANSWER = {
    "agency_id": "000.00.05.H99",
    "officer_name": "Lê Văn Thử",
    "at": "2026-11-23T09:00:00+07:00",
    "answer": "Chỉ cần tờ khai.",
}


def catalogues(town: Town, caller: Caller, report: Report, document: dict[str, Any]) -> None:
    report.chapter(
        "Danh mục", "A dossier names a code that no catalogue has: it waits, until the catalogue brings the code."
    )
    town.lienthong("catalogues", "sync", "fields")
    caller.send("PUT", f"/v1/dossiers/{ODD}", {**document, "field": FIELD})
    view = caller.json("GET", f"/v1/dossiers/{ODD}/sync")
    trouble = view["targets"][0]["trouble"] or {}
    report.check("it is held, not guessed", trouble.get("code"), "caller.unknown_code")
    report.note(trouble.get("detail", ""))
    rows = [{"MALINHVUC": FIELD["code"], "TENLINHVUC": FIELD["name"], "MANGANH": "G09"}, *FIELDS]
    _mock(town, "national_portal", "POST", "catalogue", {"name": "fields", "rows": rows})
    town.lienthong("catalogues", "sync", "fields")
    report.check("with the code it arrives", caller.arrived(ODD)["complete"], True)
    _mock(town, "national_portal", "POST", "catalogue", {"name": "fields", "rows": rows[1:]})


def newer_portal(town: Town, caller: Caller, report: Report, document: dict[str, Any], *, at: datetime) -> None:
    report.chapter(
        "Bộ chuyển đổi 2026",
        "The same messages; a route sends this procedure to the newer family of services: file first, then dossier.",
    )
    headers = {"Content-Type": "application/pdf", "Content-Disposition": "attachment; filename*=UTF-8''to-khai.pdf"}
    report.check("a file is handed over", caller.put_file(FILE_ID, PDF, headers).status_code, 201)
    paper = {"name": "to-khai.pdf", "component_code": "000.00.00.G03-KQ000111", "file_id": FILE_ID}
    procedure = {"code": "1.009998", "name": "Cấp lại giấy xác nhận ví dụ"}
    caller.send(
        "PUT", f"/v1/dossiers/{NEWER}", {**document, "status": 2, "procedure": procedure, "components": [paper]}
    )
    steps = [
        {"dossier_code": NEWER, **caller.step(number, status, at + timedelta(hours=number))}
        for number, status in enumerate((4, 9, 10), 1)
    ]
    taken = caller.send("POST", "/v1/status-events", {"events": steps})
    report.check("its steps are told in one request", taken.status_code, 202)
    view = caller.arrived(NEWER)
    report.check("every message was delivered", view["complete"], True)
    for target in view["targets"]:
        if target["trouble"]:
            report.note(target["trouble"]["detail"])
    held = _mock(town, "portal_adapter", "GET", f"dossiers/{NEWER}")
    told = [status["TrangThai"] for status in held["statuses"]]
    report.check("statuses at the adapter, in order", told, [2, 4, 9, 10])
    paper = held["dossier"]["ThanhPhanHoSo"][0]["GiayToDinhKem"][0]
    report.check("the file's hash there is ours", paper["HashTepTin"], hashlib.sha256(PDF).hexdigest())


def arrivals(town: Town, caller: Caller, report: Report) -> None:
    report.chapter("Bản tin từ Cổng", "The portal sends the province a promotion notice three times: it is one.")
    sent = _mock(town, "national_portal", "POST", "send", {"kind": "promotion", "times": 3})
    codes = [answer["body"]["error_code"] for answer in sent["answers"]]
    report.check("each is answered as taken", codes, [0, 0, 0])
    [notice] = caller.json("GET", "/v1/arrivals")["arrivals"]
    report.check("one arrival waits for the province", (notice["event"], notice["deliveries"]), ("promotion_notice", 3))
    caller.send("POST", f"/v1/arrivals/{notice['id']}/acknowledgement")
    report.check("none once it was acknowledged", caller.json("GET", "/v1/arrivals")["arrivals"], [])


def questions(caller: Caller, report: Report) -> None:
    report.chapter("Hỏi đáp", "A citizen's question on the portal is answered; the portal shows our words.")
    [question] = caller.json("GET", "/v1/questions")["items"]
    report.note(question["question"])
    told = caller.send("POST", f"/v1/questions/{question['id']}/answers", ANSWER)
    report.check("the answer is taken in", told.status_code, 202)
    caller.delivered(f"answer:{question['id']}")
    shown = caller.json("GET", f"/v1/questions/{question['id']}/answer")
    report.check("what the portal shows", shown.get("answer"), ANSWER["answer"])


def proof(town: Town, caller: Caller, report: Report) -> None:
    report.chapter(
        "Đối soát", "The portal loses a dossier that it had acknowledged; the comparison finds and mends it."
    )
    _mock(town, "national_portal", "DELETE", f"dossiers/{ODD}")
    found = town.lienthong("sync", "reconcile").stdout
    report.check("the comparison names what is missing", "missing" in found, True)
    caller.arrived(ODD)
    there = call("GET", f"{town.mock_url('national_portal')}/_mock/dossiers/{ODD}")
    report.check("and it is there again", there.status_code, 200)


def _mock(town: Town, system: str, method: str, path: str, body: Any = None) -> Any:
    url = f"{town.mock_url(system)}/_mock/{path}"
    answer = call(method, url, json=body)
    return answer.json() if answer.content else None
