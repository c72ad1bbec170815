"""A gateway for the length of one command."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TypeVar

from gateway.audit.acts import Act
from gateway.bootstrap import Gateway, database_url, open_gateway, prepare_state, utc_now
from gateway.cli.output import progress
from gateway.database import migrate
from gateway.domain import Context
from gateway.observability import configure_logging, continue_trace
from gateway.operators.model import Operator, Right
from gateway.sdk.errors import NotAllowedError, NotAuthenticatedError
from gateway.settings import Settings, load_settings

Result = TypeVar("Result")


_operator: ContextVar[Operator | None] = ContextVar("operator_of_this_command", default=None)
_needed: ContextVar[frozenset[Right]] = ContextVar("rights_of_this_command", default=frozenset())


def with_gateway(
    act: Callable[[Gateway], Awaitable[Result]], *, recognise: bool = True, right: Right | None = None
) -> Result:
    """Run `act` on an open gateway. Joins the embedded database when `lienthong run` has it, else starts it.
    `recognise`: whoever has logged in acts as themselves; a session that is over is an error, so that nothing is done
    in another name by mistake. `right`: what they need for it (`check_right`)."""
    settings = load_settings()
    configure_logging(settings.log_level, process="cli")

    async def inside(dsn: str) -> Result:
        await migrate(dsn)
        async with open_gateway(settings, dsn) as gateway:
            if recognise and (token := kept_session()):
                _operator.set(held(await _recognised(gateway, token)))
            if right is not None:
                check_right(right)
            return await act(gateway)

    prepare_state(settings)
    with progress.status("") as status, database_url(settings, progress=status.update) as dsn:
        return asyncio.run(inside(dsn))


async def record_act(
    gateway: Gateway,
    operation: str,
    *,
    reference: str,
    facts: Mapping[str, str | int],
    bodies: Mapping[str, bytes] | None = None,
) -> None:
    """An administrator's act becomes a leaf too (SEC-04). What people wrote goes into `bodies`, which are sealed, never
    into `facts`."""
    act = Act(operation=operation, reference=reference, facts=facts, bodies=bodies or {})
    await gateway.ground.recorder.record(act.entry(acting(gateway), at=utc_now()))


def acting(gateway: Gateway) -> Context:
    """Whoever acts, for services that write their leaves themselves: the operator, or else the login of the machine."""
    return continue_trace("").context(tenant=gateway.tenant, actor=actor())


def acting_login() -> str:
    """The same as a document names them."""
    who = operator()
    return who.login if who else login()


def operator() -> Operator | None:
    """Who has logged in, while a command runs inside `with_gateway`."""
    return _operator.get()


def check_right(right: Right) -> None:
    """`NotAllowedError` when whoever has logged in lacks it; the machine's administrator may what one person may."""
    who = operator()
    if who is not None and right not in who.rights:
        raise NotAllowedError(f"This takes the right {right}.", vi=f"Cần có quyền {right}.", what="right")


def actor() -> str:
    """As leaves name whoever acts: the operator, or else the login of the machine."""
    who = operator()
    return who.actor if who else f"admin:{login()}"


@contextmanager
def needing(rights: frozenset[Right]) -> Iterator[None]:
    """Whoever has logged in needs one of `rights` for what runs inside."""
    before = _needed.set(rights)
    try:
        yield
    finally:
        _needed.reset(before)


def held(who: Operator) -> Operator:
    """`who`, if they may what this command does; `NotAllowedError` otherwise."""
    needed = _needed.get()
    if needed and not needed & who.rights:
        named = ", ".join(sorted(needed))
        raise NotAllowedError(
            f"This takes the right {named}; {who.login} does not have it.",
            vi=f"Việc này cần quyền {named}; {who.login} không có quyền đó.",
            what="right",
        )
    return who


async def _recognised(gateway: Gateway, token: str) -> Operator:
    try:
        return await gateway.able.staffing.operators.authenticate(f"Bearer {token}")
    except NotAuthenticatedError as exc:
        raise NotAuthenticatedError(
            "Your session is over: `lienthong login`, or `lienthong logout` to go on as the machine's administrator.",
            vi="Phiên đăng nhập đã hết: hãy `lienthong login`, hoặc `lienthong logout` để tiếp tục bằng tài khoản máy.",
        ) from exc


def session_file() -> Path:
    folder = Path(os.environ.get("XDG_CONFIG_HOME", str(Path.home() / ".config")))
    return folder / "lienthong" / "session"


def kept_session() -> str:
    """The token of whoever has logged in; empty: nobody."""
    if told := os.environ.get("LIENTHONG_SESSION"):
        return told.strip()
    try:
        return session_file().read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def keep_session(token: str) -> None:
    """Readable by its owner alone, from the first byte."""
    file = session_file()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(token + "\n")


def forget_session() -> None:
    session_file().unlink(missing_ok=True)


def login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


__all__ = ["Settings", "acting", "acting_login", "actor", "check_right", "operator", "record_act", "with_gateway"]
