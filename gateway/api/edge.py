"""The outermost layer: trace context, limits, problem documents, and one leaf of evidence for each call of `/v1`.

A plain ASGI middleware: the answer is held back until its leaf is durable (POP-12, SEC-04), so that whoever got an
answer can be shown what it was.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api import problems
from gateway.api.bodies import ARRIVED, FileBody, check_is_json, check_plain, read_body, read_json, replay
from gateway.api.deadline import Deadline, is_keyed, out_of_time
from gateway.api.lean import NOTHING, Shortcuts
from gateway.api.patience import patience
from gateway.api.peer import peer_of
from gateway.api.reply import Reply
from gateway.api.services import Services
from gateway.audit.model import Entry, EntryKind
from gateway.database import in_our_words
from gateway.domain import Context
from gateway.observability import Trace, accept_trace
from gateway.sdk.errors import BusyError, GatewayError, NotAuthenticatedError, UndeterminedError

PUBLIC = ("/bien-lai/", "/files/downloadfile/")
"""What anybody may open. The payer's page answers in its own way when it is too often."""

ANSWERED = "answered"

log = structlog.get_logger()


class Edge:
    """Wraps the application. What endpoints learn about a call (client, purpose, reference, subjects, the code of an
    error) they leave in `scope["state"]`, and it is read from there; `file` there names the body that is a file, and
    `begun` whether something may have been sent or stored. `told` is what a caller was told whose time was over.

    The SOAP façade stands in front of it, and leaves there the request as it came (`soap_request`), the error of a
    request that names no operation (`unreadable`), and of one that does not fit its operation (`refused`), which is
    raised once the caller is known to be allowed (`gateway.api.access`)."""

    def __init__(self, app: ASGIApp, services: Services, *, shortcuts: Shortcuts | None = None) -> None:
        """`shortcuts`: what is found there does not go through `app`."""
        self._app = app
        self._services = services
        self._shortcuts = shortcuts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = _trace(scope["headers"])
        state = scope.setdefault("state", {})
        state["trace"] = trace
        state["source"] = peer_of(scope).address
        began = time.monotonic()
        line = Deadline(send, partial(self._out_of_time, scope, receive))
        bound = structlog.contextvars.bind_contextvars(trace_id=trace.trace_id)
        try:
            reply = await self._answered(scope, receive, state, line=line)
            if isinstance(body := state.get("body"), FileBody):
                await body.finish()
            reply = await self._recorded(scope, state, await self._slowed(scope, state, reply))
            if scope["path"].startswith("/v1/"):  # persons, keys shown once: nothing of it lies about on the way
                reply.keep_nowhere()
            if self._services.metrics is not None:
                plain = ANSWERED if reply.status < 400 else f"http_{reply.status}"
                outcome = state.get("told") or state.get("code") or plain
                self._services.metrics.request(_operation(scope), outcome, seconds=time.monotonic() - began)
            if not line.is_over:
                await reply.forward(receive, line)
        finally:
            await line.end()
            structlog.contextvars.reset_contextvars(**bound)

    async def _answered(self, scope: Scope, receive: Receive, state: dict[str, Any], *, line: Deadline) -> Reply:
        """What the application says, or what is wrong. The caller's time is counted from when its request is here; a
        file has a time of its own (`bodies`), which goes by its size."""
        header = _first_of(scope["headers"])
        try:
            left_s = patience(header, most=self._services.longest_s)
            await self._let_in(scope, state["trace"])
            value = await self._read(scope, header, receive, state=state)
            state["until"] = time.monotonic() + left_s
            if not takes_file(scope):
                line.start(left_s)
            if unreadable := state.get("unreadable"):
                raise unreadable
            if self._shortcuts and (route := self._shortcuts.find(scope)):
                return await route.answer(scope, self._services, value)
            reply = Reply()
            body = state["body"]
            await self._app(scope, replay(b"" if isinstance(body, FileBody) else body), reply)
        except GatewayError as exc:
            state["code"] = exc.error_code
            return _refused(exc, state["trace"])
        except Exception as exc:
            return self._failed(exc, scope, state)
        return reply

    def _failed(self, exc: Exception, scope: Scope, state: dict[str, Any]) -> Reply:
        """By no error of ours."""
        error = in_our_words(exc, has_begun=state.get("begun", False))
        if error is None:
            log.exception("request_failed", method=scope["method"])
            return _refused(GatewayError("Something went wrong on our side; it is logged."), state["trace"])
        if isinstance(error, UndeterminedError) and not is_keyed(scope):
            error = _lost_without_key()
        state["code"] = error.error_code
        log.warning("request_without_database", method=scope["method"], code=error.error_code)
        return _refused(error, state["trace"])

    def _out_of_time(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """What was told is known at once: a leaf may be made in this very turn of the loop."""
        error, state = out_of_time(scope), scope["state"]
        state["told"] = error.error_code
        log.warning("caller_out_of_time", code=error.error_code)
        return _refused(error, state["trace"]).forward(receive, send)

    async def _read(self, scope: Scope, header: Mapping[str, str], receive: Receive, *, state: dict[str, Any]) -> Any:
        """Leaves the body in `state`, whole (`read_body`), and says what its JSON says, or 415: only files are no JSON,
        and are read by whoever takes them."""
        most = await self._most(scope, header)
        if takes_file(scope):
            state["file"] = "request"
            state["body"] = FileBody(header, receive, most=most)
            check_plain(header)
            return NOTHING
        state["body"] = body = await read_body(header, receive, most=most, arrived=ARRIVED in scope)
        if body and scope["path"].startswith("/v1/"):
            check_is_json(header)
            return read_json(body)
        return NOTHING

    async def _let_in(self, scope: Scope, trace: Trace) -> None:
        """Before a byte of the body is read: what comes without a key of ours is limited by where it comes from."""
        path, address = scope["path"], peer_of(scope).address
        if path.startswith("/inbound/"):
            system = path.split("/")[2][:40]
            await self._services.gate.admit_inbound(system, address, context=self._context(trace, f"system:{system}"))
        elif path.startswith(PUBLIC):
            self._services.gate.admit_public(address)

    async def _slowed(self, scope: Scope, state: dict[str, Any], reply: Reply) -> Reply:
        """A log-in that failed is one of few, or is told to wait; that answer leaves no leaf, but an alarm that counts
        (SEC-12): a flood of wrong keys must not fill the province's disk. Nor must a flood of calls that name no
        address of ours, or hold no JSON, from somebody who has shown no key."""
        is_stranger = "client" not in state and "operator" not in state and scope["path"].startswith("/v1/")
        if reply.status != NotAuthenticatedError.http_status and not (is_stranger and 400 <= reply.status < 500):
            return reply  # what fails on our side is nobody's flood: it must be told as it is
        trace = state["trace"]
        context = self._context(trace, "unknown")
        try:
            slower = await self._services.gate.failed(state["source"], context=context)
        except GatewayError as exc:
            slower = exc
        if slower is None:
            return reply
        state["flood"] = True
        return _refused(slower, trace)

    def _context(self, trace: Trace, actor: str) -> Context:
        return trace.context(tenant=self._services.tenant, actor=actor)

    async def _most(self, scope: Scope, header: Mapping[str, str]) -> int:
        """How many bytes are read. Files of strangers would fill the memory: they are told so by the application."""
        if scope["path"].startswith("/inbound/"):
            return self._services.max_inbound_bytes
        if not takes_file(scope):
            return self._services.max_body_bytes
        try:
            await self._services.authenticator.authenticate(header.get("authorization"), peer=peer_of(scope))
        except NotAuthenticatedError:
            return self._services.max_body_bytes
        return self._services.files.max_bytes

    async def _recorded(self, scope: Scope, state: Mapping[str, Any], reply: Reply) -> Reply:
        """Whoever only looks how far things have come leaves no trace, unless they were refused, out of time, or got a
        file. A leaf that was under way when the time was over has another beside it, which adds what was told."""
        is_plain = reply.status < 400 and "file" not in state and "told" not in state
        only_looked = scope["method"] in {"GET", "HEAD"} and is_plain
        only_looked = only_looked and not scope["path"].startswith("/v1/admin/")  # what staff read is evidence, too
        if not scope["path"].startswith("/v1/") or only_looked or "flood" in state or _found_no_room(state):
            return reply
        record, entry = self._services.recorder.record, self._entry(scope, state, reply)
        try:
            await record(entry)
            if "told" in state and "told" not in entry.facts:
                facts = {**entry.facts, "told": state["told"]}
                await record(replace(entry, occurred_at=self._services.clock(), facts=facts, subjects=(), bodies={}))
        except GatewayError as exc:
            log.error("request_not_recorded", code=exc.error_code)
            return _refused(exc, state["trace"])
        return reply

    def _entry(self, scope: Scope, state: Mapping[str, Any], reply: Reply) -> Entry:
        client, operator, purpose = state.get("client"), state.get("operator"), state.get("purpose")
        known = client or operator
        facts, bodies = _contents(state, reply)
        return Entry(
            kind=EntryKind.ADMIN if operator else EntryKind.REQUEST,
            tenant=known.tenant if known else self._services.tenant,
            actor=client.client_id if client else operator.actor if operator else "unknown",
            operation=_operation(scope),
            outcome=ANSWERED if reply.status < 400 else f"http_{reply.status}",
            occurred_at=self._services.clock(),
            trace_id=state["trace"].trace_id,
            reference=state.get("reference", ""),
            purpose=purpose.facts() if purpose else {},
            facts=facts,
            subjects=state.get("subjects", ()),
            # A stranger's body is evidence of nothing, and must not fill the province's disk.
            bodies=bodies if known else {},
        )


def _found_no_room(state: Mapping[str, Any]) -> bool:
    """Whose body was too much for now: like those at the door it leaves no leaf, for nobody knows yet who it was."""
    return state.get("code") == BusyError.code and "client" not in state and "operator" not in state


def _operation(scope: Scope) -> str:
    return getattr(scope.get("route"), "operation_id", None) or "no_such_operation"


def _contents(state: Mapping[str, Any], reply: Reply) -> tuple[dict[str, str | int], dict[str, bytes]]:
    """What a leaf says of a call, and the bodies beside it. A file is kept where files are; its digest names it."""
    facts: dict[str, str | int] = {"http_status": reply.status}
    if state.get("source"):
        facts["source"] = state["source"]
    facts |= {name: state[name] for name in ("code", "told") if name in state}
    if state.get("secret"):  # a password, a second factor: nobody reads it again
        return facts, {}
    taken, file = state.get("body", b""), state.get("file")
    bodies = {"request": taken, "reply": reply.content}
    if isinstance(taken, FileBody):
        del bodies["request"]
        if taken.is_whole and taken.size:
            facts |= {"file_sha256": taken.sha256, "file_bytes": taken.size}
    elif given := reply.file:
        del bodies["reply"]
        facts |= {"file_sha256": given.sha256, "file_bytes": given.size}
    elif file and (content := bodies.pop(file)):
        facts |= {"file_sha256": hashlib.sha256(content).hexdigest(), "file_bytes": len(content)}
    if "soap_request" in state and file != "request":
        bodies["soap_request"] = state["soap_request"]
    return facts, bodies


def _lost_without_key() -> UndeterminedError:
    return UndeterminedError(
        "The database was lost before it was known what became of this request. Look first whether it was done, before"
        " you send it again.",
        vi="Mất cơ sở dữ liệu trước khi biết kết quả của yêu cầu này. Hãy xem việc đó đã được làm chưa trước khi gửi"
        " lại.",
    )


def _refused(exc: GatewayError, trace: Trace) -> Reply:
    content = problems.problem(exc, trace_id=trace.trace_id)
    headers = {**problems.headers(exc), "content-length": str(len(content))}
    return Reply(exc.http_status, [(k.encode(), v.encode()) for k, v in headers.items()], content)


def _first_of(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Each header once: the first of a name is the one that counts."""
    found: dict[str, str] = {}
    for name, value in headers:
        found.setdefault(name.decode("latin-1"), value.decode("latin-1"))
    return found


def _trace(headers: Sequence[tuple[bytes, bytes]]) -> Trace:
    parents = [value.decode("latin-1") for name, value in headers if name == b"traceparent"]
    states = [value.decode("latin-1") for name, value in headers if name == b"tracestate"]
    return accept_trace(parents, states)


def takes_file(scope: Scope) -> bool:
    """`PUT /v1/files/{id}`, whose body is a file and no JSON of ours."""
    return bool(scope["method"] == "PUT" and scope["path"].startswith("/v1/files/"))
