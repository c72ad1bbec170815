"""Tell a client that its recheck ended, in the manner of Standard Webhooks (https://www.standardwebhooks.com), without
a word about a person: whoever wants to know the verdict asks for it with its own key.

Where bytes may go. The address is set by an operator on the command line, never by a caller of the API. It is https, so
that the certificate proves who is there, whatever a name server says; plain http only to this very machine. Addresses
that no receiver has (link-local ones, where clouds keep their secrets; multicast; unspecified) are refused. Redirects,
proxies and cookies are not followed (`HttpTransport`), and of the answer nothing but its status is used.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

import orjson

from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.exchange.transport import Transport
from gateway.observability import continue_trace
from gateway.rechecks.model import Recheck
from gateway.rechecks.store import ReceiverStore
from gateway.sdk import ConfigurationError, GatewayError, TransientRemoteError, WireReply, WireRequest
from gateway.sdk.errors import UnprocessableError
from gateway.sdk.replies import retry_after_s

PREFIX = "whsec_"
LONGEST_URL = 500
REFUSED = "partner.callback_refused"
"""What a receiver said that is there and did not say 2xx."""
LOCAL = "localhost"
NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?", re.ASCII)
"""A host. Its last part begins with a letter: 127.1, 2130706433 and 0x7f000001 are spellings of addresses."""


def new_secret() -> bytes:
    """256 bits of chance."""
    return secrets.token_bytes(32)


def shown(secret: bytes) -> str:
    """As the receiver is configured with it."""
    return PREFIX + base64.b64encode(secret).decode()


def check_address(url: str) -> str:
    """The address, or `UnprocessableError` that says what an address must be."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or not {" ", "\\"}.isdisjoint(url):
        raise _no_address()
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as exc:
        raise _no_address() from exc
    if not parts.hostname or parts.username is not None or parts.password is not None or parts.fragment:
        raise _no_address()
    if parts.scheme not in {"https", "http"} or not _is_reachable(parts):
        raise _no_address()
    return url


def body_of(recheck: Recheck) -> bytes:
    """The same bytes at each try, so that a receiver may compare repeats."""
    document = {
        "type": f"recheck.{recheck.state.value}",
        "recheck_id": recheck.recheck_id,
        "dossier_code": recheck.dossier_code,
        "operation": recheck.operation.value,
        "state": recheck.state.value,
        "at": recheck.ended_at.isoformat() if recheck.ended_at else None,
    }
    return orjson.dumps(document)


def signature(secret: bytes, *, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64>` of HMAC-SHA-256 over `<id>.<timestamp>.<body>`."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


class Callbacks:
    """Makes one call and leaves its leaf."""

    def __init__(
        self, receivers: ReceiverStore, transport: Transport, recorder: Recorder, *, clock: Callable[[], datetime]
    ) -> None:
        self._receivers = receivers
        self._transport = transport
        self._recorder = recorder
        self._clock = clock

    async def call(self, recheck: Recheck) -> None:
        """Returns once the receiver said 2xx and the leaf of it is durable; raises `GatewayError` otherwise."""
        request = await self._prepare(recheck)
        facts: dict[str, str | int] = {"recheck_id": recheck.recheck_id, "try": recheck.callback_tries + 1}
        try:
            reply = await self._transport.send(request)
            facts["http_status"] = reply.status
            _check(reply)
        except GatewayError as exc:
            await self._recorder.record(self._entry(recheck, request, outcome=exc.error_code, facts=facts))
            raise
        await self._recorder.record(self._entry(recheck, request, outcome="answered", facts=facts))

    async def _prepare(self, recheck: Recheck) -> WireRequest:
        receiver = await self._receivers.find(recheck.tenant, recheck.client_id)
        if receiver is None:
            raise ConfigurationError(
                "The client has no callback address any more.",
                vi="Hệ thống gọi không còn địa chỉ nhận thông báo.",
                what="no_receiver",
            )
        body = body_of(recheck)
        timestamp = int(self._clock().timestamp())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": recheck.recheck_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(
                receiver.secret, message_id=recheck.recheck_id, timestamp=timestamp, body=body
            ),
            "traceparent": continue_trace(recheck.trace_id).traceparent,
        }
        return WireRequest(method="POST", url=receiver.url, headers=headers, content=body)

    def _entry(self, recheck: Recheck, request: WireRequest, *, outcome: str, facts: Mapping[str, str | int]) -> Entry:
        return Entry(
            kind=EntryKind.EXCHANGE,
            tenant=recheck.tenant,
            actor="worker",
            operation="call_client",
            outcome=outcome,
            occurred_at=self._clock(),
            trace_id=recheck.trace_id,
            system=f"client:{recheck.client_id}",
            reference=recheck.dossier_code,
            facts=facts,
            bodies={"request_sent": request.content},
        )


def _check(reply: WireReply) -> None:
    if not 200 <= reply.status < 300:
        raise TransientRemoteError(
            f"The client's receiver answered HTTP {reply.status}.",
            vi=f"Nơi nhận thông báo của hệ thống gọi trả lời HTTP {reply.status}",
            what="callback_refused",
            retry_after_s=retry_after_s(reply),
        )


def _is_reachable(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bool(NAME.fullmatch(host)) and (parts.scheme == "https" or host == LOCAL)
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    if mapped.is_loopback:
        return True
    if mapped.is_link_local or mapped.is_multicast or mapped.is_unspecified or mapped.is_reserved:
        return False
    return parts.scheme == "https"


def _no_address() -> UnprocessableError:
    return UnprocessableError(
        "A callback address is an https URL without user, password or fragment (http only on this machine: 127.0.0.1, "
        "::1, localhost), and not link-local, multicast or unspecified.",
        vi="Địa chỉ nhận thông báo phải là https, không kèm tài khoản hay #; http chỉ dùng trên chính máy này "
        "(127.0.0.1, ::1, localhost); không nhận địa chỉ link-local, multicast hoặc bỏ trống.",
        what="callback_address",
    )
