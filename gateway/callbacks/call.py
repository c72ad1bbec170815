"""Call a client, in the manner of Standard Webhooks (https://www.standardwebhooks.com), and leave the leaf of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime

from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.callbacks.model import Facts, Message
from gateway.callbacks.store import ReceiverStore
from gateway.exchange.transport import Transport
from gateway.observability import continue_trace
from gateway.sdk import ConfigurationError, GatewayError, TransientRemoteError, WireReply, WireRequest
from gateway.sdk.replies import retry_after_s

PREFIX = "whsec_"
REFUSED = "partner.callback_refused"
"""What a receiver said that is there and did not say 2xx."""
NO_ANSWER = "partner.no_answer"
IN_TIME = 0.8
"""Part of the lease after which a call is abandoned, so that its end can still be written."""
PEACE_S = 30.0
"""A receiver that does not answer is left in peace for so long: what else it is to be told would hold up the others."""


def new_secret() -> bytes:
    """256 bits of chance."""
    return secrets.token_bytes(32)


def shown(secret: bytes) -> str:
    """As the receiver is configured with it."""
    return PREFIX + base64.b64encode(secret).decode()


def signature(secret: bytes, *, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64>` of HMAC-SHA-256 over `<id>.<timestamp>.<body>`."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


class Calls:
    """Makes one call and leaves its leaf."""

    def __init__(
        self, receivers: ReceiverStore, transport: Transport, recorder: Recorder, *, clock: Callable[[], datetime]
    ) -> None:
        self._receivers = receivers
        self._transport = transport
        self._recorder = recorder
        self._clock = clock

    async def call(self, message: Message) -> None:
        """Returns once the receiver said 2xx and the leaf of it is durable; raises `GatewayError` otherwise."""
        request = await self._prepare(message)
        facts = dict(message.facts)
        try:
            reply = await self._transport.send(request)
            facts["http_status"] = reply.status
            _check(reply)
        except GatewayError as exc:
            await self._recorder.record(self._entry(message, request, outcome=exc.error_code, facts=facts))
            raise
        await self._recorder.record(self._entry(message, request, outcome="answered", facts=facts))

    async def _prepare(self, message: Message) -> WireRequest:
        receiver = await self._receivers.find(message.tenant, message.client_id)
        if receiver is None:
            raise ConfigurationError(
                "The client has no callback address any more.",
                vi="Hệ thống gọi không còn địa chỉ nhận thông báo.",
                what="no_receiver",
            )
        name, body = message.message_id, message.body
        timestamp = int(self._clock().timestamp())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(receiver.secret, message_id=name, timestamp=timestamp, body=body),
            "traceparent": continue_trace(message.trace_id).traceparent,
        }
        return WireRequest(method="POST", url=receiver.url, headers=headers, content=body)

    def _entry(self, message: Message, request: WireRequest, *, outcome: str, facts: Facts) -> Entry:
        return Entry(
            kind=EntryKind.EXCHANGE,
            tenant=message.tenant,
            actor="worker",
            operation="call_client",
            outcome=outcome,
            occurred_at=self._clock(),
            trace_id=message.trace_id,
            system=f"client:{message.client_id}",
            reference=message.reference,
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
