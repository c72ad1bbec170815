"""The impact-assessment file, made from what is configured: a new operation appears in it by itself (PDP-09).

Hồ sơ đánh giá tác động xử lý dữ liệu cá nhân (NĐ 13/2023 Art 24; Law 91/2025 Art 21). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.agreements.model import Agreement
from gateway.exchange.system import System
from gateway.privacy.kinds import FieldKind
from gateway.privacy.paper import Paper, Section
from gateway.privacy.settings import PrivacySettings
from gateway.privacy.shown import Fields, Shown
from gateway.privacy.words import moment, operation_of
from gateway.rules.purposes import Allowance

SCHEMA = "lienthong.dpia/1"
WORDS = {"lookup": "tra cứu", "submit": "gửi", "notify": "báo"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A client of the province, with what it may do and for whom."""

    client: str
    title: str
    scopes: tuple[str, ...]
    agencies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """All that the file is made from. `protections`: by system, the schemes that sign and verify, in words; `routed`:
    which system an operation goes to; `retention`: what is kept and for how long, in words."""

    tenant: str
    made_at: datetime
    systems: Mapping[str, System]
    fields: Fields
    allowances: Sequence[Allowance] = ()
    agreements: Sequence[Agreement] = ()
    recipients: Sequence[Recipient] = ()
    protections: Mapping[str, Sequence[str]] = field(default_factory=dict)
    retention: Mapping[str, str] = field(default_factory=dict)
    settings: PrivacySettings = field(default_factory=PrivacySettings)


def document(picture: Picture) -> dict[str, Any]:
    """Keys are only ever added under this schema's name."""
    return {
        "schema": SCHEMA,
        "tenant": picture.tenant,
        "controller": picture.settings.controller,
        "contact": picture.settings.contact,
        "made_at": picture.made_at.isoformat(),
        "retention": dict(picture.retention),
        "processing": [
            _operation(picture, name, operation)
            for name, system in picture.systems.items()
            for operation in system.operations
        ],
        "procedures": [_allowance(allowance) for allowance in picture.allowances],
        "recipients": [
            {
                "client": one.client,
                "title": one.title,
                "scopes": list(one.scopes),
                "agencies": list(one.agencies),
            }
            for one in picture.recipients
        ],
    }


def _operation(picture: Picture, name: str, operation: str) -> dict[str, Any]:
    system = picture.systems[name]
    manifest = system.connector.manifest
    shown = picture.fields.shown(name, operation)
    agreed = [held for held in picture.agreements if held.terms.system == name and held.covers(operation)]
    return {
        "system": name,
        "system_vi": manifest.title_vi,
        "owner": manifest.owner,
        "operation": operation,
        "kind": system.operations[operation].kind.value,
        "personal_data": system.operations[operation].personal_data,
        "legal_basis": list(manifest.legal_basis),
        "sent": _kinds(shown.sent),
        "told": _kinds(shown.told),
        "sensitive": shown.sensitive,
        "unclassified": list(shown.unclassified),
        "agreements": [_agreement(held) for held in agreed],
        "since": min(held.terms.since for held in agreed).isoformat() if agreed else None,
        "protection": _protection(picture, name),
        "legal_problem": _problem(shown),
    }


def _protection(picture: Picture, name: str) -> list[str]:
    system = picture.systems[name]
    line = system.line("", on=picture.made_at.date())
    address = line.platform.settings.base_url if line.platform else system.settings.base_url
    way = [f"qua nền tảng {line.name}"] if line.platform else ["kết nối trực tiếp"]
    tls = "TLS, có kiểm chứng thư" if address.startswith("https:") else "KHÔNG mã hoá đường truyền (HTTP)"
    return [*way, tls, *picture.protections.get(name, ()), "nội dung lưu được mã hoá AES-256-GCM"]


def _problem(shown: Shown) -> str:
    return "có trường chưa phân loại (gateway/privacy/fields.yaml)" if shown.unclassified else ""


