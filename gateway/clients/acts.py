"""What administrators do with clients: each act changes at once, and is one leaf with it (SEC-04, SEC-12)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from gateway.audit.acts import Act
from gateway.audit.recorder import Recorder
from gateway.callbacks.address import check_address
from gateway.callbacks.call import new_secret, shown
from gateway.callbacks.model import Receiver
from gateway.callbacks.store import ReceiverStore
from gateway.clients.authenticate import CLIENT_ID, Authenticator
from gateway.clients.model import Client, Scope
from gateway.clients.store import Clients
from gateway.clients.ways import check_networks, check_ways
from gateway.domain import Context
from gateway.sdk.errors import NotFoundError, UnprocessableError

LIMITS = ("agencies", "procedures", "operations", "networks")
MOST, LONGEST = 200, 100
ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClient:
    """`agencies`: none: all of the tenant. `callback`: where it is called; empty: nowhere."""

    client_id: str
    scopes: Collection[Scope]
    title: str = ""
    agencies: Collection[str] = ()
    callback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownOnce:
    """Kept nowhere. `callback_secret`: what calls to it are signed with; empty: it is not called."""

    key: str = field(repr=False)
    callback_secret: str = field(default="", repr=False)


class ClientActs:
    """Việc quản trị hệ thống gọi. `operations`: the ids that a client may be limited to."""

    def __init__(
        self,
        clients: Clients,
        authenticator: Authenticator,
        receivers: ReceiverStore,
        *,
        recorder: Recorder,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        operations: Callable[[], Collection[str]],
        clock: Callable[[], datetime],
    ) -> None:
        self._clients = clients
        self._authenticator = authenticator
        self._receivers = receivers
        self._recorder = recorder
        self._atomically = atomically
        self._operations = operations
        self._clock = clock

    async def add(self, new: NewClient, *, context: Context) -> ShownOnce:
        """`ConflictError`: the id is taken. `UnprocessableError`: it is none, or the callback's address is none."""
        address = check_address(new.callback) if new.callback else ""
        if not CLIENT_ID.fullmatch(new.client_id):
            raise UnprocessableError(
                "A client id has small letters, digits and dashes, 40 at most.",
                vi="Mã hệ thống chỉ gồm chữ thường, chữ số và dấu gạch ngang, tối đa 40 ký tự.",
            )
        _check_words([new.title, *new.agencies])
        given: dict[str, Any] = {"scopes": new.scopes, "title": new.title, "agencies": tuple(new.agencies)}
        async with self._atomically():
            key = await self._authenticator.issue(context.tenant, new.client_id, **given)
            facts = {"scopes": " ".join(sorted(new.scopes))}
            await self._told("add_client", reference=new.client_id, facts=facts, context=context)
            secret = await self._register(new.client_id, address, context=context) if address else ""
        return ShownOnce(key=key, callback_secret=secret)

    async def set_callback(self, client_id: str, url: str, *, context: Context) -> str:
        """The secret, new each time, as the receiver is configured with it. `NotFoundError`: no such client."""
        address = check_address(url)
        async with self._atomically():
            await self._held(client_id, context)
            return await self._register(client_id, address, context=context)

    async def remove_callback(self, client_id: str, *, context: Context) -> bool:
        """Call it no more. False: it was not called."""
        async with self._atomically():
            await self._held(client_id, context)
            removed = await self._receivers.remove(context.tenant, client_id)
            if removed:
                await self._told("remove_callback", reference=client_id, facts={}, context=context)
        return removed

    async def revoke(self, client_id: str, *, context: Context) -> None:
        """At once, by key, certificate and token; it is called no more. `NotFoundError`: it is revoked already."""
        async with self._atomically():
            if not await self._clients.revoke(context.tenant, client_id, at=self._clock()):
                raise _unknown()
            removed = await self._receivers.remove(context.tenant, client_id)
            facts = {"callbacks_removed": int(removed)}
            await self._told("revoke_client", reference=client_id, facts=facts, context=context)

    async def limit(self, client_id: str, wanted: Mapping[str, Collection[str]], *, context: Context) -> None:
        """Each of `LIMITS` that is given replaces what was set; an empty one limits nothing."""
        limits = {name: tuple(sorted(set(wanted[name]))) for name in LIMITS if name in wanted}
        _check_words([word for words in limits.values() for word in words])
        if "networks" in limits:
            limits["networks"] = check_networks(limits["networks"])
        if limits.get("operations") and not set(self._operations()).issuperset(limits["operations"]):
            raise UnprocessableError(
                "No such operation; the ids stand in /openapi.json.",
                vi="Không có nghiệp vụ này; xem operationId trong /openapi.json.",
                what="no_such_operation",
            )
        facts = {name: " ".join(values) or ALL for name, values in limits.items()}
        ours: dict[str, Any] = dict(limits)
        await self._change(client_id, lambda client: replace(client, **ours), facts=facts, context=context)

    async def scope(
        self, client_id: str, *, add: Collection[Scope] = (), remove: Collection[Scope] = (), context: Context
    ) -> None:
        facts = {"added": " ".join(sorted(add)), "removed": " ".join(sorted(remove))}

        def changed(client: Client) -> Client:
            return replace(client, scopes=(client.scopes | set(add)) - set(remove))

        await self._change(client_id, changed, facts=facts, context=context)

    async def quota(self, client_id: str, *, per_minute: int, per_day: int, context: Context) -> None:
        """0: as the settings say."""

        def limited(client: Client) -> Client:
            return replace(client, per_minute=per_minute or None, per_day=per_day or None)

        facts = {"per_minute": per_minute, "per_day": per_day}
        await self._change(client_id, limited, facts=facts, context=context)

    async def ways(
        self, client_id: str, *, add: Collection[str] = (), remove: Collection[str] = (), context: Context
    ) -> None:
        """Certificates and token subjects, as `gateway.clients.ways` writes them."""
        more = check_ways(add)

        def changed(client: Client) -> Client:
            return replace(client, ways=check_ways((set(client.ways) | set(more)) - set(remove)))

        facts = {"added": len(more), "removed": len(remove), "keys_closed": 0}
        await self._change(client_id, changed, facts=facts, context=context)

    async def close_keys(self, client_id: str, *, context: Context) -> None:
        """Its keys open no more; certificates and tokens do."""

        def closed(client: Client) -> Client:
            return replace(client, secret_digest=b"", earlier_digest=b"", secret_until=None, earlier_until=None)

        facts = {"added": 0, "removed": 0, "keys_closed": 1}
        await self._change(client_id, closed, facts=facts, context=context)

    async def rotate(self, client_id: str, *, overlap: timedelta, valid_days: int, context: Context) -> str:
        """A new key, shown once; the one before it opens for `overlap` more. `valid_days`: 0: it does not end."""
        until = self._clock() + timedelta(days=valid_days) if valid_days else None
        async with self._atomically():
            client = await self._held(client_id, context)
            key = await self._authenticator.rotate(client, overlap=overlap, until=until)
            facts = {"overlap_hours": round(overlap.total_seconds() / 3600), "valid_days": valid_days}
            await self._told("rotate_client_key", reference=client_id, facts=facts, context=context)
        return key

    async def reviewed(self, count: int, *, context: Context) -> None:
        """A person went through the review of so many clients."""
        await self._told("review_clients", reference="", facts={"clients": count}, context=context)

    async def _change(
        self,
        client_id: str,
        change: Callable[[Client], Client],
        *,
        facts: Mapping[str, str | int],
        context: Context,
    ) -> None:
        async with self._atomically():
            await self._clients.change(change(await self._held(client_id, context)))
            await self._told("change_client", reference=client_id, facts=facts, context=context)

    async def _held(self, client_id: str, context: Context) -> Client:
        """Until the transaction ends: what one administrator takes away, another must not give back unawares."""
        client = await self._clients.held(context.tenant, client_id)
        if client is None or client.revoked_at is not None:
            raise _unknown()
        return client

    async def _told(self, operation: str, *, reference: str, facts: Mapping[str, str | int], context: Context) -> None:
        act = Act(operation=operation, reference=reference, facts=facts)
        await self._recorder.record(act.entry(context, at=self._clock()))

    async def _register(self, client_id: str, url: str, *, context: Context) -> str:
        secret = new_secret()
        await self._receivers.put(Receiver(tenant=context.tenant, client_id=client_id, url=url, secret=secret))
        facts = {"host": urlsplit(url).netloc}
        await self._told("set_callback", reference=client_id, facts=facts, context=context)
        return shown(secret)


def _check_words(words: Collection[str]) -> None:
    if len(words) > MOST or any(len(word) > LONGEST or not word.isprintable() for word in words):
        raise UnprocessableError(
            f"At most {MOST} entries of {LONGEST} printable characters.",
            vi=f"Tối đa {MOST} mục, mỗi mục tối đa {LONGEST} ký tự in được.",
            what="client_limit",
        )


def _unknown() -> NotFoundError:
    return NotFoundError(
        "No such client, or it is revoked already.", vi="Không có hệ thống này hoặc khoá đã bị thu hồi."
    )
