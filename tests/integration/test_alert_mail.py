"""A real mail server of this machine: TLS that is verified, a password, and a mail that people can read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

import pytest
import pytest_asyncio
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from gateway.alerts.channels import Mail
from gateway.alerts.model import Channel, Happened, Metric, News, Receiver, Telling
from gateway.alerts.settings import SmtpSettings
from gateway.sdk import ConfigurationError, TransientRemoteError
from mocks._kit import pki

NOW = datetime(2026, 11, 27, 3, 4, 5, tzinfo=UTC)
PERSON = Receiver(name="Trực", channel=Channel.EMAIL, address="truc@tinh.example.vn")
NEWS = News(
    happened=Happened.RAISED,
    at=NOW,
    rule="Mất kết nối hệ thống quốc gia",
    metric=Metric.SUCCESS,
    subject="population",
    value=12.5,
    threshold=50,
)
TELLING = Telling(event_id="AL0001", receiver_id=1, news=NEWS, created_at=NOW, due=NOW)


class Mailbox:
    """Keeps the envelopes."""

    def __init__(self) -> None:
        self.envelopes: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.envelopes.append(envelope)
        return "250 OK"


def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, said: Any) -> AuthResult:
    is_ours = isinstance(said, LoginPassword) and (said.login, said.password) == (b"cong", b"mat-khau")
    return AuthResult(success=is_ours, handled=False)  # so that a refusal is said, and not waited for


@pytest.fixture
def authority() -> pki.Authority:
    return pki.root("Mail", pki.Wanted(**times()))


def times() -> dict[str, datetime]:
    """Of now: nobody asks a clock of ours whether a certificate holds."""
    now = datetime.now(UTC)
    return {"begins": now - timedelta(days=1), "ends": now + timedelta(days=1)}


@pytest_asyncio.fixture
async def server(authority: pki.Authority, tmp_path: Path) -> AsyncIterator[tuple[Mailbox, dict[str, Any]]]:
    holder = authority.issue("mail", pki.Wanted(hosts=("127.0.0.1",), extended=("server",), **times()))
    roots = authority.write_certificate(tmp_path / "roots.pem")
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(holder.write_pem(tmp_path / "mail.pem"))
    mailbox, loop = Mailbox(), asyncio.get_running_loop()

    def connection() -> SMTP:
        return SMTP(
            mailbox,
            hostname="mail",
            loop=loop,
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=authenticate,
        )

    listening = await loop.create_server(connection, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    own = {
        "host": "127.0.0.1",
        "port": port,
        "ca": roots,
        "username": "cong",
        "password": "mat-khau",
        "sender": "lienthong@tinh.example.vn",
        "timeout_s": 60,
    }
    yield mailbox, own
    listening.close()


def mail(own: dict[str, Any], **changes: Any) -> Mail:
    return Mail(SmtpSettings(**{**own, **changes}), tenant="H99", public_url="https://lienthong.example.vn")


async def test_a_mail_arrives_in_both_languages(server: tuple[Mailbox, dict[str, Any]]) -> None:
    mailbox, own = server
    await mail(own).send(TELLING, PERSON)
    (envelope,) = mailbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("lienthong@tinh.example.vn", ["truc@tinh.example.vn"])
    read = message_from_bytes(envelope.content, policy=policy.default)
    assert read["Subject"] == "[Liên Thông] CẢNH BÁO / ALERT: Mất kết nối hệ thống quốc gia – population"
    assert read["Auto-Submitted"] == "auto-generated"
    text = read.get_content()
    assert "Tỷ lệ không lỗi kỹ thuật: 12,5 % (ngưỡng 50 %)" in text
    assert "Share without technical faults" in text
    assert "27/11/2026 10:04:05 (giờ Việt Nam)" in text
    assert "https://lienthong.example.vn/console" in text
    assert text.index("CẢNH BÁO") < text.index("ALERT")


@pytest.mark.parametrize("change", [{"ca": None}, {"host": "localhost"}, {"password": "khac"}])
async def test_a_server_that_is_not_proven_or_does_not_know_us_gets_nothing(
    server: tuple[Mailbox, dict[str, Any]], change: dict[str, Any]
) -> None:
    """The certificate is of another authority, or of another name; the password is wrong."""
    mailbox, own = server
    with pytest.raises(TransientRemoteError) as caught:
        await mail(own, **change).send(TELLING, PERSON)
    assert caught.value.error_code == "partner.mail_refused"
    assert mailbox.envelopes == []


async def test_roots_that_cannot_be_read_are_a_setting_that_is_wrong(server: tuple[Mailbox, dict[str, Any]]) -> None:
    _, own = server
    with pytest.raises(ConfigurationError):
        await mail(own, ca="/nowhere/roots.pem").send(TELLING, PERSON)
