"""How news leaves: a mail over TLS, or a call in the manner of Standard Webhooks."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol

import aiosmtplib

from gateway.alerts import words
from gateway.alerts.model import Receiver, Telling
from gateway.alerts.settings import SmtpSettings
from gateway.callbacks.call import signature
from gateway.exchange.transport import Transport
from gateway.sdk import ConfigurationError, TransientRemoteError, WireRequest
from gateway.sdk.replies import retry_after_s


class Way(Protocol):
    """One channel."""

    async def send(self, telling: Telling, receiver: Receiver) -> None:
        """Returns once it was taken; `GatewayError` otherwise."""


class Mail:
    """By SMTP. The server's certificate is verified; there is no way without TLS."""

    def __init__(self, own: SmtpSettings, *, tenant: str, public_url: str) -> None:
        self._own = own
        self._tenant = tenant
        self._public_url = public_url

    async def send(self, telling: Telling, receiver: Receiver) -> None:
        own = self._own
        if not own.host:
            raise ConfigurationError(
                "No mail server is set ([alerts.smtp]).",
                vi="Chưa cấu hình máy chủ thư ([alerts.smtp]).",
                what="no_mail_server",
            )
        try:
            await aiosmtplib.send(
                self.letter(telling, receiver),
                hostname=own.host,
                port=own.port,
                use_tls=own.tls == "tls",
                start_tls=own.tls == "starttls",
                username=own.username or None,
                password=own.password.get_secret_value() or None,
                tls_context=self._context(),
                timeout=own.timeout_s,
            )
        except (aiosmtplib.SMTPException, OSError) as exc:
            raise TransientRemoteError(
                "The mail server did not take the mail.", vi="Máy chủ thư không nhận thư", what="mail_refused"
            ) from exc

    def letter(self, telling: Telling, receiver: Receiver) -> EmailMessage:
        news, letter = telling.news, EmailMessage()
        letter["From"] = self._own.sender
        letter["To"] = receiver.address
        letter["Subject"] = words.heading(news)
        letter["Date"] = format_datetime(news.at)
        letter["Message-ID"] = f"<{telling.event_id}@{self._own.sender.rpartition('@')[2] or 'localhost'}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(words.letter(news, tenant=self._tenant, public_url=self._public_url))
        return letter

    def _context(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self._own.ca)
        except OSError as exc:
            raise ConfigurationError(
                "alerts.smtp.ca cannot be read.", vi="Không đọc được alerts.smtp.ca.", what="mail_ca"
            ) from exc


class Webhook:
    """The receiver knows a call again by its id, and that it is ours by its signature."""

    def __init__(self, transport: Transport, *, tenant: str, public_url: str, clock: Callable[[], datetime]) -> None:
        self._transport = transport
        self._tenant = tenant
        self._public_url = public_url
        self._clock = clock

    async def send(self, telling: Telling, receiver: Receiver) -> None:
        body = words.document(telling, tenant=self._tenant, public_url=self._public_url)
        timestamp = int(self._clock().timestamp())
        signed = signature(receiver.secret, message_id=telling.event_id, timestamp=timestamp, body=body)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": telling.event_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signed,
        }
        request = WireRequest(method="POST", url=receiver.address, headers=headers, content=body)
        reply = await self._transport.send(request)
        if not 200 <= reply.status < 300:
            raise TransientRemoteError(
                f"The receiver of alerts answered HTTP {reply.status}.",
                vi=f"Nơi nhận tin trả lời HTTP {reply.status}",
                what="callback_refused",
                retry_after_s=retry_after_s(reply),
            )
