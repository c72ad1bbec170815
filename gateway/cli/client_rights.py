"""`lienthong clients …`: what a client may do, how it comes in, its keys over time, and the yearly review."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.table import Table

from gateway.bootstrap import Gateway, utc_now
from gateway.cli.clients import Name
from gateway.cli.output import console
from gateway.cli.session import record_act, with_gateway
from gateway.clients.model import Client, Scope
from gateway.clients.ways import check_networks, check_ways, pin_of
from gateway.domain import VIETNAM
from gateway.sdk.errors import NotFoundError, UnprocessableError

ALL = "all"
UNUSED = timedelta(days=90)
"""A right or a client that was not used for so long stands out in the review."""
ENDS_SOON = timedelta(days=30)

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
    wanted = {field: () if values == [ALL] else tuple(sorted(set(values))) for field, values in given.items() if values}
    if "networks" in wanted:
        wanted["networks"] = check_networks(wanted["networks"])
    _check_operations(wanted.get("operations", ()))

    facts = {field: " ".join(values) or ALL for field, values in wanted.items()}

    def limited(client: Client) -> Client:
        ours: dict[str, Any] = wanted
        return replace(client, **ours)

    _change(name, limited, facts=facts)


@app.command()
def scope(
    name: Name,
    *,
    add: Annotated[list[Scope] | None, typer.Option(help="What it may do from now on. Thêm quyền.")] = None,
    remove: Annotated[list[Scope] | None, typer.Option(help="What it may do no more. Bớt quyền.")] = None,
) -> None:
    """Give scopes to a client or take them away, at once. Thêm, bớt quyền."""

    def changed(client: Client) -> Client:
        return replace(client, scopes=(client.scopes | set(add or ())) - set(remove or ()))

    _change(name, changed, facts={"added": " ".join(sorted(add or ())), "removed": " ".join(sorted(remove or ()))})


@app.command()
def quota(
    name: Name,
    *,
    per_minute: Annotated[int, typer.Option(min=0, help="Calls a minute; 0: as the settings say. Mỗi phút.")] = 0,
    per_day: Annotated[int, typer.Option(min=0, help="Calls a day; 0: as the settings say. Mỗi ngày.")] = 0,
) -> None:
    """How often a client may call. Hạn mức số lần gọi."""

    def limited(client: Client) -> Client:
        return replace(client, per_minute=per_minute or None, per_day=per_day or None)

    _change(name, limited, facts={"per_minute": per_minute, "per_day": per_day})


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
    more = check_ways([*(add or ()), *pinned])

    def changed(client: Client) -> Client:
        after = replace(client, ways=check_ways((set(client.ways) | set(more)) - set(remove or ())))
        if not no_key:
            return after
        return replace(after, secret_digest=b"", earlier_digest=b"", secret_until=None, earlier_until=None)

    facts = {"added": len(more), "removed": len(remove or ()), "keys_closed": int(no_key)}
    _change(name, changed, facts=facts)


@app.command()
def rotate(
    name: Name,
    *,
    overlap_hours: Annotated[float, typer.Option(min=0, help="The key before it opens for so long. Khoá cũ.")] = 72.0,
    valid_days: Annotated[int, typer.Option(min=0, help="The new key ends then; 0: never. Hạn khoá mới.")] = 0,
) -> None:
    """Make a new key, shown once, while the one before it still opens for a while. Đổi khoá, có chuyển tiếp."""

    async def act(gateway: Gateway) -> str:
        until = utc_now() + timedelta(days=valid_days) if valid_days else None
        async with gateway.ground.database.transaction():
            client = await _client(gateway, name)
            key = await gateway.able.authenticator.rotate(client, overlap=timedelta(hours=overlap_hours), until=until)
            facts: dict[str, str | int] = {"overlap_hours": round(overlap_hours), "valid_days": valid_days}
            await record_act(gateway, "rotate_client_key", reference=name, facts=facts)
        return key

    typer.echo(with_gateway(act))


@app.command()
def review() -> None:
    """For the yearly review of rights: clients and scopes that nobody uses, keys that end or never do. Rà soát."""

    async def act(gateway: Gateway) -> Table:
        table = Table("client", "last called on", "finding")
        for client, last, findings in await _reviewed(gateway):
            table.add_row(client, last, "\n".join(findings) or "ok")
        await record_act(gateway, "review_clients", reference="", facts={"clients": table.row_count})
        return table

    console.print(with_gateway(act))


class Reviewed(NamedTuple):
    """One client as the review sees it."""

    client: str
    last: str
    findings: list[str]


async def _reviewed(gateway: Gateway) -> list[Reviewed]:
    days = await gateway.stores.usage.last_days(gateway.tenant)
    rights = await gateway.stores.usage.rights(gateway.tenant)
    found, now = [], utc_now()
    for client in await gateway.stores.clients.all(gateway.tenant):
        if client.revoked_at is not None:
            continue
        last = days.get(client.client_id)
        findings = [] if last and now - last < UNUSED else [f"not used for {UNUSED.days} days / không dùng"]
        since = (now - UNUSED).astimezone(VIETNAM).date()
        for right in sorted(client.scopes):
            used = rights.get((client.client_id, right.value))
            if used is None or used < since:
                findings.append(f"scope not used / quyền không dùng: {right.value}")
        findings += _about_keys(client)
        found.append(Reviewed(client.client_id, f"{last.astimezone(VIETNAM):%Y-%m-%d}" if last else "never", findings))
    return found


def _about_keys(client: Client) -> list[str]:
    findings, now = [], utc_now()
    if client.secret_digest and client.secret_until is None:
        findings.append("key without an end / khoá không có hạn")
    elif client.secret_until and client.secret_until <= now:
        findings.append("key has ended / khoá đã hết hạn")
    elif client.secret_until and client.secret_until - now < ENDS_SOON:
        findings.append(f"key ends / khoá sắp hết hạn: {client.secret_until:%Y-%m-%d}")
    if not (client.agencies or client.procedures or client.networks):
        findings.append("no limit but scopes / không giới hạn cơ quan, thủ tục, mạng")
    return findings


async def _client(gateway: Gateway, name: str) -> Client:
    """Held until the transaction ends: what one administrator takes away, another must not give back unawares."""
    client = await gateway.stores.clients.held(gateway.tenant, name)
    if client is None or client.revoked_at is not None:
        raise NotFoundError("No such client, or it is revoked.", vi="Không có hệ thống này hoặc đã bị thu hồi.")
    return client


def _change(name: str, change: Callable[[Client], Client], *, facts: Mapping[str, str | int]) -> None:
    """Rights change at once, and the change is a leaf (SEC-12)."""

    async def act(gateway: Gateway) -> None:
        async with gateway.ground.database.transaction():
            await gateway.stores.clients.change(change(await _client(gateway, name)))
            await record_act(gateway, "change_client", reference=name, facts=facts)

    with_gateway(act)
    typer.echo(f"{name}: changed. Đã thay đổi.")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise UnprocessableError(
            f"{path.name} cannot be read: {exc.strerror}.", vi=f"Không đọc được {path.name}.", what="client_way"
        ) from exc


def _check_operations(operations: tuple[str, ...]) -> None:
    from gateway.api.app import build

    paths = build(None).openapi()["paths"].values()
    known = {operation["operationId"] for path in paths for operation in path.values()}
    if not known.issuperset(operations):
        raise UnprocessableError(
            "No such operation; the ids stand in /openapi.json.",
            vi="Không có nghiệp vụ này; xem operationId trong /openapi.json.",
            what="no_such_operation",
        )
