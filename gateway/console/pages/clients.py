"""The provincial systems that call us: what each may do, how it comes in, what it uses, and its keys."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Form, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.clients.acts import LIMITS, NewClient, ShownOnce
from gateway.clients.model import Client, Scope
from gateway.clients.review import WORDS, Finding, Used, about_key, findings_of
from gateway.clients.usage import windows_at
from gateway.clients.ways import pin_of
from gateway.console.visit import Visit, visit
from gateway.operators.model import Right
from gateway.sdk.errors import NotFoundError

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Administrator = Annotated[Visit, Depends(visit(Right.ADMINISTER))]
ClientId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Lines = Annotated[str, Field(max_length=20_500)]
HERE = "/console/clients"
MOST = 100
SCOPES: dict[Scope, tuple[str, str]] = {
    Scope.CITIZENS: ("Xác thực công dân", "Verify citizens"),
    Scope.CITIZENS_READ: ("Tra cứu công dân", "Look citizens up"),
    Scope.ENTERPRISES: ("Tra cứu doanh nghiệp", "Look enterprises up"),
    Scope.PAYMENTS: ("Lập và thu khoản nộp", "Make and collect bills"),
    Scope.PAYMENTS_READ: ("Xem thanh toán", "Read payments"),
    Scope.DOSSIERS: ("Gửi hồ sơ", "Send dossiers"),
    Scope.DOSSIERS_READ: ("Xem hồ sơ", "Read dossiers"),
    Scope.ARRIVALS: ("Nhận và xác nhận bản tin đến", "Take what arrives"),
    Scope.ARRIVALS_READ: ("Xem bản tin đến", "Read what arrives"),
    Scope.FILES_READ: ("Tải tệp", "Fetch files"),
    Scope.PROCEDURES: ("Xem thủ tục", "Read procedures"),
    Scope.FEEDBACK: ("Gửi phản ánh, kiến nghị", "Send feedback"),
    Scope.FEEDBACK_READ: ("Xem phản ánh, kiến nghị", "Read feedback"),
}
LIMIT_WORDS: dict[str, tuple[str, str]] = {
    "agencies": ("Cơ quan", "Agencies"),
    "procedures": ("Thủ tục", "Procedures"),
    "operations": ("Nghiệp vụ", "Operations"),
    "networks": ("Mạng", "Networks"),
}


class AddForm(BaseModel):
    """A new client. `agencies`: one in each line; none: all."""

    client_id: str = Field(max_length=40)
    title: str = Field(default="", max_length=100)
    scopes: list[Scope] = Field(min_length=1)
    agencies: Lines = ""
    callback: str = Field(default="", max_length=500)


class LimitForm(BaseModel):
    """One in each line; nothing: no limit."""

    agencies: Lines = ""
    procedures: Lines = ""
    operations: Lines = ""
    networks: Lines = ""


class ScopesForm(BaseModel):
    """What it may do from now on."""

    scopes: list[Scope] = Field(default=[])


class QuotaForm(BaseModel):
    """0: as the settings say."""

    per_minute: int = Field(default=0, ge=0, le=10_000_000)
    per_day: int = Field(default=0, ge=0, le=1_000_000_000)


class WayForm(BaseModel):
    """A way in, or the certificate whose key becomes one."""

    way: str = Field(default="", max_length=900)
    certificate: str = Field(default="", max_length=20_000)


class RotateForm(BaseModel):
    """`overlap_hours`: the key before it still opens; `valid_days`: 0: it does not end."""

    overlap_hours: float = Field(default=72, ge=0, le=2160)
    valid_days: int = Field(default=365, ge=0, le=3650)


class CallbackForm(BaseModel):
    """Where it is called."""

    url: str = Field(max_length=500)


class Row(NamedTuple):
    """One client in the list."""

    client: Client
    last: datetime | None
    minute: int
    day: int
    findings: list[Finding]


@router.get(HERE, name="clients")
async def clients(visitor: Viewer, after: Annotated[str, Query(max_length=40)] = "") -> Response:
    """By id; those beyond `after`. What is revoked is there, too: its id stands in the log."""
    desk, tenant, now = visitor.desk.admin.clients, visitor.tenant, visitor.desk.services.clock()
    found = [client for client in await desk.store.all(tenant) if client.client_id > after]
    used = await _used(visitor)
    counts = await desk.usage.now(tenant, windows_at(now))
    rows = [
        Row(
            client,
            used.days.get(client.client_id),
            counts.get((client.client_id, "minute"), 0),
            counts.get((client.client_id, "day"), 0),
            [] if client.revoked_at else list(findings_of(client, used, at=now)),
        )
        for client in found[:MOST]
    ]
    return visitor.page("clients/index.html", rows=rows, more=len(found) > MOST, **_words(visitor))


@router.post(f"{HERE}/review", name="clients_review")
async def review(visitor: Administrator) -> Response:
    """That a person went through the findings is a leaf (SEC-12)."""
    desk = visitor.desk.admin.clients
    active = [client for client in await desk.store.all(visitor.tenant) if client.revoked_at is None]
    await desk.acts.reviewed(len(active), context=visitor.context)
    return visitor.back(HERE, vi="Đã ghi nhận lần rà soát.", en="The review is noted.")


@router.get(f"{HERE}/new", name="clients_new")
async def new(visitor: Administrator) -> Response:
    return visitor.page("clients/new.html", **_words(visitor))


@router.post(HERE, name="clients_add")
async def add(visitor: Administrator, form: Annotated[AddForm, Form()]) -> Response:
    """What the answer shows is shown once, and kept nowhere."""
    visitor.about(form.client_id)
    wanted = NewClient(
        client_id=form.client_id,
        title=form.title.strip(),
        scopes=form.scopes,
        agencies=_lines(form.agencies),
        callback=form.callback.strip(),
    )
    made = await visitor.desk.admin.clients.acts.add(wanted, context=visitor.context)
    return _shown(visitor, form.client_id, made)


@router.get(f"{HERE}/{{client_id}}", name="clients_one")
async def one(visitor: Viewer, client_id: ClientId) -> Response:
    visitor.about(client_id)
    desk, tenant, now = visitor.desk.admin.clients, visitor.tenant, visitor.desk.services.clock()
    client = await desk.store.find(tenant, client_id)
    if client is None:
        raise NotFoundError("There is no such client.", vi="Không có hệ thống này.")
    used, counts = await _used(visitor), await desk.usage.now(tenant, windows_at(now))
    return visitor.page(
        "clients/one.html",
        client=client,
        limits={name: getattr(client, name) for name in LIMITS},
        last=used.days.get(client_id),
        used={scope: used.rights.get((client_id, scope.value)) for scope in Scope},
        counts={span: counts.get((client_id, span), 0) for span in ("minute", "day")},
        findings=[] if client.revoked_at else findings_of(client, used, at=now),
        key=about_key(client, at=now),
        callback=(await desk.receivers.addresses(tenant)).get(client_id, ""),
        **_words(visitor),
    )


@router.post(f"{HERE}/{{client_id}}/limit", name="clients_limit")
async def limit(visitor: Administrator, client_id: ClientId, form: Annotated[LimitForm, Form()]) -> Response:
    visitor.about(client_id)
    wanted = {name: _lines(getattr(form, name)) for name in LIMITS}
    await visitor.desk.admin.clients.acts.limit(client_id, wanted, context=visitor.context)
    return _back(visitor, client_id, vi="Đã đổi giới hạn, có hiệu lực ngay.", en="The limits hold at once.")


@router.post(f"{HERE}/{{client_id}}/scopes", name="clients_scopes")
async def scopes(visitor: Administrator, client_id: ClientId, form: Annotated[ScopesForm, Form()]) -> Response:
    visitor.about(client_id)
    wanted = set(form.scopes)
    acts, taken = visitor.desk.admin.clients.acts, set(Scope) - wanted
    await acts.scope(client_id, add=wanted, remove=taken, context=visitor.context)
    return _back(visitor, client_id, vi="Đã đổi quyền, có hiệu lực ngay.", en="The scopes hold at once.")


@router.post(f"{HERE}/{{client_id}}/quota", name="clients_quota")
async def quota(visitor: Administrator, client_id: ClientId, form: Annotated[QuotaForm, Form()]) -> Response:
    visitor.about(client_id)
    acts = visitor.desk.admin.clients.acts
    await acts.quota(client_id, per_minute=form.per_minute, per_day=form.per_day, context=visitor.context)
    return _back(visitor, client_id, vi="Đã đổi hạn mức.", en="The quota is changed.")


@router.post(f"{HERE}/{{client_id}}/ways", name="clients_add_way")
async def add_way(visitor: Administrator, client_id: ClientId, form: Annotated[WayForm, Form()]) -> Response:
    """Of a certificate the public key is pinned: one that is renewed on the same key needs no change here."""
    visitor.about(client_id)
    pinned = [pin_of(form.certificate.encode())] if form.certificate.strip() else []
    more = [*filter(None, (form.way.strip(),)), *pinned]
    await visitor.desk.admin.clients.acts.ways(client_id, add=more, context=visitor.context)
    return _back(visitor, client_id, vi="Đã thêm cách vào.", en="The way in is added.")


@router.post(f"{HERE}/{{client_id}}/ways/remove", name="clients_remove_way")
async def remove_way(visitor: Administrator, client_id: ClientId, form: Annotated[WayForm, Form()]) -> Response:
    visitor.about(client_id)
    await visitor.desk.admin.clients.acts.ways(client_id, remove=[form.way], context=visitor.context)
    return _back(visitor, client_id, vi="Đã bỏ cách vào.", en="The way in is removed.")


@router.post(f"{HERE}/{{client_id}}/keys/close", name="clients_close_keys")
async def close_keys(visitor: Administrator, client_id: ClientId) -> Response:
    visitor.about(client_id)
    await visitor.desk.admin.clients.acts.close_keys(client_id, context=visitor.context)
    return _back(visitor, client_id, vi="Khoá không còn dùng được.", en="Its keys open no more.")


@router.post(f"{HERE}/{{client_id}}/rotate", name="clients_rotate")
async def rotate(visitor: Administrator, client_id: ClientId, form: Annotated[RotateForm, Form()]) -> Response:
    """What the answer shows is shown once, and kept nowhere."""
    visitor.about(client_id)
    key = await visitor.desk.admin.clients.acts.rotate(
        client_id,
        overlap=timedelta(hours=form.overlap_hours),
        valid_days=form.valid_days,
        context=visitor.context,
    )
    return _shown(visitor, client_id, ShownOnce(key=key))


@router.post(f"{HERE}/{{client_id}}/revoke", name="clients_revoke")
async def revoke(visitor: Administrator, client_id: ClientId) -> Response:
    visitor.about(client_id)
    await visitor.desk.admin.clients.acts.revoke(client_id, context=visitor.context)
    return _back(visitor, client_id, vi="Đã thu hồi: hệ thống này không vào được nữa.", en="It may come in no more.")


@router.post(f"{HERE}/{{client_id}}/callback", name="clients_callback")
async def callback(visitor: Administrator, client_id: ClientId, form: Annotated[CallbackForm, Form()]) -> Response:
    """What the answer shows is shown once, and kept nowhere."""
    visitor.about(client_id)
    acts = visitor.desk.admin.clients.acts
    secret = await acts.set_callback(client_id, form.url.strip(), context=visitor.context)
    return _shown(visitor, client_id, ShownOnce(key="", callback_secret=secret))


@router.post(f"{HERE}/{{client_id}}/callback/remove", name="clients_remove_callback")
async def remove_callback(visitor: Administrator, client_id: ClientId) -> Response:
    visitor.about(client_id)
    await visitor.desk.admin.clients.acts.remove_callback(client_id, context=visitor.context)
    return _back(visitor, client_id, vi="Thôi gọi báo cho hệ thống này.", en="It is called no more.")


async def _used(visitor: Visit) -> Used:
    usage = visitor.desk.admin.clients.usage
    return Used(days=await usage.last_days(visitor.tenant), rights=await usage.rights(visitor.tenant))


def _shown(visitor: Visit, client_id: str, made: ShownOnce) -> Response:
    return visitor.page("clients/shown.html", client_id=client_id, made=made)


def _back(visitor: Visit, client_id: str, *, vi: str, en: str) -> Response:
    return visitor.back(f"{HERE}/{client_id}", vi=vi, en=en)


def _lines(text: str) -> list[str]:
    return [line for each in text.splitlines() if (line := each.strip())]


def _words(visitor: Visit) -> dict[str, Any]:
    return {
        "scopes": SCOPES,
        "limit_words": LIMIT_WORDS,
        "words": WORDS,
        "desk": visitor.desk.admin.clients,
        "administers": visitor.may(Right.ADMINISTER),
    }
