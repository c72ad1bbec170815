"""What protects the data of persons, and the agreements under which it is shared, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from gateway.agreements.access import AccessRequests
from gateway.agreements.access import Law as AccessLaw
from gateway.agreements.acts import AgreementActs
from gateway.agreements.nightly import AgreementWatch
from gateway.alarms.model import AlarmService
from gateway.approvals.model import Approvals
from gateway.audit.subject import subject_digest
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.evidence import evidence_of
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.kinds import kinds_of
from gateway.bootstrap.stores import Stores
from gateway.chores.nightly import Chore
from gateway.domain import local_day
from gateway.privacy.acts import PrivacyActs
from gateway.privacy.breaches import Breaches
from gateway.privacy.clocks import Law
from gateway.privacy.desk import Privacy
from gateway.privacy.dpia import Picture, Recipient
from gateway.privacy.erasing import LogErasure
from gateway.privacy.log import Seen, TreeProofs
from gateway.privacy.looks import AccessReports
from gateway.privacy.nightly import PrivacyWatch
from gateway.privacy.pack import BreachPacks
from gateway.privacy.packages import EvidencePackages
from gateway.privacy.postgres_index import PostgresSubjects
from gateway.privacy.requests import PersonRequests
from gateway.privacy.shown import Fields
from gateway.retention.kinds import DataKind, kind_of
from gateway.retention.settings import LEAST_DAYS
from gateway.rules.packs import load_calendar, load_packs
from gateway.rules.purposes import load_purposes


@dataclass(frozen=True, slots=True, kw_only=True)
class Protecting:
    """One of each."""

    privacy: Privacy
    acts: PrivacyActs
    packages: EvidencePackages
    access_requests: AccessRequests
    agreement_acts: AgreementActs
    chores: tuple[Chore, ...]


def protecting(ground: Ground, stores: Stores, *, alarms: AlarmService, approvals: Approvals) -> Protecting:
    access_law = AccessLaw(calendar=load_calendar(), packs=load_packs())
    office, tenant = stores.office, ground.tenant
    agreed = AgreementWatch(stores.agreements, office.access_requests, alarms, tenant=tenant, clock=utc_now)
    watch = PrivacyWatch(office.data_requests, office.breaches, alarms, tenant=tenant, clock=utc_now)
    privacy = _privacy(ground, stores, approvals)
    requests = AccessRequests(office.access_requests, stores.agreements, law=access_law, clock=utc_now)
    acts = PrivacyActs(
        privacy.requests,
        privacy.breaches,
        privacy.packs,
        recorder=ground.recorder,
        atomically=ground.database.transaction,
        clock=utc_now,
    )
    return Protecting(
        privacy=privacy,
        acts=acts,
        packages=EvidencePackages(
            evidence_of(ground, stores), stores.audit, approvals=approvals, recorder=ground.recorder, clock=utc_now
        ),
        access_requests=requests,
        agreement_acts=AgreementActs(
            ground.agreements,
            requests,
            recorder=ground.recorder,
            atomically=ground.database.transaction,
            clock=utc_now,
        ),
        chores=(agreed.chore(ground.settings.agreements.watch_at), *watch.chores()),
    )


def _privacy(ground: Ground, stores: Stores, approvals: Approvals) -> Privacy:
    law = Law(calendar=load_calendar(), packs=load_packs())
    index = PostgresSubjects(ground.database, stores.audit)
    proofs = TreeProofs(stores.audit, public_key=ground.keyring.public_key)

    def subject(tenant: str, number: str) -> bytes:
        return subject_digest(number, ground.keyring, tenant=tenant)

    erasure = LogErasure(
        index, stores.audit, approvals=approvals, term=_term(ground), recorder=ground.recorder, clock=utc_now
    )
    return Privacy(
        reports=AccessReports(index, proofs, subject=subject, recorder=ground.recorder, clock=utc_now),
        requests=PersonRequests(stores.office.data_requests, subject=subject, erasure=erasure, law=law, clock=utc_now),
        breaches=Breaches(stores.office.breaches, law=law, clock=utc_now),
        packs=BreachPacks(
            stores.audit,
            index,
            proofs=proofs,
            fields=fields_of(ground),
            approvals=approvals,
            sealer=ground.keyring,
            settings=ground.settings.privacy,
            clock=utc_now,
        ),
        settings=ground.settings.privacy,
    )


def fields_of(ground: Ground) -> Fields:
    """The mappings of what is configured, and the classification of their fields."""
    systems = ground.exchange.systems
    return Fields({name: system.mappings for name, system in systems.items()}, kinds_of(ground))


async def picture(ground: Ground, stores: Stores) -> Picture:
    """All that the impact assessment is made from."""
    settings, now = ground.settings, utc_now()
    book = load_purposes(settings.restraint.purposes, made_up=settings.sandbox)
    allowances = [book.allowance(name, local_day(now)) for name in book.procedures]
    return Picture(
        tenant=ground.tenant,
        made_at=now,
        systems=ground.exchange.systems,
        fields=fields_of(ground),
        allowances=[allowance for allowance in allowances if allowance],
        agreements=await stores.agreements.listed(ground.tenant),
        recipients=await _recipients(ground, stores),
        protections=_protections(ground),
        retention=_retention(ground),
        settings=settings.privacy,
    )


async def _recipients(ground: Ground, stores: Stores) -> Sequence[Recipient]:
    return [
        Recipient(
            client=client.client_id,
            title=client.title,
            scopes=tuple(sorted(scope.value for scope in client.scopes)),
            agencies=client.agencies,
        )
        for client in await stores.clients.all(ground.tenant)
        if client.revoked_at is None
    ]


def _protections(ground: Ground) -> Mapping[str, Sequence[str]]:
    return {
        name: [f"{rule.scheme} ({rule.direction}, từ {rule.since:%d/%m/%Y})" for rule in rules]
        for name, rules in ground.settings.protection.items()
    }


def _retention(ground: Ground) -> Mapping[str, str]:
    settings = ground.settings
    copies = {
        f"Bản lưu tạm câu trả lời {rule.operation}": f"{rule.seconds} giây ({rule.basis})" for rule in settings.cache
    }
    return {
        "Nhật ký giao dịch (không có dữ liệu cá nhân)": "không xoá; tối thiểu 365 ngày theo luật",
        **{f"Nội dung trao đổi: {kind.value}": f"{days.days} ngày" for kind, days in settings.retention.kept.items()},
        "Yêu cầu xác thực lại": f"{settings.rechecks.keep_days} ngày sau khi kết thúc",
        "Dấu vết tra cứu để giới hạn (mã băm)": f"{settings.restraint.keep_days} ngày",
        **copies,
    }


def _term(ground: Ground) -> Callable[[Seen], timedelta]:
    """What the law keeps: logs for a year, accounting documents for longer (`[retention]`)."""
    own = ground.settings.retention

    def term(leaf: Seen) -> timedelta:
        money = kind_of(leaf.kind, leaf.operation) is DataKind.MONEY
        return timedelta(days=own.money_days if money else LEAST_DAYS)

    return term
