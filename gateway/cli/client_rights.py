"""`lienthong clients …`: what a client may do, how it comes in, its keys over time, and the yearly review."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway, utc_now
from gateway.cli.clients import Name
from gateway.cli.output import console
from gateway.cli.session import acting, with_gateway
from gateway.clients.acts import ALL, ClientActs
from gateway.clients.model import Scope
from gateway.clients.review import WORDS, Finding, Used, findings_of
from gateway.clients.ways import pin_of
from gateway.domain import VIETNAM, Context
from gateway.operators.model import Right
from gateway.sdk.errors import UnprocessableError

app = typer.Typer()
Values = list[str] | None


@app.command()
def limit(
    name: Name,
    *,
    agency: Annotated[Values, typer.Option(help="Only these agencies; `all`: every one. Chỉ các cơ quan này.")] = None,
    procedure: Annotated[Values, typer.Option(help="Only these procedures, or `all`. Chỉ các thủ tục này.")] = None,
    operation: Annotated[
        Values, typer.Option(help="Only these operation ids, or `all`. Chỉ các nghiệp vụ này.")
    ] = None,
    network: Annotated[
        Values, typer.Option(help="Only from these networks (CIDR), or `all`. Chỉ các mạng này.")
    ] = None,
) -> None:
    """Narrow what a client may do; each option that is given replaces what was set. Giới hạn quyền của hệ thống gọi."""
    given = {"agencies": agency, "procedures": procedure, "operations": operation, "networks": network}
    wanted = {field: () if values == [ALL] else tuple(values) for field, values in given.items() if values}
    _do(name, lambda acts, context: acts.limit(name, wanted, context=context))


@app.command()
def scope(
    name: Name,
    *,
    add: Annotated[list[Scope] | None, typer.Option(help="What it may do from now on. Thêm quyền.")] = None,
    remove: Annotated[list[Scope] | None, typer.Option(help="What it may do no more. Bớt quyền.")] = None,
) -> None:
    """Give scopes to a client or take them away, at once. Thêm, bớt quyền."""
    _do(name, lambda acts, context: acts.scope(name, add=add or (), remove=remove or (), context=context))


@app.command()
def quota(
    name: Name,
    *,
    per_minute: Annotated[int, typer.Option(min=0, help="Calls a minute; 0: as the settings say. Mỗi phút.")] = 0,
    per_day: Annotated[int, typer.Option(min=0, help="Calls a day; 0: as the settings say. Mỗi ngày.")] = 0,
) -> None:
    """How often a client may call. Hạn mức số lần gọi."""
    _do(name, lambda acts, context: acts.quota(name, per_minute=per_minute, per_day=per_day, context=context))


@app.command()
def ways(
    name: Name,
    *,
    certificate: Annotated[
        list[Path] | None, typer.Option(help="PEM whose public key is pinned. Ghim chứng thư số.")
    ] = None,
    add: Annotated[Values, typer.Option(help="cert:…, spki:…, subject:…;issuer:… or token:…. Thêm cách vào.")] = None,
    remove: Annotated[Values, typer.Option(help="One of those that `list` shows. Bỏ cách vào.")] = None,
    no_key: Annotated[bool, typer.Option("--no-key", help="Its keys open no more. Huỷ khoá.")] = False,
) -> None:
    """How a client comes in beside its key: certificates (mTLS) and token subjects (OAuth2). Cách đăng nhập khác."""
    pinned = [pin_of(_read(path)) for path in certificate or ()]
    more = [*(add or ()), *pinned]

    async def changed(acts: ClientActs, context: Context) -> None:
        if more or remove or not no_key:
            await acts.ways(name, add=more, remove=remove or (), context=context)
        if no_key:
            await acts.close_keys(name, context=context)

    _do(name, changed)


@app.command()
def rotate(
    name: Name,
    *,
    overlap_hours: Annotated[float, typer.Option(min=0, help="The key before it opens for so long. Khoá cũ.")] = 72.0,
    valid_days: Annotated[int, typer.Option(min=0, help="The new key ends then; 0: never. Hạn khoá mới.")] = 0,
) -> None:
    """Make a new key, shown once, while the one before it still opens for a while. Đổi khoá, có chuyển tiếp."""

    async def act(gateway: Gateway) -> str:
        overlap = timedelta(hours=overlap_hours)
        acts, context = gateway.able.client_acts, acting(gateway)
        return await acts.rotate(name, overlap=overlap, valid_days=valid_days, context=context)

    typer.echo(with_gateway(act, right=Right.ADMINISTER))


@app.command()
def review() -> None:
    """For the yearly review of rights: clients and scopes that nobody uses, keys that end or never do. Rà soát."""

    async def act(gateway: Gateway) -> Table:
        table = Table("client", "last called on", "finding")
        usage, now = gateway.stores.usage, utc_now()
        used = Used(days=await usage.last_days(gateway.tenant), rights=await usage.rights(gateway.tenant))
        for client in await gateway.stores.clients.all(gateway.tenant):
            if client.revoked_at is None:
                last = used.days.get(client.client_id)
                day = f"{last.astimezone(VIETNAM):%Y-%m-%d}" if last else "never"
                findings = map(_told, findings_of(client, used, at=now))
                table.add_row(client.client_id, day, "\n".join(findings) or "ok")
        await gateway.able.client_acts.reviewed(table.row_count, context=acting(gateway))
        return table

    console.print(with_gateway(act, right=Right.ADMINISTER))


def _told(finding: Finding) -> str:
    vietnamese, english = WORDS[finding.kind]
    return f"{english} / {vietnamese}" + (f": {finding.about}" if finding.about else "")


def _do(name: str, act: Callable[[ClientActs, Context], Awaitable[None]]) -> None:
    """Rights change at once, and the change is a leaf (SEC-12)."""

    async def inside(gateway: Gateway) -> None:
        await act(gateway.able.client_acts, acting(gateway))

    with_gateway(inside, right=Right.ADMINISTER)
    typer.echo(f"{name}: changed. Đã thay đổi.")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise UnprocessableError(
            f"{path.name} cannot be read: {exc.strerror}.", vi=f"Không đọc được {path.name}.", what="client_way"
        ) from exc
