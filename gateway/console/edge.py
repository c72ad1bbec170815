"""The console's outermost layer: who is at the browser, how much may be sent, what every answer carries, one leaf of
evidence for each page that staff read and each form that they send (SEC-04, SEC-09, PDP-03).

A plain ASGI middleware. The answer of an act is held back until its leaf is durable. Pieces of a page that a browser
asks for by itself (`state["quiet"]`: live figures, progress) are no leaves, and do not keep a session alive.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.bodies import read_body, replay
from gateway.api.peer import RELAYED, peer_of
from gateway.api.reply import Reply
from gateway.audit.acts import Act
from gateway.console import cookies
from gateway.console.addresses import PUBLIC
from gateway.console.desk import Desk
from gateway.console.failing import failed
from gateway.database import in_our_words
from gateway.observability import accept_trace
from gateway.operators.model import Operator
from gateway.sdk.errors import GatewayError, NotAllowedError, NotFoundError, UndeterminedError

STATIC, LIVE = "/console/static/", "/console/live/"
MOST_OF_STRANGERS = 65_536
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
SAFE = frozenset({"GET", "HEAD"})

log = structlog.get_logger()


class ConsoleEdge:
    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, header = scope["path"], Headers(scope=scope)
        state = scope.setdefault("state", {})
        state["trace"] = trace = accept_trace(header.getlist("traceparent"), header.getlist("tracestate"))
        state["desk"] = self._desk
        state["is_secure"] = scope["scheme"] == "https"
        if path.startswith(STATIC):
            await self._app(scope, receive, _dressed(send, {}))
            return
        with structlog.contextvars.bound_contextvars(trace_id=trace.trace_id):
            try:
                with _in_our_words(scope):
                    await self._recognise(scope, header, state)
                if path.startswith(LIVE):  # answered bit by bit, for as long as somebody looks
                    await self._app(scope, receive, _dressed(send, {"cache-control": "no-store"}))
                    return
                body = await read_body(header, receive, most=self._most(state))
                reply = await self._answered(scope, body)
            except GatewayError as exc:
                reply = await self._failed(scope, exc)
            reply = await self._recorded(scope, state, reply)
            await reply.forward(receive, _dressed(send, {"cache-control": "no-store"}))

    async def _recognise(self, scope: Scope, header: Headers, state: dict[str, Any]) -> None:
        """Leaves `operator` and the secret that forms are tied to in the state. Another site's form is refused here,
        whatever it carries (Fetch Metadata)."""
        is_secure, path = state["is_secure"], scope["path"]
        if "\0" in path or b"%00" in scope["query_string"]:
            raise NotFoundError("There is no such page.", vi="Không có trang này.")  # no database takes it
        if path.startswith(PUBLIC):
            self._desk.services.gate.admit_public(peer_of(scope).address)
            return
        if not is_secure and not _is_local(scope, header.get("host", "")):
            raise NotAllowedError(
                "The console is served over TLS only, but for this machine itself.",
                vi="Trang vận hành chỉ dùng được qua HTTPS, trừ khi mở trên chính máy chủ này.",
                what="plain_http",
            )
        if scope["method"] not in SAFE and header.get("sec-fetch-site", "same-origin") != "same-origin":
            raise NotAllowedError("The form came from another site.", vi="Biểu mẫu từ trang khác.", what="other_site")
        token = cookies.read(header, cookies.SESSION, is_secure=is_secure)
        state["token"] = token
        is_asked_by_itself = path.startswith(LIVE) or header.get("x-quiet") == "1"
        operator = await self._desk.operators.recognise(token, is_used=not is_asked_by_itself) if token else None
        state["operator"] = operator
        state["secret"] = token if operator else cookies.read(header, cookies.DOOR, is_secure=is_secure)

    def _most(self, state: Mapping[str, Any]) -> int:
        return self._desk.services.max_inbound_bytes if state.get("operator") else MOST_OF_STRANGERS

    async def _answered(self, scope: Scope, body: bytes) -> Reply:
        reply = Reply()
        try:
            scope["state"]["begun"] = scope["method"] not in SAFE
            with _in_our_words(scope):
                await self._app(scope, replay(body), reply)
        except GatewayError as exc:
            return await self._failed(scope, exc)
        return reply

    async def _failed(self, scope: Scope, exc: GatewayError) -> Reply:
        reply = Reply()
        scope["state"]["code"] = exc.error_code
        await failed(scope, exc)(scope, replay(b""), reply)
        return reply

    async def _recorded(self, scope: Scope, state: Mapping[str, Any], reply: Reply) -> Reply:
        """What strangers are refused is counted where they log in (`operators.entrance`)."""
        operator: Operator | None = state.get("operator")
        if operator is None or (state.get("quiet") and scope["method"] in SAFE and reply.status < 400):
            return reply
        act = Act(
            operation=f"console_{getattr(scope.get('route'), 'name', None) or 'nowhere'}"[:64],
            outcome="answered" if reply.status < 400 else f"http_{reply.status}",
            reference=state.get("reference", ""),
            facts=_facts(scope, state, reply),
            subjects=state.get("subjects", ()),
        )
        context = state["trace"].context(tenant=operator.tenant, actor=operator.actor)
        try:
            await self._desk.services.recorder.record(act.entry(context, at=self._desk.services.clock()))
        except GatewayError as exc:
            log.error("request_not_recorded", code=exc.error_code)
            return await self._failed(scope, exc)
        return reply


@contextmanager
def _in_our_words(scope: Scope) -> Iterator[None]:
    """What is wrong, as an error that a page can tell. `begun` in the state: something may have been stored before."""
    try:
        yield
    except GatewayError:
        raise
    except Exception as exc:
        error = in_our_words(exc, has_begun=scope["state"].get("begun", False))
        if error is None:
            log.exception("console_failed", method=scope["method"])
            raise GatewayError("Something went wrong on our side; it is logged.") from exc
        log.warning("request_without_database", method=scope["method"], code=error.error_code)
        raise (_lost() if isinstance(error, UndeterminedError) else error) from exc


def _lost() -> UndeterminedError:
    """A form has no key of its own to be sent again with."""
    return UndeterminedError(
        "The database was lost before it was known what became of this. See whether it is done before you do it again.",
        vi="Mất cơ sở dữ liệu trước khi biết kết quả. Hãy mở lại trang để xem việc này đã được ghi hay chưa, rồi mới"
        " làm lại.",
    )


def _facts(scope: Scope, state: Mapping[str, Any], reply: Reply) -> dict[str, str | int]:
    facts: dict[str, str | int] = {"http_status": reply.status, "method": scope["method"]}
    if address := peer_of(scope).address:
        facts["source"] = address
    if "code" in state:
        facts["code"] = state["code"]
    return facts


def _is_local(scope: Scope, host: str) -> bool:
    """This machine itself: nobody passed it on, and what the browser calls us is this machine, too (a proxy here that
    we were not told of may keep the name by which others know it; so does a name of somebody else that leads here)."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        is_here = ipaddress.ip_address(peer_of(scope).address).is_loopback
        return is_here and not scope.get(RELAYED) and (name == "localhost" or ipaddress.ip_address(name).is_loopback)
    except ValueError:
        return False


def _dressed(send: Send, more: Mapping[str, str]) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in {**HEADERS, **more}.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
