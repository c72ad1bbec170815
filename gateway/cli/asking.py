"""What commands ask the person in front of them, and how they read moments: a personal number is never an argument,
because everybody on the machine sees the words of a command."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TypeVar

import typer
from pydantic import BaseModel, ValidationError

from gateway.bootstrap import Gateway
from gateway.cli.session import check_right, login, operator
from gateway.domain import VIETNAM, InvalidValueError, PersonalId
from gateway.operators.model import Operator
from gateway.sdk.errors import NotAllowedError, UnprocessableError

Document = TypeVar("Document", bound=BaseModel)


def ask_number() -> str:
    """Typed, or from standard input."""
    typed: str = typer.prompt("Số định danh", err=True)
    try:
        return str(PersonalId.parse(typed.strip()))
    except InvalidValueError as exc:
        raise UnprocessableError(str(exc), vi=exc.message_vi, what="personal_id") from None


def ask_words(question: str, *, default: str | None = None) -> str:
    said: str = typer.prompt(question, default=default, err=True)
    return said.strip()


def moment(text: str) -> datetime:
    """Local time, unless it names its zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as exc:
        raise UnprocessableError(
            "A time is written 2026-11-24T10:00.", vi="Thời điểm ghi như 2026-11-24T10:00."
        ) from exc
    return at if at.tzinfo else at.replace(tzinfo=VIETNAM)


def read_document(file: Path, schema: type[Document]) -> Document:
    """A file with the JSON that the API takes at the same place; each wrong field is named, never its value."""
    try:
        return schema.model_validate_json(file.read_bytes())
    except OSError as exc:
        raise UnprocessableError(f"{file} cannot be read.", vi=f"Không đọc được tệp {file}.") from exc
    except ValidationError as exc:
        wrong = ", ".join(".".join(map(str, error["loc"])) or "JSON" for error in exc.errors())
        raise UnprocessableError(
            f"Missing or wrong in {file}: {wrong}.", vi=f"Tệp {file} thiếu hoặc sai: {wrong}.", what="invalid_fields"
        ) from None


class _Machine(Operator):
    """The login of the machine. It has no role: what takes four eyes takes somebody who has logged in."""

    __slots__ = ()

    @property
    def actor(self) -> str:
        return f"admin:{self.login}"


def operator_of(gateway: Gateway) -> Operator:
    """Whoever has logged in (`lienthong login`), or the machine's administrator."""
    return operator() or _Machine(tenant=gateway.tenant, login=login(), roles=frozenset())


def somebody() -> Operator:
    """Whoever has logged in: what takes four eyes takes two people who are known by name."""
    who = operator()
    if who is None:
        raise NotAllowedError(
            "This takes two operators who are known by name: `lienthong login` first, then ask for its approval.",
            vi="Việc này cần hai người có tài khoản: hãy `lienthong login` rồi lập đề nghị phê duyệt.",
            what="needs_approval",
        )
    return who


__all__ = [
    "ask_number",
    "ask_words",
    "check_right",
    "moment",
    "operator_of",
    "read_document",
    "somebody",
]
