"""`lienthong doctor`: what is used, which version, and what is wrong, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.text import Text

from gateway.bootstrap import LOOPBACK, cluster, configured_systems, utc_now
from gateway.bootstrap.issuing import signer_of
from gateway.cli import certificates, diagnose
from gateway.cli.output import console
from gateway.database.doctor import Finding, Level, examine_binaries, examine_folder, examine_server
from gateway.domain import local_day
from gateway.exchange.system import System
from gateway.receipts.transmission import SUBMIT
from gateway.retention.room import room_of
from gateway.rules.purposes import load_purposes
from gateway.sdk import GatewayError
from gateway.settings import Settings, load_settings

SOON = timedelta(days=30)
"""A certificate that ends within this time is told."""
SIGNS = {Level.OK: ("✓", "green"), Level.WARNING: ("!", "yellow"), Level.ERROR: ("✗", "red")}


def doctor(
    *,
    partners: Annotated[
        bool, typer.Option("--partners", help="Reach each partner, too: name, network, TLS. Thử mạng tới đối tác.")
    ] = False,
) -> None:
    """Say which database is used, its version, and what is wrong. Kiểm tra cấu hình và cơ sở dữ liệu."""
    try:
        settings = load_settings()
    except GatewayError as exc:
        findings = [Finding(Level.ERROR, exc.detail, exc.detail_vi)]
    else:
        findings = [
            *_database(settings),
            *_storage(settings),
            *_systems(settings),
            *_purposes(settings),
            *_receipts(settings),
            *certificates.examine(settings),
            *_one_person(settings),
            *(diagnose.examine(settings) if partners else ()),
        ]
    for finding in findings:
        console.print(Text.assemble(SIGNS[finding.level], f" {finding.text_vi}\n  ", (finding.text, "dim")))
    worst = any(finding.level is Level.ERROR for finding in findings)
    raise typer.Exit(1 if worst else 0)


def _storage(settings: Settings) -> list[Finding]:
    """Where the log grows (SEC-06); the chore of the night raises the alarm."""
    room, most = room_of(settings.state), settings.storage.warn_percent
    level = Level.WARNING if room.percent >= most else Level.OK
    return [
        Finding(
            level,
            f"The disk of {settings.state} is full to {room.percent} %; storage.warn_percent is {most}.",
            f"Ổ đĩa chứa {settings.state} đã dùng {room.percent} %; ngưỡng cảnh báo là {most} %.",
        )
    ]


def _database(settings: Settings) -> list[Finding]:
    if settings.database_url is not None:
        told = Finding(
            Level.OK,
            "The database server of LIENTHONG_DATABASE_URL is used.",
            "Dùng máy chủ cơ sở dữ liệu theo LIENTHONG_DATABASE_URL.",
        )
        return [told, *examine_server(settings.database_url.get_secret_value(), today=utc_now().date())]
    told = Finding(
        Level.OK,
        f"The embedded database in {settings.cluster} is used.",
        f"Dùng cơ sở dữ liệu riêng trong {settings.cluster}.",
    )
    findings = [
        told,
        *examine_binaries(settings.database.binaries, data=settings.cluster / "data"),
        *examine_folder(settings.cluster),
    ]
    if settings.cluster.exists() and not any(finding.level is Level.ERROR for finding in findings):
        own = cluster(settings)
        if own.pid is None:
            findings.append(Finding(Level.OK, "It is not running now.", "Hiện không chạy."))
        else:
            findings += examine_server(own.dsn, today=utc_now().date())
    return findings


def _one_person(settings: Settings) -> list[Finding]:
    """Releasing many and reading bodies are not one person's act (PDP-13, SEC-09)."""
    if settings.sandbox or settings.four_eyes:
        return []
    return [
        Finding(
            Level.WARNING,
            "One person alone may release and replay any number; set approvals.required (docs/operators.md).",
            "Một người có thể tự gửi lại hàng loạt; hãy bật approvals.required (docs/operators.md).",
        )
    ]


def _systems(settings: Settings) -> list[Finding]:
    try:
        systems = configured_systems(settings)
    except GatewayError as exc:
        return [Finding(Level.ERROR, exc.detail, exc.detail_vi)]
    if not systems:
        return [
            Finding(
                Level.WARNING,
                "No national system is configured; set [systems.…] or LIENTHONG_SANDBOX=true.",
                "Chưa cấu hình hệ thống quốc gia nào; hãy đặt [systems.…] hoặc LIENTHONG_SANDBOX=true.",
            )
        ]
    where = " (mocks)" if settings.sandbox else ""
    told = [
        Finding(
            Level.OK,
            f"{name}{where}: {', '.join(system.operations)}.",
            f"{system.connector.manifest.title_vi}{' (giả lập)' if settings.sandbox else ''}.",
        )
        for name, system in systems.items()
    ]
    if settings.sandbox:
        return told
    return [
        *told,
        *_agreed(settings),
        *_untold(systems),
        *_anywhere(settings, systems),
        *_direct(systems),
        *_plain(systems),
    ]