def _kinds(found: Mapping[FieldKind, Sequence[str]]) -> list[dict[str, Any]]:
    return [
        {"kind": kind.name, "title_vi": kind.title_vi, "sensitive": kind.sensitive, "fields": list(fields)}
        for kind, fields in found.items()
    ]


def _agreement(held: Agreement) -> dict[str, Any]:
    terms = held.terms
    return {
        "number": terms.number,
        "purpose": terms.purpose,
        "basis": terms.basis,
        "since": terms.since.isoformat(),
        "until": terms.until.isoformat() if terms.until else None,
        "parties": list(terms.parties),
    }


def _allowance(allowance: Allowance) -> dict[str, Any]:
    return {
        "procedure": allowance.procedure,
        "since": allowance.effective_from.isoformat(),
        "basis": allowance.basis,
        "citizen_fields": sorted(allowance.citizen),
        "enterprise_fields": sorted(allowance.enterprise),
        "accounts": allowance.accounts,
        "registrations": allowance.registrations,
    }


def paper(said: Mapping[str, Any], *, made_at: datetime) -> Paper:
    """The same for people; `said` is a `document`."""
    personal = [one for one in said["processing"] if one["sent"] or one["told"] or one["unclassified"]]
    return Paper(
        title="HỒ SƠ ĐÁNH GIÁ TÁC ĐỘNG XỬ LÝ DỮ LIỆU CÁ NHÂN",
        subtitle=f"Đơn vị {said['tenant']} · {said['controller'] or 'chưa khai báo bên kiểm soát'} · {moment(made_at)}",
        sections=[
            Section(title="Hoạt động xử lý", head=HEAD, rows=[_row(one) for one in personal]),
            Section(
                title="Mục đích và căn cứ theo thủ tục",
                head=("Thủ tục", "Từ ngày", "Căn cứ", "Trường công dân", "Trường doanh nghiệp"),
                rows=[_procedure(one) for one in said["procedures"]],
            ),
            Section(
                title="Bên nhận trong tỉnh",
                head=("Hệ thống", "Tên", "Quyền", "Cơ quan"),
                rows=[
                    (one["client"], one["title"], ", ".join(one["scopes"]), ", ".join(one["agencies"]) or "mọi cơ quan")
                    for one in said["recipients"]
                ],
            ),
            Section(
                title="Thời hạn lưu",
                head=("Nội dung", "Thời hạn"),
                rows=[(name, value) for name, value in said["retention"].items()],
            ),
            Section(title="Liên hệ", lines=[said["contact"] or "Chưa khai báo (privacy.contact)."]),
        ],
    )


HEAD = ("Hệ thống", "Nghiệp vụ", "Dữ liệu gửi đi", "Dữ liệu nhận về", "Căn cứ, thoả thuận", "Bảo vệ", "Lưu ý")


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    agreed = [f"{held['number']} (đến {held['until'] or 'không thời hạn'})" for held in one["agreements"]]
    notes = [*(["nhạy cảm"] if one["sensitive"] else []), *([one["legal_problem"]] if one["legal_problem"] else [])]
    return (
        f"{one['system_vi']} · {one['owner']}",
        f"{operation_of(one['operation'])} ({WORDS[one['kind']]})",
        _named(one["sent"]),
        _named(one["told"]),
        "; ".join([*one["legal_basis"], *agreed]),
        "; ".join(one["protection"]),
        "; ".join(notes),
    )


def _named(kinds: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(f"{kind['title_vi']}{' (nhạy cảm)' if kind['sensitive'] else ''}" for kind in kinds) or "–"


def _procedure(one: Mapping[str, Any]) -> tuple[str, ...]:
    fields = (", ".join(one[name]) or "–" for name in ("citizen_fields", "enterprise_fields"))
    return (one["procedure"], one["since"], one["basis"], *fields)