def _agreed(settings: Settings) -> list[Finding]:
    """A route goes live under an agreement (NĐ 47/2020/NĐ-CP Art 38; CON-13)."""
    if settings.agreements.required:
        return []
    return [
        Finding(
            Level.WARNING,
            "A system without a registered agreement is not refused; set agreements.required (docs/agreements.md).",
            "Hệ thống chưa khai báo thoả thuận vẫn được khai thác; hãy đặt agreements.required (docs/agreements.md).",
        )
    ]


def _untold(systems: Mapping[str, System]) -> list[Finding]:
    """Receipts are sent to the tax authority within the day (NĐ 254/2026/NĐ-CP Art 27, 29(3)(b); PAY-13)."""
    if any(SUBMIT in system.operations for system in systems.values()):
        return []
    return [
        Finding(
            Level.WARNING,
            "Receipts are not told to the tax authority; set [systems.tax_authority] (docs/tax.md).",
            "Chưa truyền dữ liệu biên lai tới cơ quan thuế; hãy đặt [systems.tax_authority] (docs/tax.md).",
        )
    ]


def _anywhere(settings: Settings, systems: Mapping[str, System]) -> list[Finding]:
    """No rail's signature covers the account that money goes to; a list of ours does (PAY-05)."""
    takes_money = any("initiate_payment" in system.operations for system in systems.values())
    if settings.payments.beneficiaries or not takes_money:
        return []
    return [
        Finding(
            Level.WARNING,
            "Money may be sent to any account; list those of each agency in payments.beneficiaries.",
            "Chưa giới hạn tài khoản thụ hưởng; hãy khai báo danh mục payments.beneficiaries của từng cơ quan.",
        )
    ]


def _purposes(settings: Settings) -> list[Finding]:
    """Without a rule nothing may be looked up (POP-06); a province should learn it here and not from its officers."""
    try:
        count = len(load_purposes(settings.restraint.purposes, made_up=settings.sandbox).procedures)
    except GatewayError as exc:
        return [Finding(Level.ERROR, exc.detail, exc.detail_vi)]
    if not count:
        return [
            Finding(
                Level.WARNING,
                "No procedure may look anything up; set restraint.purposes (docs/rules.md).",
                "Chưa thủ tục nào được phép tra cứu; hãy đặt restraint.purposes (docs/rules.md).",
            )
        ]
    return [Finding(Level.OK, f"{count} procedures may look up.", f"{count} thủ tục được phép tra cứu.")]


def _receipts(settings: Settings) -> list[Finding]:
    """Who collects must be able to sign (NĐ 254/2026/NĐ-CP Art 23); a certificate that ends soon is told ahead."""
    units, signer = settings.receipts.units, signer_of(settings)
    if not units and not settings.sandbox:
        return [
            Finding(
                Level.WARNING,
                "No collecting unit is set; receipts wait. Set [[receipts.units]] (docs/receipts.md).",
                "Chưa khai báo tổ chức thu nào, biên lai sẽ chờ; hãy đặt [[receipts.units]] (docs/receipts.md).",
            )
        ]
    findings = []
    for unit in units:
        try:
            ends = signer.seal_of(unit).certificate.not_valid_after_utc
        except GatewayError as exc:
            findings.append(Finding(Level.ERROR, exc.detail, exc.detail_vi))
            continue
        level = Level.OK if ends > utc_now() + SOON else Level.WARNING
        said, said_vi = f"{unit.agency_id} signs receipts until {ends:%Y-%m-%d}.", f"{ends:%d/%m/%Y}"
        findings.append(Finding(level, said, f"{unit.agency_id} ký được biên lai đến hết ngày {said_vi}."))
    return findings


def _direct(systems: Mapping[str, System]) -> list[Finding]:
    """A platform comes first; a direct link needs a decision (NĐ 47/2020/NĐ-CP Art 46, CON-01)."""
    return [
        Finding(
            Level.WARNING,
            f"{name} is reached directly: set systems.{name}.over, or name the decision in its direct_basis.",
            f"{name} đang kết nối trực tiếp; hãy đặt systems.{name}.over hoặc ghi văn bản cho phép vào "
            f"systems.{name}.direct_basis.",
        )
        for name, system in systems.items()
        if system.line("", on=local_day(utc_now())).platform is None and not system.settings.direct_basis
    ]


def _plain(systems: Mapping[str, System]) -> list[Finding]:
    """Protected data goes over HTTPS (TT 13/2017/TT-BTTTT Art 19, CON-05). An adapter in the province's own network may
    know nothing else; somebody should have decided so."""
    addresses = {
        line.platform.settings.base_url if line.platform else system.settings.base_url
        for system in systems.values()
        for line in (system.line("", on=local_day(utc_now())), *(rule.line for rule in system.rules))
    }
    return [
        Finding(
            Level.WARNING,
            f"{address} is reached without encryption (plain HTTP).",
            f"{address} đang kết nối không mã hoá (HTTP); dữ liệu cá nhân cần HTTPS.",
        )
        for address in sorted(addresses)
        if urlsplit(address).scheme == "http" and urlsplit(address).hostname not in LOOPBACK
    ]
